"""The ladder: the whole model quantised to smaller and smaller rungs, each measured beside the model it is made of.

A rung's facts and scores are notes in its own folder, kept with all that decides them; `ladder.json` is made of every
note that still holds. So a call adds to what is there, and the same command goes on where it stopped. On a processor,
where quantised products are slow, quality is measured with the rung's weights dequantised to float32: the same numbers
but for rounding. Speed and memory are always those of the quantised model.
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

from mlx_train import machine, models, program, records, tensor_file
from mlx_train.chat.render import Chat
from mlx_train.errors import BadInput, NoSpace
from mlx_train.files import read_json, sha256_file, write_json, write_text
from mlx_train.gates.local import Local
from mlx_train.gates.run import score_model
from mlx_train.gates.suites import Suite, load_all
from mlx_train.places import DEV_SUITES, SUITES
from mlx_train.progress import Stage
from mlx_train.recipe import Gates, Recipe
from mlx_train.release import divergence, ladder_gates, ladder_table, lock, plot, rungs, windows
from mlx_train.release.rungs import FULL, RUNGS, Rung

Json = dict[str, Any]
IDS = 16384
"""Ids of transcripts that models are compared on, catalogues not counted."""
PROMPT, DECODED, SECONDS = 32, 64, 10.0
"""Ids that are read before decoding is timed; ids to decode at most, and seconds."""
FACTS, MADE = "facts", "made"
"""Notes on a rung: what was measured, and that its model is complete."""
GATES, DEV = "gates", "dev"
"""The two kinds of suites, which are never mixed."""


def ladder(
    run: Path,
    names: Sequence[str] = (),
    *,
    scored: Sequence[str] | None = None,
    dev: bool = False,
    full: bool = False,
    show: Stage,
) -> Json:
    """Measure the rungs of these names (all if there are none) and write `ladder.{json,md}` and the plots.

    Args:
        run: folder of a run that is packaged and whose specialist is scored.
        scored: suites whose tasks every rung does; the recipe's if None, none if empty.
        dev: do the dev suites instead.
        full: do whole suites where the recipe says quick, or where this is a processor.

    Returns:
        The content of ladder.json; `smallest` is the name of the smallest rung that passes, or None.

    Raises:
        BadInput: no such rung, or the run lacks its fused model or transcripts, or that model's logits are not finite.
        NoSpace: a rung does not fit on the disk; those that were measured are kept.
    """
    wanted = [Rung(FULL), *rungs.chosen(names)]
    recipe = records.recipe_of(run)
    on_cpu = mx.default_device().type == mx.cpu
    gates = recipe.gates.model_copy(update={"quick": not full and (on_cpu or recipe.gates.quick)})
    loaded = load_all(DEV_SUITES if dev else SUITES, recipe.gates.suites if scored is None else scored)
    here = _Ladder(run, recipe, on_cpu)
    kind = DEV if dev else GATES
    whole: Json | None = None
    for number, rung in enumerate(wanted):
        show.at(number, len(wanted), f"rung {rung.name}")
        row = here.measure(rung, show.counting(f"rung {rung.name}: texts"))
        if rung.name == FULL and "not_here" in row:
            raise BadInput(f"{here.whole}: {row['not_here']}. There is nothing to compare rungs with; train again.")
        if loaded and "not_here" not in row:
            gate = here.score(rung, row, loaded, gates, kind, show)
            whole = whole or gate
            here.note_scores(rung, kind, whole, gate)
        _write(place(run, dev), here.content(kind))
        here.tidy(wanted[number + 1 :])
    return here.content(kind)


def place(run: Path, dev: bool) -> Path:
    """Folder of the results; those on dev suites are apart, where no report looks."""
    return run / "ladder" / "dev" if dev else run / "ladder"


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
        train = run / "data" / "train.jsonl"
        self.rows_sha256 = sha256_file(train) if train.is_file() else ""
        self.machine = machine.summary()
        self.conditions = {
            "fused_sha256": lock.computes(held),
            "windows_sha256": self.windows.sha256,
            "dtype": self.dtype,
            "dequantised": on_cpu,
            "processor": self.machine["processor"],
            "device": self.machine["device"],
            "versions": machine.versions(),
            "program": program.LADDERS_SHA256,
        }

    def content(self, kind: str) -> Json:
        """What ladder.json holds: every rung that was measured under these conditions, from large to small."""
        rows = [row for rung in (Rung(FULL), *RUNGS.values()) if (row := self._row(rung, kind))]
        entries = [(name, entry) for row in rows for name, entry in row.get("gates", {}).items()]
        return {
            "format": 1,
            "run": self.run.name,
            "recipe": self.recipe.name,
            "conditions": self.conditions,
            "windows": {"count": len(self.windows.chosen), "left_out": dict(self.windows.left_out)},
            "machine": self.machine,
            "suites": list(dict.fromkeys(name for name, _ in entries)),
            "dev": kind == DEV,
            "quick": any(entry["quick"] for _, entry in entries),
            "margin": self.recipe.gates.breadth_margin,
            "rungs": rows,
            "smallest": ladder_gates.smallest(rows),
        }

    def _row(self, rung: Rung, kind: str) -> Json | None:
        """The facts and scores of a rung as noted, and whether it passes; None if it was not measured."""
        facts = self._held(rung, FACTS)
        if facts is None:
            return None
        row = facts | (self._held(rung, f"{kind}-scores") or {})
        if row.get("comparison"):
            row["reasons"] = ladder_gates.reasons_against(row, self.recipe.gates)
            row["passes"] = not row["reasons"]
        return row

    def _conditions(self, rung: Rung) -> Json:
        """All that decides a rung's numbers."""
        return self.conditions | {"rung": rungs.decided_by(rung, self.rows_sha256, self.recipe.seed)}

    def _held(self, rung: Rung, name: str) -> Json | None:
        """A note on a rung, if there is one and it was made under these conditions."""
        path = self.folder / rung.name / f"{name}.json"
        held: Json = read_json(path, "note on a rung") if path.exists() else {}
        return held if held.pop("conditions", None) == self._conditions(rung) else None

    def _note(self, rung: Rung, name: str, held: Json) -> Json:
        write_json(self.folder / rung.name / f"{name}.json", held | {"conditions": self._conditions(rung)})
        return held

    def path(self, rung: Rung) -> Path:
        """Of the rung's model directory."""
        return self.whole if rung.name == FULL else self.folder / rung.name / "model"

    def make(self, rung: Rung) -> None:
        """Make the rung's model directory if it is not there.

        Raises:
            NoSpace: it does not fit on the disk.
        """
        if self.path(rung).exists():
            return
        needed, free = rungs.about_gb(rung, self.parameters), machine.free_disk_gb(self.folder)
        if free < needed:
            raise NoSpace(
                f"{self.folder}: rung {rung.name} needs {needed:.2g} GB, {free:.2g} GB are free. Rungs that were "
                "measured are kept; free some space and run the same command again."
            )
        rungs.make(rung, self.whole, self.path(rung), self._learnt_from(rung), self.recipe.seed)
        self._note(rung, MADE, {})

    def _learnt_from(self, rung: Rung) -> list[list[int]]:
        if rung.learnt and self.rows is None:
            self.rows = rungs.learning_rows(self.run, self.chat)
        return self.rows or []

    def measure(self, rung: Rung, progress: divergence.Progress) -> Json:
        """Size, divergence and speed of a rung, or `not_here`: why it is not made on this machine."""
        held = self._held(rung, FACTS)
        if held is not None and "not_here" not in held:
            return held
        if self._held(rung, MADE) is None:  # an interrupted call may have made it, which can take hours
            shutil.rmtree(self.folder / rung.name, ignore_errors=True)
        return self._note(rung, FACTS, self._facts(rung, progress))

    def _facts(self, rung: Rung, progress: divergence.Progress) -> Json:
        if reason := rungs.reason_against(rung, self.parameters, self._learnt_from(rung), self.on_cpu):
            return {"rung": rung.name, "not_here": reason}
        started = time.perf_counter()
        try:
            self.make(rung)
        except BadInput as error:
            return {"rung": rung.name, "not_here": str(error)}
        except RuntimeError as error:
            if not isinstance(machine.gpu_fault(error), BadInput):
                raise
            return {"rung": rung.name, "not_here": "making it takes more memory than the GPU may hold"}
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
        values = divergence.compare(self.reference, self._for_quality(rung), self.windows.chosen, rows, progress)
        found = divergence.summary(values)
        if not math.isfinite(found["kld_mean"]):
            return {"rung": rung.name, "not_here": "its logits are not finite"}
        return facts | {
            "divergence": found,
            "calls": divergence.summary(divergence.calls(values)),
            **divergence.same_tasks(values, self.windows.chosen),
            "seconds": round(time.perf_counter() - started, 1),
        }

    def score(self, rung: Rung, row: Json, loaded: Sequence[Suite], gates: Gates, kind: str, show: Stage) -> Json:
        """The gate file of a rung; rollouts that are there are kept, and the model is not made if all are."""
        folder, label = self.folder / rung.name, f"{kind}-quick" if gates.quick else kind
        if (held := ladder_gates.finished(folder / f"{label}.json", loaded)) is not None:
            return held
        self.make(rung)
        model = self._for_quality(rung)
        about = {"id": f"{self.recipe.name}-{rung.name}", "sha256": row["weights_sha256"], "dtype": self.dtype,
                 "dequantised": self.on_cpu}  # fmt: skip
        return score_model(
            Local(model, self.chat), self.recipe.prompt, gates, loaded, folder, label=label, about=about,
            progress=lambda text, done, total, left: show.at(done, total, f"rung {rung.name}, {text}", left),
        )  # fmt: skip

    def note_scores(self, rung: Rung, kind: str, whole: Json, gate: Json) -> None:
        """Put a rung's scores, and how they compare with the full model's, in place of those on the same suites."""
        held = self._held(rung, f"{kind}-scores") or {"gates": {}, "comparison": {}}
        margin = self.recipe.gates.breadth_margin
        compared = {} if rung.name == FULL else ladder_gates.compared(whole, gate, margin)
        for name, entry in ladder_gates.completion(gate).items():
            if ladder_gates.replaces(entry, held["gates"].get(name)):
                held["gates"][name] = entry
                held["comparison"] |= {name: compared[name]} if name in compared else {}
        self._note(rung, f"{kind}-scores", held)

    def _for_quality(self, rung: Rung) -> Any:
        """The rung's model; on a processor dequantised, where a product is many times faster so."""
        model = models.load(self.path(rung), self.dtype)[0]
        if self.on_cpu:
            model = dequantize_model(model)
            model.set_dtype(mx.float32)
            mx.eval(model.parameters())
        return model

    def tidy(self, ahead: Sequence[Rung]) -> None:
        """Have the models of the smallest rung that passes and of learnt rungs, and no others.

        Args:
            ahead: rungs that are still to be done, of which an interrupted call may have left one.
        """
        kept = {self.content(kind)["smallest"] for kind in (GATES, DEV)}
        for rung in RUNGS.values():
            if rung.name in kept:
                self.make(rung)
            elif not rung.learnt and rung not in ahead:
                shutil.rmtree(self.path(rung), ignore_errors=True)
        for left in self.folder.glob("*/.model.*"):  # of a call that was killed while it wrote
            shutil.rmtree(left, ignore_errors=True)


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


def _write(folder: Path, content: Json) -> None:
    write_json(folder / "ladder.json", content)
    write_text(folder / "ladder.md", ladder_table.markdown(content))
    for name, drawing in plot.ladder(content).items():
        write_text(folder / f"{name}.svg", drawing)
