"""Reading the header of a safetensors file, strictly, before anything is loaded from it; and its values, for NaN.

MLX reads files that the reference library refuses: tensors that overlap or leave holes, bytes after the last one, sizes
that overflow. Here such a file is refused, and so are two things that both read: a key given twice, and a header that
does not begin with a brace. The format is described at https://github.com/huggingface/safetensors#format.
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np

from mlx_train.errors import BadInput

HEADER_LIMIT = 100_000_000
"""Longest header in bytes, as in the reference library."""
BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8, "C64": 8,
}  # fmt: skip
"""Bytes of one element, by dtype."""

NOT_FINITE = {
    "F8_E4M3": ("<u1", 0x7F), "F8_E5M2": ("<u1", 0x7C), "F8_E8M0": ("<u1", 0xFF), "F16": ("<u2", 0x7C00),
    "BF16": ("<u2", 0x7F80), "F32": ("<u4", 0x7F800000), "F64": ("<u8", 0x7FF0000000000000), "C64": ("<u4", 0x7F800000),
}  # fmt: skip
"""By dtype: whole numbers of the same size, and the bits that are all set where a value is infinite or NaN: those of
the exponent, of E4M3 and E8M0 also the rest, which have NaN alone."""
PIECE = 1 << 22
"""Values that are looked at together."""


class _Malformed(ValueError):
    """What is wrong with a header."""


def header(path: Path) -> dict[str, Any]:
    """The checked header of a safetensors file: tensor name to `dtype`, `shape` and `data_offsets`.

    Raises:
        BadInput: the file is cut off, has bytes too many, or its header is not exactly as the format wants it; the
            message has the path and what is wrong.
    """
    size = path.stat().st_size
    with open(path, "rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
        if length > HEADER_LIMIT or 8 + length > size:
            raise BadInput(f"{path}: not a whole safetensors file ({size} bytes). Fetch or build it again.")
        text = stream.read(length)
    try:
        found = _parsed(text)
        end = _check(found)
    except (ValueError, RecursionError) as error:  # bytes that are no UTF-8 or JSON included
        raise BadInput(f"{path}: the safetensors header is malformed ({error}). Fetch or build it again.") from None
    if (expected := 8 + length + end) != size:
        raise BadInput(
            f"{path}: {size} bytes, but its header describes {expected}: it is cut off or has extra bytes. "
            "Fetch or build it again."
        )
    return found


def check_finite(path: Path) -> None:
    """Look for NaN and infinity among the values of a file, a piece at a time. Whole numbers, which quantised weights
    are packed in, are passed over.

    Raises:
        BadInput: the header is malformed, or a tensor has such a value; the message names the tensor.
    """
    tensors = header(path)
    tensors.pop("__metadata__", None)
    with open(path, "rb") as stream:
        start = 8 + struct.unpack("<Q", stream.read(8))[0]
        for name, entry in tensors.items():
            if entry["dtype"] not in NOT_FINITE:
                continue
            form, mask = NOT_FINITE[entry["dtype"]]
            first, last = entry["data_offsets"]
            stream.seek(start + first)
            count = (last - first) // np.dtype(form).itemsize
            for done in range(0, count, PIECE):
                values = np.fromfile(stream, form, min(count - done, PIECE))
                if (values & mask == mask).any():
                    raise BadInput(
                        f"{path}: the tensor {name!r} has values that are NaN or infinite. Nothing can be computed "
                        "with it: make or fetch the file again, or go back to an earlier checkpoint."
                    )


def _parsed(text: bytes) -> dict[str, Any]:
    if text[:1] != b"{":
        raise _Malformed("it does not begin with a brace")
    found: dict[str, Any] = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    json.dumps(found, ensure_ascii=False).encode()  # raises for half a surrogate pair, which JSON can escape
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Malformed("a key occurs twice")
    return found


def _no_constant(name: str) -> None:
    raise _Malformed(f"{name} is no JSON")


def _check(found: dict[str, Any]) -> int:
    """Check metadata and tensors; returns the number of bytes that the tensors take, which have no gap between them."""
    metadata = found.get("__metadata__")
    metadata = {} if metadata is None else metadata  # MLX writes null where it is given none
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _Malformed("__metadata__ is not an object of texts")
    places = sorted(_place(name, entry) for name, entry in found.items() if name != "__metadata__")
    end = 0
    for first, last, name in places:
        if first != end:
            raise _Malformed(f"the bytes of {name!r} begin at {first}, expected {end}")
        end = last
    return end


def _place(name: str, entry: Any) -> tuple[int, int, str]:
    """First byte, end and name of one tensor."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _Malformed(f"{name!r} needs dtype, shape and data_offsets, and nothing else")
    shape, offsets = entry["shape"], entry["data_offsets"]
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in BYTES:
        raise _Malformed(f"{name!r} has the unknown dtype {entry['dtype']!r}")
    if not _counts(shape) or not _counts(offsets) or len(offsets) != 2:
        raise _Malformed(f"{name!r}: shape or data_offsets are not whole numbers from 0")
    if offsets[1] - offsets[0] != math.prod(shape) * BYTES[entry["dtype"]]:
        raise _Malformed(f"{name!r}: {offsets[1] - offsets[0]} bytes do not hold the shape {shape}")
    return offsets[0], offsets[1], name


def _counts(value: Any) -> bool:
    """Whether it is a list of whole numbers from 0 that 64 bits hold."""
    return isinstance(value, list) and all(type(item) is int and 0 <= item < 2**63 for item in value)
