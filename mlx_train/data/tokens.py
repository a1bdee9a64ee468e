"""Trajectories as token ids. A row is used whole or not at all: nothing is ever cut.

Large files are encoded in parts, each kept on disk as soon as it is done, so an interrupted encoding goes on and the
same rows are never encoded twice. Ids are held as arrays, four bytes each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, overload
from zipfile import BadZipFile

import numpy as np

from mlx_train import program
from mlx_train.chat.render import Chat, Example
from mlx_train.data.build import MAIN
from mlx_train.data.trajectory import Trajectory, stream
from mlx_train.errors import BadInput
from mlx_train.files import sha256_file, sha256_of, write_with
from mlx_train.recipe import Train
from mlx_train.tasks.family import FAMILIES

LISTED = 10
PART = 1000
"""Rows that are encoded, and kept, at a time."""
Hold = Callable[[Trajectory], bool]


@dataclass
class Packed(Sequence[Example]):
    """Examples in arrays, made anew each time one is asked for."""

    names: list[str] = field(default_factory=list)
    ids: list[np.ndarray] = field(default_factory=list)
    """One int32 array a row."""
    trained: list[np.ndarray] = field(default_factory=list)
    """One bool array a row."""
    shared: list[int] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)

    def append(self, example: Example) -> None:
        """Add one."""
        self.names.append(example.id)
        self.ids.append(np.asarray(example.ids, np.int32))
        self.trained.append(np.asarray(example.trained, bool))
        self.shared.append(example.shared)
        self.held.append(example.held)

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, at: int) -> Example: ...
    @overload
    def __getitem__(self, at: slice) -> list[Example]: ...
    def __getitem__(self, at: int | slice) -> Example | list[Example]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        ids, trained = tuple(self.ids[at].tolist()), tuple(self.trained[at].tolist())
        return Example(self.names[at], ids, trained, self.shared[at], self.held[at])


@dataclass
class Encoded:
    """Training rows as ids, and the rows (id, tokens) that were left out because they are too long."""

    examples: Packed = field(default_factory=Packed)
    dropped: list[tuple[str, int]] = field(default_factory=list)
    untrained: list[str] = field(default_factory=list)
    """Rows in which nothing is trained; there is no such row in what `encode` returns."""

    @property
    def tokens(self) -> int:
        """Ids of all rows."""
        return sum(map(len, self.examples.ids))

    @property
    def supervised(self) -> int:
        """Ids that are targets of the loss."""
        return sum(int(flags.sum()) for flags in self.examples.trained)

    def add(self, other: Encoded) -> None:
        """Put the rows of another one after these."""
        for name in ("names", "ids", "trained", "shared", "held"):
            getattr(self.examples, name).extend(getattr(other.examples, name))
        self.dropped += other.dropped
        self.untrained += other.untrained


def encode(
    trajectories: Iterable[Trajectory],
    chat: Chat,
    max_tokens: int,
    overlong: Literal["refuse", "drop"] = "refuse",
    hold: Hold = lambda row: False,
) -> Encoded:
    """Render and tokenise.

    Args:
        max_tokens: of the longest row.
        overlong: what is done with longer ones.
        hold: which rows are also held near the stock.

    Raises:
        BadInput: a row trains no token, the template refuses a row, or (with `refuse`) one is longer than `max_tokens`.
    """
    return _checked(_encode(trajectories, chat, max_tokens, hold), max_tokens, overlong)


def encode_file(
    path: Path,
    chat: Chat,
    max_tokens: int,
    overlong: Literal["refuse", "drop"],
    hold: Hold,
    *,
    keep: Path,
    about: object,
    progress: Callable[[int], None] = lambda rows: None,
) -> Encoded:
    """The same for a file of rows, in parts that are kept.

    Args:
        keep: folder of what is kept; each content has its own below it.
        about: JSON value for all else that the result depends on: tokenizer, template, versions, which rows are held.
        progress: given the number of rows done so far.
    """
    key = sha256_of([program.RENDERS_SHA256, sha256_file(path), max_tokens, about])[:16]
    rows, whole, done = stream(path), Encoded(), 0
    for number, some in enumerate(_parts(rows, PART)):
        part = keep / key / f"{number:06d}.npz"
        found = _read(part)
        if found is None:
            found = _encode(some, chat, max_tokens, hold)
            _write(part, found)
        whole.add(found)
        done += len(some)
        progress(done)
    return _checked(whole, max_tokens, overlong, f"{path.name}: ")


def held(row: Trajectory, settings: Train) -> bool:
    """Whether a row is one of those that the recipe holds near the stock."""
    replayed = settings.kl_rows == "replay" and is_replay(row.family, row.domain)
    return settings.kl > 0 and (settings.kl_rows == "all" or replayed)


def is_replay(family: str, domain: str) -> bool:
    """Whether a row of this family and domain is there against forgetting; others are the job, one's own among them."""
    return family in FAMILIES and domain != MAIN


