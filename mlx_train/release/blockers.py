"""What stands between a run and its release: one small rule for each reason, over saved evidence only.

Evidence that is missing or malformed blocks; it never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from mlx_train.errors import Fault
from mlx_train.gates.compare import INCONCLUSIVE, REGRESSION, compare
from mlx_train.recipe import SUITES
from mlx_train.release.evidence import Evidence
from mlx_train.release.table import interval, percent, points

MOST_ERRORS = 0.01
"""Share of rollouts that may end in an error before the measurement is not trusted."""
KEPT = ("breadth-retained", "breadth-unseen", "abstain")
"""Suites on which no loss beyond the margin may remain possible."""
STOCK, SPECIALIST, COMPARISON, OVERLAP, PARITY = (
    "gates/stock.json", "gates/specialist.json", "gates/comparison.json", "data/overlap.json", "gates/parity.json",
)  # fmt: skip
STOCK_OVERLAP = "data/embedded/overlap.json"
"""Beside the base, not within the run."""
RUN_AGAIN = "Run again into a new folder."
OTHER_FORMAT = "Release the adapter alone, or keep the fused model in a wider number format."
SCORE_AGAIN = "Run the same command again; it scores what is missing."


@dataclass(frozen=True)
class Blocker:
    """One finding.

    Attributes:
        id: the rule, and what it applies to after a slash.
        severity: `blocks` a release, or `warns`.
        evidence: the file that shows it, within the run.
        unblock: what would remove it.
    """

    id: str
    severity: Literal["blocks", "warns"]
    found: str
    evidence: str
    unblock: str

    def json(self) -> dict[str, str]:
        """As a plain JSON object."""
        return asdict(self)


Found = Iterator[Blocker]


def gates(e: Evidence) -> list[tuple[str, dict[str, Any] | None]]:
    """The two gate files with their paths."""
    return [(STOCK, e.stock), (SPECIALIST, e.specialist)]


def not_measured(e: Evidence) -> Found:
    """A suite without a score of stock or specialist."""
    for path, gate in gates(e):
        missing = [name for name in SUITES if name not in (gate or {}).get("suites", {})]
        reason = f" ({path}: {e.faults[path]})" if path in e.faults else ""
        for name in missing:
            who = path.removeprefix("gates/").removesuffix(".json")
            yield Blocker(
                f"not-measured/{who}/{name}",
                "blocks",
                f"{name} of the {who} is not measured{reason}.",
                path,
                f"Have {name} in gates.suites of the recipe and run again.",
            )


def comparison(e: Evidence) -> Found:
    """No comparison of stock and specialist, or one that does not follow from the gate files."""
    if e.stock is None or e.specialist is None or e.comparison is None:
        yield Blocker(
            "comparison",
            "blocks",
            f"Stock and specialist are not compared: {COMPARISON} or a gate file is "
            f"{e.faults.get(COMPARISON, 'missing')}.",
            COMPARISON,
            SCORE_AGAIN,
        )
        return
    margin = e.run["recipe"]["gates"]["breadth_margin"]
    try:
        fresh = compare(e.stock, e.specialist, margin)
    except Fault as error:
        yield Blocker("comparison", "blocks", f"The gate files cannot be compared: {error}", COMPARISON, SCORE_AGAIN)
        return
    if fresh["suites"] != e.comparison["suites"]:
        wrong = [name for name, entry in fresh["suites"].items() if e.comparison["suites"].get(name) != entry]
        yield Blocker(
            "comparison",
            "blocks",
            f"The comparison does not follow from the gate files at the recipe's "
            f"margin of {margin}; it differs in {', '.join(wrong) or 'extra suites'}.",
            COMPARISON,
            "Compare again: `mlx-train gates check gates/stock.json gates/specialist.json`.",
        )


def scored(e: Evidence) -> list[tuple[str, str, dict[str, Any]]]:
    """Path, suite and entry of every score."""
    return [(path, name, entry) for path, gate in gates(e) for name, entry in (gate or {}).get("suites", {}).items()]


def draft_suite(e: Evidence) -> Found:
    """A score on a suite that may still change."""
    drafts = {name: path for path, name, entry in scored(e) if entry["status"] != "frozen"}
    if drafts:
        yield Blocker(
            "draft-suite",
            "blocks",
            f"Scored on drafts: {', '.join(drafts)}.",
            next(iter(drafts.values())),
            "Score on suites that are frozen.",
        )


def quick_subset(e: Evidence) -> Found:
    """A score on the quick subset only."""
    quick = {name: path for path, name, entry in scored(e) if entry["quick"] is not False}
    if quick:
        yield Blocker(
            "quick",
            "blocks",
            f"Only the quick subset was scored: {', '.join(quick)}.",
            next(iter(quick.values())),
            "Set gates.quick = false in the recipe and run again.",
        )


def suite_hash(e: Evidence) -> Found:
    """A score on other tasks than those installed now."""
    found: dict[str, tuple[str, str]] = {}
    for path, name, entry in scored(e):
        now = e.installed.get(name, {"fault": "the suite is not installed"})
        if "fault" in now:
            found[name] = path, f"The installed suite {name} cannot be checked: {now['fault']}."
        elif now["sha256"] != entry["suite_sha256"]:
            digests = f"was scored with SHA-256 {entry['suite_sha256']}, installed is {now['sha256']}"
            found[name] = path, f"{name} {digests}."
    for name, (path, text) in found.items():
        yield Blocker(
            f"suite-hash/{name}",
            "blocks",
            text,
            path,
            "Score both models on the installed suite, or install the release that has the other.",
        )


def overlap(e: Evidence) -> Found:
    """Gate tasks that stand in the training rows, or an audit that is missing."""
    if e.overlap is None:
        yield Blocker(
            "overlap",
            "blocks",
            f"Overlap of training rows and suites is not measured: {OVERLAP} is {e.faults.get(OVERLAP, 'missing')}.",
            OVERLAP,
            SCORE_AGAIN,
        )
        return
    for name in SUITES:
        if name not in e.overlap:
            yield Blocker(
                f"overlap/{name}",
                "blocks",
                f"Overlap of the training rows with {name} is not measured.",
                OVERLAP,
                "Have the suite in gates.suites of the recipe and run again.",
            )
    for name, entry in e.overlap.items():
        if entry["blocks"]:
            yield _overlapping(f"overlap/{name}", name, "the training rows", entry, OVERLAP)


def stock_overlap(e: Evidence) -> Found:
    """Gate tasks that stand in the rows that a base of our own was made from, or an audit of those that is missing."""
    if e.stock_faults:
        yield Blocker(
            "stock-overlap",
            "blocks",
            f"Overlap of the base's own training rows and the suites is not measured: {'; '.join(e.stock_faults)}.",
            STOCK_OVERLAP,
            "Run `mlx-train data audit embedded --stock`, and make the report again.",
        )
    for recipe, part in (e.stock_overlap or {}).get("recipes", {}).items():
        for name, entry in part["suites"].items():
            if entry["blocks"]:
                yield _overlapping(
                    f"stock-overlap/{name}/{recipe}", name, f"the base's rows of {recipe}", entry, STOCK_OVERLAP
                )


def _overlapping(id: str, suite: str, rows: str, entry: Mapping[str, Any], evidence: str) -> Blocker:
    tasks, counts = entry["tasks"], entry["counts"]
    levels = ", ".join(f"{level} ({counts[level]} of {tasks} tasks)" for level in entry["blocks"])
    first = next((hit for level in entry["blocks"] for hit in entry["examples"].get(level, ())), None)
    example = f" For example task {first['task']} and row {first['row']} at {first['place']}." if first else ""
    return Blocker(
        id,
        "blocks",
        f"{suite} overlaps {rows} by {levels}.{example}",
        evidence,
        "Take these rows out of the training data and train again.",
    )


def lower_bounds(e: Evidence) -> Found:
    """A rate on the job itself that is not shown to be high enough."""
    if e.specialist is None:
        return  # not_measured says so
    for name, key in (("hard", "hard_lower_bound"), ("heldout", "heldout_lower_bound")):
        least, entry = e.run["recipe"]["gates"][key], e.specialist["suites"].get(name)
        if entry and not entry["exact95"][0] >= least:
            yield Blocker(
                f"lower-bound/{name}",
                "blocks",
                f"{name}: {entry['passed']} of {entry['n']} passed, exact 95 % interval "
                f"{interval(entry['exact95'])} %; the lower bound has to reach {percent(least)}.",
                SPECIALIST,
                "Train to a higher rate, or score more tasks if the rate itself is high enough.",
            )


def no_improvement(e: Evidence) -> Found:
    """No gain on `hard` that the tasks prove."""
    entry = (e.comparison or {}).get("suites", {}).get("hard")
    if entry and not entry["better"]:
        yield Blocker(
            "no-improvement/hard",
            "blocks",
            f"No improvement is shown on hard: {entry['gained']} gained, "
            f"{entry['lost']} lost of {entry['n']}; verdict {entry['verdict']}.",
            COMPARISON,
            "Train further or on more suitable rows, until the gain is significant.",
        )


def regression(e: Evidence) -> Found:
    """A suite that got worse, or one on which that is not ruled out."""
    for name, entry in (e.comparison or {}).get("suites", {}).items():
        counts = f"{entry['gained']} gained, {entry['lost']} lost of {entry['n']} ({points(entry['delta'])} points)"
        if entry["verdict"] == REGRESSION:
            yield Blocker(
                f"regression/{name}",
                "blocks",
                f"{name} got worse: {counts}.",
                COMPARISON,
                "Replay more rows of other domains, train less far, or merge at a smaller adapter scale.",
            )
        elif name in KEPT and entry["verdict"] == INCONCLUSIVE:
            yield Blocker(
                f"inconclusive/{name}",
                "blocks",
                f"{name} is not shown to be unharmed: {counts}; the "
                f"lower bound is {points(entry['bound'])} points, the margin {percent(entry['margin'])}.",
                COMPARISON,
                f"Score about {entry['n_needed']} tasks, which settle it if nothing is lost; scored were {entry['n']}.",
            )


def errors(e: Evidence) -> Found:
    """Rollouts that ended in an error. Those of the stock model's own doing only warn: they are its failures."""
    for path, gate in gates(e):
        for name, entry in (gate or {}).get("suites", {}).items():
            if not entry["errors"] > MOST_ERRORS * entry["n"] and not entry["broken"]:
                continue
            kinds = ", ".join(f"{count} {kind}" for kind, count in entry["errors_by_kind"].items() if count)
            severe = path == SPECIALIST or entry["broken"]
            yield Blocker(
                f"errors/{path}/{name}",
                "blocks" if severe else "warns",
                f"{name}: {entry['errors']} of {entry['n']} rollouts ended in an error ({kinds}); the "
                f"limit is {percent(MOST_ERRORS, 0)}.",
                path,
                "See `reasons` of these tasks in the gate file; raise gates.max_new_tokens if messages were "
                "cut off, or train the model to stop.",
            )


