"""Measurements of this program beside its peer, in one run."""
