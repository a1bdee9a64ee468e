"""The ladder's section of a report, for people: divergence, tasks, and speed of each rung, from report.json alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlx_train.release.table import interval, percent

Row = Mapping[str, Any]
Part = tuple[str, list[str], list[list[str]]]
NOTHING = "-"


def sentences(ladder: Row) -> list[str]:
    """What was measured on what, and which rung is named."""
    tasks = ", ".join(ladder["suites"]) or "no suite"
    subset = ", quick subsets" if ladder["quick"] and ladder["suites"] else ""
    lines = [
        "The fused model quantised, against itself unquantised (the row full: the noise floor), on transcripts of the "
        f"specialist. Tasks are of {tasks}{' (dev)' if ladder['dev'] else ''}{subset}.",
        f"The smallest rung that passes is {ladder['smallest']}."
        if ladder["smallest"]
        else "No rung is shown to pass.",
    ]
    if ladder["dequantised"]:
        lines.append(
            "Divergence and tasks were measured on a processor, with each rung's weights dequantised to float32; load, "
            "speed and memory are those of the quantised model there, and say nothing of a GPU."
        )
    apart = [f"{row['rung']} ({row['not_here']})" for row in ladder["rungs"] if "not_here" in row]
    return [*lines, f"Not run here: {'; '.join(apart)}."] if apart else lines


def parts(ladder: Row) -> list[Part]:
    """Title, heads and rows of each table."""
    made = [row for row in ladder["rungs"] if "divergence" in row]
    found = [("Divergence from the full model; KLD in nats per token", DIVERGENCE, [_divergence(row) for row in made])]
    if ladder["suites"]:
        title = "Tasks completed, with 95 % intervals; then the share of turns that ended in words"
        body = [[row["rung"], *(_tasks(row, name) for name in ladder["suites"]), _verdict(row)] for row in made]
        found.append((title, ["rung", *ladder["suites"], "passes"], body))
    found.append(("Speed and memory of the quantised model", SPEED, [_speed(row) for row in made]))
    return found


DIVERGENCE = ["rung", "Size_GB", "BPW", "PPL_Q", "KLD_Mean", "KLD_99.9", "KLD_Max", "Top_P_Match", "KLD_Mean in calls",
              "KLD_99.9 in calls", "Top_P_Match in calls"]  # fmt: skip
KLD = ("kld_mean", "kld_999")
SPEED = ["rung", "load, s", "decode, tokens/s", "peak memory, GB"]


def _divergence(row: Row) -> list[str]:
    whole, calls = row["divergence"], row.get("calls") or {}
    return [
        row["rung"], _number(row.get("bytes"), "{:.4g}", 1e9), _number(row.get("bpw"), "{:.2f}"),
        _number(whole.get("ppl"), "{:.4f}"), *(_number(whole.get(key), "{:.3g}") for key in KLD),
        _number(whole.get("kld_max"), "{:.3g}"), percent(whole.get("same_top"), 2),
        *(_number(calls.get(key), "{:.3g}") for key in KLD), percent(calls.get("same_top"), 2),
    ]  # fmt: skip


def _tasks(row: Row, suite: str) -> str:
    held = row.get("gates", {}).get(suite)
    if held is None:
        return NOTHING
    stop = "" if held.get("stop") is None else f"; stop {percent(held['stop'])}"
    return f"{percent(held.get('rate'))} ({interval(held.get('ci95'))}) of {held.get('n', NOTHING)}{stop}"


def _verdict(row: Row) -> str:
    return NOTHING if "passes" not in row else "yes" if row["passes"] else "no"


def _speed(row: Row) -> list[str]:
    return [
        row["rung"], _number(row.get("load_seconds"), "{:.2f}"), _number(row.get("tokens_per_s"), "{:.1f}"),
        _number(row.get("peak_memory_gb"), "{:.3f}"),
    ]  # fmt: skip


def _number(value: float | None, form: str, unit: float = 1) -> str:
    return NOTHING if value is None else form.format(value / unit)
