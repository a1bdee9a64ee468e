"""Every rule fires on its fault, and none on a clean run."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from release_fixture import RECIPE, Made, digest, install, make, relock
from safetensors.numpy import save_file

from mlx_train import models, recipe, start
from mlx_train.data.audit import RULES
from mlx_train.data.stock import rows_sha256
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, write_json, write_text
from mlx_train.places import EMBEDDED
from mlx_train.recipe import SUITES
from mlx_train.release import blockers, evidence, gguf_head, lock, rules_scores


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def found(made: Made) -> dict[str, blockers.Blocker]:
    return {one.id: one for one in blockers.find(evidence.read(made.run, made.suites))}


def test_a_clean_run_has_no_finding(made: Made) -> None:
    assert found(made) == {}


@pytest.mark.parametrize("limit", [0, None])  # None: a recipe from before there was the key
def test_no_limit_asks_for_no_measure_of_general_text(made: Made, limit: float | None) -> None:
    e = evidence.read(made.run, made.suites)
    gates = {key: value for key, value in e.run["recipe"]["gates"].items() if key != "general_kld"}
    gates |= {} if limit is None else {"general_kld": limit}
    e.run["recipe"]["gates"] = gates
    for held in (None, {**(e.general or {}), "kld_mean": 9.0}):
        assert list(rules_scores.general_text(replace(e, general=held))) == []


def drop(name: str) -> Callable[[Made], None]:
    def change(made: Made) -> None:
        path = made.run / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def base(**facts: str) -> Callable[[Made], None]:
    return lambda made: made.edit("run.json", lambda run: run["base"].update(facts))


def errors(kind: str, label: str, broken: bool = False) -> Callable[[Made], None]:
    def ended(gate: Any) -> None:
        gate["suites"]["hard"].update(errors=3, errors_by_kind={kind: 3}, broken=broken)
        for row in list(gate["tasks"]["hard"].values())[-3:]:
            row["end"] = kind

    def change(made: Made) -> None:
        made.edit(f"gates/{label}.json", ended)
        made.compare()

    return change


def overlapping(made: Made) -> None:
    hit = {"task": "hard/1", "row": "row-9", "place": "train.jsonl:9", "what": "t/1"}
    made.edit("data/overlap.json", lambda all: all["hard"].update(
        counts={"template": 2}, examples={"template": [hit]}, blocks=["template"]))  # fmt: skip


def overlap(**facts: Any) -> Callable[[Made], None]:
    return lambda made: made.edit("data/overlap.json", lambda all: all["hard"].update(facts))


def one_lost(made: Made) -> None:
    """A suite of 40 tasks with nothing lost proves too little for a margin of two points."""
    made.rescore("abstain", 30, 30, n=40)


def claimed(made: Made) -> None:
    """An interval that was written into the file."""
    made.rescore("hard", 80, 165)
    made.edit("gates/specialist.json", lambda gate: gate["suites"]["hard"].update(exact95=[0.9, 1.0]))


def alike(made: Made) -> None:
    """172 of 200 is at least 80.4 % by tasks; by 40 families of 5 that pass or fail together, 72.2 %."""

    def change(gate: Any) -> None:
        for number, row in enumerate(gate["tasks"]["hard"].values()):
            row["family"] = str(number // 5)
        gate["suites"]["hard"]["clusters"] = 40

    made.rescore("hard", 80, 172)
    made.edit_gates(change)


def once_better(made: Made) -> None:
    """A gain on a suite of which stock passes too little, as an older program compared it."""
    made.rescore("breadth-unseen", 40, 100)
    made.edit("gates/comparison.json", lambda found: found["suites"]["breadth-unseen"].update(better=True))


def forbidden(made: Made) -> None:
    def change(gate: Any) -> None:
        gate["tasks"]["abstain"]["abstain/190"]["reasons"] = ["turn 1: called the forbidden tool rm"]

    made.edit("gates/specialist.json", change)


def model(label: str) -> Callable[[Made], None]:
    return lambda made: made.edit(f"gates/{label}.json", lambda gate: gate["model"].update(sha256="0"))


def weaker(made: Made) -> None:
    """The run's own adapter, scored at another strength."""
    sha256 = models.trained_sha256(made.run / "fit" / "adapters", 0.6)
    made.edit("gates/specialist.json", lambda gate: gate["model"].update(sha256=sha256, strength=0.6))


