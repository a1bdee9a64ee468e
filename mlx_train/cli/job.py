"""The main job and its beginning: run, fit, base, fetch, plan, doctor; and trying a model out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from mlx_train.cli.options import Json, RecipeName, emit, say
from mlx_train.errors import Fault, NoNetwork

app = typer.Typer()


@app.command()
def run(
    recipe: Annotated[str | None, typer.Argument(help="A recipe; the one that suits this machine if left out.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Score whole suites where the recipe says quick.")] = False,
    as_json: Json = False,
) -> None:
    """Do the main job: build trajectories, train, score stock and specialist, package, report. Resumable."""
    from mlx_train import pipeline
    from mlx_train import recipe as recipes

    if recipe is None:
        recipe, why = pipeline.default_recipe()
        print(f"recipe {recipe}: {why}", file=sys.stderr)
    chosen = recipes.load(recipe)
    if full:
        chosen = chosen.model_copy(update={"gates": chosen.gates.model_copy(update={"quick": False})})
    _announce(chosen, recipes.find(recipe).parent)
    current = pipeline.Run(chosen, recipes.find(recipe), say=say)
    print(f"run {current.folder}", file=sys.stderr)
    pipeline.execute(current)
    _print_run(current.folder, as_json)


def _announce(recipe: Any, root: Path) -> None:
    """Before a long job: how much memory, disk and time it wants, as far as that is known."""
    from mlx_train.planning import NotHere, plan, plan_text

    try:
        print(plan_text(recipe, plan(recipe, root, say=say)), file=sys.stderr)
    except (NotHere, NoNetwork):
        print(f"{recipe.name}: memory and time are not known before its base is fetched", file=sys.stderr)
    except Fault:
        raise
    except Exception as error:  # an estimate stops no job
        print(f"{recipe.name}: memory and time could not be estimated ({error!r})", file=sys.stderr)


def _print_run(folder: Path, as_json: bool) -> None:
    from mlx_train import pipeline
    from mlx_train.files import read_json
    from mlx_train.places import PROGRAM
    from mlx_train.release import table

    found = pipeline.overview(folder)
    comparison, stock, specialist = (
        read_json(folder / "gates" / f"{name}.json", "gate file") for name in ("comparison", "stock", "specialist")
    )
    lines = [table.text(stock, specialist, comparison), ""]
    blockers = found["blockers"]
    lines.append(
        f"{found['label']}: " + (f"blocked by {len(blockers)}: {', '.join(blockers)}" if blockers else "releasable")
    )
    lines += [f"report  {found['report']}", f"try it  {PROGRAM} chat {folder}"]
    emit(found, as_json, "\n".join(lines))


@app.command()
def fit(recipe: RecipeName, as_json: Json = False) -> None:
    """Build the data and train, without scoring. `run` goes on from there."""
    from mlx_train import pipeline
    from mlx_train import recipe as recipes

    current = pipeline.Run(recipes.load(recipe), recipes.find(recipe), say=say)
    pipeline.execute(current, pipeline.TRAINING)
    facts = current.record["stages"]["fit"]
    text = f"{current.folder / 'fit' / facts['folder']}: loss {facts['loss']:.3f} after {facts['steps']} steps"
    emit({"run": str(current.folder), **facts}, as_json, text)


@app.command()
def base(as_json: Json = False) -> None:
    """Rebuild the embedded base from its recipes and seed, in artifacts/runs/embedded-base/. Takes hours; resumable."""
    from mlx_train import embedded, machine, pipeline
    from mlx_train.places import RUNS
    from mlx_train.progress import Stage

    work = RUNS / "embedded-base"
    with Stage("base") as show, pipeline.alone(work), pipeline.stop_requests() as stop, machine.at_work():

        def report(line: dict[str, Any]) -> None:
            text = f"{line['phase']}  step {line['step']}/{line['steps']}  loss {line['loss']:.3f}"
            show.at(line["step"], line["steps"], text, line["seconds_left"])

        made = embedded.rebuild(work, report, stop)
    text = f"{work / 'model'}: {made['parameters'] / 1e6:.1f} M parameters, SHA-256 {made['weights_sha256']}"
    emit(made, as_json, text)


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A recipe's name or path; or the name of a base that is made here.")],
    as_json: Json = False,
) -> None:
    """Get the base model of a recipe, or one that is made here, and print where it is."""
    from mlx_train import models
    from mlx_train import recipe as recipes
    from mlx_train.bases import made

    alone = name in made.known() and name not in recipes.names()
    base = recipes.Base(name=name) if alone else recipes.load(name).base
    path = models.locate(base, say=say)
    emit({"path": str(path), "weights_sha256": models.weights_sha256(path)}, as_json, str(path))


@app.command()
def plan(
    recipe: RecipeName,
    mac: Annotated[
        float | None, typer.Option(help="For a Mac sold with so many GB of memory, not this machine.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Estimate memory, disk and time of a recipe before weights are loaded or fetched. Exit 1: it does not fit."""
    from mlx_train import recipe as recipes
    from mlx_train.planning import plan as make
    from mlx_train.planning import plan_text

    chosen = recipes.load(recipe)
    found = make(chosen, recipes.find(recipe).parent, mac, say)
    emit(found, as_json, plan_text(chosen, found))
    raise typer.Exit(0 if found["fits"] else 1)


@app.command()
def chat(
    model: Annotated[
        str | None,
        typer.Argument(
            help=(
                "A run, a recipe's name, a model directory, or the folder of an adapter package or of a promoted "
                "specialist; the newest run if left out."
            )
        ),
    ] = None,
    domain: Annotated[
        str | None, typer.Option(help="Whose tools to offer; those it was trained with if left out, or else files'.")
    ] = None,
) -> None:
    """Try a model with its tools in a scratch world, in the terminal; of tools of your own you give the results."""
    from mlx_train.playground import play

    play(model, domain)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine is, what is missing and what to do. Exit 1: something is wrong."""
    from mlx_train import machine

    checks = machine.checks()
    lines = [
        f"{'ok ' if fine else 'BAD'}  {found}" + ("" if fine else f"\n     {advice}") for fine, found, advice in checks
    ]
    facts = machine.summary()
    lines.append(f"     {facts['processor']}, {facts['cores']} cores, {facts['system']}, MLX on {facts['device']}")
    result = {
        "machine": facts,
        "checks": [{"ok": fine, "found": found, "advice": advice} for fine, found, advice in checks],
    }
    emit(result, as_json, "\n".join(lines))
    raise typer.Exit(0 if all(fine for fine, _, _ in checks) else 1)
