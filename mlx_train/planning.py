"""What a recipe will want, before anything is loaded or fetched.

python -m mlx_train.planning RECIPE ...     the table of docs/planning.md for Macs of all sizes
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlx_train import machine, models, start
from mlx_train.bases import made
from mlx_train.data.build import NO_ROWS
from mlx_train.data.sample import sample
from mlx_train.data.tokens import encode
from mlx_train.errors import BadInput, NoNetwork
from mlx_train.files import read_json
from mlx_train.places import PROGRAM, RECIPES, WORK
from mlx_train.progress import duration
from mlx_train.recipe import Recipe, Train, load
from mlx_train.train import checkpoint
from mlx_train.train import plan as step
from mlx_train.train.engine import Rows

SHAPES: dict[str, dict[str, Any]] = {
    "qwen3-4b": {
        "hidden_size": 2560, "num_hidden_layers": 36, "intermediate_size": 9728, "num_attention_heads": 32,
        "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
        "tie_word_embeddings": True, "model_type": "qwen3", "rms_norm_eps": 1e-6, "rope_theta": 5e6,
        "max_position_embeddings": 262144,
    },
    "gemma-3-270m": {
        "hidden_size": 640, "num_hidden_layers": 18, "intermediate_size": 2048, "num_attention_heads": 4,
        "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262144,
        "tie_word_embeddings": True, "model_type": "gemma3_text", "rms_norm_eps": 1e-6, "sliding_window": 512,
        "sliding_window_pattern": 6, "query_pre_attn_scalar": 256, "max_position_embeddings": 32768,
    },
}  # fmt: skip
"""Configurations of the bases that are planned for before they are fetched."""
TOKENS = {"gemma-3-270m": (340, 340), "qwen3-4b": (2900, 600)}
"""Tokens of the shared catalogue, and of a row after it, for as long as the base is not here to count them."""
ROW = (0, 600)
"""The same where nothing is known."""
LOOKED_AT = 200
"""Most rows that are tokenised to know how long the rows are."""
PROCESS_GB = 0.6
"""Python, libraries and buffers beside the arrays."""
SMALL_MAC = 32
"""GB up to which a Mac leaves two thirds of its memory to the GPU, and above which three quarters: Metal's recommended
maximum as people report it (10,922 MiB of 16 GB, 21,845 of 32, 49,152 of 64, 73,728 of 96: issues of llama.cpp)."""
HALVINGS = 4
MACS = (8, 16, 24, 32, 36, 48, 64, 96, 128, 192, 256, 512)
"""Memory in GB that Macs with Apple silicon are or were sold with."""


class NotHere(BadInput):
    """The base has to be fetched before anything can be said."""


@dataclass(frozen=True)
class Work:
    """What a recipe trains, and on what."""

    config: dict[str, Any]
    """The base's config.json."""
    epoch: Callable[[Train], step.Course]
    """The micro-batches that some settings make of its rows."""
    looked_at: int
    """Rows that were tokenised for it; 0 where the base is not here, and their lengths are assumed."""
    here: bool
    """Whether the base is."""