def package(e: Evidence) -> Found:
    """A package that is missing, does not match its lock, or holds other weights than this run trained."""
    for name in e.folders:
        path = f"{name}/lock.json"
        if name not in e.locks:
            found = f"{name} is not verified: {e.faults.get(path, 'there is no lock')}"
        elif faults := e.lock_faults.get(name, ("it was not verified",)):
            more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
            found = f"{name} does not match its lock: {'; '.join(faults[:3])}{more}."
        elif not e.trained_sha256 or e.locks[name].get("trained_sha256") != e.trained_sha256:
            found = f"{name} was not made from the weights that this run trained."
        else:
            continue
        yield Blocker(f"package/{name}", "blocks", found, path, "Make it again: `mlx-train package RUN`.")


def parity(e: Evidence) -> Found:
    """A fused model that was not compared with what was scored, that lost of its training, or decides differently."""
    if e.parity is None or e.parity["fused_lock_sha256"] != e.locks.get("fused", {}).get("lock_sha256"):
        reason = e.faults.get(PARITY, "of another fused model")
        yield Blocker(
            "parity",
            "blocks",
            f"The fused model is not compared with the model that was scored: {PARITY} is {reason}.",
            PARITY,
            "Make it again: `mlx-train package RUN`.",
        )
        return
    fused, stock, limits = e.parity["fused"], e.parity["stock"], e.parity["limits"]
    if not fused["kld_mean"] <= limits["lost"] * stock["kld_mean"]:
        yield Blocker(
            "parity/lost",
            "blocks",
            f"What training changed did not survive fusing: the fused model diverges from the model that was scored by "
            f"{fused['kld_mean']:.3g} nats per token, stock by {stock['kld_mean']:.3g}; the limit is "
            f"{percent(limits['lost'], 0)} of that. Logits differ by up to {fused['logits']:.3g}.",
            PARITY,
            OTHER_FORMAT,
        )
    if fused["changed"] != 0:
        yield Blocker(
            "parity/changed",
            "blocks",
            f"The fused model finds another token likeliest at {fused['changed']} of {fused['tokens']} positions of "
            f"transcripts, by more than {limits['tie']} logits; {fused['tasks_same']} of {fused['tasks']} transcripts "
            "stay the same.",
            PARITY,
            OTHER_FORMAT,
        )


