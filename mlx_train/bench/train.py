"""Training beside mlx-lm's own trainer: speed, memory, loss and gradients on the same rows, in one run.

Each measurement is a process of its own (`trainers.py`), so that peaks are its own; ours and the peer's alternate. The
peer runs in its fastest setting that fits into memory, and in its leanest.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any

from mlx_train import machine, preload
from mlx_train.bench.trainers import HEAD, Workload, rows
from mlx_train.errors import Fault

Facts = dict[str, Any]
SWEEP: dict[str, tuple[int, ...]] = {
    "prefix": (500, 1500, 3500),
    "suffix": (100, 300, 900),
    "batch": (4, 8, 16),
    "vocabulary": (4096, 16384, 65536),
}
"""What the table varies, one at a time."""


NO_ROOM = ("Unable to allocate", "MemoryError", *machine.GPU_FULL)
"""What a process says that has no memory."""


def run(load: Workload, gradients: bool = False) -> Facts | None:
    """One measurement; None where the memory does not suffice.

    Raises:
        Fault: the process failed for another reason; the message ends with what it said.
    """
    wanted = asdict(load) | ({"gradients": True} if gradients else {})
    command = [sys.executable, "-m", "mlx_train.bench.trainers", json.dumps(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, env=preload.preloaded())
    # Where an allocation fails in the middle of an operation, MLX writes to address 0 on a CPU (-11).
    if done.returncode in (-9, -11, 137) or any(text in done.stderr for text in NO_ROOM):
        return None
    if done.returncode:
        raise Fault(f"{load.who} failed on {load}:\n{done.stderr[-2000:]}")
    found: Facts = json.loads(done.stdout.splitlines()[-1])
    return found


def fastest_peer(load: Workload) -> Workload | None:
    """The peer's fastest setting that fits: all rows at once, a quarter of them, or one at a time; with recomputation
    if nothing fits without."""
    for recompute in (False, True):
        tried = {}
        for together in sorted({load.batch, max(1, load.batch // 4), 1}, reverse=True):
            setting = replace(load, who="peer", together=together, recompute=recompute)
            if found := run(replace(setting, steps=2)):
                tried[setting] = found["seconds"]
        if tried:
            return min(tried, key=tried.__getitem__)
    return None


def compare(load: Workload, rounds: int, say: Callable[[str], None], lean: bool = True) -> Facts:
    """Both trainers on one workload, alternating.

    Returns:
        `ours`, `peer`, `ours_lean` and `peer_lean` (each as `trainers.measure` gives it, seconds being the median of
        the rounds; None where it did not fit), and the ratios `speed` (peer's seconds over ours) and `peak_memory`
        (ours over the peer's).
    """
    say("the peer's fastest setting")
    settings = [replace(load, who="ours", together=load.batch), fastest_peer(load)]
    runs: list[list[Facts]] = [[], []]
    for number in range(rounds):
        for place, setting in enumerate(settings):
            which = f"round {number + 1} of {rounds}, {'peer' if place else 'ours'}"
            say(which)
            if setting and (found := run(setting)):
                runs[place].append(found)
                say(f"{which}: {found['seconds']:.2f} s a step, {found['peak_memory_gb']:.2f} GB")
    ours, theirs = (_median(found) for found in runs)
    result: Facts = {"ours": ours, "peer": theirs, "speed": None, "peak_memory": None}
    if ours and theirs:
        result["speed"] = theirs["seconds"] / ours["seconds"]
        result["peak_memory"] = ours["peak_memory_gb"] / theirs["peak_memory_gb"]
    if lean:
        say("both at their leanest")
        result["ours_lean"] = run(replace(load, who="ours", together=1, recompute=True))
        result["peer_lean"] = run(replace(load, who="peer", together=1, recompute=True))
    return result


def _median(runs: list[Facts]) -> Facts | None:
    if not runs:
        return None
    return runs[-1] | {
        key: statistics.median(found[key] for found in runs)
        for key in ("seconds", "supervised_tokens_per_s", "peak_memory_gb", "process_gb")
    }


def operations(load: Workload) -> float:
    """Floating-point operations of the matrix products in one LoRA step as ours runs it; adapters left out.

    A product with frozen weights costs two operations a weight and token forward and as many backward (no gradient of
    the weights); scores and values of attention two each forward and twice that backward, over the whole rectangle of
    queries and keys.
    """
    lengths = [len(row.ids) - 1 - load.prefix for row in rows(load)]
    width = max(lengths)
    tokens = load.prefix + load.batch * width
    pairs = load.prefix**2 + load.batch * width * (load.prefix + width)
    heads = load.width // HEAD
    keys = max(1, heads // 2) * HEAD
    block = 2 * load.width * heads * HEAD + 2 * load.width * keys + 3 * load.width * 3 * load.width
    targets = sum(sum(row.trained) for row in rows(load))
    products, attention = 4 * load.layers * block * tokens, 12 * load.layers * heads * HEAD * pairs
    return float(products + attention + 4 * load.vocabulary * load.width * targets)


def headline(load: Workload, rounds: int, say: Callable[[str], None]) -> Facts:
    """What `bench train` reports: one workload, the same without anything shared, and the gradients."""
    shared = compare(load, rounds, say)
    say("rows that share nothing")
    apart = compare(replace(load, prefix=0, suffix=2 * load.suffix), rounds, say, lean=False)
    say("gradients")
    small = replace(load, prefix=min(load.prefix, 500), suffix=min(load.suffix, 200), batch=4, together=4)
    gradients = run(small, gradients=True)
    rate = machine.product_rate()
    needed = operations(load)
    return {
        "ratio_speed": shared["speed"],
        "ratio_peak_memory": shared["peak_memory"],
        "ratio_speed_no_prefix": apart["speed"],
        "max_rel_grad_diff": gradients["max_rel_grad_diff"] if gradients else None,
        "roofline": {
            "operations": needed,
            "product_rate_gflops": rate,
            "least_seconds": needed / rate / 1e9,
            "share_reached": needed / rate / 1e9 / shared["ours"]["seconds"] if shared["ours"] else None,
        },
        "shared": shared,
        "apart": apart,
        "machine": machine.summary(),
    }


def sweep(load: Workload, rounds: int, say: Callable[[str], None]) -> list[Facts]:
    """The workload with one thing changed at a time, each as `compare` gives it."""
    changed = [Workload(**asdict(load) | {name: value}) for name, values in SWEEP.items() for value in values]
    found = []
    for one in dict.fromkeys(changed):
        say(f"prefix {one.prefix}, suffix {one.suffix}, {one.batch} rows, vocabulary {one.vocabulary}")
        found.append(compare(one, rounds, say, lean=False))
    return found


def table(found: Iterable[Facts]) -> str:
    """Comparisons as lines of text."""
    lines = [
        "prefix  suffix  batch  vocabulary     ours s     peer s  (rows at once)   speed  "
        "ours GB  peer GB  memory    ours loss  peer loss"
    ]
    for each in found:
        one, other = each["ours"], each["peer"]
        if one is None or other is None:
            lines.append("did not fit: " + json.dumps(one or other))
            continue
        workload = f"{one['prefix']:6d}  {one['suffix']:6d}  {one['batch']:5d}  {one['vocabulary']:10d}"
        lines.append(
            f"{workload}  {one['seconds']:9.2f}  "
            f"{other['seconds']:9.2f}  {other['together']:14d}  {each['speed']:5.2f}x  {one['peak_memory_gb']:7.2f}  "
            f"{other['peak_memory_gb']:7.2f}  {each['peak_memory']:5.2f}x  {one['loss']:11.5f}  {other['loss']:9.5f}"
        )
    return "\n".join(lines)


def text(found: Facts) -> str:
    """The headline for people."""
    shared, roof = found["shared"], found["roofline"]
    lines = [table([shared, found["apart"]]), ""]
    for name in ("ours_lean", "peer_lean"):
        if lean := shared[name]:
            lines.append(f"{name.replace('_', ', ')}: {lean['seconds']:.2f} s a step, {lean['peak_memory_gb']:.2f} GB")
    if roof["share_reached"]:
        lines.append(
            f"roofline: {roof['operations'] / 1e9:.0f} GFLOP a step at {roof['product_rate_gflops']:.0f} GFLOP/s are "
            f"{roof['least_seconds']:.2f} s, {100 * roof['share_reached']:.0f} % of what ours takes"
        )
    if found["ratio_speed_no_prefix"]:
        lines.append(f"rows that share nothing: {found['ratio_speed_no_prefix']:.2f}x the peer's speed")
    if found["max_rel_grad_diff"] is not None:
        lines.append(f"largest relative difference of a gradient: {found['max_rel_grad_diff']:.1e}")
    return "\n".join(lines)
