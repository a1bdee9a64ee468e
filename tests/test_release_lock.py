"""The lock of a package finds every change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from release_fixture import make
from safetensors.numpy import save_file

from mlx_train import cli
from mlx_train.errors import BadInput
from mlx_train.files import manifest, read_json, write_json
from mlx_train.release import lock


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return make(tmp_path).run / "package"


def test_an_untouched_package_verifies(package: Path) -> None:
    assert lock.verify(package) == []


def same_size(folder: Path) -> None:
    path = folder / "adapter_config.json"
    path.write_text(path.read_text().replace('"rank": 4', '"rank": 5'))


CHANGES: list[tuple[str, Callable[[Path], object]]] = [
    ("adapter_config.json: SHA-256 differs", same_size),
    ("LICENSE: 7 bytes, expected 9", lambda folder: (folder / "LICENSE").write_text("another")),
    ("LICENSE: in the manifest but not in the folder", lambda folder: (folder / "LICENSE").unlink()),
    ("sub/new.txt: in the folder but not in the manifest",
     lambda folder: ((folder / "sub").mkdir(), (folder / "sub" / "new.txt").write_text(""))),
    ("link: is a link", lambda folder: (folder / "link").symlink_to(folder / "LICENSE")),
    ("lock.json: was changed", lambda folder: write_json(folder / "lock.json", {**lock.read(folder), "run": "other"})),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "change"), CHANGES, ids=[fault for fault, _ in CHANGES])
def test_each_change_is_named(package: Path, fault: str, change: Callable[[Path], object]) -> None:
    change(package)
    faults = lock.verify(package)
    assert len(faults) == 1 and fault in faults[0], faults


def test_a_linked_file_of_the_same_content_is_refused(package: Path, tmp_path: Path) -> None:
    (package / "LICENSE").rename(tmp_path / "LICENSE")
    (package / "LICENSE").symlink_to(tmp_path / "LICENSE")
    assert any("is a link" in fault for fault in lock.verify(package))


@pytest.mark.parametrize("content", [None, "[]", "{}", '{"format": 9}'])
def test_without_a_lock_there_is_nothing_to_verify(package: Path, content: str | None) -> None:
    (package / "lock.json").unlink()
    if content is not None:
        (package / "lock.json").write_text(content)
    with pytest.raises(BadInput, match=r"lock\.json"):
        lock.verify(package)


@pytest.mark.parametrize("change", [{"files": []}, {"files": {"a": {}}}, {"kind": "other"}, {"format": 2}])
def test_a_malformed_lock_is_refused(package: Path, change: dict[str, object]) -> None:
    write_json(package / "lock.json", {**read_json(package / "lock.json"), **change})
    with pytest.raises(BadInput):
        lock.verify(package)


def test_a_folder_of_packages_names_them(package: Path) -> None:
    with pytest.raises(BadInput) as fault:
        lock.verify(package.parent)
    assert f"{package}." in str(fault.value) and " RUN" not in str(fault.value)


def test_what_cannot_be_loaded_is_a_fault_though_it_matches(package: Path) -> None:
    save_file({"q.lora_a": np.zeros((8, 3), np.float32), "q.lora_b": np.zeros((3, 8), np.float32)},
              package / "adapters.safetensors")  # fmt: skip
    lock.write(package, lock.ADAPTER, {"external": []})
    assert "rank 4" in lock.verify(package)[0]
    (package / "adapters.safetensors").write_bytes(b"12345678")
    lock.write(package, lock.ADAPTER, {"external": []})
    assert "safetensors" in lock.verify(package)[0]


def test_values_that_are_not_finite_are_named_though_they_match(package: Path) -> None:
    down = np.zeros((8, 4), np.float32)
    down[7, 3] = np.inf
    save_file({"q.lora_a": down, "q.lora_b": np.zeros((4, 8), np.float32)}, package / "adapters.safetensors")
    lock.write(package, lock.ADAPTER, {"external": []})
    assert "the tensor 'q.lora_a' has values that are NaN or infinite" in lock.verify(package)[0]
    fused = package.parent / "fused"
    save_file({"weight": down}, fused / "model.safetensors")
    lock.write(fused, lock.MODEL, {"external": []})
    assert "the tensor 'weight' has values" in lock.verify(fused)[0]


def test_the_base_is_checked_against_the_external_entries(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "config.json").write_text(json.dumps({"a": 1}))
    lock.write(package, lock.ADAPTER, {"external": [{"role": "base", "files": manifest(base)}]})
    (base / "README.md").write_text("more files are fine")
    assert lock.verify(package, base) == []
    assert cli.call(["verify", str(package), "--base", str(base)]) == 0
    assert "as locked, and so is its base" in capsys.readouterr().out
    (base / "config.json").write_text(json.dumps({"a": 2}))
    assert lock.verify(package, base) == ["base: config.json: differs from the base that the package was made with"]
    assert cli.call(["verify", str(package), "--base", str(base)]) == 1
    assert "base: config.json: differs from the base" in capsys.readouterr().out
    (base / "config.json").unlink()
    assert lock.verify(package, base) == ["base: config.json: missing"]
    assert cli.call(["verify", str(package)]) == 0
    assert cli.call(["verify", str(package), "--base", str(base / "none")]) == 64
    lock.write(package, lock.ADAPTER, {"external": []})
    assert lock.verify(package, base) == [f"lock.json: names no base to compare {base} with"]
