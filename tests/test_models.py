"""Fetching a base: what is said where no hub is in reach, and that nothing half-fetched is left."""

from __future__ import annotations

import socket
from pathlib import Path

import huggingface_hub.constants
import pytest

from mlx_train import models
from mlx_train.errors import NoNetwork
from mlx_train.recipe import Base

BASE = Base(name="far", repository="someone/far", revision="0" * 40)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(models, "CACHE", tmp_path)
    return tmp_path


def test_no_hub_in_reach_is_told_as_that(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(NoNetwork, match=r"someone/far at 000000000000 could not be fetched.*Check the network"):
            models.locate(BASE)
    assert not models.hub_in_reach("someone/far", BASE.revision or "")
    assert list(cache.rglob("*")) == []


def test_being_offline_is_told_as_that(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(NoNetwork, match="could not be fetched"):
        models.locate(BASE)
