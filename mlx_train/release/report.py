"""The report of a run as files: JSON, Markdown and one HTML page, the latter two from the JSON alone.

Made from saved results only, so it can be made again at any time; the same results give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mlx_train import records
from mlx_train.errors import Fault
from mlx_train.files import write_json, write_text
from mlx_train.places import SUITES
from mlx_train.progress import duration
from mlx_train.release import ceiling, control, evidence, ladder_section, plot
from mlx_train.release.card import code, plain, transfer
from mlx_train.release.content import QUALITY, RELEASABLE, build
from mlx_train.release.evidence import Evidence, Json
from mlx_train.release.table import interval, percent, points, suite_name, surest, verdict

PAGE, STYLE = (Path(__file__).with_name(name) for name in ("report.html.jinja", "report.css"))
MOST = 20
"""Findings listed in a summary; the report has them all."""
TRAINING = {
    "rows": ("training rows", "{:,}"), "dev_rows": ("dev rows", "{:,}"), "templates": ("phrasings in the rows", "{:,}"),
    "rejects": ("rows rejected", "{:,}"), "steps": ("steps", "{:,}"),
    "supervised_tokens": ("supervised tokens", "{:,}"),
    "padded_tokens": ("tokens run, padding included", "{:,}"),
    "loss": ("loss of the last step, nats per token", "{:.4f}"),
    "stock_dev_loss": ("dev loss before training, nats per token", "{:.4f}"),
    "dev_loss": ("dev loss after the last step, nats per token", "{:.4f}"),
    "best_dev_loss": ("best dev loss, nats per token", "{:.4f}"),
    "stock_breadth_loss": ("loss on other domains before training, nats per token", "{:.4f}"),
    "breadth_loss": ("loss on other domains after the last step, nats per token", "{:.4f}"),
}  # fmt: skip
COST = {
    "train_seconds": "training", "supervised_tokens_per_s": "supervised tokens/s",
    "padded_tokens_per_s": "tokens/s, padding included", "peak_memory_gb": "peak memory, GB", "energy_kj": "energy, kJ",
}  # fmt: skip


def report(run: Path, suites: Path = SUITES) -> Json:
    """Write `report/report.{json,md,html}` of a run, and the page of its transcripts if it has those.

    Args:
        suites: folder of the suites that are installed now.

    Returns:
        The content of report.json; `blocking` is the number of findings in the way of a release.

    Raises:
        BadInput: the folder has no record of a run.
    """
    records.read(run)
    _transcripts(run, suites)
    return save(run, evidence.read(run, suites))


def _transcripts(run: Path, suites: Path) -> None:
    """The page that lost and gained tasks link to. Without it there are no links, and the report says the rest."""
    from mlx_train.gates.view import gate_files, view

    if (run / "gates" / "transcripts").is_dir():
        try:
            view(gate_files(run), [suites])
        except Fault:
            (run / evidence.TRANSCRIPTS).unlink(missing_ok=True)  # one of earlier transcripts would mislead


def save(run: Path, found: Evidence) -> Json:
    """`report` of evidence that was read already."""
    content = build(found)
    write_json(run / "report" / "report.json", content)
    rebuild(run / "report" / "report.json", content)
    return content


def rebuild(path: Path, content: Mapping[str, Any]) -> None:
    """Write the Markdown and the page beside a report.json."""
    write_text(path.with_suffix(".md"), markdown(content))
    write_text(path.with_suffix(".html"), html(content))


def headline(content: Mapping[str, Any]) -> str:
    """The verdict in one line."""
    counts = [(content["warnings"], "warning"), (content["waived"], "waived finding")]
    also = "".join(f", {count} {what}{'s' * (count != 1)}" for count, what in counts if count)
    if content["verdict"] == RELEASABLE:
        return f"Releasable: nothing blocks it{also}."
    return f"Blocked: {content['blocking']} finding{'s' * (content['blocking'] != 1)} in the way of a release{also}."


def training_facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was trained on and what came of it, for people."""
    train, facts = content["provenance"]["recipe"].get("train", {}), content["training"]
    named = {"method": "method", "rank": "adapter rank", "learning_rate": "learning rate", "epochs": "epochs"}
    made = [(label, f"{train[key]}") for key, label in named.items()
            if key in train and (key != "rank" or train.get("method") != "full")
            and (key != "epochs" or not train.get("steps"))]  # fmt: skip
    return made + [(label, _value(facts[key], form)) for key, (label, form) in TRAINING.items() if key in facts]


