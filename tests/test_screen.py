"""Arms are recipes with changes in place, and a screen is one table of them that goes on where it stopped."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlx_train import models, pipeline, screen
from mlx_train import recipe as recipes
from mlx_train.errors import BadInput
from mlx_train.files import read_json, write_json
from mlx_train.recipe import Recipe

RECIPE = """
name = "tiny"
[base]
name = "embedded"
[train]
rank = 4
alpha = 8.0
[[data.sources]]
domain = "files"
rows = 10
"""
ARMS = """
recipe = "tiny.toml"
[select]
tasks = 20
[arms.plain]
[arms.small]
train.rank = 2
data.replay = 0.5
[arms.replay]
data.sources = [{domain = "others", rows = 3}]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "tiny.toml").write_text(RECIPE)
    (tmp_path / "arms.toml").write_text(ARMS)
    return tmp_path / "arms.toml"


def test_an_arm_changes_its_keys_and_no_others(file: Path) -> None:
    read = screen.read(file)
    arms, source = read.recipes, read.source
    assert read.losses is None and source == file.parent / "tiny.toml" and list(arms) == ["plain", "small", "replay"]
    plain, small, replay = arms.values()
    assert plain.name == "tiny-plain" and plain.select is not None and plain.select.tasks == 20
    assert (small.train.rank, small.train.alpha, small.data.replay) == (2, 8.0, 0.5)
    assert small.data.sources == plain.data.sources
    assert [one.domain for one in replay.data.sources] == ["others"] and replay.train == plain.train


def test_what_all_arms_change_comes_before_what_one_changes(file: Path) -> None:
    file.write_text(ARMS + "[all]\ndata.replay = 0.25\ntrain.rank = 8\n")
    plain, small, _ = screen.read(file).recipes.values()
    assert (plain.train.rank, plain.data.replay) == (8, 0.25) and (small.train.rank, small.data.replay) == (2, 0.5)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('recipe = "tiny.toml"\n', "arms"),
        (
            'recipe = "tiny.toml"\n[arms.a]\ntrain.rnk = 2\n',
            "arm a: not a recipe, 1 fault(s):\n  train.rnk: unknown key",
        ),
        ('recipe = "none.toml"\n[arms.a]\n', "none.toml"),
        ("recipe = \n", "arms.toml: not valid TOML"),
        (
            'recipe = "tiny.toml"\nseed = 3\n[arms.a]\n',
            "arms.toml: not a screen, 1 fault(s):\n  seed: unknown key\nExpected `recipe`",
        ),
    ],
)
def test_a_fault_is_named(file: Path, text: str, named: str) -> None:
    file.write_text(text)
    with pytest.raises(BadInput) as raised:
        screen.read(file)
    assert named in str(raised.value)


def scores(hard: float, n: int = 20) -> dict[str, Any]:
    entry = {"n": n, "passed": round(hard * n), "rate": hard, "ci95": [max(0.0, hard - 0.2), min(1.0, hard + 0.2)]}
    return {"suites": {"hard": entry}, "seconds": 7.0}


