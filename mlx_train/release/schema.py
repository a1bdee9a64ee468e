"""What report.json holds: typed, for reading old reports, and as JSON Schema for everybody else.

`python -m mlx_train.release.schema` writes the schema of this format anew. A format that has been written is never
changed: a change is a new format, with a schema of its own, and `saved.py` brings older ones up to it. (Format 2 was:
its first reports lack `general`, `selection` and `control`, which `report-2.schema.json` asks for.)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from mlx_train.release.figure import State
from mlx_train.release.finding import Label, Severity

PATH = Path(__file__).with_name("report-5.schema.json")
ID = f"https://github.com/mlx-train/mlx-train/raw/main/mlx_train/release/{PATH.name}"
Interval = tuple[float, float]


class Part(BaseModel):
    """A part of the report; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Origin(Part):
    """Where numbers are from."""

    state: State
    """`measured` in this run, `derived` from what was, `historical`: measured before or by others, `skipped`: not asked
    for, `missing`, or `not applicable`."""
    source: str
    """The file they are from, within the run; of published numbers, the program's own list of them."""
    sha256: str | None
    """SHA-256 of that file."""


class Figure(Origin):
    """A number."""

    value: float | None
    n: int | None
    """Of how many tasks, rows, tokens or calls."""
    interval: Interval | None
    """Of 95 %, two-sided, if nothing else is said."""


class Pooled(Figure):
    """A share of tasks passed; the interval is Wilson's."""

    passed: int | None


class Rate(Pooled):
    """The share of a suite's tasks passed."""

    errors: int | None
    """Rollouts that ended in an error; they count as not passed."""
    exact: Interval | None
    """Interval of Clopper and Pearson."""


class Change(Figure):
    """A difference of two shares on the same tasks, specialist less stock, or less the control where that is better."""

    against: Literal["stock", "control"]
    level: float
    """Of the interval: 0.9, since its ends are Tango's one-sided bounds of 95 %."""
    gained: int | None
    """Tasks that only the specialist passes."""
    lost: int | None
    """Tasks that only the other passes."""


class SuiteChange(Change):
    """The same for a whole suite."""

    bound: float | None
    """Tango's one-sided lower bound of 95 %, of tasks."""
    bound_clustered: float | None
    """The same where tasks of a family are alike; null with too few families, and in reports of older formats."""
    margin: float | None
    """Largest loss that may be ignored."""
    n_needed: int | None
    """Tasks that would settle an inconclusive verdict."""


class Waiver(Part):
    """Who released in spite of a finding, and until when."""

    reason: str
    owner: str
    expires: str


class Finding(Part):
    """What stands against a release, or is worth knowing."""

    id: str
    severity: Severity
    """`warns`, `routes` (leaves a routed specialist), `blocks`, or `rejects`."""
    found: str
    evidence: str
    """The file that shows it."""
    sha256: str | None
    unblock: str
    suites: list[str]
    """Suites whose result it casts doubt on; none where it is about the model, its files or its origin."""
    waivable: bool
    waiver: Waiver | None


class System(Part):
    """A model among others: `direct` on the same tasks, `directional` as published on tasks of its own."""

    name: str
    kind: Literal["direct", "directional"]
    depth: Pooled
    breadth: Pooled
    about: str
    published: str | None


class Suite(Part):
    """Stock, specialist and, where there are such, control and ceiling on one suite."""

    suite: str
    verdict: str
    quick: bool | None
    status: str | None
    suite_sha256: str | None
    stock: Rate
    control: Rate
    specialist: Rate
    ceiling: Rate
    change: SuiteChange


class Domain(Part):
    """The same for one domain of a suite, with the ids of the tasks that only one of the two passes."""

    suite: str
    domain: str
    stock: Pooled
    specialist: Pooled
    change: Change
    gained: list[str]
    lost: list[str]


class Control(Origin):
    """A run trained as far on replay data alone."""

    run: str | None
    recipe: str | None
    steps: int | None
    domains: dict[str, int] | None
    """Its rows by domain."""


