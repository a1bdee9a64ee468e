"""Transcripts of one or two gate files as one self-contained HTML page: why tasks failed, then every task.

The world before and after, and where the calls depart from gold, come from replaying the recorded calls.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import write_text
from mlx_train.gates import rollouts
from mlx_train.gates.causes import KINDS, Cause, cause, match
from mlx_train.gates.compare import load_gate
from mlx_train.gates.conversation import ERRORS, Transcript
from mlx_train.gates.differences import changed, compact, tree
from mlx_train.gates.suites import Suite, load, read_lock, suites_in, world_of
from mlx_train.places import PROGRAM
from mlx_train.tasks.check import outcomes
from mlx_train.tasks.task import Task

PAGE = Path(__file__).with_name("transcripts.html.jinja")
SCRIPT = Path(__file__).with_name("transcripts.js")
TREES = ("files",)
"""Domains whose state is a tree that people know; the world after is shown whole there, elsewhere what changed."""
Json = dict[str, Any]


@dataclass(frozen=True)
class Scored:
    """A gate file with its transcripts, by suite and task."""

    label: str
    gate: Json
    transcripts: dict[str, dict[str, Transcript]]


def gate_files(given: Path, other: Path | None = None) -> list[Path]:
    """The gate files to show: the ones given, or those of stock and specialist in a run's folder.

    Raises:
        BadInput: a run's folder and another file, or a folder without gate files.
    """
    if not given.is_dir():
        return [given] if other is None else [given, other]
    if other is not None:
        raise BadInput(
            f"{given}: a run's folder has stock and specialist already. Leave --with out, or name two files."
        )
    folder = given / "gates" if (given / "gates").is_dir() else given
    found = [path for name in ("stock", "specialist") if (path := folder / f"{name}.json").is_file()]
    if not found:
        raise BadInput(f"{folder}: holds neither stock.json nor specialist.json. Give a gate file or a run's folder.")
    return found


def view(gates: Sequence[Path], roots: Sequence[Path]) -> Path:
    """Write the page of one gate file, or of two side by side, beside the first, and return its path.

    Args:
        gates: each with its transcripts beside it, in `transcripts/<label>/<suite>.jsonl`.
        roots: folders to look for the suites in.

    Raises:
        GateBroken: a gate file, its transcripts or the suite it was scored on is missing, or they do not belong
            together.
    """
    labels = [path.stem for path in gates]
    if len(set(labels)) < len(labels):
        labels = [f"{path.parent.name}/{path.stem}" for path in gates]
    models = [_read(path, label) for path, label in zip(gates, labels, strict=True)]
    digests: dict[str, str] = {}
    for path, model in zip(gates, models, strict=True):
        for name, entry in model.gate["suites"].items():
            if digests.setdefault(name, entry["suite_sha256"]) != entry["suite_sha256"]:
                raise GateBroken(f"{path}: suite {name} is not the one of {gates[0]}. Score both on the same version.")
    counts = {name: len(rows) for model in models for name, rows in model.transcripts.items()}
    suites = [_suite(name, digest, counts[name], roots) for name, digest in digests.items()]
    out = gates[0].with_name("-".join(path.stem for path in gates) + ".html")
    write_text(out, render(models, suites))
    return out


def _read(path: Path, label: str) -> Scored:
    gate = load_gate(path)
    transcripts: dict[str, dict[str, Transcript]] = {}
    if not all(isinstance(gate.get(key), dict) for key in ("model", "suites", "tasks")):
        raise GateBroken(f"{path}: does not have the form of a gate file. Score the model again.")
    for name in gate["suites"]:
        file = path.parent / "transcripts" / path.stem / f"{name}.jsonl"
        if not file.exists():
            raise GateBroken(f"{file}: these transcripts do not exist. Run `{PROGRAM} gates run` again to make them.")
        held = {(row["task"], row.get("sample")): row for row in rollouts.read(file)}
        entries = gate["tasks"][name]
        shown = {id: _shown(entry) for key, entry in entries.items() for id in _ids(key, entry)}
        wanted = {
            (id, sample) for key, entry in entries.items() for id in _ids(key, entry) for sample in _samples(entry)
        }
        if strange := set(held) ^ wanted:
            first = min(id for id, _ in strange)
            raise GateBroken(f"{file}: task {first} is not in both it and {path}. Score the model again.")
        transcripts[name] = {id: held[id, sample] for id, sample in shown.items()}
    return Scored(label, gate, transcripts)


def _ids(key: str, entry: Json) -> tuple[str, ...]:
    """The tasks of an entry: one, or one and its twin."""
    return (key, entry["twin"]["task"]) if "twin" in entry else (key,)


def _samples(entry: Json) -> Sequence[int | None]:
    """The numbers of a task's rollouts, as they stand in its transcripts."""
    return range(1, len(entry["samples"]) + 1) if "samples" in entry else (None,)


