"""Writing results: the only module that creates files a later command trusts.

Every write goes to a temporary name in the same folder, is synced, and is renamed into place, so a reader sees the
old file or the new one and never a part. On macOS only F_FULLFSYNC makes data reach the drive.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput, NoSpace


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN. Hashes are taken over this."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_of(value: Any) -> str:
    """SHA-256 of a JSON value, in hexadecimal, over its canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync(descriptor: int) -> None:
    """Make what was written survive a power cut; F_FULLFSYNC where the system has it."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        try:
            fcntl.fcntl(descriptor, full)
            return
        except OSError:  # network volumes refuse it
            pass
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make renames inside the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Turn a full disk or a failing one into a message that names the path."""
    try:
        yield
    except OSError as error:
        full = (errno.ENOSPC, errno.EDQUOT)
        copied = isinstance(error, shutil.Error)  # of a tree; it has the faults of all files as text
        if error.errno in full or (copied and any(f"[Errno {number}]" in str(error) for number in full)):
            free = shutil.disk_usage(path.parent if path.parent.exists() else Path.cwd()).free
            raise NoSpace(
                f"{path}: no space left on the disk ({free / 1e9:.2f} GB free). Nothing was changed; free some space "
                "and run the same command again."
            ) from error
        if error.errno in (errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM):
            raise NoSpace(f"{path}: could not be written ({error.strerror}). Nothing was changed.") from error
        raise
    except RuntimeError as error:
        if str(error).startswith("[write]"):  # MLX's, of a file that could not be written whole
            raise NoSpace(
                f"{path}: {str(error).removeprefix('[write] ')} Nothing was changed; free some space and run the same "
                "command again."
            ) from error
        raise


@contextlib.contextmanager
def _place_faults(path: Path) -> Iterator[None]:
    """Turn what is no place for a file into a message that names it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EISDIR, errno.ENOTDIR, errno.EEXIST):
            raise BadInput(
                f"{path}: no file can be written there ({error.strerror}). Give another path; nothing was changed."
            ) from error
        raise


def write_with(path: Path, write: Callable[[Path], None]) -> None:
    """Create `path` atomically; `write` fills the temporary file whose path it is given.

    Raises:
        BadInput: it is a folder, or one of its folders is a file.
        NoSpace: the disk is full or refuses to be written.
    """
    with _place_faults(path), disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        try:
            write(temporary)
            with open(temporary, "rb+") as stream:
                sync(stream.fileno())
            temporary.chmod(0o644)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Create or replace a text file atomically."""
    write_with(path, lambda temporary: _put(temporary, text))


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def make_folder(path: Path) -> None:
    """Make a folder, and those it is in, unless it is there.

    Raises:
        BadInput: it or one of its folders is a file.
        NoSpace: the disk is full or refuses to be written.
    """
    with _place_faults(path), disk_faults(path):
        path.mkdir(parents=True, exist_ok=True)


def append_text(path: Path, text: str) -> None:
    """Add to the end of a text file in one write, and make it and its folders where there are none.

    Other programs may append to it too (a CI does to its summary), so it is not replaced.
    """
    with _place_faults(path), disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            data = text.encode()
            while data:
                data = data[os.write(descriptor, data) :]
            sync(descriptor)
        finally:
            os.close(descriptor)


def write_skeleton(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write text files, by name, into a new or an empty folder, and return their paths.

    Raises:
        BadInput: the folder holds something, or is a file; nothing is written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "is not empty" if folder.is_dir() else "is a file"
        raise BadInput(f"{folder}: {what}. Give a new or an empty folder; nothing was written.")
    for name, text in texts.items():
        write_text(folder / name, text)
    return [folder / name for name in texts]


def write_json(path: Path, value: Any) -> None:
    """Create or replace a JSON file atomically; indented, for people and for diffs."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_jsonl(path: Path, rows: Iterable[Any]) -> None:
    """Create or replace a file of one canonical JSON object per line, atomically."""
    write_text(path, "".join(canonical(row) + "\n" for row in rows))


def read_json(path: Path, what: str = "file") -> Any:
    """Read a JSON file.

    Raises:
        BadInput: it is missing or is not JSON; the message has the path and the line.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path}: this {what} does not exist.") from None
    except (IsADirectoryError, NotADirectoryError) as error:
        raise BadInput(f"{path}: cannot be read as a {what} ({error.strerror}). Give the path of the file.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", "?")
        raise BadInput(f"{path}, line {line}: not valid JSON ({error}). Expected a {what}.") from None


