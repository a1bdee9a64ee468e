"""Whether what is packaged is still the model that was scored.

The adapter on its base, as it was scored, is compared with the fused model, and with the base and the packaged adapter,
on the specialist's own transcripts.
Decoding is greedy, so a transcript at whose every id both find the same token likeliest is one that the fused model
would write itself, and the task ends as it did. Stock is measured against the same, because a difference means little
by itself: what counts is that it is small beside the change that training made.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlx_train import machine, models, records
from mlx_train.chat.render import Chat
from mlx_train.errors import Fault
from mlx_train.files import write_json
from mlx_train.progress import Stage
from mlx_train.release import divergence, lock, windows

FILE = "gates/parity.json"
IDS = 2048
"""Ids of transcripts that are read, catalogues not counted."""
LOST = 0.1
"""Most divergence of the fused model, as a share of that of stock."""
TIE = 0.25
"""Lead in logits up to which rounding decides which of two tokens is first: two steps of bfloat16 between 16 and 32."""
LIMITS = {"lost": LOST, "tie": TIE}


def write(run: Path, base: Path, trained: Path, show: Stage | None = None) -> dict[str, Any] | None:
    """Compare, and write `gates/parity.json`.

    Without that file the report blocks the release, so a fault is handed back and stops nothing.

    Returns:
        What `measure` returns, or `fault`: why it could not be measured; None if the specialist has not been scored.

    Args:
        base: directory of the base model.
        trained: folder of the adapter, or of the weights after full training.
    """
    path = run / FILE
    path.unlink(missing_ok=True)
    if not (run / "gates" / "specialist.json").is_file():
        return None
    try:
        found = measure(run, base, trained, show)
    except Fault as error:
        return {"fault": str(error)}
    write_json(path, found)
    return found


def measure(run: Path, base: Path, trained: Path, show: Stage | None = None) -> dict[str, Any]:
    """Compare the packages, and stock, with the model that was scored.

    Returns:
        `fused`, `stock`, and `package` where there is an adapter: `tokens`, `logits` (largest difference), `kld_mean`,
        `kld_max`, `same_top`, `changed` (positions where another token is first by more than a tie), `tasks` and
        `tasks_same`; and what they are of.
    """
    dtype = records.recipe_of(run).base.dtype
    scored, tokenizer = models.load_trained(base, dtype, trained)
    chosen = windows.of_run(run, Chat(tokenizer), IDS)

    def against(what: str, path: Path, adapter: Path | None = None) -> dict[str, Any]:
        progress = show.counting(f"texts compared with {what}") if show else divergence.quiet
        values = divergence.compare(scored, models.load(path, dtype, adapter)[0], chosen.chosen, progress=progress)
        machine.release_memory()
        figures = divergence.finite(divergence.summary(values), what)
        changed = (values["same_top"] == 0) & (values["lead"] > TIE)
        return {
            **{key: figures[key] for key in ("tokens", "logits", "kld_mean", "kld_max", "same_top")},
            "changed": int(changed.sum()),
            **divergence.same_tasks(values, chosen.chosen),
        }

    found = {"fused": against("the fused model", run / "fused"), "stock": against("stock", base)}
    if (run / "package").is_dir():
        found["package"] = against("the package", base, run / "package")
    return {
        **found,
        "limits": LIMITS,
        "dtype": dtype,
        "windows_sha256": chosen.sha256,
        "left_out": dict(chosen.left_out),
        **{f"{name}_lock_sha256": lock.read(run / name)["lock_sha256"] for name in found if name != "stock"},
    }
