"""What a run has saved, read once: everything the card, the blockers and the report are made from.

A file that is missing or has not the expected form is None, with a reason in `faults`; nothing here is ever guessed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlx_train import models, records, start
from mlx_train.bases import adapter as merged
from mlx_train.data import stock as stock_data
from mlx_train.errors import BadInput, Fault
from mlx_train.files import read_json, read_jsonl, sha256_file, sha256_of
from mlx_train.gates import bfcl
from mlx_train.gates import suites as gate_suites
from mlx_train.places import EMBEDDED, SUITES
from mlx_train.recipe import SUITES as NAMES
from mlx_train.release import gguf_head, lock, waivers

Json = dict[str, Any]
GATE_KEYS = ("model", "prompt_sha256", "decoding", "suites", "tasks")
SUITE_KEYS = (
    "n", "passed", "rate", "ci95", "exact95", "errors", "errors_by_kind", "broken", "quick", "suite_sha256", "status"
)  # fmt: skip
COMPARED_KEYS = (
    "n", "gained", "lost", "delta", "bound", "bound_clustered", "margin", "better", "verdict", "upper", "n_needed"
)  # fmt: skip
PARITY_KEYS = ("fused", "stock", "limits", "fused_lock_sha256")
GENERAL_KEYS = ("tokens", "kld_mean", "kld_error", "same_top", "ppl", "ppl_base", "prose", "code", "trained_sha256")
OVERLAP_KEYS = ("rows", "tasks", "counts", "examples", "blocks")
RUN, SUMMARY, ROWS, OVERLAP = "run.json", "data/summary.json", "data/train.jsonl", "data/overlap.json"
FITTED, METRICS = "fit/fitted.json", "fit/metrics.jsonl"
SELFTEST, STOCK, SPECIALIST, CONTROL, COMPARISON, PARITY, CEILING, GENERAL = (
    f"gates/{name}.json"
    for name in ("selftest", "stock", "specialist", "control", "comparison", "parity", "ceiling", "general")
)
LADDER = "ladder/ladder.json"
TRANSCRIPTS = "gates/stock-specialist.html"
"""What `gates view` writes of a run."""
SELFTEST_KEYS = ("tasks", "gold_pass", "mutants", "mutants_killed", "faults", "suites")
LADDER_KEYS = ("conditions", "rungs", "smallest", "suites", "quick")
FILES = (
    SUMMARY, ROWS, OVERLAP, FITTED, METRICS, SELFTEST, STOCK, SPECIALIST, CONTROL, COMPARISON, PARITY, CEILING, GENERAL,
    LADDER, f"package/{lock.LOCK}", f"fused/{lock.LOCK}", "package/README.md", "fused/README.md", waivers.FILE,
)  # fmt: skip
"""Whose hashes the report gives."""
WEIGHTS = {
    "lora": "fit/adapters/adapters.safetensors",
    "dora": "fit/adapters/adapters.safetensors",
    "full": "fit/weights/model.safetensors",
}
"""What training wrote, by method."""


@dataclass(frozen=True)
class Evidence:
    """The saved files of a run; None for what is missing or malformed."""

    run: Json
    summary: Json | None = None
    overlap: Json | None = None
    stock_overlap: Json | None = None
    """Overlap of the rows that training began from: of an own base, or of the adapter that was gone on from."""
    stock_overlap_file: str = ""
    """Where that lies, beside the base or the kept adapter and not within the run."""
    stock_faults: tuple[str, ...] = ()
    """Why that does not speak for these weights and the suites that are installed now."""
    fitted: Json | None = None
    metrics: tuple[Json, ...] = ()
    stock: Json | None = None
    specialist: Json | None = None
    comparison: Json | None = None
    parity: Json | None = None
    general: Json | None = None
    """Divergence from stock on general text, if it was measured."""
    ceiling: Json | None = None
    """Of another model, if one was scored."""
    control: Json | None = None
    """Of a model trained as far on replay data alone, if there is one."""
    selftest: Json | None = None
    """The proof of the checkers on this run's suites."""
    ladder: Json | None = None
    """Of quantised models, if they were measured."""
    cards: Mapping[str, Json] = field(default_factory=dict)
    """What the model cards of `package` and `fused` tell hubs, of those that are there."""
    quantised: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the weights of each quantised model directory in the run, by path."""
    gguf: Mapping[str, Json] = field(default_factory=dict)
    """`quantised` and `fused_lock_sha256` of each GGUF file in the run, or `fault`, by path."""
    base_adapter_sha256: str = ""
    """Of the adapter that this program brings for a base of this name, where that is made of another base."""
    waivers: tuple[tuple[waivers.Entry, ...], tuple[str, ...]] = ((), ())
    """The waivers in the run, and what is wrong with others."""
    transcripts: str | None = None
    """The page of stock's and the specialist's transcripts within the run, if it was made."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each file that was read, by its path within the run; of run.json, see `_lasting`."""
    locks: Mapping[str, Json] = field(default_factory=dict)
    """Lock of `package` and `fused`, of those that are there."""
    lock_faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What `verify` finds in `package` and `fused`."""
    installed: Mapping[str, Json] = field(default_factory=dict)
    """`sha256` and `status` of the suites that are installed now, or `fault`."""
    trained_sha256: str = ""
    """SHA-256 of the weights that training wrote."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Why a file could not be used, by its path within the run."""

    @property
    def full(self) -> bool:
        """Whether every weight was trained, so that there is no adapter."""
        return bool(self.run["recipe"].get("train", {}).get("method") == "full")

    @property
    def public_home(self) -> bool:
        """Whether anybody can get the base: from a hub, or made from packages of an index.

        What a base with an adapter in it is made of may have a home, but nobody can make that base of it without the
        adapter. It counts if that is the one that comes with this program: then its repository and its wheel have
        both, and `fetch` does the rest. Whether the checkout has it committed is for the rule on the source to say.
        """
        source = self.run["base"].get("source") or {}
        adapter = source.get("adapter_sha256")
        made = bool(source.get("packages")) and (adapter is None or adapter == self.base_adapter_sha256)
        return bool(self.run["base"].get("repository")) or made

    @property
    def facts(self) -> Json:
        """What the lock of each package has to say of this run."""
        scored = (self.specialist or {}).get("suites", {})
        return {
            "run": self.run["id"],
            "recipe": self.run["recipe"],
            "recipe_sha256": self.run["fingerprint"],
            "trained_sha256": self.trained_sha256,
            "data": (self.summary or {}).get("sha256", {}),
            "suites": {name: entry["suite_sha256"] for name, entry in scored.items()},
            "versions": self.run.get("versions", {}),
        }

    @property
    def folders(self) -> tuple[str, ...]:
        """The packages that this run has to have."""
        return ("fused",) if self.full else ("package", "fused")


