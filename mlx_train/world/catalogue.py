"""The worlds by domain: one module of this package for each, named after its domain."""

from __future__ import annotations

import importlib
import pkgutil

from mlx_train import world
from mlx_train.world.base import World

WORLDS: dict[str, type[World]] = {}

for module in pkgutil.iter_modules(world.__path__):
    importlib.import_module(f"{world.__name__}.{module.name}")
WORLDS |= {kind.domain: kind for kind in World.__subclasses__()}
