"""The desk on which the trained file-operation families write a task: a board of files and folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlx_train.tasks import files_phrases as say
from mlx_train.tasks import files_wide_phrases as wide
from mlx_train.tasks.board import Board
from mlx_train.tasks.family import Script
from mlx_train.tasks.phrases import Phrases

Path = tuple[str, ...]
Tree = dict[str, Any]

RELATIVE = (say.PLACE1, say.PLACE2, say.PLACE3)
ABSOLUTE = (say.ROOT0, say.ROOT1, say.ROOT2, say.ROOT3)


def text(s: Script, low: int = 1, high: int = 4) -> str:
    """The content of a file: that many lines."""
    return "\n".join(s.words.line() for _ in range(s.words.number(low, high)))


def _stock(s: Script, folder: Tree) -> None:
    """Put two files into a folder and, by chance, a twin of one, a hidden file, an empty folder, a note of a name."""
    names = [s.words.file() for _ in range(2)]
    for name in names:
        folder[name] = text(s)
    if s.rng.random() < 0.35:
        lines = folder[names[0]].splitlines()
        if s.rng.random() < 0.5:
            lines[s.rng.randrange(len(lines))] = s.words.line()
        folder[s.words.file()] = "\n".join(lines)
    if s.rng.random() < 0.2:
        folder[f".{s.words.word()}"] = text(s, 1, 1)
    if s.rng.random() < 0.35:
        folder[s.words.name()] = {}
    if s.rng.random() < 0.3:
        folder[s.words.file("txt")] = s.words.name() if s.rng.random() < 0.5 else f"{s.words.line()}\n{s.words.file()}"


Stock = Callable[[Script, Tree], None]


def grow(s: Script, folders: int, depth: int, stock: Stock = _stock) -> Tree:
    """A tree of that many stocked folders, none deeper than `depth`."""
    tree: Tree = {}
    places: list[tuple[Tree, int]] = [(tree, 0)]
    for _ in range(folders):
        open_places = [place for place in places if place[1] < depth]
        parent, level = s.rng.choices(open_places, [1 + place[1] for place in open_places])[0]
        child = parent[s.words.name()] = {}
        places.append((child, level + 1))
    for folder, _ in places:
        stock(s, folder)
        shuffled = list(folder.items())
        s.rng.shuffle(shuffled)
        folder.clear()
        folder.update(shuffled)
    return tree


class Desk(Board):
    """A board on files: a request can be in another folder, and "it" means what the turn before was about."""

    def __init__(self, s: Script, folders: int = 3, depth: int = 2, stock: Stock = _stock) -> None:
        name = s.words.word()
        self.it: str | None = None
        """The file that "it" would mean in the next turn."""
        self.number: int | None = None
        """The number that "that number" would mean in the next turn."""
        super().__init__(s, {"root": {name: grow(s, folders, depth, stock)}, "cwd": f"/{name}"})

    def _clear(self) -> None:
        super()._clear()
        self._place = ""
        self._it: str | None = None
        self._number: int | None = None

    # What there is.

    @property
    def pending(self) -> bool:
        """Whether something was asked that is not sent yet."""
        return super().pending or bool(self._place)

    @property
    def path(self) -> Path:
        """The current folder, from the root."""
        return tuple(self._state["cwd"].strip("/").split("/")[1:])

    def at(self, path: Path) -> Tree:
        """What a folder holds."""
        (tree,) = self._state["root"].values()
        for name in path:
            tree = tree[name]
        found: Tree = tree
        return found

    @property
    def here(self) -> Tree:
        """What the current folder holds."""
        return self.at(self.path)

    def places(self, below: Path = ()) -> list[Path]:
        """Every folder at or below a path."""
        found = [below]
        for name, entry in self.at(below).items():
            if isinstance(entry, dict):
                found += self.places((*below, name))
        return found

    def folders(self) -> list[str]:
        """The folders here."""
        return [name for name, entry in self.here.items() if isinstance(entry, dict)]

    def files(self, fits: Callable[[str], bool] = lambda content: True) -> list[str]:
        """The files here, hidden ones apart, whose content fits."""
        return [
            name
            for name, entry in self.here.items()
            if isinstance(entry, str) and not name.startswith(".") and fits(entry)
        ]

    def file(self, *, below: int = 9) -> str:
        """A file here that has at least one line and fewer than `below`."""
        return str(self.pick(self.files(lambda content: 0 < len(content.splitlines()) < below)))

    def two_files(self) -> tuple[str, str]:
        """Two files here that have as many lines as each other."""
        pairs = [
            (a, b)
            for a in self.files(bool)
            for b in self.files(bool)
            if a != b and len(self.here[a].splitlines()) == len(self.here[b].splitlines())
        ]
        twins = [(a, b) for a, b in pairs if set(self.here[a].splitlines()) & set(self.here[b].splitlines())]
        return self.pick(twins or pairs)  # type: ignore[no-any-return]

    def file_below(self) -> tuple[str, Path]:
        """A file in some folder below this one, its name nowhere else, and that folder's path from here."""
        start = self.path
        every = [name for place in self.places() for name in self.at(place)]
        found = [
            (name, place[len(start) :])
            for place in self.places(start)
            if place != start
            for name, entry in self.at(place).items()
            if isinstance(entry, str) and entry and not name.startswith(".") and every.count(name) == 1
        ]
        return self.pick(found)  # type: ignore[no-any-return]

    # The turn being written.

    def ask(self, phrases: Phrases, **slots: object) -> None:
        """The user asks for this, in the place that `go` left to be said."""
        clause = self.s.phrase(phrases, **slots)
        if self._place and self.rng.random() < 0.75:
            clause = self.s.phrase(say.IN, place=self._place, a=clause)
            self._place = ""
        self._say_place()
        self.clause(clause)

    def request(self, phrases: Phrases, **slots: object) -> None:
        """The user asks for this, likewise, but in a message of its own instead of a clause."""
        self._say_clauses()
        text = self.s.phrase(phrases, **slots)
        if self._place:
            text = self.s.phrase(wide.FIRST_GO, place=self._place, a=text)
            self._place = ""
        self._message(text)

    def _say_place(self) -> None:
        if self._place:
            self.clause(self.s.phrase(say.GO, place=self._place))
            self._place = ""

    def about(self, name: str | None = None, number: int | None = None) -> None:
        """What "it" and "that number" will mean, if this is all the turn is about."""
        self._it, self._number = name, number

    def carry_on(self) -> None:
        """Let "it" and "that number" mean, in the next request of this turn, what the last one was about."""
        self.it, self.number = self._it, self._number

    def go(self, path: Path) -> None:
        """The user's next request is in that folder, and the assistant goes there."""
        here = self.path
        if path == here:
            return
        if path == here[:-1] and self.rng.random() < 0.6:
            self.ask(say.UP)
            self.do("cd", folder="..")
            return
        if path[: len(here)] == here:
            steps = path[len(here) :]
            bank = RELATIVE[len(steps) - 1]
        else:
            steps, bank = path, ABSOLUTE[len(path)]
            self.do("cd", folder="/")
        self._place = self.s.phrase(bank, **dict(zip("abc", steps, strict=False)))
        for step in steps:
            self.do("cd", folder=step)

    def send(
        self, message: str | None = None, *, quiet: bool = False, asks: bool = False, opening: str | None = None
    ) -> None:
        """As `Board.send`, of the place that `go` left to be said too."""
        self._say_place()
        about = (self._it, self._number) if self._asked < 2 else (None, None)
        super().send(message, quiet=quiet, asks=asks, opening=opening)
        self.it, self.number = about


Move = Callable[[Desk], None]


def wander(d: Desk, stay: float = 0.3, near: bool = False) -> None:
    """Have the next request in some folder: with probability `stay` this one, else any other."""
    here = d.path
    if d.rng.random() < stay:
        return
    others = [place for place in d.places() if place != here and d.at(place) and len(place) < len(ABSOLUTE)]
    if near:
        others = [place for place in others if place[:-1] == here or place == here[:-1]]
    if others:
        d.go(d.rng.choices(others, [1 + len(place) for place in others])[0])
