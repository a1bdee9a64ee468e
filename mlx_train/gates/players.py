"""Which model is scored: one on this machine, with or without an adapter, or one behind an endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput
from mlx_train.gates import endpoint
from mlx_train.gates.rollouts import Player
from mlx_train.recipe import Base


def is_endpoint(model: str) -> bool:
    """Whether a name is one of a model behind an endpoint."""
    return model.startswith(endpoint.PREFIX)


def find(
    model: str,
    adapter: Path | None,
    url: str | None,
    *,
    label: str,
    dtype: str,
    temperature: float,
    strength: float = 1.0,
) -> tuple[Player, dict[str, Any]]:
    """The model, and what its gate file says of it.

    Args:
        model: a model directory, `embedded`, or `openai:` and the name that an endpoint knows.
        dtype: number format of the weights of a local model.
        strength: what the adapter's change of the model is multiplied by.

    Raises:
        BadInput: there is no such model, it takes no adapter or address, or the adapter was trained on another one.
        NoNetwork: the endpoint does not answer.
    """
    if is_endpoint(model):
        if adapter is not None or strength != 1:
            raise BadInput(f"{model}: a model behind an endpoint takes no adapter; leave out --adapter and --strength.")
        found = endpoint.connect(model.removeprefix(endpoint.PREFIX), url, temperature)
        return found, found.about()
    if url is not None:
        raise BadInput(f"{model}: --url is for models behind an endpoint, named {endpoint.PREFIX}NAME.")
    from mlx_train import models, start
    from mlx_train.chat.render import Chat
    from mlx_train.gates.local import Local

    path = models.locate(Base(name=model))
    weights = models.weights_sha256(path)
    if adapter is not None:
        start.check_base(adapter, weights, "--adapter")
    trained, tokenizer = models.load_trained(path, dtype, adapter, strength)
    about = {
        "id": label,
        "sha256": models.trained_sha256(adapter or path, strength),
        "base_sha256": weights,
        "base_files_sha256": models.surroundings_sha256(path),
        "dtype": dtype,
        **({} if strength == 1 else {"strength": strength}),
    }
    return Local(trained, Chat(tokenizer)), about
