"""A made-up run folder in which nothing blocks a release, with the suites it was scored on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from mlx_train.data.audit import RULES
from mlx_train.files import read_json, sha256_file, sha256_of, write_json, write_jsonl, write_text
from mlx_train.gates.compare import compare
from mlx_train.gates.statistics import clopper_pearson, wilson
from mlx_train.gates.suites import LOCK, TASKS, Lock, Suite
from mlx_train.recipe import SUITES
from mlx_train.release import blockers, card, evidence, lock
from mlx_train.release.general import TEXTS_SHA256

N = 200
PASSED = {"hard": (80, 196), "heldout": (90, 180), "breadth-retained": (150, 150), "breadth-unseen": (100, 100),
          "abstain": (160, 162)}  # fmt: skip
"""Tasks passed by stock and specialist: the first so many."""
RECIPE: dict[str, Any] = {
    "name": "small", "seed": 1, "prompt": "Act by calling tools.",
    "base": {
        "name": "tiny", "repository": "someone/tiny", "revision": "0" * 40, "licence": "Apache-2.0", "dtype": "float32",
    },
    "data": {"sources": [{"domain": "files", "rows": 1000}]},
    "train": {"method": "lora", "rank": 4, "alpha": 8.0, "learning_rate": 1e-3, "epochs": 1.0},
    "gates": {"hard_lower_bound": 0.8, "heldout_lower_bound": 0.6, "breadth_margin": 0.02, "general_kld": 0.02,
              "max_new_tokens": 64, "max_calls": 10},
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A run folder, and the folder of the installed suites."""

    run: Path
    suites: Path

    def edit(self, name: str, change: Callable[[Any], Any]) -> None:
        """Change a JSON file of the run in place."""
        content = read_json(self.run / name)
        change(content)
        write_json(self.run / name, content)

    def edit_gates(self, change: Callable[[Any], Any]) -> None:
        """Change both gate files alike, and compare them again."""
        for label in ("stock", "specialist"):
            self.edit(f"gates/{label}.json", change)
        self.compare()

    def rescore(self, suite: str, stock: int, specialist: int, n: int = N) -> None:
        """Other results on one suite."""
        for label, passed in (("stock", stock), ("specialist", specialist)):
            gate = read_json(self.run / "gates" / f"{label}.json")
            gate["suites"][suite], gate["tasks"][suite] = entry(suite, passed, n, self.suites)
            write_json(self.run / "gates" / f"{label}.json", gate)
        self.compare()

    def compare(self) -> None:
        """Write the comparison of the gate files as they are now, and the packages with cards that say so."""
        stock, specialist = (read_json(self.run / "gates" / f"{label}.json") for label in ("stock", "specialist"))
        write_json(self.run / "gates" / "comparison.json", compare(stock, specialist, 0.02))
        self.pack()

    def pack(self) -> None:
        """Write cards and locks of the packages as the run is now."""
        found = evidence.read(self.run, self.suites)
        facts = {**found.facts, "base": {"weights_sha256": found.run["base"]["weights_sha256"]}, "external": []}
        for name, kind in (("package", lock.ADAPTER), ("fused", lock.MODEL)):
            folder, label = self.run / name, blockers.label_before_packages(found)
            texts = [one for names in card.notices(path.name for path in folder.iterdir()) for one in names]
            write_text(folder / "README.md", card.render(found, kind, label, texts))
            held = lock.write(folder, kind, {
                **facts, "chat_template_sha256": sha256_file(folder / lock.TEMPLATE),
                "tokenizer_sha256": sha256_file(folder / "tokenizer.json"),
            })  # fmt: skip
            digests = {f"{name}_lock_sha256": held["lock_sha256"]}
            self.edit("gates/parity.json", lambda parity, digests=digests: parity.update(digests))


