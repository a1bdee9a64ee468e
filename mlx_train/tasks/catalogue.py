"""Every family there is. Importing this module registers them all."""

from __future__ import annotations

import importlib
import pkgutil

from mlx_train import tasks
from mlx_train.tasks.family import FAMILIES, Family, Role
from mlx_train.tasks.task import Group

CORE = {"task", "check", "phrases", "words", "family", "catalogue"}

for module in pkgutil.iter_modules(tasks.__path__):
    if module.name not in CORE:
        importlib.import_module(f"{tasks.__name__}.{module.name}")


def families(
    *,
    domain: str | None = None,
    role: Role | None = None,
    abstain: bool | None = None,
    group: Group | None = None,
) -> list[Family]:
    """The families that match, in the order of their ids."""
    return [
        FAMILIES[id]
        for id in sorted(FAMILIES)
        if (domain is None or FAMILIES[id].domain == domain)
        and (role is None or FAMILIES[id].role == role)
        and (abstain is None or FAMILIES[id].abstain == abstain)
        and (group is None or FAMILIES[id].group == group)
    ]
