"""The ladder's tables, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlx_train.gates.compare import INCONCLUSIVE, PASS
from mlx_train.progress import duration
from mlx_train.release.rungs import FULL
from mlx_train.release.table import interval, percent

Row = Mapping[str, Any]
NOTHING = "-"


def markdown(content: Mapping[str, Any]) -> str:
    """`ladder.md`."""
    rows = [row for row in content["rungs"] if "not_here" not in row]
    lines = [f"# Quantisation ladder of {content['recipe']}, run {content['run']}", verdict(content)]
    lines += ["## Divergence from the full model", _about(content), _divergence(rows, "divergence")]
    lines += ["The same on messages that hold a tool call:", _divergence(rows, "calls")]
    if content["suites"]:
        lines += ["## Tasks completed", _conditions(content), _completion(rows, content["suites"])]
    lines += ["## Speed and memory", _speed_about(content), _speed(rows)]
    if apart := [row for row in content["rungs"] if "not_here" in row]:
        lines += ["## Not run here", "\n".join(f"- {row['rung']}: {row['not_here']}" for row in apart)]
    plots = "![KLD over bits per weight](kld.svg)"
    return (
        "\n\n".join([*lines, plots + ("\n\n![Completion over size](completion.svg)" if content["suites"] else "")])
        + "\n"
    )


def verdict(content: Mapping[str, Any]) -> str:
    """Which rung is the smallest that passes, and what that says."""
    if not content["suites"]:
        return "No tasks were done, so no rung is named."
    against = f"against the full model on {', '.join(content['suites'])}{' (dev)' if content['dev'] else ''}"
    limit = f"a loss of more than {percent(content['margin'], 0)} {against}"
    if content["smallest"] is not None:
        row = next(row for row in content["rungs"] if row["rung"] == content["smallest"])
        return (
            f"Smallest rung that passes: **{row['rung']}**, {row['bytes'] / 1e9:.3g} GB. It rules out {limit}, reaches "
            "the recipe's lower bounds, and calls no more forbidden tools."
        )
    needed = max(
        (entry["n_needed"] or 0 for row in content["rungs"] for entry in row.get("comparison", {}).values()
         if entry["verdict"] == INCONCLUSIVE), default=0,
    )  # fmt: skip
    more = f" Where a comparison is inconclusive, up to {needed} tasks of a suite would settle it." if needed else ""
    return f"**No rung passes**: each has a reason against it in the table of tasks.{more}"


def _about(content: Mapping[str, Any]) -> str:
    windows, held = content["windows"], content["conditions"]
    left_out = "".join(f" Left out: {what} ({why})." for what, why in windows["left_out"].items())
    form = "with the rungs' weights dequantised to float32" if held["dequantised"] else f"in {held['dtype']}"
    return (
        f"On {windows['count']} transcripts of the specialist (SHA-256 {held['windows_sha256'][:16]}), teacher-forced, "
        f"at the tokens it wrote, {form}. KLD in nats; definitions are llama.cpp's. The row `{FULL}` is the full model "
        f"against itself, read two rows at a time: the noise floor.{left_out}"
    )


def _conditions(content: Mapping[str, Any]) -> str:
    return (
        f"Greedy, on{' dev' if content['dev'] else ''} suites; shares with Wilson's 95 % intervals, then the share of "
        "turns that ended in words. Verdicts compare with the full model task by task (docs/gates.md); inconclusive is "
        "not a pass, and neither is a quick subset."
    )


def _speed_about(content: Mapping[str, Any]) -> str:
    about = content["machine"]
    slow = " Quantised products are slow on a processor; this says nothing of a GPU." if (
        content["conditions"]["dequantised"]) else ""  # fmt: skip
    return f"Of the quantised model on {about['processor']}, {about['cores']} cores, {about['device']}.{slow}"


def _divergence(rows: Sequence[Row], key: str) -> str:
    head = ["rung", "Size_GB", "BPW", "PPL_Q", "PPL_Q / PPL", "KLD_Mean", "KLD_99.9", "KLD_Max", "Top_P_Match",
            "tokens", "transcripts the same"]  # fmt: skip
    body = []
    for row in rows:
        found = row[key]
        if not found["tokens"]:
            continue
        stays = row["matrices"] - row["quantised"]
        mark = f" ({stays} of {row['matrices']} matrices stay)" if stays and row["rung"] != FULL else ""
        body.append([
            row["rung"] + mark, f"{row['bytes'] / 1e9:.4g}", f"{row['bpw']:.2f}", f"{found['ppl']:.4f}",
            f"{found['ppl_ratio']:.4f}", f"{found['kld_mean']:.3g} ± {found['kld_error']:.1g}",
            f"{found['kld_999']:.3g}", f"{found['kld_max']:.3g}", percent(found["same_top"], 2), str(found["tokens"]),
            f"{row['tasks_same']} of {row['tasks']}",
        ])  # fmt: skip
    return _table(head, body) if key == "divergence" else _table(head[:-1], [cells[:-1] for cells in body])


def _completion(rows: Sequence[Row], suites: Sequence[str]) -> str:
    body = []
    for row in rows:
        cells = [_rate(row.get("gates", {}).get(name)) for name in suites]
        body.append([row["rung"], f"{row['bytes'] / 1e9:.4g}", *cells, _judged(row)])
    return _table(["rung", "Size_GB", *suites, "verdict"], body)


def _rate(entry: Row | None) -> str:
    if entry is None:
        return NOTHING
    quick = " (quick)" if entry["quick"] else ""
    return f"{percent(entry['rate'])} ({interval(entry['ci95'])}) of {entry['n']}{quick}; stop {percent(entry['stop'])}"


def _judged(row: Row) -> str:
    return (PASS if row["passes"] else "; ".join(row["reasons"])) if "passes" in row else NOTHING


def _speed(rows: Sequence[Row]) -> str:
    body = [
        [row["rung"], f"{row['load_seconds']:.2f}", f"{row['tokens_per_s']:.1f}" if row["tokens_per_s"] else NOTHING,
         f"{row['peak_memory_gb']:.3f}", duration(row["seconds"])]
        for row in rows
    ]  # fmt: skip
    return _table(["rung", "load, s", "decode, tokens/s", "peak memory, GB", "measured in"], body)


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *body))
