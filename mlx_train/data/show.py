"""Which tokens of a trajectory are trained, for people."""

from __future__ import annotations

from itertools import groupby

from rich.text import Text

from mlx_train.chat.render import Chat
from mlx_train.data.trajectory import Trajectory

TRAINED, SHARED = "bold green", "dim"
BEGIN, END = "⟦", "⟧"


def show(trajectory: Trajectory, chat: Chat, marks: bool = False) -> Text:
    """The rendered rows of a trajectory: trained tokens green, the shared start dim.

    Args:
        marks: also put trained tokens in ⟦ and ⟧, for readers and terminals without colour.
    """
    text = Text()
    text.append(f"{BEGIN}trained{END}" if marks else "trained", style=TRAINED)
    text.append(" · ")
    text.append("the same in every conversation with this prompt and catalogue", style=SHARED)
    text.append(" · read, not trained\n")
    for example in chat.examples(trajectory.messages, trajectory.tools, trajectory.id):
        total, trained = len(example.ids), sum(example.trained)
        text.append(f"\n{example.id}: {total} tokens, {trained} trained, {example.shared} shared\n", style="bold")
        styles = [
            TRAINED if is_trained else SHARED if position < example.shared else ""
            for position, is_trained in enumerate(example.trained)
        ]
        for style, run in groupby(zip(example.ids, styles, strict=True), key=lambda pair: pair[1]):
            words = chat.tokenizer.decode([id for id, _ in run], skip_special_tokens=False)
            text.append(f"{BEGIN}{words}{END}" if marks and style == TRAINED else words, style=style)
        text.append("\n")
    return text
