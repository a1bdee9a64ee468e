"""The model card of a package: Markdown with the metadata block that model hubs read, from saved results only."""

from __future__ import annotations

import json
from typing import Any

from mlx_train.release.evidence import Evidence
from mlx_train.release.finding import MEANING, Label
from mlx_train.release.lock import ADAPTER
from mlx_train.release.table import Row, interval, measured, percent, points, verdict

HUB_LICENCES = {"apache-2.0", "mit", "gemma", "llama3", "llama3.1", "llama3.2", "bsd-3-clause", "cc-by-4.0"}
"""Licences that hubs know by these ids; others are given as `other` with a name."""
ESCAPED = str.maketrans({character: "\\" + character for character in "\\`*_[]<>|#"})

PEFT = """
The folder `peft/` holds the same adapter in the layout of the PEFT library. That it computes the same was shown with
that library's formula, not by running it.
"""


def render(evidence: Evidence, kind: str, label: Label) -> str:
    """The card of an adapter or a whole model that bears a label."""
    run, recipe = evidence.run, evidence.run["recipe"]
    rows = measured(evidence.stock, evidence.specialist, evidence.comparison)
    name = plain(recipe["name"])
    parts = [
        _front_matter(evidence, kind, rows, label),
        f"# {name}",
        f"**Label: {label}.** {MEANING[label]}",
        _what(evidence, kind),
        "## What it is for\n\nWorking on files by calling tools, one call at a time, with the tools given in the chat "
        "template, and stopping when the work is done.",
        "## What it must not be used for\n\nGeneral conversation, other tools than those measured below, and any real "
        "file system without a limit on what the calls can reach: a wrong call can delete or overwrite files. Nothing "
        "here measures safety, truthfulness or languages other than English.",
        "## How to load it\n\n" + _loading(evidence, kind),
        "## Measured\n\n" + _measured(rows),
        "## What was gained and what it cost\n\n" + transfer(rows),
        "## Limits\n\n" + "\n".join(f"- {line}" for line in limits(evidence, rows)),
        "## Provenance\n\n" + _provenance(evidence),
    ]
    licence = plain(run["base"].get("licence") or "not recorded")
    terms = (
        " Its terms are in the files LICENSE and NOTICE here, and whoever gets these weights is bound by them."
        if licence.lower() == "gemma"
        else ""
    )
    parts.append(f"## Licence\n\nThe base's licence is {licence}; it applies to these weights too.{terms}")
    return "\n\n".join(parts) + "\n"


def plain(value: object) -> str:
    """Text that Markdown shows as it is, on one line."""
    return " ".join(str(value).split()).translate(ESCAPED)


def code(value: object) -> str:
    """The same as code, without anything that ends it."""
    return "`" + " ".join(str(value).replace("`", "'").replace("|", "/").split()) + "`"


def _front_matter(evidence: Evidence, kind: str, rows: list[Row], label: Label) -> str:
    """YAML, each value in its JSON form, which YAML reads."""
    base, recipe = evidence.run["base"], evidence.run["recipe"]
    licence = (base.get("licence") or "unknown").lower()
    metadata: dict[str, Any] = {"release_label": label}
    if base.get("repository"):
        metadata |= {
            "base_model": base["repository"],
            "base_model_relation": "adapter" if kind == ADAPTER else "finetune",
        }
    metadata |= {"library_name": "mlx", "pipeline_tag": "text-generation"}
    if licence in HUB_LICENCES:
        metadata["license"] = licence
    else:
        metadata |= {"license": "other", "license_name": licence}
    method = [recipe["train"]["method"]] if kind == ADAPTER else []
    metadata["tags"] = ["mlx", "tool-calling", "function-calling", *method]
    results = [_result(row) for row in rows if row["specialist"]["value"] is not None]
    if results:
        metadata["model-index"] = [{"name": recipe["name"], "results": results}]
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in metadata.items())
    return "\n".join(["---", *lines, "---"])


def _result(row: Row) -> dict[str, Any]:
    found, before, change = row["specialist"], row["stock"], row["change"]
    arguments = {
        "n": found["n"], "passed": found["passed"], "ci95": found["interval"], "errors": found["errors"],
        "stock": before["value"], "stock_ci95": before["interval"], "gained": change["gained"], "lost": change["lost"],
        "quick": row["quick"], "status": row["status"],
    }  # fmt: skip
    return {
        "task": {"type": "text-generation", "name": "tool calling"},
        "dataset": {"type": f"mlx-train/{row['suite']}", "name": row["suite"], "revision": row["suite_sha256"]},
        "metrics": [{"type": "pass_rate", "name": "share of tasks passed", "value": found["value"], "args": arguments}],
    }


def _what(evidence: Evidence, kind: str) -> str:
    base, train = evidence.run["base"], evidence.run["recipe"]["train"]
    digest, source = code(base.get("weights_sha256")), base.get("source") or {}
    home = f"{code(base.get('name'))}, which has no public home; its weights have SHA-256 {digest}"
    if base.get("repository"):
        home = f"{plain(base['repository'])} at revision {code(base.get('revision'))}"
    elif source.get("packages"):
        packages = ", ".join(map(code, source["packages"]))
        home = (
            f"{code(base['name'])}, {plain(source['form'])} (of SHA-256 {code(source['gguf_sha256'])}), which "
            f"`mlx-train fetch {plain(base['name'])}` makes from {packages} of the Python package index; its weights "
            f"have SHA-256 {digest}"
        )
    if evidence.full:
        what = "A model with every weight trained (there is no adapter)"
    else:
        name = {"lora": "LoRA", "dora": "DoRA"}[train["method"]]
        adapter = f"a {name} adapter (rank {train['rank']}, alpha {train['alpha']:g})"
        what = f"A{adapter[1:]}" if kind == ADAPTER else f"A whole model with {adapter} merged into it"
    return f"{what}, made from the base {home}."


