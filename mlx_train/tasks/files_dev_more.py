"""More file families of the development suites, of the nature of the held-out ones; no training, no gate."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_plain import begin, done, listed, plain_file, shuffled, text
from mlx_train.tasks.phrases import Phrases

# --- easy ---

VOTES = Phrases("files.dev.votes", dev=[
    'Our vote is in {file}: every line ends with "in favour" or "against". What is the result? I want both numbers.',
    'I asked our club, and {file} holds the answers, "in favour" or "against". How often does each of the two occur?',
    'Each voter has a line in {file}, either "in favour" or "against". Name the number of votes on both sides.',
])  # fmt: skip


@family(domain="files", tier="easy", role="dev")
def count_the_votes(s: Script) -> None:
    """The votes for and against in a file are counted."""
    file, (most, fewer) = s.words.file(), s.rng.sample(range(1, 6), 2)
    votes = ["in favour"] * most + ["against"] * fewer
    s.rng.shuffle(votes)
    content = "\n".join(f"{s.words.person()}: {vote}" for vote in votes)
    begin(s, shuffled(s, {file: content, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(VOTES, file=file))
    good = len(s.call("grep", file_name=file, pattern="in favour")["matching_lines"])
    bad = len(s.call("grep", file_name=file, pattern="against")["matching_lines"])
    s.end(f"{good} in favour and {bad} against.", tell=[good, bad])


# --- moderate ---

FREE_NUMBER = Phrases("files.dev.free-number", dev=[
    "Make a snapshot of {file} as {first}. If that is in use, go up by one with the number until the name is free, "
    "and tell me which name it became.",
    "Duplicate {file} as {first}, or with the lowest number after this one that no other file has. "
    "Which name did you take?",
    "{file} needs a spare copy, {first}. As long as a name of this sort is in use, try the number that follows. "
    "What is the copy called in the end?",
])  # fmt: skip


@family(domain="files", tier="moderate", role="dev")
def lowest_free_number(s: Script) -> None:
    """A copy gets the lowest number that no other copy has; the first ones are taken."""
    stem, dot, taken = s.words.word(), s.rng.choice(("txt", "md", "csv", "log")), s.rng.choice((2, 3))
    file, names = f"{stem}.{dot}", [f"{stem}_{number}.{dot}" for number in range(1, 7)]
    others = [*names[:taken], *s.rng.sample(names[taken + 1 :], s.rng.choice((0, 1)))]
    begin(s, shuffled(s, {name: text(s, 1, 2) for name in (file, *others)}))
    s.turn(s.phrase(FREE_NUMBER, file=file, first=names[0]))
    s.call("cp", source=file, destination=names[0], fails=True)
    for name in names[1:taken]:
        s.call("cp", source=file, destination=name, derived=["destination"], fails=True)
    s.call("cp", source=file, destination=names[taken], derived=["destination"])
    s.end(f"The copy is {names[taken]}.", tell=[names[taken]])


WITH_ITS_MATE = Phrases("files.dev.with-its-mate", dev=[
    "{mate} is in one of my folders, and {file} belongs there as well. Please move it.",
    "Somewhere below I have {mate}. Let {file} go to the same folder.",
    "One of my folders has {mate} in it. That folder is where {file} has to be moved.",
])  # fmt: skip
ALL_IN_IT = Phrases("files.dev.all-in-it", dev=[
    "And what does that folder hold by now?",
    "Give me the names of all that is in that folder now.",
    "Open that folder and list all that is in it.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="dev")
def beside_its_mate(s: Script) -> None:
    """A file goes to the folder where another is, which has to be found; then the folder is listed."""
    file, mate, folders = s.words.file(), s.words.file(), [s.words.name() for _ in range(3)]
    home, tree = s.rng.choice(folders), {}
    for folder in folders:
        own = [mate] if folder == home else []
        tree[folder] = shuffled(s, {name: text(s, 1, 1) for name in (*own, s.words.file())})
    begin(s, shuffled(s, {file: text(s, 1, 2), **tree}))
    s.turn(s.phrase(WITH_ITS_MATE, file=file, mate=mate))
    if len(s.call("find", name=mate)["matches"]) != 1:
        raise Redraw
    s.call("mv", source=file, destination=home, derived=["destination"])
    s.end(f"{file} is in {home} now.", tell=[home])
    s.turn(s.phrase(ALL_IN_IT))
    s.call("cd", folder=home, derived=["folder"])
    names = s.call("ls")["current_directory_content"]
    s.end(f"It has {listed(names)}.", tell=names)


BUY = Phrases("files.dev.buy", dev=[
    "I buy one {thing}. Its price is in {prices}, and {box} says how much cash I have. Lower the number in that file "
    "by the price, and say how much is left.",
    "Pay for one {thing}: look up in {prices} what it costs and make the number in {box} smaller by that. "
    "How much money remains?",
    "One {thing} was bought, at the price that {prices} gives. The cash in {box} is less by this amount now, "
    "so correct it. How much do I have?",
])  # fmt: skip
BRING_BACK = Phrases("files.dev.bring-back", dev=[
    "I changed my mind and took the {thing} back to the shop. They gave me the full price, so put {box} right again.",
    "I do not want the {thing} after all. All my money is back, and {box} must say what it said at first.",
    "The shop took the {thing} back and paid me what it cost. Now correct {box} once more.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="dev")
def bought_and_brought_back(s: Script) -> None:
    """Something is paid for out of the cash that a file tells, and brought back later."""
    box, prices, things = s.words.file("txt"), s.words.file("csv"), [s.words.word() for _ in range(4)]
    costs = dict(zip(things, (s.rng.randint(2, 30) for _ in things), strict=True))
    thing = s.rng.choice(things)
    cash = costs[thing] + s.rng.randint(1, 60)
    table = "\n".join(f"{name}: {cost}" for name, cost in costs.items())
    begin(s, shuffled(s, {box: f"cash: {cash}", prices: table, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(BUY, thing=thing, prices=prices, box=box))
    if len(s.call("grep", file_name=prices, pattern=thing)["matching_lines"]) != 1:
        raise Redraw
    s.call("cat", file_name=box)
    left = cash - costs[thing]
    s.call("echo", content=f"cash: {left}", file_name=box, derived=["content"])
    s.end(f"There is {left} left.", tell=[left])
    s.turn(s.phrase(BRING_BACK, thing=thing, box=box))
    s.call("echo", content=f"cash: {cash}", file_name=box, derived=["content"])
    s.end(done(s))


# --- hard ---

GAMES = Phrases("files.dev.games", dev=[
    "Every file in {folder} is one game: two players, and the points of each. Who won which game?",
    "In {folder} I keep the scores of our games, one game in each file. For every game, name the player with "
    "more points.",
    "Look at the games in {folder}; a file has two players and the points they made. Give me the winner of each.",
])  # fmt: skip
WINNERS = Phrases("files.dev.winners", dev=[
    "Write the winners to {new}, a file that is still to be made in that folder: just their names, one below the "
    "other, ordered by the names of the game files from a to z.",
    "A new file {new} beside the games should hold only the winners' names, one on each line, ordered by the names of "
    "the games' files.",
    "Put just the names of the winners into {new}, a new file next to the games. The winner of the file that comes "
    "first in the alphabet has line one, and so on.",
])  # fmt: skip


@family(domain="files", tier="hard", role="dev")
def winners_of_the_games(s: Script) -> None:
    """Each file has the points of two players; the winners are told and written down in the order of the files."""
    folder, new, games = s.words.name(), s.words.file("txt"), sorted(plain_file(s) for _ in range(3))
    winners, inside = {}, {}
    for game in games:
        one, two, points = s.words.person(), s.words.person(), s.rng.sample(range(12), 2)
        winners[game] = one if points[0] > points[1] else two
        inside[game] = f"{one}: {points[0]}\n{two}: {points[1]}"
    begin(s, shuffled(s, {folder: shuffled(s, {**inside}), s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(GAMES, folder=folder))
    s.call("cd", folder=folder)
    for name in s.call("ls")["current_directory_content"]:
        s.call("cat", file_name=name, derived=["file_name"])
    s.end(", ".join(f"{game}: {winner}" for game, winner in winners.items()), tell=list(winners.values()))
    s.turn(s.phrase(WINNERS, new=new))
    s.call("touch", file_name=new)
    s.call("echo", content="\n".join(winners.values()), file_name=new, derived=["content"])
    s.end(done(s))


HAS_MOVED = Phrases("files.dev.has-moved", dev=[
    "Open {folder} and read me {file}. If it is no longer in it, {notice} in {folder} says which folder, "
    "next to {folder}, has it by now.",
    "What does {file} in {folder} say? In case the file has moved, {notice}, also in {folder}, gives the folder "
    "it went to, which lies beside {folder}.",
    "I want the text of {file}, which was in {folder}. Should it be gone, then {notice} there names another folder, "
    "beside {folder}, that has it.",
])  # fmt: skip
NEW_NAME_THERE = Phrases("files.dev.new-name-there", dev=[
    "In its new place, the file must have the name {new}.",
    "Turn its name into {new}, but do not move it again.",
    "Rename it to {new}, right where it lies.",
])  # fmt: skip


@family(domain="files", tier="hard", role="dev")
def it_has_moved(s: Script) -> None:
    """A file is not where it should be; a notice there says in which folder it is, where it gets another name."""
    folder, other, wrong = s.words.name(), s.words.name(), s.words.name()
    file, notice, second, new = s.words.file(), s.words.file("txt"), s.words.file(), s.words.file()
    places = shuffled(s, {f"{file} is in {other}": 0, f"{second} is in {wrong}": 0})
    tree = {
        folder: shuffled(s, {notice: "\n".join(places), s.words.file(): text(s, 1, 1)}),
        other: shuffled(s, {file: text(s, 1, 1), s.words.file(): text(s, 1, 1)}),
        wrong: {second: text(s, 1, 1)},
    }
    begin(s, shuffled(s, {**tree}))
    s.turn(s.phrase(HAS_MOVED, folder=folder, file=file, notice=notice))
    s.call("cd", folder=folder)
    s.call("cat", file_name=file, fails=True)
    s.call("cat", file_name=notice)
    s.call("cd", folder="..")
    s.call("cd", folder=other, derived=["folder"])
    content = s.call("cat", file_name=file)["file_content"]
    s.end(f"It is in {other} and says: {content}", tell=[content])
    s.turn(s.phrase(NEW_NAME_THERE, new=new))
    s.call("mv", source=file, destination=new)
    s.end(done(s))


PARTY = Phrases("files.dev.party", dev=[
    "Three files, {one}, {two} and {three}, invite people to a party. It will be on {day}, so change the day in all "
    "three, and nothing else.",
    "The party is on {day} now. Correct the day in my invitations {one}, {two} and {three}; do not touch the rest.",
    "Let my invitations {one}, {two} and {three} say {day} as the day of the party. All their other words stay.",
])  # fmt: skip
NOT_FOR_ONE = Phrases("files.dev.not-for-one", dev=[
    "{person} can only come on the day that we had before. Change the invitation for {person} back.",
    "We make an exception for {person}, who gets the old day again. Correct that invitation.",
    "Not for {person}, after all: in that invitation, the day must be what it was at first.",
])  # fmt: skip


@family(domain="files", tier="hard", role="dev")
def day_of_the_party(s: Script) -> None:
    """The day is changed in three invitations, then back in that of one person."""
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    old, day = s.rng.sample(days, 2)
    people = [s.words.person() for _ in range(3)]
    files = {s.words.file(): f"Dear {person}\nthe party is on {old}\n{s.words.line()}" for person in people}
    names = list(files)
    begin(s, shuffled(s, {**files, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(PARTY, one=names[0], two=names[1], three=names[2], day=day))
    for name in names:
        content = s.call("cat", file_name=name)["file_content"]
        s.call("echo", content=content.replace(old, day), file_name=name, derived=["content"])
    s.end(done(s))
    name, person = s.rng.choice(list(zip(names, people, strict=True)))
    s.turn(s.phrase(NOT_FOR_ONE, person=person))
    s.call("echo", content=files[name], file_name=name, derived=["content", "file_name"])
    s.end(f"{name} says {old} again.")


FEWER_FILES = Phrases("files.dev.fewer-files", dev=[
    "Move {file} into {one} or {two}, whichever has fewer files. When both have the same number, it is {one}. "
    "Which folder did you take?",
    "Either {one} or {two} gets {file}, depending on which folder has fewer files; {one} gets it if there is "
    "no difference. Which of them was it?",
    "{file} has to be put where there are fewer files, be it {one} or {two}. With equal numbers choose {one}. "
    "In which folder is it then?",
])  # fmt: skip
RULE_AGAIN = Phrases("files.dev.rule-again", dev=[
    "Next comes {file}. Use the rule again, and count the file that you have just moved. "
    "Which folder is it this time?",
    "By that rule, find a place for {file} too; the first file counts where it is now. Where did you put it?",
    "And now {file}: the rule is the same, but the number of files has changed by one. Which folder has it?",
])  # fmt: skip


@family(domain="files", tier="hard", role="dev")
def where_there_are_fewer(s: Script) -> None:
    """Two files, one after the other, go into the one of two folders that has fewer files."""
    folders, files = [s.words.name() for _ in range(2)], [s.words.file() for _ in range(2)]
    counts = dict(zip(folders, s.rng.sample(range(1, 5), 2), strict=True))
    trees = {folder: {s.words.file(): s.words.line() for _ in range(count)} for folder, count in counts.items()}
    begin(s, shuffled(s, {**trees, **{file: text(s, 1, 1) for file in files}, s.words.file(): text(s, 1, 1)}))
    for number, file in enumerate(files):
        if number:
            s.turn(s.phrase(RULE_AGAIN, file=file))
        else:
            s.turn(s.phrase(FEWER_FILES, file=file, one=folders[0], two=folders[1]))
            for folder in folders:
                s.call("cd", folder=folder)
                s.call("ls")
                s.call("cd", folder="..")
        taken = min(folders, key=lambda folder: counts[folder])
        s.call("mv", source=file, destination=taken, derived=["destination"])
        counts[taken] += 1
        s.end(f"{file} is in {taken}.", tell=[taken])


# --- very hard ---

SEATS = Phrases("files.dev.seats", dev=[
    "How many seats are there in {one}, {two} and {three}? Each of these rooms is a folder with a file seats.txt.",
    "My rooms are {one}, {two} and {three}, a folder each, and seats.txt in a room has the number of its seats. "
    "What are the numbers?",
    "I have three rooms, {one}, {two} and {three}, which are folders. Open seats.txt in all of them and give me the "
    "seats of each.",
])  # fmt: skip
SMALLEST_ROOM = Phrases("files.dev.smallest-room", dev=[
    "My guests are in {guests} beside these rooms, one on each line. Move this list into the smallest room that has "
    "a seat for every guest. Which room is it?",
    "Next to the rooms there is {guests}, with one guest on every line. It has to go into the room with the fewest "
    "seats that are still enough for all guests. Name the room.",
    "Now count the guests in {guests}, which lies next to the rooms; every line is one guest. Of the rooms where "
    "all can sit, the smallest gets this file. Which one is that?",
])  # fmt: skip
MORE_GUESTS = Phrases("files.dev.more-guests", dev=[
    "{more} wants to come too. Let this name be the last line of the list, and say how many seats in that room are "
    "left over.",
    "There is one more guest, {more}, who goes below the others on the list as a new line. How many seats of the "
    "room will be empty?",
    "At the bottom of the list, add a line for {more}, who is a guest too: just the name. With all guests seated, "
    "how many seats of the room are free?",
])  # fmt: skip


@family(domain="files", tier="very hard", role="dev")
def a_room_for_the_guests(s: Script) -> None:
    """The smallest of three rooms that is big enough for a list of guests gets the list; then another guest comes."""
    rooms, guests, more = [s.words.name() for _ in range(3)], s.words.file("txt"), s.words.person()
    people = [s.words.person() for _ in range(s.rng.randint(3, 5))]
    fit = len(people) + s.rng.randint(2, 4)
    seats = dict(zip(rooms, (len(people) - s.rng.randint(1, 2), fit, fit + s.rng.randint(1, 4)), strict=True))
    tree = {room: shuffled(s, {"seats.txt": str(n), s.words.file(): text(s, 1, 1)}) for room, n in seats.items()}
    begin(s, shuffled(s, {**tree, guests: "\n".join(people)}))
    named, chosen = s.rng.sample(rooms, 3), rooms[1]
    s.turn(s.phrase(SEATS, one=named[0], two=named[1], three=named[2]))
    for number, room in enumerate(named):
        if number:
            s.call("cd", folder="..")
        s.call("cd", folder=room)
        s.call("cat", file_name="seats.txt")
    s.end(", ".join(f"{room} has {seats[room]}" for room in named) + ".", tell=[seats[room] for room in named])
    s.turn(s.phrase(SMALLEST_ROOM, guests=guests))
    s.call("cd", folder="..")
    s.call("wc", file_name=guests)
    s.call("mv", source=guests, destination=chosen, derived=["destination"])
    s.end(f"The list is in {chosen}.", tell=[chosen])
    s.turn(s.phrase(MORE_GUESTS, more=more))
    s.call("cd", folder=chosen, derived=["folder"])
    content = s.call("cat", file_name=guests)["file_content"]
    s.call("echo", content=f"{content}\n{more}", file_name=guests, derived=["content"])
    left = fit - len(people) - 1
    s.end(f"Seats left over: {left}.", tell=[left])


OVERDUE = Phrases("files.dev.overdue", dev=[
    "It is {today}. The files here are about my books. Give me the titles of those that had to be back before today.",
    "Every file here is for one book. Which books are late, as they had to be back on a day before {today}? "
    "I want the titles.",
    "I lend books, and each has its own file here. Today is {today}: what are the titles of the books that are "
    "overdue?",
])  # fmt: skip
REMIND = Phrases("files.dev.remind", dev=[
    "The people who have these books need a reminder: make a folder {folder} with one file for each. Its name is the "
    "person's name plus .txt, its text is the title of the book and nothing else.",
    "Start a folder {folder} for reminders. Every one of these books gets a file in it, which is called like whoever "
    "has the book, plus .txt, and its whole text is the title.",
    "I want a reminder for each of these books: a file in {folder}, a folder that you have to make, named after "
    "the person who has the book, with .txt at the end. It says just the title.",
])  # fmt: skip
IS_BACK = Phrases("files.dev.is-back", dev=[
    '{person} was here and gave the book back. Remove that reminder. The book\'s file keeps its line with the title, '
    'and a line "on the shelf" takes the place of the rest.',
    'The book that {person} had is back, so that reminder can go. In the file of the book there must be two lines: '
    'the one with the title, as it is, and below it "on the shelf".',
    'As {person} has returned the book, I want no reminder there. Also, write "on the shelf" into the book\'s file, '
    'in place of the two lines below the one with the title.',
])  # fmt: skip


@family(domain="files", tier="very hard", role="dev")
def overdue_books(s: Script) -> None:
    """Books that are overdue are told, reminders are written to who has them, and one of the books comes back."""
    folder, month, day = s.words.name(), s.rng.randint(2, 11), s.rng.randint(6, 24)
    dates = [f"2031-{month:02d}-{day - s.rng.randint(1, 5):02d}", f"2031-{month - 1:02d}-{s.rng.randint(1, 28):02d}"]
    dates += [f"2031-{month + 1:02d}-{s.rng.randint(1, 28):02d}", f"2031-{month:02d}-{day + s.rng.randint(1, 4):02d}"]
    books = {s.words.file("txt"): s.words.title() for _ in range(s.rng.choice((4, 5)))}
    names = list(books)
    people = {name: s.words.person() for name in names}
    due = dict(zip(names[:-1], dates, strict=False))
    lent = {name: f"lent to: {people[name]}\nback by: {date}" for name, date in due.items()}
    tree = {name: f"title: {title}\n{lent.get(name, 'on the shelf')}" for name, title in books.items()}
    begin(s, shuffled(s, {**tree}))
    s.turn(s.phrase(OVERDUE, today=f"2031-{month:02d}-{day:02d}"))
    found = s.call("ls")["current_directory_content"]
    for name in found:
        s.call("cat", file_name=name, derived=["file_name"])
    late = [name for name in found if name in names[:2]]
    titles = [books[name] for name in late]
    s.end(f"{listed(titles)} had to be back.", tell=titles)
    s.turn(s.phrase(REMIND, folder=folder))
    s.call("mkdir", dir_name=folder)
    s.call("cd", folder=folder)
    for name in late:
        file = f"{people[name]}.txt"
        s.call("touch", file_name=file, derived=["file_name"])
        s.call("echo", content=books[name], file_name=file, derived=["content", "file_name"])
    s.end(done(s))
    back = s.rng.choice(late)
    s.turn(s.phrase(IS_BACK, person=people[back]))
    s.call("rm", file_name=f"{people[back]}.txt", derived=["file_name"])
    s.call("cd", folder="..")
    content = f"title: {books[back]}\non the shelf"
    s.call("echo", content=content, file_name=back, derived=["content", "file_name"])
    s.end(done(s))
