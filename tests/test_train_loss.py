"""The shared-prefix loss is the loss of whole rows, and so is every gradient."""

from __future__ import annotations

import dataclasses

import mlx.core as mx
import mlx.nn as nn
import pytest
import train_models
from mlx_lm.models import granite
from mlx_lm.models.cache import ArraysCache

from mlx_train.recipe import Train
from mlx_train.train import adapters, batching
from mlx_train.train import loss as losses


def whole(model: nn.Module, examples: list) -> mx.array:
    """The plain definition, row by row, without any of the code under test."""
    total = mx.array(0.0)
    for example in examples:
        logits = model(mx.array([example.ids]))[0]
        logs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
        for index, trained in enumerate(example.trained):
            if trained:
                total = total - logs[index - 1, example.ids[index]]
    return total


def batch(examples: list, share: bool = True) -> batching.Batch:
    (group,) = batching.arrange(examples, share)
    width = max(batching.measure(example).stop for example in examples) - group.prefix
    return batching.collate(examples, batching.Micro(group.rows, group.prefix, batching.padded_length(width)))


def graded(model: nn.Module, function) -> tuple[float, dict[str, mx.array]]:
    def of(parameters):
        adapters.put(model, parameters)
        return function()

    value, gradients = mx.value_and_grad(of)(adapters.trainable(model))
    mx.eval(value, gradients)
    return value.item(), gradients


@pytest.mark.parametrize("kind", train_models.KINDS)
@pytest.mark.parametrize("share", [True, False], ids=["shared", "whole"])
@pytest.mark.parametrize("recompute", [False, True], ids=["kept", "recomputed"])
@pytest.mark.parametrize("pieces", [1, 5], ids=["one-head", "head-in-pieces"])
def test_loss_and_every_gradient_are_those_of_whole_rows(kind, share, recompute, pieces, monkeypatch) -> None:
    if pieces > 1:
        monkeypatch.setattr(losses, "LOGITS_AT_ONCE", 9 * train_models.VOCABULARY)
    model, examples = train_models.model(kind), train_models.rows()
    expected, expected_gradients = graded(model, lambda: whole(model, examples))
    loss = losses.Loss(model, recompute)
    assert loss.shares
    made = batch(examples, share)
    assert (made.prefix is not None) == share
    found, gradients = graded(model, lambda: loss(made))
    assert found == pytest.approx(expected, rel=1e-5)
    assert train_models.worst(expected_gradients, gradients) < 1e-4
    assert all(isinstance(layer, nn.Module) for layer in model.layers)


@pytest.mark.parametrize("kind", train_models.KINDS)
def test_adapter_gradients_are_those_of_whole_rows(kind) -> None:
    model, examples = train_models.model(kind), train_models.rows()
    adapters.attach(model, Train(rank=4), seed=1)
    mx.random.seed(5)
    adapters.put(model, {n: mx.random.normal(v.shape) * 0.1 for n, v in adapters.trainable(model).items()})
    expected, expected_gradients = graded(model, lambda: whole(model, examples))
    for recompute in (False, True):
        loss = losses.Loss(model, recompute)
        found, gradients = graded(model, lambda: loss(batch(examples)))  # noqa: B023
        assert found == pytest.approx(expected, rel=1e-5)
        assert train_models.worst(expected_gradients, gradients) < 1e-4


def test_recomputation_drops_the_same_activations() -> None:
    model, examples = train_models.model(), train_models.rows()
    adapters.attach(model, Train(rank=4, dropout=0.5), seed=1)
    model.train()
    mx.random.seed(5)
    start = {n: mx.random.normal(v.shape) * 0.1 for n, v in adapters.trainable(model).items()}
    loss, made = losses.Loss(model, recompute=True), batch(examples)
    name = "model.layers.2.mlp.up_proj.lora_b"
    direction = mx.random.normal(start[name].shape)

    def at(distance: float) -> float:
        adapters.put(model, {**start, name: start[name] + distance * direction})
        return loss(made, 3).item()

    slope = (at(1e-2) - at(-1e-2)) / 2e-2
    adapters.put(model, start)
    _, gradients = graded(model, lambda: loss(made, 3))
    assert (gradients[name] * direction).sum().item() == pytest.approx(slope, rel=2e-2)
    assert at(0.0) == at(0.0)
    assert loss(made, 3).item() != loss(made, 4).item()


