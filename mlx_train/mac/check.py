"""`./just mac-check`: makes the checks one after the other and writes what became of them into one file to send back.

A check that fails stops none of the others. Given again it makes those that failed or were skipped, or all, if the
program or a version has changed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlx_train import machine
from mlx_train.errors import BadInput, Interrupted
from mlx_train.files import read_json, sha256_of, write_json, write_text
from mlx_train.mac.checks import CHECKS, Outcome
from mlx_train.mac.desk import Desk, Missing
from mlx_train.places import PACKAGE, RUNS
from mlx_train.progress import Stage

FOLDER = RUNS / "mac-check"
RESULTS, READABLE = "mac-check.json", "mac-check.md"
OVER = ("pass", "measured")
"""The states after which a check is not made again."""
Facts = dict[str, Any]


def identity() -> Facts:
    """What the results are of."""
    program = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    return {"versions": machine.versions(), "source": machine.source(), "program_sha256": sha256_of(program)}


def check(folder: Path, checks: Mapping[str, Callable[[Desk], Outcome]]) -> Facts:
    """Make the checks that are not over, and write both files into `folder` after each.

    Returns: `identity`, `machine`, `metal`, and `checks`: for each `state` (pass, fail, measured or skipped), `found`,
        `about`, `seconds`, `facts` and `tail`, the end of what its commands said.
    """
    facts = machine.summary()
    found: Facts = {
        "identity": identity(), "machine": facts, "metal": facts["device"] == "metal", "checks": {},
    }  # fmt: skip
    path = folder / RESULTS
    if path.exists() and (held := read_json(path, "results of checks"))["identity"] == found["identity"]:
        found["checks"] = held["checks"]
    for number, (name, make) in enumerate(checks.items(), 1):
        with Stage(f"{number}/{len(checks)} {name}") as show:
            if found["checks"].get(name, {}).get("state") not in OVER:
                found["checks"][name] = one(make, Desk(folder, folder / "logs" / f"{name}.txt"))
                found = nameless(found)
                write_json(path, found)
                write_text(folder / READABLE, readable(found))
            show.say(f"{found['checks'][name]['state']}: {found['checks'][name]['found']}")
    return found


def nameless(value: Any) -> Any:
    """The same without the path of the person's folder, since it is to be sent."""
    if isinstance(value, dict):
        return {key: nameless(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [nameless(part) for part in value]
    return value.replace(os.path.expanduser("~"), "~") if isinstance(value, str) else value


def one(make: Callable[[Desk], Outcome], desk: Desk) -> Facts:
    """Make one check, whatever becomes of it."""
    desk.log.parent.mkdir(parents=True, exist_ok=True)
    desk.log.unlink(missing_ok=True)
    begun = time.monotonic()
    try:
        outcome = make(desk)
    except Missing as error:
        outcome = Outcome("skipped", str(error))
    except Exception as error:  # what is wrong here is what is looked for
        with open(desk.log, "a", encoding="utf-8") as stream:
            traceback.print_exc(file=stream)
        outcome = Outcome("fail", f"{type(error).__name__}: {error}")
    return {
        "state": outcome.state,
        "found": outcome.found,
        "about": (make.__doc__ or "").strip(),
        "seconds": round(time.monotonic() - begun, 1),
        "facts": outcome.facts,
        "tail": desk.tail(),
    }


def readable(found: Facts) -> str:
    """The results as Markdown: a table, then what the commands of failed checks said."""
    about, checks = found["machine"], found["checks"]
    lines = [
        "# What was confirmed on this machine",
        "",
        f"{about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, {about['system']}, MLX on "
        f"{about['device']}; "
        + ", ".join(f"{name} {version}" for name, version in found["identity"]["versions"].items()),
        "",
    ]
    if not found["metal"]:
        lines += ["**Not on Metal.** The results say that the checks run, and nothing of a Mac.", ""]
    lines += ["| check | state | seconds | found |", "| --- | --- | ---: | --- |"]
    lines += [
        f"| {name} | {entry['state']} | {entry['seconds']:.0f} | {cell(entry['found'])} |"
        for name, entry in checks.items()
    ]
    for name, entry in checks.items():
        if entry["state"] == "fail":
            lines += ["", f"## {name}", "", entry["about"], "", "````text", entry["tail"].rstrip(), "````"]
    return "\n".join([*lines, ""])


def cell(text: str) -> str:
    """A text within a table of Markdown."""
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: Sequence[str]) -> int:
    """Exit code 0, or 1 if a check failed."""
    given = argparse.ArgumentParser(prog="mac-check", description=__doc__)
    given.add_argument("--only", action="append", choices=list(CHECKS), metavar="NAME", help=f"of {', '.join(CHECKS)}")
    given.add_argument("--folder", type=Path, default=FOLDER, help="where to work, and to write the results")
    try:
        asked = given.parse_args(arguments)
    except SystemExit as ended:  # argparse's own code of a wrong call is one that says something else here
        return BadInput.exit_code if ended.code else 0
    chosen = {name: make for name, make in CHECKS.items() if not asked.only or name in asked.only}
    folder = asked.folder.absolute()
    try:
        found = check(folder, chosen)
    except KeyboardInterrupt:
        print(
            f"\nmac-check: interrupted. {folder / RESULTS} has what was done; give the same command again to go on.",
            file=sys.stderr,
        )
        return Interrupted.exit_code
    print(f"{folder / READABLE}\nto send back: {folder / RESULTS}")
    return int(any(entry["state"] == "fail" for entry in found["checks"].values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