def read(run: Path, suites: Path = SUITES, own: Path | None = None) -> Evidence:
    """Read the files of a run and verify its packages.

    Args:
        suites: folder of the suites that are installed now.
        own: where the recipes of a base of this project's training lie, if not where it looks for them.

    Raises:
        BadInput: there is no record of a run.
    """
    record = records.read(run)
    faults: dict[str, str] = {}
    locks: dict[str, Json] = {}
    lock_faults: dict[str, tuple[str, ...]] = {}
    for name in ("package", "fused"):
        try:
            locks[name] = lock.read(run / name)
            lock_faults[name] = tuple(lock.verify(run / name))
        except BadInput as error:
            faults[f"{name}/{lock.LOCK}"] = str(error)
    weights = run / WEIGHTS.get(record["recipe"].get("train", {}).get("method", "lora"), "")
    stock, specialist = (_table(run, name, faults, GATE_KEYS, SUITE_KEYS) for name in (STOCK, SPECIALIST))
    names = {name for gate in (stock, specialist) if gate for name in gate["suites"]}
    installed = {name: _installed(suites / name) for name in sorted(names | set(NAMES))}
    own = own or stock_data.own_base(str(record["base"].get("name")))
    overlap = _overlap(run, faults)
    adapter = record["recipe"].get("train", {}).get("adapter", "")
    kept = stock_data.kept(adapter) if adapter else None
    began = kept or own or stock_data.of_weights(record["base"].get("weights_sha256", ""))
    result = f"data/{'bases/' * (began != EMBEDDED)}{began.name}/{stock_data.RESULT}" if began else ""
    stock_overlap, stock_faults = _stock_overlap(began, record, installed, kept is not None) if began else (None, ())
    if not began and lock.LOCK in record["base"].get("files", {}):
        stock_faults += ("the base is a specialist of this program, and what that was trained on is not known here",)
    if adapter and not kept and any(entry.get("start") != record["start"] for entry in (overlap or {}).values()):
        stock_faults += (f"what the adapter {adapter!r} was trained on is not known",)
    return Evidence(
        run=record,
        summary=_object(run, SUMMARY, faults),
        overlap=overlap,
        stock_overlap=stock_overlap,
        stock_overlap_file=result,
        stock_faults=stock_faults,
        fitted=_object(run, FITTED, faults),
        metrics=_rows(run, METRICS, faults),
        stock=stock,
        specialist=specialist,
        comparison=_table(run, COMPARISON, faults, ("suites", "tasks"), COMPARED_KEYS),
        parity=_object(run, PARITY, faults, PARITY_KEYS),
        general=_object(run, GENERAL, faults, GENERAL_KEYS) if (run / GENERAL).exists() else None,
        ceiling=_table(run, CEILING, faults, GATE_KEYS, SUITE_KEYS) if (run / CEILING).exists() else None,
        control=_table(run, CONTROL, faults, GATE_KEYS, SUITE_KEYS) if (run / CONTROL).exists() else None,
        selftest=_object(run, SELFTEST, faults, SELFTEST_KEYS),
        ladder=_object(run, LADDER, faults, LADDER_KEYS) if (run / LADDER).exists() else None,
        cards=_cards(run, faults),
        quantised=_quantised(run),
        gguf={path.relative_to(run).as_posix(): _gguf(path) for path in sorted(run.rglob("*.gguf"))},
        base_adapter_sha256=_adapter(own),
        transcripts=TRANSCRIPTS if (run / TRANSCRIPTS).is_file() else None,
        waivers=waivers.read(run / waivers.FILE),
        sources={RUN: sha256_of(_lasting(record))}
        | {name: sha256_file(run / name) for name in FILES if (run / name).is_file()}
        | ({result: sha256_file(began / stock_data.RESULT)} if began and stock_overlap is not None else {}),
        locks=locks,
        lock_faults=lock_faults,
        installed=installed,
        trained_sha256=sha256_file(weights) if weights.is_file() else "",
        faults=faults,
    )


