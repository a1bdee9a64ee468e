"""Results are whole or not there: atomic writes, staged folders, manifests."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_train import files
from mlx_train.errors import BadInput, NoSpace


def full(*_: object, **__: object) -> NoReturn:
    raise OSError(28, "No space left on device")


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    files.write_json(path, {"a": 1})
    for name in ("replace", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, full)
            with pytest.raises(NoSpace, match=r"a\.json"):
                files.write_json(path, {"a": 2})
        assert files.read_json(path) == {"a": 1}
        assert os.listdir(tmp_path) == ["a.json"]


def test_a_staged_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "package"
    with files.staged_folder(target) as stage:
        (stage / "a").write_text("1")
    with pytest.raises(RuntimeError), files.staged_folder(target) as stage:
        (stage / "a").write_text("2")
        raise RuntimeError
    assert (target / "a").read_text() == "1" and os.listdir(tmp_path) == ["package"]
    assert target.stat().st_mode & 0o777 == 0o755


def test_a_folder_that_cannot_be_put_in_place_leaves_the_one_before(tmp_path: Path, monkeypatch) -> None:
    target, real = tmp_path / "best", os.rename
    with files.staged_folder(target) as stage:
        (stage / "a").write_text("1")
    calls: list[Path] = []

    def rename(source: Path, to: Path) -> None:
        calls.append(to)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        real(source, to)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(NoSpace), files.staged_folder(target) as stage:
        (stage / "a").write_text("2")
    assert (target / "a").read_text() == "1" and os.listdir(tmp_path) == ["best"] and len(calls) == 3


def test_a_folder_that_is_kept_is_found_again(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt), files.staged_folder(target, keep=True) as stage:
        (stage / "a").write_text("1")
        raise KeyboardInterrupt
    assert not target.exists()
    with files.staged_folder(target, keep=True) as stage:
        assert (stage / "a").read_text() == "1"
    assert os.listdir(tmp_path) == ["model"] and os.listdir(target) == ["a"]


def test_what_is_no_place_for_a_file_is_told(tmp_path: Path) -> None:
    files.write_json(tmp_path / "file", {})
    for write in (files.write_text, files.append_text):
        for path in (tmp_path, tmp_path / "file" / "a.json"):
            with pytest.raises(BadInput, match="no file can be written there"):
                write(path, "a")
    assert os.listdir(tmp_path) == ["file"]


def test_a_disk_that_fills_while_a_tree_is_copied_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write_json(tmp_path / "from" / "a.json", {})
    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(NoSpace, match="no space left"), files.staged_folder(tmp_path / "to") as stage:
        shutil.copytree(tmp_path / "from", stage, dirs_exist_ok=True, copy_function=shutil.copy2)
    assert os.listdir(tmp_path) == ["from"]


def test_a_folder_where_a_file_should_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read as a gate file"):
        files.read_json(tmp_path, "gate file")
    with pytest.raises(BadInput, match="cannot be read"):
        files.read_jsonl(tmp_path)


def test_a_manifest_names_every_difference(tmp_path: Path) -> None:
    for name in ("kept", "changed", "missing"):
        (tmp_path / name).write_text(name)
    manifest = files.manifest(tmp_path)
    assert files.differences(tmp_path, manifest) == []
    (tmp_path / "changed").write_text("changes")
    (tmp_path / "missing").unlink()
    (tmp_path / "added").write_text("")
    (tmp_path / "linked").symlink_to("kept")
    found = {fault.split(":")[0] for fault in files.differences(tmp_path, manifest)}
    assert found == {"changed", "missing", "added", "linked"}


def test_rows_are_read_with_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a":1}\n{"a":\n')
    with pytest.raises(BadInput, match="line 2"):
        files.read_jsonl(path)
    path.write_text('{"a":1}\n[]\n')
    with pytest.raises(BadInput, match="line 2"):
        files.read_jsonl(path)


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=3), max_size=4))
def test_rows_come_back_as_they_were_whatever_their_text(rows: list[dict]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files.write_jsonl(Path(folder) / "rows.jsonl", rows)
        assert files.read_jsonl(Path(folder) / "rows.jsonl") == rows


def test_hashes_do_not_depend_on_key_order() -> None:
    assert files.sha256_of({"a": 1, "b": 2}) == files.sha256_of({"b": 2, "a": 1})
