"""Trajectories as token ids. A row is used whole or not at all: nothing is ever cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mlx_train.chat.render import Chat, Example
from mlx_train.data.build import MAIN
from mlx_train.data.trajectory import Trajectory
from mlx_train.errors import BadInput
from mlx_train.recipe import Train

LISTED = 10


@dataclass(frozen=True)
class Encoded:
    """Training rows as ids, and the rows (id, tokens) that were left out because they are too long."""

    examples: list[Example]
    dropped: list[tuple[str, int]]

    @property
    def tokens(self) -> int:
        """Ids of all rows."""
        return sum(len(example.ids) for example in self.examples)

    @property
    def supervised(self) -> int:
        """Ids that are targets of the loss."""
        return sum(sum(example.trained) for example in self.examples)


def encode(
    trajectories: Sequence[Trajectory],
    chat: Chat,
    max_tokens: int,
    overlong: Literal["refuse", "drop"] = "refuse",
    hold: Callable[[Trajectory], bool] = lambda row: False,
) -> Encoded:
    """Render and tokenise.

    Args:
        max_tokens: of the longest row.
        overlong: what is done with longer ones.
        hold: which rows are also held near the stock.

    Raises:
        BadInput: a row trains no token, the template refuses a row, or (with `refuse`) one is longer than `max_tokens`.
    """
    examples: list[Example] = []
    dropped: list[tuple[str, int]] = []
    untrained = []
    for row in trajectories:
        found = chat.examples(row.messages, row.tools, row.id)
        if not any(any(example.trained) for example in found):
            untrained.append(row.id)
        for example in found:
            if len(example.ids) > max_tokens:
                dropped.append((example.id, len(example.ids)))
            else:
                examples.append(replace(example, held=hold(row)))
    if untrained:
        raise BadInput(
            f'{len(untrained)} row(s) train no token, because every assistant message has "train": false: '
            f"{_list(untrained)}. Remove them or train a message of each."
        )
    if dropped and overlong == "refuse":
        raise BadInput(
            f"{len(dropped)} row(s) are longer than data.max_tokens = {max_tokens}: "
            f"{_list([f'{id} ({length})' for id, length in dropped])}. "
            f"Set data.max_tokens = {max(length for _, length in dropped)} to keep "
            'them all, or data.overlong = "drop" to leave them out.'
        )
    if not examples:
        raise BadInput(
            f"no row is left: all {len(dropped)} are longer than data.max_tokens = {max_tokens}. Raise data.max_tokens."
        )
    return Encoded(examples, dropped)


def held(row: Trajectory, settings: Train) -> bool:
    """Whether a row is one of those that the recipe holds near the stock."""
    return settings.kl > 0 and (settings.kl_rows == "all" or row.domain not in ("", MAIN))


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
