"""Text of the stock's own: what it begins with, that it is the model's, and that it is written once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import mlx.core as mx
import numpy as np
import pytest
import train_models

from mlx_train import models, own_text
from mlx_train.chat.render import Example
from mlx_train.train import batching

END = 0


class Tokenizer:
    """A word is its length, one id; openings are told apart by it."""

    eos_token_ids = frozenset({END})

    def __init__(self, bos: int | None = 1) -> None:
        self.bos_token_id = bos

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        assert not add_special_tokens
        return [10 + len(word) for word in text.split()]


class Counting:
    """Says that after `n` comes `n + 1`, and as likely the end."""

    layers: tuple = ()

    def __call__(self, ids: mx.array, cache: list) -> mx.array:
        logits = np.full((*ids.shape, 400), -1e9, np.float32)
        for row, line in enumerate(np.array(ids)):
            for at, one in enumerate(line):
                logits[row, at, [one + 1, END]] = 0
        return mx.array(logits)


@pytest.fixture
def wrote(tmp_path, monkeypatch):
    """Pieces of a model that is not loaded from files, and how often it was."""
    loaded: list[Path] = []

    def pieces(model, tokenizer, count: int, seed: int = 3, **more):
        def load(path: Path, dtype: str):
            loaded.append(path)
            return model, tokenizer

        monkeypatch.setattr(models, "load", load)
        monkeypatch.setattr(models, "weights_sha256", lambda path: path.name)
        monkeypatch.setattr(models, "tokenizer_sha256", lambda path: path.name)
        return own_text.pieces(Path(type(model).__name__), "float32", seed, keep=tmp_path, count=count, **more)

    pieces.loaded = loaded
    return pieces


def test_a_piece_goes_on_from_the_last_id_of_its_opening_and_never_ends(wrote) -> None:
    made = wrote(Counting(), Tokenizer(), 20)
    for number, piece in enumerate(made):
        opening = own_text.OPENINGS[number % len(own_text.OPENINGS)]
        begun = [1, *(10 + len(word) for word in opening.split())]
        rest = batching.PIECE - len(begun)
        assert list(piece.ids) == [*begun, *range(begun[-1] + 1, begun[-1] + 1 + rest)]
        assert piece.held and not piece.trained[0] and sum(piece.trained) == batching.PIECE - 1
    assert len({piece.id for piece in made}) == 20


def test_without_an_id_for_the_beginning_every_piece_has_an_opening(wrote) -> None:
    assert [piece.ids[0] for piece in wrote(Counting(), Tokenizer(None), 3)] == [13, 13, 12]  # The, def, In


def test_text_is_drawn_from_the_model_and_written_once(wrote, monkeypatch) -> None:
    monkeypatch.setattr(own_text, "PIECE", 12)
    model = train_models.model()
    model.eval()
    tokenizer = SimpleNamespace(bos_token_id=1, eos_token_ids={2}, encode=lambda text, **_: [3] if text else [])
    asked: list[int] = []
    made = wrote(model, tokenizer, 600, progress=asked.append)
    assert asked[-1] == 600 and asked == sorted(asked)
    after = [piece.ids[1] for piece in made if piece.ids[0] == 1 and piece.ids[1] != 3]
    expected = np.array(mx.softmax(model(mx.array([[1]]))[0, -1])).copy()
    expected[[2, 3]] = 0
    found = np.bincount(after, minlength=len(expected)) / len(after)
    assert np.abs(found - expected / expected.sum()).sum() / 2 < 3 * np.sqrt(len(expected) / len(after))
    assert wrote(model, tokenizer, 600) == made and len(wrote.loaded) == 1
    other = wrote(model, tokenizer, 600, seed=4)
    assert [piece.ids for piece in other] != [piece.ids for piece in made] and len(wrote.loaded) == 2


def test_what_was_interrupted_goes_on_after_the_last_pieces_that_were_done(wrote, tmp_path) -> None:
    whole = wrote(Counting(), Tokenizer(), 3 * own_text.TOGETHER)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for path in list(tmp_path.iterdir()):
        path.unlink()

    def stop(done: int) -> None:
        if done > 1.5 * own_text.TOGETHER:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wrote(Counting(), Tokenizer(), 3 * own_text.TOGETHER, progress=stop)
    (first,) = tmp_path.iterdir()
    written = first.stat().st_mtime_ns
    asked: list[int] = []
    assert wrote(Counting(), Tokenizer(), 3 * own_text.TOGETHER, progress=asked.append) == whole
    assert first.stat().st_mtime_ns == written and asked[0] >= own_text.TOGETHER
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept


@pytest.mark.parametrize("tokens, halves", [(1, [1]), (512, [2, 2]), (1023, [4, 3]), (10**6, [15, 15])])
def test_a_step_looks_at_whole_pieces_that_its_number_decides(tokens, halves) -> None:
    micros = batching.of_text(30, tokens, 5, 9)
    assert [len(micro.rows) for micro in micros] == halves and {micro.prefix for micro in micros} == {0}
    assert len({row for micro in micros for row in micro.rows}) == sum(halves)
    assert micros == batching.of_text(30, tokens, 5, 9)
    assert any(micros != batching.of_text(30, tokens, 5, step) for step in range(10, 20))
    assert batching.measure(Example("x", (0,) * 128, (False, *[True] * 127), 0, True)).stop < micros[0].width