def selftest(**facts: Any) -> Callable[[Made], None]:
    return lambda made: made.edit("gates/selftest.json", lambda found: found.update(facts))


def general(**facts: Any) -> Callable[[Made], None]:
    return lambda made: made.edit("gates/general.json", lambda found: found.update(facts))


def card(key: str, value: object) -> Callable[[Made], None]:
    def change(made: Made) -> None:
        path = made.run / "package" / "README.md"
        lines = path.read_text().splitlines()
        write_text(path, "\n".join(
            f"{key}: {json.dumps(value)}" if line.startswith(f"{key}:") else line for line in lines))  # fmt: skip

    return change


def ladder(kld: float = 0.001, n: int = 200, passes: bool = True, **facts: Any) -> Callable[[Made], None]:
    """A ladder whose rung 4 passes, made of this fused model and with as many tasks, if nothing else is said."""

    def change(made: Made) -> None:
        held = lock.computes(lock.read(made.run / "fused"))
        gates = {name: {"n": n, "suite_sha256": digest(made.suites, name)} for name in SUITES}
        row = {"rung": "4", "passes": passes, "divergence": {"kld_mean": kld}, "gates": gates, "weights_sha256": "0"}
        kept = made.run / "ladder" / "dwq-4" / "model" / "model.safetensors"
        other = {**row, "rung": "dwq-4", "weights_sha256": sha256_file(kept) if kept.exists() else "1"}
        write_json(made.run / "ladder" / "ladder.json", {
            "conditions": {"fused_sha256": held}, "smallest": "4" if passes else None, "suites": list(SUITES),
            "quick": False, "rungs": [row, other], **facts,
        })  # fmt: skip

    return change


def kept(*changes: Callable[[Made], None]) -> Callable[[Made], None]:
    """A quantised model in the run's folder, and then these changes."""

    def change(made: Made) -> None:
        folder = made.run / "ladder" / "dwq-4" / "model"
        folder.mkdir(parents=True)
        write_json(folder / "config.json", {"quantization": {"bits": 4, "group_size": 64}})
        save_file({"w": np.zeros(8, np.float32)}, folder / "model.safetensors")
        for one in changes:
            one(made)

    return change


