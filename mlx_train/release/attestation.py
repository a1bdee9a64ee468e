"""A report as an in-toto statement with a test result, unsigned: what was tested, with what, and what came of it.

Fields are those of the in-toto attestation framework: Statement v1, and the predicate `test-result` v0.1
(https://github.com/in-toto/attestation). The same report gives the same statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlx_train.errors import BadInput
from mlx_train.places import PROGRAM
from mlx_train.release.finding import stands

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


def statement(content: Mapping[str, Any]) -> dict[str, Any]:
    """The statement of a report.

    Its subjects are the files of every package that matches its lock. Tests are the findings by their id, failed if in
    the way of a release and warned if not, and `suite/NAME` for each suite that was measured, which is as good as the
    worst finding that speaks of it: only one that none speaks of has passed.

    Args:
        content: of report.json.

    Raises:
        BadInput: no package matches its lock, so there is nothing that the result could be about.
    """
    verified = [package for package in content["packages"] if package["verified"]]
    if not verified:
        raise BadInput(f"run {content['run']}: no package matches its lock. Make them with `{PROGRAM} package RUN`.")
    failed, warned = (
        {one["id"]: one["suites"] for one in content["blockers"] if stands(one) is state} for state in (True, False)
    )
    measured = [
        row for row in content["suites"]
        if row["stock"]["value"] is not None and row["specialist"]["value"] is not None
    ]  # fmt: skip
    names = [row["suite"] for row in measured]
    doubted = {name for spoken in failed.values() for name in spoken}
    noted = {name for spoken in warned.values() for name in spoken} - doubted
    return {
        "_type": STATEMENT,
        "subject": [
            {"name": f"{package['name']}/{file}", "digest": {"sha256": digest}}
            for package in verified
            for file, digest in package["files"].items()
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "result": "FAILED" if failed else "WARNED" if warned else "PASSED",
            "configuration": _configuration(content, measured),
            "passedTests": [f"suite/{name}" for name in names if name not in doubted | noted],
            "warnedTests": [*warned, *(f"suite/{name}" for name in names if name in noted)],
            "failedTests": [*failed, *(f"suite/{name}" for name in names if name in doubted)],
        },
    }


def _configuration(content: Mapping[str, Any], measured: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Resource descriptors of the suites, the recipe and the prompt, each by the hash that the report has of it."""
    held = content["provenance"]
    digests = {f"gates/{row['suite']}": row["suite_sha256"] for row in measured}
    digests |= {f"recipe {content['recipe']}": held["recipe_sha256"], "prompt and catalogue": held["prompt_sha256"]}
    return [{"name": name, "digest": {"sha256": digest}} for name, digest in digests.items() if digest]
