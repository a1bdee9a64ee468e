"""The rungs of the ladder, and how each is made from the whole model in its stored format.

All quantisers are mlx-lm's. A layer whose width is no multiple of the group size stays as it is, as in mlx-lm.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from mlx_train import machine
from mlx_train.errors import BadInput
from mlx_train.files import staged_folder, write_json
from mlx_train.release.lock import LOCK

FULL = "full"
"""The whole model itself, which the others are made of and compared with."""
SLOW, PLAIN = 3e9, 2e10
"""Quantised products on a processor, in operations per second, and plain ones."""
PATIENCE = 600
"""Seconds that learning a rung may take on a processor."""
MEMORY = 0.75
"""Share of the machine's memory that learning a rung may take."""
LEARNING_BYTES = {("dynamic", False): 14, ("dynamic", True): 20, ("dwq", False): 13, ("dwq", True): 15}
"""Bytes a parameter that a kind of learning takes, on a processor or not: three models, gradients, an optimizer, and
what traces of a 4B model's step add at mlx-lm's sizes, attention scores aside. Of small models with large vocabularies
the logits take more."""
LEARNT_ROWS, LEARNT_IDS = 2048, 1025
"""Rows that a rung is learnt from at most, and ids of each: mlx-lm's own defaults."""
SENSED, SENSED_IDS = 128, 512
"""Pieces of the rows that sensitivities are estimated on at most, and ids of each; mlx-lm's own text has as many."""


@dataclass(frozen=True)
class Rung:
    """One way to quantise.

    Attributes:
        bits: of the weights; the lower ones of a mixed recipe.
        group: weights that share a scale.
        mixed: mlx-lm's name of a recipe that gives some layers more bits.
        learnt: what the training rows are for. `dwq`: scales and biases are learnt from the whole model's answers
            afterwards. `dynamic`: the matrices in which rounding hurts most get one bit more.
    """

    name: str
    bits: int = 0
    group: int = 0
    mode: Literal["affine", "mxfp8", "mxfp4", "nvfp4"] = "affine"
    mixed: str = ""
    learnt: Literal["", "dwq", "dynamic"] = ""


RUNGS = {
    rung.name: rung
    for rung in (
        Rung("8", 8, 64),
        Rung("mxfp8", 8, 32, "mxfp8"),
        Rung("6", 6, 64),
        Rung("5", 5, 64),
        Rung("4-g32", 4, 32),
        Rung("4", 4, 64),
        Rung("4-g128", 4, 128),
        Rung("nvfp4", 4, 16, "nvfp4"),
        Rung("mxfp4", 4, 32, "mxfp4"),
        Rung("mixed-4-6", 4, 64, mixed="mixed_4_6"),
        Rung("dynamic-4", 4, 64, learnt="dynamic"),
        Rung("dwq-4", 4, 64, learnt="dwq"),
        Rung("mixed-3-6", 3, 64, mixed="mixed_3_6"),
        Rung("3-g32", 3, 32),
        Rung("3", 3, 64),
        Rung("mixed-3-4", 3, 64, mixed="mixed_3_4"),
        Rung("dynamic-3", 3, 64, learnt="dynamic"),
        Rung("dwq-3", 3, 64, learnt="dwq"),
        Rung("mixed-2-6", 2, 64, mixed="mixed_2_6"),
        Rung("2-g32", 2, 32),
        Rung("2", 2, 64),
        Rung("dwq-2", 2, 64, learnt="dwq"),
    )
}
"""By name, from large to small. A plain number means groups of 64, mlx-lm's default."""


def chosen(names: Sequence[str]) -> list[Rung]:
    """The rungs of these names, or all.

    Raises:
        BadInput: there is no such rung; the message lists them.
    """
    if unknown := [name for name in names if name not in RUNGS]:
        raise BadInput(f"--rungs: there is no rung {', '.join(unknown)}. There are: {', '.join(RUNGS)}.")
    return [rung for rung in RUNGS.values() if not names or rung.name in names]


def decided_by(rung: Rung, rows_sha256: str, seed: int) -> dict[str, Any]:
    """All that decides a rung's weights beside the whole model and the versions.

    Args:
        rows_sha256: of the file of training rows.
    """
    learning = {"rows_sha256": rows_sha256, "rows": LEARNT_ROWS, "ids": LEARNT_IDS, "seed": seed}
    return asdict(rung) | (learning if rung.learnt else {})


def about_gb(rung: Rung, parameters: int) -> float:
    """About how much disk a rung takes: every weight in its widest bits, scale and bias in 32 bits, and a tenth."""
    bits = int(rung.mixed[-1]) if rung.mixed else rung.bits + (rung.learnt == "dynamic")
    return 1.1 * parameters * (bits + 64 / rung.group) / 8e9


def reason_against(rung: Rung, parameters: int, rows: Sequence[Sequence[int]], on_cpu: bool) -> str:
    """Why this rung is not made here; empty if it can be.

    Args:
        parameters: of the whole model.
        rows: what a learnt rung would be learnt from.
    """
    if not rung.learnt:
        return ""
    if len(rows) < 2:
        return "there are no training rows to learn it from"
    ids = sum(map(len, rows))
    needed = LEARNING_BYTES[rung.learnt, on_cpu] * parameters / 1e9
    if needed > MEMORY * machine.memory_gb() or needed > machine.usable_memory_gb():
        return f"learning it takes some {needed:.0f} GB of memory"
    if rung.learnt == "dynamic":
        seconds = 8 * parameters * min(ids, SENSED * SENSED_IDS) / PLAIN  # all gradients, and the whole model's answers
    else:
        seconds = 6 * parameters * ids / SLOW  # forward and backward, and the whole model's answers
    if on_cpu and seconds > PATIENCE:
        return f"learning takes some {seconds / 3600:.1f} h on this processor"
    return ""


