"""Signatures of packages with the OpenSSF `model-signing` library: `model.sig`, over every other file, lock included.

The lock says what the files have to be; the signature says who says so. It is made after the lock, so the lock leaves
it out. Keys are on the elliptic curves that the library takes (P-256, P-384, P-521), as PEM files without a password.
For Sigstore, which needs a network and a log-in, use the library's own command (see docs/release.md).
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput
from mlx_train.files import sha256_file, write_text
from mlx_train.release import lock

SIGNED, VALID, PARTS_VALID = "signed, not checked", "valid", "valid of the packages alone"


def library(module: str) -> Any:
    """A module of the `model_signing` library.

    Raises:
        BadInput: it is not installed.
    """
    try:
        return importlib.import_module(f"model_signing.{module}")
    except ImportError:
        raise BadInput(
            "signatures need the library model-signing. Install it with `pip install 'mlx-train[signing]'`."
        ) from None


def check(key: Path) -> None:
    """Refuse a key that cannot sign, or a missing library, before anything long begins."""
    _signer(key)


def _signer(key: Path) -> Any:
    try:
        return library("signing").Config().use_elliptic_key_signer(private_key=key)
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(
            f"--sign {key}: not a private key that can be used ({_first(error)}). Expected a PEM file without "
            "password; `openssl ecparam -name prime256v1 -genkey -noout -out KEY.pem` makes one."
        ) from None


def sign(folder: Path, key: Path) -> None:
    """Write `model.sig` into a package.

    Raises:
        BadInput: the key is not a private key that the library takes.
    """
    signer = _signer(key).set_hashing_config(_hashing())
    with tempfile.TemporaryDirectory() as scratch:  # only the finished signature may lie among the files it covers
        made = Path(scratch) / lock.SIGNATURE
        signer.sign(folder, made)
        write_text(folder / lock.SIGNATURE, made.read_text(encoding="utf-8"))


def verify(folder: Path, key: Path | None = None) -> tuple[str | None, list[str]]:
    """The state of a package's signature and what is wrong with it; None if it has none.

    Args:
        folder: a package, or a promoted specialist. One that is not signed itself is as well signed as the least of
            its packages, and nothing but those: the state says so. Weights outside a package are a fault then.
        key: the public key to check with; without one a signature is only seen.

    Raises:
        BadInput: the key is not a public key.
    """
    inner = sorted(path.parent for path in folder.glob(f"*/{lock.LOCK}"))
    packages = [folder] if (folder / lock.SIGNATURE).is_file() or not inner else inner
    signed = [package for package in packages if (package / lock.SIGNATURE).is_file()]
    if key is None:
        return (SIGNED if signed else None), []
    try:
        verifier = library("verifying").Config().use_elliptic_key_verifier(public_key=key)
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(
            f"--key {key}: not a public key that can be used ({_first(error)}). Expected a PEM file."
        ) from None
    faults = [f"{_named(package, folder)}: missing" for package in packages if package not in signed]
    for package in signed:
        try:
            hashing = _hashing(_put_back(package) if package == folder else ())
            verifier.set_hashing_config(hashing).verify(package, package / lock.SIGNATURE)
        except Exception as error:  # the library passes on whatever a malformed signature sets off
            faults.append(f"{_named(package, folder)}: not the signature of these files by this key ({_first(error)})")
            faults += _lent(package)
    if packages == [folder]:
        return (SIGNED if faults else VALID), faults
    faults += [
        f"{path.relative_to(folder).as_posix()}: weights that no signature covers"
        for path in sorted(folder.rglob("*.safetensors"))
        if not any(path.is_relative_to(package) for package in packages)
    ]
    return (SIGNED if faults else PARTS_VALID), faults


def _put_back(folder: Path) -> list[Path]:
    """Files of the base, by hash, that a specialist was signed without and that lie there now."""
    if not (folder / lock.LOCK).is_file() or (found := lock.read(folder))["kind"] != lock.SPECIALIST:
        return []
    there = lock.put_back(folder, found)
    return [Path(name) for name, entry in there.items() if sha256_file(folder / name) == entry["sha256"]]


def _lent(package: Path) -> list[str]:
    """What to do where a signature misses a file that the package left to its base."""
    try:
        absent = sorted(name for name in lock.of_base(lock.read(package)) if not (package / name).exists())
    except (BadInput, KeyError, TypeError, AttributeError):  # the lock's own faults are told by `lock.verify`
        return []
    return [f"{package.name}: put {', '.join(absent)} of its base there and verify again"] if absent else []


def _hashing(besides: Sequence[Path] = ()) -> Any:
    """All files but the signature and some more; git's own as well, which the library would pass over."""
    left_out = [Path(lock.SIGNATURE), *besides]
    return library("hashing").Config().set_ignored_paths(paths=left_out, ignore_git_paths=False)


def _named(package: Path, folder: Path) -> str:
    return (package / lock.SIGNATURE).relative_to(folder).as_posix()


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