def _loading(evidence: Evidence, kind: str) -> str:
    base = evidence.run["base"]
    home = base.get("repository") or "path/to/base"
    if kind == ADAPTER:
        load = f'model, tokenizer = load({home!r}, adapter_path="path/to/this/folder")'
        revision = base.get("repository") and base.get("revision")
        before = f"The base has to be revision {code(revision)}. " if revision else ""
        more = PEFT
    else:
        load, before, more = 'model, tokenizer = load("path/to/this/folder")', "", ""
    return f"""{before}`tools` is a list of JSON schemas in the usual `{{"type": "function", ...}}` form.

```python
from pathlib import Path
from mlx_lm import generate, load

{load}
messages = [
    {{"role": "system", "content": Path("path/to/this/folder/prompt.txt").read_text()}},
    {{"role": "user", "content": "Rename draft.txt to final.txt."}},
]
prompt = tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=True)
print(generate(model, tokenizer, prompt, max_tokens={evidence.run["recipe"]["gates"]["max_new_tokens"]}))
```
{more}
It was scored with the system prompt in `prompt.txt` and greedy decoding. Run each call it writes, add the result as a
message of the role `tool`, and go on until it answers in words."""


def _measured(rows: list[Row]) -> str:
    lines = [
        "| suite | n | stock | 95 % interval | specialist | 95 % interval | gained | lost | verdict |",
        "| --- | ---: | ---: | --- | ---: | --- | ---: | ---: | --- |",
    ]
    for row in rows:
        before, after, change = row["stock"], row["specialist"], row["change"]
        cells = [
            plain(row["suite"]), after["n"], percent(before["value"]), interval(before["interval"]),
            percent(after["value"]), interval(after["interval"]), change["gained"], change["lost"],
            plain(verdict(row)),
        ]  # fmt: skip
        lines.append("| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |")
    lines.append(
        "\nStock is the base before this training, under the same prompt, tools and decoding. Intervals are "
        "Wilson's. Gained and lost count tasks that only one of the two passes."
    )
    if any(row["change"]["against"] == "control" for row in rows):
        lines.append(
            "Where it says so they are against the control, as much training on replay data alone, which passes more "
            "there than stock."
        )
    return "\n".join(lines)


def transfer(rows: list[Row]) -> str:
    """The win and the losses in one paragraph each, so that neither is read alone."""
    lines = []
    for row in rows:
        if row["verdict"] == "not measured":
            lines.append(f"- {plain(row['suite'])}: not measured.")
        else:
            change = row["change"]
            counts = f"{change['gained']} gained, {change['lost']} lost of {change['n']}"
            lines.append(
                f"- {plain(row['suite'])}: {points(change['value'])} points ({counts}); at 95 % the change is above "
                f"{points(change['bound'])} points; {plain(verdict(row))}."
            )
    return "\n".join(lines)


def limits(evidence: Evidence, rows: list[Row]) -> list[str]:
    """What the numbers do not show."""
    lines = []
    if drafts := [row["suite"] for row in rows if row["status"] == "draft"]:
        lines.append(f"Draft suites, which may still change: {', '.join(map(plain, drafts))}.")
    if quick := [row["suite"] for row in rows if row["quick"]]:
        lines.append(f"Only the quick subset was scored of: {', '.join(map(plain, quick))}.")
    if missing := [row["suite"] for row in rows if row["specialist"]["value"] is None]:
        lines.append(f"Not measured: {', '.join(map(plain, missing))}.")
    lines += [
        "One training run with one seed; another seed gives other numbers.",
        "The tasks are synthetic, in English, in simulated worlds.",
        f"Scored with the weights in {plain(evidence.run['recipe']['base'].get('dtype'))}; other formats and quantised "
        "weights are not measured.",
    ]
    if not evidence.full:
        lines.append(
            "The scores are of base and adapter together. The merged model was compared with them on transcripts, "
            "not scored."
        )
    return lines


def _provenance(evidence: Evidence) -> str:
    run, summary, source = evidence.run, evidence.summary or {}, evidence.run.get("source") or {}
    changed = " with changes" if source.get("changed") else ""
    lines = [
        f"- run {code(run['id'])}, recipe {code(run['recipe']['name'])} (SHA-256 {code(run['fingerprint'])})",
        f"- base weights SHA-256 {code(run['base'].get('weights_sha256') or 'not recorded')}",
        f"- {summary.get('rows', 'an unknown number of')} training rows; SHA-256 "
        + code(summary.get("sha256", {}).get("train.jsonl", "not recorded")),
        f"- code at commit {code(source.get('commit') or 'unknown')}{changed}",
        "- " + ", ".join(f"{plain(name)} {plain(version)}" for name, version in (run.get("versions") or {}).items()),
        "- every file and its SHA-256 is in `lock.json`; `mlx-train verify` checks them",
    ]
    return "\n".join(line for line in lines if line != "- ")
