"""What becomes of a run: packages, the ladder, promotion, publishing, reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mlx_train.cli.options import Json, RunName, emit, say
from mlx_train.errors import BadInput
from mlx_train.places import PROGRAM

app = typer.Typer()


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
    from mlx_train import machine, models, pipeline, records
    from mlx_train.progress import Stage
    from mlx_train.release import gguf, signature
    from mlx_train.release.package import package as write

    if form is not None:
        gguf.check(form)
    if key is not None:
        signature.check(key)
    folder = pipeline.find(name)
    recipe = records.recipe_of(folder)
    base = models.locate(recipe.base)
    if form is not None:
        gguf.check_base(base)
    with Stage("package") as show, machine.at_work():
        facts = write(folder, base, show)
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
        raise BadInput(f"--base {base}: no such directory. `{PROGRAM} fetch NAME` prints where a base is.")
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
    with Stage("ladder") as show, machine.at_work():
        names, scored = [rung for rung in only.split(",") if rung], suite if gates else ()
        found = climb(folder, names, scored=scored, dev=dev, full=full, show=show)
    written = place(folder, dev) / "ladder.md"
    text = f"{written.read_text(encoding='utf-8')}\n{written}"
    emit(found, as_json, text)


@app.command()
def promote(
    run: RunName = None,
    name: Annotated[str | None, typer.Option(help="Of the specialist; the recipe's if left out.")] = None,
    key: Annotated[
        Path | None, typer.Option("--sign", help="Also sign the whole folder with this private key, a PEM file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Copy what is public and small of a run to artifacts/<specialist>/. Exit 1: a package does not match its lock."""
    from mlx_train import pipeline
    from mlx_train.release import signature
    from mlx_train.release.promote import promote as copy

    if key is not None:
        signature.check(key)
    found = copy(pipeline.find(run), name, key=key)
    lines = found["faults"] or [f"{found['path']}{'' if found['new'] else ': was there already'}"]
    lines += [f"{part} is left out, too large for git" for part in found["left_out"]]
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
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Two runs or saved reports, side by side; written beside A, or here."),
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

    Of a report.json, the Markdown and the page beside it are made again from it alone, unless a lock covers them.
    """
    from mlx_train import pipeline
    from mlx_train.files import append_text, write_json
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
    if summary is not None:
        append_text(summary, reports.summary(found))
    if attestation is not None:
        try:
            write_json(attestation, statement(found))
        except BadInput as fault:
            if not found["blocking"]:
                raise
            say(f"{fault} No attestation was written.")
    emit(found, as_json, reports.markdown(found) + f"\n{path.with_suffix('.html')}")
    raise typer.Exit(1 if found["blocking"] else 0)


def _report(name: str | None) -> tuple[Path, dict[str, Any]]:
    """Path and content of a report.json: of a saved one, or made of a run now. Writes what is beside it."""
    from mlx_train import pipeline
    from mlx_train.release import lock, saved
    from mlx_train.release import report as reports

    if name and name.endswith(".json"):
        found = saved.read(Path(name))
        if lock.locked(Path(name)) is None:  # what has a lock stays as it is
            reports.rebuild(Path(name), found)
        return Path(name), found
    folder = pipeline.find(name)
    return folder / "report" / "report.json", reports.report(folder)


def _compare_reports(names: tuple[str, str], as_json: bool) -> None:
    from mlx_train import pipeline
    from mlx_train.release import lock, saved, versus

    paths = [Path(name) if name.endswith(".json") else pipeline.find(name) / "report" / "report.json" for name in names]
    found = versus.versus(*map(saved.read, paths))
    beside = paths[0].parent if lock.locked(paths[0]) is None else Path()  # what has a lock stays as it is
    written = versus.write(beside, found)
    emit(found, as_json, versus.markdown(found) + f"\n{written}")
