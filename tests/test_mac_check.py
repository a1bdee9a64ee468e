"""The desk for checks on a Mac: what becomes of each check, and that a check can fail."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from mlx_train.files import read_json, write_json, write_jsonl, write_text
from mlx_train.mac import check, checks
from mlx_train.mac.checks import CHECKS, Outcome
from mlx_train.mac.desk import Desk, Failed, Missing
from mlx_train.places import CHECKOUT


class Scripted(Desk):
    """A desk whose verbs do what a test says."""

    said: dict[str, Any]
    asked: list[tuple[str, ...]]

    def verb(self, *words: str, home: str = "first", codes: Any = (0,)) -> Any:
        self.asked.append((home, *words))
        found = self.said.get(words[0], {})
        return found(self, home, words) if callable(found) else found

    def interrupt(self, how: Any, file: Path, lines: int, *words: str, home: str) -> None:
        self.asked.append((home, how.name, *words))


def desk(folder: Path, **said: Any) -> Scripted:
    made = Scripted(folder, folder / "log.txt")
    made.said, made.asked = said, []
    return made


def a_run(home: Path, adapter: str, losses: list[float]) -> Path:
    run = home / "artifacts" / "runs" / "embedded" / "abc"
    write_text(run / "fit" / "adapters" / "adapters.safetensors", adapter)
    write_jsonl(run / "fit" / "metrics.jsonl", [{"loss": loss} for loss in losses])
    return run


def test_a_failing_check_stops_no_other_and_only_what_is_not_over_is_made_again(tmp_path: Path) -> None:
    made: list[str] = []

    def fine(desk: Desk) -> Outcome:
        """It is fine."""
        made.append("fine")
        return Outcome("pass", "good")

    def broken(desk: Desk) -> Outcome:
        """It breaks."""
        made.append("broken")
        desk.python("-c", "import sys; print('a|b', file=sys.stderr); sys.exit(5)")
        return Outcome("pass", "never")

    def absent(desk: Desk) -> Outcome:
        """It is not there."""
        made.append("absent")
        raise Missing("not here")

    def counted(desk: Desk) -> Outcome:
        """It counts."""
        made.append("counted")
        return Outcome("measured", "3 GB", {"gb": 3})

    every = {"broken": broken, "absent": absent, "fine": fine, "counted": counted}
    found = check.check(tmp_path, every)
    assert found == read_json(tmp_path / check.RESULTS)
    states = {name: entry["state"] for name, entry in found["checks"].items()}
    assert states == {"broken": "fail", "absent": "skipped", "fine": "pass", "counted": "measured"}
    assert "a|b" in found["checks"]["broken"]["tail"] and "exit code 5" in found["checks"]["broken"]["found"]
    assert found["checks"]["counted"]["facts"] == {"gb": 3}
    text = (tmp_path / check.READABLE).read_text()
    assert ("**Not on Metal.**" in text) is not found["metal"]
    assert "| fine | pass | 0 | good |" in text and "## broken" in text and "## fine" not in text

    check.check(tmp_path, every)
    assert made == ["broken", "absent", "fine", "counted", "broken", "absent"]
    write_json(tmp_path / check.RESULTS, {**found, "identity": {"versions": {}}})
    check.check(tmp_path, every)
    assert made[6:] == ["broken", "absent", "fine", "counted"]


def test_output_names_no_home_and_other_codes_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    real = Desk(tmp_path, tmp_path / "log.txt")
    assert real.python("-c", "import os; print(os.environ['MLX_TRAIN_HOME'])", home="x") == f"{real.home('x')}\n"
    assert f"{tmp_path}/homes/x" in real.tail()
    assert real.python("-c", "raise SystemExit(1)", codes=(0, 1)) == ""
    with pytest.raises(Failed):
        real.python("-c", "raise SystemExit(1)")


def test_what_is_sent_names_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/Users/jane")

    def tells(desk: Desk) -> Outcome:
        """It tells where it is."""
        desk.python("-c", "print('/Users/jane/runs')")
        return Outcome("fail", "in /Users/jane/a", {"places": ["/Users/jane/b"], "deeper": {"at": "/Users/jane"}})

    check.check(tmp_path, {"tells": tells})
    for name in (check.RESULTS, check.READABLE):
        text = (tmp_path / name).read_text()
        assert "jane" not in text and "in ~/a" in text and "~/runs" in text


def test_a_verb_is_interrupted_where_a_file_says(tmp_path: Path) -> None:
    real = Desk(tmp_path, tmp_path / "log.txt")
    write_text(tmp_path / "lines", "one\ntwo\n")
    real.interrupt(signal.SIGKILL, tmp_path / "lines", 2, "doctor", home="x")
    with pytest.raises(Failed, match="line 3"):
        real.interrupt(signal.SIGKILL, tmp_path / "lines", 3, "--help", home="x")


def test_doctor_for_real(tmp_path: Path) -> None:
    found = check.one(checks.doctor, Desk(tmp_path, tmp_path / "logs" / "doctor.txt"))
    assert found["state"] in ("pass", "fail") and found["facts"]["machine"]["cores"] >= 1
    assert found["about"].startswith("Nothing that doctor")


@pytest.mark.parametrize(
    ("adapter", "losses", "state"),
    [("same", [1.0, 0.5], "pass"), ("other", [1.0, 0.5], "fail"), ("same", [1.0, 0.6], "fail")],
)
def test_resuming_is_compared_byte_for_byte(tmp_path: Path, adapter: str, losses: list[float], state: str) -> None:
    at = desk(tmp_path)
    write_json(a_run(at.home("first"), "same", [1.0, 0.5]) / "report" / "report.json", {})
    at.said["fit"] = lambda at, home, words: a_run(at.home(home), adapter, losses)
    write_text(at.home("again") / "old", "of an earlier attempt")
    assert checks.resume(at).state == state
    assert not (at.home("again") / "old").exists()
    assert [words[:3] for words in at.asked] == [
        ("again", "SIGINT", "fit"), ("again", "SIGKILL", "fit"), ("again", "fit", "embedded")
    ]  # fmt: skip


def test_without_a_run_what_needs_one_is_skipped(tmp_path: Path) -> None:
    for name in ("resume", "package", "ladder"):
        assert check.one(CHECKS[name], desk(tmp_path))["state"] == "skipped"


@pytest.mark.parametrize("again", [[1, 2, 3], [1, 9, 3], [1, 2]])
def test_transcripts_are_compared_but_for_their_seconds(tmp_path: Path, again: list[int]) -> None:
    def roll(at: Scripted, home: str, words: tuple[str, ...]) -> None:
        out = Path(words[words.index("--out") + 1])
        rolled = {"straight": [1, 2, 3], "killed": again, "one": [1, 8, 8]}[out.name]
        rows = [{"task": f"t{i}", "said": said, "seconds": len(at.asked)} for i, said in enumerate(rolled)]
        write_jsonl(out / "transcripts" / "model" / "hard.jsonl", rows)

    outcome = checks.gates(desk(tmp_path, gates=roll))
    assert outcome.state == ("pass" if again == [1, 2, 3] else "fail")
    assert outcome.facts == {"tasks": 3, "differ_again": int(again != [1, 2, 3]), "differ_at_batch_1": 2}


@pytest.mark.parametrize(("other", "state"), [(2.004, "pass"), (2.02, "fail")])
def test_losses_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: float, state: str) -> None:
    def probe(at: Desk, name: str, **changes: bool) -> dict[str, Any]:
        (value,) = changes.values()
        assert name == "qwen3-4b" or changes.keys() == {"checkpoint_layers"}
        return {"loss": 2.0 if value else other, "padded_tokens_per_s": 10.0, "peak_gb": 1.0}

    monkeypatch.setattr(checks, "probe", probe)
    monkeypatch.setattr(checks, "fits", lambda name, changes: changes != {"checkpoint_layers": False})
    monkeypatch.setattr(checks.pipeline, "default_recipe", lambda: ("qwen3-4b", ""))
    found = checks.share_prefix(desk(tmp_path)), checks.checkpoint_layers(desk(tmp_path))
    assert [one.state for one in found] == [state, state]
    assert "of qwen3-4b; " in found[0].found and "for with both settings qwen3-4b does not fit" in found[1].found


def test_a_step_of_a_large_model_is_not_tried_where_it_cannot_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def plan(recipe: Any, root: Path) -> dict[str, float]:
        assert max(source.rows for source in recipe.data.sources) == 12
        return {"memory_gb": 24.0 if recipe.train.checkpoint_layers else 170.0, "usable_memory_gb": 51.5}

    monkeypatch.setattr(checks, "plan", plan)
    assert checks.fits("qwen3-4b", {"checkpoint_layers": True})
    assert not checks.fits("qwen3-4b", {"checkpoint_layers": False})


def test_the_documentation_has_a_row_for_each_check() -> None:
    assert CHECKOUT is not None
    text = (CHECKOUT / "docs" / "on-a-mac.md").read_text()
    assert re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE) == list(CHECKS)


def test_only_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(CHECKS, "memory", lambda at: Outcome("fail", "too much"))
    assert check.main(["--only", "memory", "--folder", str(tmp_path)]) == 1
    assert json.loads((tmp_path / check.RESULTS).read_text())["checks"].keys() == {"memory"}
    assert str(tmp_path / check.RESULTS) in capsys.readouterr().out
    assert check.main(["--only", "nosuch"]) == 64 and "nosuch" in capsys.readouterr().err  # 2 is a verdict here
