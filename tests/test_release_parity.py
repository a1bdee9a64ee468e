"""A fused model that is the one that was scored passes; one without the adapter's change blocks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import mlx.core as mx
import pytest
import release_scored

from mlx_train.errors import BadInput
from mlx_train.files import read_json, write_json
from mlx_train.release import evidence, lock, parity, rules_package
from mlx_train.release.package import package
from mlx_train.train.adapters import load_arrays, save_arrays


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("parity")
    base = release_scored.base(folder / "base")
    run = release_scored.run(folder / "run", base)
    package(run, base)
    yield run, base


def blocking(run: Path, found: dict[str, object]) -> list[str]:
    locks = {name: lock.read(run / name) for name in ("fused", "package")}
    return [one.id for one in rules_package.parity(evidence.Evidence(run={}, parity=found, locks=locks))]


def test_the_fused_model_passes(packaged: tuple[Path, Path]) -> None:
    run, _ = packaged
    found = read_json(run / parity.FILE)
    assert blocking(run, found) == [] and lock.verify(run / "fused") == []
    assert found["fused"]["tasks"] == release_scored.TASKS and found["fused"]["changed"] == 0
    assert found["fused"]["logits"] < 0.01 < found["stock"]["logits"]
    assert found["stock"]["kld_mean"] > 0.01 and found["stock"]["tasks_same"] == 0
    assert found["package"]["changed"] == 0 and found["package"]["logits"] < 0.01


def test_an_adapter_that_lost_in_packaging_blocks(packaged: tuple[Path, Path], tmp_path: Path) -> None:
    run, base = packaged
    shutil.copytree(run, tmp_path / "run")
    weights = tmp_path / "run" / "package" / "adapters.safetensors"
    save_arrays(weights, {name: 0.5 * value for name, value in load_arrays(weights).items()})
    found = parity.measure(tmp_path / "run", base, tmp_path / "run" / "fit" / "adapters")
    assert "parity/package/lost" in blocking(run, found) and "parity/lost" not in blocking(run, found)


def test_a_lost_update_blocks(packaged: tuple[Path, Path], tmp_path: Path) -> None:
    run, base = packaged
    shutil.copytree(run, tmp_path / "run")
    shutil.copy(base / "model.safetensors", tmp_path / "run" / "fused" / "model.safetensors")
    found = parity.measure(tmp_path / "run", base, tmp_path / "run" / "fit" / "adapters")
    assert blocking(run, found) == ["parity/lost", "parity/changed"]


def test_half_a_lost_update_blocks(packaged: tuple[Path, Path], tmp_path: Path) -> None:
    run, base = packaged
    shutil.copytree(run, tmp_path / "run")
    weights = tmp_path / "run" / "fused" / "model.safetensors"
    stock, fused = load_arrays(base / "model.safetensors"), load_arrays(weights)
    changed = {name for name in fused if not mx.array_equal(fused[name], stock[name])}
    assert len(changed) == 4  # two targets in two layers
    lost = next(iter(changed))
    save_arrays(weights, {name: stock[name] if name == lost else fused[name] for name in fused})
    found = parity.measure(tmp_path / "run", base, tmp_path / "run" / "fit" / "adapters")
    assert blocking(run, found) != []


def test_logits_that_are_not_finite_are_handed_back(packaged: tuple[Path, Path], tmp_path: Path) -> None:
    run, base = packaged
    shutil.copytree(run, tmp_path / "run")
    weights = tmp_path / "run" / "fused" / "model.safetensors"
    held = load_arrays(weights)
    save_arrays(weights, held | {"model.norm.weight": held["model.norm.weight"] * mx.array(float("nan"))})
    found = parity.write(tmp_path / "run", base, tmp_path / "run" / "fit" / "adapters")
    assert found is not None and "the fused model: its logits are not finite" in found["fault"]
    assert not (tmp_path / "run" / parity.FILE).exists()


def test_no_transcript_is_no_evidence(packaged: tuple[Path, Path], tmp_path: Path) -> None:
    run, base = packaged
    shutil.copytree(run, tmp_path / "run")
    gate = tmp_path / "run" / "gates" / "specialist.json"
    write_json(gate, {"suites": {"abstain": {"suite_sha256": "of another version"}}})
    trained = tmp_path / "run" / "fit" / "adapters"
    with pytest.raises(BadInput, match="the installed suite is another one"):
        parity.measure(tmp_path / "run", base, trained)
    found = parity.write(tmp_path / "run", base, trained)
    assert found is not None and "another one" in found["fault"] and not (tmp_path / "run" / parity.FILE).exists()
    gate.unlink()
    assert parity.write(tmp_path / "run", base, trained) is None