def cost_facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Time, speed, memory and energy, for people."""
    facts = content["cost"]
    made = [
        (
            label,
            _seconds(facts[key])
            if key.endswith("seconds")
            else _value(facts[key], "{:,.0f}" if key.endswith("_per_s") else "{:.3g}"),
        )
        for key, label in COST.items()
        if key in facts
    ]
    stages = [key for key in facts if key.endswith("_stage_seconds")]
    return made + [(f"stage {key.removesuffix('_stage_seconds')}", _seconds(facts[key])) for key in stages]


def _value(held: Mapping[str, Any], form: str) -> str:
    return str(held["state"]) if held["value"] is None else form.format(held["value"])


def _seconds(held: Mapping[str, Any]) -> str:
    return str(held["state"]) if held["value"] is None else duration(held["value"])


def provenance_facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where it all comes from, for people."""
    held = content["provenance"]
    base, source = held["base"], held["source"]
    made = base.get("source") or {}
    commit = source.get("commit") or "unknown"
    facts = [
        ("run", content["run"]),
        ("started", held["started"]),
        ("code", f"commit {commit}" + (", with uncommitted changes" if source.get("changed") else "")),
        ("recipe SHA-256", held["recipe_sha256"]),
        ("base", base.get("name")),
        ("base repository", f"{base['repository']} at {base.get('revision')}" if base.get("repository") else "none"),
        ("base made from", ", ".join(made.get("packages") or ())),
        ("base made how", made.get("form")),
        ("base made of", made.get("made_of")),
        ("base adapter SHA-256", made.get("adapter_sha256")),
        ("went on from adapter", held["recipe"].get("train", {}).get("adapter")),
        ("base quantised", base.get("quantised")),
        ("base GGUF SHA-256", made.get("gguf_sha256")),
        ("base licence", base.get("licence") or "not recorded"),
        ("base weights SHA-256", base.get("weights_sha256") or "not recorded"),
        *((f"{name} SHA-256", digest) for name, digest in held["data_sha256"].items()),
        ("prompt and catalogue SHA-256", held["prompt_sha256"]),
        ("decoding", _listed(held["decoding"])),
        ("versions", _listed(held["versions"])),
        ("machine", _listed(held["machine"])),
    ]
    return [(label, str(value)) for label, value in facts if value]


def _listed(facts: Any) -> str:
    if isinstance(facts, Mapping):
        return ", ".join(f"{key} {value}" for key, value in facts.items())
    return str(facts or "")


def html(content: Mapping[str, Any]) -> str:
    """The page: self-contained, without scripts."""
    page = environment().from_string(PAGE.read_text(encoding="utf-8"))
    return page.render(
        report=content,
        headline=headline(content),
        bar=plot.bar,
        curve=plot.loss_curve(content["curve"]),
        balance=plot.balance(content["systems"]),
        ceiling=ceiling.sentence(content["ceiling"]),
        control=control.sentence(content),
        general=general_text(content["general"]),
        ladder=content["ladder"] and ladder_section.parts(content["ladder"]),
        ladder_about=content["ladder"] and ladder_section.sentences(content["ladder"]),
        candidates=content["selection"] and candidates(content["selection"]),
        quality=QUALITY,
        training=training_facts(content),
        cost=cost_facts(content),
        provenance=provenance_facts(content),
        recipe=json.dumps(content["provenance"]["recipe"], indent=2, ensure_ascii=False),
    )


def environment() -> Environment:
    """What the pages are rendered with."""
    made = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    made.filters |= {
        "percent": percent, "points": points, "interval": interval, "duration": duration, "quote": quote,
        "same_as_scored": same_as_scored, "compared_with": compared_with, "surest": surest,
    }  # fmt: skip
    made.globals["style"] = Markup(STYLE.read_text(encoding="utf-8"))
    return made


