"""Activations that a CPU computes faster are the library's, with its gradients."""

import sys

import mlx.core as mx
import mlx.nn as nn
import pytest
import train_models
from hypothesis import given
from hypothesis import strategies as st
from mlx_lm.models import activations as library

from mlx_train import activations

EDGES = [-300.0, -88.0, -20.0, -5.0, -1e-3, 0.0, 1e-3, 5.0, 20.0, 88.0, 300.0]
PAIRS = {
    "gelu": (activations.gelu_approx, activations._gelu_approx),
    "silu": (lambda x: activations.swiglu(x, mx.ones_like(x)), nn.silu),
}


@pytest.mark.parametrize("name", PAIRS)
@given(st.lists(st.floats(-30, 30, width=32), max_size=8))
def test_values_and_gradients_are_the_librarys(name, drawn) -> None:
    ours, theirs = PAIRS[name]
    x = mx.array([*EDGES, *drawn])
    found, expected = (mx.vjp(one, [x], [mx.full(x.shape, 0.5)]) for one in (ours, theirs))
    for mine, other in zip((*found[0], *found[1]), (*expected[0], *expected[1]), strict=True):
        assert mx.isfinite(mine).all()
        assert mx.allclose(mine, other, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", PAIRS)
def test_other_number_formats_go_to_the_library(name) -> None:
    ours, theirs = PAIRS[name]
    x = mx.array(EDGES, mx.bfloat16)
    assert ours(x).tolist() == theirs(x).tolist()


def test_a_model_uses_them_on_a_cpu_only(monkeypatch) -> None:
    monkeypatch.setattr(nn, "gelu_approx", activations._gelu_approx)
    model = train_models.model("qwen3")
    module = sys.modules[type(model).__module__]
    monkeypatch.setattr(module, "swiglu", library.swiglu)
    monkeypatch.setattr(mx, "default_device", lambda: mx.Device(mx.gpu, 0))
    activations.adopt(model)
    assert module.swiglu is library.swiglu and nn.gelu_approx is activations._gelu_approx
    monkeypatch.setattr(mx, "default_device", lambda: mx.Device(mx.cpu, 0))
    activations.adopt(model)
    assert module.swiglu is activations.swiglu and nn.gelu_approx is activations.gelu_approx
