"""Trained file-operation families of the tier hard: five to eight calls in one to four turns, in nested folders."""

from __future__ import annotations

from collections.abc import Sequence

from mlx_train.tasks import files_moves as m
from mlx_train.tasks.board import one
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_desk import Desk, Move, wander


def _turns(d: Desk, *groups: Sequence[Move], join: float = 0.3) -> None:
    """One move of each group in order; by chance two neighbours share a turn."""
    for number, group in enumerate(groups, 1):
        one(d, group)
        if number == len(groups) or d.rng.random() > join:
            d.send()


@family(domain="files", tier="hard", role="train")
def hard_nest(s: Script) -> None:
    """New folders in new folders, with something in the innermost."""
    d = Desk(s, folders=2, depth=1)
    wander(d, stay=0.5)
    _turns(
        d, (m.make_and_enter,), (m.make_and_enter, m.make_folder, m.make_text), (*m.MAKE, m.make_and_enter), join=0.6
    )
    if d.total < 7 and s.rng.random() < 0.6:
        wander(d, stay=0.5, near=True)
        _turns(d, m.STEP)
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_tidy(s: Script) -> None:
    """Files go into a new folder, which is then renamed, looked at or moved."""
    d = Desk(s, folders=3)
    wander(d, stay=0.4)
    _turns(d, (m.make_folder,), (m.move_into, m.copy_into), (m.move_into, m.copy_into, m.copy), join=0.6)
    wander(d, stay=0.4, near=True)
    _turns(d, (m.rename_folder, m.move_folder, m.look_list, m.delete), (*m.LOOK, *m.PLACE))
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_visits(s: Script) -> None:
    """Requests in different folders, each named from where the last turn ended or from the root."""
    d = Desk(s, folders=4, depth=3)
    for _ in range(s.rng.choice((2, 3))):
        wander(d, stay=0.0)
        _turns(d, m.STEP)
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_reports(s: Script) -> None:
    """Two or three results saved in files, and read back."""
    d = Desk(s, folders=2)
    wander(d, stay=0.4)
    _turns(d, m.USE, m.USE)
    if d.total < 7:
        wander(d, stay=0.6)
        _turns(d, (*m.USE, m.look_read, m.look_lines, m.copy, m.rename))
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_found(s: Script) -> None:
    """Two files are found and dealt with, from the root or from where the first one was."""
    d = Desk(s, folders=4)
    _turns(d, m.FOUND)
    if s.rng.random() < 0.6:
        d.go(())
        _turns(d, (*m.FOUND, m.look_locate, m.look_locate_all))
    else:
        _turns(d, m.STEP, m.STEP)
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_names(s: Script) -> None:
    """What is made takes its name from a file's text; then there is work in it or beside it."""
    d = Desk(s, folders=3)
    noted = [
        place
        for place in d.places()
        if any(isinstance(entry, str) and (m.is_name(entry) or "." in entry) for entry in d.at(place).values())
    ]
    d.go(d.pick(noted))
    _turns(d, (m.folder_from, m.file_from))
    folder = d.folders()[-1] if d.folders() else None
    if folder and s.rng.random() < 0.6:
        d.go((*d.path, folder))
        _turns(d, m.MAKE, m.MAKE)
    else:
        _turns(d, (m.follow,) if d.it else m.STEP, m.MAKE + m.PLACE, join=0.0)
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_backup(s: Script) -> None:
    """Keep a copy, change a file, compare."""
    d = Desk(s, folders=3)
    wander(d, stay=0.2)
    _turns(
        d,
        (m.copy, m.copy_into),
        (m.write, m.sort_self),
        (m.look_compare, m.save_diff, m.if_same, m.look_list),
        join=0.4,
    )
    _turns(d, (m.rename, m.delete, m.move_into, m.look_read, m.look_size))
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_recover(s: Script) -> None:
    """Calls that fail and what to do then, twice."""
    d = Desk(s, folders=3)
    _turns(d, m.RECOVER)
    wander(d, stay=0.6)
    _turns(d, m.RECOVER)
    if d.total < 6:
        wander(d, stay=0.4, near=True)
        _turns(d, m.RECOVER + m.CHECK)
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_conditions(s: Script) -> None:
    """Whether something is done hangs on what a call says, two or three times."""
    d = Desk(s, folders=3)
    for _ in range(3):
        wander(d, stay=0.5)
        _turns(d, m.CHECK)
        if d.total > 5:
            break
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_levels(s: Script) -> None:
    """Down and up, level by level, with a request at each stop."""
    d = Desk(s, folders=3, depth=3)
    for _ in range(s.rng.choice((3, 4))):
        wander(d, stay=0.0, near=True)
        if s.rng.random() < 0.8:
            one(d, m.STEP)
        d.send()
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_clear(s: Script) -> None:
    """Things are thrown away in several folders, some only if they are empty or have a twin."""
    d = Desk(s, folders=4)
    away: tuple[Move, ...] = (m.delete, m.delete_folder, m.remove_empty, m.if_empty, m.if_same, m.if_word)
    for _ in range(3):
        wander(d, stay=0.3)
        _turns(d, away, *((away,) if s.rng.random() < 0.3 else ()), join=1.0)
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_collect(s: Script) -> None:
    """Lines are picked out of files of a nested folder and brought together."""
    d = Desk(s, folders=3)
    d.go(d.pick([place for place in d.places() if place and d.at(place)]))
    lines: tuple[Move, ...] = (m.save_grep, m.save_last, m.save_sorted, m.sort_self, m.join, m.save_diff)
    _turns(d, lines, (*lines, m.copy, m.look_grep), join=0.2)
    if d.total < 7:
        _turns(d, (m.look_last, m.look_lines, m.rename, m.move_into, m.look_list))
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_questions(s: Script) -> None:
    """One request leaves something out; the others do not."""
    d = Desk(s, folders=3)
    wander(d, stay=0.0)
    _turns(d, m.STEP + m.USE)
    one(d, m.ASK)
    if s.rng.random() < 0.6 and d.it:
        _turns(d, (m.follow,))
    else:
        wander(d, stay=0.3)
        _turns(d, m.STEP + m.USE)
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_follow(s: Script) -> None:
    """Every turn takes up the file or the number of the turn before."""
    d = Desk(s, folders=3)
    wander(d, stay=0.1)
    _turns(d, (m.make_file, m.make_text, m.look_lines, m.look_words, m.look_read, m.write, m.rename))
    for _ in range(3):
        _turns(d, (m.follow,) if d.it else m.STEP)
    d.keep(5, 8, turns=4)


@family(domain="files", tier="hard", role="train")
def hard_mix(s: Script) -> None:
    """Free play with one request a turn."""
    d = Desk(s, folders=3)
    m.mix(d, m.EVERY, calls=(5, 8), turns=4, pair=0.0)


@family(domain="files", tier="hard", role="train")
def hard_mix_pairs(s: Script) -> None:
    """Free play with two requests in most turns, in deeper folders."""
    d = Desk(s, folders=4, depth=3)
    m.mix(d, m.SIMPLE + m.SIMPLE + m.USE + m.CHECK, calls=(5, 8), turns=3, pair=0.7)
