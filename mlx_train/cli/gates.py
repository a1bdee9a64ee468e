"""`mlx-train gates`: suites and scores."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from mlx_train.cli.options import Json, OwnSuites, emit
from mlx_train.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Suites: score models, compare scores, check the suites themselves.")


@app.command("run")
def gates_run(
    model: Annotated[
        str, typer.Argument(help="A model directory, `embedded`, or `openai:NAME` for a model behind an endpoint.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the gate file and the transcripts.")],
    adapter: Annotated[Path | None, typer.Option(help="Adapter folder to put on the model.")] = None,
    strength: Annotated[
        float, typer.Option(help="What to multiply the adapter's change of the model by; 1 is as it was trained.")
    ] = 1.0,
    url: Annotated[
        str | None, typer.Option(help="The endpoint's address, up to /v1. Its key is read from $OPENAI_API_KEY.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="Recipe whose prompt and gate settings to use.")] = "embedded",
    suite: Annotated[list[str] | None, typer.Option(help="Suites; the recipe's if left out.")] = None,
    own: OwnSuites = None,
    dev: Annotated[bool, typer.Option("--dev", help="Score the dev suites, for choosing recipes.")] = False,
    label: Annotated[str, typer.Option(help="Name of the gate file.")] = "model",
    batch: Annotated[
        int | None, typer.Option(min=1, help="Rollouts side by side; the recipe's, or 4 for an endpoint.")
    ] = None,
    samples: Annotated[int, typer.Option(help="Rollouts of each task, for pass^k.")] = 1,
    temperature: Annotated[float, typer.Option(help="Temperature of sampling; 0 is greedy decoding.")] = 0.0,
    robust: Annotated[
        bool, typer.Option("--robust", help="Also with tools shuffled, renamed, with strange ones, and another prompt.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Score whole suites where the recipe says quick.")] = False,
    as_json: Json = False,
) -> None:
    """Score a model on suites. Exit 3: a suite is missing or does not match its lock, or over 1 % of its rollouts ended
    in an error that need not be the model's doing."""
    from mlx_train import machine
    from mlx_train import recipe as recipes
    from mlx_train.files import write_json
    from mlx_train.gates import endpoint, players, robustness
    from mlx_train.gates.run import method, score_model
    from mlx_train.gates.score import lines
    from mlx_train.gates.suites import load_all, load_own, outside_suites
    from mlx_train.gates.variants import PLAIN, VARIANTS
    from mlx_train.places import DEV_SUITES, SUITES
    from mlx_train.progress import Stage
    from mlx_train.recipe import NAME

    if own and (suite or dev):
        raise BadInput("--suites takes the place of --suite and --dev; leave those out.")
    outside_suites(out, out / label, out / "transcripts" / label)
    if not re.fullmatch(NAME, label):
        raise BadInput(f"--label {label!r}: files are named by it. Letters, digits, dots, dashes and underscores only.")
    if out.exists() and not out.is_dir():
        raise BadInput(f"--out {out}: is a file. Give a folder.")
    method(samples, temperature)  # refuses nonsense before anything is loaded
    chosen = recipes.load(recipe)
    suites = load_own(own) if own else load_all(DEV_SUITES if dev else SUITES, suite or chosen.gates.suites)
    player, about = players.find(
        model, adapter, url, label=label, dtype=chosen.base.dtype, temperature=temperature, strength=strength
    )
    batch = batch or (endpoint.AT_ONCE if players.is_endpoint(model) else chosen.gates.batch)
    gates = chosen.gates.model_copy(update={"batch": batch, "quick": chosen.gates.quick and not full})
    label_of = {variant: f"{label}-{variant}" for variant in VARIANTS} | {PLAIN: label}

    def score(variant: str) -> dict[str, Any]:
        name_of = f"{variant} ({VARIANTS.index(variant) + 1} of {len(VARIANTS)}): " if robust else ""
        return score_model(
            player, chosen.prompt, gates, suites, out, label=label_of[variant], about=about,
            progress=lambda text, done, total, left: show.at(done, total, f"{name_of}{text}", left),
            variant=variant, samples=samples, temperature=temperature,
        )  # fmt: skip

    with Stage("gates") as show, machine.at_work():
        scored = {variant: score(variant) for variant in (VARIANTS if robust else (PLAIN,))}
    written = lines(scored[PLAIN])
    result: dict[str, Any] = {"file": str(out / f"{label}.json"), "suites": scored[PLAIN]["suites"]}
    if robust:
        found = robustness.table(scored)
        write_json(out / f"{label}-robustness.json", found)
        result["robustness"] = found["suites"]
        written += ["", *robustness.lines(found)]
    emit(result, as_json, "\n".join([*written, result["file"]]))
    if any(entry["broken"] for gate in scored.values() for entry in gate["suites"].values()):
        raise typer.Exit(3)


