"""The header check accepts nothing that the reference library rejects, and refuses what MLX reads by mistake."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from safetensors import SafetensorError, deserialize

from mlx_train import tensor_file
from mlx_train.errors import BadInput
from mlx_train.train.adapters import save_arrays

F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
NEXT = {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}


def made(header: str | bytes | dict[str, Any], data: int = 8, length: int | None = None) -> bytes:
    """The bytes of a file; `length` lies about the header's."""
    text = json.dumps(header) if isinstance(header, dict) else header
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(raw) if length is None else length) + raw + bytes(data)


def tensor(**changes: Any) -> dict[str, Any]:
    return {"w": {**F32, **changes}}


GOOD = {
    "one tensor": made(tensor()),
    "metadata": made({"__metadata__": {"format": "mlx"}, **tensor()}),
    "no metadata, as MLX writes it": made({"__metadata__": None, **tensor()}),
    "two tensors": made({"w": F32, "v": NEXT}, 12),
    "the later one first": made({"v": NEXT, "w": F32}, 12),
    "nothing": made({}, 0),
    "an empty tensor": made({"w": F32, "e": {"dtype": "F16", "shape": [0, 3], "data_offsets": [8, 8]}}),
    "a number": made({"w": {"dtype": "I64", "shape": [], "data_offsets": [0, 8]}}),
    "padding": made(json.dumps(tensor()) + "   "),
}
BAD = {
    "the same key twice": made(f'{{"w":{json.dumps(F32)},"w":{json.dumps(NEXT)}}}', 12),
    "the same key twice, alike": made(f'{{"w":{json.dumps(F32)},"w":{json.dumps(F32)}}}'),
    "the same bytes twice": made({"w": F32, "v": F32}),
    "a hole": made({"w": F32, "v": {**NEXT, "data_offsets": [12, 16]}}, 16),
    "bytes before the first": made(tensor(data_offsets=[4, 12]), 12),
    "bytes after the last": made(tensor(), 9),
    "a negative shape": made(tensor(shape=[-1, -2])),
    "a shape that wraps to nothing": made(tensor(shape=[65536] * 4, data_offsets=[0, 0]), 0),
    "offsets near the end of 64 bits": made(tensor(shape=[0], data_offsets=[2**64 - 8, 2**64 - 8])),
    "offsets in the wrong order": made(tensor(data_offsets=[8, 0])),
    "three offsets": made(tensor(data_offsets=[0, 8, 8])),
    "a dtype of another size": made(tensor(dtype="F16")),
    "an unknown dtype": made(tensor(dtype="F3")),
    "no shape": made({"w": {"dtype": "F32", "data_offsets": [0, 8]}}),
    "a fraction": made(tensor(shape=[2.0])),
    "a truth": made(tensor(shape=[True], data_offsets=[0, 4]), 4),
    "spaces first": made("  " + json.dumps(tensor())),
    "a list": made("[]", 0),
    "no JSON": made("{", 0),
    "no UTF-8": made(b'{"\xff":{}}', 0),
    "half a surrogate pair": made(f'{{"\\ud800":{json.dumps(F32)}}}'),
    "deep JSON": made('{"a":' * 100_000 + "1" + "}" * 100_000, 0),
    "metadata that is no text": made({"__metadata__": {"a": 1}, **tensor()}),
    "a header longer than the file": made(tensor(), length=10_000),
    "a header longer than any": made(tensor(), length=2**63),
    "a header cut off": made(tensor())[:20],
    "data cut off": made(tensor(), 7),
    "seven bytes": b"\0" * 7,
    "an empty file": b"",
}
LIKED_BY_MLX = {
    "the same key twice", "the same bytes twice", "a hole", "bytes after the last", "a negative shape",
    "a shape that wraps to nothing", "offsets near the end of 64 bits",
}  # fmt: skip


def reference_accepts(content: bytes) -> bool:
    try:
        deserialize(content)
    except SafetensorError:
        return False
    return True


