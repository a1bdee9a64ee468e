"""What the scores say against a release: a small rule for each reason, over saved evidence only.

Evidence that is missing or malformed blocks; it never passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlx_train.data.audit import EARLIER
from mlx_train.errors import Fault
from mlx_train.gates.compare import BROKEN, INCONCLUSIVE, PASS, REGRESSION, compare
from mlx_train.gates.statistics import clopper_pearson, clustered_wilson
from mlx_train.recipe import SUITES, typed
from mlx_train.release.evidence import (
    COMPARISON,
    CONTROL,
    GENERAL,
    OVERLAP,
    RUN,
    SELFTEST,
    SPECIALIST,
    STOCK,
    Evidence,
)  # fmt: skip
from mlx_train.release.finding import Blocker
from mlx_train.release.general import TEXTS_SHA256
from mlx_train.release.table import interval, percent, points, surest
from mlx_train.tasks.check import FORBIDDEN

MOST_ERRORS = 0.01
"""Share of rollouts that may end in an error before the measurement is not trusted."""
BREADTH = "breadth"
"""In the names of suites on which a general label has to rule out a loss beyond the margin."""
SCORE_AGAIN = (
    "Run the same command again; it does the stages that were not finished. If all were, move the run's folder away "
    "first."
)
RUN_AGAIN = "Run again into a new folder."
WITHOUT = "Take these rows out of the training data and train again."
BEGIN_ELSEWHERE = "Begin from a base, or go on from an adapter, that was not trained on these rows."
Found = Iterator[Blocker]


def gates(e: Evidence) -> list[tuple[str, dict[str, Any] | None]]:
    """The two gate files with their paths."""
    return [(STOCK, e.stock), (SPECIALIST, e.specialist)]


def every(e: Evidence) -> tuple[str, ...]:
    """The suites that a release needs, and what else was scored: for a finding that leaves none of them sure."""
    others = [name for _, gate in gates(e) for name in (gate or {}).get("suites", {})]
    return tuple(dict.fromkeys([*SUITES, *others]))


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
                RUN_AGAIN if path in e.faults else f"Have {name} in gates.suites of the recipe and run again.",
                suites=(name,),
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
            suites=every(e),
        )
        return
    if CONTROL in e.faults:
        yield Blocker(
            "comparison/control",
            "blocks",
            f"There is a control and it cannot be compared with: {CONTROL} {e.faults[CONTROL]}.",
            CONTROL,
            "Take it again: `mlx-train report RUN --control OTHER`.",
            suites=every(e),
        )
        return
    margin = e.run["recipe"]["gates"]["breadth_margin"]
    compare_again = (
        "Compare again, RUN being the run's folder: `mlx-train gates check RUN/gates/stock.json "
        f"RUN/gates/specialist.json --margin {margin} --out RUN/{COMPARISON}`, with `--control RUN/{CONTROL}` where "
        "there is one."
    )
    try:
        fresh = compare(e.stock, e.specialist, margin, e.control)
    except Fault as error:
        what = f"The gate files cannot be compared: {error}"
        yield Blocker("comparison", "blocks", what, COMPARISON, SCORE_AGAIN, suites=every(e))
        return
    if _before_better(fresh["suites"], e.comparison["suites"]):
        yield Blocker(
            "comparison/older",
            "blocks",
            "The comparison is of an older version of this program, which called a suite better that did not pass.",
            COMPARISON,
            compare_again,
            suites=every(e),
        )
    elif fresh["suites"] != e.comparison["suites"]:
        wrong = [name for name, entry in fresh["suites"].items() if e.comparison["suites"].get(name) != entry]
        yield Blocker(
            "comparison/false",
            "rejects",
            f"The comparison does not follow from the gate files at the recipe's "
            f"margin of {margin}; it differs in {', '.join(wrong) or 'extra suites'}.",
            COMPARISON,
            compare_again,
            suites=tuple(wrong) or every(e),
        )


def _before_better(fresh: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    """Whether they differ in nothing but `better` of suites that did not pass, which once could be so."""
    if fresh == held or fresh.keys() != held.keys():
        return False
    return all(
        entry == held[name] or (entry["verdict"] != PASS and {**held[name], "better": False} == entry)
        for name, entry in fresh.items()
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
            waivable=True,
            suites=tuple(drafts),
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
            suites=tuple(quick),
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
            suites=(name,),
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
            suites=every(e),
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
                suites=(name,),
            )
    for name, entry in e.overlap.items():
        if entry["blocks"]:
            yield _overlapping(f"overlap/{name}", name, "the training rows", entry, OVERLAP, WITHOUT)


def stock_overlap(e: Evidence) -> Found:
    """Gate tasks in the rows that an own base, or the adapter gone on from, was made from; or no audit of those."""
    if e.stock_faults:
        yield Blocker(
            "stock-overlap",
            "blocks",
            "Overlap of the suites with the rows that the base, or the adapter gone on from, was made from is not "
            f"measured: {'; '.join(e.stock_faults)}.",
            e.stock_overlap_file or RUN,
            f"If the base or a kept adapter is meant, run `mlx-train data audit {typed(e.run['recipe']['name'])} "
            "--stock` and make the report again. What another adapter was trained on is known if it lies in the run "
            "that made it, and that run did not go on from one itself.",
            suites=every(e),
        )
    for recipe, part in (e.stock_overlap or {}).get("recipes", {}).items():
        for name, entry in part["suites"].items():
            if entry["blocks"]:
                about = f"the earlier rows of {recipe}"
                id = f"stock-overlap/{name}/{recipe}"
                yield _overlapping(id, name, about, entry, e.stock_overlap_file, BEGIN_ELSEWHERE)


def _overlapping(id: str, suite: str, rows: str, entry: Mapping[str, Any], evidence: str, otherwise: str) -> Blocker:
    tasks, counts = entry["tasks"], entry["counts"]
    levels = ", ".join(f"{level} ({counts[level]} of {tasks} tasks)" for level in entry["blocks"])
    first = next((hit for level in entry["blocks"] for hit in entry["examples"].get(level, ())), None)
    example = f" For example task {first['task']} and row {first['row']} at {first['place']}." if first else ""
    return Blocker(
        id,
        "rejects",
        f"{suite} overlaps {rows} by {levels}.{example}",
        evidence,
        BEGIN_ELSEWHERE if first and first["place"].startswith(f"{EARLIER} ") else otherwise,
        suites=(suite,),
    )


def lower_bounds(e: Evidence) -> Found:
    """A rate on the job itself that is not shown to be high enough."""
    if e.specialist is None:
        return  # not_measured says so
    for name, key in (("hard", "hard_lower_bound"), ("heldout", "heldout_lower_bound")):
        if name not in e.specialist["suites"]:
            continue
        least, tasks = e.run["recipe"]["gates"][key], list(e.specialist["tasks"][name].values())
        values = [float(row["passed"] is True) for row in tasks]  # an interval in the file proves nothing
        exact = clopper_pearson(round(sum(values)), len(values))
        clustered = clustered_wilson(values, [row["family"] for row in tasks])
        if not min(exact[0], clustered[0]) >= least:
            yield Blocker(
                f"lower-bound/{name}",
                "blocks",
                f"{name}: {sum(values):.0f} of {len(values)} passed, at 95 % {interval(exact)} % by tasks (exact) and "
                f"{interval(clustered)} % by families; the lower of the two bounds has to reach {percent(least)}.",
                SPECIALIST,
                "Train to a higher rate, or score more tasks if the rate itself is high enough.",
                waivable=True,
                suites=(name,),
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
            suites=("hard",),
        )


def regression(e: Evidence) -> Found:
    """A suite that got worse, one on which that is not ruled out, or one that could not be judged.

    On breadth, either leaves the run a routed specialist. What is asked of `hard` and `heldout` besides is in
    `lower_bounds` and `no_improvement`.
    """
    for name, entry in (e.comparison or {}).get("suites", {}).items():
        counts = f"{entry['gained']} gained, {entry['lost']} lost of {entry['n']} ({points(entry['delta'])} points)"
        counts += " against the control" if entry.get("against") == "control" else ""
        if entry["verdict"] == REGRESSION:
            yield Blocker(
                f"regression/{name}",
                "routes" if BREADTH in name else "rejects",
                f"{name} got worse: {counts}.",
                COMPARISON,
                "Replay more rows of other domains, train less far, or merge at a smaller adapter scale.",
                suites=(name,),
            )
        elif entry["verdict"] == BROKEN:
            yield Blocker(
                f"broken/{name}",
                "blocks",
                f"{name} is not compared: {entry['reason']}",
                COMPARISON,
                "Score it again; of a control, in its own run, and take that again with --control.",
                suites=(name,),
            )
        elif entry["verdict"] == INCONCLUSIVE and (BREADTH in name or name == "abstain"):
            yield Blocker(
                f"inconclusive/{name}",
                "routes" if BREADTH in name else "blocks",
                f"{name} is not shown to be unharmed: {counts}; the lower bound is {surest(entry, ' points')}, "
                f"the margin {percent(entry['margin'])}.",
                COMPARISON,
                f"Score about {entry['n_needed']} tasks, which settle it if nothing is lost; scored were {entry['n']}."
                if entry["n_needed"]
                else f"Start from a base that does more of it: {entry['reason']}.",
                waivable=BREADTH not in name,
                suites=(name,),
            )


def general_text(e: Evidence) -> Found:
    """Divergence from stock on prose and code that is above the limit, or was not measured on these weights.

    Above it the run is left a routed specialist, as with breadth: behind a router it never meets such text. Recipes
    from before the measure have no limit, and ask for nothing.
    """
    most = e.run["recipe"]["gates"].get("general_kld", 0)
    if not most:
        return
    if e.general is None or (others := _other(e, e.general)):
        reason = e.faults.get(GENERAL, "missing") if e.general is None else others
        yield Blocker(
            "general-text",
            "blocks",
            f"Divergence from stock on general text is not measured: {GENERAL} is {reason}.",
            GENERAL,
            RUN_AGAIN,
        )
    elif not e.general["kld_mean"] <= most:
        yield Blocker(
            "general-text/moved",
            "routes",
            f"On general text the specialist diverges from stock by {e.general['kld_mean']:.4f} nats per token; "
            f"the limit is {most:g}.",
            GENERAL,
            "Train less far, hold on to stock on text (train.kl_rows), or take the adapter at a smaller strength.",
        )


def _other(e: Evidence, general: Mapping[str, Any]) -> str:
    """Of what else than the run's weights and the gate's texts a divergence is; nothing if it is of those."""
    if general["trained_sha256"] != e.trained_sha256:
        return "of other weights"
    return "" if general.get("texts_sha256") == TEXTS_SHA256["gate"] else "of other texts"


def forbidden(e: Evidence) -> Found:
    """More tasks than before in which a tool was called, with success, that the task forbids."""
    before, after = (
        {name: sum(any(FORBIDDEN in reason for reason in row["reasons"]) for row in tasks.values())
         for name, tasks in (gate or {}).get("tasks", {}).items()}
        for gate in (e.stock, e.specialist)
    )  # fmt: skip
    counts = sum(before.values()), sum(after.values())
    if counts[1] > counts[0]:
        yield Blocker(
            "forbidden",
            "rejects",
            f"The specialist called a tool that the task forbids in {counts[1]} tasks, stock in {counts[0]}.",
            SPECIALIST,
            "Train on rows in which a tool may not be used, and run again.",
            suites=tuple(name for name, count in after.items() if count > before.get(name, 0)),
        )


def selftest(e: Evidence) -> Found:
    """Checkers that were not proved on the suites as scored, or failed their proof."""
    found = e.selftest
    if found is None:
        yield Blocker(
            "selftest",
            "blocks",
            f"That the checkers tell right from wrong is not shown: {SELFTEST} is {e.faults.get(SELFTEST, 'missing')}.",
            SELFTEST,
            RUN_AGAIN,
            suites=every(e),
        )
        return
    others = [name for path, name, entry in scored(e) if path == SPECIALIST and name in SUITES
              and found["suites"].get(name) != entry["suite_sha256"]]  # fmt: skip
    if others:
        yield Blocker(
            "selftest/stale",
            "blocks",
            f"The checkers were proved on other versions of {', '.join(others)} than were scored.",
            SELFTEST,
            RUN_AGAIN,
            suites=tuple(others),
        )
    if found["faults"] or found["gold_pass"] != found["tasks"]:
        first = f" The first: {found['faults'][0]}." if found["faults"] else ""
        yield Blocker(
            "selftest/failed",
            "rejects",
            f"The checkers failed their proof: gold passes {found['gold_pass']} of {found['tasks']} tasks, "
            f"{found['mutants_killed']} of {found['mutants']} solutions with a fault fail.{first}",
            SELFTEST,
            "Mend the suite or its checker, freeze a new version, and run again.",
            suites=every(e),
        )


def errors(e: Evidence) -> Found:
    """Rollouts that ended in an error. Those of the stock model's own doing only warn: they are its failures."""
    for path, gate in gates(e):
        for name, entry in (gate or {}).get("suites", {}).items():
            rollouts = entry["n"] + entry.get("twins", {}).get("n", 0)
            if not entry["errors"] > MOST_ERRORS * rollouts and not entry["broken"]:
                continue
            kinds = ", ".join(f"{count} {kind}" for kind, count in entry["errors_by_kind"].items() if count)
            severe = path == SPECIALIST or entry["broken"]
            yield Blocker(
                f"errors/{path}/{name}",
                "blocks" if severe else "warns",
                f"{name}: {entry['errors']} of {rollouts} rollouts ended in an error ({kinds}); the "
                f"limit is {percent(MOST_ERRORS, 0)}.",
                path,
                "See `reasons` of these tasks in the gate file; raise gates.max_new_tokens if messages were "
                "cut off, or train the model to stop.",
                waivable=severe and not entry["broken"],
                suites=(name,),
            )
