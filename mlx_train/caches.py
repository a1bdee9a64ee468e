"""What the layers of a model keep of what they have read."""

from __future__ import annotations

from typing import Any

from mlx_lm.models.cache import KVCache, RotatingKVCache, make_prompt_cache


def windows(model: Any) -> list[int | None] | None:
    """The attention window of each layer (None: unlimited), or None if some layer is not plain attention.

    Recurrent, chunked and hybrid layers keep a state that cannot be handed to several rows.
    """
    found: list[int | None] = []
    for cache in make_prompt_cache(model):
        if type(cache) is KVCache:
            found.append(None)
        elif type(cache) is RotatingKVCache and cache.keep == 0:
            found.append(int(cache.max_size))
        else:
            return None
    return found
