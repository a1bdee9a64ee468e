"""What stands between a run and its release: every rule, and the waivers, over saved evidence."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from mlx_train.release import rules_package, rules_scores, rules_stale, waivers
from mlx_train.release.evidence import RUN, Evidence
from mlx_train.release.finding import LABELS, Blocker, Label, label

Rules = tuple[Callable[[Evidence], Iterator[Blocker]], ...]
SCORES: Rules = (
    rules_scores.not_measured, rules_scores.comparison, rules_stale.stale, rules_stale.conditions,
    rules_scores.selftest, rules_scores.overlap, rules_scores.stock_overlap, rules_scores.suite_hash,
    rules_scores.draft_suite, rules_scores.quick_subset, rules_scores.regression, rules_scores.general_text,
    rules_scores.forbidden, rules_scores.no_improvement, rules_scores.lower_bounds, rules_scores.errors,
)  # fmt: skip
PROVENANCE: Rules = (
    rules_package.public_home, rules_package.base_revision, rules_package.licence, rules_package.training_record,
    rules_package.reproducible, rules_package.source, rules_package.purpose,
)  # fmt: skip
PACKAGES: Rules = (
    rules_package.package, rules_package.licence_text, rules_package.card, rules_package.parity,
    rules_package.quantised,
)  # fmt: skip
RULES = SCORES + PROVENANCE + PACKAGES


def find(evidence: Evidence, today: datetime.date | None = None) -> list[Blocker]:
    """Every finding, the most severe first and waived ones last.

    Args:
        today: the day on which waivers have to hold; this day if None. Without waivers it decides nothing.
    """
    found = _waived(evidence, RULES, today)
    found += rules_package.card_label(evidence, label(found))
    order = list(LABELS)
    return sorted(found, key=lambda one: (one.waiver is not None, -order.index(one.severity)))


def label_before_packages(evidence: Evidence) -> Label:
    """The label that scores and provenance allow, for the card of a package that is only being made.

    Should the package turn out not to be what was scored, that is a finding, and so is the label on its card then.
    """
    return label(_waived(evidence, SCORES + PROVENANCE, None))


def _waived(evidence: Evidence, rules: Rules, today: datetime.date | None) -> list[Blocker]:
    """What the rules find, with waivers applied. A rule that cannot read its evidence blocks."""
    found: list[Blocker] = []
    for rule in rules:
        try:
            found += list(rule(evidence))
        except (KeyError, TypeError, AttributeError, IndexError, ValueError, StopIteration) as error:
            what = f"The evidence for {rule.__name__.replace('_', ' ')} does not have the expected form ({error!r})."
            spoken = rules_scores.every(evidence) if rule in SCORES else ()
            found.append(
                Blocker(f"unreadable/{rule.__name__}", "blocks", what, RUN, rules_scores.RUN_AGAIN, suites=spoken)
            )
    return list(waivers.apply(found, *evidence.waivers, today or datetime.date.today()))
