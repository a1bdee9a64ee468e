"""The content of report.json, made of a run's evidence and nothing else. `schema.py` says what every part means."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from mlx_train.gates.statistics import tango_bound, wilson
from mlx_train.recipe import SUITES, typed
from mlx_train.release import blockers, ceiling, finding, plot, systems
from mlx_train.release.card import limits
from mlx_train.release.evidence import (
    COMPARISON,
    CONTROL,
    FITTED,
    GENERAL,
    LADDER,
    METRICS,
    PARITY,
    RUN,
    SPECIALIST,
    STOCK,
    SUMMARY,
    Evidence,
    Json,
)  # fmt: skip
from mlx_train.release.figure import State, figure
from mlx_train.release.purpose import meaning
from mlx_train.release.table import measured

FORMAT = 5
RELEASABLE, BLOCKED = "releasable", "blocked"
QUALITY = {
    "presence": "called or silent as due",
    "first_tool": "first tool right",
    "valid": "calls valid",
    "parsable": "readable",
    "known": "of those, known tool",
    "arguments": "of those, arguments fit",
    "tool_distance": "distance of tools to gold",
    "over_gold": "calls per needed call",
    "stop": "turns ended in words",
}
"""Measures of tool calling, whether or not the task passed; `gates/calls.py` defines them."""


def build(found: Evidence) -> Json:
    """The content of report.json."""
    run, best = found.run, ceiling.ceiling(found)
    rows = measured(found.stock, found.specialist, found.comparison, best, found.sources, found.control)
    asked = run["recipe"].get("gates", {}).get("suites", SUITES)
    for row in rows:
        for key in ("stock", "specialist", "change"):
            if row[key]["value"] is None and row["suite"] not in asked:
                row[key]["state"] = "skipped"
    findings = blockers.find(found)
    listed = [{**one.json(), "sha256": found.sources.get(one.evidence)} for one in findings]
    label, stands = finding.label(findings), sum(map(finding.stands, listed))
    return {
        "label": label,
        "meaning": meaning(label, run["recipe"]),
        "verdict": BLOCKED if stands else RELEASABLE,
        "format": FORMAT,
        "run": run["id"],
        "recipe": run["recipe"]["name"],
        "blocking": stands,
        "waived": sum(one.waiver is not None for one in findings),
        "warnings": sum(one.severity in ("warns", "routes") and one.waiver is None for one in findings),
        "blockers": listed,
        "systems": systems.beside(found, rows),
        "suites": rows,
        "domains": _domains(found),
        "transcripts": found.transcripts,
        "general": _general(found),
        "ceiling": best and {key: value for key, value in best.items() if key != "suites"},
        "control": _control(found),
        "training": _training(found),
        "selection": _selection(found),
        "curve": _curve(found),
        "calls": _calls(found),
        "ladder": _ladder(found),
        "cost": _cost(found),
        "packages": _packages(found),
        "provenance": _provenance(found),
        "sources": dict(sorted(found.sources.items())),
        "not_verified": _not_verified(found) + limits(found, rows),
    }


def _domains(found: Evidence) -> list[Json]:
    """Stock and specialist by suite and domain, with the tasks that only one of them passes."""
    if found.stock is None or found.specialist is None or found.comparison is None:
        return []
    rows = []
    for suite, change in found.comparison["tasks"].items():
        before, after = found.stock["tasks"].get(suite, {}), found.specialist["tasks"].get(suite, {})
        if suite not in found.comparison["suites"] or before.keys() != after.keys():
            continue  # of other tasks; a finding says so
        against = "control" if found.comparison["suites"][suite].get("against") == "control" else "stock"
        for domain in sorted({task["domain"] for task in before.values()}):
            ids = [id for id, task in before.items() if task["domain"] == domain]
            gained, lost = ([id for id in change[key] if id in ids] for key in ("gained", "lost"))
            n, plus, minus = len(ids), len(gained), len(lost)
            rows.append({
                "suite": suite, "domain": domain,
                "stock": _share(found, STOCK, sum(before[id]["passed"] for id in ids), n),
                "specialist": _share(found, SPECIALIST, sum(after[id]["passed"] for id in ids), n),
                "change": figure(
                    (plus - minus) / n, COMPARISON, found.sources, state="derived", n=n, level=0.9,
                    interval=(tango_bound(plus, minus, n), -tango_bound(minus, plus, n)), gained=plus, lost=minus,
                    against=against,
                ),
                "gained": gained, "lost": lost,
            })  # fmt: skip
    return rows


def _share(found: Evidence, source: str, passed: int, n: int) -> Json:
    return figure(passed / n, source, found.sources, state="derived", n=n, interval=wilson(passed, n), passed=passed)


def _control(found: Evidence) -> Json | None:
    """What the control is; its rates are beside stock's."""
    if found.control is None:
        return None
    about = found.control.get("control", {})
    return {key: about.get(key) for key in ("run", "recipe", "steps", "domains")} | {
        "state": "measured", "source": CONTROL, "sha256": found.sources.get(CONTROL),
    }  # fmt: skip


