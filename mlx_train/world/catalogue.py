"""The worlds by domain: one module of this package for each, named after its domain."""

from __future__ import annotations

import importlib
import pkgutil

from mlx_train import world
from mlx_train.world.base import World

WORLDS: dict[str, type[World]] = {}

for module in pkgutil.iter_modules(world.__path__):
    found = vars(importlib.import_module(f"{world.__name__}.{module.name}")).values()
    WORLDS |= {
        kind.domain: kind
        for kind in found
        if isinstance(kind, type) and issubclass(kind, World) and kind is not World and kind.__module__.endswith(f".{module.name}")
    }
