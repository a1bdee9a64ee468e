"""The command line: one function per verb. It parses, calls and prints; everything else is imported when needed."""

from __future__ import annotations

import errno
import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from mlx_train import preload
from mlx_train.errors import BadInput, Fault, Interrupted, NoSpace

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=(
    "Fine-tune small tool-calling specialists, and measure what the training cost elsewhere."))  # fmt: skip
data_app = typer.Typer(no_args_is_help=True, help="Trajectories: build, audit, show, and a skeleton for one's own.")
gates_app = typer.Typer(no_args_is_help=True, help="Suites: score models, compare scores, check the suites themselves.")
bench_app = typer.Typer(no_args_is_help=True, help="Speed and memory beside the peer, in one run.")
app.add_typer(data_app, name="data")
app.add_typer(gates_app, name="gates")
app.add_typer(bench_app, name="bench")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else there.")]
RecipeName = Annotated[str, typer.Argument(help="A recipe's name (see recipes/) or the path of a .toml file.")]
Own = Annotated[Path | None, typer.Option("--suites", help=(
    "A suite of one's own, or a folder of them, in place of the built-in ones. Their world.py is run."))]  # fmt: skip
RunName = Annotated[str | None, typer.Argument(help="A run's folder or a recipe's name; the newest run if left out.")]


def emit(result: Any, as_json: bool, text: str) -> None:
    """Print a verb's result: for programs, or for people."""
    print(json.dumps(result, ensure_ascii=False) if as_json else text)


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
    current = pipeline.Run(chosen, recipes.find(recipe), say=lambda text: print(text, file=sys.stderr))
    print(f"run {current.folder}", file=sys.stderr)
    pipeline.execute(current)
    _print_run(current.folder, as_json)


def _announce(recipe: Any, root: Path) -> None:
    """Before a long job: how much memory, disk and time it wants, as far as that is known."""
    from mlx_train.planning import plan, plan_text

    print(plan_text(recipe, plan(recipe, root)), file=sys.stderr)


def _print_run(folder: Path, as_json: bool) -> None:
    from mlx_train import pipeline
    from mlx_train.release import table

    found = pipeline.overview(folder)
    comparison = json.loads((folder / "gates" / "comparison.json").read_text())
    stock, specialist = (
        json.loads((folder / "gates" / f"{name}.json").read_text()) for name in ("stock", "specialist")
    )
    lines = [table.text(stock, specialist, comparison), ""]
    blockers = found["blockers"]
    lines.append(
        f"{found['label']}: " + (f"blocked by {len(blockers)}: {', '.join(blockers)}" if blockers else "releasable")
    )
    lines += [f"report  {found['report']}", f"try it  ./just mlx-train chat {folder}"]
    emit(found, as_json, "\n".join(lines))


@app.command()
def fit(recipe: RecipeName, as_json: Json = False) -> None:
    """Build the data and train, without scoring. `run` goes on from there."""
    from mlx_train import pipeline
    from mlx_train import recipe as recipes

    current = pipeline.Run(recipes.load(recipe), recipes.find(recipe), say=lambda text: print(text, file=sys.stderr))
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
    with Stage("base") as show, pipeline.stop_requests() as stop, machine.kept_awake():

        def report(line: dict[str, Any]) -> None:
            text = f"{line['phase']}  step {line['step']}/{line['steps']}  loss {line['loss']:.3f}"
            show.at(line["step"], line["steps"], text, line["seconds_left"])

        made = embedded.rebuild(work, report, stop)
    text = f"{work / 'model'}: {made['parameters'] / 1e6:.1f} M parameters, SHA-256 {made['weights_sha256']}"
    emit(made, as_json, text)


@app.command()
def fetch(name: RecipeName, as_json: Json = False) -> None:
    """Get the base model of a recipe, and print where it is."""
    from mlx_train import models
    from mlx_train import recipe as recipes

    path = models.locate(recipes.load(name).base, say=lambda text: print(text, file=sys.stderr))
    emit({"path": str(path), "weights_sha256": models.weights_sha256(path)}, as_json, str(path))


