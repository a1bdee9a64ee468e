"""The page of transcripts: what it counts, and that nothing in a transcript becomes part of the page."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from gates_fakes import FakeChat, a_family, counter_world, say

from mlx_train import cli
from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, write_json, write_jsonl
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.freeze import freeze
from mlx_train.gates.score import gate_file
from mlx_train.gates.suites import Suite
from mlx_train.gates.view import gate_files, view

HOSTILE = "</script></pre><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} \" ' & \x00 \u2028 \u202e"


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return freeze("breadth-unseen", 4, 1, tmp_path / "suites" / "breadth-unseen", families=[a_family()])


def scored(suite: Suite, folder: Path, label: str, passing: int, words: str = "No.") -> Path:
    """A gate file with transcripts in which the first `passing` tasks passed."""
    return scored_on([suite], folder, label, {task.id for task in suite.tasks[:passing]}, words)


def scored_on(suites: list[Suite], folder: Path, label: str, passing: set[str], words: str = "No.") -> Path:
    """A gate file with transcripts in which these tasks passed."""
    played = []
    for suite in suites:
        rows = []
        for task in suite.tasks:
            gold = task.turns[0].gold[0]
            call = f"<tool_call>{json.dumps({'name': gold.name, 'arguments': gold.arguments})}</tool_call>"
            said = [call, task.turns[0].say] if task.id in passing else [words]
            rows.append(say(Conversation(task, FakeChat(), "p", suite=suite.id), *said).transcript())
        write_jsonl(folder / "transcripts" / label / f"{suite.id}.jsonl", rows)
        played.append((suite, rows))
    about = {"id": words, "sha256": "0"}
    gate = gate_file(played, quick=False, model=about, prompt_sha256="p", decoding={}, versions={}, seconds=1)
    write_json(folder / f"{label}.json", gate)
    return folder / f"{label}.json"


class Elements(HTMLParser):
    """All elements with their attributes, the text, and how deep elements are left open at the end."""

    VOID = ("meta", "br", "img")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))
        self.open += [tag] if tag not in self.VOID else []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "li", "option", "th", "td", "tr"):  # whose ends may be left out
            while self.open[-1] != tag:
                self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def tasks_of(page: Elements) -> list[dict[str, Any]]:
    return [attributes for tag, attributes in page.found if tag == "details" and "data-suite" in attributes]


def test_two_models_side_by_side(suite: Suite, tmp_path: Path) -> None:
    before, after = (scored(suite, tmp_path, name, won) for name, won in (("stock", 1), ("specialist", 3)))
    page = view([before, after], [tmp_path / "suites"])
    assert page == tmp_path / "stock-specialist.html"
    found = Elements(page.read_text())
    assert found.open == []
    tasks = tasks_of(found)
    assert [task["data-change"] for task in tasks] == ["both", "gained", "gained", "neither"]
    assert [task.get("data-kind0") for task in tasks] == [None, *["missing call"] * 3]
    assert [task["data-verdict1"] for task in tasks] == ["passed", "passed", "passed", "failed"]
    assert "Why stock failed 3 of 4" in found.text and "Why specialist failed 1 of 4" in found.text
    assert re.search(r"World against gold.*~\s+value: \d+ → \d+", found.text, re.DOTALL)


def test_one_model_and_a_runs_folder(suite: Suite, tmp_path: Path) -> None:
    run = tmp_path / "run"
    paths = [scored(suite, run / "gates", name, 2) for name in ("stock", "specialist")]
    assert gate_files(run) == gate_files(run / "gates") == paths
    assert cli.call(["gates", "view", str(paths[0]), "--suites", str(tmp_path / "suites")]) == 0
    assert len(tasks_of(Elements((run / "gates" / "stock.html").read_text()))) == 4
    with pytest.raises(BadInput, match="--with"):
        gate_files(run, paths[0])
    with pytest.raises(BadInput, match="neither"):
        gate_files(tmp_path)


def test_hostile_text_stays_text(suite: Suite, tmp_path: Path) -> None:
    paths = [scored(suite, tmp_path, name, 1, HOSTILE) for name in ("stock", "specialist")]
    page = view(paths, [tmp_path / "suites"]).read_text(encoding="utf-8")
    found = Elements(page)
    assert found.open == [] and "49" not in found.text.split("Tasks", 1)[0]
    assert [tag for tag, _ in found.found].count("script") == 1 and "img" not in [tag for tag, _ in found.found]
    assert not any(name.startswith("on") for _, attributes in found.found for name in attributes)
    assert not any(name in attributes for _, attributes in found.found for name in ("src", "href"))
    assert HOSTILE in found.text
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page and "default-src 'none'" in page


def test_the_first_tasks_of_a_suite_are_found_in_it(suite: Suite, tmp_path: Path) -> None:
    """As `[select]` scores them."""
    path = scored(suite.first(3), tmp_path, "stock", 1)
    assert len(tasks_of(Elements(view([path], [tmp_path / "suites"]).read_text()))) == 3


def test_what_does_not_belong_together_is_refused(suite: Suite, tmp_path: Path) -> None:
    path, roots = scored(suite, tmp_path, "stock", 1), [tmp_path / "suites"]
    other = freeze("breadth-unseen", 3, 2, tmp_path / "others" / "breadth-unseen", families=[a_family()])
    with pytest.raises(GateBroken, match="--suites"):
        view([path], [tmp_path / "others"])
    with pytest.raises(GateBroken, match="same version"):
        view([path, scored(other, tmp_path / "b", "stock", 1)], roots)
    gate = read_json(path)
    rows = tmp_path / "transcripts/stock/breadth-unseen.jsonl"
    kept = rows.read_text()
    rows.write_text(kept.partition("\n")[2])
    with pytest.raises(GateBroken, match=re.escape(suite.tasks[0].id)):
        view([path], roots)
    rows.unlink()
    with pytest.raises(GateBroken, match="do not exist"):
        view([path], roots)
    write_json(path, {key: value for key, value in gate.items() if key != "tasks"})
    with pytest.raises(GateBroken, match="form of a gate file"):
        view([path], roots)


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(BROWSER is None, reason="neither chromium nor google-chrome is on PATH")
def test_the_filters_work_in_a_browser(tmp_path: Path) -> None:
    """Which tasks are left to see, asked for in the address as a person asks for it in the bar."""
    gate = [a_family(), a_family("counter.other")]
    suites = [
        freeze("breadth-unseen", 3, 1, tmp_path / "suites" / "breadth-unseen", families=gate),
        freeze(
            "breadth-retained", 3, 1, tmp_path / "suites" / "breadth-retained",
            families=[a_family("counter.practised", role="train"), *(replace(one, id=f"{one.id}2") for one in gate)],
        ),
    ]  # fmt: skip
    tasks = [task for suite in suites for task in suite.tasks]
    won = {"stock": {task.id for task in tasks[::2]}, "specialist": {task.id for task in tasks[::3]}}
    paths = [scored_on(suites, tmp_path, label, passing) for label, passing in won.items()]
    page = view(paths, [tmp_path / "suites"])

    def shown(asked: str) -> set[str]:
        """Ids of the tasks that a browser shows, as it says itself how many there are."""
        assert BROWSER is not None
        clean = {key: value for key, value in os.environ.items() if key not in ("LD_PRELOAD", "GLIBC_TUNABLES")}
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
             "--dump-dom", f"{page.as_uri()}#{asked}"],
            capture_output=True, text=True, timeout=120, check=True, env=clean,
        )  # fmt: skip
        found = [attributes for attributes in tasks_of(Elements(done.stdout)) if "hidden" not in attributes]
        assert f"{len(found)} of {len(tasks)} tasks" in done.stdout
        return {attributes["data-task"] for attributes in found}

    lost = won["stock"] - won["specialist"]
    unseen = {task.id for task in suites[0].tasks}
    assert shown("") == {task.id for task in tasks}
    assert shown("change=lost") == lost and lost & unseen and lost - unseen
    assert shown("change=gained&suite=breadth-unseen") == (won["specialist"] - won["stock"]) & unseen
    assert shown("verdict=1+failed") == {task.id for task in tasks} - won["specialist"]
    assert shown("family=counter.other") == {task.id for task in tasks if task.family == "counter.other"}