def _general(found: Evidence) -> Json:
    """Divergence from stock on general text; skipped where the recipe sets no limit and nothing was measured."""
    held, most = found.general or {}, found.run["recipe"].get("gates", {}).get("general_kld", 0)
    state: State = "measured" if held or most else "skipped"

    def made(value: float | None, tokens: int | None) -> Json:
        return figure(value, GENERAL, found.sources, state=state, n=tokens)

    tokens = held.get("tokens")
    parts = {kind: held.get(kind, {}) for kind in ("prose", "code")}
    return {
        "kld": made(held.get("kld_mean"), tokens) | {"error": held.get("kld_error"), "limit": most or None},
        **{kind: made(part.get("kld_mean"), part.get("tokens")) for kind, part in parts.items()},
        "same_top": made(held.get("same_top"), tokens),
        "ppl_stock": made(held.get("ppl_base"), tokens),
        "ppl_specialist": made(held.get("ppl"), tokens),
    }


def _training(found: Evidence) -> Json:
    """What was trained on and what came of it."""
    fitted, summary = found.fitted or {}, found.summary or {}
    last = found.metrics[-1] if found.metrics else {}
    rejects = sum(summary.get("rejects", {}).values()) if summary else None
    values = {key: (SUMMARY, summary.get(key)) for key in ("rows", "dev_rows", "templates")}
    values |= {
        "rejects": (SUMMARY, rejects),
        "steps": (FITTED, fitted.get("steps", last.get("step"))),
        "supervised_tokens": (FITTED, fitted.get("tokens")),
        "padded_tokens": (FITTED, fitted.get("padded_tokens")),
        "loss": (FITTED, fitted.get("loss", last.get("loss"))),
    }
    made = {key: figure(value, source, found.sources) for key, (source, value) in values.items()}
    for key in ("stock_dev_loss", "dev_loss", "best_dev_loss", "stock_breadth_loss", "breadth_loss"):
        n = summary.get("breadth_rows" if key.endswith("breadth_loss") else "dev_rows")
        state: State = "measured" if n != 0 else "not applicable"
        made[key] = figure(fitted.get(key), FITTED, found.sources, state=state, n=n)
    return made


def _selection(found: Evidence) -> Json | None:
    """What was chosen among, as the stage `select` recorded it."""
    if not found.run["recipe"].get("select"):
        return None
    held = found.run.get("stages", {}).get("select", {})

    def candidate(name: str, scores: Json) -> Json:
        rates = {
            suite: figure(
                one["rate"], RUN, found.sources, n=one["n"], interval=one["ci95"], passed=one["passed"]
            )
            for suite, one in scores["suites"].items()
        }  # fmt: skip
        kld = figure(
            scores.get("general_kld"), RUN, found.sources, state="not applicable" if name == "stock" else "measured"
        )
        return {"name": name, "suites": rates, "general_kld": kld}

    scored = {"stock": held["stock"], **held["candidates"]} if held else {}
    return {
        "chosen": held.get("chosen"), "candidates": [candidate(name, scores) for name, scores in scored.items()],
        "state": "measured" if held else "missing", "source": RUN, "sha256": found.sources.get(RUN),
    }  # fmt: skip


def _curve(found: Evidence) -> Json:
    fitted = found.fitted or {}
    points = plot.thinned(found.metrics, {key: fitted.get(f"stock_{key}") for key in ("dev_loss", "breadth_loss")})
    return {**points, "state": "measured" if points["train"] else "missing", "source": METRICS,
            "sha256": found.sources.get(METRICS)}  # fmt: skip


def _cost(found: Evidence) -> Json:
    """Time, memory, speed and energy of the training, and the time of each stage."""
    fitted = found.fitted or {}
    seconds, stages = fitted.get("seconds"), found.run.get("stages", {})
    made = {"train_seconds": figure(seconds, FITTED, found.sources)}
    for key, tokens in (("supervised", fitted.get("tokens")), ("padded", fitted.get("padded_tokens"))):
        speed = tokens / seconds if tokens and seconds else None
        made[f"{key}_tokens_per_s"] = figure(speed, FITTED, found.sources, state="derived", n=tokens)
    made["peak_memory_gb"] = figure(fitted.get("peak_memory"), FITTED, found.sources)
    # macOS tells it to an administrator alone; NVIDIA's library tells anybody, and is not asked.
    made["energy_kj"] = figure(None, RUN, found.sources)
    for name, stage in stages.items():
        if name != "report" and isinstance(stage, Mapping) and isinstance(stage.get("seconds"), int | float):
            made[f"{name}_stage_seconds"] = figure(stage["seconds"], RUN, found.sources)
    return made