@app.command()
def plan(
    recipe: RecipeName,
    mac: Annotated[float | None, typer.Option(help="For a Mac with so many GB of memory, not this machine.")] = None,
    as_json: Json = False,
) -> None:
    """Estimate memory, disk and time of a recipe before anything is loaded or fetched. Exit 1: it does not fit."""
    from mlx_train import recipe as recipes
    from mlx_train.planning import plan as make
    from mlx_train.planning import plan_text

    chosen = recipes.load(recipe)
    found = make(chosen, recipes.find(recipe).parent, mac)
    emit(found, as_json, plan_text(chosen, found))
    raise typer.Exit(0 if found["fits"] else 1)


@app.command()
def package(
    name: RunName = None,
    form: Annotated[
        str | None, typer.Option("--gguf", help="Also write the whole model for llama.cpp: f16 or q8_0.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--sign", help="Also sign the packages with this private key, a PEM file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Package a finished run again: adapter, fused model, cards and lock files."""
    from mlx_train import models, pipeline
    from mlx_train.files import read_json
    from mlx_train.recipe import Recipe
    from mlx_train.release import gguf, signature
    from mlx_train.release.package import package as write

    if form is not None:
        gguf.check(form)
    if key is not None:
        signature.check(key)
    folder = pipeline.find(name)
    recipe = Recipe.model_validate(read_json(folder / "run.json", "record of a run")["recipe"])
    base = models.locate(recipe.base)
    if form is not None:
        gguf.check_base(base)
    facts = write(folder, base)
    made = [part for part in ("package", "fused") if facts[part]]
    if key is not None:
        for part in made:
            signature.sign(folder / part, key)
    lines = [f"{folder / part}{', signed' if key else ''}" for part in made]
    if form is not None:
        facts["gguf"] = gguf.of_run(folder, form)
        lines.append(facts["gguf"]["path"])
    emit(facts, as_json, "\n".join(lines))


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="A package/ or fused/ folder, or a promoted specialist.")],
    base: Annotated[
        Path | None, typer.Option(help="Directory of its base model, to compare with what the lock says of that.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Public key that has to have signed it, a PEM file.")] = None,
    as_json: Json = False,
) -> None:
    """Check a package against its lock file, its base, and its signature. Exit 1: one is not that of these files."""
    from mlx_train.release import lock, signature

    if base is not None and not base.is_dir():
        raise BadInput(f"--base {base}: no such directory. `mlx-train fetch NAME` prints where a base is.")
    faults = lock.verify(folder, base)
    state, more = signature.verify(folder, key)
    faults += more
    whole = "as locked, and so is its base" if base else "as locked"
    text = "\n".join(faults) or f"{folder}: {whole}; signature: {state or 'none'}"
    emit({"folder": str(folder), "signature": state, "faults": faults}, as_json, text)
    raise typer.Exit(1 if faults else 0)


@app.command()
def ladder(
    name: RunName = None,
    only: Annotated[str, typer.Option("--rungs", help="Names with commas between, such as 8,4,mxfp4; else all.")] = "",
    suite: Annotated[list[str] | None, typer.Option(help="Suites to score; the recipe's if left out.")] = None,
    gates: Annotated[bool, typer.Option("--gates/--no-gates", help="Whether every rung does the tasks.")] = True,
    dev: Annotated[bool, typer.Option("--dev", help="Do the dev suites; writes ladder/dev/.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Do whole suites instead of quick subsets.")] = False,
    as_json: Json = False,
) -> None:
    """Quantise a run's fused model to rungs and measure each: divergence, tasks, speed, memory. Resumable."""
    from mlx_train import machine, pipeline
    from mlx_train.progress import Stage
    from mlx_train.release.ladder import ladder as climb
    from mlx_train.release.ladder import place

    folder = pipeline.find(name)
    machine.bound_cache()
    with Stage("ladder") as show, machine.kept_awake():
        names, scored = [rung for rung in only.split(",") if rung], suite if gates else ()
        found = climb(folder, names, scored=scored, dev=dev, full=full, show=show)
    written = place(folder, dev) / "ladder.md"
    text = f"{written.read_text(encoding='utf-8')}\n{written}"
    emit(found, as_json, text)


