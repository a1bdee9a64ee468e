"""Promoting a run: what is public and small of it, copied to `artifacts/<specialist>/`, where git keeps it.

Transcripts, training rows, checkpoints and the run's own record stay behind; the last says where things lie on this
machine.
"""

from __future__ import annotations

import getpass
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput
from mlx_train.files import sha256_file, staged_folder, write_text
from mlx_train.places import ARTIFACTS, PROGRAM, SUITES, WORK
from mlx_train.release import evidence, lock, parity, report, signature, waivers
from mlx_train.release.card import code, plain

LARGEST = 24_000_000
"""Bytes of a file; some code hosts refuse files of 25 MB. A fused model with a larger one is left out, and so is a file
of the adapter package that the base has too, which an adapter needs anyway: Gemma's tokenizer has 33 MB."""
RESULTS = ("gates/stock.json", "gates/specialist.json", "gates/comparison.json",
           "report/report.json", "report/report.md", "report/report.html")  # fmt: skip
IF_THERE = (parity.FILE, evidence.GENERAL, evidence.CEILING, evidence.CONTROL, evidence.SELFTEST, evidence.LADDER,
            waivers.FILE)  # fmt: skip
"""What the report also draws on, where it was measured; where not, the report says so."""
CONTENTS = {
    "package": "the adapter with tokenizer, template, prompt, tools, card and lock; its base is named there by hash",
    "fused": "the whole model, with what was trained merged into it",
    "gates": "scores of stock and specialist with every task, their comparison, and what else the report draws on",
    "report": "what was measured, what blocks a release, where it comes from: JSON, Markdown, HTML",
    "ladder": "what quantising it costs, by rung",
    "lock.json": "size and SHA-256 of every file here",
}
INDEX = "README.md"


def promote(
    run: Path, name: str | None = None, root: Path = ARTIFACTS, suites: Path = SUITES, key: Path | None = None
) -> dict[str, Any]:
    """Copy a run's adapter package, gate files, comparison and report, and its fused model if that is small.

    Args:
        run: folder of a finished run; its report is written again first.
        name: of the specialist; the recipe's if left out.
        root: folder of the specialists.
        suites: folder of the suites that are installed now.
        key: private key to sign all of it with.

    Returns:
        `path`; `new`, False if it was there already; `faults`, what `verify` finds, and then nothing is copied;
        `left_out`, what is too large: a package, or a file of the adapter's that is the base's too; `large`, files
        copied that are over the limit all the same.

    Raises:
        BadInput: the run is not finished, a file names a place on this machine, or another run has this name.
    """
    found = evidence.read(run, suites)
    target = root / _checked(name or found.run["recipe"]["name"])
    missing = [part for part in found.folders if part not in found.locks]
    if missing:
        raise BadInput(f"{run / missing[0]}: not packaged. Make the packages with `{PROGRAM} package {run}`.")
    result: dict[str, Any] = {"path": str(target), "new": False, "left_out": [], "large": []}
    faults = [f"{part}/{fault}" for part in found.folders for fault in found.lock_faults[part]]
    if faults:
        return {**result, "faults": faults}

    content = report.save(run, found)
    copied = [part for part in found.folders if part == "package" or not _large(found.locks[part])]
    files = {part: run / part for part in (*RESULTS, *(part for part in IF_THERE if (run / part).exists()))}
    lent: list[str] = []
    for part in copied:
        files |= {f"{part}/{file}": run / part / file for file in lock.contents(run / part)}
        lent += [f"{part}/{file}" for file in lock.of_base(found.locks[part]) if file in _large(found.locks[part])]
    files = {file: path for file, path in files.items() if file not in lent}
    if absent := [path for path in files.values() if not path.is_file()]:
        raise BadInput(f"{absent[0]}: missing. Finish the run first; the same command goes on where it stopped.")
    refuse_private(files, run)
    result |= {
        "left_out": [*(part for part in found.folders if part not in copied), *lent],
        "large": sorted({f"{part}/{file}" for part in copied for file in _large(found.locks[part])} - {*lent}),
    }
    if target.exists():
        faults = _there(target, found.run["id"], files)
        if key is not None and not faults:
            if (target / lock.SIGNATURE).exists():
                raise BadInput(f"{target / lock.SIGNATURE}: is there already. Remove it to sign anew.")
            signature.sign(target, key)
        return {**result, "faults": faults}
    facts = {
        "run": found.run["id"],
        "recipe": found.run["recipe"]["name"],
        "verdict": content["verdict"],
        "label": content["label"],
        "external": found.locks[found.folders[0]]["external"],
        "left_out": {part: found.locks[part]["lock_sha256"] for part in found.folders if part not in copied},
    }
    with staged_folder(target) as stage:
        for place, path in files.items():
            (stage / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, stage / place)
        write_text(stage / INDEX, _index(target.name, content, copied, result["left_out"]))
        lock.write(stage, lock.SPECIALIST, facts)
        if key is not None:
            signature.sign(stage, key)
    return {**result, "new": True, "faults": []}


