"""The label follows from the findings, and a waiver changes it only if it holds."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from release_fixture import Made, make

from mlx_train.files import write_text
from mlx_train.release import blockers, evidence, finding, report, waivers

TODAY = datetime.date(2026, 6, 1)
LOW = "lower-bound/hard"


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def harmed(made: Made) -> None:
    made.rescore("breadth-unseen", 120, 90)


def low(made: Made) -> None:
    made.rescore("hard", 80, 165)


def worse(made: Made) -> None:
    made.rescore("abstain", 160, 120)


def both(made: Made) -> None:
    harmed(made)
    low(made)


@pytest.mark.parametrize(
    ("change", "label", "verdict"),
    [
        (lambda made: None, "general", "releasable"), (harmed, "routed-specialist", "releasable"),
        (low, "report-only", "blocked"), (both, "report-only", "blocked"), (worse, "rejected", "blocked"),
    ],
)  # fmt: skip
def test_the_most_severe_finding_decides(made: Made, change: Callable[[Made], None], label: str, verdict: str) -> None:
    change(made)
    found = report.report(made.run, made.suites)
    assert (found["label"], found["verdict"], bool(found["blocking"])) == (label, verdict, verdict == "blocked")
    card = (made.run / "package" / "README.md").read_text()
    assert f'release_label: "{label}"' in card and f"**Label: {label}.**" in card
    assert ("put it behind a router" in card) is (label == "routed-specialist")


def waive(made: Made, text: str) -> None:
    write_text(made.run / waivers.FILE, text)


def entry(blocker: str = LOW, expires: str = "2026-06-01", **more: str) -> str:
    lines = {"blocker": f'"{blocker}"', "reason": '"Shown on 82 % of tasks."', "owner": '"A. Person"'} | more
    return "[[waiver]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()) + f"expires = {expires}\n"


def found(made: Made) -> list[blockers.Blocker]:
    """The findings on a fixed day, those on cards left out: a card is made again after a waiver."""
    listed = blockers.find(evidence.read(made.run, made.suites), TODAY)
    return [one for one in listed if not one.id.startswith("card-label")]


def test_a_waiver_that_holds_lifts_the_label_and_stays_to_be_seen(made: Made) -> None:
    low(made)
    assert finding.label(found(made)) == "report-only"
    waive(made, entry(expires="2999-01-01"))
    one = found(made)[0]
    assert (one.id, one.waiver) == (LOW, finding.Waiver("Shown on 82 % of tasks.", "A. Person", "2999-01-01"))
    made.pack()
    content = report.report(made.run, made.suites)
    assert (content["label"], content["waived"], content["blocking"]) == ("general", 1, 0)
    for name in ("report.md", "report.html"):
        text = (made.run / "report" / name).read_text()
        assert LOW in text and "A. Person until 2999-01-01" in text and "Shown on 82 %" in text
    assert "waivers.toml" in content["sources"]


def test_the_last_day_counts(made: Made) -> None:
    low(made)
    waive(made, entry(expires="2026-06-01"))
    assert finding.label(found(made)) == "general"
    waive(made, entry(expires="2026-05-31"))
    assert finding.label(found(made)) == "report-only"
    assert [one.found for one in found(made)][-1].endswith("expired after 2026-05-31.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[waiver]\n", "not valid TOML"), ("waiver = 3\n", "expected [[waiver]]"),
        ("other = 3\n", "unknown key other"),
        (entry(reason='" "'), "reason: String should have at least 1 character"), (entry(owner="3"), "owner: "),
        (entry(expires='"soon"'), "expires: "), (entry(more='"x"'), "more: Extra inputs"),
        ('[[waiver]]\nblocker = "lower-bound/hard"\n', "reason: Field required"),
        (entry(blocker="lower-bound/heldout"), "lower-bound/heldout is not among the findings"),
    ],
)  # fmt: skip
def test_what_is_no_waiver_waives_nothing_and_is_said(made: Made, text: str, said: str) -> None:
    low(made)
    waive(made, text)
    listed = found(made)
    assert finding.label(listed) == "report-only" and all(one.waiver is None for one in listed)
    assert any(one.id.startswith("waiver/") and one.severity == "warns" and said in one.found for one in listed)


NEVER: list[tuple[str, Callable[[Made], object]]] = [
    ("suite-hash/hard", lambda made: made.edit_gates(lambda gate: gate["suites"]["hard"].update(suite_sha256="0"))),
    ("package/package", lambda made: write_text(made.run / "package" / "more.txt", "more")),
    ("selftest/failed", lambda made: made.edit("gates/selftest.json", lambda held: held.update(faults=["x"]))),
    ("overlap", lambda made: (made.run / "data" / "overlap.json").unlink()),
    ("regression/abstain", worse), ("regression/breadth-unseen", harmed),
    ("no-improvement/hard", lambda made: made.rescore("hard", 190, 190)),
]  # fmt: skip


@pytest.mark.parametrize(("id", "change"), NEVER, ids=[id for id, _ in NEVER])
def test_nobody_can_answer_for_evidence_or_give_a_label_away(
    made: Made, id: str, change: Callable[[Made], object]
) -> None:
    change(made)
    before = finding.label(found(made))
    waive(made, entry(blocker=id))
    assert finding.label(found(made)) == before != "general"
    assert f"{id} cannot be waived" in found(made)[-1].found


def test_a_waiver_in_the_same_file_as_a_broken_one_holds(made: Made) -> None:
    low(made)
    waive(made, entry() + entry(owner='""'))
    assert finding.label(found(made)) == "general" and found(made)[0].id == "waiver/1"
