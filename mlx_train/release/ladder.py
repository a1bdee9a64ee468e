"""The ladder: the whole model quantised to smaller and smaller rungs, each measured beside the model it is made of.

A rung's facts are written when it is measured, and its rollouts go on from those that are there, so the same command
goes on where it stopped. On a processor, where quantised products are slow, quality is measured with the rung's weights
dequantised to float32: the same numbers but for rounding. Speed and memory are always those of the quantised model.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx_lm.generate import generate_step
from mlx_lm.utils import dequantize_model

from mlx_train import machine, models, tensor_file
from mlx_train.chat.render import Chat
from mlx_train.errors import BadInput
from mlx_train.files import read_json, write_json, write_text
from mlx_train.gates.compare import PASS, compare
from mlx_train.gates.local import Local
from mlx_train.gates.run import score_model
from mlx_train.gates.suites import Suite, load_all
from mlx_train.places import DEV_SUITES, SUITES
from mlx_train.progress import Stage
from mlx_train.recipe import Recipe
from mlx_train.release import divergence, ladder_table, lock, plot, rungs, windows
from mlx_train.release.rungs import FULL, Rung

Json = dict[str, Any]
IDS = 16384
"""Ids of transcripts that models are compared on, catalogues not counted."""
PROMPT, DECODED, SECONDS = 32, 64, 10.0
"""Ids that are read before decoding is timed; ids to decode at most, and seconds."""


def ladder(
    run: Path,
    names: Sequence[str] = (),
    *,
    scored: Sequence[str] | None = None,
    dev: bool = False,
    full: bool = False,
    show: Stage,
) -> Json:
    """Measure the rungs of these names (all if there are none) and write `ladder/ladder.{json,md}` and the plots.

    Args:
        run: folder of a run that is packaged and whose specialist is scored.
        scored: suites whose tasks every rung does; the recipe's if None, none if empty.
        dev: do the dev suites instead.
        full: do whole suites where the recipe says quick, or where this is a processor.

    Returns:
        The content of ladder.json; `smallest` is the name of the smallest rung that passes, or None.

    Raises:
        BadInput: no such rung, or the run lacks its fused model or transcripts.
    """
    wanted = [Rung(FULL), *rungs.chosen(names)]
    recipe = Recipe.model_validate(read_json(run / "run.json", "record of a run")["recipe"])
    on_cpu = mx.default_device().type == mx.cpu
    here = _Ladder(run, recipe, on_cpu)
    gates = recipe.gates.model_copy(update={"quick": not full and (on_cpu or recipe.gates.quick)})
    chosen = recipe.gates.suites if scored is None else scored
    loaded = load_all(DEV_SUITES if dev else SUITES, chosen)
    content: Json = {
        "format": 1,
        "run": run.name,
        "recipe": recipe.name,
        "conditions": here.conditions,
        "windows": {"count": len(here.windows.chosen), "left_out": dict(here.windows.left_out)},
        "machine": machine.summary(),
        "suites": [suite.id for suite in loaded],
        "dev": dev,
        "quick": gates.quick,
        "margin": gates.breadth_margin,
        "rungs": [],
        "smallest": None,
    }
    whole: Json | None = None
    for number, rung in enumerate(wanted):
        show.at(number, len(wanted), f"rung {rung.name}")
        row = here.measure(rung)
        if loaded and "not_here" not in row:
            gate = here.score(rung, row, loaded, gates, "dev" if dev else "gates", show)
            whole = whole or gate
            row["gates"] = {name: _completion(entry) for name, entry in gate["suites"].items()}
            if rung.name != FULL:
                row["comparison"] = compare(whole, gate, gates.breadth_margin)["suites"]
                row["passes"] = all(entry["verdict"] == PASS for entry in row["comparison"].values())
        content["rungs"].append(row)
        passing = [row for row in content["rungs"] if row.get("passes")]
        content["smallest"] = min(passing, key=lambda row: row["bytes"])["rung"] if passing else None
        _write(run / "ladder", content)
    here.tidy(wanted, content["smallest"])
    return content


class _Ladder:
    """A run's whole model, loaded, and what its rungs are compared on."""

    def __init__(self, run: Path, recipe: Recipe, on_cpu: bool) -> None:
        self.run, self.recipe, self.on_cpu = run, recipe, on_cpu
        self.folder = run / "ladder"
        self.whole = run / "fused"
        held = lock.read(self.whole)
        self.dtype = "float32" if on_cpu else recipe.base.dtype
        self.reference, tokenizer = models.load(self.whole, self.dtype)
        self.parameters = sum(value.size for _, value in _arrays(self.reference))
        self.chat = Chat(tokenizer)
        self.windows = windows.of_run(run, self.chat, IDS)
        self.rows: list[list[int]] | None = None
        self.conditions = {
            "fused_lock_sha256": held["lock_sha256"],
            "windows_sha256": self.windows.sha256,
            "dtype": self.dtype,
            "dequantised": on_cpu,
            "versions": machine.versions(),
        }

    def path(self, rung: Rung) -> Path:
        """Of the rung's model directory."""
        return self.whole if rung.name == FULL else self.folder / rung.name / "model"

    def make(self, rung: Rung) -> None:
        """Make the rung's model directory if it is not there."""
        if not self.path(rung).exists():
            rungs.make(rung, self.whole, self.path(rung), self._rows(rung), self.recipe.seed)

    def _rows(self, rung: Rung) -> list[list[int]]:
        if rung.learnt and self.rows is None:
            self.rows = rungs.learning_rows(self.run, self.chat)
        return self.rows or []

    def measure(self, rung: Rung) -> Json:
        """Size, divergence and speed of a rung, or `not_here`: why it is not made on this machine."""
        note = self.folder / rung.name / "facts.json"
        if note.exists() and (held := read_json(note, "facts of a rung"))["conditions"] == self.conditions:
            return {key: value for key, value in held.items() if key != "conditions"}
        shutil.rmtree(note.parent, ignore_errors=True)
        if reason := rungs.reason_against(rung, self.parameters, self._rows(rung), self.on_cpu):
            return {"rung": rung.name, "not_here": reason}
        started = time.perf_counter()
        try:
            self.make(rung)
        except BadInput as error:
            return {"rung": rung.name, "not_here": str(error)}
        path = self.path(rung)
        size = sum(file.stat().st_size for file in path.glob("*.safetensors"))
        facts: Json = {
            "rung": rung.name,
            "bytes": size,
            "bpw": 8 * size / self.parameters,
            "weights_sha256": models.weights_sha256(path),
            **_matrices(path),
            **_speed(path, self.recipe.base.dtype, self.windows.chosen[0].ids[:PROMPT]),
        }
        # The full model against itself, two rows at a time, is what rounding alone does: the noise floor.
        rows = 2 if rung.name == FULL else 1
        values = divergence.compare(self.reference, self._for_quality(rung), self.windows.chosen, rows)
        found = divergence.summary(values)
        if not math.isfinite(found["kld_mean"]):
            return {"rung": rung.name, "not_here": "its logits are not finite"}
        facts |= {
            "divergence": found,
            "calls": divergence.summary(divergence.calls(values)),
            **divergence.same_tasks(values, self.windows.chosen),
            "seconds": round(time.perf_counter() - started, 1),
        }
        write_json(note, facts | {"conditions": self.conditions})
        return facts

    def score(self, rung: Rung, row: Json, loaded: Sequence[Suite], gates: Any, label: str, show: Stage) -> Json:
        """The gate file of a rung; rollouts that are there are kept."""
        self.make(rung)
        model = self._for_quality(rung)
        about = {"id": f"{self.recipe.name}-{rung.name}", "sha256": row["weights_sha256"], "dtype": self.dtype,
                 "dequantised": self.on_cpu}  # fmt: skip
        return score_model(
            Local(model, self.chat), self.recipe.prompt, gates, loaded, self.folder / rung.name,
            label=f"{label}-quick" if gates.quick else label, about=about,
            progress=lambda name, done, total, won, left: show.at(
                done, total, f"rung {rung.name}, {name} {won} passed", left),
        )  # fmt: skip

    def _for_quality(self, rung: Rung) -> Any:
        """The rung's model; on a processor dequantised, where a product is many times faster so."""
        model = models.load(self.path(rung), self.dtype)[0]
        if self.on_cpu:
            model = dequantize_model(model)
            model.set_dtype(mx.float32)
            mx.eval(model.parameters())
        return model

    def tidy(self, measured: Sequence[Rung], smallest: str | None) -> None:
        """Remove the rungs' models, but for the smallest that passes and those that were learnt."""
        for rung in measured:
            if rung.name != smallest and rung.name != FULL and not rung.learnt:
                shutil.rmtree(self.path(rung), ignore_errors=True)