def make(folder: Path) -> Made:
    """Write it all."""
    made = Made(folder / "run", folder / "suites")
    for name in SUITES:
        install(made.suites / name, "frozen")
    (made.run / "fit" / "adapters").mkdir(parents=True)
    _records(made)
    _packages(made.run)
    models = {"stock": "2" * 64, "specialist": sha256_file(made.run / "fit" / "adapters" / "adapters.safetensors")}
    for number, label in enumerate(("stock", "specialist")):
        parts = {name: entry(name, PASSED[name][number], N, made.suites) for name in SUITES}
        write_json(made.run / "gates" / f"{label}.json", {
            "model": {"id": label, "sha256": models[label], "base_sha256": "2" * 64, "base_files_sha256": "5" * 64,
                      "dtype": "float32"},
            "prompt": RECIPE["prompt"], "prompt_sha256": sha256_of("prompt"), "versions": {}, "seconds": 1.0,
            "decoding": {"method": "greedy", "max_new_tokens": 64, "max_calls": 10},
            "suites": {name: part[0] for name, part in parts.items()},
            "tasks": {name: part[1] for name, part in parts.items()},
        })  # fmt: skip
    made.compare()
    return made


def relock(folder: Path, **more: Any) -> None:
    """Write the lock of a package again, over its files as they are now, with the facts that it has and these, as if
    the same had been compared with what was scored."""
    held = lock.read(folder)
    facts = {key: held[key] for key in held.keys() - {"format", "kind", "generator", "files", "lock_sha256"}}
    (folder / lock.LOCK).unlink()
    written = lock.write(folder, held["kind"], facts | more)
    compared = folder.parent / "gates" / "parity.json"
    if compared.is_file():
        write_json(compared, {**read_json(compared), f"{folder.name}_lock_sha256": written["lock_sha256"]})


def digest(suites: Path, name: str) -> str:
    """What stands for an installed suite."""
    return Suite(suites / name, Lock.model_validate(read_json(suites / name / LOCK)), ()).digest


def install(folder: Path, status: str) -> None:
    """A suite's lock and tasks; the tasks are only bytes here."""
    write_text(folder / TASKS, "{}\n")
    held = Lock.model_validate({
        "id": folder.name, "version": 1, "status": status, "sha256": sha256_file(folder / TASKS), "gold_sha256": "0",
        "templates_sha256": "0", "checker": 1, "seed": 1, "counts": {}, "quick": (), "canary": "",
    })  # fmt: skip
    write_json(folder / LOCK, held.model_dump(mode="json"))


