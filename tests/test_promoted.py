"""Each specialist in `artifacts/` is whole: its files and its packages are as they were locked."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlx_train.places import CHECKOUT
from mlx_train.release import lock

PROMOTED = sorted(path.parent for path in ((CHECKOUT or Path()) / "artifacts").glob(f"*/{lock.LOCK}"))


@pytest.mark.parametrize("folder", PROMOTED, ids=lambda folder: folder.name)
def test_a_promoted_specialist_is_as_it_was_locked(folder: Path) -> None:
    assert lock.verify(folder) == []
    assert max(path.stat().st_size for path in folder.rglob("*")) < 24_000_000
