"""Waivers: `waivers.toml` in a run's folder, in which a named person accepts a finding until a day.

They lie in the run because they are about its findings; another run needs a decision of its own.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from mlx_train.release.finding import Blocker, Waiver

FILE = "waivers.toml"
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Entry(BaseModel):
    """One `[[waiver]]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    blocker: Words
    """Id of the finding, in full."""
    reason: Words
    owner: Words
    expires: datetime.date
    """The last day on which it holds."""


def read(path: Path) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The waivers of a file, and what is wrong with those that are none; both empty if there is no file."""
    if not path.exists():
        return (), ()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return (), (f"{FILE} is not valid TOML: {error}",)
    rows: Any = content.pop("waiver", [])
    faults = [f"{FILE}: unknown key {key}; expected [[waiver]]" for key in content]
    if not isinstance(rows, list):
        return (), (*faults, f"{FILE}: waiver is one table; expected [[waiver]]")
    entries = []
    for number, row in enumerate(rows, 1):
        try:
            entries.append(Entry.model_validate(row))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'waiver'}: {one['msg']}" for one in error.errors())
            faults.append(f"{FILE}, waiver {number}: {wrong}")
    return tuple(entries), tuple(faults)


def apply(
    findings: Sequence[Blocker], entries: Sequence[Entry], faults: Sequence[str], today: datetime.date
) -> Iterator[Blocker]:
    """The findings, waived where a waiver holds, and one more for each waiver that waives nothing."""
    held = {}
    for entry in entries:
        one = next((one for one in findings if one.id == entry.blocker), None)
        if one is None:
            faults = [*faults, f"{FILE}: {entry.blocker} is not among the findings"]
        elif not one.waivable:
            faults = [*faults, f"{FILE}: {entry.blocker} cannot be waived"]
        elif entry.expires < today:
            faults = [*faults, f"{FILE}: the waiver of {entry.blocker} expired after {entry.expires}"]
        else:
            held[one.id] = Waiver(entry.reason, entry.owner, entry.expires.isoformat())
    yield from (replace(one, waiver=held.get(one.id)) for one in findings)
    for number, fault in enumerate(faults, 1):
        yield Blocker(
            f"waiver/{number}", "warns", f"A waiver waives nothing. {fault}.", FILE,
            "Mend it or take it out: blocker (an id of the findings), reason, owner, expires (a date such as "
            "2027-01-31).",
        )  # fmt: skip