def _calls(found: Evidence) -> list[Json]:
    """Tool-call quality by suite, stock and specialist."""
    rows = []
    for suite in (row["suite"] for row in measured(found.stock, found.specialist, found.comparison)):
        both = {}
        for label, source, gate in (("stock", STOCK, found.stock), ("specialist", SPECIALIST, found.specialist)):
            held = (gate or {}).get("suites", {}).get(suite, {}).get("calls") or {}
            of = {key: whole for key, (_, whole) in held.get("counts", {}).items()}
            both[label] = {
                key: figure(held.get(key), source, found.sources, n=of.get(key, held.get("calls"))) for key in QUALITY
            }
        if any(one["value"] is not None for part in both.values() for one in part.values()):
            rows.append({"suite": suite, **both})
    return rows


def _ladder(found: Evidence) -> Json | None:
    """The rungs as they were measured; the table has the same numbers."""
    if found.ladder is None:
        return None
    held = found.ladder
    rungs = [
        {"state": "skipped" if "not_here" in row else "measured", "source": LADDER,
         "sha256": found.sources.get(LADDER), **row}
        for row in held["rungs"]
    ]  # fmt: skip
    about = {key: held[key] for key in ("smallest", "suites", "quick")} | {"dev": held.get("dev")}
    return {**about, "dequantised": held["conditions"].get("dequantised"), "rungs": rungs}


def _packages(found: Evidence) -> list[Json]:
    rows = []
    for name in found.folders:
        held, faults = found.locks.get(name, {}), found.lock_faults.get(name)
        size = sum(entry["bytes"] for entry in held["files"].values()) if held else None
        same = found.parity and {**found.parity, "state": "measured", "source": PARITY,
                                 "sha256": found.sources.get(PARITY), "of": name}  # fmt: skip
        rows.append({
            "name": name,
            "bytes": figure(size, f"{name}/lock.json", found.sources),
            "lock_sha256": held.get("lock_sha256"),
            "files": {file: entry["sha256"] for file, entry in held.get("files", {}).items()},
            "verified": None if faults is None else not faults,
            "parity": same if found.parity and name in found.parity else None,
        })  # fmt: skip
    return rows


def _provenance(found: Evidence) -> Json:
    run = found.run
    about = run["base"]
    gate = found.specialist or found.stock or {}
    return {
        "started": run.get("started"),
        "recipe_sha256": run["fingerprint"],
        "recipe": run["recipe"],
        "base": {
            key: about.get(key)
            for key in ("name", "repository", "revision", "source", "licence", "weights_sha256", "quantised")
        },
        "data_sha256": (found.summary or {}).get("sha256", {}),
        "prompt_sha256": gate.get("prompt_sha256"),
        "decoding": gate.get("decoding"),
        "versions": run.get("versions", {}),
        "machine": run.get("machine", {}),
        "source": run.get("source") or {},
        "commands": _commands(found),
    }


def _commands(found: Evidence) -> list[str]:
    """What to type to get these numbers again."""
    run, about = found.run, (found.control or {}).get("control")
    name, full = _quoted(run["recipe"]["name"]), run["recipe"]["gates"].get("quick") is False
    lines = _again(name, (run.get("source") or {}).get("commit"), full)
    if about is None:
        return [*lines, f"./just report artifacts/runs/{name}/latest"]
    other = _quoted(about["recipe"])
    if about.get("commit"):
        lines += _again(other, about["commit"], full)
    else:
        lines.append(f"# the control is run {about['run']} of the recipe {other}, at a commit that was not recorded")
    return [*lines, f"./just mlx-train report {name} --control {other}"]


def _again(name: str, commit: str | None, full: bool) -> list[str]:
    file = typed(name)
    train = f"./just train {file}" + " --full" * full + f"  # the file of the recipe {name}" * (file != name)
    return [*([f"git checkout {commit}"] if commit else []), train]


def _quoted(name: str) -> str:
    return " ".join(shlex.quote(name).split())


def _not_verified(found: Evidence) -> list[str]:
    lines = [f"{path}: {reason}" for path, reason in found.faults.items()]
    for name in found.folders:
        if name not in found.locks:
            lines.append(f"{name} was not compared with a lock.")
    lines.append("Where the base's weights come from: they are known by their hash only.")
    lines.append("Rates were counted again from the tasks of the gate files, not from the transcripts.")
    fit = found.run.get("stages", {}).get("fit")
    if isinstance(fit, Mapping) and (other := fit.get("taken_from")):
        lines.append(f"The training was done in run {other}, with the same rows, base, settings and program.")
    return lines
