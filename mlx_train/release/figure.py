"""A number of the report with all it takes to judge it: what it is, of how many, how sure, and from which file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

State = Literal["measured", "derived", "historical", "skipped", "missing", "not applicable"]
"""Measured in this run; derived from what was; measured earlier or by others; not asked for; should be there and is
not; does not exist for such a run."""
Figure = dict[str, Any]


def figure(
    value: float | None,
    source: str,
    hashes: Mapping[str, str],
    *,
    state: State = "measured",
    n: int | None = None,
    interval: Sequence[float] | None = None,
    **more: Any,
) -> Figure:
    """A number with its state, `missing` for a measured or derived one that is not there.

    Args:
        source: the file it is from, within the run; `hashes` has that file's SHA-256.
        n: of how many tasks, tokens or rows, where that is what makes it sure.
        interval: of 95 %, two-sided, unless `more` has another `level`.
        more: what belongs to it, such as the counts behind a rate.
    """
    if value is None and state in ("measured", "derived", "historical"):
        state = "missing"
    return {
        "value": value, "state": state, "n": n, "interval": None if interval is None else list(interval),
        "source": source, "sha256": hashes.get(source), **more,
    }  # fmt: skip
