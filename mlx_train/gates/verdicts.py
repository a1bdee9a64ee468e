"""A comparison for those who read it: lines for a terminal, a Markdown summary of a job, JUnit XML for a CI."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

from mlx_train.files import append_text, write_json, write_text
from mlx_train.gates.compare import BROKEN, INCONCLUSIVE, PASS

MOST = 20
"""Tasks listed by id in a terminal and a summary; the JSON has them all."""
HEAD = "### Gates\n\n"


def lines(found: Mapping[str, Any]) -> list[str]:
    """One line a suite, and below it its reason, and the tasks lost and gained with the path of their transcripts."""
    written = ["The same model twice: what differs is noise."] if found["same_model"] else []
    written += _scored_by(found)
    for name, entry in found["suites"].items():
        if "n" not in entry:
            written += [f"{name:<18} {BROKEN}", f"    {entry['reason']}"]
            continue
        written.append(
            f"{name:<18} n {entry['n']:>4}{_quick(entry)}  gained {entry['gained']:>3}  lost {entry['lost']:>3}  "
            f"differ {100 * entry['disagreement']:4.1f} %  delta {100 * entry['delta']:+6.1f}  "
            f"bound {_bounds(entry)}  {_verdict(entry)}"
        )
        written += [f"    {entry['reason']}"] if entry["reason"] else []
        held = entry["retention"]
        if held["n"]:
            enough = f"; {held['n_needed']} with as many lost would show {100 * entry['margin']:g} %"
            written.append(
                f"    of {held['n']} tasks that the baseline passes {held['lost']} are lost: at most "
                f"{100 * held['upper']:.1f} % (95 %){enough if held['upper'] > entry['margin'] else ''}"
            )
        for change in ("lost", "gained"):
            ids = found["tasks"][name][change]
            written += [f"    {change} {id}" for id in ids[:MOST]]
            written += [f"    and {len(ids) - MOST} more {change}"] if len(ids) > MOST else []
        if entry["lost"] or entry["gained"]:
            written.append(f"    transcripts: {_transcripts(found, name)}")
    return written


def markdown(found: Mapping[str, Any]) -> str:
    """A summary as the job pages of code hosts show it."""
    table = [
        "| suite | n | baseline | candidate | gained | lost | change | 95 % bound: tasks / families | verdict |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    below = [part for line in _scored_by(found) for part in ("", line)]
    for name, entry in found["suites"].items():
        if entry["reason"]:
            below += ["", f"`{name}`: {entry['reason']}"]
        if "n" not in entry:
            table.append(f"| {name} | | | | | | | | {BROKEN} |")
            continue
        before, after = f"{100 * entry['stock']:.1f} %", f"{100 * entry['specialist']:.1f} %"
        table.append(
            f"| {name} | {entry['n']}{_quick(entry)} | {before} | {after} | {entry['gained']} | {entry['lost']} "
            f"| {100 * entry['delta']:+.1f} | {_bounds(entry)} | {_verdict(entry)} |"
        )
        for change in ("lost", "gained"):
            ids = found["tasks"][name][change]
            if ids:
                below += ["", f"`{name}`, {change} (transcripts: {_transcripts(found, name)}):", ""]
                below += [f"- `{id}`" for id in ids[:MOST]]
                below += [f"- and {len(ids) - MOST} more"] if len(ids) > MOST else []
    return HEAD + "\n".join([*table, *below, ""])


def _scored_by(found: Mapping[str, Any]) -> list[str]:
    changed = [f"{key} {before} and {after}" for key, (before, after) in found.get("scored_by", {}).items()]
    return [f"Not scored alike, which may be what differs below: {', '.join(changed)}."] if changed else []


def junit(found: Mapping[str, Any]) -> str:
    """JUnit XML: a test case a suite; a regression and an inconclusive suite are failures, a broken one an error."""
    cases = []
    for name, entry in found["suites"].items():
        case = xml.Element("testcase", classname="gates", name=f"{name}{_quick(entry)}")
        message = entry["reason"] or ""
        if "n" in entry:
            counts = f"{entry['gained']} gained, {entry['lost']} lost of {entry['n']}; bound {_bounds(entry)} points"
            message = f"{counts}{'; ' * bool(message)}{message}"
        if entry["verdict"] == PASS:
            xml.SubElement(case, "system-out").text = message
        else:
            kind = "error" if entry["verdict"] == BROKEN else "failure"
            fault = xml.SubElement(case, kind, type=entry["verdict"], message=message)
            changed = found["tasks"][name]
            listed = [f"{change} {id}" for change in ("lost", "gained") for id in changed[change]]
            listed += [f"transcripts: {_transcripts(found, name)}"] if listed else []
            fault.text = "\n".join(listed)
        cases.append(case)
    return _document(cases)


def write(out: Path | None, junit_file: Path | None, summary: Path | None, found: Mapping[str, Any]) -> None:
    """Write a comparison to those of the files that are wanted; the Markdown summary is appended."""
    if out is not None:
        write_json(out, found)
    if junit_file is not None:
        write_text(junit_file, junit(found))
    if summary is not None:
        append_text(summary, markdown(found))


def write_broken(out: Path | None, junit_file: Path | None, summary: Path | None, message: str) -> None:
    """The same where not one suite could be judged."""
    case = xml.Element("testcase", classname="gates", name="measurement")
    xml.SubElement(case, "error", type=BROKEN, message=message)
    if out is not None:
        write_json(out, {"verdict": BROKEN, "reason": message, "suites": {}, "tasks": {}})
    if junit_file is not None:
        write_text(junit_file, _document([case]))
    if summary is not None:
        append_text(summary, f"{HEAD}The measurement is **{BROKEN}**: {message}\n")


def _document(cases: list[xml.Element]) -> str:
    failures, errors = (sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error"))
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors), "skipped": "0"}
    root = xml.Element("testsuites", counts)
    suite = xml.SubElement(root, "testsuite", {"name": "gates", **counts})
    suite.extend(cases)
    xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml.tostring(root, encoding="unicode")}\n'


def _quick(entry: Mapping[str, Any]) -> str:
    return " (quick)" if entry.get("quick") else ""


def _bounds(entry: Mapping[str, Any]) -> str:
    """Both lower bounds, in points: of tasks, and of families where there are enough."""
    clustered = entry["bound_clustered"]
    return f"{100 * entry['bound']:+.1f} / {'none' if clustered is None else f'{100 * clustered:+.1f}'}"


def _transcripts(found: Mapping[str, Any], name: str) -> str:
    return " and ".join(found["tasks"][name].get("transcripts", ()))


def _verdict(entry: Mapping[str, Any]) -> str:
    better = " (better)" if entry["better"] else ""
    better += " against the control" if entry.get("against") == "control" else ""
    more = entry["n_needed"] - entry["n"] if entry["verdict"] == INCONCLUSIVE and entry["n_needed"] else 0
    needed = f" (about {entry['n_needed']} tasks would settle it, {more} more)" if more > 0 else ""
    return f"{entry['verdict']}{better}{needed}"