@app.command("verify")
def gates_verify(own: OwnSuites = None, as_json: Json = False) -> None:
    """Recompute every hash of every suite and replay every gold solution. Exit 3: something does not match."""
    from mlx_train.gates import bfcl
    from mlx_train.gates.suites import load_all, load_own
    from mlx_train.places import DEV_SUITES, SUITES
    from mlx_train.recipe import BFCL_SUITES
    from mlx_train.recipe import SUITES as NAMES

    borrowed = BFCL_SUITES if bfcl.installed() else ()
    found = load_own(own) if own else [*load_all(SUITES, (*NAMES, *borrowed)), *load_all(DEV_SUITES, NAMES)]
    lines = [
        f"{suite.id:<18} {suite.lock.status:<7} {len(suite.tasks):>4} tasks  {suite.digest[:16]}  {suite.folder}"
        for suite in found
    ]
    lines += [] if borrowed or own else [f"{', '.join(BFCL_SUITES)}: left out, {bfcl.DISTRIBUTION} is not installed"]
    each = [
        {"id": s.id, "status": s.lock.status, "tasks": len(s.tasks), "digest": s.digest, "folder": str(s.folder)}
        for s in found
    ]
    emit(
        {"suites": each},
        as_json,
        "\n".join(lines),
    )


@app.command("selftest")
def gates_selftest(own: OwnSuites = None, as_json: Json = False) -> None:
    """Prove the checker: gold passes, solutions with a fault fail. Exit 3: it does not."""
    from mlx_train import machine
    from mlx_train.gates import bfcl
    from mlx_train.gates.selftest import lines, selftest
    from mlx_train.gates.suites import load_all, load_own
    from mlx_train.places import DEV_SUITES, SUITES
    from mlx_train.recipe import BFCL_SUITES
    from mlx_train.recipe import SUITES as NAMES

    borrowed = BFCL_SUITES if bfcl.installed() else ()
    roots = (("", SUITES, (*NAMES, *borrowed)), ("dev ", DEV_SUITES, NAMES))
    built_in = ((mark, one) for mark, root, names in roots for one in load_all(root, names))
    suites = (("", one) for one in load_own(own)) if own else built_in
    found = selftest({mark + one.id: one.tasks for mark, one in suites}, processes=1 if own else machine.cores())
    emit(found, as_json, "\n".join(lines(found)))
    raise typer.Exit(3 if found["faults"] else 0)


@app.command("view")
def gates_view(
    gate: Annotated[Path, typer.Argument(help="A gate file, or a run's folder: stock beside specialist.")],
    other: Annotated[Path | None, typer.Option("--with", help="Another gate file to show beside it.")] = None,
    own: OwnSuites = None,
    as_json: Json = False,
) -> None:
    """Write transcripts as one HTML page beside the gate file: why tasks failed, then every task. Exit 3: broken."""
    from mlx_train.gates.suites import outside_suites
    from mlx_train.gates.view import gate_files, view
    from mlx_train.places import DEV_SUITES, SUITES

    files = gate_files(gate, other)
    outside_suites(files[0])
    page = view(files, [own] if own else [SUITES, DEV_SUITES])
    emit({"page": str(page)}, as_json, str(page))


@app.command("init")
def gates_init(folder: Annotated[Path, typer.Argument(help="A new folder.")], as_json: Json = False) -> None:
    """Write a skeleton for a suite of one's own: a world in Python, some tasks, a README."""
    from mlx_train.gates.own import init
    from mlx_train.gates.suites import outside_suites

    outside_suites(folder)
    written = [str(path) for path in init(folder)]
    emit({"written": written}, as_json, "\n".join(written))


@app.command("freeze")
def gates_freeze(
    folder: Annotated[Path, typer.Argument(help="A suite of one's own. Its world.py is run.")],
    version: Annotated[int, typer.Option(help="Number of this version of the suite.", min=1)] = 1,
    as_json: Json = False,
) -> None:
    """Check a suite of one's own and write its lock; never over an existing one."""
    from mlx_train.gates.own import freeze
    from mlx_train.gates.suites import LOCK, outside_suites

    outside_suites(folder.resolve().parent)
    suite = freeze(folder, version)
    lock = folder / LOCK
    emit({"lock": str(lock), "tasks": len(suite.tasks), "digest": suite.digest}, as_json, f"{lock}: {suite.digest}")


@app.command("check")
def gates_check(
    baseline: Annotated[Path, typer.Argument(help="Gate file to compare with.")],
    candidate: Annotated[Path, typer.Argument(help="Gate file to judge.")],
    margin: Annotated[float, typer.Option(help="Loss of a rate that may not be exceeded.")] = 0.02,
    control: Annotated[
        Path | None, typer.Option(help="Another baseline; each suite is compared with the better of the two.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the comparison as JSON.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Also write JUnit XML, with a test case for each suite.")] = None,
    summary: Annotated[
        Path | None, typer.Option(help="Append a Markdown summary, as to the file $GITHUB_STEP_SUMMARY names.")
    ] = None,
    other_dtype: Annotated[
        bool, typer.Option("--other-dtype", help="The two were scored in different number formats, and that is meant.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare two gate files. Exit 0 all suites pass, 1 a regression, 2 inconclusive, 3 the measurement is broken."""
    from mlx_train.errors import GateBroken
    from mlx_train.gates import verdicts
    from mlx_train.gates.compare import compare_files, verdict_code
    from mlx_train.gates.suites import outside_suites

    outside_suites(out, junit, summary)
    try:
        found = compare_files(baseline, candidate, margin, control, other_dtype=other_dtype, keep_broken=True)
        code = verdict_code(found)
    except GateBroken as error:
        verdicts.write_broken(out, junit, summary, str(error))
        raise
    verdicts.write(out, junit, summary, found)
    emit(found, as_json, "\n".join(verdicts.lines(found)))
    raise typer.Exit(code)
