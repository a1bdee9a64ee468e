"""A finding, and the label of a run: what it may be released as, which follows from the findings and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["warns", "routes", "blocks", "rejects"]
Label = Literal["general", "routed-specialist", "report-only", "rejected"]
LABELS: dict[Severity, Label] = {
    "warns": "general", "routes": "routed-specialist", "blocks": "report-only", "rejects": "rejected",
}  # fmt: skip
"""By severity, from the mildest on: the best label that a run with such a finding may bear."""
RELEASED: tuple[Label, ...] = ("general", "routed-specialist")
MEANING: dict[Label, str] = {
    "general": "It may be released, and used wherever the base may be.",
    "routed-specialist": "It may be released for its own job alone: put it behind a router that sends it nothing else, "
    "and everything else to another model.",
    "report-only": "It may not be released; these numbers are all there is to show.",
    "rejected": "It may not be released: it was shown to be worse, or its evidence cannot be trusted.",
}


@dataclass(frozen=True)
class Waiver:
    """A named person's decision to release in spite of a finding, until the end of a day."""

    reason: str
    owner: str
    expires: str


@dataclass(frozen=True)
class Blocker:
    """One finding.

    Attributes:
        id: the rule, and what it applies to after a slash.
        severity: `warns`; `routes`, so that only a routed specialist is left; `blocks` a release until something is
            done; or `rejects` the run.
        evidence: the file that shows it, within the run.
        suites: the suites whose result it casts doubt on; none where it is about the model, its files or its origin.
        unblock: what would remove it.
        waivable: whether a person may answer for it. Nobody can answer for evidence that is missing or false.
        waiver: by whom and why it is waived.
    """

    id: str
    severity: Severity
    found: str
    evidence: str
    unblock: str
    waivable: bool = False
    waiver: Waiver | None = None
    suites: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """As a plain JSON object."""
        return asdict(self) | {"suites": list(self.suites)}


def stands(finding: Mapping[str, Any]) -> bool:
    """Whether a finding, as a JSON object, is in the way of a release."""
    return LABELS[finding["severity"]] not in RELEASED and finding["waiver"] is None


def label(findings: Iterable[Blocker]) -> Label:
    """The best label that every finding without a waiver allows."""
    order = list(LABELS)
    worst = max((order.index(one.severity) for one in findings if one.waiver is None), default=0)
    return LABELS[order[worst]]
