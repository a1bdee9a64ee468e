"""The checks, in the order in which a failure makes the later ones moot. Each says what it found, or raises."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlx_train import machine, pipeline
from mlx_train import recipe as recipes
from mlx_train.files import read_jsonl, sha256_file
from mlx_train.mac.desk import Desk, Missing
from mlx_train.mac.probe import few
from mlx_train.places import CHECKOUT, EMBEDDED
from mlx_train.planning import plan

Facts = dict[str, Any]
State = Literal["pass", "fail", "measured", "skipped"]
SAME_LOSS = 5e-3
"""Largest relative difference, in bfloat16, of two losses that should be one: about three digits."""
RUNGS = "8,4,dwq-4"
GATES = ("gates", "run", "embedded", "--dev", "--suite", "hard")


@dataclass(frozen=True)
class Outcome:
    """What became of a check, in a sentence, with the figures it rests on."""

    state: State
    found: str
    facts: Facts = field(default_factory=dict)


def verdict(fine: bool, found: str, facts: Facts) -> Outcome:
    """Passed or failed."""
    return Outcome("pass" if fine else "fail", found, facts)


def doctor(desk: Desk) -> Outcome:
    """Nothing that doctor looks at is wrong; on a Mac that includes Metal."""
    found = desk.verb("doctor", codes=(0, 1))
    wrong = [check["found"] for check in found["checks"] if not check["ok"]]
    return verdict(not wrong, "; ".join(wrong) or f"MLX on {found['machine']['device']}", found)


def tests(desk: Desk) -> Outcome:
    """The tests pass; tolerances were set on a processor."""
    if CHECKOUT is None:
        raise Missing("an installed tool has no tests; call it from a checkout")
    said = desk.python("-m", "pytest", "-rfE", "-m", "not slow", "-p", "no:cacheprovider", codes=(0, 1))
    *_, last = said.strip().splitlines()
    failed = [line for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return verdict(not failed, last, {"failed": failed})


def train(desk: Desk) -> Outcome:
    """The embedded recipe ends with a report."""
    found = desk.verb("run", "embedded")
    seconds = "  ".join(f"{stage} {value:.0f}" for stage, value in found["seconds"].items())
    return Outcome("measured", f"seconds: {seconds}; {found['peak_memory_gb']:.1f} GB", found)


def resume(desk: Desk) -> Outcome:
    """A fit that was stopped by Ctrl-C and by kill -9 ends with the bytes of one that was not."""
    straight = trained(desk)
    again = desk.home("again") / straight.relative_to(desk.home("first"))
    metrics = again / "fit" / "metrics.jsonl"
    shutil.rmtree(desk.home("again"), ignore_errors=True)  # of an earlier attempt
    for how, lines in ((signal.SIGINT, 3), (signal.SIGKILL, 6)):
        desk.interrupt(how, metrics, lines, "fit", "embedded", home="again")
    desk.verb("fit", "embedded", home="again")
    fits = straight / "fit", again / "fit"
    facts: Facts = {
        "adapters.safetensors": [sha256_file(fit / "adapters" / "adapters.safetensors") for fit in fits],
        "losses": [[line["loss"] for line in read_jsonl(fit / "metrics.jsonl")] for fit in fits],
    }
    differ = [name for name, (one, other) in facts.items() if one != other]
    return verdict(not differ, f"different: {', '.join(differ)}" if differ else "the same losses and bytes", facts)


def gates(desk: Desk) -> Outcome:
    """Two gate runs give the same transcripts, though one was killed and went on; batch 1 against 16 is measured."""
    runs = {name: desk.folder / "gates" / name for name in ("straight", "killed", "one")}
    shutil.rmtree(desk.folder / "gates", ignore_errors=True)  # of an earlier attempt
    transcripts = {name: out / "transcripts" / "model" / "hard.jsonl" for name, out in runs.items()}
    sixteen = ("--batch", "16", "--out")
    desk.verb(*GATES, *sixteen, str(runs["straight"]))
    desk.interrupt(signal.SIGKILL, transcripts["killed"], 4, *GATES, *sixteen, str(runs["killed"]), home="first")
    desk.verb(*GATES, *sixteen, str(runs["killed"]))
    desk.verb(*GATES, "--batch", "1", "--out", str(runs["one"]))
    rows = {name: bare(path) for name, path in transcripts.items()}
    facts = {
        "tasks": len(rows["straight"]),
        "differ_again": differing(rows["straight"], rows["killed"]),
        "differ_at_batch_1": differing(rows["straight"], rows["one"]),
    }
    found = "of {tasks} transcripts {differ_again} differ again, and {differ_at_batch_1} at batch 1".format(**facts)
    return verdict(facts["differ_again"] == 0, found, facts)


def bare(path: Path) -> dict[str, Any]:
    """Transcripts by task, without what is never the same."""
    return {row["task"]: {k: v for k, v in row.items() if k != "seconds"} for row in read_jsonl(path, "transcript")}


def differing(some: Mapping[str, Any], others: Mapping[str, Any]) -> int:
    """How many tasks went otherwise, or are in one of them only."""
    return sum(some.get(task) != others.get(task) for task in some.keys() | others.keys())


def bench_train(desk: Desk) -> Outcome:
    """Training beside mlx-lm's trainer."""
    found = desk.verb("bench", "train", "--dtype", "bfloat16" if machine.is_apple_silicon() else "float32")
    names = ("ratio_speed", "ratio_peak_memory", "ratio_speed_no_prefix", "max_rel_grad_diff")
    return Outcome("measured", ", ".join(f"{name} {found[name]:.3g}" for name in names if found[name]), found)


