"""Rows of one's own from Parquet files and hub data sets, through the `datasets` library.

Columns of a table have one type. A library that finds it out by itself makes of `{"a": 1}` in one row and `{"b": 2}` in
another the arguments `{"a": 1, "b": null}` and `{"a": null, "b": 2}`: calls that nobody made. So what differs from
row to row (arguments, parameters, or the whole of `tools` and `messages`) has to be JSON text in a table, and is
parsed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput, NoNetwork

HUB = "hub:"
NAME = re.compile(r"hub:(?P<repository>[\w.-]+/[\w.-]+)@(?P<revision>[0-9a-f]{40})(?::(?P<split>[\w.-]+))?")
FREE = ("arguments", "parameters")
"""Keys whose objects have other keys in each row."""


def rows(source: str | Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a Parquet file or of `hub:owner/name@revision` (then `:split`, `train` if left out), one at a time.

    Returns: for each its place (`row 7`, counted from 1) and the row as one of a JSONL file would be.

    Raises:
        BadInput: the source cannot be read, or a column would have changed what the rows say.
        NoNetwork: the hub is not in reach.
    """
    try:
        import datasets
        import pyarrow
        from huggingface_hub.errors import HTTPError
    except ImportError:
        raise BadInput(
            f"{source}: reading it needs the library `datasets`. Install it with `pip install 'mlx-train[datasets]'`."
        ) from None
    number = 0
    try:  # a table is opened and read bit by bit, so either may fail at any row
        table = _open(str(source))
        for column, feature in (table.features or {}).items():
            if spoilt := _typed(feature, column):
                raise BadInput(
                    f"{source}, column {spoilt}: an object with the same keys in every row, so keys were added where a "
                    "row has others. Store it as JSON text (json.dumps), or the whole column, and run again."
                )
        for number, row in enumerate(table, 1):
            yield f"row {number}", {key: _parsed(key, value) for key, value in row.items() if value is not None}
    except (HTTPError, ConnectionError, TimeoutError, datasets.exceptions.DatasetNotFoundError) as error:
        raise NoNetwork(f"{source}{_after(number)}: {_first_line(error)}. Check the name and the network.") from None
    except (ValueError, OSError, pyarrow.ArrowException, datasets.exceptions.DatasetsError) as error:
        raise BadInput(
            f"{source}{_after(number)}: cannot be read ({_first_line(error)}). Expected a whole Parquet file; make or "
            "fetch it again."
        ) from None


def _after(number: int) -> str:
    return f", after row {number}" if number else ""


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _open(source: str) -> Any:
    """The table, to be read a row at a time."""
    import datasets

    if not source.startswith(HUB):
        if not Path(source).is_file():
            raise BadInput(f"{source}: this file does not exist.")
        return datasets.load_dataset("parquet", data_files=source, split="train", streaming=True)
    if (found := NAME.fullmatch(source)) is None:
        raise BadInput(f"data.files, {source!r}: expected hub:owner/name@REVISION, the revision a commit of 40 digits.")
    return datasets.load_dataset(
        found["repository"], revision=found["revision"], split=found["split"] or "train", streaming=True
    )


def _typed(feature: Any, place: str) -> str | None:
    """Where a column's type fixes the keys of an object whose keys are free; None if nowhere."""
    if isinstance(feature, dict):
        for key, inner in feature.items():
            within = f"{place}.{key}"
            if key in FREE and isinstance(inner, dict):
                return within
            if (found := _typed(inner, within)) is not None:
                return found
    inner = getattr(feature, "feature", None)
    return None if inner is None else _typed(inner, place)


def _parsed(key: str, value: Any) -> Any:
    """The value with JSON text parsed, and without the keys that only the table's type put there."""
    if isinstance(value, str) and key in ("tools", "messages", "templates", *FREE):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value  # the check of the row says what was expected
    if isinstance(value, dict):
        return {inner: _parsed(inner, held) for inner, held in value.items() if held is not None}
    if isinstance(value, list):
        return [_parsed("", held) for held in value]
    return value
