"""What a GGUF file says of itself: its metadata, and whether a tensor in it is quantised. No library is needed.

The layout is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

from mlx_train.errors import BadInput

NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""By kind of a value; texts and lists have kinds of their own."""
TEXT, LIST = 8, 9
WHOLE = {0, 1, 24, 25, 26, 27, 28, 30}
"""Number formats that are not quantised: F32, F16, I8, I16, I32, I64, F64, BF16."""


def read(path: Path) -> tuple[dict[str, Any], bool]:
    """The metadata without its lists, and whether any tensor is quantised.

    Raises:
        BadInput: not a GGUF file, or one that is cut off.
    """
    try:
        with open(path, "rb") as stream:
            return _read(stream)
    except (struct.error, ValueError, KeyError, OverflowError, RecursionError) as error:
        raise BadInput(f"{path}: not a whole GGUF file ({error}). Write it again.") from None


def _read(stream: BinaryIO) -> tuple[dict[str, Any], bool]:
    if stream.read(4) != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    _, tensors, keys = _number(stream, "I"), _number(stream, "Q"), _number(stream, "Q")
    found = {_text(stream): _value(stream, _number(stream, "I")) for _ in range(keys)}
    formats = set()
    for _ in range(tensors):
        _text(stream)
        stream.seek(8 * _number(stream, "I"), os.SEEK_CUR)  # its shape
        formats.add(_number(stream, "I"))
        _number(stream, "Q")  # where it begins
    return {key: value for key, value in found.items() if value is not None}, bool(formats - WHOLE)


def _number(stream: BinaryIO, form: str) -> Any:
    return struct.unpack(f"<{form}", stream.read(struct.calcsize(f"<{form}")))[0]


def _text(stream: BinaryIO) -> str:
    length = _number(stream, "Q")
    if length > os.fstat(stream.fileno()).st_size:
        raise ValueError("a text is longer than the file")
    return stream.read(length).decode()


def _value(stream: BinaryIO, kind: int) -> Any:
    """One value; of a list None."""
    if kind == TEXT:
        return _text(stream)
    if kind != LIST:
        return _number(stream, NUMBERS[kind])
    inner, count = _number(stream, "I"), _number(stream, "Q")
    if inner in NUMBERS:
        stream.seek(count * struct.calcsize(f"<{NUMBERS[inner]}"), os.SEEK_CUR)
    else:
        for _ in range(count):
            _value(stream, inner)
    return None
