"""Rows of one's own from tables: nothing is added to a call, and every bad row is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, IterableDataset, disable_progress_bars
from huggingface_hub.errors import HTTPError
from pyarrow.parquet import ParquetFile

from mlx_train.data import tables
from mlx_train.data.trajectory import load, stream
from mlx_train.errors import BadInput, NoNetwork
from mlx_train.files import write_jsonl

disable_progress_bars()
TOOLS = [
    {"type": "function", "function": {"name": name, "description": "", "parameters": {
        "type": "object", "properties": {key: {"type": "string"}}, "required": [key]}}}
    for name, key in (("open", "door"), ("paint", "colour"))
]  # fmt: skip


def row(number: int, name: str = "open", **arguments: Any) -> dict[str, Any]:
    call = {"type": "function", "function": {"name": name, "arguments": arguments or {"door": f"d{number}"}}}
    return {
        "id": f"r{number}",
        "tools": TOOLS,
        "messages": [
            {"role": "user", "content": f"Do it, {number}."},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "name": name, "content": '{"ok": null}'},
            {"role": "assistant", "content": "Done."},
        ],
    }


ROWS = [row(1), row(2, "paint", colour="red"), row(3, "open", door=None), row(4, "open", door={"a": [1.0, 2]})]


def parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    Dataset.from_list(rows).to_parquet(str(path))
    return path


def as_text(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "tools": json.dumps(row["tools"]), "messages": json.dumps(row["messages"])}


def typed(row: dict[str, Any]) -> dict[str, Any]:
    """Messages as a typed column, with the arguments as text."""
    messages = json.loads(json.dumps(row["messages"]))
    for call in messages[1]["tool_calls"]:
        call["function"]["arguments"] = json.dumps(call["function"]["arguments"])
    return {**row, "tools": json.dumps(row["tools"]), "messages": messages}


@pytest.mark.parametrize("form", [as_text, typed])
def test_a_parquet_file_says_what_the_jsonl_says(tmp_path: Path, form: Any) -> None:
    write_jsonl(tmp_path / "rows.jsonl", ROWS)
    lines = load(tmp_path / "rows.jsonl")
    assert [one.calls[0]["arguments"] for one in lines] == [
        {"door": "d1"}, {"colour": "red"}, {"door": None}, {"door": {"a": [1.0, 2]}},
    ]  # fmt: skip
    assert load(parquet(tmp_path / "rows.parquet", [form(one) for one in ROWS])) == lines


def test_a_column_that_adds_arguments_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path / "rows.parquet", [{**one, "tools": json.dumps(TOOLS)} for one in ROWS[:2]])
    with pytest.raises(BadInput, match=r"column messages\.tool_calls\.function\.arguments.*JSON text"):
        load(path)


def test_every_bad_row_is_told_by_its_number(tmp_path: Path) -> None:
    bad = [row(1), {**row(2), "messages": []}, row(1), {**row(4), "id": ""}]
    for path in (write_lines(tmp_path / "rows.jsonl", bad), parquet(tmp_path / "b.parquet", [as_text(r) for r in bad])):
        with pytest.raises(BadInput) as caught:
            load(path)
        message = str(caught.value)
        place = "line" if path.suffix == ".jsonl" else "row"
        assert message.startswith(f"{path}: 3 rows are not trajectories:\n  {place} 2: messages: a row needs")
        assert f"\n  {place} 3, key id: 'r1' is the id of {place} 1 too" in message
        assert f"\n  {place} 4, key id:" in message


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    write_jsonl(path, rows)
    return path


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        load(tmp_path / "gone.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(BadInput, match=r"broken\.parquet: cannot be read"):
        load(tmp_path / "broken.parquet")
    for name in ("hub:owner/name", "hub:owner/name@main", "hub:name@" + "0" * 40):
        with pytest.raises(BadInput, match="commit of 40 digits"):
            list(stream(name))


def test_a_file_that_is_damaged_further_in_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    whole = Dataset.from_list([as_text(row(number)) for number in range(1, 31)])
    whole.to_parquet(str(path), batch_size=10)  # so many rows are read at a time
    column = ParquetFile(path).metadata.row_group(1).column(0)
    content = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    content[start : start + 20] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"rows\.parquet(, after row \d+)?: cannot be read \(Couldn"):
        load(path)


@pytest.mark.parametrize("fault", [ConnectionError("reset\nretried"), TimeoutError("reset"), HTTPError("reset")])
def test_a_hub_that_goes_away_while_it_is_read_is_no_network(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def some() -> Any:
        yield as_text(ROWS[0])
        raise fault

    monkeypatch.setattr("datasets.load_dataset", lambda *_, **__: IterableDataset.from_generator(some))
    with pytest.raises(NoNetwork, match=r"doors@\w+, after row 1: reset\. Check"):
        list(stream(f"hub:someone/doors@{'a1' * 20}"))


def test_a_hub_data_set_is_read_at_its_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load_dataset(name: str, **options: Any) -> Any:
        asked.append((name, options))
        return Dataset.from_list([as_text(one) for one in ROWS]).to_iterable_dataset()

    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    found = list(stream(f"hub:someone/doors@{'a1' * 20}:test"))
    assert [one.id for one in found] == ["r1", "r2", "r3", "r4"]
    assert asked == [("someone/doors", {"revision": "a1" * 20, "split": "test", "streaming": True})]


def test_without_the_library_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(BadInput, match=r"mlx-train\[datasets\]"):
        list(tables.rows(tmp_path / "a.parquet"))