def _checked(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) or name == "runs":
        raise BadInput(
            f"--name {name}: expected letters, digits, dots, dashes and underscores, and not `runs`. Give another name."
        )
    return name


def _large(held: Mapping[str, Any]) -> list[str]:
    return [file for file, entry in held["files"].items() if entry["bytes"] > LARGEST]


def _there(target: Path, run: str, files: Mapping[str, Path]) -> list[str]:
    """What `verify` finds in a specialist that is there already.

    Raises:
        BadInput: it is not this one.
    """
    if not (target / lock.LOCK).is_file():
        raise BadInput(f"{target}: exists and is not a promoted specialist. Give another name with --name.")
    held = lock.read(target)
    if held.get("run") != run:
        raise BadInput(f"{target}: holds run {held.get('run')}; this is {run}. Give another name with --name.")
    known = {file: entry["sha256"] for file, entry in held["files"].items() if file != INDEX}
    now = {file: sha256_file(path) for file, path in files.items()}
    if changed := sorted(file for file in known.keys() | now.keys() if known.get(file) != now.get(file)):
        raise BadInput(
            f"{target}: holds this run as it was promoted before; {changed[0]} and {len(changed) - 1} more files "
            "differ now. Give another name with --name."
        )
    return lock.verify(target)


def refuse_private(files: Mapping[str, Path], run: Path) -> None:
    """Look through text files for what belongs to this machine or its user.

    That is the paths of the run, of the place for results and of the home directory, and the user's name where it
    stands for the person: below `/home` or `/Users`, or before an `@`. As a bare word it is not looked for: a
    tokenizer's vocabulary holds most first names.

    Args:
        files: by the name to give them in the message.

    Raises:
        BadInput: a file has such a line.
    """
    places = {str(path) for path in (run.absolute(), run.resolve(), WORK, Path.home()) if len(path.parts) > 1}
    user = re.escape(getpass.getuser())
    private = re.compile(
        rf"(?<![\w.])(?:{'|'.join(map(re.escape, sorted(places, reverse=True)))})(?![\w-])"
        rf"|[/\\](?:home|Users)[/\\]+{user}(?![\w-])|(?<![\w.-]){user}@"
    )
    for name, path in files.items():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # weights
        if hit := private.search(text):
            line = text.count("\n", 0, hit.start()) + 1
            raise BadInput(
                f"{name}, line {line}: names a place on this machine or its user ({hit.group()!r}), and what is "
                "promoted is public. Nothing was copied; take it out where it comes from and make the file again."
            )


def _index(name: str, content: Mapping[str, Any], copied: list[str], left_out: list[str]) -> str:
    held = [*copied, "gates", "report", *(["ladder"] if content["ladder"] else []), "lock.json"]
    rows = [f"| {code(part if part.endswith('.json') else part + '/')} | {CONTENTS[part]} |" for part in held]
    limit = f"more than {LARGEST / 1e6:.0f} MB"
    rows += [
        f"| {code(part)} | left out: {limit}; the base has the same file, and `mlx-train fetch` prints where |"
        if "/" in part
        else f"| {code(part + '/')} | left out: files of {limit} |"
        for part in left_out
    ]
    return "\n".join([
        f"# {plain(name)}", "", f"**Label: {content['label']}.** {content['meaning']}", "",
        f"{report.headline(content)} See `report/report.md`.", "",
        f"From run {code(content['run'])} of the recipe {code(content['recipe'])}. `mlx-train verify` on this folder "
        "checks every file.", "", "| | |", "| --- | --- |", *rows, "",
    ])  # fmt: skip
