"""Every rule fires on its fault, and none on a clean run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from release_fixture import Made, digest, install, make

from mlx_train import models, recipe
from mlx_train.data.audit import RULES
from mlx_train.data.stock import rows_sha256
from mlx_train.errors import BadInput
from mlx_train.files import read_json, write_json, write_text
from mlx_train.recipe import SUITES
from mlx_train.release import blockers, evidence, rules_scores


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


def one_lost(made: Made) -> None:
    """A suite of 40 tasks with nothing lost proves too little for a margin of two points."""
    made.rescore("abstain", 30, 30, n=40)


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


def ladder(kld: float = 0.001, n: int = 200, **facts: Any) -> Callable[[Made], None]:
    """A ladder whose rung 4 passes, made of this fused model and with as many tasks, if nothing else is said."""

    def change(made: Made) -> None:
        held = read_json(made.run / "fused" / "lock.json")["lock_sha256"]
        gates = {name: {"n": n, "suite_sha256": digest(made.suites, name)} for name in SUITES}
        write_json(made.run / "ladder" / "ladder.json", {
            "conditions": {"fused_lock_sha256": held}, "smallest": "4", "suites": list(SUITES), "quick": False,
            "rungs": [{"rung": "4", "passes": True, "divergence": {"kld_mean": kld}, "gates": gates}], **facts,
        })  # fmt: skip

    return change


def gguf(made: Made) -> None:
    for name in ("small-q8_0.gguf", "small-f16.gguf"):
        write_text(made.run / "gguf" / name, "x")


def test_a_ladder_as_good_as_the_full_model_has_no_finding(made: Made) -> None:
    ladder()(made)
    assert found(made) == {}


FAULTS: list[tuple[str, str, Callable[[Made], None]]] = [
    ("not-measured/stock/hard", "blocks", drop("gates/stock.json")),
    ("not-measured/specialist/abstain", "blocks", drop("gates/specialist.json")),
    ("not-measured/specialist/abstain", "blocks", lambda made: made.edit_gates(
        lambda gate: (gate["suites"].pop("abstain"), gate["tasks"].pop("abstain")))),
    ("comparison", "blocks", drop("gates/comparison.json")),
    ("comparison/false", "rejects", lambda made: made.edit(
        "gates/comparison.json", lambda found: found["suites"]["abstain"].update(lost=0, better=True))),
    ("comparison/false", "rejects", lambda made: made.edit(
        "run.json", lambda run: run["recipe"]["gates"].update(breadth_margin=0.01))),
    ("overlap", "blocks", drop("data/overlap.json")),
    ("overlap/heldout", "blocks", lambda made: made.edit("data/overlap.json", lambda all: all.pop("heldout"))),
    ("overlap/hard", "rejects", overlapping),
    ("stock-overlap", "blocks", base(name="embedded")),
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
    ("stale/data/overlap.json", "blocks", lambda made: made.edit("data/summary.json", lambda all: all.update(rows=9))),
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
    ("rung-parity/4", "blocks", ladder(conditions={"fused_lock_sha256": "0"})),
    ("rung-parity/4", "blocks", ladder(kld=0.02)),
    ("quantised/4/hard", "blocks", ladder(n=48)),
    ("quantised/gguf/small-q8_0.gguf", "blocks", gguf),
    ("parity", "blocks", drop("fused")),
    ("parity", "blocks", drop("gates/parity.json")),
    ("parity", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held.update(fused_lock_sha256="0"))),
    ("parity/lost", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held["fused"].update(kld_mean=0.02))),
    ("parity/lost", "blocks", lambda made: made.edit(
        "gates/parity.json", lambda held: held["stock"].update(kld_mean=0.0))),
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
    assert "id (1 of 5 tasks)" in about()["stock-overlap/hard/first"]
    assert "first/train.jsonl:9" in about()["stock-overlap/hard/first"]
    write_text(own / "overlap.json", "{")
    assert "not valid JSON" in about()["stock-overlap"]


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
    assert found(made)["unreadable/lower_bounds"].severity == "blocks"


def test_the_status_of_a_draft_in_the_lock_does_not_change_the_hash(made: Made) -> None:
    install(made.suites / "hard", "draft")
    assert "suite-hash/hard" not in found(made)


def test_inconclusive_says_how_many_tasks_it_takes(made: Made) -> None:
    one_lost(made)
    assert "133 tasks" in found(made)["inconclusive/abstain"].unblock


def test_without_a_record_there_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"run\.json"):
        evidence.read(tmp_path)
    write_json(tmp_path / "run.json", {"id": 1})
    with pytest.raises(BadInput, match="recipe"):
        evidence.read(tmp_path)
