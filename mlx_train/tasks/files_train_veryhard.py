"""Trained file-operation families of the tier very hard: nine to sixteen calls in up to eight turns."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks.board import one
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_desk import Desk, wander


@family(domain="files", tier="very hard", role="train")
def long_project(s: Script) -> None:
    """A folder is set up, filled and reported on, and its files are tidied."""
    d = Desk(s, folders=2)
    m.make_and_enter(d)
    d.send()
    for moves in ((m.make_text,), (m.make_text, m.make_folder, m.make_and_enter), m.USE + m.MAKE, m.USE + m.PLACE):
        one(d, moves)
        d.send()
    for _ in range(s.rng.choice((1, 2, 3))):
        wander(d, stay=0.5)
        one(d, m.SIMPLE + m.USE)
        d.send()
    d.keep(9, 16, turns=8)


@family(domain="files", tier="very hard", role="train")
def long_visits(s: Script) -> None:
    """Folder after folder, a request or two in each."""
    d = Desk(s, folders=4, depth=3)
    goal = s.rng.randint(9, 13)
    while d.total < goal:
        wander(d, stay=0.0)
        one(d, m.STEP)
        if s.rng.random() < 0.3:
            one(d, m.STEP)
        d.send()
    d.keep(9, 16, turns=8)


@family(domain="files", tier="very hard", role="train")
def long_troubles(s: Script) -> None:
    """Errors, conditions, files to be found and questions to be asked."""
    d = Desk(s, folders=4)
    groups = [m.RECOVER, m.CHECK, m.FOUND, m.RECOVER + m.CHECK, m.USE]
    s.rng.shuffle(groups)
    asked = s.rng.randrange(len(groups))
    for number, moves in enumerate(groups):
        if moves is m.FOUND:
            d.go(())
        else:
            wander(d, stay=0.6)
        one(d, moves)
        d.send()
        if number == asked:
            one(d, (*m.ASK, m.follow) if d.it else m.ASK)
            if d.pending:
                d.send()
    d.keep(9, 16, turns=8)


@family(domain="files", tier="very hard", role="train")
def long_mix(s: Script) -> None:
    """Free play."""
    d = Desk(s, folders=3)
    m.mix(d, m.EVERY + m.SIMPLE, calls=(9, 14), turns=8, pair=0.3)
