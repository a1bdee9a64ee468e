"""Publishing a package on a model hub, in one commit, and comparing what the hub then holds with the lock.

Only a run whose report says `releasable` is uploaded; there is no way around that. Nothing that is in a repository
already is ever deleted: one with other files is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput, NoNetwork
from mlx_train.files import sha256_file
from mlx_train.places import PROGRAM, SUITES
from mlx_train.release import evidence, lock, report
from mlx_train.release.content import RELEASABLE
from mlx_train.release.finding import stands
from mlx_train.release.promote import refuse_private

HUBS_OWN = {".gitattributes"}
"""Files that a hub puts into a new repository."""


def publish(
    run: Path, repository: str, upload: bool = False, fused: bool = False, suites: Path = SUITES
) -> dict[str, Any]:
    """Upload the adapter package of a run, or say what would be uploaded.

    Args:
        repository: `OWNER/NAME`; made if there is none.
        upload: whether to upload; the run has to be releasable.
        fused: the whole model in place of the adapter; always so after full training.
        suites: folder of the suites that are installed now.

    Returns:
        `repository`, `folder`, `files` (bytes by name), `bytes`, `verdict`, `blockers` (what blocks, by id), `commit`
        (None if nothing was uploaded), and `faults` (what the hub holds that the lock does not say).

    Raises:
        BadInput: the name is malformed, there is no package, a file names a place on this machine, the hub refuses,
            or the repository has files of something else.
        NoNetwork: the hub cannot be reached.
    """
    _check_name(repository)
    found = evidence.read(run, suites)
    part = "fused" if fused or found.full else "package"
    folder = run / part
    if part not in found.locks:
        raise BadInput(f"{folder}: not packaged. Make the packages with `{PROGRAM} package {run}`.")
    content = report.save(run, found)
    result: dict[str, Any] = {
        "repository": repository,
        "folder": str(folder),
        "verdict": content["verdict"],
        "blockers": [one["id"] for one in content["blockers"] if stands(one)],
        "commit": None,
        "faults": list(found.lock_faults[part]),
    }
    if not result["faults"]:
        files = {name: folder / name for name in lock.contents(folder)}
        refuse_private(files, run)
        result["files"] = {name: path.stat().st_size for name, path in files.items()}
        result["bytes"] = sum(result["files"].values())
        if upload and content["verdict"] == RELEASABLE:
            with _hub_faults(repository):
                result["commit"], result["faults"] = _upload(repository, files, content)
    return result


def _check_name(repository: str) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repository)
        known = repository.count("/") == 1
    except HFValidationError:
        known = False
    if not known:
        raise BadInput(f"--repo {repository}: expected OWNER/NAME, as in someone/file-specialist.")


def _upload(repository: str, files: Mapping[str, Path], content: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Upload in one commit, so that nobody ever sees a part; returns the commit and what differs there."""
    from huggingface_hub import CommitOperationAdd, HfApi, get_token

    if get_token() is None:
        raise BadInput("no token for the hub. Set HF_TOKEN to one that may write, or store it with `hf auth login`.")
    api = HfApi(library_name="mlx-train")
    api.create_repo(repository, exist_ok=True)
    strangers = sorted(_held(api, repository, "main").keys() - files.keys() - HUBS_OWN)
    if strangers:
        raise BadInput(
            f"{repository}: holds files that are not of this package, {strangers[0]} first of {len(strangers)}. "
            "Give a new name, or take them out on the hub."
        )
    made = api.create_commit(
        repository,
        [CommitOperationAdd(path_in_repo=name, path_or_fileobj=path) for name, path in files.items()],
        commit_message=f"Run {content['run']} of the recipe {content['recipe']}",
    )
    return made.oid, _differences(_held(api, repository, made.oid), files)


def _held(api: Any, repository: str, revision: str) -> dict[str, Any]:
    """The files of a repository by name."""
    tree = api.list_repo_tree(repository, recursive=True, revision=revision)
    return {entry.path: entry for entry in tree if hasattr(entry, "blob_id")}


def _differences(held: Mapping[str, Any], files: Mapping[str, Path]) -> list[str]:
    """What differs on the hub: it knows large files by SHA-256, and the others by the id git gives their bytes."""
    faults = [f"{name}: on the hub but not in the lock" for name in sorted(held.keys() - files.keys() - HUBS_OWN)]
    for name, path in files.items():
        size, entry = path.stat().st_size, held.get(name)
        if entry is None:
            faults.append(f"{name}: not on the hub")
        elif entry.size != size:
            faults.append(f"{name}: {entry.size} bytes on the hub, expected {size}")
        elif entry.lfs.sha256 != sha256_file(path) if entry.lfs else entry.blob_id != _git_id(path):
            faults.append(f"{name}: other bytes on the hub")
    return faults


def _git_id(path: Path) -> str:
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@contextmanager
def _hub_faults(repository: str) -> Iterator[None]:
    """Turn what can go wrong with a hub into a message that says what to do. No message has the token."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError, OfflineModeIsEnabled

    try:
        yield
    except HfHubHTTPError as error:
        status = error.response.status_code
        said = error.server_message or str(error).splitlines()[0]
        if status in (401, 403):
            raise BadInput(
                f"{repository}: the hub refuses to write there (HTTP {status}: {said}). Give a repository of your own, "
                "and a token that may write: set HF_TOKEN, or store it with `hf auth login`."
            ) from None
        if status == 429 or status >= 500:
            raise NoNetwork(f"{repository}: the hub is not able to (HTTP {status}: {said}). Try again later.") from None
        raise BadInput(f"{repository}: the hub does not accept it (HTTP {status}: {said}).") from None
    except (HTTPError, OfflineModeIsEnabled) as error:
        raise NoNetwork(f"{repository}: no hub in reach ({error}). Check the network and try again.") from None
    except json.JSONDecodeError:
        raise NoNetwork(f"{repository}: what answers there is not a hub. Check the network and HF_ENDPOINT.") from None
    except ValueError as error:
        if not str(error).startswith("Invalid metadata"):
            raise
        said = " ".join(str(error).split())
        raise BadInput(f"{repository}: the hub does not accept the card ({said}).") from None
