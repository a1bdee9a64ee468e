"""What packages and provenance say against a release: a small rule for each reason, over saved evidence only.

Evidence that is missing or malformed blocks; it never passes.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlx_train.data.stock import kept
from mlx_train.files import sha256_of
from mlx_train.release.card import DEMANDED, HUB_LICENCES, notices
from mlx_train.release.evidence import LADDER, PARITY, RUN, SPECIALIST, Evidence, Json
from mlx_train.release.finding import Blocker
from mlx_train.release.lock import TEMPLATE, computes
from mlx_train.release.parity import LIMITS
from mlx_train.release.purpose import UNSAID
from mlx_train.release.purpose import purpose as stated
from mlx_train.release.rules_scores import RUN_AGAIN, SCORE_AGAIN
from mlx_train.release.table import percent

OTHER_FORMAT = "Release the adapter alone, or keep the fused model in a wider number format."
PACKAGE_AGAIN = "Make it again: `mlx-train package RUN`."
CARD_KEYS = ("library_name", "license", "pipeline_tag", "model-index")
"""What every card has to tell a hub; one whose base has a public home, also the base and its relation to it."""
Found = Iterator[Blocker]


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
        elif other := _other_facts(e, e.locks[name]):
            found = f"{name} was not made of this run as it is now: its lock has another {', '.join(other)}."
        else:
            continue
        yield Blocker(f"package/{name}", "blocks", found, path, PACKAGE_AGAIN)


def _other_facts(e: Evidence, held: Json) -> list[str]:
    """What a lock says of its run, base, tokenizer or template and what is not so."""
    base, digests = e.run["base"], {name: entry["sha256"] for name, entry in held["files"].items()}
    stored = (base.get("files") or {}).get("tokenizer.json", {"sha256": digests.get("tokenizer.json")})
    pairs = {key: (held.get(key), value) for key, value in e.facts.items()}
    pairs["base"] = held.get("base", {}).get("weights_sha256") or "", base.get("weights_sha256") or ""
    pairs["chat_template_sha256"] = held.get("chat_template_sha256"), digests.get(TEMPLATE)
    pairs["tokenizer_sha256"] = held.get("tokenizer_sha256"), digests.get("tokenizer.json")
    pairs["tokenizer.json"] = digests.get("tokenizer.json"), stored["sha256"]
    return [key for key, (said, now) in pairs.items() if said != now]


def parity(e: Evidence) -> Found:
    """A package that was not compared with what was scored, that lost of its training, or decides differently."""
    if e.parity is None:
        reason = e.faults.get(PARITY, "missing")
        yield Blocker("parity", "blocks", f"The packages are not compared with the model that was scored: {PARITY} is "
                      f"{reason}.", PARITY, PACKAGE_AGAIN)  # fmt: skip
        return
    for name, what in (("fused", "The fused model"), ("package", "The packaged adapter")):
        if name == "fused" or name in e.locks:
            yield from _parity(e, e.parity, name, what)


def _parity(e: Evidence, held: Json, name: str, what: str) -> Found:
    id = "parity" if name == "fused" else f"parity/{name}"
    if name not in held or held.get(f"{name}_lock_sha256") != e.locks.get(name, {}).get("lock_sha256"):
        found = f"{what} is not compared with the model that was scored: {PARITY} is of another one."
        yield Blocker(id, "blocks", found, PARITY, PACKAGE_AGAIN)
        return
    if held["limits"] != LIMITS:
        found = f"{what} is compared with the model that was scored by limits that are not this program's."
        yield Blocker(id, "blocks", found, PARITY, PACKAGE_AGAIN)
        return
    ours, stock, limits = held[name], held["stock"], held["limits"]
    if not ours["kld_mean"] <= limits["lost"] * stock["kld_mean"]:
        yield Blocker(
            f"{id}/lost",
            "blocks",
            f"What training changed did not survive packaging: {what.lower()} diverges from the model that was scored "
            f"by {ours['kld_mean']:.3g} nats per token, stock by {stock['kld_mean']:.3g}; the limit is "
            f"{percent(limits['lost'], 0)} of that. Logits differ by up to {ours['logits']:.3g}.",
            PARITY,
            OTHER_FORMAT,
        )
    if ours["changed"] != 0:
        yield Blocker(
            f"{id}/changed",
            "blocks",
            f"{what} finds another token likeliest at {ours['changed']} of {ours['tokens']} positions of "
            f"transcripts, by more than {limits['tie']} logits; {ours['tasks_same']} of {ours['tasks']} transcripts "
            "stay the same.",
            PARITY,
            OTHER_FORMAT,
        )


def public_home(e: Evidence) -> Found:
    """A base that nobody else can fetch, from a hub or a package index."""
    base = e.run["base"]
    if not e.public_home:
        yield Blocker(
            "no-public-home",
            "blocks",
            f"The base {base.get('name')!r} has no public home: no repository is "
            "recorded, so nobody else can fetch what the adapter belongs to.",
            RUN,
            "Publish the base and put its repository and revision into the recipe.",
            waivable=True,
        )


def base_revision(e: Evidence) -> Found:
    """A base that is not known exactly."""
    base = e.run["base"]
    if not base.get("weights_sha256"):
        yield Blocker("base-hash", "blocks", "The SHA-256 of the base's weights is not recorded.", RUN, SCORE_AGAIN)
    if base.get("repository") and not base.get("revision"):
        yield Blocker(
            "base-revision",
            "blocks",
            f"The revision of {base['repository']} is not recorded.",
            RUN,
            "Put the 40-digit commit into base.revision of the recipe and run again.",
        )


def licence(e: Evidence) -> Found:
    """A base whose licence is not known or may forbid what is done here, or whose text is not in the package."""
    name = e.run["base"].get("licence")
    if not name:
        yield Blocker(
            "licence",
            "blocks",
            "The licence of the base is not recorded.",
            RUN,
            "Find the licence of the base, and put it into base.licence of the recipe.",
        )
    elif name.lower() not in HUB_LICENCES:
        yield Blocker(
            "licence/terms",
            "blocks",
            f"The base's licence is {name}; whether it allows changed weights to be passed on is not known here.",
            RUN,
            "Read it. If it does, waive this with the passage that says so; if not, train another base.",
            waivable=True,
        )


def licence_text(e: Evidence) -> Found:
    """A package without the text of the base's licence, or its notice, where weights may not be passed on without."""
    terms = (e.run["base"].get("licence") or "").lower()
    for name, found in e.locks.items():
        texts, notice = notices(found["files"])
        missing = ([] if texts else ["licence text"]) + ([] if notice or terms not in DEMANDED else ["notice"])
        if missing:
            demand = f"{terms} asks that it goes along" if terms in DEMANDED else "the base's folder has none"
            yield Blocker(
                f"licence-text/{name}",
                "blocks" if terms in DEMANDED else "warns",
                f"{name} has no {' and no '.join(missing)}: {demand}.",
                f"{name}/lock.json",
                "Put it beside the base, as LICENSE or NOTICE, and make the package again.",
            )