def accepts(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        tensor_file.header(path)
    except BadInput:
        return False
    return True


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_whole_files_are_accepted_as_by_the_reference_and_mlx(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    assert accepts(path, content) and reference_accepts(content)
    mx.load(str(path))


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_malformed_files_are_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"model\.safetensors"):
        tensor_file.header(path)


@pytest.mark.parametrize("name", sorted(LIKED_BY_MLX))
def test_mlx_alone_would_read_these(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(BAD[name])
    mx.load(str(path))
    assert not reference_accepts(BAD[name])


@pytest.mark.parametrize("count", [10_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_nothing_is_accepted_that_the_reference_rejects(tmp_path: Path, count: int) -> None:
    draw, kept, refused = random.Random(5), 0, 0
    seeds = [*GOOD.values(), *(content for content in BAD.values() if len(content) < 1000)]
    for _ in range(count):
        content = bytearray(draw.choice(seeds))
        for _ in range(draw.choice((1, 1, 2, 4))):
            if not content:
                break
            place = draw.choice([n for n, byte in enumerate(content) if 48 <= byte < 58] or [0])  # a digit, or any byte
            place = place if draw.random() < 0.5 else draw.randrange(len(content))
            change = draw.randrange(4)
            if change == 0:
                content[place] = draw.choice(b'01234567890123456789{}[]",:-.eE \\u\xff')
            elif change == 1:
                del content[place]
            elif change == 2:
                content.insert(place, draw.choice(b'0123456789{}[]",: '))
            else:
                content[place:place] = content[max(0, place - 9) : place]
        text = bytes(content)
        if draw.random() < 0.7 and len(text) > 16:  # else nearly all die of the header's length
            text = struct.pack("<Q", max(0, text.rfind(b"}") - 7)) + text[8:]
        mine, theirs = accepts(tmp_path / "m.safetensors", text), reference_accepts(text)
        assert theirs or not mine, text
        kept, refused = kept + mine, refused + (not mine)
    assert kept > count / 200 and refused > count / 2


LARGEST = {
    "F8_E4M3": (1, 0x7E), "F8_E5M2": (1, 0x7B), "F8_E8M0": (1, 0xFE), "F16": (2, 0x7BFF), "BF16": (2, 0x7F7F),
    "F32": (4, 0x7F7FFFFF), "F64": (8, 0x7FEFFFFFFFFFFFFF), "C64": (4, 0x7F7FFFFF),
}  # fmt: skip
"""Bytes of a number, and the bits of the largest that is finite. The next one is infinite, or NaN where there is no
infinity."""
INTEGERS = ("BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64")


def values(dtype: str, bits: int, place: int = 0, count: int = 10) -> bytes:
    """A file with one tensor `model.w` of zeros, but for these bits in one of them."""
    width = LARGEST.get(dtype, (tensor_file.BYTES[dtype], 0))[0]
    data = bytearray(count * width)
    data[place * width : (place + 1) * width] = bits.to_bytes(width, "little")
    entry = {"dtype": dtype, "shape": [len(data) // tensor_file.BYTES[dtype]], "data_offsets": [0, len(data)]}
    return made({"model.w": entry}, 0) + bytes(data)


def is_finite(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        tensor_file.check_finite(path)
    except BadInput as error:
        assert "m.safetensors: the tensor 'model.w' has values that are NaN or infinite" in str(error)
        return False
    return True


@pytest.mark.parametrize("dtype", LARGEST)
def test_nan_and_infinity_are_found_in_every_format_and_at_any_place(
    tmp_path: Path, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, (width, largest) = tmp_path / "m.safetensors", LARGEST[dtype]
    sign = 0 if dtype == "F8_E8M0" else 1 << (8 * width - 1)
    monkeypatch.setattr(tensor_file, "PIECE", 4)
    for place in range(10):
        assert is_finite(path, values(dtype, largest, place)) and is_finite(path, values(dtype, largest | sign, place))
        for bits in (largest + 1, (largest + 1) | sign, (1 << 8 * width) - 1):  # the last is NaN in each
            assert not is_finite(path, values(dtype, bits, place)), (place, hex(bits))


def test_every_number_format_is_looked_at_or_whole() -> None:
    assert {*LARGEST, *INTEGERS} == tensor_file.BYTES.keys() and tensor_file.NOT_FINITE.keys() == LARGEST.keys()


@pytest.mark.parametrize("dtype", INTEGERS)
def test_whole_numbers_are_passed_over(tmp_path: Path, dtype: str) -> None:
    assert is_finite(tmp_path / "m.safetensors", values(dtype, (1 << 8 * tensor_file.BYTES[dtype]) - 1))


@pytest.mark.parametrize("dtype", [mx.float16, mx.bfloat16, mx.float32])
@pytest.mark.parametrize("wrong", [mx.nan, mx.inf, -mx.inf])
def test_what_mlx_wrote_is_read_alike(tmp_path: Path, dtype: mx.Dtype, wrong: float) -> None:
    path, good = tmp_path / "m.safetensors", mx.random.normal((3, 64)).astype(dtype)
    save_arrays(path, {"a": good, "b": good[:, ::2]})
    tensor_file.check_finite(path)
    save_arrays(path, {"a": good, "b": mx.concatenate([good[0], mx.array([wrong], dtype)])})
    with pytest.raises(BadInput, match="the tensor 'b' has"):
        tensor_file.check_finite(path)


def test_of_quantised_weights_the_scales_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    packed, scales, biases = mx.quantize(mx.random.normal((64, 64)), group_size=32, bits=4)
    packed[0, 0] = mx.array(0x7FC00000, mx.uint32)  # the bits of NaN, as eight numbers of 4 bits
    save_arrays(path, {"w.weight": packed, "w.scales": scales, "w.biases": biases})
    tensor_file.check_finite(path)
    save_arrays(path, {"w.weight": packed, "w.scales": scales * mx.nan, "w.biases": biases})
    with pytest.raises(BadInput, match=r"w\.scales"):
        tensor_file.check_finite(path)


def test_looking_takes_little_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "m.safetensors"
    save_arrays(path, {"a": mx.zeros((12, tensor_file.PIECE))})  # 201 MB
    tracemalloc.start()
    tensor_file.check_finite(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * tensor_file.PIECE  # four values of four bytes for each
