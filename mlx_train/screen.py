"""Screening: one recipe in several variations, each trained and scored on the dev suites, in one table.

    python -m mlx_train.screen FILE

FILE is a TOML file: `recipe` (a name, or a path relative to the file), a table `[select]` as in a recipe, and under
`[arms.NAME]` the keys of the recipe that the arm changes, under `[all]` those that all arms change. With a table
`[losses]` no task is done (see `screen_losses`). An arm is a run like any other, without gates: the same command goes
on where it stopped, and an arm that is complete is not run again. With `losses.runs` finished runs are measured beside
the arms, or alone.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from mlx_train import pipeline, preload, screen_losses, start
from mlx_train import recipe as recipes
from mlx_train.ending import exit_code
from mlx_train.errors import BadInput
from mlx_train.files import write_json, write_text
from mlx_train.gates.statistics import wilson
from mlx_train.places import RUNS
from mlx_train.recipe import Count, Part, Recipe, Select
from mlx_train.release.plot import Point, scatter
from mlx_train.release.table import interval, percent
from mlx_train.screen_losses import Finished, Yardstick, measure
from mlx_train.selection import DEPTH

Json = dict[str, Any]
EXPECTED = "Expected `recipe`, [select] or [losses], and [arms.NAME] tables; see docs/gates.md."


class Losses(Part):
    """What arms are measured on where only losses count."""

    dev_rows: Count = 64
    """Dev rows of the varied recipe with the changes of `[all]`: the same for all arms."""
    breadth_rows: Count = 64
    """Rows of all domains but `files`."""
    strengths: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)] = (0.0, 1.0)
    """What to multiply the adapter's change of the model by; 0 is the stock."""
    runs: tuple[str, ...] = ()
    """Runs that are trained already, to be measured after the arms: a recipe's name (its newest run), or a folder."""


class Screen(Part):
    """The file."""

    recipe: str
    """The recipe that is varied."""
    select: Select = Select()
    """How arms are scored; it takes the place of the recipe's own."""
    losses: Losses | None = None
    """Compare losses alone, in which small differences show sooner; it takes the place of `select`."""
    all: dict[str, Any] = Field(default_factory=dict)
    """What every arm changes."""
    arms: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """What each arm changes."""

    @model_validator(mode="after")
    def _something_to_compare(self) -> Screen:
        if not self.arms and not (self.losses and self.losses.runs):
            raise ValueError("no [arms.NAME] tables, and no losses.runs")
        return self


@dataclass(frozen=True)
class Arms:
    """What a file asks for."""

    recipes: dict[str, Recipe]
    """Of each arm."""
    source: Path
    """Of the recipe that they vary."""
    losses: Losses | None
    yardstick: Recipe | None
    """The recipe whose dev and breadth rows all arms are measured on, where only losses count."""


