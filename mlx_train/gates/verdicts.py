"""A comparison for those who read it: lines for a terminal, a Markdown summary of a job, JUnit XML for a CI."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

from mlx_train.files import write_text
from mlx_train.gates.compare import PASS

MOST = 20
"""Tasks listed by id in a terminal and a summary; the JSON has them all."""


def lines(found: Mapping[str, Any]) -> list[str]:
    """One line a suite, and below it the tasks lost and gained with the path of their transcripts."""
    written = ["The same model twice: what differs is noise."] if found["same_model"] else []
    for name, entry in found["suites"].items():
        written.append(
            f"{name:<18} n {entry['n']:>4}  gained {entry['gained']:>3}  lost {entry['lost']:>3}  "
            f"differ {100 * entry['disagreement']:4.1f} %  delta {100 * entry['delta']:+6.1f}  "
            f"bound {_bound(entry):+6.1f}  {_verdict(entry)}"
        )
        for change in ("lost", "gained"):
            ids = found["tasks"][name][change]
            written += [f"    {change} {id}" for id in ids[:MOST]]
            written += [f"    and {len(ids) - MOST} more {change}"] if len(ids) > MOST else []
        if entry["lost"] or entry["gained"]:
            written.append(f"    transcripts: {' and '.join(found['tasks'][name].get('transcripts', ()))}")
    return written


def markdown(found: Mapping[str, Any]) -> str:
    """A summary as the job pages of code hosts show it."""
    rows = []
    for name, entry in found["suites"].items():
        before, after = f"{100 * entry['stock']:.1f} %", f"{100 * entry['specialist']:.1f} %"
        change = f"{100 * entry['delta']:+.1f} | {_bound(entry):+.1f}"
        rows.append(
            f"| {name} | {entry['n']} | {before} | {after} | {entry['gained']} | {entry['lost']} | {change} "
            f"| {_verdict(entry)} |"
        )
    table = [
        "| suite | n | baseline | candidate | gained | lost | change | 95 % bound | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *rows,
    ]
    ids = [id for tasks in found["tasks"].values() for id in tasks["lost"]]
    lost = ["", "Lost:", "", *(f"- `{id}`" for id in ids[:MOST])] if ids else []
    more = [f"- and {len(ids) - MOST} more"] if len(ids) > MOST else []
    return "\n".join(["### Gates", "", *table, *lost, *more, ""])


def junit(found: Mapping[str, Any]) -> str:
    """JUnit XML: a test case a suite; a regression and an inconclusive suite are failures of these types."""
    cases = []
    for name, entry in found["suites"].items():
        case = xml.Element("testcase", classname="gates", name=name)
        if entry["verdict"] != PASS:
            message = (
                f"{entry['gained']} gained, {entry['lost']} lost of {entry['n']}; bound {_bound(entry):+.1f} points"
            )
            failure = xml.SubElement(case, "failure", type=entry["verdict"], message=message)
            failure.text = "\n".join(f"lost {id}" for id in found["tasks"][name]["lost"])
        cases.append(case)
    return _document(cases, failures=sum(entry["verdict"] != PASS for entry in found["suites"].values()))


def broken_junit(message: str) -> str:
    """JUnit XML of a measurement that is broken: one test case with an error."""
    case = xml.Element("testcase", classname="gates", name="measurement")
    xml.SubElement(case, "error", type="broken", message=message)
    return _document([case], errors=1)


def write_junit(path: Path, text: str) -> None:
    """Write a JUnit file; whatever folders it needs are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)


def _document(cases: list[xml.Element], failures: int = 0, errors: int = 0) -> str:
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors), "skipped": "0"}
    root = xml.Element("testsuites", counts)
    suite = xml.SubElement(root, "testsuite", {"name": "gates", **counts})
    suite.extend(cases)
    xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml.tostring(root, encoding="unicode")}\n'


def _bound(entry: Mapping[str, Any]) -> float:
    """The worse of the two lower bounds, in points."""
    return 100 * float(min(entry["bound"], entry["bound_clustered"]))


def _verdict(entry: Mapping[str, Any]) -> str:
    better = " (better)" if entry["better"] else ""
    better += " against the control" if entry.get("against") == "control" else ""
    needed = f" (about {entry['n_needed']} tasks would settle it)" if entry["verdict"] == "inconclusive" else ""
    return f"{entry['verdict']}{better}{needed}"
