"""Where the content that ships with the package lies, in a checkout and in an installed wheel."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent if (PACKAGE.parent / "pyproject.toml").is_file() else None
CONTENT = CHECKOUT or PACKAGE / "content"
"""Holds `recipes/`, `gates/` and `data/`: the checkout, or the copy inside the wheel."""

PROGRAM = "./just mlx-train" if CHECKOUT else "mlx-train"
"""What a person types, for messages that say what to do next."""

RECIPES = CONTENT / "recipes"
SUITES = CONTENT / "gates"
EMBEDDED = CONTENT / "data" / "embedded"
BASES = CONTENT / "data" / "bases"
"""What is known of base models that are made here; see mlx_train/bases."""
DEV_SUITES = CONTENT / "data" / "dev"
GENERAL = CONTENT / "data" / "general"
WORK = Path(os.environ.get("MLX_TRAIN_HOME") or CHECKOUT or Path.cwd())
"""Where results go: the checkout, or for an installed tool the folder it is called in (or $MLX_TRAIN_HOME)."""
ARTIFACTS = WORK / "artifacts"
"""One folder for each promoted specialist, beside `runs/`."""
RUNS = ARTIFACTS / "runs"
CACHE = WORK / "data" / "built"
"""Fetched models and stock results, by content hash."""
