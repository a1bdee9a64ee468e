"""Publishing through the hub's own client, against a local stand-in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from hub_standin import TOKEN, Hub, entry, serving
from huggingface_hub.hf_api import RepoFile
from release_fixture import Made, make, relock

from mlx_train import cli
from mlx_train.errors import BadInput, NoNetwork
from mlx_train.files import manifest, sha256_file
from mlx_train.release import publish


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving() as found:
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", found.url)  # it reads HF_ENDPOINT once
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield found


def act(made: Made, repository: str = "someone/small", **more: bool) -> dict[str, Any]:
    return publish.publish(made.run, repository, suites=made.suites, **more)


def test_a_dry_run_says_what_would_go_and_asks_nobody(made: Made, hub: Hub) -> None:
    found = act(made)
    assert found["files"] == {
        name: (made.run / "package" / name).stat().st_size
        for name in (
            "LICENSE",
            "README.md",
            "adapter_config.json",
            "adapters.safetensors",
            "chat_template.jinja",
            "lock.json",
            "tokenizer.json",
        )
    }
    assert found["bytes"] == sum(found["files"].values()) and found["commit"] is None
    assert (found["verdict"], found["blockers"], found["faults"]) == ("releasable", [], [])
    assert hub.requests == []


def test_what_is_uploaded_is_the_package_byte_for_byte(made: Made, hub: Hub) -> None:
    found = act(made, upload=True)
    assert found["faults"] == [] and len(found["commit"]) == 40
    held = hub.repositories["someone/small"]
    folder = made.run / "package"
    assert held.keys() == {".gitattributes", *manifest(folder)}
    assert all(content == (folder / name).read_bytes() for name, content in held.items() if name != ".gitattributes")
    assert sum("/commit/" in request for request in hub.requests) == 1
    relock(folder, more="facts")
    assert act(made, upload=True)["commit"] != found["commit"]  # the same repository takes a newer package


def test_the_fused_model_goes_where_it_is_asked_for(made: Made, hub: Hub) -> None:
    act(made, "someone/whole", upload=True, fused=True)
    assert "model.safetensors" in hub.repositories["someone/whole"]


def test_a_blocked_run_is_never_uploaded(made: Made, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    made.rescore("abstain", 160, 120)
    found = act(made, upload=True)
    assert found["commit"] is None and found["blockers"] == ["regression/abstain"] and hub.requests == []
    verb = ["publish", str(made.run), "--repo", "someone/small"]
    assert cli.call(verb) == 0 and "blocks: regression/abstain" in capsys.readouterr().out
    assert cli.call([*verb, "--upload"]) == 1 and "not uploaded" in capsys.readouterr().out
    assert hub.requests == []


def test_a_package_that_does_not_match_its_lock_is_a_fault(made: Made, hub: Hub) -> None:
    (made.run / "package" / "LICENSE").write_text("another")
    assert act(made, upload=True)["faults"] == ["LICENSE: 7 bytes, expected 9"] and hub.requests == []
    assert cli.call(["publish", str(made.run), "--repo", "someone/small"]) == 1


def test_other_bytes_on_the_hub_are_a_fault(made: Made, hub: Hub) -> None:
    hub.spoiled.add("LICENSE")
    assert act(made, upload=True)["faults"] == ["LICENSE: other bytes on the hub"]


def test_a_repository_of_something_else_is_left_alone(made: Made, hub: Hub) -> None:
    hub.repositories["someone/small"] = {"thesis.pdf": b"all of it"}
    with pytest.raises(BadInput, match=r"files that are not of this package, thesis\.pdf first of 1"):
        act(made, upload=True)
    assert hub.repositories["someone/small"] == {"thesis.pdf": b"all of it"}


@pytest.mark.parametrize(("repository", "token", "status"), [("other/small", TOKEN, 403), ("someone/small", "x", 401)])
def test_no_rights_is_bad_input_and_says_what_to_do(
    made: Made, hub: Hub, monkeypatch: pytest.MonkeyPatch, repository: str, token: str, status: int
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(BadInput, match=rf"HTTP {status}.*set HF_TOKEN") as caught:
        act(made, repository, upload=True)
    assert TOKEN not in str(caught.value) and hub.repositories == {}


def test_without_a_token_nobody_is_asked(made: Made, hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(BadInput, match="no token"):
        act(made, upload=True)
    assert hub.requests == []


def test_no_hub_in_reach_has_its_own_code(made: Made, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(NoNetwork, match="no hub in reach"):
            act(made, upload=True)


def test_a_card_the_hub_refuses_is_bad_input(made: Made, hub: Hub) -> None:
    path = made.run / "package" / "README.md"
    path.write_text(path.read_text().replace('license: "apache-2.0"', 'license: "broken"'))
    relock(made.run / "package")
    with pytest.raises(BadInput, match=r"does not accept the card.*no such licence"):
        act(made, upload=True)


def test_names_and_private_lines_are_checked_before_anything(made: Made, hub: Hub) -> None:
    for name in ("small", "a/b/c", "some one/small", "-/small"):
        with pytest.raises(BadInput, match="expected OWNER/NAME"):
            act(made, name)
    (made.run / "package" / "LICENSE").write_text(f"see {Path.home()}")
    relock(made.run / "package")
    with pytest.raises(BadInput, match="LICENSE, line 1"):
        act(made)


def test_large_files_are_compared_by_their_sha256(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"weights")
    pointer = {**entry("model.safetensors", b"pointer"), "lfs": {"size": 7, "oid": "0" * 64, "pointerSize": 134}}
    held = {"model.safetensors": RepoFile(**pointer)}
    assert publish._differences(held, {path.name: path}) == ["model.safetensors: other bytes on the hub"]
    pointer["lfs"]["oid"] = sha256_file(path)
    assert publish._differences({path.name: RepoFile(**pointer)}, {path.name: path}) == []
    assert publish._differences({"x": RepoFile(**entry("x", b""))}, {path.name: path}) == [
        "x: on the hub but not in the lock", "model.safetensors: not on the hub",
    ]  # fmt: skip
