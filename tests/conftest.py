"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes depends on what else the machine does; a test must not fail for that.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