def read_jsonl(path: Path, what: str = "row") -> list[Any]:
    """Read one JSON object per line; the same as `iter_jsonl`, all at once."""
    return list(iter_jsonl(path, what))


def iter_jsonl(path: Path, what: str = "row") -> Iterator[Any]:
    """Read one JSON object per line, a line at a time.

    Raises:
        BadInput: the file is missing, or a line is not a JSON object; the message has the path and the line.
    """
    for number, row in jsonl_lines(path, what):
        if isinstance(row, NotAnObject):
            raise BadInput(f"{path}, line {number}: {row}.")
        yield row


class NotAnObject(str):
    """What is wrong with a line that is not a JSON object."""


def jsonl_lines(path: Path, what: str = "row") -> Iterator[tuple[int, Any]]:
    """The number of each line, and its JSON object or what is wrong with it.

    Raises:
        BadInput: the file is missing or not UTF-8.
    """
    try:
        # Lines end at line feeds alone; others that Unicode knows may stand within a JSON string.
        with open(path, encoding="utf-8", newline="\n") as stream:
            for number, line in enumerate(stream, 1):
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:  # also a number of 5,000 digits, and a thousand brackets
                    yield number, NotAnObject(f"not valid JSON ({error}). Expected a {what}")
                    continue
                if not isinstance(row, dict):
                    row = NotAnObject(f"expected a JSON object ({what}), found {type(row).__name__}")
                yield number, row
    except FileNotFoundError:
        raise BadInput(
            f"{path}: this file does not exist. Correct the path; expected a file with one {what} a line."
        ) from None
    except (IsADirectoryError, NotADirectoryError) as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}). Expected a file with one {what} a line.") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 text ({error}). Expected one JSON object per line.") from None


def manifest(folder: Path, skip: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """Size in bytes and SHA-256 of every file below a folder, by its path relative to the folder."""
    left_out = set(skip)
    return {
        name: {"bytes": path.stat().st_size, "sha256": sha256_file(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (name := path.relative_to(folder).as_posix()) not in left_out
    }


def differences(folder: Path, expected: Mapping[str, Mapping[str, Any]], skip: Iterable[str] = ()) -> list[str]:
    """What a folder holds that its manifest does not say, and the reverse; empty when they agree."""
    left_out = set(skip)
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if not path.is_dir() or path.is_symlink()
    }
    faults = [f"{name}: in the manifest but not in the folder" for name in expected if name not in found]
    for name, path in found.items():
        if path.is_symlink():
            faults.append(f"{name}: is a link; a package holds plain files only")
        elif name in left_out:
            continue
        elif name not in expected:
            faults.append(f"{name}: in the folder but not in the manifest")
        elif path.stat().st_size != expected[name]["bytes"]:
            faults.append(f"{name}: {path.stat().st_size} bytes, expected {expected[name]['bytes']}")
        elif sha256_file(path) != expected[name]["sha256"]:
            faults.append(f"{name}: SHA-256 differs from the manifest")
    return faults


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait for another process that makes the same folder: each would take the other's files away."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.parent / f".{path.name}.lock", "w") as stream:
        with contextlib.suppress(OSError):  # some network volumes have no locks
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def staged_folder(target: Path, keep: bool = False) -> Iterator[Path]:
    """Fill a folder beside `target`, then put it in place in one rename; an existing `target` is replaced whole.

    Args:
        keep: what was put there stays after a fault, and the next call finds it again.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with disk_faults(target):
        if keep:
            stage = target.parent / f".{target.name}.part"
            stage.mkdir(exist_ok=True)
        else:
            stage = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            yield stage
            for path in stage.rglob("*"):
                if path.is_file():
                    with open(path, "rb+") as stream:
                        sync(stream.fileno())
            stage.chmod(0o755)  # mkdtemp makes it private
            sync_folder(stage)
            if target.exists():
                old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old."))
                os.rename(target, old / "gone")
                try:
                    os.rename(stage, target)
                except BaseException:
                    os.rename(old / "gone", target)
                    old.rmdir()
                    raise
                shutil.rmtree(old, ignore_errors=True)
            else:
                os.rename(stage, target)
            sync_folder(target.parent)
        except BaseException:
            if not keep:
                shutil.rmtree(stage, ignore_errors=True)
            raise
