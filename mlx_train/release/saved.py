"""Reading a report.json that was saved, by this version or an older one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mlx_train.errors import BadInput
from mlx_train.files import read_json
from mlx_train.release.content import FORMAT, RELEASABLE
from mlx_train.release.figure import Figure, State, figure
from mlx_train.release.finding import MEANING, Label
from mlx_train.release.schema import General, Report

Json = dict[str, Any]
DOUBTING = ("comparison", "overlap", "stock-overlap", "selftest", "stale/gates", "unreadable", "forbidden")
"""Beginnings of the ids of findings of format 2 that may speak of every suite without naming one."""


def read(path: Path) -> Json:
    """The content of a report in today's format.

    Raises:
        BadInput: it is missing, or not a report of a format that this version knows.
    """
    found = read_json(path, "report")
    known = found.get("format") if isinstance(found, dict) else None
    if type(known) is not int or known not in range(1, FORMAT + 1):
        raise BadInput(f"{path}: not a report of format 1 to {FORMAT} (found {known!r}). Use the release that made it.")
    try:
        content: Json = found
        for number in range(known, FORMAT):
            content = OLDER[number](content)
        Report.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise BadInput(f"{path}, key {key}: {first['msg']}. Expected a report of format {known}.") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path}: does not have the form of a report of format {known} ({error!r}).") from None
    return content


def _from_2(old: Mapping[str, Any]) -> Json:
    """Format 2: its first reports had no control, choice or general text, none had the suites of findings, and all were
    measured against stock where they do not say against what."""

    def change(held: Mapping[str, Any]) -> Json:
        return {"against": "stock", **held}

    names = [row["suite"] for row in old["suites"]]
    general = {key: figure(None, "gates/general.json", {}, state="skipped") for key in General.model_fields}
    general["kld"] |= {"error": None, "limit": None}
    return {
        "general": general, "control": None, "selection": None, **old, "format": 3,
        "blockers": [{**one, "suites": _suites_of(one, names)} for one in old["blockers"]],
        "suites": [
            {"control": _rate_from_1(None, "gates/control.json", "skipped"), **row, "change": change(row["change"])}
            for row in old["suites"]
        ],
        "domains": [{**row, "change": change(row["change"])} for row in old["domains"]],
        "ladder": old["ladder"] and {**old["ladder"], "dev": None, "dequantised": None},
    }  # fmt: skip


def _from_3(old: Mapping[str, Any]) -> Json:
    """Format 3, whose curve had neither the loss on other domains nor the stock's."""
    return {**old, "format": 4, "curve": {**old["curve"], "breadth": []}}


def _from_4(old: Mapping[str, Any]) -> Json:
    """Format 4, which had no bound that heeds families."""
    suites = [{**row, "change": {**row["change"], "bound_clustered": None}} for row in old["suites"]]
    return {**old, "format": 5, "suites": suites}


def _suites_of(one: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """The suites that a finding of format 2 names, or all where it may mean them all."""
    named = [
        name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", f"{one['id']} {one['found']}")
    ]
    return named or (list(names) if one["id"].startswith(DOUBTING) else [])


def _from_1(old: Mapping[str, Any]) -> Json:
    """Format 1, which had no label, waivers, domains, curve, ladder or hashes of its sources, as format 2.

    It knew two verdicts, and breadth stood in the way of any release; so what it let pass is general.
    """
    label: Label = "general" if old["verdict"] == RELEASABLE else "report-only"
    training, gates = dict(old["training"]), "gates/specialist.json"
    cost = {"train_seconds": training.pop("seconds"), "peak_memory_gb": training.pop("peak_memory_gb")}
    for name, stage in old["stages"].items():
        if isinstance(stage, Mapping) and "seconds" in stage:
            cost[f"{name}_stage_seconds"] = stage["seconds"]
    for key in ("method", "rank", "learning_rate", "epochs"):
        training.pop(key, None)
    return {
        "label": label, "meaning": MEANING[label], "verdict": old["verdict"], "format": 2, "run": old["run"],
        "recipe": old["recipe"], "blocking": old["blocking"], "waived": 0, "warnings": old["warnings"],
        "blockers": [{**one, "sha256": None, "waivable": False, "waiver": None} for one in old["blockers"]],
        "systems": [], "suites": [_suite_from_1(row) for row in old["suites"]], "domains": [], "transcripts": None,
        "ceiling": old["ceiling"],
        "training": {key: figure(value, "fit/fitted.json", {}) for key, value in training.items()},
        "curve": {"train": [], "dev": [], "state": "missing", "source": "fit/metrics.jsonl", "sha256": None},
        "calls": [
            {"suite": row["suite"]} | {
                who: {key: figure(value, gates, {}) for key, value in (row[who] or {}).items() if key != "calls"}
                for who in ("stock", "specialist")
            }
            for row in old["calls"]
        ],
        "ladder": None, "cost": {key: figure(value, "fit/fitted.json", {}) for key, value in cost.items()},
        "packages": [
            {**row, "bytes": figure(row["bytes"], f"{row['name']}/lock.json", {}), "parity": row["parity"] and {
                **row["parity"], "state": "measured", "source": "gates/parity.json", "sha256": None}}
            for row in old["packages"]
        ],
        "provenance": old["provenance"], "sources": {}, "not_verified": old["not_verified"],
    }  # fmt: skip


def _suite_from_1(row: Mapping[str, Any]) -> Json:
    more = {key: row[key] for key in ("gained", "lost", "bound", "margin", "n_needed")}
    return {
        **{key: row[key] for key in ("suite", "verdict", "quick", "status", "suite_sha256")},
        **{key: _rate_from_1(row[key], f"gates/{key}.json") for key in ("stock", "specialist", "ceiling")},
        "change": figure(
            row["delta"], "gates/comparison.json", {}, state="derived", n=row["n"], level=0.9, **more
        ),
    }  # fmt: skip


def _rate_from_1(entry: Mapping[str, Any] | None, source: str, state: State = "measured") -> Figure:
    held = entry or {}
    return figure(
        held.get("rate"), source, {}, state=state, n=held.get("n"), interval=held.get("ci95"),
        passed=held.get("passed"), errors=held.get("errors"), exact=held.get("exact95"),
    )  # fmt: skip


OLDER: dict[int, Callable[[Mapping[str, Any]], Json]] = {1: _from_1, 2: _from_2, 3: _from_3, 4: _from_4}
"""By format, what makes the next one of it."""
