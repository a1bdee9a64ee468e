"""Screening by losses: what each arm gained on the job's dev rows, and what it cost on other domains and general text.

Losses tell arms apart long before the model completes tasks. All arms are measured on the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mlx_train import decontamination, machine, models, program, records
from mlx_train.chat.render import Chat
from mlx_train.data.build import build
from mlx_train.data.tokens import encode
from mlx_train.data.trajectory import stream
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, sha256_of, write_json
from mlx_train.lanes import Lanes
from mlx_train.pipeline import Run, find, trained
from mlx_train.places import PROGRAM
from mlx_train.progress import Stage
from mlx_train.recipe import Recipe
from mlx_train.release import general
from mlx_train.release.plot import Point, scatter
from mlx_train.train import engine
from mlx_train.train.loss import Loss
from mlx_train.train.ranks import Ranks

Json = dict[str, Any]
ROWS = {"dev_loss": "dev.jsonl", "breadth_loss": "breadth.jsonl"}
MEASURED = (*ROWS, "general_kld")
FAR = 1.5
"""Times the loss of the worst arm: there a stock would push all arms to one side of a figure."""


@dataclass(frozen=True)
class Yardstick:
    """The rows that all arms are measured on: the dev and breadth rows of the recipe that they vary."""

    folder: Path
    sha256: str
    max_tokens: int
    """Longer rows are left out, of all arms alike."""

    @classmethod
    def of(cls, recipe: Recipe, root: Path, folder: Path) -> Yardstick:
        """Build them in `folder`; the recipe's own files are relative to `root`.

        Raises:
            BadInput: there would be none.
        """
        build(recipe, folder, root, fault=decontamination.fault)
        if empty := [name for name in ROWS.values() if not (folder / name).stat().st_size]:
            raise BadInput(
                f"{recipe.name}: {' and '.join(empty)}, on which [losses] measures all arms, would have no rows. They "
                "are generated: give the recipe a [[data.sources]] table, or use [select] in place of [losses]."
            )
        limit = recipe.data.max_tokens
        return cls(folder, sha256_of([limit, {name: sha256_file(folder / name) for name in ROWS.values()}]), limit)


class Finished(NamedTuple):
    """A run that is trained already, by this program or another one."""

    id: str
    folder: Path
    record: Json
    recipe: Recipe
    base: Path


def finished(name: str) -> Finished:
    """The run of this name, see `pipeline.find`.

    Raises:
        BadInput: there is none, it is not trained to its end, or its base is another one now.
    """
    folder = find(name)
    record = records.read(folder)
    if "fit" not in record["stages"]:
        raise BadInput(f"{folder}: not trained to its end. `{PROGRAM} run` with its recipe goes on with it.")
    return Finished(record["id"], folder, record, records.recipe_of(folder), models.base_of(record))


def measure(run: Run | Finished, strengths: Sequence[float], rows: Yardstick) -> list[Json]:
    """An arm's losses in nats per supervised token, and its divergence from stock on the dev texts, at each strength.

    Strength 0 is the stock. Weights after full training, and DoRA, have no strength and are measured as trained. What
    was measured before is read.
    """
    settings = run.recipe.train
    found = []
    for strength in strengths if settings.method == "lora" else (1.0,):
        weights = models.trained_sha256(trained(run.folder, run.recipe)) if strength else None  # [select] changes them
        of_what = [run.id, weights] if strength else run.record["base"]
        key = sha256_of([of_what, strength, rows.sha256, program.SHA256, machine.versions()])
        kept = rows.folder.parent / "measured" / f"{key[:16]}.json"
        if Ranks().any(not kept.exists()):  # all processes measure, or none
            with Stage(f"losses x{strength:g}") as show:
                write_json(kept, {"strength": strength, **_losses(run, strength, rows, show)})
        found.append(read_json(kept, "losses of an arm"))
    return found


def _losses(run: Run | Finished, strength: float, rows: Yardstick, show: Stage) -> Json:
    recipe, folder = run.recipe, trained(run.folder, run.recipe) if strength else None
    model, tokenizer = models.load_trained(run.base, recipe.base.dtype, folder, strength if folder else 1.0)
    loss, chat, ranks = Loss(model), Chat(tokenizer), Ranks()
    held: Json = {}
    for key, name in ROWS.items():
        examples = encode(stream(rows.folder / name), chat, rows.max_tokens, "drop").examples
        some = engine.Rows.of(examples, recipe.train.share_prefix and loss.shares)
        with Lanes(recipe.train.accumulate) as lanes:
            held[key] = engine.evaluate(model, loss, some, recipe.train.batch_tokens, lanes, ranks)
    model.eval()
    if folder is None:
        return {**held, "general_kld": 0.0}
    before = general.stock_of(model, run.base, recipe.base.dtype, folder)
    return {**held, "general_kld": general.measure(before, model, tokenizer, "dev", show.counting("texts"))["kld_mean"]}


def markdown(title: str, rows: Sequence[Json]) -> str:
    """The table, in which what is the same stock in several arms stands once."""
    lines = [
        f"# {title}",
        "",
        "Losses in nats per supervised token, on the same rows for all; KLD from stock in nats per token of the dev",
        "texts, prose and code. Strength 0 is the stock, 1 as trained.",
        "",
        "| arm | strength | dev rows | other domains | general text, KLD | rows | steps | fit, s |",
        "| --- |" + " ---: |" * 7,
    ]
    known: list[list[float]] = []
    for row in rows:
        values = [row[key] for key in MEASURED]
        if (is_stock := row["strength"] == 0) and values in known:
            continue
        known += [values] if is_stock else []
        counts = ("-" if is_stock else f"{row[key]:g}" for key in ("rows", "steps", "fit_seconds"))
        cells = [
            "-" if is_stock else row["arm"],
            f"{row['strength']:g}",
            *(f"{value:.4f}" for value in values),
            *counts,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def figures(rows: Sequence[Json]) -> dict[str, str]:
    """Each cost over the loss on dev rows, as SVG by file name; with the stock only where it is not far from all arms,
    and not over its divergence from itself, which no logarithm has."""
    labels = {"breadth_loss": "loss on other domains", "general_kld": "KLD on general text"}
    across = "loss on dev rows, nats per token"
    arms = [row for row in rows if row["strength"]]
    near = FAR * max((row["dev_loss"] for row in arms), default=0.0)
    stock = next((row for row in rows if not row["strength"] and row["dev_loss"] < near), None)
    drawn = {}
    for key, what in labels.items():
        points = [Point(f"{row['arm']} x{row['strength']:g}", row["dev_loss"], row[key]) for row in arms]
        points += [Point("stock", stock["dev_loss"], stock[key])] if stock and stock[key] else []
        up = f"{what}, nats per token"
        drawn[f"{key}.svg"] = scatter(points, across, up, logarithmic=True, high_is_good=False)
    return drawn