def read(path: Path) -> Arms:
    """What the file asks for.

    Raises:
        BadInput: the file, the recipe or an arm is not valid; the message names the key.
    """
    try:
        screen = Screen.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadInput(f"{path}: this file does not exist. It names a recipe and its [arms].") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}). Give a file with a recipe and [arms].") from None
    except ValidationError as error:
        raise BadInput(recipes.faulty(error, str(path), "screen", EXPECTED)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: not valid TOML: {error}. {EXPECTED}") from None
    varied = recipes.find(str(path.parent / screen.recipe) if screen.recipe.endswith(".toml") else screen.recipe)
    name = recipes.load(str(varied)).name  # refuses what is not a recipe by its own name
    values = merged(tomllib.loads(varied.read_text(encoding="utf-8")), screen.all)
    values.pop("select", None)
    yardstick = None
    if losses := screen.losses:
        data = {"dev_rows": losses.dev_rows, "breadth_rows": losses.breadth_rows}
        yardstick = recipes.validated(merged(values, {"data": data}), f"{path}, table all")
    else:
        values["select"] = screen.select.model_dump()
    arms = {
        arm: recipes.validated(merged(values, {**changes, "name": f"{name}-{arm}"}), f"{path}, arm {arm}")
        for arm, changes in screen.arms.items()
    }
    for recipe in arms.values():
        start.find(recipe, varied.parent)  # now, and not when the arms before it are trained
    return Arms(arms, varied, losses, yardstick)


def merged(values: Json, changes: Json) -> Json:
    """The values with the changes in their places; tables key by key, anything else whole."""
    tables = {
        key: merged(values[key], change)
        for key, change in changes.items()
        if isinstance(change, dict) and isinstance(values.get(key), dict)
    }
    return {**values, **changes, **tables}


def screen(path: Path, say: Callable[[str], None]) -> Path:
    """Run the arms one after the other and write the table after each; its path.

    Writes `artifacts/runs/screens/<file>/screen.{json,md}`, and `screen.svg` where depth and breadth are scored; where
    only losses count, a drawing of each cost.
    """
    arms = read(path)
    out = RUNS / "screens" / path.stem
    rows: list[Json] = []
    held = arms.yardstick and Yardstick.of(arms.yardstick, arms.source.parent, out / "rows")
    for arm, run in _trained(arms, say):
        rows += rows_of(arm, run, measure(run, arms.losses.strengths, held) if arms.losses and held else None)
        write_json(out / "screen.json", {"screen": path.name, "recipe": arms.source.name, "rows": rows})
        write_text(out / "screen.md", (screen_losses.markdown if held else markdown)(path.stem, rows))
        for name, drawing in (screen_losses.figures(rows) if held else {"screen.svg": figure(rows)}).items():
            if drawing:
                write_text(out / name, drawing)
    return out / "screen.md"


def _trained(arms: Arms, say: Callable[[str], None]) -> Iterator[tuple[str, pipeline.Run | Finished]]:
    """The run of each arm, then those that are finished already."""
    for arm, recipe in arms.recipes.items():
        say(f"arm {arm}")
        run = pipeline.Run(recipe, arms.source, say=say)
        pipeline.execute(run, (*pipeline.TRAINING, "select"))
        yield arm, run
    for name in arms.losses.runs if arms.losses else ():
        say(f"run {name}")
        yield name, screen_losses.finished(name)


def rows_of(arm: str, run: pipeline.Run | Finished, losses: Sequence[Json] | None) -> list[Json]:
    """A row for each candidate of an arm, after one for its stock; where only losses count, one for each strength."""
    stages = run.record["stages"]
    fit = stages["fit"]
    shared = {
        "arm": arm,
        "run": f"{run.folder.parent.name}/{run.folder.name}",
        **{key: fit[key] for key in ("rows", "steps")},
    }
    shared["fit_seconds"] = fit.get("train_seconds", fit["seconds"])  # older runs have the one as the other
    if losses is not None:
        return [{**shared, **one} for one in losses]
    held = stages["select"]
    named = {"stock": held["stock"], **held["candidates"]}
    return [{**shared, "candidate": name, "chosen": name == held["chosen"], **one} for name, one in named.items()]


def markdown(title: str, rows: Sequence[Json]) -> str:
    """The table. A stock like that of an arm before is left out; an arm with another prompt has its own."""
    suites = list(rows[0]["suites"])
    head = ["arm", "weights", *(f"{name}, n" for name in suites), "KLD, nats", "rows", "steps", "fit, s", "scoring, s"]
    lines = [
        f"# {title}",
        "",
        "Share of dev tasks passed, with Wilson's 95 % interval; bold is what would be chosen.",
        "",
    ]
    lines += ["| " + " | ".join(head) + " |", "| --- | --- |" + " ---: |" * (len(head) - 2)]
    known: list[Json] = []
    for row in rows:
        if (is_stock := row["candidate"] == "stock") and row["suites"] in known:
            continue
        known += [row["suites"]] if is_stock else []
        scores = [row["suites"][name] for name in suites]
        cells = [
            "-" if is_stock else row["arm"],
            f"**{row['candidate']}**" if row["chosen"] else row["candidate"],
            *(f"{percent(one['rate'])} ({interval(one['ci95'])}), {one['n']}" for one in scores),
            f"{row['general_kld']:.4f}" if "general_kld" in row else "-",
            *("-" if is_stock else f"{row[key]:g}" for key in ("rows", "steps", "fit_seconds")),
            f"{row['seconds']:g}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def figure(rows: Sequence[Json]) -> str:
    """Breadth over depth of each stock and candidate, with the Pareto front, as SVG; empty if one was not scored."""
    deep = [name for name in rows[0]["suites"] if name in DEPTH]
    broad = [name for name in rows[0]["suites"] if name.startswith("breadth")]
    if not deep or not broad:
        return ""
    points: list[Point] = []
    stocks: list[Json] = []
    for row in rows:
        if is_stock := row["candidate"] == "stock":
            if row["suites"] in stocks:
                continue
            stocks.append(row["suites"])
        (done, of), (passed, n) = (
            [sum(row["suites"][name][key] for name in names) for key in ("passed", "n")] for names in (deep, broad)
        )
        low, high = wilson(passed, n)
        name = "stock" if is_stock and len(stocks) == 1 else f"{row['arm']} {row['candidate']}"
        points.append(Point(name, 100 * done / of, 100 * passed / n, 100 * low, 100 * high))
    across, up = (f"dev tasks of {' and '.join(names)} passed, %" for names in (deep, broad))
    return scatter(points, across, up, logarithmic=False, high_is_good=True, right_is_good=True)


def main() -> int:
    """Run the screen of the file that is given, and print its table."""
    if len(sys.argv) != 2:
        raise BadInput("usage: python -m mlx_train.screen FILE.toml")
    made = screen(Path(sys.argv[1]), lambda text: print(text, file=sys.stderr))
    print(made.read_text(encoding="utf-8") + f"\n{made}")
    return 0


if __name__ == "__main__":
    preload.ensure()
    sys.exit(exit_code(main))
