"""The worlds by domain: one module of this package for each, named after its domain, and other people's."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import sys
import traceback
from pathlib import Path
from types import ModuleType

from mlx_train import world
from mlx_train.errors import BadInput
from mlx_train.world.base import World

WORLDS: dict[str, type[World]] = {}
ADOPTED: dict[str, str] = {}
"""The domains in `WORLDS` that are not built in, with the SHA-256 of the file each is defined in."""

for module in pkgutil.iter_modules(world.__path__):
    importlib.import_module(f"{world.__name__}.{module.name}")
WORLDS |= {kind.domain: kind for kind in World.__subclasses__()}


def adopt(path: Path, source: bytes) -> None:
    """Run somebody's Python file, with all it may do, and add its worlds to `WORLDS`. The same bytes are run once.

    Raises:
        BadInput: it fails, defines no world, or one of a domain that there is already; nothing was added.
    """
    sha256 = hashlib.sha256(source).hexdigest()
    if sha256 in ADOPTED.values():
        return
    made = ModuleType(f"mlx_train_world_{sha256[:16]}")
    made.__file__ = str(path)
    sys.modules[made.__name__] = made  # where typing looks up the names of annotations
    try:
        exec(compile(source, str(path), "exec"), vars(made))
    except Exception as error:
        frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = frames[-1] if frames else getattr(error, "lineno", "?")
        raise BadInput(f"{path}, line {line}: this world cannot be used: {type(error).__name__}: {error}.") from None
    found = [
        kind
        for kind in vars(made).values()
        if isinstance(kind, type) and issubclass(kind, World) and kind.__module__ == made.__name__
    ]
    domains = {kind.domain: kind for kind in found if hasattr(kind, "domain")}
    if not domains:
        raise BadInput(f"{path}: defines no world. Expected a subclass of mlx_train.world.base.World with a `domain`.")
    if taken := sorted(domains.keys() & WORLDS.keys()):
        raise BadInput(f"{path}: there is a world of the domain {taken[0]!r} already. Give this one another name.")
    WORLDS.update(domains)
    ADOPTED.update(dict.fromkeys(domains, sha256))