def test_soft_capped_logits_are_the_models_own() -> None:
    model = train_models.model()
    model.final_logit_softcapping = 2.0
    hidden = mx.random.normal((3, 32)) * 10
    logits = losses.project(model, hidden)
    assert mx.abs(logits).max().item() <= 2.0
    assert not losses.is_plain(model)  # this class does not cap, so the two differ


def test_layers_are_run_again_where_the_head_cannot_be_run_apart() -> None:
    """Granite divides its logits, so they are not the head's alone."""
    shape = dict(logits_scaling=4.0, attention_multiplier=0.3, embedding_multiplier=2.0, residual_multiplier=0.5)
    more = dict(attention_bias=False, mlp_bias=False, rope_theta=1e4)
    common = {key: value for key, value in train_models.COMMON.items() if key != "head_dim"}
    mx.random.seed(0)
    model = granite.Model(granite.ModelArgs(model_type="granite", **common, **shape, **more))
    made = batch(train_models.rows(), share=False)
    kept, again = losses.Loss(model), losses.Loss(model, recompute=True)
    assert not kept.plain and not kept.shares
    expected, expected_gradients = graded(model, lambda: kept(made))
    found, gradients = graded(model, lambda: again(made))
    assert found == pytest.approx(expected, rel=1e-6)
    assert train_models.worst(expected_gradients, gradients) < 1e-5


def test_what_cannot_share_runs_whole(monkeypatch) -> None:
    model = train_models.model()
    model.make_cache = lambda: [ArraysCache(2) for _ in model.layers]
    loss = losses.Loss(model)
    assert not loss.shares
    with pytest.raises(ValueError, match="cannot share"):
        loss(batch(train_models.rows()))
    monkeypatch.setattr(losses, "is_plain", lambda model: False)
    unknown, examples = losses.Loss(model), train_models.rows()
    assert unknown(batch(examples, share=False)).item() == pytest.approx(whole(model, examples).item(), rel=1e-5)


@pytest.mark.parametrize("kind", train_models.KINDS)
@pytest.mark.parametrize("method", ["lora", "dora"])
@pytest.mark.parametrize("recompute", [False, True], ids=["kept", "recomputed"])
@pytest.mark.parametrize("pieces", [1, 5], ids=["one-head", "head-in-pieces"])
def test_divergence_from_the_stock_is_its_definition(kind, method, recompute, pieces, monkeypatch) -> None:
    if pieces > 1:
        monkeypatch.setattr(losses, "LOGITS_AT_ONCE", 9 * train_models.VOCABULARY)
    examples = [dataclasses.replace(row, held=number % 2 == 0) for number, row in enumerate(train_models.rows())]
    stock, model = train_models.model(kind), train_models.model(kind)
    adapters.attach(model, Train(method=method, rank=4, alpha=8), seed=1)
    loss = losses.Loss(model, recompute)
    made = batch(examples)
    entropy, nothing = loss.with_divergence(made)
    assert nothing.item() == pytest.approx(0, abs=1e-4) and entropy.item() == pytest.approx(loss(made).item())

    moved = {name: value + 0.1 * mx.random.normal(value.shape) for name, value in adapters.trainable(model).items()}
    adapters.put(model, moved)

    def definition() -> mx.array:
        total = mx.array(0.0)
        for example in examples:
            p, q = (mx.softmax(each(mx.array([example.ids]))[0], axis=-1) for each in (stock, model))
            for index, trained in enumerate(example.trained):
                if trained and example.held:
                    total = total + (p[index - 1] * mx.log(p[index - 1] / q[index - 1])).sum()
        return total

    expected, expected_gradients = graded(model, definition)
    found, gradients = graded(model, lambda: loss.with_divergence(made)[1])
    assert expected > 0.1 and found == pytest.approx(expected, rel=1e-4)
    assert train_models.worst(expected_gradients, gradients) < 1e-3


def test_a_head_run_in_pieces_is_left_with_its_own_weights(monkeypatch) -> None:
    monkeypatch.setattr(losses, "LOGITS_AT_ONCE", 2 * train_models.VOCABULARY)
    model = train_models.model()
    adapters.attach(model, Train(rank=4), seed=1)
    loss, made, weights = losses.Loss(model), batch(train_models.rows()), model.model.embed_tokens.weight
    graded(model, lambda: loss(made))
    assert model.model.embed_tokens.weight is weights  # not an array of the graph, which another lane would run too
