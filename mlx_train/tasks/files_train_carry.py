"""Trained file-operation families of carrying values: from file to file, from a count into a name, from a list."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_moves_carry as c
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_moves_each import EACH
from mlx_train.tasks.files_moves_edit import EDIT
from mlx_train.tasks.files_wide import play, wide_desk

LISTS = (c.listed_make, c.listed_act)


@family(domain="files", tier="easy", role="train", group="wide")
def carry_one(s: Script) -> None:
    """A name, a word or a number, read in one call and used in the next."""
    play(wide_desk(s, "note"), (2, 2), (c.pointer, c.key, c.count_name))


@family(domain="files", tier="moderate", role="train", group="wide")
def carry_list(s: Script) -> None:
    """Files that are listed in a file are made, moved or deleted."""
    play(wide_desk(s, "list"), (3, 4), LISTS)


@family(domain="files", tier="moderate", role="train", group="wide")
def carry_swap(s: Script) -> None:
    """Two texts trade places."""
    play(wide_desk(s, folders=1), (4, 4), (c.swap,))


@family(domain="files", tier="moderate", role="train", group="wide")
def carry_number(s: Script) -> None:
    """A sum or a number of files is written down."""
    play(wide_desk(s), (3, 4), (c.total, c.entries))


@family(domain="files", tier="hard", role="train", group="wide")
def carry_swapped(s: Script) -> None:
    """Two texts trade places, and one of some files is changed."""
    play(wide_desk(s), (5, 8), (c.swap,), EDIT)


@family(domain="files", tier="hard", role="train", group="wide")
def carry_totals(s: Script) -> None:
    """A sum and a number of files."""
    play(wide_desk(s), (5, 8), (c.total,), (c.entries, c.count_name))


@family(domain="files", tier="hard", role="train", group="wide")
def carry_lists(s: Script) -> None:
    """What a list names is made or dealt with; then something is done to each of some files."""
    play(wide_desk(s, "list", folders=3), (5, 8), LISTS, (*EACH, c.count_name))


@family(domain="files", tier="hard", role="train", group="wide")
def carry_across(s: Script) -> None:
    """A text from one folder into another."""
    play(wide_desk(s, folders=3), (5, 8), (c.across,))


@family(domain="files", tier="hard", role="train", group="wide")
def carry_names(s: Script) -> None:
    """Names that hold a count, and names that stand in files."""
    play(wide_desk(s, "note"), (5, 8), (c.count_name,), (c.pointer, c.listed_make), (c.count_name, *m.STEP))


@family(domain="files", tier="hard", role="train", group="wide")
def carry_words(s: Script) -> None:
    """A word from a file is looked up in another, or changed there."""
    play(wide_desk(s, "note"), (5, 8), (c.key, c.pointer), (*EDIT, m.save_grep))


@family(domain="files", tier="very hard", role="train", group="wide")
def carry_far(s: Script) -> None:
    """Texts go from folder to folder and from file to file."""
    play(wide_desk(s, folders=3), (9, 16), (c.across,), (c.swap, c.total), turns=8)


@family(domain="files", tier="very hard", role="train", group="wide")
def carry_many(s: Script) -> None:
    """One value after another is read and used."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), c.CARRY, c.CARRY, (*c.CARRY, *EDIT), turns=8, rest=(*c.CARRY, *m.USE, *m.STEP))
