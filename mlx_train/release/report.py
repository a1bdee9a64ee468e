"""The report of a run: whether it may be released, what was measured, and what is in the way.

Made from saved results only, so it can be made again at any time; the same results give the same bytes.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from mlx_train.files import write_json, write_text
from mlx_train.places import SUITES
from mlx_train.progress import duration
from mlx_train.release import blockers, ceiling, evidence, plot
from mlx_train.release.card import code, limits, plain, transfer
from mlx_train.release.evidence import Evidence, Json
from mlx_train.release.table import interval, measured, percent, points

PAGE = Path(__file__).with_name("report.html.jinja")
RELEASABLE, BLOCKED = "releasable", "blocked"
MOST = 20
"""Findings listed in a summary; the report has them all."""
QUALITY = {
    "first_tool": "first tool right",
    "valid": "calls valid",
    "over_gold": "calls per needed call",
    "stop": "turns ended in words",
}
"""Measures of tool calling, whether or not the task passed."""


def report(run: Path, suites: Path = SUITES) -> Json:
    """Write `report/report.{json,md,html}` of a run.

    Args:
        suites: folder of the suites that are installed now.

    Returns:
        The content of report.json; `blocking` is the number of blockers that block.

    Raises:
        BadInput: the folder has no record of a run.
    """
    return save(run, evidence.read(run, suites))


def save(run: Path, found: Evidence) -> Json:
    """`report` of evidence that was read already."""
    content = build(found)
    write_json(run / "report" / "report.json", content)
    write_text(run / "report" / "report.md", markdown(content))
    write_text(run / "report" / "report.html", html(content, found.metrics))
    return content


def build(found: Evidence) -> Json:
    """The content of report.json."""
    run, best = found.run, ceiling.ceiling(found)
    rows = measured(found.stock, found.specialist, found.comparison, best)
    blocking = blockers.find(found)
    count = sum(one.severity == "blocks" for one in blocking)
    return {
        "format": 1,
        "run": run["id"],
        "recipe": run["recipe"]["name"],
        "verdict": BLOCKED if count else RELEASABLE,
        "blocking": count,
        "warnings": len(blocking) - count,
        "blockers": [one.json() for one in blocking],
        "suites": rows,
        "ceiling": best and {key: value for key, value in best.items() if key != "suites"},
        "training": _training(found),
        "calls": _calls(found),
        "stages": _stages(run),
        "packages": _packages(found),
        "provenance": _provenance(found),
        "not_verified": _not_verified(found) + limits(found, rows),
    }


def _stages(run: Mapping[str, Any]) -> Json:
    """What each stage recorded, without the places on this machine where the packages lie: a report is public."""
    stages = dict(run.get("stages", {}))
    if "package" in stages:
        stages["package"] = {
            name: {key: value for key, value in fact.items() if key != "path"} if isinstance(fact, dict) else fact
            for name, fact in stages["package"].items()
        }
    return stages


def _training(found: Evidence) -> Json:
    """How it was trained; None for what was not recorded."""
    train, fitted, summary = found.run["recipe"].get("train", {}), found.fitted or {}, found.summary or {}
    last = found.metrics[-1] if found.metrics else {}
    return {
        "method": train.get("method"),
        "rank": train.get("rank") if train.get("method") != "full" else None,
        "learning_rate": train.get("learning_rate"),
        "epochs": train.get("epochs"),
        "rows": summary.get("rows"),
        "dev_rows": summary.get("dev_rows"),
        "templates": summary.get("templates"),
        "rejects": sum(summary.get("rejects", {}).values()) if summary else None,
        "steps": fitted.get("steps", last.get("step")),
        "supervised_tokens": fitted.get("tokens"),
        "padded_tokens": fitted.get("padded_tokens"),
        "loss": fitted.get("loss", last.get("loss")),
        "dev_loss": fitted.get("dev_loss"),
        "best_dev_loss": fitted.get("best_dev_loss"),
        "seconds": fitted.get("seconds", last.get("seconds")),
        "peak_memory_gb": fitted.get("peak_memory", last.get("peak_memory_gb")),
    }


def _calls(found: Evidence) -> list[Json]:
    """Tool-call quality by suite, stock and specialist."""
    rows = []
    for row in measured(found.stock, found.specialist, found.comparison):
        name = row["suite"]
        parts = [(gate or {}).get("suites", {}).get(name, {}).get("calls") for gate in (found.stock, found.specialist)]
        if any(parts):
            rows.append({"suite": name, "stock": parts[0], "specialist": parts[1]})
    return rows


def _packages(found: Evidence) -> list[Json]:
    rows = []
    for name in found.folders:
        held = found.locks.get(name, {})
        faults = found.lock_faults.get(name)
        rows.append({
            "name": name,
            "bytes": sum(entry["bytes"] for entry in held["files"].values()) if held else None,
            "lock_sha256": held.get("lock_sha256"),
            "files": {file: entry["sha256"] for file, entry in held.get("files", {}).items()},
            "verified": None if faults is None else not faults,
            "parity": found.parity if name == "fused" else None,
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
            key: about.get(key) for key in ("name", "repository", "revision", "source", "licence", "weights_sha256")
        },
        "data_sha256": (found.summary or {}).get("sha256", {}),
        "prompt_sha256": gate.get("prompt_sha256"),
        "decoding": gate.get("decoding"),
        "versions": run.get("versions", {}),
        "machine": run.get("machine", {}),
        "source": run.get("source") or {},
        "commands": _commands(run),
    }


def _commands(run: Mapping[str, Any]) -> list[str]:
    """What to type to get these numbers again."""
    commit = (run.get("source") or {}).get("commit")
    name = " ".join(shlex.quote(run["recipe"]["name"]).split())
    checkout = [f"git checkout {commit}"] if commit else []
    return [*checkout, f"./just train {name}", f"./just report artifacts/runs/{name}/latest"]


def _not_verified(found: Evidence) -> list[str]:
    lines = [f"{path}: {reason}" for path, reason in found.faults.items()]
    for name in found.folders:
        if name not in found.locks:
            lines.append(f"{name} was not compared with a lock.")
    lines.append("Where the base's weights come from: they are known by their hash only.")
    return lines


def headline(content: Mapping[str, Any]) -> str:
    """The verdict in one line."""
    warnings = content["warnings"]
    also = f", {warnings} warning{'s' * (warnings != 1)}" if warnings else ""
    if content["verdict"] == RELEASABLE:
        return f"Releasable: nothing blocks it{also}."
    return f"Blocked: {content['blocking']} finding{'s' * (content['blocking'] != 1)} in the way of a release{also}."


def training_facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was trained and how, for people; what was not recorded is left out."""
    facts = content["training"]
    forms = {
        "method": ("method", str), "rank": ("adapter rank", str), "learning_rate": ("learning rate", "{:g}".format),
        "epochs": ("epochs", "{:g}".format), "rows": ("training rows", "{:,}".format),
        "dev_rows": ("dev rows", "{:,}".format),
        "templates": ("phrasings in the rows", "{:,}".format), "rejects": ("rows rejected", "{:,}".format),
        "steps": ("steps", "{:,}".format), "supervised_tokens": ("supervised tokens", "{:,}".format),
        "padded_tokens": ("tokens run, padding included", "{:,}".format),
        "loss": ("loss of the last step, nats per token", "{:.4f}".format),
        "dev_loss": ("dev loss, nats per token", "{:.4f}".format),
        "best_dev_loss": ("best dev loss, nats per token", "{:.4f}".format), "seconds": ("time", duration),
        "peak_memory_gb": ("peak memory, GB", "{:.2f}".format),
    }  # fmt: skip
    return [(label, form(facts[key])) for key, (label, form) in forms.items() if facts.get(key) is not None]  # type: ignore[operator]