def make(rung: Rung, whole: Path, out: Path, rows: Sequence[Sequence[int]] = (), seed: int = 0) -> None:
    """Write the rung as a model directory that plain mlx-lm loads.

    Args:
        whole: directory of the whole model.
        rows: ids of training rows, for a learnt rung.

    Raises:
        BadInput: the recipe does not fit the model.
    """
    from mlx_lm.convert import mixed_quant_predicate_builder
    from mlx_lm.utils import load, quantize_model, save_model

    model, _, config = load(str(whole), tokenizer_config={"trust_remote_code": False}, return_config=True, lazy=True)
    predicate = None
    with contextlib.redirect_stdout(sys.stderr):  # mlx-lm prints
        try:
            if rung.mixed:
                predicate = mixed_quant_predicate_builder(rung.mixed, model, rung.group)
            if rung.learnt == "dynamic":
                predicate = _dynamic(model, whole, rung, rows)
        except ValueError as error:
            raise BadInput(f"rung {rung.name}: {error}") from None
        model, config = quantize_model(model, config, rung.group, rung.bits, mode=rung.mode, quant_predicate=predicate)
        if rung.learnt == "dwq":
            _learn(model, whole, rows, seed)
    with staged_folder(out) as stage:
        for path in whole.iterdir():
            if path.is_file() and ".safetensors" not in path.name and path.name not in (LOCK, "README.md"):
                shutil.copyfile(path, stage / path.name)
        save_model(stage, model)
        write_json(stage / "config.json", config)


def _dynamic(model: Any, whole: Path, rung: Rung, rows: Sequence[Sequence[int]]) -> Callable[[str, Any], Any]:
    """Dynamic quantisation: mlx-lm's sensitivities, on our rows in place of a text from the net.

    A matrix's sensitivity is how much KL(whole, rung) falls, to first order, where it alone goes from the low bits to
    the high ones, for each weight (mlx_lm/quant/dynamic_quant.py). In that order matrices get one bit more, each that
    fits, until half of the weights have it: 5 bits a weight with `dynamic-4`, scales and biases counted, which is
    mlx-lm's default too. Its own search for a threshold ends above the mark where one matrix is most of the model.

    Returns:
        What mlx-lm's `quantize_model` asks for each matrix.

    Raises:
        ValueError: a matrix's width is no multiple of the group size.
    """
    import mlx.core as mx
    import mlx.nn as nn
    from mlx.utils import tree_flatten
    from mlx_lm.quant.dynamic_quant import estimate_sensitivities
    from mlx_lm.utils import load

    ids = [id for row in rows for id in row]
    width = min(SENSED_IDS, len(ids))
    starts = range(0, len(ids) - width + 1, width)[:SENSED]
    pieces = mx.array([ids[start : start + width] for start in starts])
    sensed = load(str(whole), tokenizer_config={"trust_remote_code": False}, lazy=True)[0]
    if mx.default_device().type == mx.cpu:
        sensed.set_dtype(mx.float32)  # the other types are many times slower there
    found = dict(estimate_sensitivities(sensed, pieces, rung.bits, rung.group, rung.bits + 1, rung.group))
    leaves = tree_flatten(model.leaf_modules(), is_leaf=nn.Module.is_module)
    sizes = {name: module.weight.size for name, module in leaves if name in found}
    wide = widened(found, sizes)
    more = {"bits": rung.bits + 1, "group_size": rung.group, "mode": rung.mode}
    return lambda path, module: more if path in wide else True


def widened(sensitivities: Mapping[str, float], sizes: Mapping[str, int]) -> set[str]:
    """The matrices that get more bits: the most sensitive first, each that fits, up to half of the weights.

    Args:
        sizes: weights of each matrix.
    """
    left = sum(sizes.values()) / 2
    chosen = set()
    for name in sorted(sensitivities, key=lambda name: -sensitivities[name]):
        if sensitivities[name] > 0 and sizes[name] <= left:
            chosen.add(name)
            left -= sizes[name]
    return chosen


def _learn(model: Any, whole: Path, rows: Sequence[Sequence[int]], seed: int) -> None:
    """Distilled weight quantisation: mlx-lm's, with its defaults, on our rows in place of a data set from a hub."""
    import mlx.core as mx
    import mlx.optimizers as optimizers
    from mlx.utils import tree_flatten
    from mlx_lm.quant.dwq import dwq_quantize
    from mlx_lm.utils import load

    teacher = load(str(whole), tokenizer_config={"trust_remote_code": False}, lazy=True)[0]
    batch = min(4, len(rows) // 2)
    held = max(batch, min(32, len(rows) // 8))  # to watch the loss on
    data = [(list(row), 0) for row in rows]
    dtype = next(value.dtype for name, value in tree_flatten(model.parameters()) if name.endswith(".scales"))
    mx.random.seed(seed)
    dwq_quantize(
        model, lambda ids, index, split: teacher(ids), optimizers.Adam(learning_rate=1e-6, bias_correction=True),
        data[held:], data[:held], batch, LEARNT_IDS, seed, dtype=dtype,
    )  # fmt: skip


def learning_rows(run: Path, chat: Any) -> list[list[int]]:
    """The ends of the run's training rows, for learnt rungs; their common start is a catalogue, which may be longer.

    Gate tasks are never among them.
    """
    from mlx_train.data.trajectory import load

    path = run / "data" / "train.jsonl"
    if not path.is_file():
        return []
    examples = (example for row in load(path) for example in chat.examples(row.messages, row.tools, row.id))
    return [list(example.ids[-LEARNT_IDS:]) for example, _ in zip(examples, range(LEARNT_ROWS), strict=False)]
