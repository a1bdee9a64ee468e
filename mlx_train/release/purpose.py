"""What a specialist is for, in words: its card, its label and the router in front of it say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlx_train.release.finding import MEANING, Label

FILES = (
    "Working on files by calling tools, one call at a time, with the tools given in the chat template, and stopping "
    "when the work is done."
)
UNSAID = "What its training rows show; the recipe does not say it in words."
HARM = {
    True: "any real file system without a limit on what the calls can reach: a wrong call can delete or overwrite "
    "files",
    False: "any real system without a limit on what the calls can reach: a wrong call can do harm there",
}
"""By whether it works on files."""
EXAMPLE = {True: "Rename draft.txt to final.txt.", False: "What you want done."}


def on_files(recipe: Mapping[str, Any]) -> bool:
    """Whether it learnt the built-in file operations, and nothing of one's own."""
    data = recipe.get("data", {})
    return not data.get("files") and any(source["domain"] == "files" for source in data.get("sources", ()))


def purpose(recipe: Mapping[str, Any]) -> str:
    """The recipe's own sentence, else that of the built-in job; of rows of one's own nothing is guessed."""
    return str(recipe.get("purpose") or (FILES if on_files(recipe) else UNSAID))


def meaning(label: Label, recipe: Mapping[str, Any]) -> str:
    """What a label says, with the job that a router has to keep a specialist to."""
    return f"{MEANING[label]} Its job: {purpose(recipe)}" if label == "routed-specialist" else MEANING[label]
