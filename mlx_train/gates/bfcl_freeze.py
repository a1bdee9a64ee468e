"""Locking a BFCL suite to the package that is installed. A lock that exists is never written to.

python -m mlx_train.gates.bfcl_freeze bfcl-files
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from mlx_train.ending import exit_code
from mlx_train.errors import BadInput
from mlx_train.files import sha256_file, write_json
from mlx_train.gates import bfcl
from mlx_train.gates.bfcl import VARIANTS, Package
from mlx_train.gates.suites import CHECKER, LOCK, Lock, Suite, counts, gold_hash, lines_hash, load, templates_hash
from mlx_train.tasks.check import is_empty

BACKENDS = {
    "bfcl-files": ("GorillaFileSystem",),
    "bfcl-breadth": ("TradingBot", "VehicleControlAPI", "TravelAPI"),
}
"""A suite has the tasks in which one of these is the only back-end."""


def freeze(name: str, out: Path) -> Suite:
    """Write `out/suite.lock.json` and load the suite.

    Raises:
        BadInput: there is a lock already.
    """
    if (out / LOCK).exists():
        raise BadInput(f"{out / LOCK}: exists already and is never overwritten.")
    package, quick = choose(name)
    tasks = bfcl.tasks(package)
    lock = Lock(
        id=name,
        version=1,
        status="frozen",
        sha256=lines_hash(tasks),
        gold_sha256=gold_hash(tasks),
        templates_sha256=templates_hash(tasks),
        checker=CHECKER,
        seed=0,
        counts=counts(tasks),
        quick=quick,
        canary="",
        package=package,
    )
    write_json(out / LOCK, lock.model_dump(mode="json"))
    return load(out)


def choose(name: str) -> tuple[Package, tuple[str, ...]]:
    """What a suite takes from the installed package, and its quick tasks: one a scenario, the variants in turn."""
    rows = [row for variant in VARIANTS for row in bfcl.questions(variant) if _belongs(row["involved_classes"], name)]
    gold = {row["id"]: row["ground_truth"] for variant in VARIANTS for row in bfcl.answers(variant)}
    scenarios = {row["id"]: row["id"].rpartition("_")[2] for row in rows}
    excluded = {}
    for row in rows:
        try:
            if is_empty(bfcl.task(row, gold[row["id"]], scenarios[row["id"]])):
                excluded[row["id"]] = "passes with nothing done"
        except ValueError as error:
            excluded[row["id"]] = str(error)
    kept = {id: scenario for id, scenario in scenarios.items() if id not in excluded}
    quick = tuple(
        id
        for number, scenario in enumerate(dict.fromkeys(kept.values()))
        if (id := f"multi_turn_{VARIANTS[number % len(VARIANTS)]}_{scenario}") in kept
    )
    package = Package(
        version=bfcl.installed(),
        files={path: sha256_file(bfcl.folder() / path) for path in _files(name)},
        tasks=kept,
        excluded=excluded,
    )
    return package, quick


def _belongs(classes: Sequence[str], name: str) -> bool:
    return len(classes) == 1 and classes[0] in BACKENDS[name]


def _files(name: str) -> list[str]:
    """The files of the package that decide on a score."""
    config = importlib.import_module("bfcl_eval.constants.executable_backend_config")
    data = [f"BFCL_v4_multi_turn_{variant}.json" for variant in VARIANTS]
    code = "eval_checker/multi_turn_eval"
    modules = [config.CLASS_FILE_PATH_MAPPING[backend].partition(".")[2] for backend in BACKENDS[name]]
    return [
        *(f"data/{file}" for file in data),
        *(f"data/possible_answer/{file}" for file in data),
        *(f"data/multi_turn_func_doc/{config.MULTI_TURN_FUNC_DOC_FILE_MAPPING[b]}" for b in BACKENDS[name]),
        *(f"{module.replace('.', '/')}.py" for module in modules),
        f"{code}/func_source_code/long_context.py",
        f"{code}/multi_turn_checker.py",
        f"{code}/multi_turn_utils.py",
        "constants/executable_backend_config.py",
        "constants/default_prompts.py",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: lock one suite."""
    from mlx_train.places import SUITES

    parser = argparse.ArgumentParser(description="Lock a BFCL suite to the installed package.")
    parser.add_argument("name", choices=sorted(BACKENDS))
    given = parser.parse_args(arguments)
    suite = freeze(given.name, SUITES / given.name)
    print(f"{suite.folder}: {len(suite.tasks)} tasks, {suite.digest}")


if __name__ == "__main__":
    sys.exit(exit_code(main))
