"""The faults a person can meet, each with the exit code that scripts rely on (see the README's table)."""

from __future__ import annotations


class Fault(Exception):
    """Something outside the program is wrong. The message says what, where, and what to do next."""

    exit_code = 70


class BadInput(Fault):
    """Usage, recipe, data row or model directory that cannot be used as it is."""

    exit_code = 64


class NoNetwork(Fault):
    """A hub, package index or endpoint could not be reached."""

    exit_code = 69


class NoSpace(Fault):
    """The disk is full, or reading and writing failed."""

    exit_code = 74


class Interrupted(Fault):
    """Stopped by the person; what was done is kept and the same command goes on from there."""

    exit_code = 130


class GateBroken(Fault):
    """A suite or measurement cannot be trusted: a hash differs, a file is missing or unreadable."""

    exit_code = 3