def gguf(kind: int, lock_sha256: str | None = None, name: str = "small-f16.gguf") -> Callable[[Made], None]:
    """A GGUF file with one tensor in this number format, that says it was made of this run's fused model."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    def change(made: Made) -> None:
        held = lock_sha256 or read_json(made.run / "fused" / "lock.json")["lock_sha256"]
        many = struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b")
        numbers = struct.pack("<IIQ3f", 9, 6, 3, 1, 2, 3)
        parts = [b"GGUF", struct.pack("<IQQ", 3, 1, 3), text("tokens"), many, text("scores"), numbers]
        parts += [text("mlx_train.fused_lock_sha256"), struct.pack("<I", 8), text(held)]
        parts += [text("w"), struct.pack("<IQQIQ", 2, 32, 1, kind, 0), bytes(34)]
        (made.run / "gguf").mkdir()
        (made.run / "gguf" / name).write_bytes(b"".join(parts))

    return change


F16, BF16, Q8_0 = 1, 30, 8


@pytest.mark.parametrize("change", [ladder(), kept(ladder()), gguf(F16), gguf(BF16, name="q8_0.gguf")])
def test_what_is_quantised_and_as_good_as_the_full_model_has_no_finding(
    made: Made, change: Callable[[Made], None]
) -> None:
    change(made)
    assert found(made) == {}


def test_a_gguf_file_is_known_by_what_is_in_it(made: Made, tmp_path: Path) -> None:
    gguf(Q8_0)(made)
    path = made.run / "gguf" / "small-f16.gguf"
    about, quantised = gguf_head.read(path)
    assert quantised and list(about) == ["mlx_train.fused_lock_sha256"]
    whole = path.read_bytes()
    for length in range(len(whole) - 34):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInput, match="not a whole GGUF file"):
            gguf_head.read(path)
    assert "not a whole GGUF file" in found(made)["rung-parity/gguf/small-f16.gguf"].found


FAULTS: list[tuple[str, str, Callable[[Made], None]]] = [
    ("not-measured/stock/hard", "blocks", drop("gates/stock.json")),
    ("not-measured/specialist/abstain", "blocks", drop("gates/specialist.json")),
    ("not-measured/specialist/abstain", "blocks", lambda made: made.edit_gates(
        lambda gate: (gate["suites"].pop("abstain"), gate["tasks"].pop("abstain")))),
    ("comparison", "blocks", drop("gates/comparison.json")),
    ("comparison/false", "rejects", lambda made: made.edit(
        "gates/comparison.json", lambda found: found["suites"]["abstain"].update(lost=0, better=True))),
    ("comparison/older", "blocks", once_better),
    ("conditions/gates/stock.json", "blocks", lambda made: made.edit_gates(lambda gate: gate.update(prompt="Do."))),
    ("overlap", "blocks", drop("data/overlap.json")),
    ("overlap/heldout", "blocks", lambda made: made.edit("data/overlap.json", lambda all: all.pop("heldout"))),
    ("overlap/hard", "rejects", overlapping),
    ("stock-overlap", "blocks", base(name="embedded")),
    ("stock-overlap", "blocks", lambda made: made.edit("run.json", lambda run: (
        run["recipe"]["train"].update(adapter="../elsewhere"), run.update(start="5" * 64)))),
    ("not-reproducible/adapter", "blocks", lambda made: made.edit("run.json", lambda run:
        run["recipe"]["train"].update(adapter="../elsewhere"))),
    ("draft-suite", "blocks", lambda made: made.edit_gates(
        lambda gate: gate["suites"]["hard"].update(status="draft"))),
    ("quick", "blocks", lambda made: made.edit_gates(
        lambda gate: gate["suites"]["hard"].update(quick=True))),
    ("suite-hash/hard", "blocks", lambda made: made.edit_gates(
        lambda gate: gate["suites"]["hard"].update(suite_sha256="0"))),
    ("suite-hash/hard", "blocks", lambda made: shutil.rmtree(made.suites / "hard")),
    ("suite-hash/hard", "blocks",
     lambda made: write_text(made.suites / "hard" / "tasks.jsonl", "")),
    ("lower-bound/hard", "blocks", lambda made: made.rescore("hard", 80, 165)),  # 82.5 %, exact from 76.5 %
    ("lower-bound/heldout", "blocks", lambda made: made.rescore("heldout", 50, 130)),  # 65 %, exact from 58.0 %
    ("lower-bound/hard", "blocks", claimed),
    ("lower-bound/hard", "blocks", alike),
    ("no-improvement/hard", "blocks", lambda made: made.rescore("hard", 190, 190)),
    ("regression/breadth-unseen", "routes", lambda made: made.rescore("breadth-unseen", 120, 90)),
    ("regression/heldout", "rejects", lambda made: made.rescore("heldout", 199, 170)),
    ("regression/abstain", "rejects", lambda made: made.rescore("abstain", 160, 120)),
    ("inconclusive/abstain", "blocks", one_lost),
    ("inconclusive/breadth-retained", "routes", lambda made: made.rescore("breadth-retained", 30, 30, n=40)),
    ("general-text", "blocks", drop("gates/general.json")),
    ("general-text", "blocks", general(trained_sha256="0")),
    ("general-text", "blocks", lambda made: write_text(made.run / "gates" / "general.json", "{}")),
    ("general-text/moved", "routes", general(kld_mean=0.021)),
    ("forbidden", "rejects", forbidden),
    ("stale/gates/specialist.json", "blocks", model("specialist")),
    ("stale/gates/specialist.json", "blocks", weaker),
    ("stale/gates/stock.json", "blocks", model("stock")),
    ("stale/gates/stock.json/hard", "blocks", lambda made: made.edit(
        "run.json", lambda run: run["suites"]["hard"].update(digest="0"))),
    ("stale/data/summary.json", "blocks", lambda made: write_text(made.run / "data/train.jsonl", "{}\n{}\n")),
    ("stale/data/overlap.json", "blocks", overlap(rows_sha256="0")),
    ("stale/data/overlap.json", "blocks", overlap(suite_sha256="0")),
    ("stale/data/overlap.json", "blocks", overlap(rules=RULES - 1)),
    ("selftest", "blocks", drop("gates/selftest.json")),
    ("selftest/stale", "blocks", selftest(suites={})),
    ("selftest/failed", "rejects", selftest(faults=["hard/1: the gold solution fails"])),
    ("selftest/failed", "rejects", selftest(gold_pass=3)),
    ("errors/gates/specialist.json/hard", "blocks", errors("too_many_calls", "specialist")),
    ("errors/gates/stock.json/hard", "warns", errors("too_many_calls", "stock")),
    ("errors/gates/stock.json/hard", "blocks", errors("crash", "stock", broken=True)),
    ("package/package", "blocks", drop("package")),
    ("package/fused", "blocks", drop("fused/lock.json")),
    ("package/package", "blocks", lambda made: write_text(made.run / "package" / "more.txt", "more")),
    ("package/fused", "blocks", lambda made: write_text(made.run / "fit/adapters/adapters.safetensors", "retrained")),
    ("package/fused", "blocks", drop("fit/adapters")),
    ("card/package", "blocks", drop("package/README.md")),
    ("card/package", "blocks", card("license", None)),
    ("card/fused", "blocks", lambda made: write_text(made.run / "fused/README.md", "no metadata")),
    ("card/package", "blocks", lambda made: made.edit(
        "gates/specialist.json", lambda gate: gate["suites"]["hard"].update(rate=0.97))),
    ("card-label/fused", "blocks", lambda made: made.edit("run.json", lambda run: run["base"].update(licence=""))),
    ("rung-parity/4", "blocks", ladder(conditions={"fused_sha256": "0"})),
    ("rung-parity/4", "blocks", ladder(kld=0.02)),
    ("quantised/4/hard", "blocks", ladder(n=48)),
    ("quantised/gguf/small-f16.gguf", "blocks", gguf(Q8_0)),
    ("rung-parity/gguf/small-f16.gguf", "blocks", gguf(F16, "0")),
    ("quantised/ladder/dwq-4/model", "blocks", kept()),
    ("rung-parity/dwq-4", "blocks", kept(ladder(passes=False))),
    ("quantised/dwq-4/abstain", "blocks", kept(ladder(n=48))),
    ("parity", "blocks", drop("fused")),
    ("parity", "blocks", drop("gates/parity.json")),
    ("parity", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held.update(fused_lock_sha256="0"))),
    ("parity/lost", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held["fused"].update(kld_mean=0.02))),
    ("parity/lost", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held["stock"].update(kld_mean=0.0))),
    ("parity/package", "blocks", lambda made: made.edit("gates/parity.json", lambda held: held.pop("package"))),
    ("parity/package", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held.update(package_lock_sha256="0"))),
    ("parity/package/lost", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held["package"].update(kld_mean=0.02))),
    ("parity/package/changed", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held["package"].update(changed=1))),
    ("parity/changed", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held["fused"].update(changed=1))),
    ("no-public-home", "blocks", base(repository="")),
    ("base-revision", "blocks", base(revision="")),
    ("base-hash", "blocks", base(weights_sha256="")),
    ("licence", "blocks", base(licence="")),
    ("licence/terms", "blocks", base(licence="CC-BY-ND-4.0")),
    ("not-reproducible/record", "blocks", lambda made: made.edit(
        "run.json", lambda run: run["recipe"].update(seed=2))),
    ("not-reproducible/record", "blocks", lambda made: made.edit(
        "run.json", lambda run: run.update(dev_suites={"hard": "5" * 64}))),
    ("not-reproducible/data", "blocks", lambda made: made.edit(
        "run.json", lambda run: run["recipe"].update(data={"files": ["own.jsonl", "hub:a/b@0"]}))),
    ("licence-text/package", "warns",
     lambda made: made.edit("package/lock.json", lambda held: held["files"].pop("LICENSE"))),
    ("licence-text/fused", "blocks", base(licence="gemma")),  # it has the text and no notice
    ("purpose", "warns", lambda made: made.edit("run.json", lambda run: run["recipe"].update(data={"files": ["a"]}))),
    ("not-recorded/data/summary.json", "blocks", drop("data/summary.json")),
    ("not-recorded/fit/metrics.jsonl", "blocks", drop("fit/metrics.jsonl")),
    ("source-changed", "blocks", lambda made: made.edit("run.json", lambda run: run["source"].update(changed=True))),
    ("source-commit", "warns", lambda made: made.edit("run.json", lambda run: run.update(source={}))),
]  # fmt: skip


@pytest.mark.parametrize(("id", "severity", "fault"), FAULTS, ids=[f"{i}-{fault[0]}" for i, fault in enumerate(FAULTS)])
def test_each_rule_fires_on_its_fault(made: Made, id: str, severity: str, fault: Callable[[Made], None]) -> None:
    fault(made)
    now = found(made)
    assert id in now, sorted(now)
    assert now[id].severity == severity
    assert now[id].evidence and now[id].unblock and now[id].found
    assert set(now[id].suites) == spoken_of(id)


EVERY = {"comparison", "comparison/older", "overlap", "stock-overlap", "selftest", "selftest/stale", "selftest/failed",
         "stale/gates/stock.json", "stale/gates/specialist.json", "conditions/gates/stock.json"}  # fmt: skip
"""Findings that leave no suite sure."""
ONE = {"comparison/false": "abstain", "draft-suite": "hard", "quick": "hard", "forbidden": "abstain",
       "stale/data/overlap.json": "hard"}  # fmt: skip
"""What the faults above are about, where the id does not say it."""


def spoken_of(id: str) -> set[str]:
    """The suites that a finding speaks of, by its id."""
    last = id.rpartition("/")[2]
    return set(SUITES) if id in EVERY else {ONE.get(id, last)} & set(SUITES)


def test_a_comparison_at_another_margin_speaks_of_every_suite(made: Made) -> None:
    made.edit("run.json", lambda run: run["recipe"]["gates"].update(breadth_margin=0.01))
    assert found(made)["comparison/false"].suites == SUITES


def test_every_rule_has_a_fault() -> None:
    """A rule without a line in FAULTS would be untested. Each finds nothing in a clean run (above)."""
    names = {"not_measured": "not-measured", "lower_bounds": "lower-bound", "draft_suite": "draft-suite",
             "quick_subset": "quick", "suite_hash": "suite-hash", "no_improvement": "no-improvement",
             "stock_overlap": "stock-overlap", "general_text": "general-text", "public_home": "no-public-home",
             "base_revision": "base-revision", "training_record": "not-recorded", "source": "source-",
             "licence_text": "licence-text", "reproducible": "not-reproducible",
             "quantised": "rung-parity"}  # fmt: skip
    for rule in blockers.RULES:
        assert any(id.startswith(names.get(rule.__name__, rule.__name__)) for id, _, _ in FAULTS), rule.__name__


def test_the_overlap_of_an_own_base_has_to_be_there_and_to_be_of_this_base_and_these_suites(
    made: Made, tmp_path: Path
) -> None:
    own = tmp_path / "base"
    write_json(own / "curve.json", {"phases": [{"recipe": "first"}]})
    write_text(own / "first.toml", 'name = "first"\n[base]\nname = "scratch"\n')
    made.edit("run.json", lambda run: run["base"].update(name="embedded"))

    def about() -> dict[str, str]:
        found = blockers.find(evidence.read(made.run, made.suites, own))
        return {one.id: one.found for one in found if one.id.startswith("stock-overlap")}

    assert "it is missing" in about()["stock-overlap"]
    installed = evidence.read(made.run, made.suites, own).installed
    hit = {"task": "hard/1", "row": "row-9", "place": "first/train.jsonl:9", "what": "t/1"}
    clean = {"rows": 9, "tasks": 5, "counts": {"id": 0}, "examples": {}, "blocks": []}
    leaked = {**clean, "counts": {"id": 1}, "examples": {"id": [hit]}, "blocks": ["id"]}
    result = {
        "rules": RULES, "weights_sha256": "2" * 64, "suites": {name: installed[name]["sha256"] for name in SUITES},
        "recipes": {"first": {
            "recipe_sha256": rows_sha256(recipe.load(str(own / "first.toml"))),
            "suites": {name: clean for name in SUITES},
        }},
    }  # fmt: skip
    write_json(own / "overlap.json", result)
    assert about() == {}
    for change, reason in (
        ({"weights_sha256": "3" * 64}, "other weights"), ({"rules": 0}, "other rules"), ({"recipes": {}}, "missing"),
        ({"suites": {**result["suites"], "hard": "0"}}, "other suites"), ({"recipes": []}, "not the result"),
        ({"recipes": {"first": {**result["recipes"]["first"], "suites": {"hard": {}}}}}, "suite hard has no"),
    ):  # fmt: skip
        write_json(own / "overlap.json", {**result, **change})
        assert reason in about()["stock-overlap"]
    result["recipes"]["first"]["suites"]["hard"] = leaked
    write_json(own / "overlap.json", result)
    assert list(about()) == ["stock-overlap/hard/first"]
    last = blockers.find(evidence.read(made.run, made.suites, own))
    assert [one.suites for one in last if one.id == "stock-overlap/hard/first"] == [("hard",)]
    assert "id (1 of 5 tasks)" in about()["stock-overlap/hard/first"]
    assert "first/train.jsonl:9" in about()["stock-overlap/hard/first"]
    write_text(own / "overlap.json", "{")
    assert "not valid JSON" in about()["stock-overlap"]


@pytest.mark.parametrize(("change", "said"), [
    (lambda gate: gate.update(prompt="Do."), "the system prompt"),
    (lambda gate: gate.update(variant="renamed"), "the variant"),
    (lambda gate: gate["decoding"].update(method="sampled"), "the decoding"),
    (lambda gate: gate["decoding"].update(max_calls=20), "the decoding"),
    (lambda gate: gate["model"].update(dtype="bfloat16"), "the number format"),
    (lambda gate: gate["model"].update(base_sha256="3" * 64), "the base"),
    (lambda gate: gate["model"].pop("base_files_sha256"), "template, tokenizer and configuration of the base"),
])  # fmt: skip
def test_scores_under_other_conditions_than_the_recipes_block(made: Made, change: Any, said: str) -> None:
    made.edit_gates(change)  # of both alike, so that they can be compared
    now = found(made)
    assert {"conditions/gates/stock.json", "conditions/gates/specialist.json"} <= now.keys()
    assert all(one.severity == "blocks" and not one.waivable for one in now.values())
    assert f"another one is {said}." in now["conditions/gates/stock.json"].found


def test_measures_of_other_texts_and_by_other_limits_block(made: Made) -> None:
    made.edit("gates/general.json", lambda held: held.update(texts_sha256="0"))
    made.edit("gates/parity.json", lambda held: held["limits"].update(lost=0.9))
    now = found(made)
    assert "of other texts" in now["general-text"].found
    assert "limits that are not this program's" in now["parity"].found


def test_what_an_own_base_read_is_looked_at_whatever_it_is_called(made: Made) -> None:
    """By path, or as another specialist's merged weights, a base is no less trained."""
    weights = sha256_file(EMBEDDED / "model.safetensors")
    made.edit("run.json", lambda run: run["base"].update(name="data/embedded", weights_sha256=weights))
    held = evidence.read(made.run, made.suites)
    assert held.stock_overlap_file == "data/embedded/overlap.json" and held.stock_faults  # of the suites that there are
    made.edit("run.json", lambda run: run["base"].update(weights_sha256="2" * 64, files={"lock.json": {}}))
    assert "a specialist of this program" in found(made)["stock-overlap"].found