def _arrays(model: Any) -> Any:
    from mlx.utils import tree_flatten

    return tree_flatten(model.parameters())


def _matrices(path: Path) -> Json:
    """How many matrices there are, and how many of them are quantised."""
    tensors = {name: entry for file in path.glob("*.safetensors") for name, entry in tensor_file.header(file).items()}
    weights = [
        name.removesuffix(".weight")
        for name, entry in tensors.items()
        if name.endswith(".weight") and len(entry["shape"]) > 1
    ]
    return {"matrices": len(weights), "quantised": sum(f"{name}.scales" in tensors for name in weights)}


def _speed(path: Path, dtype: str, prompt: Sequence[int]) -> Json:
    """Seconds to load the model with its files in the system's cache, ids decoded a second, and the peak of memory."""
    machine.release_memory()
    mx.reset_peak_memory()
    before, begin = mx.get_active_memory(), time.perf_counter()
    model = models.load(path, dtype)[0]
    loaded = time.perf_counter()
    times: list[float] = []
    for _ in generate_step(mx.array(list(prompt)), model, max_tokens=DECODED):
        times.append(time.perf_counter())
        if times[-1] - loaded > SECONDS:
            break
    peak = mx.get_peak_memory() - before
    del model
    machine.release_memory()
    return {
        "load_seconds": loaded - begin,
        "tokens_per_s": (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else None,
        "peak_memory_gb": peak / 1e9,
    }


def _completion(entry: Json) -> Json:
    held = {key: entry[key] for key in ("n", "passed", "rate", "ci95", "clustered95", "errors", "suite_sha256")}
    return held | {"stop": entry["calls"]["stop"]}


def _write(folder: Path, content: Json) -> None:
    write_json(folder / "ladder.json", content)
    write_text(folder / "ladder.md", ladder_table.markdown(content))
    for name, drawing in plot.ladder(content).items():
        write_text(folder / f"{name}.svg", drawing)