class Divergence(Figure):
    """Mean KL(stock, specialist) in nats per token."""

    error: float | None
    """Standard error of the mean, as if tokens were independent."""
    limit: float | None
    """The most that a general label allows; null if the recipe sets none."""


class General(Part):
    """How far the specialist moved from stock on fixed English prose and code, teacher-forced."""

    kld: Divergence
    prose: Figure
    """The same of the prose alone."""
    code: Figure
    """And of the code."""
    same_top: Figure
    """Share of tokens at which both find the same one likeliest."""
    ppl_stock: Figure
    ppl_specialist: Figure


class Curve(Origin):
    """Loss in nats per supervised token, by step; at step 0 that of the stock."""

    train: list[tuple[float, float]]
    dev: list[tuple[float, float]]
    breadth: list[tuple[float, float]]
    """Of rows of other domains."""


class Candidate(Part):
    """Stock, or weights that training kept, at a strength."""

    name: str
    suites: dict[str, Pooled]
    """Tasks of the dev suites passed."""
    general_kld: Figure
    """Divergence from stock on the dev texts, in nats per token."""


class Selection(Origin):
    """The choice of weights by the dev suites."""

    chosen: str | None
    candidates: list[Candidate]


class Calls(Part):
    """Tool calling by suite, whether or not the task passed."""

    suite: str
    stock: dict[str, Figure]
    specialist: dict[str, Figure]


class Record(Origin):
    """Numbers as another file has them."""

    model_config = ConfigDict(extra="allow")


class Rung(Record):
    """A quantised model."""

    rung: str


class Ladder(Part):
    """The quantised models."""

    smallest: str | None
    """The smallest that passes."""
    suites: list[str]
    """Suites whose tasks the rungs did."""
    quick: bool
    """Only their quick subsets."""
    dev: bool | None
    """The dev suites of these names; null in reports of older formats."""
    dequantised: bool | None
    """Divergence and tasks were measured with the weights dequantised to float32, as on a processor; null as above."""
    rungs: list[Rung]


class Package(Part):
    """A folder that may be released."""

    name: str
    bytes: Figure
    lock_sha256: str | None
    files: dict[str, str]
    """SHA-256 by name."""
    verified: bool | None
    """Whether it matches its lock; null if it is missing."""
    parity: Record | None


class Provenance(Part):
    """Where it all comes from. The recipe's numbers are settings, not results."""

    started: str | None
    recipe_sha256: str
    recipe: dict[str, Any]
    base: dict[str, str | dict[str, str | list[str]] | None]
    data_sha256: dict[str, str]
    prompt_sha256: str | None
    decoding: dict[str, Any] | None
    versions: dict[str, str]
    machine: dict[str, Any]
    source: dict[str, Any]
    commands: list[str]


class Report(Part):
    """A release report of mlx-train."""

    label: Label
    """What it may be released as; it follows from the findings."""
    meaning: str
    verdict: Literal["releasable", "blocked"]
    format: Literal[5]
    run: str
    recipe: str
    blocking: int
    """Findings in the way of a release."""
    waived: int
    warnings: int
    blockers: list[Finding]
    systems: list[System]
    suites: list[Suite]
    domains: list[Domain]
    transcripts: str | None
    """The page of the transcripts within the run."""
    general: General
    ceiling: dict[str, Any] | None
    control: Control | None
    training: dict[str, Figure]
    selection: Selection | None
    """Null where the recipe has no `[select]`."""
    curve: Curve
    calls: list[Calls]
    ladder: Ladder | None
    cost: dict[str, Figure]
    packages: list[Package]
    provenance: Provenance
    sources: dict[str, str]
    """SHA-256 of each file that was read; of run.json, of its canonical JSON (sorted keys, no spaces) without
    `peak_memory_gb` and `stages.report`, which are noted after the report is made."""
    not_verified: list[str]


def json_schema() -> dict[str, Any]:
    """The JSON Schema, draft 2020-12."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ID, **Report.model_json_schema()}


if __name__ == "__main__":
    from mlx_train.files import write_json

    write_json(PATH, json_schema())