def plan(
    recipe: Recipe, root: Path, mac_gb: float | None = None, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Memory and disk in GB, seconds of training, whether this machine has them, and what would make it fit.

    Args:
        root: folder that the recipe's own files are relative to.
        mac_gb: plan for a Mac that is sold with so many GB instead; no time is given then.
        say: told where a hub's model has to be asked for its configuration and tokenizer.

    Raises:
        NotHere: there is neither the base nor a known shape of it, nor can a hub be asked.
        NoNetwork: the hub that has the base is not in reach, and no shape of it is known.
        BadInput: a row of the recipe's own is not valid, the recipe asks for no rows, the adapter to go on from is not
            there or another kind, or `mac_gb` is no size.
    """
    if mac_gb is not None and not 0 < mac_gb < float("inf"):
        raise BadInput(f"--mac {mac_gb:g}: the memory of a Mac in GB, as it is sold: 16, 36, 64.")
    if not recipe.data.sources and not recipe.data.files:
        raise BadInput(NO_ROWS)
    start.find(recipe, root)
    has = sold_gb(mac_gb) if mac_gb else machine.memory_gb()
    usable = usable_on_mac(mac_gb) if mac_gb else machine.usable_memory_gb()
    work = _work(recipe, root, say)
    found = _estimate(recipe, recipe.train, work, mac_gb)
    disk = _disk_gb(recipe, found, work)
    found |= {
        "rows_looked_at": work.looked_at,
        "disk_gb": disk,
        "download_gb": 0.0 if work.here or not recipe.base.repository else found["weights_gb"],
        "has_memory_gb": has,
        "usable_memory_gb": usable,
        "has_disk_gb": None if mac_gb else machine.free_disk_gb(WORK),
        "change": {},
        "changed": None,
    }
    enough = found["memory_gb"] <= usable
    if not enough:
        changed = ((change, _changed(recipe, change, work, mac_gb)) for change in _changes(recipe.train, work))
        fitting = next(((change, after) for change, after in changed if after and after["memory_gb"] <= usable), None)
        found["change"] = fitting and fitting[0]
        found["changed"] = fitting and {key: fitting[1][key] for key in ("memory_gb", "steps", "padded_tokens")}
    found["fits"] = enough and (mac_gb is not None or disk <= found["has_disk_gb"])
    if mac_gb is None:
        rates = {
            "product_gflops": machine.product_rate(),
            "function_g_per_s": machine.function_rate(),
            "move_gb_per_s": machine.move_rate(),
        }
        found |= rates | {"seconds": _seconds(found, **rates)}
    return found


def sold_gb(memory: float) -> float:
    """GB (10^9 bytes) of a Mac that is sold with so many, which are of 2^30."""
    return memory * 2**30 / 1e9


def usable_on_mac(memory: float) -> float:
    """GB (10^9 bytes) that the GPU of such a Mac may hold."""
    return sold_gb(memory) * (2 / 3 if memory <= SMALL_MAC else 3 / 4)


def _work(recipe: Recipe, root: Path, say: Callable[[str], None] = lambda _: None) -> Work:
    from mlx_train.chat.render import Chat

    base = models.place(recipe.base)
    shape = _shape(recipe)
    here = (base / "tokenizer.json").is_file()
    if not here and (recipe.data.files or not shape):
        with suppress(NoNetwork) if shape else nullcontext():  # of a known shape, lengths can be assumed
            base = models.outline(recipe.base, say=say)
    known = (base / "tokenizer.json").is_file()
    if not known and not shape:
        raise NotHere(
            f"{recipe.base.name}: nothing is known of this base before it is here. `{PROGRAM} fetch` with this recipe "
            "gets it."
        )
    config = SHAPES[shape] if shape and not known else read_json(base / "config.json", "model configuration")
    some, rows = sample(recipe, root, LOOKED_AT)
    shares = recipe.train.share_prefix and step.shares(config)
    if not known or not some:
        prefix, row = TOKENS.get(shape or "", ROW)
        prefix, row = (prefix, row) if shares else (0, prefix + row)
        rows = max(1, rows)
        return Work(config, lambda settings: step.even_course(settings, prefix=prefix, row=row, rows=rows), 0, here)
    found = encode(some, Chat(models.load_tokenizer(str(base))), recipe.data.max_tokens, "drop").examples
    examples = Rows.of(found, shares)
    rows = round(rows * len(found) / len(some))
    return Work(config, lambda settings: step.course(examples, rows, settings), len(found), here)


def _shape(recipe: Recipe) -> str | None:
    """The name of the known configuration that this base has, if it is one of those or was made of one."""
    base = recipe.base
    name = base.name if base.repository or base.name not in made.known() else made.origin(base.name)
    return name if name in SHAPES and load(name).base.repository == base.repository else None


def _estimate(recipe: Recipe, settings: Train, work: Work, mac_gb: float | None) -> dict[str, Any]:
    lanes = 1 if mac_gb else None
    found = step.estimate(settings, work.config, recipe.base.dtype, work.epoch(settings), lanes)
    return found | {"memory_gb": found["total_gb"] + PROCESS_GB}


def _disk_gb(recipe: Recipe, found: dict[str, Any], work: Work) -> float:
    """The base where it has to be fetched, checkpoints, what training ends with, and the fused model."""
    settings, trained = recipe.train, found["trained_gb"]
    copies = (settings.keep == "best") + (found["steps"] // settings.keep_every if settings.keep_every else 0)
    checkpoints = (checkpoint.KEPT + 1) * (trained + found["optimizer_gb"])  # one is written before the oldest goes
    base = 0.0 if work.here else found["weights_gb"]
    packaged = 3 * trained if settings.method != "full" else trained
    return float(base + checkpoints + copies * trained + packaged + step.dense_gb(work.config, recipe.base.dtype) + 0.5)


def _changed(recipe: Recipe, change: dict[str, Any], work: Work, mac_gb: float | None) -> dict[str, Any] | None:
    """The estimate of a changed recipe; None where the architecture does not take the change."""
    try:
        return _estimate(recipe, recipe.train.model_copy(update=change), work, mac_gb)
    except BadInput:
        return None


def _changes(settings: Train, work: Work) -> Iterator[dict[str, Any]]:
    """Changes of the recipe that take less memory, those that change least first; all but the last few learn alike."""
    recompute: dict[str, Any] = {} if settings.checkpoint_layers else {"checkpoint_layers": True}
    smaller = _smaller(settings, work)
    changes = [recompute, *smaller[:1], *(recompute | small for small in smaller)]
    if settings.method == "full":
        changes += [{"method": "lora"} | change for change in ({}, recompute, *(recompute | one for one in smaller))]
    return (change for change in changes if change)


def _smaller(settings: Train, work: Work) -> list[dict[str, Any]]:
    """Half of `batch_tokens` and less, as long as micro-batches get smaller; the rows of a step stay about as many.

    A shared prefix counts in `batch_tokens`, so half of it may hold far fewer rows than half.
    """
    held = before = work.epoch(settings).micro_batches
    found: list[dict[str, Any]] = []
    for times in range(1, HALVINGS):
        tokens = settings.batch_tokens >> times
        count = work.epoch(settings.model_copy(update={"batch_tokens": tokens})).micro_batches
        if count == before:
            break
        found.append({"batch_tokens": tokens, "accumulate": max(1, round(settings.accumulate * count / held))})
        before = count
    return found


def _seconds(found: dict[str, Any], product_gflops: float, function_g_per_s: float, move_gb_per_s: float) -> float:
    """Time of all steps at the machine's measured rates, one operation after the other.

    Lanes gain little on two cores: they share the cores that products take anyway.
    """
    products = found["operations"] / product_gflops
    functions = found["functions"] / function_g_per_s
    moves = found["moved"] / move_gb_per_s
    return float(found["padded_tokens"] / found["micro_tokens"] * (products + functions + moves) / 1e9)


def plan_text(recipe: Recipe, found: dict[str, Any]) -> str:
    """The plan in a few lines."""
    parts = ("weights", "adapter", "optimizer", "gradients", "activations", "logits", "prefix")
    lines = [
        f"{recipe.name}: about {found['memory_gb']:.1f} GB of memory of {found['usable_memory_gb']:.1f} that may be "
        f"used, {found['disk_gb']:.1f} GB of disk"
        + (f" of {found['has_disk_gb']:.0f} free" if found["has_disk_gb"] is not None else "")
        + (f", {found['download_gb']:.1f} GB to download" if found["download_gb"] else ""),
        "finding gradients: "
        + ", ".join(f"{'shared prefix' if part == 'prefix' else part} {found[f'{part}_gb']:.2f}" for part in parts)
        + f"; optimizer's step beside the weights: {found['update_gb']:.2f}; process: {PROCESS_GB} GB",
        f"{found['steps']} optimizer steps over {found['padded_tokens'] / 1e6:.1f} M tokens",
    ]
    if "seconds" in found:
        each = found["seconds"] / found["steps"]
        lines[-1] += f", {each:.2g} s each at the measured rates, about {duration(found['seconds'])} of training"
    if not found["rows_looked_at"]:
        lines[-1] += "; base or data set is not here to count the tokens of a row, so its length is assumed"
    if found["has_disk_gb"] is not None and found["disk_gb"] > found["has_disk_gb"]:
        lines.append("the disk has not enough space")
    if found["change"]:
        after, text = found["changed"], change_text(found["change"])
        lines.append(
            f"it does not fit; it would with {text}: {after['memory_gb']:.1f} GB, {after['steps']} steps over "
            f"{after['padded_tokens'] / 1e6:.1f} M tokens"
        )
    elif found["change"] is None:
        lines.append("it does not fit, whatever the batch, recomputation or method: take a smaller or a quantised base")
    return "\n".join(lines)


def mac_table(recipes: Sequence[Recipe]) -> str:
    """Which Mac takes which recipe, and with what change, as Markdown."""
    needs = []
    for recipe in recipes:
        work = _work(recipe, RECIPES)
        changes = ({}, *_changes(recipe.train, work))
        found = ((change, _changed(recipe, change, work, MACS[-1])) for change in changes)
        needs.append([(change, after) for change, after in found if after])
    lines = [
        "| memory, GB | " + " | ".join(recipe.name for recipe in recipes) + " |",
        "| --- " * (len(recipes) + 1) + "|",
    ]
    for size in MACS:
        fitting = [next((one for one in each if one[1]["memory_gb"] <= usable_on_mac(size)), None) for each in needs]
        cells = [
            "no"
            if one is None
            else f"{one[1]['memory_gb']:.1f} GB, {one[1]['padded_tokens'] / 1e6:.1f} M tokens"
            + (f": `{change_text(one[0])}`" if one[0] else "")
            for one in fitting
        ]
        lines.append(f"| {size} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def change_text(change: dict[str, Any]) -> str:
    """A change as lines of the recipe."""
    return ", ".join(f"train.{key} = {json.dumps(value)}" for key, value in change.items())


if __name__ == "__main__":
    print(mac_table([load(name) for name in sys.argv[1:]]))