def bench_gates(desk: Desk) -> Outcome:
    """Rollouts beside mlx-lm's generation; one at a time, the transcripts are those of plain generation."""
    found = desk.verb("bench", "gates")
    text = f"ratio_wall {found['ratio_wall']:.3g}, ratio_wall_cached_peer {found['ratio_wall_cached_peer']:.3g}"
    return verdict(found["transcripts_equal"], text, found)


def memory(desk: Desk) -> Outcome:
    """What a step takes of the memory, beside what plan says."""
    facts = probe(desk, pipeline.default_recipe()[0])
    text = "planned {planned_gb:.1f} GB; MLX {peak_gb:.1f} GB, the process {footprint_gb:.1f} GB".format(**facts)
    return Outcome("measured", f"{facts['recipe']}: {text}", facts)


def share_prefix(desk: Desk) -> Outcome:
    """The loss is the same whether the catalogue is shared or not."""
    return same_loss(desk, "share_prefix")


def checkpoint_layers(desk: Desk) -> Outcome:
    """The loss is the same whether activations are kept or computed again."""
    return same_loss(desk, "checkpoint_layers")


def same_loss(desk: Desk, key: str) -> Outcome:
    """One step with a setting of the recipe as true and as false."""
    suits, _ = pipeline.default_recipe()
    name = suits if all(fits(suits, {key: value}) for value in (True, False)) else "embedded"
    facts = {str(value): probe(desk, name, **{key: value}) for value in (True, False)}
    one, other = facts["True"], facts["False"]
    texts = [f"of embedded, for with both settings {suits} does not fit" if name != suits else f"of {name}"]
    texts += [
        f"{value}: loss {found['loss']:.5f}, {found['padded_tokens_per_s']:.0f} padded tokens/s, "
        f"{found['peak_gb']:.1f} GB"
        for value, found in facts.items()
    ]
    return verdict(abs(one["loss"] - other["loss"]) <= SAME_LOSS * abs(one["loss"]), "; ".join(texts), facts)


def fits(name: str, changes: Facts) -> bool:
    """Whether a probe of a recipe has the memory, by plan."""
    found = plan(few(recipes.load(name), changes), recipes.find(name).parent)
    return bool(found["memory_gb"] <= found["usable_memory_gb"])


def probe(desk: Desk, name: str, **changes: bool) -> Facts:
    """One step of a recipe."""
    said = desk.python("-m", "mlx_train.mac.probe", name, json.dumps(changes), home="probe")
    found: Facts = json.loads(said.splitlines()[-1])
    return found


def package(desk: Desk) -> Outcome:
    """The packages are as locked, and plain mlx-lm loads them and writes."""
    run = trained(desk)
    said = {}
    for name, model in (
        ("fused", [str(run / "fused")]),
        ("package", [str(EMBEDDED), "--adapter-path", str(run / "package")]),
    ):
        desk.verb("verify", str(run / name))
        said[name] = desk.python(
            "-m", "mlx_lm", "generate", "--model", *model, "--prompt", "hello", "--max-tokens", "8"
        )
    return Outcome("pass", "both are as locked, and load in mlx-lm", {"said": said})


def ladder(desk: Desk) -> Outcome:
    """A few rungs: divergence, size, speed."""
    found = desk.verb("ladder", str(trained(desk)), "--rungs", RUNGS, "--no-gates")
    return Outcome("measured", f"rungs {RUNGS}", found)


def footprint(desk: Desk) -> Outcome:
    """What we take for the memory of a process, beside what the system's own tool says."""
    if sys.platform != "darwin":
        raise Missing("the tool `footprint` is macOS's")
    theirs = subprocess.run(["footprint", "-p", str(os.getpid())], capture_output=True, text=True).stdout
    ours, peak = machine.footprint_gb(), machine.peak_memory_gb()
    text = f"{ours:.3f} GB by us, {peak:.3f} GB at most"
    return Outcome("measured", text, {"ours_gb": ours, "our_peak_gb": peak, "theirs": theirs[:2000]})


def trained(desk: Desk) -> Path:
    """The run of the check `train`.

    Raises:
        Missing: there is none.
    """
    runs = desk.home("first") / "artifacts" / "runs" / "embedded"
    found = [run for run in runs.glob("*") if (run / "report" / "report.json").is_file() and not run.is_symlink()]
    if not found:
        raise Missing("there is no finished run of the check `train`")
    return max(found, key=os.path.getmtime)


CHECKS: dict[str, Callable[[Desk], Outcome]] = {
    "doctor": doctor,
    "tests": tests,
    "footprint": footprint,
    "train": train,
    "resume": resume,
    "gates": gates,
    "package": package,
    "bench-train": bench_train,
    "bench-gates": bench_gates,
    "memory": memory,
    "share-prefix": share_prefix,
    "checkpoint-layers": checkpoint_layers,
    "ladder": ladder,
}
"""By name; `train` comes before those that need its run."""
