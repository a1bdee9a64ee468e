"""Signatures: made with a key, checked by the library's own command, and by `verify`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from release_fixture import Made, make, relock

from mlx_train import cli
from mlx_train.errors import BadInput
from mlx_train.files import manifest, read_json, write_json
from mlx_train.release import lock, promote, signature

pytest.importorskip("model_signing", reason="the extra `signing` is not installed")


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def pair(folder: Path, name: str = "key") -> tuple[Path, Path]:
    """A private and a public key."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    made = ec.generate_private_key(ec.SECP256R1())
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    private.write_bytes(made.private_bytes(pem, serialization.PrivateFormat.PKCS8, none))
    public.write_bytes(made.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return private, public


def their_command(folder: Path, key: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_signing", "verify", "key", "--signature", str(folder / "model.sig")]
    return subprocess.run(
        [*command, "--public_key", str(key), "--no-ignore-git-paths", str(folder)], capture_output=True, text=True
    )


def test_the_librarys_own_command_verifies_a_signed_package(made: Made, tmp_path: Path) -> None:
    private, public = pair(tmp_path)
    folder = made.run / "package"
    signature.sign(folder, private)
    found = their_command(folder, public)
    assert found.returncode == 0, found.stderr
    (folder / "LICENSE").write_text("another")
    assert their_command(folder, public).returncode != 0


def test_a_signature_leaves_the_lock_as_it_is(made: Made, tmp_path: Path) -> None:
    folder = made.run / "package"
    before = (folder / "lock.json").read_bytes()
    assert signature.verify(folder) == (None, [])
    signature.sign(folder, pair(tmp_path)[0])
    assert (folder / "lock.json").read_bytes() == before and lock.verify(folder) == []
    assert lock.contents(folder) == [*lock.read(folder)["files"], "lock.json", "model.sig"]
    assert signature.verify(folder) == ("signed, not checked", [])


def rewrite(folder: Path) -> None:
    """Change a file and make a lock for it: only the signature shows that."""
    (folder / "LICENSE").write_text("another")
    relock(folder)


def garble(folder: Path) -> None:
    (folder / "model.sig").write_text("not a signature")


def shorten(folder: Path) -> None:
    held = read_json(folder / "model.sig")
    held["dsseEnvelope"]["signatures"] = []
    write_json(folder / "model.sig", held)


@pytest.mark.parametrize("change", [rewrite, garble, shorten])
def test_verify_finds_what_is_not_signed_by_the_key(
    made: Made, tmp_path: Path, change: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    private, public = pair(tmp_path)
    folder = made.run / "package"
    signature.sign(folder, private)
    assert cli.call(["verify", str(folder), "--key", str(public)]) == 0
    assert capsys.readouterr().out.endswith("as locked; signature: valid\n")
    change(folder)
    assert lock.verify(folder) == []
    assert cli.call(["verify", str(folder), "--key", str(public)]) == 1
    assert capsys.readouterr().out.startswith("model.sig: not the signature of these files by this key")


def test_another_key_or_no_signature_does_not_verify(made: Made, tmp_path: Path) -> None:
    private, public = pair(tmp_path)
    assert signature.verify(made.run / "package", public) == ("signed, not checked", ["model.sig: missing"])
    signature.sign(made.run / "package", private)
    assert signature.verify(made.run / "package", public) == ("valid", [])
    state, faults = signature.verify(made.run / "package", pair(tmp_path, "other")[1])
    assert state == "signed, not checked" and len(faults) == 1


def test_a_promoted_specialist_keeps_its_signatures(made: Made, tmp_path: Path) -> None:
    private, public = pair(tmp_path)
    for part in ("package", "fused"):
        signature.sign(made.run / part, private)
    folder = Path(promote.promote(made.run, None, tmp_path / "artifacts", made.suites)["path"])
    assert lock.verify(folder) == [] and signature.verify(folder, public) == ("valid of the packages alone", [])
    (folder / "fused" / "model.sig").unlink()
    assert lock.verify(folder) == ["fused/model.sig: in the manifest but not in the folder"]
    assert signature.verify(folder, public)[1] == ["fused/model.sig: missing"]
    (folder / "fused" / "lock.json").unlink()  # no package any more, so no signature of it is asked for
    assert signature.verify(folder, public)[1] == ["fused/model.safetensors: weights that no signature covers"]


def test_a_promoted_specialist_that_is_signed_itself_is_signed_whole(made: Made, tmp_path: Path) -> None:
    private, public = pair(tmp_path)
    folder = Path(promote.promote(made.run, None, tmp_path / "artifacts", made.suites, private)["path"])
    assert lock.verify(folder) == [] and signature.verify(folder, public) == ("valid", [])
    held = lock.read(folder)
    write_json(folder / "report" / "report.json", {"label": "general"})
    (folder / lock.LOCK).unlink()
    lock.write(folder, lock.SPECIALIST, {"run": held["run"], "external": held["external"]})
    assert lock.verify(folder) == []  # the lock was written anew, over what was changed
    state, faults = signature.verify(folder, public)
    assert state == "signed, not checked" and len(faults) == 1 and "model.sig: not the signature" in faults[0]


def test_what_is_promoted_already_is_signed_once(made: Made, tmp_path: Path) -> None:
    private, public = pair(tmp_path)

    def act(key: Path | None) -> dict[str, Any]:
        return promote.promote(made.run, None, tmp_path / "artifacts", made.suites, key)

    folder = Path(act(None)["path"])
    assert signature.verify(folder, public)[1] and not act(private)["new"]
    assert signature.verify(folder, public) == ("valid", []) and lock.verify(folder) == []
    with pytest.raises(BadInput, match=r"model\.sig: is there already"):
        act(private)


def test_a_signature_over_a_file_that_was_left_to_the_base_says_so(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = pair(tmp_path)
    package = made.run / "package"
    (package / "tokenizer.json").write_text("x" * 20_001)
    relock(package, external=[{"role": "base", "files": manifest(package)}])
    monkeypatch.setattr(promote, "LARGEST", 20_000)
    for part in ("package", "fused"):
        signature.sign(made.run / part, private)
    whole = Path(promote.promote(made.run, "whole", tmp_path / "artifacts", made.suites, private)["path"])
    assert signature.verify(whole, public) == ("valid", [])
    shutil.copyfile(package / "tokenizer.json", whole / "package" / "tokenizer.json")
    assert signature.verify(whole, public) == ("valid", []) and lock.verify(whole) == []
    (whole / "package" / "tokenizer.json").write_text("another")
    assert signature.verify(whole, public)[1]
    folder = Path(promote.promote(made.run, None, tmp_path / "artifacts", made.suites)["path"])
    faults = signature.verify(folder, public)[1]
    assert faults[1:] == ["package: put tokenizer.json of its base there and verify again"]
    shutil.copyfile(package / "tokenizer.json", folder / "package" / "tokenizer.json")
    assert signature.verify(folder, public) == ("valid of the packages alone", [])


def test_a_key_that_cannot_be_used_is_bad_input(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private, public = pair(tmp_path)
    (tmp_path / "text.pem").write_text("a key")
    for key in (tmp_path / "none.pem", tmp_path / "text.pem", public):
        with pytest.raises(BadInput, match=r"--sign .*not a private key"):
            signature.check(key)
        assert cli.call(["package", "no-such-run", "--sign", str(key)]) == 64
        assert "--sign" in capsys.readouterr().err
    for key in (tmp_path / "none.pem", tmp_path / "text.pem", private):
        with pytest.raises(BadInput, match=r"--key .*not a public key"):
            signature.verify(made.run / "package", key)