def public_home(e: Evidence) -> Found:
    """A base that nobody else can fetch, from a hub or a package index."""
    base = e.run["base"]
    if not base.get("repository") and not (base.get("source") or {}).get("packages"):
        yield Blocker(
            "no-public-home",
            "blocks",
            f"The base {base.get('name')!r} has no public home: no repository is "
            "recorded, so nobody else can fetch what the adapter belongs to.",
            "run.json",
            "Publish the base and put its repository and revision into the recipe.",
        )


def base_revision(e: Evidence) -> Found:
    """A base that is not known exactly."""
    base = e.run["base"]
    if not base.get("weights_sha256"):
        yield Blocker(
            "base-hash", "blocks", "The SHA-256 of the base's weights is not recorded.", "run.json", SCORE_AGAIN
        )
    if base.get("repository") and not base.get("revision"):
        yield Blocker(
            "base-revision",
            "blocks",
            f"The revision of {base['repository']} is not recorded.",
            "run.json",
            "Put the 40-digit commit into base.revision of the recipe and run again.",
        )


def licence(e: Evidence) -> Found:
    """A base whose licence is not known, or whose text is not in the package."""
    if not e.run["base"].get("licence"):
        yield Blocker(
            "licence",
            "blocks",
            "The licence of the base is not recorded.",
            "run.json",
            "Find the licence of the base, and put it into base.licence of the recipe.",
        )
    for name, found in e.locks.items():
        if not any(file.upper().startswith(("LICENSE", "LICENCE")) for file in found["files"]):
            yield Blocker(
                f"licence-text/{name}",
                "warns",
                f"{name} has no licence text: the base's folder has none.",
                f"{name}/lock.json",
                "Put the licence's text beside the base, and make the package again.",
            )