def markdown(content: Mapping[str, Any]) -> str:
    """The same report as Markdown."""
    lines = [f"# {plain(content['recipe'])}", f"**Label: {content['label']}.** {content['meaning']}"]
    lines += [f"**{headline(content)}**", "## Findings"]
    lines += [_finding(one) for one in content["blockers"]] or ["None."]
    lines += ["## Measured", _measured(content["suites"]), plain(control.sentence(content))]
    lines += [plain(ceiling.sentence(content["ceiling"]))]
    lines += ["## What was gained and what it cost", transfer(content["suites"])]
    if content["domains"]:
        lines += ["By domain, with the tasks that were lost:", _domains(content["domains"])]
    lines += ["## General text", plain(general_text(content["general"]))]
    if content["systems"]:
        lines += ["## Among others", SYSTEMS, _systems(content["systems"])]
    lines += ["## Training", _facts(training_facts(content)), "## Cost", _facts(cost_facts(content))]
    if content["selection"]:
        head, rows = candidates(content["selection"])
        lines += ["## Chosen by dev scores", _table(head, [list(map(plain, row)) for row in rows])]
    if content["ladder"]:
        lines += ["## Ladder", " ".join(map(plain, ladder_section.sentences(content["ladder"])))]
        for title, head, rows in ladder_section.parts(content["ladder"]):
            lines += [f"{title}:", _table(list(map(plain, head)), [list(map(plain, row)) for row in rows])]
    lines += ["## Tool calls", _quality(content["calls"])]
    lines += ["## Packages", "\n".join(map(_package, content["packages"]))]
    lines += ["## Provenance", _facts(provenance_facts(content)), "To get these numbers again:"]
    lines += ["```sh\n" + "\n".join(content["provenance"]["commands"]) + "\n```"]
    lines += ["## What was not verified", "\n".join(f"- {line}" for line in map(plain, content["not_verified"]))]
    return "\n\n".join(lines) + "\n"


def summary(content: Mapping[str, Any]) -> str:
    """The label, the scores and what is in the way, as the job pages of code hosts show Markdown."""
    found = content["blockers"]
    lines = [f"### {plain(content['recipe'])}", f"**{content['label']}**. {headline(content)}"]
    lines += [_measured(content["suites"])]
    lines += ["\n".join(f"- **{severity(one)}** {code(one['id'])}: {plain(one['found'])}" for one in found[:MOST])]
    lines += [f"{len(found) - MOST} more findings are in the report."] if len(found) > MOST else []
    return "\n\n".join(filter(None, lines)) + "\n"


SYSTEMS = (
    "Direct rows are of this run: the same tasks, prompt and decoding. Directional rows are what others published "
    "about tasks of their own; they show where a system stands, and no difference from them proves anything."
)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows))


def _systems(rows: Sequence[Mapping[str, Any]]) -> str:
    def cell(held: Mapping[str, Any], published: str | None) -> str:
        if held["value"] is None:
            return "not published" if published else str(held["state"])
        return f"{percent(held['value'])} ({interval(held['interval'])}, n {held['n'] or 'unknown'})"

    head = ("system", "kind", "depth", "breadth", "what")
    return _table(head, [
        (plain(row["name"]), row["kind"], *(cell(row[key], row["published"]) for key in ("depth", "breadth")),
         plain(f"{row['about']}; {row['published']}" if row["published"] else row["about"]))
        for row in rows
    ])  # fmt: skip


def compared_with(row: Mapping[str, Any]) -> float:
    """The rate in a domain of what the specialist is compared with: stock, or a control that is better on the suite."""
    change = row["change"]
    return float((row["specialist"]["passed"] - change["gained"] + change["lost"]) / change["n"])


def _domains(rows: Sequence[Mapping[str, Any]]) -> str:
    head = ("suite", "domain", "n", "compared with", "specialist", "gained", "lost", "tasks lost")
    return _table(head, [
        (plain(row["suite"]) + f" (against {row['change']['against']})",
         plain(row["domain"]), str(row["change"]["n"]), percent(compared_with(row)),
         percent(row["specialist"]["value"]), str(row["change"]["gained"]), str(row["change"]["lost"]),
         ", ".join(map(code, row["lost"])) or "-")
        for row in rows
    ])  # fmt: skip