@app.command()
def promote(
    run: RunName = None,
    name: Annotated[str | None, typer.Option(help="Of the specialist; the recipe's if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Copy what is public and small of a run to artifacts/<specialist>/. Exit 1: a package does not match its lock."""
    from mlx_train import pipeline
    from mlx_train.release.promote import promote as copy

    found = copy(pipeline.find(run), name)
    lines = found["faults"] or [f"{found['path']}{'' if found['new'] else ': was there already'}"]
    lines += [f"{part}/ is left out: it has files that are too large for git" for part in found["left_out"]]
    lines += [f"{file} is large for git" for file in found["large"]]
    emit(found, as_json, "\n".join(lines))
    raise typer.Exit(1 if found["faults"] else 0)


@app.command()
def publish(
    repo: Annotated[str, typer.Option(help="OWNER/NAME on the hub; made if there is none.")],
    run: RunName = None,
    upload: Annotated[bool, typer.Option("--upload", help="Upload; without it, only say what would be.")] = False,
    fused: Annotated[bool, typer.Option("--fused", help="The whole model in place of the adapter.")] = False,
    as_json: Json = False,
) -> None:
    """Put a releasable run's package on a model hub. Exit 1: package and lock differ, or --upload of a blocked run."""
    from mlx_train import pipeline
    from mlx_train.release.publish import publish as put

    found = put(pipeline.find(run), repo, upload, fused)
    lines = [f"{size:>13,} {name}" for name, size in found.get("files", {}).items()]
    lines += [f"{found['folder']} -> {repo}: {found['verdict']}", *(f"blocks: {id}" for id in found["blockers"])]
    lines += found["faults"]
    if found["commit"]:
        lines.append(f"uploaded as commit {found['commit']}" + ("" if found["faults"] else ", and it is as locked"))
    else:
        lines.append("not uploaded: the run is blocked" if upload else "nothing was uploaded; --upload does it")
    emit(found, as_json, "\n".join(lines))
    raise typer.Exit(1 if found["faults"] or (upload and not found["commit"]) else 0)


@app.command()
def report(
    name: Annotated[
        str | None, typer.Argument(help="A run's folder, a recipe's name, or a saved report.json; the newest run.")
    ] = None,
    compare: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="Two runs or saved reports, side by side.")
    ] = None,
    control: Annotated[
        str | None, typer.Option(help="A run trained as far on replay data alone, to compare with too from now on.")
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(help="Append a Markdown summary, as to the file $GITHUB_STEP_SUMMARY names.")
    ] = None,
    attestation: Annotated[
        Path | None, typer.Option(help="Also write an in-toto statement with the test result, unsigned.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print what blocks the release of a run, and write its report again. Exit 1: something blocks it.

    Of a report.json, the Markdown and the page beside it are made again from it alone.
    """
    from mlx_train import pipeline
    from mlx_train.files import write_json
    from mlx_train.release import control as controls
    from mlx_train.release import report as reports
    from mlx_train.release.attestation import statement

    if compare is not None:
        if name or summary or attestation or control:
            raise BadInput("--compare A B: takes two runs and nothing else. Leave the others out.")
        _compare_reports(compare, as_json)
        return
    if control is not None:
        controls.adopt(pipeline.find(name), pipeline.find(control))
    path, found = _report(name)
    if attestation is not None:
        write_json(attestation, statement(found))
    if summary is not None:
        with open(summary, "a", encoding="utf-8") as stream:
            stream.write(reports.summary(found))
    text = path.with_suffix(".md").read_text(encoding="utf-8") + f"\n{path.with_suffix('.html')}"
    emit(found, as_json, text)
    raise typer.Exit(1 if found["blocking"] else 0)


def _report(name: str | None) -> tuple[Path, dict[str, Any]]:
    """Path and content of a report.json: of a saved one, or made of a run now. Writes what is beside it."""
    from mlx_train import pipeline
    from mlx_train.release import report as reports
    from mlx_train.release import saved

    if name and name.endswith(".json"):
        found = saved.read(Path(name))
        reports.rebuild(Path(name), found)
        return Path(name), found
    folder = pipeline.find(name)
    return folder / "report" / "report.json", reports.report(folder)


def _compare_reports(names: tuple[str, str], as_json: bool) -> None:
    from mlx_train import pipeline
    from mlx_train.release import saved, versus

    paths = [Path(name) if name.endswith(".json") else pipeline.find(name) / "report" / "report.json" for name in names]
    found = versus.versus(*map(saved.read, paths))
    written = versus.write(paths[0].parent, found)
    emit(found, as_json, versus.markdown(found) + f"\n{written}")


@app.command()
def chat(
    model: Annotated[
        str | None, typer.Argument(help="A run, a recipe's name, or a model directory; the newest run if left out.")
    ] = None,
    domain: Annotated[str, typer.Option(help="Whose tools to offer.")] = "files",
) -> None:
    """Try a model with its tools in a scratch world, in the terminal."""
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


@data_app.command("build")
def data_build(
    recipe: RecipeName,
    out: Annotated[Path | None, typer.Option(help="Folder to write into; data/built/<recipe> if left out.")] = None,
    as_json: Json = False,
) -> None:
    """Build a recipe's trajectories: train.jsonl, dev.jsonl and summary.json."""
    from mlx_train import recipe as recipes
    from mlx_train.data.build import build, expected
    from mlx_train.places import CACHE
    from mlx_train.progress import Stage

    chosen = recipes.load(recipe)
    folder = out or CACHE / chosen.name
    with Stage("data") as show:
        total = expected(chosen)
        summary = build(
            chosen, folder, recipes.find(recipe).parent, lambda done: show.at(done, total, f"{done} rows built")
        )
    lines = [f"{folder}: {summary.rows} rows, {summary.dev_rows} dev rows, {summary.templates} phrasings"]
    lines += [f"  {domain:<12} {count}" for domain, count in summary.domains.items()]
    lines += [f"  left out: {count} {reason}" for reason, count in summary.rejects.items()]
    emit({"folder": str(folder), **summary.model_dump()}, as_json, "\n".join(lines))


Rows = Annotated[
    str, typer.Argument(help="A recipe (its rows are built), or the path of a .jsonl file of trajectories.")
]


def _rows(name: str) -> Path:
    """The trajectories of a file, or of a recipe, built now."""
    from mlx_train import recipe as recipes
    from mlx_train.data.build import build
    from mlx_train.places import CACHE

    if name.endswith(".jsonl"):
        return Path(name)
    chosen = recipes.load(name)
    build(chosen, CACHE / chosen.name, recipes.find(name).parent)
    return CACHE / chosen.name / "train.jsonl"


@data_app.command("audit")
def data_audit(
    rows: Rows,
    suite: Annotated[list[str] | None, typer.Option(help="Suites to compare with; all if left out.")] = None,
    dev: Annotated[bool, typer.Option("--dev", help="Compare with the dev suites, which choose checkpoints.")] = False,
    stock: Annotated[
        bool, typer.Option("--stock", help="Compare the rows that the recipe's base was made from, if it is ours.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look for tasks of the suites in training rows. Exit 1: an overlap that blocks."""
    from mlx_train.data.audit import audit
    from mlx_train.data.stock import dev_rows
    from mlx_train.data.trajectory import stream
    from mlx_train.gates.suites import load_all, load_borrowed
    from mlx_train.places import DEV_SUITES, SUITES
    from mlx_train.recipe import BFCL_SUITES
    from mlx_train.recipe import SUITES as NAMES

    suites = load_all(DEV_SUITES if dev else SUITES, suite or NAMES)
    if not suite and not dev:
        suites += load_borrowed(BFCL_SUITES, lambda text: print(text, file=sys.stderr))
    if stock:
        if suite:
            raise BadInput("--stock compares with every suite. Leave --suite out.")
        result = _audit_stock(rows, suites, dev)
        parts = {f"{name}: ": entry["suites"] for name, entry in result["recipes"].items()}
    else:
        path = _rows(rows)
        more = () if dev else dev_rows(path)
        found = audit(stream(path), {one.id: one.tasks for one in suites}, path.name, more, "dev.jsonl")
        result = {name: overlap.json() for name, overlap in found.items()}
        parts = {"": result}
    lines = [mark + _overlap_line(entry) for mark, part in parts.items() for entry in part.values()]
    emit(result, as_json, "\n".join(lines))
    raise typer.Exit(1 if any(entry["blocking"] for part in parts.values() for entry in part.values()) else 0)


def _audit_stock(name: str, suites: Any, dev: bool) -> dict[str, Any]:
    from mlx_train import models
    from mlx_train import recipe as recipes
    from mlx_train.data import stock as stock_data
    from mlx_train.places import CACHE, RUNS

    base = recipes.load(name).base
    if (own := stock_data.own_base(base.name)) is None:
        raise BadInput(f"--stock: what the base {base.name!r} was trained on is not known here. Give `embedded`.")
    tasks, digests = {one.id: one.tasks for one in suites}, {one.id: one.digest for one in suites}
    out = CACHE / f"{base.name}-dev-{stock_data.RESULT}" if dev else own / stock_data.RESULT
    return stock_data.audit_stock(
        own, models.weights_sha256(models.locate(base)), tasks, digests, RUNS / f"{base.name}-base", out,
        with_dev=not dev, say=lambda text: print(text, file=sys.stderr),
    )  # fmt: skip


def _overlap_line(entry: dict[str, Any]) -> str:
    counts = ", ".join(f"{level} {count}" for level, count in entry["counts"].items() if count) or "nothing"
    verdict = f"BLOCKS {', '.join(entry['blocks'])}" if entry["blocking"] else "ok"
    names = f"{100 * entry['names']:.1f} % of names"
    return f"{entry['suite']:<18} {verdict}  (of {entry['tasks']} tasks share: {counts}; {names})"


@data_app.command("show")
def data_show(
    rows: Rows,
    model: Annotated[
        str, typer.Option(help="Model directory whose tokenizer and template to use, or `embedded`.")
    ] = "embedded",
    number: Annotated[int, typer.Option("--row", help="Which row, from 1.")] = 1,
    marks: Annotated[
        bool, typer.Option(help="Also mark trained tokens with brackets, for output without colour.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a trajectory as the model reads it, with the trained tokens in colour."""
    from rich.console import Console

    from mlx_train import models
    from mlx_train.chat.render import Chat
    from mlx_train.data.show import show
    from mlx_train.data.trajectory import load

    trajectories = load(_rows(rows))
    if not 1 <= number <= len(trajectories):
        raise BadInput(f"--row {number}: {rows} has rows 1 to {len(trajectories)}.")
    renderer = Chat(models.load_tokenizer(model))
    trajectory = trajectories[number - 1]
    if as_json:
        examples = renderer.examples(trajectory.messages, trajectory.tools, trajectory.id)
        emit([{"id": e.id, "ids": e.ids, "trained": e.trained, "shared": e.shared} for e in examples], True, "")
        return
    console = Console()
    console.print(show(trajectory, renderer, marks or not console.is_terminal))


@data_app.command("rollouts")
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
    machine.bound_cache()
    with Stage("rollouts") as show, machine.kept_awake():
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


@data_app.command("init")
def data_init(folder: Annotated[Path, typer.Argument(help="A new folder.")], as_json: Json = False) -> None:
    """Write a skeleton for one's own tools and trajectories."""
    from mlx_train.data.init import init

    written = [str(path) for path in init(folder)]
    emit({"written": written}, as_json, "\n".join(written))


@gates_app.command("run")
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
    own: Own = None,
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
    """Score a model on suites. Exit 3: a suite is missing or does not match its lock."""
    from mlx_train import recipe as recipes
    from mlx_train.files import write_json
    from mlx_train.gates import endpoint, players, robustness
    from mlx_train.gates.run import method, score_model
    from mlx_train.gates.score import lines
    from mlx_train.gates.suites import load_all, load_own, outside_suites
    from mlx_train.gates.variants import PLAIN, VARIANTS
    from mlx_train.places import DEV_SUITES, SUITES
    from mlx_train.progress import Stage

    if own and (suite or dev):
        raise BadInput("--suites takes the place of --suite and --dev; leave those out.")
    outside_suites(out, out / label, out / "transcripts" / label)
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
        name_of = "" if variant == PLAIN else f"{variant} "
        return score_model(
            player, chosen.prompt, gates, suites, out, label=label_of[variant], about=about,
            progress=lambda name, done, total, won, left: show.at(done, total, f"{name_of}{name} {won} passed", left),
            variant=variant, samples=samples, temperature=temperature,
        )  # fmt: skip

    with Stage("gates") as show:
        scored = {variant: score(variant) for variant in (VARIANTS if robust else (PLAIN,))}
    written = lines(scored[PLAIN])
    result: dict[str, Any] = {"file": str(out / f"{label}.json"), "suites": scored[PLAIN]["suites"]}
    if robust:
        found = robustness.table(scored)
        write_json(out / f"{label}-robustness.json", found)
        result["robustness"] = found["suites"]
        written += ["", *robustness.lines(found)]
    emit(result, as_json, "\n".join([*written, result["file"]]))


@gates_app.command("verify")
def gates_verify(own: Own = None, as_json: Json = False) -> None:
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
    emit(
        [
            {"id": s.id, "status": s.lock.status, "tasks": len(s.tasks), "digest": s.digest, "folder": str(s.folder)}
            for s in found
        ],
        as_json,
        "\n".join(lines),
    )


@gates_app.command("selftest")
def gates_selftest(own: Own = None, as_json: Json = False) -> None:
    """Prove the checker: gold passes, solutions with a fault fail. Exit 3: it does not."""
    from mlx_train import machine
    from mlx_train.gates import bfcl
    from mlx_train.gates.selftest import selftest
    from mlx_train.gates.suites import load_all, load_own
    from mlx_train.places import DEV_SUITES, SUITES
    from mlx_train.recipe import BFCL_SUITES
    from mlx_train.recipe import SUITES as NAMES

    borrowed = BFCL_SUITES if bfcl.installed() else ()
    roots = (("", SUITES, (*NAMES, *borrowed)), ("dev ", DEV_SUITES, NAMES))
    built_in = ((mark, one) for mark, root, names in roots for one in load_all(root, names))
    suites = (("", one) for one in load_own(own)) if own else built_in
    found = selftest({mark + one.id: one.tasks for mark, one in suites}, processes=1 if own else machine.cores())
    text = "\n".join(
        [
            f"{found['tasks']} tasks, {found['tasks'] - found['changes']} read-only: gold passes {found['gold_pass']}, "
            f"mutants killed {found['mutants_killed']}/{found['mutants']}, "
            f"equivalents pass {found['equivalents_pass']}/{found['equivalents']}",
            *(f"  {kind:<20} {_counted(counts)}" for kind, counts in found["kinds"].items()),
            *(
                f"  {name:<20} passed by one who "
                + ", ".join(f"{policy} {share:.1%}" for policy, share in shares.items())
                for name, shares in found["policies"].items()
            ),
            *(
                f"  gold calls that fail, {'meant to' if meaning == 'meant' else 'not known whether meant to'}: "
                + ", ".join(f"{family} {count}" for family, count in families.items())
                for meaning, families in found["gold_errors"].items()
                if families
            ),
            *(f"survived: {line}" for line in found["survivors"]),
            *(f"fault: {line}" for line in found["faults"]),
        ]
    )
    emit(found, as_json, text)
    raise typer.Exit(3 if found["faults"] else 0)


def _counted(counts: dict[str, int]) -> str:
    """One kind of variant: how many there were and what became of them."""
    if "equal" in counts:
        return f"{counts['passed']} of {counts['equal']} pass"
    return f"{counts['killed']} of {counts['made'] - counts['excluded']} fail, {counts['excluded']} proven equal"


@gates_app.command("view")
def gates_view(
    gate: Annotated[Path, typer.Argument(help="A gate file, or a run's folder: stock beside specialist.")],
    other: Annotated[Path | None, typer.Option("--with", help="Another gate file to show beside it.")] = None,
    own: Own = None,
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


@gates_app.command("init")
def gates_init(folder: Annotated[Path, typer.Argument(help="A new folder.")], as_json: Json = False) -> None:
    """Write a skeleton for a suite of one's own: a world in Python, some tasks, a README."""
    from mlx_train.gates.own import init
    from mlx_train.gates.suites import outside_suites

    outside_suites(folder)
    written = [str(path) for path in init(folder)]
    emit({"written": written}, as_json, "\n".join(written))


@gates_app.command("freeze")
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


@gates_app.command("check")
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


@bench_app.command("train")
def bench_train(
    prefix: Annotated[int, typer.Option(help="Tokens that all rows begin with.")] = 1500,
    suffix: Annotated[int, typer.Option(help="Mean tokens of a row after them.")] = 300,
    batch: Annotated[int, typer.Option(help="Rows of a step.")] = 8,
    vocabulary: Annotated[int, typer.Option(help="Of the model.")] = 16384,
    layers: Annotated[int, typer.Option(help="Of the model.")] = 4,
    width: Annotated[int, typer.Option(help="Of the model, a multiple of 64.")] = 256,
    dtype: Annotated[str, typer.Option(help="float32, bfloat16 or float16.")] = "float32",
    rounds: Annotated[int, typer.Option(help="Alternating measurements of each.")] = 2,
    table: Annotated[bool, typer.Option("--table", help="Also vary prefix, suffix, batch and vocabulary.")] = False,
    as_json: Json = False,
) -> None:
    """Train beside mlx-lm's own trainer on the same random model and rows: speed, memory, loss, gradients."""
    from mlx_train.bench import train as bench
    from mlx_train.bench.trainers import Workload

    load = Workload(
        prefix=prefix, suffix=suffix, batch=batch, vocabulary=vocabulary, layers=layers, width=width, dtype=dtype
    )

    def say(what: str) -> None:
        print(f"bench: {what}", file=sys.stderr)

    found = bench.headline(load, rounds, say)
    lines = [bench.text(found)]
    if table:
        found["table"] = bench.sweep(load, rounds, say)
        lines += ["", bench.table(found["table"])]
    emit(found, as_json, "\n".join(lines))


@bench_app.command("data")
def bench_data(
    rows: Annotated[list[int] | None, typer.Option(help="Numbers of rows; 17,000 and 170,000 if left out.")] = None,
    folder: Annotated[Path | None, typer.Option(help="To keep what is made in, so that a call can go on.")] = None,
    as_json: Json = False,
) -> None:
    """Read, check, encode and batch generated conversations: time and memory by the number of rows."""
    from mlx_train.bench import data as bench

    with tempfile.TemporaryDirectory() as scratch:
        found = bench.measure(
            rows or [17_000, 170_000], folder or Path(scratch), lambda what: print(f"bench: {what}", file=sys.stderr)
        )
    emit(found, as_json, bench.text(found))


@bench_app.command("gates")
def bench_gates(
    model: Annotated[str, typer.Argument(help="A model directory, or `embedded`.")] = "embedded",
    suite: Annotated[str, typer.Option(help="Dev suite to take tasks of.")] = "hard",
    tasks: Annotated[int, typer.Option(help="How many.")] = 48,
    batch: Annotated[int, typer.Option(help="Rollouts side by side.")] = 16,
    rounds: Annotated[int, typer.Option(help="Alternating measurements of each way.")] = 1,
    as_json: Json = False,
) -> None:
    """Roll out tasks beside mlx-lm's own generation, plain and with a prompt cache: time and transcripts."""
    from mlx_train import models
    from mlx_train import recipe as recipes
    from mlx_train.bench import gates as bench
    from mlx_train.chat.render import Chat
    from mlx_train.gates.rollouts import Settings
    from mlx_train.gates.suites import load_all
    from mlx_train.places import DEV_SUITES

    chosen = recipes.load("embedded")
    trained, tokenizer = models.load_trained(models.locate(recipes.Base(name=model)), chosen.base.dtype, None)
    settings = Settings(chosen.prompt, chosen.gates.max_new_tokens, chosen.gates.max_calls, batch)
    (held,) = load_all(DEV_SUITES, [suite])
    found = bench.compare(
        held.tasks[:tasks],
        trained,
        Chat(tokenizer),
        settings,
        rounds,
        lambda what: print(f"bench: {what}", file=sys.stderr),
    )
    emit(found, as_json, bench.text(found))


def main() -> None:
    """Entry point: turns every fault into one message and its exit code."""
    preload.ensure()
    sys.exit(call(sys.argv[1:]))


def call(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        return int(app(arguments, standalone_mode=False) or 0)
    except TyperException as error:  # usage
        print(f"mlx-train: {error}. See `mlx-train --help`.", file=sys.stderr)
        return BadInput.exit_code
    except Fault as error:
        print(f"mlx-train: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("\nmlx-train: interrupted. What was done is kept; the same command goes on from there.", file=sys.stderr)
        return Interrupted.exit_code
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS):
            print(
                f"mlx-train: {error.filename or 'the disk'}: {error.strerror}. Free some space and try again.",
                file=sys.stderr,
            )
            return NoSpace.exit_code
        return _own_fault()
    except Exception as error:
        from mlx_train.machine import gpu_fault

        if (known := gpu_fault(error)) is None:
            return _own_fault()
        print(f"mlx-train: {known}", file=sys.stderr)
        return known.exit_code


def _own_fault() -> int:
    with tempfile.NamedTemporaryFile("w", prefix="mlx-train-", suffix=".txt", delete=False) as stream:
        traceback.print_exc(file=stream)
    print(
        f"mlx-train: a fault of the program itself: {sys.exc_info()[1]!r}. Please report it with {stream.name}.",
        file=sys.stderr,
    )
    return Fault.exit_code
