"""Trained file-operation families of the tiers easy (one or two calls) and moderate (three or four)."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks.board import one
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_desk import Desk, wander


def _chain(d: Desk) -> None:
    """A request, and in the same turn another that takes it up."""
    one(d, m.SPOKEN)
    d.carry_on()
    m.follow(d)


@family(domain="files", tier="easy", role="train")
def easy_look(s: Script) -> None:
    """One question about the current folder, or two in two turns."""
    d = Desk(s, folders=2)
    for _ in range(s.rng.choice((1, 2))):
        one(d, m.LOOK)
        d.send()


@family(domain="files", tier="easy", role="train")
def easy_make(s: Script) -> None:
    """One or two new things in the current folder."""
    d = Desk(s, folders=2)
    one(d, m.MAKE)
    if d.total < 2 and s.rng.random() < 0.4:
        one(d, (m.make_file, m.make_folder, m.write))
    d.send()


@family(domain="files", tier="easy", role="train")
def easy_place(s: Script) -> None:
    """Copy, move, rename or remove, once or twice."""
    d = Desk(s, folders=2)
    one(d, m.PLACE)
    if s.rng.random() < 0.3:
        one(d, m.PLACE)
    d.send()


@family(domain="files", tier="easy", role="train")
def easy_inside(s: Script) -> None:
    """One request in a folder one level down."""
    d = Desk(s, folders=2, depth=1)
    d.go(s.rng.choice([place for place in d.places() if len(place) == 1 and d.at(place)]))
    one(d, (*m.LOOK, m.make_file, m.make_folder, m.write, *m.PLACE))
    d.send()


@family(domain="files", tier="easy", role="train")
def easy_use(s: Script) -> None:
    """A result is used in the next call."""
    d = Desk(s, folders=1)
    one(d, m.USE)
    d.send()
    d.keep(2, 2, turns=5)


@family(domain="files", tier="easy", role="train")
def easy_chain(s: Script) -> None:
    """Two requests in one turn; the second is about "it" or "that number"."""
    d = Desk(s, folders=2)
    _chain(d)
    d.send()
    d.keep(2, 2, turns=5)


@family(domain="files", tier="easy", role="train")
def easy_checks(s: Script) -> None:
    """A condition, or an error that is expected."""
    d = Desk(s, folders=2)
    one(d, m.CHECK + m.RECOVER)
    d.send()
    d.keep(1, 2, turns=5)


@family(domain="files", tier="moderate", role="train")
def moderate_deep(s: Script) -> None:
    """One or two requests two levels down."""
    d = Desk(s, folders=3)
    d.go(d.pick([place for place in d.places() if len(place) == 2 and d.at(place)]))
    one(d, m.SIMPLE + m.USE)
    if d.total < 4 and s.rng.random() < 0.5:
        one(d, m.SIMPLE)
    d.send()
    d.keep(3, 4, turns=5)


@family(domain="files", tier="moderate", role="train")
def moderate_new_folder(s: Script) -> None:
    """A new folder and what goes into it, from outside or from inside."""
    d = Desk(s, folders=2)
    if s.rng.random() < 0.5:
        m.make_and_enter(d)
        one(d, (m.make_file, m.make_text, m.make_folder))
    else:
        m.make_folder(d)
        one(d, (m.move_into, m.copy_into))
    if s.rng.random() < 0.5:
        d.send()
    one(d, (m.move_into, m.copy_into, m.make_file, m.look_list, m.write))
    d.send()
    d.keep(3, 4, turns=5)


@family(domain="files", tier="moderate", role="train")
def moderate_results(s: Script) -> None:
    """Results are saved, in one turn or two."""
    d = Desk(s, folders=2, depth=1)
    wander(d, stay=0.6)
    one(d, m.USE)
    if d.total < 3:
        if s.rng.random() < 0.5:
            d.send()
        one(d, (*m.USE, m.look_read, m.look_lines, m.copy))
    d.send()
    d.keep(3, 4, turns=5)


@family(domain="files", tier="moderate", role="train")
def moderate_found(s: Script) -> None:
    """A file has to be found first; then something is done to it."""
    d = Desk(s, folders=3)
    one(d, m.FOUND)
    d.send()
    if d.total < 4 and s.rng.random() < 0.6:
        one(d, (m.follow,) if d.it else m.LOOK)
        d.send()
    d.keep(3, 4, turns=5)


@family(domain="files", tier="moderate", role="train")
def moderate_back(s: Script) -> None:
    """Down into a folder, then back up or into another, a request on the way."""
    d = Desk(s, folders=3)
    for _ in range(2):
        wander(d, stay=0.0, near=True)
        one(d, (*m.LOOK, m.make_file, m.make_folder, m.write, *m.PLACE))
        if s.rng.random() < 0.8:
            d.send()
    if d.pending:
        d.send()
    d.keep(3, 4, turns=5)


@family(domain="files", tier="moderate", role="train")
def moderate_chain(s: Script) -> None:
    """Requests in one turn, each about what the one before it was about."""
    d = Desk(s, folders=3)
    wander(d, stay=0.5, near=True)
    _chain(d)
    if d.total < 4 and s.rng.random() < 0.5:
        d.carry_on()
        m.follow(d)
    d.send()
    d.keep(3, 4, turns=5)


@family(domain="files", tier="moderate", role="train")
def moderate_checks(s: Script) -> None:
    """Conditions and expected errors, two in two turns or one in a folder."""
    d = Desk(s, folders=3)
    for _ in range(2):
        wander(d, stay=0.6, near=True)
        one(d, m.CHECK + m.RECOVER)
        d.send()
        if d.total >= 3:
            break
    d.keep(3, 4, turns=5)


@family(domain="files", tier="moderate", role="train")
def moderate_mix(s: Script) -> None:
    """Free play."""
    d = Desk(s, folders=3)
    m.mix(d, m.EVERY, calls=(3, 4), turns=4, pair=0.3)