def _shown(entry: Json) -> int | None:
    """Which of a task's rollouts the page shows: the first that did not pass, from which its entry is, or the first."""
    failed = (number for number, sample in enumerate(entry.get("samples", ()), 1) if not sample["passed"])
    return next(failed, _samples(entry)[0])


def _suite(name: str, digest: str, count: int, roots: Sequence[Path]) -> Suite:
    """The suite that was scored, found by its hash; `count` are the tasks that were."""
    folders = [folder for root in roots for folder in suites_in(root)]
    for folder in folders:
        if Suite(folder, read_lock(folder), ()).digest == digest:
            return load(folder)
    for folder in folders:  # `[select]` scores the first tasks of a suite
        if folder.name == name and (cut := load(folder).first(count)).digest == digest:
            return cut
    raise GateBroken(
        f"suite {name}: the version that was scored ({digest[:16]}) is not in {', '.join(map(str, roots))}. Check out "
        "the commit that scored it, or give its folder with --suites."
    )


def render(models: Sequence[Scored], suites: Sequence[Suite]) -> str:
    """The page."""
    rows = [
        row(task, suite.id, models)
        for suite in suites
        for task in suite.tasks
        if any(task.id in model.transcripts.get(suite.id, {}) for model in models)
    ]
    script = SCRIPT.read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters |= {"json": compact, "written": written, "percent": lambda rate: f"{100 * rate:.1f} %"}
    return environment.from_string(PAGE.read_text(encoding="utf-8")).render(
        models=models,
        script=Markup(script),
        # The page's policy lets this one script run: not even text that got past the escaping could.
        script_hash="sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        suites=[suite.id for suite in suites],
        families=sorted({row["family"] for row in rows}),
        rows=rows,
        kinds=KINDS,
        causes=[_counted([row["models"][number] for row in rows]) for number in range(len(models))],
    )


def _counted(played: Sequence[Json | None]) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """The kinds of cause of one model, the most common first: kind, count, and the details with their counts."""
    found: list[Cause] = [one["cause"] for one in played if one and one["cause"]]
    kinds = Counter(one.kind for one in found)
    return [
        (kind, count, Counter(one.detail for one in found if one.kind == kind and one.detail).most_common())
        for kind, count in kinds.most_common()
    ]


def row(task: Task, suite: str, models: Sequence[Scored]) -> Json:
    """What the page shows of a task; `models` has None where a model was not scored on it."""
    played = [_played(task, model.transcripts.get(suite, {}).get(task.id)) for model in models]
    for one, model in zip(played, models, strict=True):
        if one:
            entry = model.gate["tasks"][suite][task.twin_of or task.id]
            one["reasons"] = (entry if task.twin_of is None else entry["twin"])["reasons"]
            if "samples" in entry:
                number = len(entry["samples"])
                one["samples"] = f"{entry['passes']} of {number} samples passed, {_shown(entry)} is shown"
    won = [one["verdict"] == "passed" for one in played if one]
    world = world_of(task)
    before = world.state()
    for turn in task.turns:
        for call in turn.gold:
            world.call(call.name, call.arguments)
    return {
        "id": task.id,
        "suite": suite,
        "family": task.family,
        "tier": task.tier,
        "forbid": task.forbid,
        "turns": [turn.model_dump() for turn in task.turns],
        "before": list(tree(before, before)),
        "after": _after(task, before, world.state()),
        "models": played,
        "change": {(False, True): "gained", (True, False): "lost", (True, True): "both", (False, False): "neither"}.get(
            tuple(won), ""
        ),
    }


def _played(task: Task, transcript: Transcript | None) -> Json | None:
    """One model's way through a task, replayed."""
    if transcript is None:
        return None
    found = cause(transcript, task)
    world = world_of(task)
    turns: list[Json] = []
    before = world.state()
    for turn, did, gold in zip(task.turns, transcript["turns"], outcomes(task), strict=False):
        for call in did["calls"]:
            world.call(call["name"], call["arguments"])
        at_fault = found is not None and found.turn == len(turns) + 1
        places = match(did["calls"], turn.gold)
        turns.append({
            "calls": [{**call, "gold": place is not None} for call, place in zip(did["calls"], places, strict=True)],
            "words": did["words"] if did["ended"] else did["raw"],
            "ended": did["ended"],
            "at_fault": at_fault,
            "wrong": changed(list(tree(gold, world.outcome()))) if at_fault else [],
        })  # fmt: skip
    verdict = "error" if transcript["end"] in ERRORS else "failed" if found else "passed"
    return {
        "verdict": verdict,
        "samples": "",
        "cause": found,
        "turns": turns,
        "after": _after(task, before, world.state()),
        "end": transcript["end"],
        "tokens": transcript["tokens"],
        "seconds": transcript["seconds"],
    }


def written(call: Any) -> str:
    """A call as people write it."""
    return f"{call['name']}({', '.join(f'{key}={compact(value)}' for key, value in call['arguments'].items())})"


def _after(task: Task, before: Mapping[str, Any], after: Mapping[str, Any]) -> Any:
    lines = list(tree(before, after))
    return lines if task.domain in TREES else changed(lines)
