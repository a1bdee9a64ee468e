"""Scoring one model on suites: transcripts, then the gate file, with stock results kept by content hash."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlx_train import program
from mlx_train.errors import BadInput
from mlx_train.files import canonical, read_json, sha256_of, write_json, write_with
from mlx_train.gates.conversation import Transcript
from mlx_train.gates.rollouts import Player, Settings, run
from mlx_train.gates.rollouts import Progress as SuiteProgress
from mlx_train.gates.score import gate_file
from mlx_train.gates.suites import Suite
from mlx_train.gates.variants import OTHER_PROMPT, PLAIN, REPHRASED, meet
from mlx_train.recipe import Gates

Progress = Callable[[str, int, int, float], None]
"""(suite and how far it is, rollouts done of all suites, all of them, seconds left for all)."""


def score_model(
    player: Player,
    prompt: str,
    gates: Gates,
    suites: Sequence[Suite],
    out: Path,
    *,
    label: str,
    about: Mapping[str, Any],
    cache: Path | None = None,
    progress: Progress | None = None,
    variant: str = PLAIN,
    samples: int = 1,
    temperature: float = 0.0,
) -> dict[str, Any]:
    """Score a model and write `out/<label>.json`, with transcripts in `out/transcripts/<label>/<suite>.jsonl`.

    Called again with the same arguments it goes on with the rollouts that are missing.

    Args:
        prompt: the system prompt.
        label: `stock` or `specialist`.
        about: the model's `id` and `sha256`, and whatever else is to stand in the gate file under `model`; of a local
            one also `base_sha256`, `base_files_sha256` (template, tokenizer and configuration) and `dtype`.
        cache: folder of finished transcripts by content hash; given for stock models, which are scored again and again.
        variant: how the tasks are met, one of `variants.VARIANTS`.
        samples: rollouts of each task; more than one only with a temperature above 0, which means sampling.

    Returns:
        The gate file's content.

    Raises:
        BadInput: `out` holds transcripts of another model, prompt, suite, setting or program.
        GateBroken: transcripts are damaged.
    """
    started = time.perf_counter()
    prompt = REPHRASED if variant == OTHER_PROMPT else prompt
    settings = Settings(prompt, gates.max_new_tokens, gates.max_calls, gates.batch, variant, temperature, samples)
    decoding = {
        **method(samples, temperature),
        "max_new_tokens": gates.max_new_tokens,
        "max_calls": gates.max_calls,
        "batch": gates.batch,
    }
    prompts = {suite.id: prompt_hash(player, prompt, [suite], variant) for suite in suites}
    versions = player.versions()
    keys = {
        suite.id: sha256_of(
            {
                "model": about["sha256"],
                "base": about.get("base_sha256"),
                "base_files": about.get("base_files_sha256"),
                "program": program.PLAYS_SHA256,
                "dtype": about.get("dtype"),
                "prompt": prompts[suite.id],
                "suite": suite.digest,
                "quick": gates.quick,
                "decoding": decoding,
                "versions": versions,
                **({} if variant == PLAIN else {"variant": variant}),
            }
        )
        for suite in suites
    }
    folder = out / "transcripts" / label
    begun = claim(folder, keys)
    results: list[tuple[Suite, list[Transcript]]] = []
    cached = []
    sizes = {suite.id: len(suite.chosen(gates.quick)) * samples for suite in suites}
    for suite in suites:
        path = folder / f"{suite.id}.jsonl"
        kept = cache / f"{keys[suite.id]}.jsonl" if cache else None
        if kept is not None and kept.exists() and not path.exists():
            _copy(kept, path)
            cached.append(suite.id)
        report = _for_suite(progress, suite.id, sizes)
        tasks = suite.chosen(gates.quick)
        results.append((suite, run(tasks, player, settings, suite=suite.id, done=path, progress=report)))
        if kept is not None and not kept.exists():
            _copy(path, kept)
    content = gate_file(
        results,
        quick=gates.quick,
        model=about,
        prompt_sha256=prompt_hash(player, prompt, suites, variant),
        decoding=decoding,
        versions=versions,
        seconds=time.perf_counter() - started,
    )
    for id, entry in content["suites"].items():
        entry["prompt_sha256"] = prompts[id]
    content["cached"] = cached
    content["variant"] = variant
    content["format"] = player.format
    content["prompt"] = prompt
    content["program"] = program.PLAYS_SHA256
    content["begun"] = begun
    write_json(out / f"{label}.json", content)
    return content


def _for_suite(progress: Progress | None, suite: str, sizes: Mapping[str, int]) -> SuiteProgress | None:
    """What one suite is to tell of itself, told of all of these; those to come are taken to go at its pace."""
    if progress is None:
        return None
    order = list(sizes)
    pace: float | None = None
    before = sum(sizes[name] for name in order[: order.index(suite)])

    def tell(done: int, total: int, passed: int, left: float) -> None:
        nonlocal pace
        pace = left / (total - done) if done < total else pace
        after = sum(sizes.values()) - before - total
        if pace is not None or not after:  # else the one that was left from an earlier call, which tells no pace
            text = f"{suite} {done}/{total}, {passed} passed"
            progress(text, before + done, sum(sizes.values()), left + after * (pace or 0.0))

    return tell


def _copy(source: Path, target: Path) -> None:
    def fill(temporary: Path) -> None:
        shutil.copyfile(source, temporary)

    write_with(target, fill)


def claim(folder: Path, keys: Mapping[str, str]) -> str:
    """Note what the transcripts in a folder are of, and refuse to mix them with others.

    Returns: the date on which the first of them were begun.
    """
    note = folder / "conditions.json"
    held = read_json(note, "note of conditions") if note.exists() else {}
    for suite, key in keys.items():
        if held.get(suite, key) != key:
            raise BadInput(
                f"{folder}: holds transcripts of suite {suite} made with another model, prompt, suite, setting, "
                "program or version. They are kept; score into a new folder, or move this one away."
            )
    noted = {"begun": datetime.now(UTC).date().isoformat(), **held, **keys}
    if held != noted:
        write_json(note, noted)
    return str(noted["begun"])


def method(samples: int, temperature: float) -> dict[str, Any]:
    """How ids are chosen, for the record.

    Raises:
        BadInput: not a number of samples, not a temperature, or several samples that would all be the same.
    """
    if samples < 1 or not 0 <= temperature < math.inf:
        raise BadInput(f"{samples} samples at temperature {temperature:g}: expected at least 1, and at least 0.")
    if samples > 1 and not temperature:
        raise BadInput(
            f"{samples} samples of greedy decoding would be one and the same; give a temperature above 0, such as 0.7."
        )
    if not temperature:
        return {"method": "greedy"}
    return {"method": "sampled", "temperature": temperature, "samples": samples}


def prompt_hash(player: Player, system: str, suites: Sequence[Suite], variant: str = PLAIN) -> str:
    """SHA-256 of the system prompt and of every catalogue of the suites, as the model reads them; it changes with the
    prompt, the tools, and for a local model with the tokenizer and with what the template makes of these two."""
    met = meet(variant)
    every = [met(task).tools() for suite in suites for task in suite.tasks]
    catalogues = dict(sorted((canonical(tools), tools) for tools in every))
    return sha256_of({"system": system, "catalogues": [player.shared(tools, system) for tools in catalogues.values()]})