def entry(name: str, passed: int, n: int, suites: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """A suite's entries in a gate file, `suites` and `tasks`; each task is of a family of its own."""
    status = read_json(suites / name / LOCK)["status"]
    tasks = {
        f"{name}/{number}": {"passed": number < passed, "reasons": [] if number < passed else ["not done"],
                             "end": "done", "family": f"{name}.{number}", "tier": "hard", "domain": "files"}
        for number in range(n)
    }  # fmt: skip
    return {
        "n": n, "passed": passed, "rate": passed / n, "ci95": list(wilson(passed, n)),
        "exact95": list(clopper_pearson(passed, n)), "clusters": n, "errors": 0,
        "errors_by_kind": {"truncated": 0, "too_many_calls": 0, "overlong": 0, "time_out": 0, "crash": 0},
        "broken": False, "quick": False,
        "suite_sha256": digest(suites, name), "version": 1, "status": status,
        "calls": {"calls": 400, "first_tool": 0.9, "valid": 0.98, "over_gold": 1.1, "stop": None},
    }, tasks  # fmt: skip


def _records(made: Made) -> None:
    run, digests = made.run, {name: digest(made.suites, name) for name in SUITES}
    identity = {
        "recipe": RECIPE,
        "start": None,
        "own_files": [],
        "base_files": "5" * 64,
        "dev_suites": {},
        "program": "4" * 64,
        "versions": {"mlx": "0.32.4"},
    }
    fingerprint = sha256_of({**identity, "base": "2" * 64, "suites": digests})
    write_json(run / "run.json", {
        "id": "20260101-000000", **identity, "fingerprint": fingerprint,
        "started": "2026-01-01T00:00:00+00:00",
        "machine": {"system": "Linux", "cores": 2},
        "source": {"commit": "1" * 40, "changed": False},
        "base": {**RECIPE["base"], "weights_sha256": "2" * 64, "path": "/base"},
        "stages": {"data": {"seconds": 12.0}, "fit": {"seconds": 200.5, "steps": 40}},
        "suites": {name: {"digest": digest} for name, digest in digests.items()},
    })  # fmt: skip
    write_text(run / "data" / "train.jsonl", "{}\n")
    write_json(run / "data" / "summary.json", {
        "rows": 1000, "dev_rows": 64, "templates": 300, "rejects": {"same words": 3},
        "sha256": {"train.jsonl": sha256_file(run / "data" / "train.jsonl")},
    })  # fmt: skip
    write_json(run / "data" / "overlap.json", {
        name: {"suite": name, "rows": 1000, "tasks": N, "counts": {"id": 0, "text": 0}, "examples": {}, "blocks": [],
               "blocking": False, "rows_sha256": sha256_file(run / "data" / "train.jsonl"), "rules": RULES,
               "suite_sha256": digests[name]}
        for name in SUITES
    })  # fmt: skip
    write_json(run / "gates" / "selftest.json", {
        "tasks": 5 * N, "gold_pass": 5 * N, "mutants": 9000, "mutants_killed": 9000, "faults": [], "suites": digests,
    })  # fmt: skip
    metrics = [{"step": step, "loss": 2.0 * 0.93**step + 0.03} for step in range(1, 41)]
    for row in metrics[9::10]:
        row |= {"dev_loss": row["loss"] * 1.1, "breadth_loss": 0.2 + row["step"] / 1000}
    write_jsonl(run / "fit" / "metrics.jsonl", metrics)
    write_json(run / "fit" / "fitted.json", {
        "steps": 40, "tokens": 123456, "padded_tokens": 400000, "loss": 0.14, "dev_loss": 0.15, "best_dev_loss": 0.15,
        "seconds": 200.5, "peak_memory": 1.25, "stock_dev_loss": 2.5, "stock_breadth_loss": 0.2, "breadth_loss": 0.24,
    })  # fmt: skip


def _packages(run: Path) -> None:
    down, up = np.zeros((8, 4), np.float32), np.zeros((4, 8), np.float32)
    adapter = {"model.layers.0.q.lora_a": down, "model.layers.0.q.lora_b": up}
    save_file(adapter, run / "fit" / "adapters" / "adapters.safetensors")
    package, fused = run / "package", run / "fused"
    package.mkdir()
    save_file(adapter, package / "adapters.safetensors")
    write_json(package / "adapter_config.json", {
        "fine_tune_type": "lora", "num_layers": 1, "lora_parameters": {"rank": 4, "scale": 2.0, "keys": ["q"]},
    })  # fmt: skip
    fused.mkdir()
    for name in ("config.json", "tokenizer_config.json"):
        write_text(fused / name, json.dumps({"model_type": "qwen3"}))
    save_file({"weight": down}, fused / "model.safetensors")
    for folder in (package, fused):
        write_text(folder / "LICENSE", "a licence")
        write_text(folder / "tokenizer.json", "{}")
        write_text(folder / lock.TEMPLATE, "{{ messages }}")
    measured = {"tokens": 900, "kld_mean": 0.01, "kld_error": 0.001, "same_top": 0.97, "ppl": 9.1, "ppl_base": 9.0}
    write_json(run / "gates" / "general.json", {
        **measured, "prose": measured, "code": measured, "texts_sha256": TEXTS_SHA256["gate"],
        "trained_sha256": sha256_file(run / "fit" / "adapters" / "adapters.safetensors"),
    })  # fmt: skip
    same = {"tokens": 900, "logits": 0.01, "kld_mean": 1e-5, "kld_max": 1e-3, "same_top": 1.0, "changed": 0,
            "tasks": 9, "tasks_same": 9}  # fmt: skip
    write_json(run / "gates" / "parity.json", {
        "fused": same, "package": same,
        "stock": {"kld_mean": 0.1}, "limits": {"lost": 0.1, "tie": 0.25}, "fused_lock_sha256": "",
    })  # fmt: skip
