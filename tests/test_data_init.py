"""The skeleton for one's own tools is valid, whole, and never written over anything."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from pathlib import Path

import pytest

from mlx_train import cli, recipe
from mlx_train.data.build import build
from mlx_train.data.init import init
from mlx_train.data.trajectory import load
from mlx_train.errors import BadInput
from mlx_train.gates import own

NAMES = ["tools.json", "trajectories.jsonl", "recipe.toml", "README.md"]


def test_what_is_written_validates(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert init(folder) == [folder / name for name in NAMES]
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    rows = load(folder / "trajectories.jsonl")
    parsed = recipe.load(str(folder / "recipe.toml"))
    tools = json.loads((folder / "tools.json").read_text())
    assert len(rows) == 2
    assert all(row.tools == tools for row in rows)
    assert all(row.messages[0] == {"role": "system", "content": parsed.prompt} for row in rows)
    assert parsed.data.files == ("trajectories.jsonl",)


def test_the_rows_show_every_kind_of_message(tmp_path: Path) -> None:
    init(tmp_path)
    rows = load(tmp_path / "trajectories.jsonl")
    roles = Counter(message["role"] for row in rows for message in row.messages)
    assert roles == {"system": 2, "user": 3, "assistant": 7, "tool": 4}
    untrained = [message for row in rows for message in row.messages if message.get("train") is False]
    assert len(untrained) == 1 and untrained[0]["tool_calls"]
    asking = rows[1].messages[2]
    assert asking["role"] == "assistant" and asking["content"].endswith("?") and "tool_calls" not in asking
    assert all(row.messages[-1]["role"] == "assistant" and row.messages[-1]["content"] for row in rows)


def test_the_recipe_builds(tmp_path: Path) -> None:
    init(tmp_path)
    summary = build(recipe.load(str(tmp_path / "recipe.toml")), tmp_path / "built", tmp_path, fault=None)
    assert (summary.own, summary.rows) == (2, 62)
    assert summary.dev_rows > 0


def test_the_commented_base_is_valid_too(tmp_path: Path) -> None:
    init(tmp_path)
    lines = (tmp_path / "recipe.toml").read_text().splitlines()
    start = lines.index("# [base]")
    other = "\n".join(line.removeprefix("# ") for line in lines[start : start + 6])
    assert recipe.parse(f'name = "x"\n{other}', "recipe.toml").base.repository == "Qwen/Qwen3-4B-Instruct-2507"


def test_what_the_readme_says_to_do_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init(tmp_path)
    assert f"./just mlx-train data show {tmp_path}/recipe.toml --row greenhouse-1 " in (
        (tmp_path / "README.md").read_text()
    )
    shown = []
    for row in ("greenhouse-1", "1"):
        assert cli.call(["data", "show", str(tmp_path / "trajectories.jsonl"), "--row", row]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] != ""
    for row in ("greenhouse-9", "9", "0"):
        assert cli.call(["data", "show", str(tmp_path / "trajectories.jsonl"), "--row", row]) == 64
        assert f"--row {row}: " in capsys.readouterr().err


def test_the_readme_quotes_a_folder_with_blanks(tmp_path: Path) -> None:
    for begin in (init, own.init):
        begin(folder := tmp_path / f"my {begin.__module__}")
        lines = [line for line in (folder / "README.md").read_text().splitlines() if line.startswith("    ./just")]
        words = [shlex.split(line, comments=True) for line in lines]
        named = [word for line in words for word in line if str(tmp_path) in word]
        assert len(named) > 2 and set(named) <= {str(folder), f"{folder}/recipe.toml"}


@pytest.mark.parametrize("name", ["notes.txt", ".hidden"])
def test_a_folder_with_files_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        init(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_example_in_the_docs_is_a_row(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "own-data.md").read_text(encoding="utf-8")
    example = json.loads(page.split("```json")[1].split("```")[0])
    (tmp_path / "rows.jsonl").write_text(json.dumps(example) + "\n")
    (row,) = load(tmp_path / "rows.jsonl")
    assert [message.get("train") for message in row.messages if message["role"] == "assistant"] == [False, None, None]


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInput, match="is a file"):
        init(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
