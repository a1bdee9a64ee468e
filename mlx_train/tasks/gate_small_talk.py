"""What users of the gate say in a turn in which nothing is to be done."""

from __future__ import annotations

from mlx_train.tasks.family import Script
from mlx_train.tasks.phrases import Phrases

PAUSE = Phrases(
    "any.pause",
    gate=[
        "[Wait, please|One moment, please]. I have to think about the rest, so do nothing yet.",
        "That was quick, thank you. Please do nothing more [until I write again|for now].",
        "[Very kind of you|Much appreciated]. Leave everything as it is while I [have a coffee|make a phone call].",
        "Thank you so far. There is nothing to do for you at the moment.",
    ],
)


def pause(s: Script) -> None:
    """One turn in which no tool may be called."""
    s.turn(s.phrase(PAUSE))
    s.end("All right.", quiet=True)
