"""How far a specialist has moved from its stock where no tool is in play: fixed English prose and code.

The texts are in data/general, with their sources and licences; nothing there is ever trained on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from mlx_train import models, records
from mlx_train.errors import GateBroken
from mlx_train.files import manifest, sha256_of, write_json
from mlx_train.gates.replay import READ, WORDS, Window
from mlx_train.places import GENERAL
from mlx_train.release import divergence, evidence
from mlx_train.train import adapters

Split = Literal["gate", "dev"]
TEXTS_SHA256: dict[Split, str] = {
    "gate": "1f174d97dc0ddf8142a79c4686621d724e6dfa54898379cb4de6ab5cea2cd7c4",
    "dev": "1dba6861a5a8c8160b12849f6adde1f9b45d913c5ff60d6039139c865fb4d22a",
}
"""Of the manifest of the texts; those of `gate` are for reports, those of `dev` for choosing."""


def windows(tokenizer: Any, split: Split) -> tuple[Window, ...]:
    """Each text as one window, with the id that begins every text of the model, where it has one.

    Raises:
        GateBroken: the texts are not those that other results are of.
    """
    folder = GENERAL / split
    if (
        found := sha256_of({name: one for name, one in manifest(folder).items() if name.endswith(".txt")})
    ) != TEXTS_SHA256[split]:
        raise GateBroken(
            f"{folder}: the texts have SHA-256 {found}, expected {TEXTS_SHA256[split]}. Restore them from version "
            "control."
        )
    made = []
    for path in sorted(folder.glob("*.txt")):
        ids = tokenizer.encode(path.read_text(encoding="utf-8"))
        begun = ids[0] == tokenizer.bos_token_id
        made.append(Window(path.stem, tuple(ids), (READ if begun else WORDS, *[WORDS] * (len(ids) - 1)), int(begun)))
    return tuple(made)


def measure(
    stock: Any, model: Any, tokenizer: Any, split: Split, progress: divergence.Progress = divergence.quiet
) -> dict[str, Any]:
    """Divergence of a model from its stock, teacher-forced.

    Returns:
        `divergence.summary` over all texts, with `kld_mean` as mean KL(stock, model) in nats per token; the same under
        `prose` and `code`; `split`, `texts_sha256`, and `windows_sha256` over the ids.
    """
    texts = windows(tokenizer, split)
    values = divergence.compare(stock, model, texts, progress=progress)
    kinds = [texts[int(number)].task.split("-")[0] for number in values["window"]]
    parts = {
        kind: divergence.summary({name: column[[one == kind for one in kinds]] for name, column in values.items()})
        for kind in ("prose", "code")
    }
    return {
        **divergence.finite(divergence.summary(values), "the specialist on general text"),
        **parts,
        "split": split,
        "texts_sha256": TEXTS_SHA256[split],
        "windows_sha256": sha256_of([[text.task, text.ids] for text in texts]),
    }


def stock_of(model: Any, base: Path, dtype: str, trained: Path) -> Any:
    """The stock of a model: itself without its adapter, sharing the memory, or after full training the base, loaded."""
    has_adapter = (trained / adapters.WEIGHTS).is_file()
    return adapters.without(model) if has_adapter else models.load(base, dtype)[0]


def write(run: Path, base: Path, trained: Path, progress: divergence.Progress = divergence.quiet) -> dict[str, Any]:
    """Measure a run's specialist and write `gates/general.json`.

    Args:
        base: directory of the base model.
        trained: folder of the adapter, or of the weights after full training.
    """
    dtype = records.recipe_of(run).base.dtype
    model, tokenizer = models.load_trained(base, dtype, trained)
    found = measure(stock_of(model, base, dtype, trained), model, tokenizer, "gate", progress)
    found |= {"dtype": dtype, "trained_sha256": models.weights_sha256(trained)}
    write_json(run / evidence.GENERAL, found)
    return found
