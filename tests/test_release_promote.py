"""Promoting copies what is public and small, once, and nothing that names this machine."""

from __future__ import annotations

import getpass
import shutil
from pathlib import Path

import pytest
from release_fixture import Made, make, relock

from mlx_train import cli
from mlx_train.errors import BadInput
from mlx_train.files import manifest, read_json, write_json
from mlx_train.places import CHECKOUT
from mlx_train.release import lock, promote


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def act(made: Made, name: str | None = None) -> dict[str, object]:
    return promote.promote(made.run, name, made.run.parent / "artifacts", made.suites)


def test_what_is_public_is_copied_and_verifies(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = act(made)
    folder = tmp_path / "artifacts" / "small"
    assert found == {"path": str(folder), "new": True, "left_out": [], "large": [], "faults": []}
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "fused", "gates", "lock.json", "package", "report",
    ]  # fmt: skip
    assert manifest(folder / "package") == manifest(made.run / "package")
    assert sorted(path.name for path in (folder / "gates").iterdir()) == [
        "comparison.json", "general.json", "parity.json", "selftest.json", "specialist.json", "stock.json",
    ]  # fmt: skip
    assert lock.verify(folder) == [] and lock.read(folder)["verdict"] == "releasable"
    index = (folder / "README.md").read_text()
    assert "Releasable: nothing blocks it." in index and "| `fused/` | the whole model, with" in index
    assert [path.name for path in folder.parent.iterdir()] == ["small"]
    assert cli.call(["verify", str(folder)]) == 0
    (folder / "gates" / "stock.json").write_text("{}")
    assert cli.call(["verify", str(folder)]) == 1 and "gates/stock.json" in capsys.readouterr().out


def test_a_ceiling_goes_with_the_report_that_shows_it(made: Made) -> None:
    shutil.copyfile(made.run / "gates" / "stock.json", made.run / "gates" / "ceiling.json")
    folder = Path(str(act(made)["path"]))
    assert (folder / "gates" / "ceiling.json").read_bytes() == (made.run / "gates" / "ceiling.json").read_bytes()


def test_a_package_changed_together_with_the_outer_lock_is_found(made: Made) -> None:
    folder = Path(str(act(made)["path"]))
    (folder / "package" / "LICENSE").write_text("another")
    held = lock.read(folder)
    (folder / "lock.json").unlink()
    lock.write(folder, lock.SPECIALIST, {"run": held["run"], "external": []})
    assert lock.verify(folder) == ["package/LICENSE: 7 bytes, expected 9"]


def test_the_same_run_again_changes_nothing_and_another_is_refused(made: Made, tmp_path: Path) -> None:
    folder = Path(str(act(made)["path"]))
    before = (manifest(folder), folder.stat().st_mtime_ns)
    assert act(made)["new"] is False and (manifest(folder), folder.stat().st_mtime_ns) == before
    made.rescore("hard", 80, 190)
    with pytest.raises(BadInput, match=r"fused/README\.md and 9 more files differ now"):
        act(made)
    made.edit("run.json", lambda run: run.update(id="another"))
    with pytest.raises(BadInput, match=r"holds run 20260101-000000; this is another.*--name"):
        act(made)
    assert (manifest(folder), folder.stat().st_mtime_ns) == before
    assert act(made, "small-2")["new"] is True and lock.verify(tmp_path / "artifacts" / "small-2") == []


def test_a_folder_of_another_kind_is_never_replaced(made: Made, tmp_path: Path) -> None:
    (tmp_path / "artifacts" / "small").mkdir(parents=True)
    with pytest.raises(BadInput, match="not a promoted specialist"):
        act(made)
    for name in ("runs", "../small", ".hidden", ""):
        with pytest.raises(BadInput, match="Give another name"):
            act(made, name or " ")


