"""Report, card and table say what the saved results say, and nothing a name can break."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from release_fixture import RECIPE, Made, make
from release_fixture import entry as scored

from mlx_train.errors import BadInput
from mlx_train.files import read_json, write_json
from mlx_train.release import card, evidence, lock, plot, report, table

HOSTILE = '<script>alert("1")</script> | `x` **y**\n# z'


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


class Balance(HTMLParser):
    """Fails on tags that do not match; collects the tags."""

    VOID = frozenset({"meta", "line", "circle", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag


def page(made: Made) -> tuple[str, Balance]:
    text = (made.run / "report" / "report.html").read_text()
    parser = Balance()
    parser.feed(text)
    assert parser.open == []
    return text, parser


def test_a_clean_run_is_releasable(made: Made) -> None:
    found = report.report(made.run, made.suites)
    assert (found["verdict"], found["blocking"], found["warnings"]) == ("releasable", 0, 0)
    assert read_json(made.run / "report" / "report.json") == found
    text, tags = page(made)
    assert "Releasable: nothing blocks it." in text and "40.0 %" in text and "98.0 %" in text
    assert tags.seen.count("svg") == 7 and "script" not in tags.seen and "http" not in text
    assert "**Releasable: nothing blocks it.**" in (made.run / "report" / "report.md").read_text()


def test_the_label_comes_first(made: Made) -> None:
    found = report.report(made.run, made.suites)
    assert next(iter(found)) == "label" and found["label"] == "general"
    assert page(made)[0].split("<main>")[1].lstrip().startswith('<p class="verdict releasable"><b>general</b>')
    assert (made.run / "report" / "report.md").read_text().startswith("# small\n\n**Label: general.** It may be")
    body = (made.run / "package" / "README.md").read_text().split("---\n")[2]
    assert body.startswith("\n# small\n\n**Label: general.** It may be")


def test_tables_and_drawings_say_what_they_are(made: Made) -> None:
    report.report(made.run, made.suites)
    text, tags = page(made)
    assert tags.seen.count("table") == tags.seen.count("caption") > 4
    assert text.count("<svg") == text.count('role="img" aria-label=') and tags.seen.count("h1") == 1
    assert text.count("<th>") == 0 and 'tabindex="0" role="region" aria-label=' in text
    for name, blocks in (("light", r":root \{\n(.*?)\}"), ("dark", r"dark\) \{\n  :root \{(.*?)\}")):
        found = re.search(blocks, text, re.S)
        assert found, name
        colours = dict(re.findall(r"--(\w+): (#\w+)", found[1]))
        for ink in ("ink", "dim", "good", "bad", "warn", "mark"):
            for ground in ("page", "soft"):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (name, ink, ground)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's ratio of two colours, `#rgb` or `#rrggbb`."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_lost_tasks_link_to_their_transcripts_if_there_is_a_page(made: Made) -> None:
    made.rescore("breadth-unseen", 120, 115)
    found = report.report(made.run, made.suites)
    assert found["domains"][3]["lost"] == [f"breadth-unseen/{number}" for number in range(115, 120)]
    assert found["domains"][3]["change"]["value"] == -0.025 and found["transcripts"] is None
    assert "<li>breadth-unseen/115</li>" in page(made)[0]
    (made.run / "gates" / "stock-specialist.html").write_text("a page")
    report.report(made.run, made.suites)
    link = "../gates/stock-specialist.html#breadth-unseen/breadth-unseen/115"
    assert f'<a href="{link}">breadth-unseen/115</a>' in page(made)[0]


def test_direct_and_directional_systems_are_told_apart(made: Made) -> None:
    add_ceiling(made)
    rows = report.report(made.run, made.suites)["systems"]
    assert [row["kind"] for row in rows[:3]] == ["direct"] * 3 and {row["kind"] for row in rows[3:]} == {"directional"}
    both = rows[0]["breadth"]  # stock: 150 and 100 of 200 each
    assert (both["value"], both["n"], both["passed"], both["state"]) == (0.625, 400, 250, "derived")
    assert all(row["depth"]["state"] == "historical" and row["published"] for row in rows[3:])
    made.edit("gates/specialist.json", lambda gate: gate["suites"].pop("breadth-retained"))
    assert report.report(made.run, made.suites)["systems"][1]["breadth"]["state"] == "missing"


def test_the_same_results_give_the_same_bytes(made: Made) -> None:
    def files() -> list[bytes]:
        report.report(made.run, made.suites)
        return [path.read_bytes() for path in sorted((made.run / "report").iterdir())]

    before = files()
    assert files() == before
    made.edit("run.json", lambda run: run["stages"].update(report={"seconds": 1.0}))  # noted after the report
    assert files() == before
    made.edit("run.json", lambda run: run["stages"]["fit"].update(seconds=1.0))
    assert files() != before


def test_a_run_with_nothing_but_its_record_still_gets_a_report(made: Made, tmp_path: Path) -> None:
    bare = Made(tmp_path / "bare", made.suites)
    bare.run.mkdir()
    (bare.run / "run.json").write_bytes((made.run / "run.json").read_bytes())
    found = report.report(bare.run, made.suites)
    assert found["label"] == "report-only" and found["blocking"] >= 14
    text, _ = page(bare)
    assert f"Blocked: {found['blocking']} findings" in text and "missing" in text
    assert "No loss curve was recorded" in text


def test_a_training_of_another_run_is_told(made: Made) -> None:
    said = "The training was done in run 0123456789"
    assert not any(line.startswith(said) for line in report.report(made.run, made.suites)["not_verified"])
    made.edit("run.json", lambda run: run["stages"].setdefault("fit", {}).update(taken_from="0123456789"))
    assert any(line.startswith(said) for line in report.report(made.run, made.suites)["not_verified"])
    assert said in page(made)[0]


def test_a_hostile_name_stays_text(made: Made) -> None:
    made.edit("run.json", lambda run: run["recipe"].update(name=HOSTILE))
    made.edit("run.json", lambda run: run["base"].update(name=HOSTILE, repository=""))
    report.report(made.run, made.suites)
    text, tags = page(made)
    assert "script" not in tags.seen and "&lt;script&gt;" in text
    written = (made.run / "report" / "report.md").read_text()
    for markdown in (written, card.render(evidence.read(made.run), lock.ADAPTER, "general")):
        body = markdown.split("---\n")[-1]
        assert not re.search(r"(?<!\\)<script", re.sub(r"`[^`]*`|```.*?```", "", body, flags=re.S))
        assert "\n# z" not in body


def test_the_card_has_what_hubs_read(made: Made) -> None:
    text = card.render(evidence.read(made.run, made.suites), lock.ADAPTER, "general")
    head = text.split("---\n")[1]
    values = {key: json.loads(value) for key, value in (line.split(": ", 1) for line in head.splitlines())}
    assert (values["base_model"], values["base_model_relation"]) == ("someone/tiny", "adapter")
    assert [values[key] for key in ("license", "library_name", "pipeline_tag")] == [
        "apache-2.0", "mlx", "text-generation",
    ]  # fmt: skip
    metric = values["model-index"][0]["results"][0]["metrics"][0]
    assert metric["value"] == 0.98 and metric["args"]["n"] == 200 and len(metric["args"]["ci95"]) == 2
    assert "load('someone/tiny', adapter_path=\"path/to/this/folder\")" in text
    assert "| hard | 200 | 40.0 % | 33.5 to 46.9 | 98.0 % | 95.0 to 99.2 | 116 | 0 | better |" in text
    assert '"finetune"' in card.render(evidence.read(made.run, made.suites), lock.MODEL, "rejected")


def test_a_base_without_a_home_is_not_named_to_hubs(made: Made) -> None:
    made.edit("run.json", lambda run: run["base"].update(repository="", licence=""))
    text = card.render(evidence.read(made.run, made.suites), lock.ADAPTER, "general")
    assert "base_model:" not in text and 'license_name: "unknown"' in text and "no public home" in text


def a_card(made: Made, kind: str = lock.ADAPTER, texts: tuple[str, ...] = (), **more: Any) -> str:
    """The card of the run with other facts in its record: of the base, or `recipe`."""
    recipe = more.pop("recipe", {})
    made.edit("run.json", lambda run: (run["base"].update(more), run["recipe"].update(recipe)))
    return card.render(evidence.read(made.run, made.suites), kind, "routed-specialist", texts)


def test_the_card_names_the_texts_that_are_there(made: Made) -> None:
    assert "Its text is here" not in a_card(made) and "bound by it" not in a_card(made)
    assert "Its text is here: `LICENSE`." in a_card(made, texts=("LICENSE",))
    both = a_card(made, licence="gemma", texts=("LICENSE.html", "NOTICE"))
    assert "`LICENSE.html`, `NOTICE`" in both and "bound by it" in both and "not here" not in both
    for texts in ((), ("LICENSE",), ("NOTICE",)):
        assert "That text or its notice is not here" in a_card(made, licence="gemma", texts=texts)


def test_the_card_names_what_a_base_is_made_of(made: Made) -> None:
    source = {"form": "small with an adapter merged", "made_of": "small-0", "adapter_sha256": "7" * 64,
              "packages": ["a==1"], "gguf_sha256": "8" * 64}  # fmt: skip
    text = a_card(made, repository="", name="taught", source=source)
    assert f"`taught` (`small-0` with the adapter of SHA-256 `{'7' * 64}` merged), which has no public home" in text
    e = replace(evidence.read(made.run, made.suites), base_adapter_sha256="7" * 64)
    text = card.render(e, lock.ADAPTER, "general")
    assert "`mlx-train fetch taught` makes from `a==1` of the Python package index and the adapter that" in text


def test_the_card_says_what_the_recipe_says_it_is_for(made: Made) -> None:
    text = a_card(made)
    assert "## What it is for\n\nWorking on files by calling tools" in text and "Its job: Working on files" in text
    assert "any real file system" in text and "Rename draft.txt" in text
    own = {"data": {"files": ["own.jsonl"], "sources": [{"domain": "files"}]}}
    text = a_card(made, recipe=own)
    assert "## What it is for\n\nWhat its training rows show; the recipe does not say it" in text
    assert "file system" not in text and "draft.txt" not in text and "orking on files" not in text
    text = a_card(made, recipe={**own, "purpose": "Booking *rooms*."})
    assert "## What it is for\n\nBooking \\*rooms\\*." in text
    assert "nothing else, and everything else to another model. Its job: Booking \\*rooms\\*." in text


def test_the_label_says_what_a_router_may_send(made: Made) -> None:
    assert "Its job" not in report.report(made.run, made.suites)["meaning"]
    made.rescore("breadth-unseen", 120, 90)
    found = report.report(made.run, made.suites)
    assert found["label"] == "routed-specialist"
    assert "to another model. Its job: Working on files by calling tools" in found["meaning"]


def a_ladder(made: Made) -> None:
    """Two rungs as `ladder` writes them, and one that was not made."""
    whole = {"ppl": 1.5, "kld_mean": 0.00123, "kld_999": 0.0456, "kld_max": 0.789, "same_top": 0.9912, "tokens": 900}
    calls = {"kld_mean": 0.00234, "kld_999": 0.0567, "same_top": 0.9812, "tokens": 90}
    gates = {"n": 48, "passed": 24, "rate": 0.5, "ci95": [0.36, 0.64], "stop": 0.75}
    row = {"bytes": 2e9, "bpw": 4.5, "divergence": whole, "calls": calls, "load_seconds": 1.234, "tokens_per_s": 56.78,
           "peak_memory_gb": 2.345, "weights_sha256": "0", "gates": {"hard": gates}}  # fmt: skip
    write_json(made.run / "ladder" / "ladder.json", {
        "conditions": {"fused_sha256": "0", "dequantised": True}, "smallest": "4", "suites": ["hard", "abstain"],
        "quick": True, "dev": False, "rungs": [
            {**row, "rung": "full"}, {**row, "rung": "4", "passes": True, "tokens_per_s": None},
            {"rung": "dwq-4", "not_here": "it takes | too long"}],
    })  # fmt: skip


def test_the_ladder_stands_in_the_report_with_all_that_was_measured(made: Made) -> None:
    a_ladder(made)
    found = report.report(made.run, made.suites)["ladder"]
    assert (found["dequantised"], found["dev"], found["quick"], found["smallest"]) == (True, False, True, "4")
    assert [row["state"] for row in found["rungs"]] == ["measured", "measured", "skipped"]
    text, (html, tags) = (made.run / "report" / "report.md").read_text(), page(made)
    assert "| 4 | 2 | 4.50 | 1.5000 | 0.00123 | 0.0456 | 0.789 | 99.12 % | 0.00234 | 0.0567 | 98.12 % |" in text
    assert (
        "| full | 50.0 % (36.0 to 64.0) of 48; stop 75.0 % | - | - |" in text
        and "of 48; stop 75.0 % | - | yes |" in text
    )
    assert "| full | 1.23 | 56.8 | 2.345 |" in text and "| 4 | 1.23 | - | 2.345 |" in text
    for said in ("hard, abstain, quick subsets", "The smallest rung that passes is 4.", "dequantised to float32"):
        assert said in text and said in html
    assert "dwq-4 (it takes \\| too long)" in text and "dwq-4 (it takes | too long)" in html
    for cell in ("0.0456", "98.12 %", "50.0 % (36.0 to 64.0) of 48; stop 75.0 %", "56.8", "2.345"):
        assert f"<td>{cell}</td>" in html
    assert html.count("<table>") == html.count('tabindex="0" role="region"') == tags.seen.count("caption")
    made.edit("ladder/ladder.json", lambda held: (held.update(smallest=None, quick=False),
                                                  held["conditions"].update(dequantised=False)))  # fmt: skip
    report.report(made.run, made.suites)
    text = (made.run / "report" / "report.md").read_text()
    assert "No rung is shown to pass." in text and "quick subsets" not in text and "dequantised" not in text


def test_the_card_says_draft_quick_and_missing(made: Made) -> None:
    made.edit("gates/specialist.json", lambda gate: gate["suites"]["hard"].update(status="draft", quick=True))
    made.edit("gates/specialist.json", lambda gate: gate["suites"].pop("abstain"))
    text = card.render(evidence.read(made.run, made.suites), lock.ADAPTER, "general")
    assert "Draft suites, which may still change: hard." in text
    assert "Only the quick subset was scored of: hard." in text and "Not measured: abstain." in text


def test_the_table_is_aligned_and_narrow(made: Made) -> None:
    parts = [read_json(made.run / "gates" / f"{name}.json") for name in ("stock", "specialist", "comparison")]
    lines = table.text(*parts).splitlines()
    assert max(map(len, lines)) < 100 and len(lines) == 7
    assert lines[2].split() == [
        "hard", "200", "40.0", "%", "33.5-46.9", "98.0", "%", "95.0-99.2", "116", "0", "better",
    ]  # fmt: skip
    assert len({line.index(" %") for line in lines[2:]}) == 1
    for entry in (*parts[0]["suites"].values(), *parts[1]["suites"].values()):
        entry.update(n=10000, rate=1.0, ci95=[1.0, 1.0], quick=True, status="draft")
    for entry in parts[2]["suites"].values():
        entry.update(gained=1000, lost=1000, verdict="inconclusive")
    lines = table.text(*parts).splitlines()
    assert max(map(len, lines)) < 100 and lines[-1] == "The suites are drafts." and lines[-2].startswith("Quick")
    assert table.text(None, None, None).count("not measured") == 5


def test_the_loss_curve_stays_in_its_frame() -> None:
    assert plot.loss_curve(plot.thinned([])) is None
    metrics = [
        {"step": step, "loss": 3.0 / step, **({"dev_loss": 4.0 / step, "breadth_loss": 1.0} if step % 100 == 0 else {})}
        for step in range(1, 1001)
    ]
    curve = plot.loss_curve(plot.thinned(metrics, {"dev_loss": 9.0, "breadth_loss": None}))
    assert curve is not None and len(curve["train"]) <= plot.MOST_POINTS
    assert (len(curve["dev"]), len(curve["breadth"])) == (11, 10)
    assert curve["dev"][0] == (curve["left"], min(y for _, y in curve["dev"]))  # the stock, at step 0
    for x, y in (*curve["train"], *curve["dev"], *curve["breadth"]):
        assert curve["left"] <= x <= curve["right"] and plot.TOP <= y <= curve["bottom"]
    heights = [y for _, y in curve["train"]]
    assert heights == sorted(heights)  # a falling loss goes down the page
    flat = plot.loss_curve({"train": [(1, 1.0), (2, 1.0)], "dev": [], "breadth": []})
    assert flat is not None and len(flat["y_ticks"]) >= 1


def test_a_bar_by_hand() -> None:
    assert plot.bar(0.5, [0.0, 1.0]) == {"x": 100.0, "low": 5.0, "high": 195.0}


def add_ceiling(made: Made) -> None:
    """The ceiling passes all 200 tasks of each suite but `hard`, of which it passes 190."""
    gate = read_json(made.run / "gates" / "stock.json")
    parts = {name: scored(name, 190 if name == "hard" else 200, 200, made.suites) for name in gate["suites"]}
    write_json(made.run / "gates" / "ceiling.json", gate | {
        "model": {"id": "m", "answered": "best-2026 <b>", "endpoint": "api.example.com", "sha256": "9"},
        "suites": {name: part[0] for name, part in parts.items()},
        "tasks": {name: part[1] for name, part in parts.items()},
        "decoding": {"method": "greedy", "max_new_tokens": 256}, "prompt": RECIPE["prompt"], "begun": "2026-01-02",
    })  # fmt: skip


def test_without_a_ceiling_the_report_says_so(made: Made) -> None:
    found = report.report(made.run, made.suites)
    assert found["ceiling"] is None and all(row["ceiling"]["state"] == "skipped" for row in found["suites"])
    assert "No ceiling measured." in page(made)[0]
    assert "No ceiling measured." in (made.run / "report" / "report.md").read_text()


def test_a_ceiling_stands_beside_stock_and_specialist(made: Made) -> None:
    before = report.report(made.run, made.suites)
    add_ceiling(made)
    found = report.report(made.run, made.suites)
    assert found["blockers"] == before["blockers"] and found["verdict"] == before["verdict"]
    assert [row["ceiling"]["value"] for row in found["suites"]] == [0.95, 1, 1, 1, 1]
    assert found["ceiling"] == {
        "model": "best-2026 <b>", "endpoint": "api.example.com", "begun": "2026-01-02",
        "decoding": {"method": "greedy", "max_new_tokens": 256}, "left_out": {},
    }  # fmt: skip
    text = page(made)[0]
    assert "best-2026 &lt;b&gt; at api.example.com, begun 2026-01-02, decoding greedy" in text and "95.0 %" in text
    written = (made.run / "report" / "report.md").read_text()
    assert "| hard | 200 | 40.0 % | 33.5 to 46.9 | 98.0 % | 95.0 to 99.2 | 95.0 % | 116 | 0 |" in written
    assert "No ceiling" not in text + written


def test_a_ceiling_of_something_else_is_left_out_and_says_why(made: Made) -> None:
    def spoil(gate: Any) -> None:
        gate["suites"]["hard"].update(quick=True)
        gate["suites"]["heldout"].update(suite_sha256="0")
        gate["suites"]["abstain"].update(broken=True)
        gate["suites"]["other"] = gate["suites"].pop("breadth-unseen")

    add_ceiling(made)
    made.edit("gates/ceiling.json", spoil)
    found = report.report(made.run, made.suites)
    assert [row["suite"] for row in found["suites"] if row["ceiling"]["value"]] == ["breadth-retained"]
    assert len(found["suites"]) == 5 and found["ceiling"]["left_out"] == {
        "hard": "another subset of the suite", "heldout": "another version of the suite",
        "other": "not scored in this run", "abstain": "too many errors",
    }  # fmt: skip
    assert "Left out: hard (another subset of the suite)" in page(made)[0]
    for change, why in (
        ({"prompt": "Else."}, "another system prompt"),
        ({"variant": "renamed"}, "the variant renamed"),
    ):
        add_ceiling(made)
        made.edit("gates/ceiling.json", lambda gate, change=change: gate.update(change))
        assert set(report.report(made.run, made.suites)["ceiling"]["left_out"].values()) == {why}
    made.edit("gates/ceiling.json", lambda gate: gate.pop("decoding"))
    found = report.report(made.run, made.suites)
    assert found["ceiling"] is None and "gates/ceiling.json: has no decoding" in found["not_verified"]


def test_divergence_on_general_text_has_its_limit_and_its_state(made: Made) -> None:
    found = report.report(made.run, made.suites)["general"]
    assert {key: held["value"] for key, held in found.items()} == {
        "kld": 0.01, "prose": 0.01, "code": 0.01, "same_top": 0.97, "ppl_stock": 9.0, "ppl_specialist": 9.1,
    }  # fmt: skip
    assert (found["kld"]["limit"], found["kld"]["error"], found["kld"]["n"]) == (0.02, 0.001, 900)
    said = "Mean KLD from stock 0.0100 nats per token (standard error 0.0010; prose 0.0100, code 0.0100); at most 0.02"
    assert said in page(made)[0] and said in (made.run / "report" / "report.md").read_text()
    (made.run / "gates" / "general.json").unlink()
    assert {held["state"] for held in report.report(made.run, made.suites)["general"].values()} == {"missing"}
    made.edit("run.json", lambda run: run["recipe"]["gates"].pop("general_kld"))
    assert {held["state"] for held in report.report(made.run, made.suites)["general"].values()} == {"skipped"}
    assert "Divergence from stock on prose and code: skipped." in page(made)[0]


def test_what_was_chosen_among_stands_in_the_report(made: Made) -> None:
    assert report.report(made.run, made.suites)["selection"] is None
    made.edit("run.json", lambda run: run["recipe"].update(select={"tasks": 50}))
    found = report.report(made.run, made.suites)["selection"]
    assert (found["chosen"], found["candidates"], found["state"]) == (None, [], "missing")
    scores = {"suites": {"hard": {"n": 50, "passed": 40, "rate": 0.8, "ci95": [0.67, 0.89]}}}
    made.edit("run.json", lambda run: run["stages"].update(select={
        "chosen": "last-x0.5", "stock": scores, "candidates": {"last-x0.5": {**scores, "general_kld": 0.0123}},
    }))  # fmt: skip
    found = report.report(made.run, made.suites)["selection"]
    assert [one["name"] for one in found["candidates"]] == ["stock", "last-x0.5"]
    rate = found["candidates"][1]["suites"]["hard"]
    assert (rate["value"], rate["n"], rate["source"], len(rate["sha256"])) == (0.8, 50, "run.json", 64)
    assert found["candidates"][0]["general_kld"]["state"] == "not applicable"
    assert "| last-x0.5 (chosen) | 80.0 % | 0.0123 |" in (made.run / "report" / "report.md").read_text()
    assert '<th scope="row">last-x0.5 (chosen)</th><td>80.0 %</td><td>0.0123</td>' in page(made)[0]


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"run\.json"):
        report.report(tmp_path)
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("of_families, said", [(0.01, "+1.0 points"), (None, "+2.0 points (of tasks alone)")])
def test_the_bound_that_is_told_is_the_one_that_the_verdict_goes_by(made: Made, of_families, said: str) -> None:
    def change(found: Any) -> None:
        found["suites"]["abstain"].update(bound=0.02, bound_clustered=of_families)

    made.edit("gates/comparison.json", change)
    found = report.report(made.run, made.suites)
    held = next(row["change"] for row in found["suites"] if row["suite"] == "abstain")
    assert (held["bound"], held["bound_clustered"]) == (0.02, of_families)
    texts = [report.markdown(found), report.html(found), card.transfer(found["suites"])]
    assert all(f"the change is above {said};" in " ".join(text.split()) for text in texts)
    assert f"| {said.replace(' points', '')} |" in texts[0] and f"<td>{said.replace(' points', '')}</td>" in texts[1]


def test_time_spent_on_an_interrupted_report_is_no_part_of_what_it_is_of() -> None:
    record = {"stages": {"fit": {}}, "spent": {"package": 2.0}}
    meanwhile = {"stages": {"fit": {}, "report": {}}, "spent": {"package": 2.0, "report": 3.0}, "peak_memory_gb": 1.0}
    assert evidence._lasting(meanwhile) == record == evidence._lasting(record)
