"""`mlx-train data`: trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mlx_train.cli.options import Json, OwnSuites, RecipeName, RunName, emit, say
from mlx_train.errors import BadInput
from mlx_train.places import PROGRAM

app = typer.Typer(no_args_is_help=True, help="Trajectories: build, audit, show, and a skeleton for one's own.")


@app.command("build")
def data_build(
    recipe: RecipeName,
    out: Annotated[Path | None, typer.Option(help="Folder to write into; data/built/<recipe> if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Build a recipe's trajectories: train.jsonl, dev.jsonl, breadth.jsonl and summary.json."""
    from mlx_train import decontamination
    from mlx_train import recipe as recipes
    from mlx_train.data.build import build, expected
    from mlx_train.places import CACHE
    from mlx_train.progress import Stage

    chosen = recipes.load(recipe)
    folder = out or CACHE / chosen.name
    with Stage("data") as show:
        total = expected(chosen)
        summary = build(
            chosen, folder, recipes.find(recipe).parent, lambda done: show.at(done, total, f"{done} rows built"),
            fault=decontamination.fault,
        )  # fmt: skip
    lines = [f"{folder}: {summary.rows} rows, {summary.dev_rows} dev rows, {summary.templates} phrasings"]
    lines += [f"  {domain:<12} {count}" for domain, count in summary.domains.items()]
    lines += [f"  left out: {count} {reason}" for reason, count in summary.rejects.items()]
    emit({"folder": str(folder), **summary.model_dump()}, as_json, "\n".join(lines))


FILES = (".jsonl", ".parquet")
Rows = Annotated[
    str, typer.Argument(help="A recipe (its rows are built), or the path of a .jsonl or .parquet file of trajectories.")
]


def _rows(name: str) -> Path:
    """The trajectories of a file, or of a recipe, built now."""
    from mlx_train import decontamination
    from mlx_train import recipe as recipes
    from mlx_train.data.build import build
    from mlx_train.places import CACHE

    if name.endswith(FILES):
        return Path(name)
    chosen = recipes.load(name)
    build(chosen, CACHE / chosen.name, recipes.find(name).parent, fault=decontamination.fault)
    return CACHE / chosen.name / "train.jsonl"