def source(e: Evidence) -> Found:
    """A run whose code cannot be looked up."""
    found = e.run.get("source") or {}
    if not found.get("commit"):
        yield Blocker(
            "source-commit",
            "warns",
            "The commit of the code that ran is not known.",
            "run.json",
            "Run from a checkout under version control.",
        )
    elif found.get("changed") is not False:
        yield Blocker(
            "source-changed",
            "warns",
            f"The code had changes that are not in commit {found['commit'][:12]}.",
            "run.json",
            "Commit the changes and run again.",
        )


def training_record(e: Evidence) -> Found:
    """Facts about data or training that are missing."""
    records = {"data/summary.json": e.summary, "fit/fitted.json": e.fitted, "fit/metrics.jsonl": e.metrics}
    for path, held in records.items():
        if not held:
            yield Blocker(
                f"not-recorded/{path}",
                "blocks",
                f"{path} is {e.faults.get(path, 'empty')}, so the report cannot say what was trained on and how.",
                path,
                RUN_AGAIN,
            )


RULES: tuple[Callable[[Evidence], Found], ...] = (
    not_measured, comparison, regression, no_improvement, lower_bounds, errors, overlap, stock_overlap, suite_hash,
    draft_suite, quick_subset, package, parity, public_home, base_revision, licence, training_record, source,
)  # fmt: skip


def find(evidence: Evidence) -> list[Blocker]:
    """Every finding, those that block first. A rule that cannot read its evidence blocks."""
    found: list[Blocker] = []
    for rule in RULES:
        try:
            found += list(rule(evidence))
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            what = f"The evidence for {rule.__name__.replace('_', ' ')} does not have the expected form ({error!r})."
            found.append(Blocker(f"unreadable/{rule.__name__}", "blocks", what, "run.json", RUN_AGAIN))
    return sorted(found, key=lambda one: one.severity != "blocks")