def test_the_table_has_every_candidate_and_each_stock_once(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training and scoring are stood in for; the stage `select` has tests of its own."""

    def run(recipe: Recipe, source: Path, say: Any) -> SimpleNamespace:
        return SimpleNamespace(name=recipe.name, folder=tmp_path / recipe.name, record={})

    def execute(run: SimpleNamespace, stages: tuple[str, ...]) -> None:
        assert stages == ("data", "fit", "select")
        if run.name == "tiny-replay":
            raise KeyboardInterrupt
        candidates = {"last-x0.5": scores(0.5) | {"general_kld": 0.01}, "last": scores(0.9) | {"general_kld": 0.04}}
        run.record["stages"] = {
            "fit": {"seconds": 20.0, "train_seconds": 12.5, "rows": 10, "steps": 3},
            "select": {"chosen": "last", "stock": scores(0.1), "candidates": candidates},
        }

    monkeypatch.setattr(pipeline, "Run", run)
    monkeypatch.setattr(pipeline, "execute", execute)
    monkeypatch.setattr(screen, "RUNS", tmp_path / "runs")
    with pytest.raises(KeyboardInterrupt):
        screen.screen(file, lambda text: None)
    folder = tmp_path / "runs" / "screens" / "arms"
    rows = read_json(folder / "screen.json")["rows"]
    assert [(row["arm"], row["candidate"], row["chosen"]) for row in rows] == [
        (arm, name, name == "last") for arm in ("plain", "small") for name in ("stock", "last-x0.5", "last")
    ]
    table = (folder / "screen.md").read_text().splitlines()[4:]
    assert len(table) == 2 + 1 + 4
    assert table[2] == "| - | stock | 10.0 % (0.0 to 30.0), 20 | - | - | - | - | 7 |"
    assert table[4] == "| plain | **last** | 90.0 % (70.0 to 100.0), 20 | 0.0400 | 10 | 3 | 12.5 | 7 |"
    assert not (folder / "screen.svg").exists()  # only depth was scored


def test_where_only_losses_count_all_arms_are_measured_on_the_same_rows(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(recipe: Recipe, source: Path, say: Any) -> SimpleNamespace:
        assert recipe.select is None and recipe.data.dev_rows == 1
        return SimpleNamespace(name=recipe.name, folder=tmp_path / recipe.name, record={}, recipe=recipe)

    def execute(run: SimpleNamespace, stages: tuple[str, ...]) -> None:
        run.record["stages"] = {"fit": {"seconds": 20.0, "train_seconds": 12.5, "rows": 10, "steps": 3}}

    def losses(run: SimpleNamespace, strengths: tuple[float, ...], rows: Any) -> list[dict[str, float]]:
        assert len((rows.folder / "dev.jsonl").read_text().splitlines()) == 5
        assert len((rows.folder / "breadth.jsonl").read_text().splitlines()) == 7
        seen.add(rows.sha256)
        return [
            {"strength": x, "dev_loss": 0.9 - x / 2, "breadth_loss": 0.1 + x / 50, "general_kld": x / 9}
            for x in strengths
        ]

    seen: set[str] = set()
    monkeypatch.setattr(pipeline, "Run", run)
    monkeypatch.setattr(pipeline, "execute", execute)
    monkeypatch.setattr(screen, "measure", losses)
    monkeypatch.setattr(screen, "RUNS", tmp_path / "runs")
    losses_table = "[losses]\ndev_rows = 5\nbreadth_rows = 7\nstrengths = [0, 0.5, 1]\n[all]\ndata.dev_rows = 1"
    file.write_text(ARMS.replace("[select]\ntasks = 20", losses_table))
    table = screen.screen(file, lambda text: None).read_text().splitlines()
    assert len(seen) == 1
    assert table[7:] == [
        "| - | 0 | 0.9000 | 0.1000 | 0.0000 | - | - | - |",
        *(
            line
            for arm in ("plain", "small", "replay")
            for line in (
                f"| {arm} | 0.5 | 0.6500 | 0.1100 | 0.0556 | 10 | 3 | 12.5 |",
                f"| {arm} | 1 | 0.4000 | 0.1200 | 0.1111 | 10 | 3 | 12.5 |",
            )
        ),
    ]
    folder = tmp_path / "runs" / "screens" / "arms"
    assert (folder / "breadth_loss.svg").read_text().count("<circle") == 7  # and the stock, which is near
    drawn = (folder / "general_kld.svg").read_text()
    assert drawn.count("<circle") == 6 and "KLD on general text, nats per token over loss on dev rows" in drawn


def test_finished_runs_are_measured_on_the_same_rows_without_any_arm(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(pipeline, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(models, "base_of", lambda record: tmp_path)
    monkeypatch.setattr(screen, "measure", lambda run, strengths, rows: [
        {"strength": x, "dev_loss": 0.9 - x / 2, "breadth_loss": 0.1, "general_kld": x / 9} for x in strengths
    ])  # fmt: skip
    file.write_text('recipe = "tiny.toml"\n[losses]\nruns = ["tiny"]\n')
    with pytest.raises(BadInput, match="no run tiny"):
        screen.screen(file, lambda text: None)
    recipe = recipes.load(str(file.parent / "tiny.toml")).model_dump(mode="json")
    record = {"id": "one", "fingerprint": "1", "recipe": recipe, "base": {}, "stages": {}}
    write_json(tmp_path / "runs" / "tiny" / "one" / "run.json", record)
    with pytest.raises(BadInput, match="not trained to its end"):
        screen.screen(file, lambda text: None)
    record["stages"] = {"fit": {"seconds": 12.5, "rows": 10, "steps": 3}}
    write_json(tmp_path / "runs" / "tiny" / "one" / "run.json", record)
    table = screen.screen(file, lambda text: None).read_text().splitlines()
    assert table[-1] == "| tiny | 1 | 0.4000 | 0.1000 | 0.1111 | 10 | 3 | 12.5 |"


def test_the_drawing_has_breadth_over_depth_and_its_front() -> None:
    def row(arm: str, candidate: str, hard: float, breadth: float) -> dict[str, Any]:
        suites = {name: scores(rate)["suites"]["hard"] for name, rate in (("hard", hard), ("breadth-unseen", breadth))}
        return {"arm": arm, "candidate": candidate, "suites": suites}

    rows = [
        row("a", "stock", 0.1, 0.8),
        row("a", "last", 0.9, 0.5),
        row("b", "stock", 0.1, 0.8),
        row("b", "last", 0.6, 0.4),
    ]
    drawn = screen.figure(rows)
    assert [drawn.count(f">{name}</text>") for name in ("stock", "a last", "b last", "b stock")] == [1, 1, 1, 0]
    assert drawn.count('class="best"') == 2, "b is worse than a in both"
    assert "dev tasks of breadth-unseen passed, %" in drawn and "dev tasks of hard passed, %" in drawn
    rows.append(row("c", "stock", 0.2, 0.7))
    assert ">c stock</text>" in screen.figure(rows), "another prompt, another stock"