def _lasting(record: Json) -> Json:
    """A run's record without what is noted in it once the report is made, so that the report stays true."""
    stages = {name: facts for name, facts in record.get("stages", {}).items() if name != "report"}
    lasting = {key: value for key, value in record.items() if key != "peak_memory_gb"} | {"stages": stages}
    if "spent" in record:
        lasting["spent"] = {name: seconds for name, seconds in record["spent"].items() if name != "report"}
    return lasting


def _object(run: Path, name: str, faults: dict[str, str], keys: tuple[str, ...] = ()) -> Json | None:
    try:
        found = read_json(run / name)
    except (BadInput, OSError) as error:
        faults[name] = "missing" if not (run / name).exists() else str(error)
        return None
    missing = [key for key in keys if not isinstance(found, dict) or key not in found]
    if missing or not isinstance(found, dict):
        faults[name] = f"has no {', '.join(missing)}" if missing else "not a JSON object"
        return None
    return found


def _table(
    run: Path, name: str, faults: dict[str, str], keys: tuple[str, ...], entry_keys: tuple[str, ...]
) -> Json | None:
    """A file whose `suites` has an entry of known keys for each suite."""
    found = _object(run, name, faults, keys)
    if found is not None and (fault := _malformed(found["suites"], entry_keys)):
        faults[name] = fault
        return None
    return found


def _overlap(run: Path, faults: dict[str, str]) -> Json | None:
    found = _object(run, OVERLAP, faults)
    if found is not None and (fault := _malformed(found, OVERLAP_KEYS)):
        faults[OVERLAP] = fault
        return None
    return found


