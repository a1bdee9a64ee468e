"""Held-out file families about names that follow a scheme: dates, titles, numbers, the alphabet."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_plain import begin, done, listed, plain_file, shuffled, text
from mlx_train.tasks.phrases import Phrases

# --- easy ---

NEXT_DAY = Phrases("files.heldout.next-day", gate=[
    "The files here are my diary, one for each day. What is the first thing that I wrote after {day}?",
    "Every file in this folder is a day of my diary. Read me the first entry that is later than {day}.",
    "In my diary, which has a file for a day, what comes next after {day}? Read me that entry.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def next_day_with_an_entry(s: Script) -> None:
    """Of files named by dates the first one after a given day is read."""
    days = sorted({s.words.date() for _ in range(5)})
    if len(days) < 5:
        raise Redraw
    place = s.rng.randrange(1, 4)
    begin(s, shuffled(s, {f"{day}.txt": text(s, 1, 1) for number, day in enumerate(days) if number != place}))
    s.turn(s.phrase(NEXT_DAY, day=days[place]))
    s.call("ls")
    entry = s.call("cat", file_name=f"{days[place + 1]}.txt", derived=["file_name"])["file_content"]
    s.end(f"On {days[place + 1]} you wrote: {entry}", tell=[entry])


# --- moderate ---

BY_ALPHABET = Phrases("files.heldout.by-alphabet", gate=[
    "Which files are here? Give them to me in alphabetical order.",
    "List the files of this folder for me, ordered by the alphabet.",
    "I want to see the names of the files here, from a to z.",
])  # fmt: skip
SECOND_GOES = Phrases("files.heldout.second-goes", gate=[
    "Delete the second one on that list.",
    "The second of them can go.",
    "I do not need the second one, so delete it.",
])  # fmt: skip
LAST_RENAMED = Phrases("files.heldout.last-renamed", gate=[
    "And the last one on the list gets the name {new}.",
    "Now let the last of them be called {new}.",
    "Good. The name of the last one should be {new}.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def the_second_on_the_list(s: Script) -> None:
    """Files are told in alphabetical order, then meant by their places in it."""
    files, new = [plain_file(s) for _ in range(s.rng.choice((3, 4)))], plain_file(s)
    begin(s, {file: text(s, 1, 2) for file in files})
    s.turn(s.phrase(BY_ALPHABET))
    names = sorted(s.call("ls")["current_directory_content"])
    s.end(f"There are {listed(names)}.", tell=names)
    s.turn(s.phrase(SECOND_GOES))
    s.call("rm", file_name=names[1], derived=["file_name"])
    s.end(f"I deleted {names[1]}.")
    s.turn(s.phrase(LAST_RENAMED, new=new))
    s.call("mv", source=names[-1], destination=new, derived=["source"])
    s.end(f"{names[-1]} is called {new} now.")


# --- hard ---

BY_MONTH = Phrases("files.heldout.by-month", gate=[
    "The names of my photos [begin|start] with the day. Make a folder for each month, like 2031-04, and move "
    "[the|my] photos there.",
    "[Sort|Order] these photos by month: [each|every one] goes into a new folder with the year and month of "
    "its name, such as 2031-04.",
    "[My|These] photos should [lie|be] in folders by month. Name the folders in the way of 2031-04 and put "
    "each photo into its own.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def photos_by_month(s: Script) -> None:
    """Photos whose names begin with a date go into a folder for each month."""
    months = s.rng.sample([month for month in range(1, 13) if month != 4], 2)
    days = [f"2031-{month:02d}-{s.rng.randint(1, 28):02d}" for month in (*months, s.rng.choice(months))]
    photos = [f"{day}_{s.words.word()}.jpg" for day in (*days, *days[: s.rng.choice((0, 0, 1))])]
    begin(s, shuffled(s, {photo: s.words.line() for photo in photos}))
    s.turn(s.phrase(BY_MONTH))
    names = s.call("ls")["current_directory_content"]
    folders = list(dict.fromkeys(name[:7] for name in names))
    for folder in folders:
        s.call("mkdir", dir_name=folder, derived=["dir_name"])
    for name in names:
        s.call("mv", source=name, destination=name[:7], derived=["source", "destination"])
    s.end(f"The photos are in {listed(folders)}.")


BY_TITLE = Phrases("files.heldout.by-title", gate=[
    "My photos have numbers for names. {titles} has a title for each. Rename every photo to its title, as a jpg.",
    "{titles} says which title belongs to which photo. Let each photo have its title for a name; they stay jpg files.",
    "Give the photos better names: their titles are in {titles}. Keep the ending .jpg.",
])  # fmt: skip
TITLES_AWAY = Phrases("files.heldout.titles-away", gate=[
    "The titles are in the names now, so {titles} can go.",
    "Now delete {titles}, which has no use any more.",
    "Remove {titles} then; the photos say it themselves.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def photos_by_title(s: Script) -> None:
    """Numbered photos are renamed to the titles that a file gives for them; then that file goes."""
    titles, numbers = s.words.file("txt"), s.rng.sample(range(100, 1000), s.rng.choice((3, 4)))
    names = {f"IMG_0{number}.jpg": f"{s.words.name()}.jpg" for number in numbers}
    lines = [f"{old.removesuffix('.jpg')}: {new.removesuffix('.jpg')}" for old, new in names.items()]
    begin(s, shuffled(s, {titles: "\n".join(lines), **{old: s.words.line() for old in names}}))
    s.turn(s.phrase(BY_TITLE, titles=titles))
    s.call("cat", file_name=titles)
    for old, new in names.items():
        s.call("mv", source=old, destination=new, derived=["source", "destination"])
    s.end(done(s))
    s.turn(s.phrase(TITLES_AWAY, titles=titles))
    s.call("rm", file_name=titles)
    s.end(done(s))


OLDER = Phrases("files.heldout.older", gate=[
    "Each report here has a year in its name. Make a folder {folder} and move all reports from before {year} into it.",
    "Put the old reports away: all whose name has a year earlier than {year} go into a new folder {folder}.",
    "Set up a folder {folder} for the reports of the years before {year} and bring them all into it.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def older_than(s: Script) -> None:
    """Reports with an earlier year in their names go into a new folder."""
    folder, year, old = s.words.name(), s.rng.randint(2021, 2029), s.rng.choice((3, 4))
    years = s.rng.sample(range(2009, year), old) + s.rng.sample(range(year, 2036), 2)
    reports = [f"{s.words.word()}_{number}.{s.rng.choice(('md', 'txt'))}" for number in years]
    begin(s, shuffled(s, {report: text(s, 1, 1) for report in reports}))
    s.turn(s.phrase(OLDER, folder=folder, year=year))
    names = s.call("ls")["current_directory_content"]
    s.call("mkdir", dir_name=folder)
    for name in names:
        if name in reports[:old]:
            s.call("mv", source=name, destination=folder, derived=["source"])
    s.end(f"I moved {old} reports into {folder}.")


IN_ORDER = Phrases("files.heldout.in-order", gate=[
    'The chapters of my book are listed in {list}. In this order, put "1_", "2_" and so on before their file names.',
    'Number the chapters in the order in which {list} has them: the name of the first begins with "1_", and so on.',
    'In {list} the chapters stand in the right order. Rename them so that each begins with its place: "1_", "2_", ...',
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def number_the_chapters(s: Script) -> None:
    """Chapters get a number before their names, in the order that a list has."""
    order, chapters = s.words.file("txt"), [s.words.file("md") for _ in range(s.rng.choice((4, 4, 5)))]
    begin(s, shuffled(s, {order: "\n".join(chapters), **{chapter: text(s, 1, 1) for chapter in chapters}}))
    s.turn(s.phrase(IN_ORDER, list=order))
    s.call("cat", file_name=order)
    for number, chapter in enumerate(chapters, 1):
        s.call("mv", source=chapter, destination=f"{number}_{chapter}", derived=["source", "destination"])
    s.end(done(s))


INSERT = Phrases("files.heldout.insert", gate=[
    'Add a new chapter {n}, "{line}". Make room for it first: from {n} on, chapters get the next number.',
    'Put in one more chapter, "{line}", as number {n}. The chapters from {n} on move up by one before that.',
    'Bring in a chapter with the text "{line}" as number {n}. The old number {n} and the later ones go up by one.',
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def insert_a_chapter(s: Script) -> None:
    """A numbered file comes in between others, which all have to move up, the last one first."""
    word, count, line = s.words.word(), s.rng.choice((3, 4, 5)), s.words.line()
    number = s.rng.choice([place for place in range(1, count + 1) if 2 <= count + 1 - place <= 4])
    begin(s, shuffled(s, {f"{word}_{place}.txt": text(s, 1, 1) for place in range(1, count + 1)}))
    s.turn(s.phrase(INSERT, n=number, line=line))
    s.call("ls")
    for place in range(count, number - 1, -1):
        old, new = f"{word}_{place}.txt", f"{word}_{place + 1}.txt"
        s.call("mv", source=old, destination=new, derived=["source", "destination"])
    s.call("touch", file_name=f"{word}_{number}.txt", derived=["file_name"])
    s.call("echo", content=line, file_name=f"{word}_{number}.txt", derived=["file_name"])
    s.end(f"{word}_{number}.txt is the new chapter.")


GAP = Phrases("files.heldout.gap", gate=[
    "[The|All] files here are numbered, but [one number is not there|there is a number without a file]. "
    "Rename the later ones so that no number is left out.",
    "[In|Among] the numbers of these files there is a gap. Close it: [each|every] file after the gap goes down by one.",
    "One of my numbered files [was deleted|is gone]. Count [the|all] files after it down by one, so that the "
    "numbers have no gap.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def close_the_gap(s: Script) -> None:
    """A number is missing among numbered files; those after it move down."""
    word, gap, after = s.words.word(), s.rng.choice((2, 3, 4)), s.rng.choice((4, 5))
    places = [place for place in range(1, gap + after + 1) if place != gap]
    begin(s, shuffled(s, {f"{word}_{place}.log": text(s, 1, 1) for place in places}))
    s.turn(s.phrase(GAP))
    s.call("ls")
    for place in range(gap + 1, gap + after + 1):
        old, new = f"{word}_{place}.log", f"{word}_{place - 1}.log"
        s.call("mv", source=old, destination=new, derived=["source", "destination"])
    s.end(f"Number {gap} was missing; there is no gap any more.")
