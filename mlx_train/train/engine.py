"""The training loop: a flat one, deterministic, resumable after every checkpoint bit for bit."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlx.core as mx
import mlx.nn as nn

from mlx_train import activations, files, machine
from mlx_train.errors import BadInput, Interrupted
from mlx_train.lanes import Lanes
from mlx_train.places import PROGRAM
from mlx_train.recipe import Train
from mlx_train.train import adapters, batching, checkpoint
from mlx_train.train.batching import Group, Micro, Row
from mlx_train.train.gradients import Gradients, Stopped
from mlx_train.train.loss import Loss
from mlx_train.train.optimizer import Arrays, Optimizer, clipped, global_norm, rate
from mlx_train.train.ranks import Ranks

if TYPE_CHECKING:
    from mlx_train.chat.render import Example

SETTLING = (0.0, 1.0, 2.0, 3.0)
"""Seconds to wait, one after the other, for macOS to count as free what MLX has given back."""
MEMORY_SHARE = 0.92
"""Share of the machine's memory beyond which it would swap; the system and other programs need the rest."""

KEPT = "steps"
"""Folder, within that of a fit, of the copies of the weights that stay."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fitted:
    """What a finished fit reached."""

    steps: int
    tokens: int
    """Supervised tokens trained on, repeats counted."""
    padded_tokens: int
    """Tokens run through the model, padding included and shared prefixes counted once."""
    loss: float
    """Training loss of the last step, nats per supervised token."""
    dev_loss: float | None
    """Nats per supervised token on the dev rows after the last step; None without dev rows."""
    stock_dev_loss: float | None
    """The same before the first step."""
    breadth_loss: float | None
    """Nats per supervised token on the breadth rows after the last step; None without breadth rows."""
    stock_breadth_loss: float | None
    """The same before the first step: what is more after the last one is what training cost there."""
    best_dev_loss: float | None
    best_step: int | None
    """After which the loss on the dev rows was lowest."""
    seconds: float
    """Time spent training, over all interruptions."""
    peak_memory: float
    """GB, of the arrays of this process."""
    padding_share: float
    """Share of the tokens run that is padding, in the first epoch."""
    shapes: int
    """Distinct shapes of micro-batches."""
    folder: Path
    """`adapters` or `weights`."""


@dataclass(frozen=True)
class Rows:
    """Examples with what the batching needs to know of them."""

    examples: Sequence[Example]
    extents: list[Row]
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, examples: Sequence[Example], share: bool) -> Rows:
        """Raises BadInput for a row that cannot be trained on."""
        return cls(examples, [batching.measure(example) for example in examples], batching.arrange(examples, share))

    def epoch(self, batch_tokens: int, seed: int, number: int) -> tuple[Micro, ...]:
        """The micro-batches of an epoch."""
        return batching.epoch(self.extents, self.groups, batch_tokens, seed, number)

    def targets(self, micros: Sequence[Micro]) -> int:
        """Supervised tokens of some micro-batches."""
        return sum(self.extents[row].targets for micro in micros for row in micro.rows)


def fit(
    model: nn.Module,
    train_examples: Sequence[Example],
    dev_examples: Sequence[Example],
    settings: Train,
    *,
    breadth: Sequence[Example] = (),
    texts: Sequence[Example] = (),
    start: Arrays | None = None,
    seed: int,
    out: Path,
    identity: dict[str, Any],
    report: Callable[[dict[str, Any]], None],
    stop: Callable[[], bool],
) -> Fitted:
    """Train a model in place; go on from the newest checkpoint of this run in `out`, if there is one.

    Under `mlx.launch` the micro-batches of a step are dealt out to the processes (see `ranks`), so `accumulate` should
    be a multiple of their number.

    Writes out/metrics.jsonl (one line an optimizer step), out/checkpoints/, out/best/ and out/steps/ where the recipe
    keeps the best or copies, and at the end out/adapters (mlx-lm's layout) or out/weights (all parameters).

    Args:
        model: of mlx-lm, without adapters.
        train_examples: every one runs once an epoch.
        dev_examples: rows whose loss is watched; may be empty.
        settings: the recipe's.
        breadth: rows of other jobs whose loss is watched as well; they decide nothing.
        texts: pieces of text, some of which each step is held near the stock on; may be empty.
        start: arrays of an adapter to go on from, by path, see `start.read`; without it adapters begin as no change.
        seed: of adapter initialisation, order and dropout.
        out: folder of this fit.
        identity: what else a checkpoint must agree with to be gone on from (hash of the base, versions).
        report: given the metrics of each step.
        stop: asked between micro-batches; true ends the fit with a checkpoint.

    Raises:
        BadInput: no rows, a row without targets, targets that match no layer, an adapter to go on from that does not
            fit, a checkpoint of another run, or a loss or gradient that is not finite (before the update), or a process
            that outgrows the memory (after saving).
        Interrupted: `stop` said so; the checkpoint is written.
    """
    if not train_examples:
        raise BadInput("there are no rows to train on.")
    prepare(model, settings, seed)
    loss = Loss(model, settings.checkpoint_layers)
    if settings.share_prefix and not loss.shares:
        log.warning("this architecture cannot share a prefix exactly; every row runs whole")
    share = settings.share_prefix and loss.shares
    rows, dev, elsewhere = (Rows.of(examples, share) for examples in (train_examples, dev_examples, breadth))
    identity = json.loads(
        files.canonical({**identity, **_identity(settings, seed, train_examples, dev_examples, breadth, texts)})
    )

    first = rows.epoch(settings.batch_tokens, seed, 0)
    micro_batches = settings.steps * settings.accumulate or max(1, math.ceil(len(first) * settings.epochs - 1e-9))
    steps = math.ceil(micro_batches / settings.accumulate)
    work = sum(micro.padded for micro in islice(_order(rows, settings, seed), micro_batches))

    parameters = adapters.trainable(model)  # under no second name, which would keep the first weights to the end
    if start:
        parameters, start = adapters.begun(parameters, start), None
    optimizer = Optimizer(settings, parameters)
    state: dict[str, Any] = {
        "step": 0, "epoch": 0, "micro": 0, "identity": identity,
        "tokens": 0, "padded": 0, "seconds": 0.0, "loss": None, "dev_loss": None, "breadth_loss": None,
        "stock": None, "best_dev_loss": None, "best_step": None, "stale": 0, "peak": 0,
    }  # fmt: skip
    ranks = Ranks()
    if (saved := checkpoint.shared(out / "checkpoints", ranks)) is not None:
        last = checkpoint.read(saved, identity)
        parameters, optimizer.state = last.weights, last.optimizer
        state |= last.state
        del last  # in full training its weights are as large as the model
        optimizer.steps = state["step"]
    metrics = out / "metrics.jsonl"
    out.mkdir(parents=True, exist_ok=True)
    _cut_back(metrics, state["step"])

    def watched(lanes: Lanes) -> dict[str, float | None]:
        of = {"dev_loss": dev, "breadth_loss": elsewhere}
        size = settings.batch_tokens
        found = {
            key: evaluate(model, loss, some, size, lanes, ranks) if some.extents else None for key, some in of.items()
        }
        for key, value in found.items():
            if value is not None and not math.isfinite(value):
                learnt = "Lower train.learning_rate" if state["step"] else f"Look at the base with `{PROGRAM} chat`"
                raise BadInput(
                    f"{key}: the loss on the rows that are watched is {value} after step {state['step']}. {learnt}, or "
                    "leave out those of the rows that are far longer than the rest."
                )
        return found

    def save() -> None:
        if state["step"]:
            checkpoint.save(out / "checkpoints", checkpoint.Checkpoint(parameters, optimizer.state, state))

    saved_step = state["step"]
    order = islice(_order(rows, settings, seed), state["micro"], micro_batches)
    model.train()
    mx.reset_peak_memory()  # what was scored before in this process is no part of training
    with Lanes(settings.accumulate) as lanes:
        state["stock"] = state["stock"] or watched(lanes)  # while adapters are fresh, which is no change of stock
        adapters.put(model, parameters)
        begun, already, already_padded = time.perf_counter(), state["seconds"], state["padded"]
        gradients_of = Gradients(model, loss, train_examples, texts, settings.kl, seed, lanes, ranks)
        while state["step"] < steps and not _is_stale(state, settings):
            step = state["step"] + 1
            started = time.perf_counter()
            micros = list(islice(order, settings.accumulate))
            targets = rows.targets(micros)
            try:
                if ranks.any(ranks.size > 1 and stop()):
                    raise Stopped
                # Several processes stop together between two steps; one alone may stop within a step.
                numbered = list(enumerate(micros, state["micro"]))
                text = batching.of_text(len(texts), settings.kl_text, seed, step) if texts else []
                found = gradients_of(parameters, numbered, text, targets, stop if ranks.size == 1 else lambda: False)
            except Stopped:
                if state["step"] > saved_step:
                    save()
                raise Interrupted(
                    f"stopped after step {state['step']} of {steps}; {out / 'checkpoints'} has everything up to there. "
                    "Run the same command again to go on."
                ) from None
            norm = global_norm(found.gradients)
            step_loss, size = found.loss, float(norm)
            _check_finite(step_loss, size, step, [train_examples[row].id for micro in micros for row in micro.rows])

            share_of_rate = rate(settings.schedule, step, steps, settings.warmup)
            parameters = optimizer.step(parameters, clipped(found.gradients, norm, settings.clip), share_of_rate)
            divergence = found.divergence
            del found
            mx.eval(parameters, optimizer.state)
            adapters.put(model, parameters)

            padded = sum(micro.padded for micro in micros)
            state["step"], state["micro"] = step, state["micro"] + len(micros)
            state["epoch"] = state["micro"] // len(first)
            state["tokens"] += targets
            state["padded"] += padded
            state["loss"] = step_loss
            took = time.perf_counter() - started
            validated = watched(lanes) if step % settings.validate_every == 0 or step == steps else {}
            state |= validated
            if validated.get("dev_loss") is not None:
                state["stale"] += 1
                if state["dev_loss"] < (state["best_dev_loss"] or math.inf):
                    state["best_dev_loss"], state["best_step"], state["stale"] = state["dev_loss"], step, 0
                    if settings.keep == "best":
                        _save_weights(out / "best", parameters, settings, model)
            session = time.perf_counter() - begun
            state["seconds"] = already + session
            state["peak"] = max(state["peak"], mx.get_peak_memory())
            line = {
                "step": step,
                "steps": steps,
                "loss": state["loss"],
                **({"kl": divergence} if settings.kl else {}),
                **{key: value for key, value in validated.items() if value is not None},
                "learning_rate": share_of_rate * settings.learning_rate,
                "gradient_norm": size,
                "supervised_tokens_per_s": targets / took,
                "padded_tokens_per_s": padded / took,
                "peak_memory_gb": state["peak"] / 1e9,
                "seconds": state["seconds"],
                "seconds_left": session / (state["padded"] - already_padded) * (work - state["padded"]),
            }
            with files.disk_faults(metrics), open(metrics, "a", encoding="utf-8") as stream:
                stream.write(files.canonical(line) + "\n")
            report(line)
            ends = step == steps or _is_stale(state, settings)
            if settings.keep_every and (step % settings.keep_every == 0 or ends):
                _save_weights(out / KEPT / f"step-{step:06d}", parameters, settings, model)
            if step % settings.save_every == 0 or ends:
                save()
                saved_step = step
                mx.clear_cache()
            held = _pressed()
            if ranks.any(held is not None) and step < steps:
                if step > saved_step:
                    save()
                raise BadInput(_too_much(step, held or machine.footprint_gb()))

    if settings.keep == "best" and state["best_step"] is not None:
        parameters = adapters.load_arrays(next((out / "best").glob("*.safetensors")))
        adapters.put(model, parameters)
    folder = out / ("weights" if settings.method == "full" else "adapters")
    _save_weights(folder, parameters, settings, model)
    model.eval()
    return Fitted(
        steps=state["step"],
        tokens=state["tokens"],
        padded_tokens=state["padded"],
        loss=state["loss"],
        dev_loss=state["dev_loss"],
        stock_dev_loss=state["stock"]["dev_loss"],
        breadth_loss=state["breadth_loss"],
        stock_breadth_loss=state["stock"]["breadth_loss"],
        best_dev_loss=state["best_dev_loss"],
        best_step=state["best_step"],
        seconds=state["seconds"],
        peak_memory=state["peak"] / 1e9,
        folder=folder,
        **batching.padding(rows.extents, first),  # type: ignore[arg-type]
    )


def evaluate(model: nn.Module, loss: Loss, rows: Rows, batch_tokens: int, lanes: Lanes, ranks: Ranks) -> float:
    """Mean loss in nats per supervised token, without dropout; draws nothing that training draws from."""
    model.eval()
    tracing = threading.Lock()

    def total(micros: Sequence[Micro]) -> float:
        nats = 0.0
        for micro in micros:
            with tracing:  # the loss may put layers that recompute into the model
                value = loss(batching.collate(rows.examples, micro))
            nats += float(value)
        return nats

    micros = rows.epoch(batch_tokens, 0, 0)
    by_size = sorted(micros, key=lambda micro: -micro.padded)
    mine = sum(lanes.run(by_size[ranks.rank :: ranks.size], total))
    model.train()
    return float(ranks.sum(mx.array(mine))) / rows.targets(micros)


def prepare(model: nn.Module, settings: Train, seed: int) -> None:
    """Decide which arrays are trained."""
    activations.adopt(model)
    if settings.method != "full":
        adapters.attach(model, settings, seed)
        return
    if any(isinstance(layer, nn.QuantizedLinear | nn.QuantizedEmbedding) for layer in model.modules()):
        raise BadInput("train.method: full training needs weights that are not quantised; use lora or another base.")
    model.unfreeze()


def _pressed() -> float | None:
    """GB that this process holds if that is too much to go on, after giving back what MLX keeps for reuse."""
    limit = MEMORY_SHARE * machine.memory_gb()
    if machine.footprint_gb() <= limit:
        return None
    machine.release_memory()
    for wait in SETTLING if machine.is_apple_silicon() else (0.0,):
        time.sleep(wait)
        if (held := machine.footprint_gb()) <= limit:
            return None
    return held


def _too_much(step: int, held: float) -> str:
    return (
        f"step {step}: this process holds {held:.1f} of {machine.memory_gb():.1f} GB of memory, and would soon swap. "
        "The checkpoint is written. Close other programs and run the same command again, or set "
        "train.checkpoint_layers = true, or halve train.batch_tokens and double train.accumulate."
    )


def _save_weights(folder: Path, parameters: Arrays, settings: Train, model: nn.Module) -> None:
    """Write what was trained; the folder is replaced whole."""
    if settings.method != "full":
        adapters.save(folder, parameters, settings, len(model.layers))
        return
    with files.staged_folder(folder) as stage:
        adapters.save_arrays(stage / "model.safetensors", parameters)


def _is_stale(state: dict[str, Any], settings: Train) -> bool:
    """Whether the dev loss has not fallen for long enough to stop."""
    return bool(settings.patience) and state["stale"] >= settings.patience


def _order(rows: Rows, settings: Train, seed: int) -> Iterator[Micro]:
    """Micro-batches without end, epoch after epoch."""
    number = 0
    while True:
        yield from rows.epoch(settings.batch_tokens, seed, number)
        number += 1


def _identity(
    settings: Train,
    seed: int,
    train_examples: Sequence[Example],
    dev_examples: Sequence[Example],
    breadth: Sequence[Example],
    texts: Sequence[Example],
) -> dict[str, Any]:
    """What decides the course of training, apart from the base, and the rows whose loss is compared with stock's."""
    return {
        "settings": settings.model_dump(mode="json"),
        "seed": seed,
        "train_rows_sha256": _hash(train_examples),
        "dev_rows_sha256": _hash(dev_examples),
        "breadth_rows_sha256": _hash(breadth),
        "texts_sha256": _hash(texts),
    }


def _hash(examples: Sequence[Example]) -> str:
    """SHA-256 over all there is in the rows, in their order."""
    digest = hashlib.sha256()
    for row in examples:
        digest.update(files.canonical([row.id, row.ids, row.trained, row.shared, row.held]).encode())
    return digest.hexdigest()


def _check_finite(loss: float, norm: float, step: int, ids: Sequence[str]) -> None:
    if math.isfinite(loss) and math.isfinite(norm):
        return
    raise BadInput(
        f"step {step}: the loss is {loss} and the norm of the gradient {norm}; the weights were not changed. "
        f"Lower train.learning_rate, or look at the rows of this step: {', '.join(ids)}."
    )


def _cut_back(metrics: Path, step: int) -> None:
    """Remove the lines of steps after a checkpoint; they run again."""
    if not metrics.exists():
        return
    kept = []
    for line in metrics.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            break  # the line a killed run was writing
        if row["step"] <= step:
            kept.append(row)
    files.write_jsonl(metrics, kept)
