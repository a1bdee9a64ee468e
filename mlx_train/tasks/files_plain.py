"""What the dev and the held-out file families share: small trees, files of different lines, closing words."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.phrases import DONE
from mlx_train.tasks.words import EXTENSIONS


def text(s: Script, low: int, high: int) -> str:
    """The content of a file, low to high different lines."""
    lines: list[str] = []
    for _ in range(s.rng.randint(low, high)):
        line = s.words.line()
        if line in lines:
            raise Redraw
        lines.append(line)
    return "\n".join(lines)


def plain_file(s: Script, extension: str | None = None) -> str:
    """A file name of one word: such names have one alphabetical order."""
    return f"{s.words.word()}.{extension or s.rng.choice(EXTENSIONS)}"


def begin(s: Script, tree: dict[str, object], *below: str) -> None:
    """Start in a root directory of a drawn name that holds the tree, or in a folder below."""
    root = s.words.word()
    s.begin({"root": {root: tree}, "cwd": "/".join(["", root, *below])})


def shuffled(s: Script, tree: dict[str, object]) -> dict[str, object]:
    """The same directory with its names in a drawn order."""
    names = list(tree)
    s.rng.shuffle(names)
    return {name: tree[name] for name in names}


def done(s: Script) -> str:
    """Closing words."""
    return s.rng.choice(DONE)


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