def provenance_facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where it all comes from, for people."""
    held = content["provenance"]
    base, source = held["base"], held["source"]
    made = base.get("source") or {}
    commit = source.get("commit") or "unknown"
    facts = [
        ("run", content["run"]),
        ("started", held["started"]),
        ("code", f"commit {commit}" + (", with uncommitted changes" if source.get("changed") else "")),
        ("recipe SHA-256", held["recipe_sha256"]),
        ("base", base.get("name")),
        ("base repository", f"{base['repository']} at {base.get('revision')}" if base.get("repository") else "none"),
        ("base made from", ", ".join(made.get("packages") or ())),
        ("base made how", made.get("form")),
        ("base GGUF SHA-256", made.get("gguf_sha256")),
        ("base licence", base.get("licence") or "not recorded"),
        ("base weights SHA-256", base.get("weights_sha256") or "not recorded"),
        *((f"{name} SHA-256", digest) for name, digest in held["data_sha256"].items()),
        ("prompt and catalogue SHA-256", held["prompt_sha256"]),
        ("decoding", _listed(held["decoding"])),
        ("versions", _listed(held["versions"])),
        ("machine", _listed(held["machine"])),
    ]
    return [(label, str(value)) for label, value in facts if value]


def _listed(facts: Any) -> str:
    if isinstance(facts, Mapping):
        return ", ".join(f"{key} {value}" for key, value in facts.items())
    return str(facts or "")


def html(content: Mapping[str, Any], metrics: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page: self-contained, without scripts. `metrics` are the rows of metrics.jsonl, for the loss curve."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters |= {
        "percent": percent,
        "points": points,
        "interval": interval,
        "duration": duration,
        "same_as_scored": same_as_scored,
    }
    page = environment.from_string(PAGE.read_text(encoding="utf-8"))
    return page.render(
        report=content,
        headline=headline(content),
        bar=plot.bar,
        curve=plot.loss_curve(metrics),
        ceiling=ceiling.sentence(content["ceiling"]),
        quality=QUALITY,
        training=training_facts(content),
        provenance=provenance_facts(content),
        recipe=json.dumps(content["provenance"]["recipe"], indent=2, ensure_ascii=False),
    )


def markdown(content: Mapping[str, Any]) -> str:
    """The same report as Markdown."""
    lines = [f"# {plain(content['recipe'])}", f"**{headline(content)}**", "## Measured", _measured(content["suites"])]
    lines += [plain(ceiling.sentence(content["ceiling"]))]
    lines += ["## What was gained and what it cost", transfer(content["suites"]), "## Findings"]
    lines += [_finding(one) for one in content["blockers"]] or ["None."]
    lines += ["## Training", _facts(training_facts(content)), "## Tool calls", _quality(content["calls"])]
    lines += ["## Packages", "\n".join(map(_package, content["packages"]))]
    lines += ["## Provenance", _facts(provenance_facts(content)), "To get these numbers again:"]
    lines += ["```sh\n" + "\n".join(content["provenance"]["commands"]) + "\n```"]
    lines += ["## What was not verified", "\n".join(f"- {line}" for line in map(plain, content["not_verified"]))]
    return "\n\n".join(lines) + "\n"


def summary(content: Mapping[str, Any]) -> str:
    """The verdict, the scores and what is in the way, as the job pages of code hosts show Markdown."""
    found = content["blockers"]
    lines = [f"### {plain(content['recipe'])}", f"**{headline(content)}**", _measured(content["suites"])]
    lines += ["\n".join(f"- **{one['severity']}** {code(one['id'])}: {plain(one['found'])}" for one in found[:MOST])]
    lines += [f"{len(found) - MOST} more findings are in the report."] if len(found) > MOST else []
    return "\n\n".join(filter(None, lines)) + "\n"


def _measured(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        "| suite | n | stock | 95 % interval | specialist | 95 % interval | ceiling | gained | lost | bound "
        "| verdict |",
        "| --- | ---: | ---: | --- | ---: | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        before, after, best = (row[key] or {} for key in ("stock", "specialist", "ceiling"))
        cells = [
            plain(row["suite"]), row["n"], percent(before.get("rate")), interval(before.get("ci95")),
            percent(after.get("rate")), interval(after.get("ci95")), percent(best.get("rate")), row["gained"],
            row["lost"], points(row["bound"]), plain(row["verdict"]),
        ]  # fmt: skip
        lines.append("| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _finding(one: Mapping[str, str]) -> str:
    return (
        f"- **{one['severity']}** {code(one['id'])}: {plain(one['found'])}\n  Evidence: {code(one['evidence'])}. "
        f"To unblock: {plain(one['unblock'])}"
    )


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- {plain(label)}: {plain(value)}" for label, value in facts)


def _quality(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "Not measured."
    lines = ["| suite | model | " + " | ".join(QUALITY.values()) + " |", "| --- | --- |" + " ---: |" * len(QUALITY)]
    for row in rows:
        for label in ("stock", "specialist"):
            held = row[label] or {}
            cells = [f"{held[key]:.2f}" if held.get(key) is not None else "-" for key in QUALITY]
            lines.append(f"| {plain(row['suite'])} | {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _package(row: Mapping[str, Any]) -> str:
    if row["bytes"] is None:
        return f"- {code(row['name'])}: missing"
    state = "matches its lock" if row["verified"] else "does not match its lock"
    same = f"; {same_as_scored(row['parity'])}" if row["parity"] else ""
    return f"- {code(row['name'])}: {row['bytes'] / 1e6:.1f} MB, {state} ({code(row['lock_sha256'])}){same}"


def same_as_scored(parity: Mapping[str, Any]) -> str:
    """How the fused model compares with the model that was scored."""
    fused = parity["fused"]
    return (
        f"{fused['tasks_same']} of {fused['tasks']} transcripts as scored ({fused['tokens']} positions, "
        f"{fused['changed']} changed), logits within {fused['logits']:.2g}, KLD {fused['kld_mean']:.2g} "
        f"(stock {parity['stock']['kld_mean']:.2g}) nats"
    )
