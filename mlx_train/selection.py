"""Choosing the specialist by development scores, among the weights that a fit kept and strengths of its adapter.

Only the dev suites are looked at. Training knows nothing of this, and the gates score what was chosen.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlx_train import models
from mlx_train.chat.render import Chat
from mlx_train.errors import BadInput
from mlx_train.files import staged_folder
from mlx_train.gates.local import Local
from mlx_train.gates.run import score_model
from mlx_train.gates.suites import Suite
from mlx_train.places import CACHE
from mlx_train.progress import Stage
from mlx_train.recipe import Recipe
from mlx_train.release import general
from mlx_train.train import adapters
from mlx_train.train.engine import KEPT

Json = dict[str, Any]
DEPTH = ("hard", "heldout")
"""The job itself; every other suite is something to keep."""


@dataclass(frozen=True)
class Candidate:
    """Weights, and the strength of their adapter."""

    folder: Path
    strength: float

    @property
    def name(self) -> str:
        """Such as `step-000100`, or `step-000100-x0.6`."""
        return self.folder.name if self.strength == 1 else f"{self.folder.name}-x{self.strength:g}"


def select(recipe: Recipe, base: Path, trained: Path, suites: Sequence[Suite], out: Path, show: Stage) -> Json:
    """Score stock and every candidate, and put the chosen one in the place of what training ended with.

    Args:
        trained: folder of weights or adapter within that of the fit, which is replaced.
        suites: the dev suites, cut to what the recipe asks for.
        out: folder for gate files and transcripts; what is there is gone on from.

    Returns:
        `chosen`, `stock` and `candidates`: scores by suite (`n`, `passed`, `rate`, `ci95`), `general_kld` on the dev
        texts, `seconds`.
    """
    assert recipe.select is not None
    found = [Candidate(folder, s) for folder in _kept(trained, recipe) for s in recipe.select.strengths]
    stock = _score(recipe, base, None, suites, out, show)
    scores = {one.name: _score(recipe, base, one, suites, out, show) for one in found}
    name = choose(_rates(stock), {name: _rates(held) for name, held in scores.items()}, recipe.select.margin)
    chosen = next(one for one in found if one.name == name)
    if chosen.folder != trained:
        _put(chosen, trained)
    return {
        "chosen": name,
        "sha256": models.weights_sha256(trained),
        "tasks": recipe.select.tasks,
        "margin": recipe.select.margin,
        "suites_sha256": {suite.id: suite.digest for suite in suites},
        "stock": stock,
        "candidates": scores,
    }


def choose(stock: Mapping[str, float], found: Mapping[str, Mapping[str, float]], margin: float) -> str:
    """The name of the best candidate, given everybody's rates by suite.

    Among those that lose no more than `margin` on any suite to keep, the one with the highest mean rate on the others;
    if there is none, the one whose largest loss is smallest. Of equals the first.
    """

    def depth(name: str) -> float:
        rates = [rate for suite, rate in found[name].items() if suite in DEPTH]
        return sum(rates) / len(rates) if rates else 0.0

    def loss(name: str) -> float:
        return max((stock[suite] - rate for suite, rate in found[name].items() if suite not in DEPTH), default=0.0)

    within = [name for name in found if loss(name) <= margin + 1e-9]
    return max(within, key=depth) if within else min(found, key=lambda name: (loss(name), -depth(name)))


def _rates(held: Json) -> dict[str, float]:
    return {name: entry["rate"] for name, entry in held["suites"].items()}


def _kept(trained: Path, recipe: Recipe) -> list[Path]:
    """Folders of the weights to choose among. What training ended with is kept before anything takes its place."""
    assert recipe.select is not None
    kept = trained.parent / KEPT
    if not list(kept.glob("[!.]*")):
        if recipe.select.strengths == (1.0,):
            return [trained]
        with staged_folder(kept / "last") as stage:
            shutil.copytree(trained, stage, dirs_exist_ok=True)
    return sorted(kept.glob("[!.]*"))


def _score(recipe: Recipe, base: Path, one: Candidate | None, suites: Sequence[Suite], out: Path, show: Stage) -> Json:
    """Scores of a candidate, or of stock."""
    started = time.perf_counter()
    folder, strength = (one.folder, one.strength) if one else (None, 1.0)
    model, tokenizer = models.load_trained(base, recipe.base.dtype, folder, strength)
    label = one.name if one else "stock"
    about = {
        "id": f"{recipe.name} {label}",
        "sha256": models.trained_sha256(folder or base, strength),
        "base_sha256": models.weights_sha256(base),
        "base_files_sha256": models.surroundings_sha256(base),
        "dtype": recipe.base.dtype,
    }
    gate = score_model(
        Local(model, Chat(tokenizer)), recipe.prompt, recipe.gates.model_copy(update={"quick": False}), suites, out,
        label=label, about=about, cache=None if one else CACHE / "gates",
        progress=lambda text, done, total, left: show.at(done, total, f"{label}: {text}", left),
    )  # fmt: skip
    if broken := [name for name, entry in gate["suites"].items() if entry["broken"]]:
        raise BadInput(f"{out / label}.json: too many rollouts crashed in {', '.join(broken)}; see `reasons` there.")
    keys = ("n", "passed", "rate", "ci95")
    scores = {name: {key: entry[key] for key in keys} for name, entry in gate["suites"].items()}
    held: Json = {"suites": scores}
    if folder:
        before = general.stock_of(model, base, recipe.base.dtype, folder)
        held["general_kld"] = general.measure(
            before, model, tokenizer, "dev", show.counting(f"{label}: general texts")
        )["kld_mean"]
    rates = "  ".join(f"{name} {100 * entry['rate']:.1f} %" for name, entry in scores.items())
    show.say(f"{label}: {rates}")
    return {**held, "seconds": round(time.perf_counter() - started, 1)}


def _put(chosen: Candidate, trained: Path) -> None:
    """Write the candidate where the weights of the run are. Its strength becomes part of the adapter's numbers, so each
    program that reads them has the same model."""
    with staged_folder(trained) as stage:
        shutil.copytree(chosen.folder, stage, dirs_exist_ok=True)
        if chosen.strength != 1:
            arrays = adapters.load_arrays(chosen.folder / adapters.WEIGHTS)
            adapters.save_arrays(stage / adapters.WEIGHTS, adapters.strengthened(arrays, chosen.strength))