def purpose(e: Evidence) -> Found:
    """A recipe that does not say what its specialist is for, so that neither card nor routing constraint do."""
    if stated(e.run["recipe"]) == UNSAID:
        yield Blocker(
            "purpose",
            "warns",
            "The recipe does not say what the specialist is for, so its card and the constraint on a router do not.",
            RUN,
            "Put `purpose`, one sentence, into the recipe, and run again.",
        )


def source(e: Evidence) -> Found:
    """A run whose code cannot be looked up."""
    found = e.run.get("source") or {}
    if not found.get("commit"):
        yield Blocker(
            "source-commit",
            "warns",
            "The commit of the code that ran is not known.",
            RUN,
            "Run from a checkout under version control.",
        )
    elif found.get("changed") is not False:
        yield Blocker(
            "source-changed",
            "blocks",
            f"The code had changes that are not in commit {found['commit'][:12]}.",
            RUN,
            "Commit the changes and run again.",
            waivable=True,
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


def card(e: Evidence) -> Found:
    """A model card without what hubs and people need, or with other scores than the gate file has."""
    base = ("base_model", "base_model_relation") if e.run["base"].get("repository") else ()
    for name in e.folders:
        path, found = f"{name}/README.md", e.cards.get(name)
        if found is None:
            reason = f"is {e.faults.get(path, 'missing')}"
        elif missing := [key for key in (*CARD_KEYS, *base) if not found.get(key)]:
            reason = f"lacks {', '.join(missing)}"
        elif _card_scores(found) != {key: row["rate"] for key, row in (e.specialist or {}).get("suites", {}).items()}:
            reason = f"has other scores than {SPECIALIST}"
        else:
            continue
        yield Blocker(f"card/{name}", "blocks", f"The model card of {name} {reason}.", path, PACKAGE_AGAIN)


def card_label(e: Evidence, label: str) -> Found:
    """A card that bears another label than the run."""
    for name, found in e.cards.items():
        if name in e.folders and found.get("release_label") != label:
            yield Blocker(
                f"card-label/{name}",
                "blocks",
                f"The model card of {name} bears the label {found.get('release_label')}; the findings allow {label}.",
                f"{name}/README.md",
                PACKAGE_AGAIN,
            )


def _card_scores(found: Json) -> dict[str, float]:
    results = found["model-index"][0]["results"]
    return {one["dataset"]["name"]: one["metrics"][0]["value"] for one in results}


def reproducible(e: Evidence) -> Found:
    """A record that is not the one the run began with, or data that nobody else has."""
    held = e.run
    # Older runs lack some.
    parts = ("recipe", "start", "own_files", "base_files", "dev_suites", "program", "versions")
    keys = {key: held[key] for key in parts if key in held}
    identity = keys | {
        "base": held["base"].get("weights_sha256"),
        "suites": {name: entry["digest"] for name, entry in held.get("suites", {}).items()},
    }
    if sha256_of(identity) != held["fingerprint"]:
        yield Blocker(
            "not-reproducible/record",
            "blocks",
            "The recorded recipe, base, adapter, suites, program and versions are not those that the run's fingerprint "
            "is of.",
            RUN,
            RUN_AGAIN,
        )
    adapter = held["recipe"].get("train", {}).get("adapter")
    if adapter and kept(adapter) is None:
        yield Blocker(
            "not-reproducible/adapter",
            "blocks",
            f"Training went on from an adapter that nobody else can fetch: {adapter}.",
            RUN,
            "Train from a fresh adapter on the rows of both trainings, or from an adapter kept in data/bases.",
            waivable=True,
        )
    private = [name for name in held["recipe"].get("data", {}).get("files", ()) if not name.startswith("hub:")]
    if private:
        yield Blocker(
            "not-reproducible/data",
            "blocks",
            f"It was trained on files that nobody else can fetch: {', '.join(private)}.",
            RUN,
            "Publish them as a hub data set and name it in the recipe with its revision.",
            waivable=True,
        )


def quantised(e: Evidence) -> Found:
    """A quantised model in the run that is not the full one any more, or passed less than that had to.

    That is the rung that the ladder names, and every one whose weights are in the run's folder.
    """
    ladder = e.ladder or {"rungs": (), "smallest": None}
    known = {row["weights_sha256"]: row for row in ladder["rungs"] if "weights_sha256" in row}
    judged = {row["rung"]: row for row in ladder["rungs"] if row["rung"] == ladder["smallest"]}
    for path, digest in e.quantised.items():
        if digest in known:
            judged[known[digest]["rung"]] = known[digest]
        else:
            yield _never_scored(path, "measure it with `mlx-train ladder RUN`")
    for row in judged.values():
        yield from _rung(e, row)
    for path, held in e.gguf.items():
        if held.get("fused_lock_sha256") != e.locks.get("fused", {}).get("lock_sha256"):
            yield Blocker(
                f"rung-parity/{path}",
                "blocks",
                f"{path} {held.get('fault', 'was made of another fused model')}.",
                path,
                "Write it again: `mlx-train package RUN --gguf f16`; or take it out of the run's folder.",
            )
        if held.get("quantised"):
            yield _never_scored(path, "write it with --gguf f16")


def _never_scored(path: str, otherwise: str) -> Blocker:
    what = f"{path} is quantised and was never scored; the full model was."
    return Blocker(
        f"quantised/{path}", "blocks", what, path, f"Take it out of the run's folder, or {otherwise}.", waivable=True
    )


def _rung(e: Evidence, row: Json) -> Found:
    """A rung of the ladder: whether it is of this fused model, lost nothing, and did what that was scored on."""
    name, gates = row["rung"], row.get("gates", {})
    most = e.parity and e.parity["limits"]["lost"] * e.parity["stock"]["kld_mean"]
    found = ""
    fused = e.locks.get("fused")
    if fused is None or (e.ladder or {})["conditions"].get("fused_sha256") != computes(fused):
        found = "was made of another fused model"
    elif gates and not row.get("passes"):
        found = "does not rule out a loss beyond the margin"
    elif e.parity and not row["divergence"]["kld_mean"] <= most:
        found = (
            f"diverges from the full model by {row['divergence']['kld_mean']:.3g} nats per token, stock by "
            f"{e.parity['stock']['kld_mean']:.3g}; the limit is {percent(e.parity['limits']['lost'], 0)} of that"
        )
    if found:
        yield Blocker(
            f"rung-parity/{name}", "blocks", f"The rung {name} {found}.", LADDER,
            f"Measure it again with `mlx-train ladder RUN`, release a wider rung, or remove ladder/{name}/model.",
        )  # fmt: skip
    for suite, entry in (e.specialist or {}).get("suites", {}).items():
        held = gates.get(suite, {"n": 0, "suite_sha256": entry["suite_sha256"]})
        if held["n"] < entry["n"] or held["suite_sha256"] != entry["suite_sha256"]:
            yield Blocker(
                f"quantised/{name}/{suite}",
                "blocks",
                f"The rung {name} did {held['n']} tasks of {suite}, the full model {entry['n']}.",
                LADDER,
                f"Score it on the same: `mlx-train ladder RUN --rungs {name} --full`.",
                waivable=True,
                suites=(suite,),
            )