def _measured(rows: Sequence[Mapping[str, Any]]) -> str:
    others = [name for name in ("control", "ceiling") if any(row[name]["value"] is not None for row in rows)]
    head = ("suite", "n", "stock", "95 % interval", "specialist", "95 % interval", *others, "gained", "lost", "bound",
            "verdict")  # fmt: skip
    texts = ("suite", "95 % interval", "verdict")
    lines = [
        "| " + " | ".join(head) + " |",
        "| " + " | ".join("---" if one in texts else "---:" for one in head) + " |",
    ]
    for row in rows:
        before, after, change = (row[key] for key in ("stock", "specialist", "change"))
        cells = [
            plain(suite_name(row)), before["n"] if after["n"] is None else after["n"], percent(before["value"]),
            interval(before["interval"]), percent(after["value"]), interval(after["interval"]),
            *(percent(row[name]["value"]) for name in others),
            change["gained"], change["lost"], surest(change), plain(verdict(row)),
        ]  # fmt: skip
        lines.append("| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def severity(one: Mapping[str, Any]) -> str:
    """What a finding does, for people."""
    return "waived" if one["waiver"] else str(one["severity"])


def _finding(one: Mapping[str, Any]) -> str:
    digest = f" (SHA-256 {one['sha256'][:16]})" if one["sha256"] else ""
    waiver = one["waiver"] and (
        f"\n  Waived by {plain(one['waiver']['owner'])} until {one['waiver']['expires']}: "
        f"{plain(one['waiver']['reason'])}"
    )
    return (
        f"- **{severity(one)}** {code(one['id'])}: {plain(one['found'])}\n  Evidence: {code(one['evidence'])}{digest}. "
        f"To unblock: {plain(one['unblock'])}{waiver or ''}"
    )


def candidates(held: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of what was chosen among: rates on the dev suites, and divergence on the dev texts."""
    suites = list(dict.fromkeys(name for one in held["candidates"] for name in one["suites"]))
    rows = []
    for one in held["candidates"]:
        kld = one["general_kld"]["value"]
        rates = [percent(one["suites"].get(name, {}).get("value")) for name in suites]
        name = f"{one['name']} (chosen)" if one["name"] == held["chosen"] else one["name"]
        rows.append([name, *rates, "-" if kld is None else f"{kld:.4f}"])
    return ["weights", *suites, "KLD"], rows


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- {plain(label)}: {plain(value)}" for label, value in facts)


def _quality(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return "Not measured."
    lines = ["| suite | model | " + " | ".join(QUALITY.values()) + " |", "| --- | --- |" + " ---: |" * len(QUALITY)]
    for row in rows:
        for label in ("stock", "specialist"):
            held = [row[label].get(key, {}).get("value") for key in QUALITY]
            cells = ["-" if value is None else f"{value:.2f}" for value in held]
            lines.append(f"| {plain(row['suite'])} | {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _package(row: Mapping[str, Any]) -> str:
    if row["bytes"]["value"] is None:
        return f"- {code(row['name'])}: missing"
    state = "matches its lock" if row["verified"] else "does not match its lock"
    same = f"; {same_as_scored(row['parity']) if row['parity'] else 'not compared with what was scored'}"
    return f"- {code(row['name'])}: {row['bytes']['value'] / 1e6:.1f} MB, {state} ({code(row['lock_sha256'])}){same}"


def general_text(held: Mapping[str, Any]) -> str:
    """How far the specialist moved from stock on prose and code."""
    kld = held["kld"]
    if kld["value"] is None:
        return f"Divergence from stock on prose and code: {kld['state']}."
    target = "the recipe sets no limit" if kld["limit"] is None else f"at most {kld['limit']:g} for the label general"
    return (
        f"Mean KLD from stock {kld['value']:.4f} nats per token (standard error {kld['error']:.4f}; prose "
        f"{held['prose']['value']:.4f}, code {held['code']['value']:.4f}); {target}. Over {kld['n']} tokens of fixed "
        f"English prose and code: the same token is likeliest at {percent(held['same_top']['value'])}, perplexity "
        f"{held['ppl_stock']['value']:.2f} of stock and {held['ppl_specialist']['value']:.2f} of the specialist."
    )


def same_as_scored(parity: Mapping[str, Any]) -> str:
    """How a package compares with the model that was scored."""
    held = parity[parity.get("of", "fused")]
    return (
        f"{held['tasks_same']} of {held['tasks']} transcripts as scored ({held['tokens']} positions, "
        f"{held['changed']} changed), logits within {held['logits']:.2g}, KLD {held['kld_mean']:.2g} "
        f"(stock {parity['stock']['kld_mean']:.2g}) nats"
    )