def _encode(trajectories: Iterable[Trajectory], chat: Chat, max_tokens: int, hold: Hold) -> Encoded:
    result = Encoded()
    for row in trajectories:
        found = chat.examples(row.messages, row.tools, row.id)
        if not any(any(example.trained) for example in found):
            result.untrained.append(row.id)
        for example in found:
            if len(example.ids) > max_tokens:
                result.dropped.append((example.id, len(example.ids)))
            else:
                result.examples.append(Example(example.id, example.ids, example.trained, example.shared, hold(row)))
    return result


def _checked(found: Encoded, max_tokens: int, overlong: Literal["refuse", "drop"], where: str = "") -> Encoded:
    dropped, untrained = found.dropped, found.untrained
    if untrained:
        raise BadInput(
            f'{where}{len(untrained)} row(s) train no token, because every assistant message has "train": false: '
            f"{_list(untrained)}. Remove them or train a message of each."
        )
    if dropped and overlong == "refuse":
        raise BadInput(
            f"{where}{len(dropped)} row(s) are longer than data.max_tokens = {max_tokens}: "
            f"{_list([f'{id} ({length})' for id, length in dropped])}. "
            f"Set data.max_tokens = {max(length for _, length in dropped)} to keep "
            'them all, or data.overlong = "drop" to leave them out.'
        )
    if not len(found.examples):
        raise BadInput(
            f"{where}no row is left: all {len(dropped)} are longer than data.max_tokens = {max_tokens}. Raise "
            "data.max_tokens."
        )
    return found


def _parts(rows: Iterator[Trajectory], size: int) -> Iterator[list[Trajectory]]:
    while part := list(islice(rows, size)):
        yield part


def _write(path: Path, part: Encoded) -> None:
    examples = part.examples
    texts = {"names": examples.names, "dropped": part.dropped, "untrained": part.untrained}
    arrays = {
        "ids": np.concatenate([*examples.ids, np.zeros(0, np.int32)]),
        "trained": np.packbits(np.concatenate([*examples.trained, np.zeros(0, bool)])),
        "lengths": np.array([len(ids) for ids in examples.ids], np.int64),
        "shared": np.array(examples.shared, np.int64),
        "held": np.array(examples.held, bool),
        "texts": np.frombuffer(json.dumps(texts).encode(), np.uint8),
    }
    write_with(path, lambda temporary: np.savez(temporary, **arrays))  # type: ignore[arg-type]


def _read(path: Path) -> Encoded | None:
    """What `_write` wrote; None if it is not there, or damaged."""
    try:
        return _unpacked(path)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None


def _unpacked(path: Path) -> Encoded:
    with np.load(path) as arrays:
        texts = json.loads(arrays["texts"].tobytes())
        ids = arrays["ids"]
        trained = np.unpackbits(arrays["trained"], count=len(ids)).astype(bool)
        ends = np.cumsum(arrays["lengths"])[:-1]
        some = len(texts["names"]) > 0
        examples = Packed(
            texts["names"],
            np.split(ids, ends) if some else [],
            np.split(trained, ends) if some else [],
            arrays["shared"].tolist(),
            arrays["held"].tolist(),
        )
    return Encoded(examples, [(id, length) for id, length in texts["dropped"]], texts["untrained"])


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