def _cards(run: Path, faults: dict[str, str]) -> dict[str, Json]:
    """The metadata of the packages' cards: a line for each key, its value as JSON."""
    found = {}
    for name in ("package", "fused"):
        path = run / name / "README.md"
        if not path.is_file():
            continue
        try:
            head = path.read_text(encoding="utf-8").split("---\n")[1]
            lines = (line.partition(": ") for line in head.splitlines())
            found[name] = {key: json.loads(value) for key, _, value in lines}
        except (IndexError, ValueError):
            faults[f"{name}/README.md"] = "without readable metadata"
    return found


def _stock_overlap(
    began: Path, record: Json, installed: Mapping[str, Json], adapter: bool
) -> tuple[Json | None, tuple[str, ...]]:
    """What was found in the rows that an own base, or a kept adapter, was made from; or why nothing is known.

    Args:
        began: where their recipes lie.
        adapter: whether it is an adapter's.
    """
    if adapter and start.identity(began / merged.FOLDER) != record["start"]:
        return None, (f"the adapter {began.name!r} is another one now",)
    path = began / stock_data.RESULT
    if not path.exists():
        return None, ("it is missing",)
    try:
        found = read_json(path)
        digests = {name: installed[name].get("sha256", "") for name in NAMES}
        weights = stock_data.merged_sha256(began) if adapter else record["base"].get("weights_sha256", "")
        faults = stock_data.faults(found, began, weights, digests)
    except (BadInput, OSError) as error:
        return None, (str(error),)
    if not faults:
        entries = {name: _malformed(entry.get("suites"), OVERLAP_KEYS) for name, entry in found["recipes"].items()}
        faults = [f"{name}: {fault}" for name, fault in entries.items() if fault]
    return (None if faults else found), tuple(faults)


def _quantised(run: Path) -> dict[str, str]:
    """Model directories whose configuration says that they are quantised."""
    found = {}
    for path in sorted(run.rglob("config.json")):
        try:
            config = read_json(path)
        except (BadInput, OSError):
            config = None
        known = isinstance(config, dict) and (config.get("quantization") or config.get("quantization_config"))
        if known and any(path.parent.glob("*.safetensors")):
            found[path.parent.relative_to(run).as_posix()] = models.weights_sha256(path.parent)
    return found


def _gguf(path: Path) -> Json:
    try:
        about, quantised = gguf_head.read(path)
    except (BadInput, OSError) as error:
        return {"fault": str(error)}
    return {"quantised": quantised, "fused_lock_sha256": about.get("mlx_train.fused_lock_sha256")}


def _adapter(own: Path | None) -> str:
    path = own and own / merged.FOLDER / "adapters.safetensors"
    return sha256_file(path) if path and path.is_file() else ""


def _malformed(entries: Any, keys: tuple[str, ...]) -> str:
    if not isinstance(entries, dict):
        return "has no entries by suite"
    for name, entry in entries.items():
        if missing := [key for key in keys if not isinstance(entry, dict) or key not in entry]:
            return f"suite {name} has no {', '.join(missing)}"
    return ""


def _rows(run: Path, name: str, faults: dict[str, str]) -> tuple[Json, ...]:
    try:
        rows = read_jsonl(run / name)
    except BadInput as error:
        faults[name] = "missing" if not (run / name).exists() else str(error)
        return ()
    return tuple(row for row in rows if isinstance(row.get("loss"), int | float) and "step" in row)


def _installed(folder: Path) -> Json:
    """Hash and status of a suite that is installed, from its lock, once its tasks match that."""
    try:
        found = gate_suites.Lock.model_validate(read_json(folder / gate_suites.LOCK, "suite lock"))
        if found.package is not None:
            bfcl.verify(found.package)
        elif sha256_file(folder / gate_suites.TASKS) != found.sha256:
            return {"fault": f"{folder / gate_suites.TASKS} does not match its lock"}
    except (Fault, ValueError, OSError) as error:
        return {"fault": str(error).splitlines()[0]}
    return {"sha256": gate_suites.Suite(folder, found, ()).digest, "status": found.status}