@app.command("audit")
def data_audit(
    rows: Rows,
    suite: Annotated[list[str] | None, typer.Option(help="Suites to compare with; all if left out.")] = None,
    own: OwnSuites = None,
    dev: Annotated[bool, typer.Option("--dev", help="Compare with the dev suites, which choose checkpoints.")] = False,
    stock: Annotated[
        bool,
        typer.Option(
            "--stock", help="Compare the rows that the recipe's base, or the adapter it goes on from, was made from."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Look for tasks of the suites in training rows. Exit 1: an overlap that blocks."""
    from mlx_train.data.audit import audit
    from mlx_train.data.stock import dev_rows
    from mlx_train.data.trajectory import stream
    from mlx_train.gates.suites import load_all, load_borrowed, load_own
    from mlx_train.places import DEV_SUITES, SUITES
    from mlx_train.recipe import BFCL_SUITES
    from mlx_train.recipe import SUITES as NAMES

    if own and (suite or dev or stock):
        raise BadInput("--suites takes the place of --suite, --dev and --stock; leave those out.")
    suites = load_own(own) if own else load_all(DEV_SUITES if dev else SUITES, suite or NAMES)
    if not suite and not dev and not own:
        suites += load_borrowed(BFCL_SUITES, say)
    if stock:
        if suite:
            raise BadInput("--stock compares with every suite. Leave --suite out.")
        result = _audit_stock(rows, suites, dev)
        parts = {f"{name}: ": entry["suites"] for name, entry in result["recipes"].items()}
    else:
        earlier = _earlier(rows, dev)
        path = _rows(rows)
        more = () if dev else dev_rows(path)
        found = audit(stream(path), {one.id: one.tasks for one in suites}, path.name, more, "dev.jsonl", earlier)
        result = {name: overlap.json() for name, overlap in found.items()}
        parts = {"": result}
    lines = [mark + _overlap_line(entry) for mark, part in parts.items() for entry in part.values()]
    emit(result, as_json, "\n".join(lines))
    raise typer.Exit(1 if any(entry["blocking"] for part in parts.values() for entry in part.values()) else 0)


def _earlier(name: str, dev: bool) -> dict[str, Any]:
    """The rows of the run whose adapter a recipe goes on from, where they are known; without its dev rows for the dev
    suites, which have their phrasings."""
    from mlx_train import recipe as recipes
    from mlx_train import start
    from mlx_train.data.audit import EARLIER
    from mlx_train.data.stock import DEV_ROWS
    from mlx_train.data.trajectory import stream

    if name.endswith(FILES):
        return {}
    recipe = recipes.load(name)
    try:
        files = start.rows(start.find(recipe, recipes.find(name).parent))
    except BadInput as fault:
        say(f"{fault} The rows that it was trained on are not compared.")
        return {}
    return {f"{EARLIER} {file.name}": stream(file) for file in files if not (dev and file.name == DEV_ROWS)}


def _audit_stock(name: str, suites: Any, dev: bool) -> dict[str, Any]:
    from mlx_train import decontamination, models
    from mlx_train import recipe as recipes
    from mlx_train.data import stock as stock_data
    from mlx_train.places import CACHE, RUNS

    recipe = recipes.load(name)
    adapter = stock_data.kept(recipe.train.adapter) if recipe.train.adapter else None
    if (own := adapter or stock_data.own_base(recipe.base.name)) is None:
        raise BadInput(
            f"--stock: what the base {recipe.base.name!r} was trained on is not known here. Give a recipe that begins "
            "from what was made here, such as `embedded`."
        )
    weights = stock_data.merged_sha256(own) if adapter else models.weights_sha256(models.locate(recipe.base))
    tasks, digests = {one.id: one.tasks for one in suites}, {one.id: one.digest for one in suites}
    out = CACHE / f"{own.name}-dev-{stock_data.RESULT}" if dev else own / stock_data.RESULT
    work = RUNS / f"{own.name}-base"
    return stock_data.audit_stock(
        own, weights, tasks, digests, work, out, fault=decontamination.fault, with_dev=not dev, say=say
    )


def _overlap_line(entry: dict[str, Any]) -> str:
    counts = ", ".join(f"{level} {count}" for level, count in entry["counts"].items() if count) or "nothing"
    verdict = f"BLOCKS {', '.join(entry['blocks'])}" if entry["blocking"] else "ok"
    names = f"{100 * entry['names']:.1f} % of names"
    return f"{entry['suite']:<18} {verdict}  (of {entry['tasks']} tasks share: {counts}; {names})"


@app.command("show")
def data_show(
    rows: Rows,
    model: Annotated[
        str | None,
        typer.Option(help="Model whose tokenizer and template to use; the recipe's base, of a file `embedded`."),
    ] = None,
    row: Annotated[str, typer.Option(help="Which row: its number, from 1, or its id.")] = "1",
    marks: Annotated[
        bool, typer.Option(help="Also mark trained tokens with brackets, for output without colour.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a trajectory as the model reads it, with the trained tokens in colour."""
    from rich.console import Console

    from mlx_train import models
    from mlx_train import recipe as recipes
    from mlx_train.chat.render import Chat
    from mlx_train.data.show import show
    from mlx_train.data.trajectory import load

    if model is None and not rows.endswith(".jsonl"):
        base = models.in_reach(recipes.load(rows).base)
        if not (base / "tokenizer.json").is_file():
            raise BadInput(f"{rows}: its base is not here yet. `{PROGRAM} fetch {rows}` gets it, or give a --model.")
        model = str(base)
    trajectories = load(_rows(rows))
    by_name = {str(number): one for number, one in enumerate(trajectories, 1)} | {one.id: one for one in trajectories}
    if row not in by_name:
        raise BadInput(f"--row {row}: {rows} has rows 1 to {len(trajectories)}, and none with that id.")
    renderer = Chat(models.load_tokenizer(model or "embedded"))
    trajectory = by_name[row]
    if as_json:
        examples = renderer.examples(trajectory.messages, trajectory.tools, trajectory.id)
        each = [{"id": e.id, "ids": e.ids, "trained": e.trained, "shared": e.shared} for e in examples]
        emit({"examples": each}, True, "")
        return
    console = Console()
    console.print(show(trajectory, renderer, marks or not console.is_terminal))


@app.command("rollouts")
def data_rollouts(
    name: RunName = None,
    count: Annotated[int, typer.Option("--tasks", min=1, help="Training tasks to do.")] = 300,
    samples: Annotated[int, typer.Option(min=1, help="Rollouts of each task.")] = 4,
    temperature: Annotated[float, typer.Option(help="Temperature of sampling, above 0.")] = 0.7,
    out: Annotated[Path | None, typer.Option(help="Folder to write into; rollouts/ of the run if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Let a run's specialist do new training tasks, and keep as rows what the checker passes. Resumable."""
    from mlx_train import machine, pipeline
    from mlx_train.progress import Stage
    from mlx_train.self_training import ROWS, of_run

    run = pipeline.find(name)
    folder = out or run / "rollouts"
    with Stage("rollouts") as show, machine.at_work():
        found = of_run(
            run, count, samples, temperature, folder,
            progress=lambda done, total, won, left: show.at(done, total, f"{won} passed", left),
        )  # fmt: skip
    lines = [
        f"{folder / ROWS}: {found['kept']} rows of {found['tasks']} tasks; {found['passed']} of {found['rollouts']} "
        f"rollouts passed, {found['unfit']} of them cannot be rows",
        *(f"  {family:<40} {one['kept']}/{one['tasks']}" for family, one in found["families"].items()),
    ]
    emit({"file": str(folder / ROWS), **found}, as_json, "\n".join(lines))


@app.command("init")
def data_init(folder: Annotated[Path, typer.Argument(help="A new folder.")], as_json: Json = False) -> None:
    """Write a skeleton for one's own tools and trajectories."""
    from mlx_train.data.init import init

    written = [str(path) for path in init(folder)]
    emit({"written": written}, as_json, "\n".join(written))