def test_the_rows_of_an_adapter_that_was_gone_on_from_are_looked_at_too(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlx_train.data.stock.BASES", tmp_path)
    kept = tmp_path / "part-1"
    write_json(kept / "curve.json", {"phases": [{"recipe": "part-1"}]})
    write_text(kept / "part-1.toml", 'name = "part-1"\n[base]\nname = "scratch"\n')
    write_text(kept / "base.toml", 'made_of = "scratch"\n[files]\n"model.safetensors" = "abc"\n')
    for name in ("adapter_config.json", "adapters.safetensors"):
        write_text(kept / "adapter" / name, name)

    def went_on(run: dict[str, Any]) -> None:
        run["recipe"]["train"]["adapter"] = "part-1"
        run["start"] = start.identity(kept / "adapter")

    made.edit("run.json", went_on)

    def about() -> dict[str, str]:
        found = blockers.find(evidence.read(made.run, made.suites))
        return {one.id: one.found for one in found if one.id.startswith("stock-overlap")}

    assert "it is missing" in about()["stock-overlap"]
    installed = evidence.read(made.run, made.suites).installed
    leaked = {"rows": 9, "tasks": 5, "counts": {"id": 1}, "examples": {}, "blocks": ["id"]}
    clean = {**leaked, "counts": {"id": 0}, "blocks": []}
    entry = {"recipe_sha256": rows_sha256(recipe.load(str(kept / "part-1.toml")))}
    result = {
        "rules": RULES, "weights_sha256": "abc", "suites": {name: installed[name]["sha256"] for name in SUITES},
        "recipes": {"part-1": entry},
    }  # fmt: skip
    write_json(
        kept / "overlap.json", result | {"recipes": {"part-1": entry | {"suites": dict.fromkeys(SUITES, leaked)}}}
    )
    assert about().keys() == {f"stock-overlap/{name}/part-1" for name in SUITES}
    write_json(
        kept / "overlap.json", result | {"recipes": {"part-1": entry | {"suites": dict.fromkeys(SUITES, clean)}}}
    )
    assert about() == {}
    write_text(kept / "adapter" / "adapters.safetensors", "another")
    assert "is another one now" in about()["stock-overlap"]


def test_the_rows_of_an_adapter_in_its_run_were_compared_beside_the_new_ones(made: Made) -> None:
    def went_on(run: dict[str, Any]) -> None:
        run["recipe"]["train"]["adapter"] = "../artifacts/runs/first/1/fit/adapters"
        run["start"] = "5" * 64

    def faults() -> tuple[str, ...]:
        return evidence.read(made.run, made.suites).stock_faults

    made.edit("run.json", went_on)
    assert "fit/adapters' was trained on is not known" in faults()[0]
    made.edit("data/overlap.json", lambda all: [entry.update(start="5" * 64) for entry in all.values()])
    assert faults() == ()
    made.edit("data/overlap.json", lambda all: all["heldout"].update(start="6" * 64))
    assert len(faults()) == 1


LOCKED = ("run", "recipe", "recipe_sha256", "data", "suites", "versions", "base", "chat_template_sha256",
          "tokenizer_sha256")  # fmt: skip


@pytest.mark.parametrize("key", LOCKED)
def test_a_lock_that_says_something_else_of_its_run_blocks(made: Made, key: str) -> None:
    """A lock that matches its files, and whose facts are not those of the run."""
    relock(made.run / "package")
    assert found(made) == {}
    other: Any = {"weights_sha256": "0"} if key == "base" else {"hard": "0"} if key in ("data", "suites") else "0"
    relock(made.run / "package", **{key: other})
    now = found(made)
    assert now["package/package"].found.endswith(f"another {key}.")


def test_a_package_with_another_tokenizer_than_the_base_that_was_trained_blocks(made: Made) -> None:
    made.edit("run.json", lambda run: run["base"].update(files={"tokenizer.json": {"bytes": 2, "sha256": "0"}}))
    assert found(made)["package/fused"].found.endswith("another tokenizer.json.")


def test_a_licence_that_asks_for_text_and_notice_is_content_with_both(made: Made) -> None:
    base(licence="gemma")(made)
    made.pack()
    assert {"licence-text/package", "licence-text/fused"} <= found(made).keys()
    for name in ("package", "fused"):
        write_text(made.run / name / "NOTICE", "Gemma is provided under ...")
    made.pack()
    assert found(made) == {}


def test_a_base_with_an_adapter_in_it_has_a_home_only_with_that_adapter(made: Made, tmp_path: Path) -> None:
    own = tmp_path / "bases" / "taught"
    write_text(own / "adapter" / "adapters.safetensors", "an adapter")
    digest = sha256_file(own / "adapter" / "adapters.safetensors")
    source = {"form": "small with an adapter merged", "made_of": "small-0", "packages": ["a==1"], "gguf_sha256": "1"}

    def homeless(**more: str) -> bool:
        made.edit("run.json", lambda run: run["base"].update(repository="", source={**source, **more}))
        found = blockers.find(evidence.read(made.run, made.suites, own))
        return "no-public-home" in {one.id for one in found}

    assert not homeless(adapter_sha256=digest) and homeless(adapter_sha256="0")
    source["packages"] = []
    assert homeless(adapter_sha256=digest)


def test_an_empty_run_passes_nothing(tmp_path: Path, made: Made) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    shutil.copy(made.run / "run.json", bare)
    ids = set(found(Made(bare, made.suites)))
    assert {f"not-measured/{who}/{name}" for who in ("stock", "specialist") for name in SUITES} <= ids
    assert {"comparison", "overlap", "package/package", "package/fused", "parity"} <= ids


@pytest.mark.parametrize("content", ["[]", "{", '{"suites": {"hard": {"n": 3}}}', '{"suites": []}'])
@pytest.mark.parametrize("name", ["gates/stock.json", "gates/comparison.json", "data/overlap.json"])
def test_malformed_evidence_blocks(made: Made, name: str, content: str) -> None:
    (made.run / name).write_text(content)
    read = evidence.read(made.run, made.suites)
    assert name in read.faults
    assert any(one.severity == "blocks" and one.evidence == name for one in blockers.find(read))


def test_a_rule_that_cannot_read_its_evidence_blocks(made: Made) -> None:
    made.edit("run.json", lambda run: run["recipe"].pop("gates"))
    now = found(made)["unreadable/lower_bounds"]
    assert (now.severity, now.suites) == ("blocks", SUITES)
    made.edit("run.json", lambda run: run["recipe"].update(gates=RECIPE["gates"]))
    made.edit("run.json", lambda run: run["base"].update(licence=3))
    assert found(made)["unreadable/licence"].suites == ()


def test_the_status_of_a_draft_in_the_lock_does_not_change_the_hash(made: Made) -> None:
    install(made.suites / "hard", "draft")
    assert "suite-hash/hard" not in found(made)


def test_inconclusive_says_how_many_tasks_it_takes(made: Made) -> None:
    one_lost(made)
    assert "149 tasks" in found(made)["inconclusive/abstain"].unblock


def test_without_a_record_there_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"run\.json"):
        evidence.read(tmp_path)
    write_json(tmp_path / "run.json", {"id": 1})
    with pytest.raises(BadInput, match="recipe"):
        evidence.read(tmp_path)


def test_errors_are_a_share_of_all_rollouts_twins_included(made: Made) -> None:
    def truncated(gate: Any) -> None:
        gate["suites"]["abstain"].update(errors=3, errors_by_kind={"truncated": 3}, twins={"n": 200})

    made.edit("gates/specialist.json", truncated)
    held = evidence.read(made.run, made.suites)
    assert held.specialist and held.specialist["suites"]["abstain"]["n"] == 200
    assert not list(rules_scores.errors(held))  # 3 of 400; 3 of 200 would be too many
    made.edit("gates/specialist.json", lambda gate: gate["suites"]["abstain"].update(errors=5))
    (one,) = rules_scores.errors(evidence.read(made.run, made.suites))
    assert "5 of 400 rollouts" in one.found