def test_a_package_that_does_not_match_its_lock_is_not_promoted(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (made.run / "package" / "LICENSE").write_text("another")
    assert act(made)["faults"] == ["package/LICENSE: 7 bytes, expected 9"]
    assert not (tmp_path / "artifacts").exists()
    assert cli.call(["promote", str(made.run)]) == 1 and "package/LICENSE" in capsys.readouterr().out
    shutil.rmtree(made.run / "package")
    with pytest.raises(BadInput, match="mlx-train package"):
        act(made)


def test_a_large_fused_model_is_left_out(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promote, "LARGEST", 180)
    found = act(made)
    folder = Path(str(found["path"]))
    assert found["left_out"] == ["fused"] and found["large"] == ["package/README.md", "package/adapters.safetensors"]
    assert not (folder / "fused").exists() and lock.verify(folder) == []
    assert lock.read(folder)["left_out"] == {"fused": read_json(made.run / "fused" / "lock.json")["lock_sha256"]}
    assert "left out" in (folder / "README.md").read_text()


def test_a_large_file_that_the_base_has_too_is_left_to_it(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    package, limit = made.run / "package", 20_000
    (package / "tokenizer.json").write_text("x" * (limit + 1))
    (package / "unlike.json").write_text("y" * (limit + 1))
    held = {name: manifest(package)[name] for name in ("tokenizer.json", "unlike.json")}
    relock(package, external=[{"role": "base", "files": {**held, "unlike.json": {"bytes": limit + 1, "sha256": "0"}}}])
    monkeypatch.setattr(promote, "LARGEST", limit)
    found = act(made)
    folder = Path(str(found["path"]))
    assert (found["left_out"], found["large"]) == (["package/tokenizer.json"], ["package/unlike.json"])
    assert not (folder / "package" / "tokenizer.json").exists() and lock.verify(folder) == []
    assert "| `package/tokenizer.json` | left out" in (folder / "README.md").read_text()
    assert act(made)["new"] is False
    assert lock.verify(folder / "package") == ["tokenizer.json: in the manifest but not in the folder"]
    (folder / "package" / "tokenizer.json").write_text("another")
    assert lock.verify(folder) == [f"package/tokenizer.json: 7 bytes, expected {limit + 1}"]
    shutil.copyfile(package / "tokenizer.json", folder / "package" / "tokenizer.json")
    assert lock.verify(folder) == [] == lock.verify(folder / "package")


def lines(made: Made) -> dict[str, str]:
    user = getpass.getuser()
    return {
        "run": f"see {made.run}/gates",
        "home": f"in {Path.home()}, that is",
        "user": f"/Users/{user}/models",
        "mail": f"by {user}@example.org",
    }


@pytest.mark.parametrize("kind", ["run", "home", "user", "mail"])
def test_a_line_that_names_this_machine_is_refused_by_file_and_line(made: Made, tmp_path: Path, kind: str) -> None:
    (made.run / "package" / "notes.txt").write_text("one\ntwo\n" + lines(made)[kind])
    relock(made.run / "package")
    with pytest.raises(BadInput, match=r"^package/notes\.txt, line 3: names a place on this machine"):
        act(made)
    assert not (tmp_path / "artifacts").exists()


def test_a_word_that_only_looks_like_the_user_is_fine(tmp_path: Path) -> None:
    home, user = Path.home(), getpass.getuser()
    (tmp_path / "notes.txt").write_text(f"{home}less x{home} the {user} directory, {user}s@, /home/{user}x\n")
    promote.refuse_private({"notes.txt": tmp_path / "notes.txt"}, tmp_path / "run")


def test_the_report_says_nothing_of_where_the_packages_lay(made: Made) -> None:
    facts = {"seconds": 1.0, "package": {"path": str(made.run / "package"), "bytes": 5}, "parity": None}
    made.edit("run.json", lambda run: run["stages"].update(package=facts))
    content = read_json(Path(str(act(made)["path"])) / "report" / "report.json")
    assert content["cost"]["package_stage_seconds"]["value"] == 1.0 and str(made.run) not in str(content)
    write_json(made.run / "report" / "report.json", {"left": "over"})
    assert act(made)["new"] is False  # the report is made anew, so an old one is never promoted


def test_the_page_on_releasing_names_every_file_that_is_copied() -> None:
    assert CHECKOUT is not None
    page = (CHECKOUT / "docs" / "release.md").read_text(encoding="utf-8")
    section = page.partition("## A specialist in git")[2].partition("\n## ")[0]
    copied = [name for name in (*promote.RESULTS, *promote.IF_THERE) if not name.startswith("report/")]
    assert len(copied) == 10 and [name for name in copied if f"`{name}`" not in section] == []
