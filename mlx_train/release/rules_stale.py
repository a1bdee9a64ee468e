"""Evidence about something else than this run: other weights, rows or suites, or scores under other conditions."""

from __future__ import annotations

from mlx_train.data.audit import RULES
from mlx_train.gates.variants import PLAIN
from mlx_train.release.evidence import OVERLAP, ROWS, SPECIALIST, STOCK, SUMMARY, Evidence
from mlx_train.release.finding import Blocker
from mlx_train.release.rules_scores import RUN_AGAIN, Found, every, gates, scored


def stale(e: Evidence) -> Found:
    """Evidence about something else than this run's base, weights, rows and suites."""
    recorded = {name: entry.get("digest") for name, entry in e.run.get("suites", {}).items()}
    about = [
        (STOCK, "other weights than the base's", (e.stock or {}).get("model", {}).get("sha256"),
         e.run["base"].get("weights_sha256")),
        (SPECIALIST, "other weights than this run trained", (e.specialist or {}).get("model", {}).get("sha256"),
         e.trained_sha256),
        (SUMMARY, "other rows than those in " + ROWS, (e.summary or {}).get("sha256", {}).get("train.jsonl"),
         e.sources.get(ROWS)),
    ]  # fmt: skip
    spoken = {STOCK: every(e), SPECIALIST: every(e)}
    for path, what, held, now in about:
        if path in e.sources and held != now:
            what = f"{path} is of {what}."
            yield Blocker(f"stale/{path}", "blocks", what, path, RUN_AGAIN, suites=spoken.get(path, ()))
    yield from _stale_overlap(e)
    for path, name, entry in scored(e):
        if name in recorded and entry["suite_sha256"] != recorded[name]:
            what = f"{path} is of another version of {name} than the run began with."
            yield Blocker(f"stale/{path}/{name}", "blocks", what, path, RUN_AGAIN, suites=(name,))


def _stale_overlap(e: Evidence) -> Found:
    """An audit of other rows, of another version of a suite, or by rules that are not today's."""
    now = {name: entry["suite_sha256"] for _, name, entry in scored(e)}
    wrong: dict[str, str] = {}
    for name, entry in (e.overlap or {}).items():
        if entry.get("rows_sha256") != e.sources.get(ROWS):
            wrong[name] = "of other rows"
        elif name in now and entry.get("suite_sha256") != now[name]:
            wrong[name] = "of other tasks"
        elif entry.get("rules") != RULES:
            wrong[name] = "by other rules"
    if wrong:
        what = "; ".join(f"{name} {reason}" for name, reason in wrong.items())
        yield Blocker(
            f"stale/{OVERLAP}",
            "blocks",
            f"{OVERLAP} is not of these rows and suites by today's rules: {what}.",
            OVERLAP,
            RUN_AGAIN,
            suites=tuple(wrong),
        )


def conditions(e: Evidence) -> Found:
    """Scores under another system prompt, decoding, number format or base than the recipe and the run have."""
    recipe, base = e.run["recipe"], e.run["base"]
    meant = {
        "the system prompt": recipe["prompt"],
        "the variant": PLAIN,
        "the decoding": ("greedy", recipe["gates"]["max_new_tokens"], recipe["gates"]["max_calls"]),
        "the number format": recipe["base"]["dtype"],
        "the base": base.get("weights_sha256"),
        "template, tokenizer and configuration of the base": e.run.get("base_files"),  # older runs lack it
    }
    for path, gate in gates(e):
        if gate is None:
            continue  # not_measured says so
        model, decoding = gate["model"], gate["decoding"]
        held = (
            gate.get("prompt"),
            gate.get("variant", PLAIN),
            tuple(decoding.get(key) for key in ("method", "max_new_tokens", "max_calls")),
            model.get("dtype"),
            model.get("base_sha256"),
            model.get("base_files_sha256") if "base_files" in e.run else None,
        )
        if other := [what for (what, value), found in zip(meant.items(), held, strict=True) if found != value]:
            yield Blocker(
                f"conditions/{path}",
                "blocks",
                f"{path} was not scored as the recipe says; another one is {', '.join(other)}.",
                path,
                "Score it with `--recipe` and the recipe of this run, or run again into a new folder.",
                suites=every(e),
            )
