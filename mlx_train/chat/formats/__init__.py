"""The formats in which models write tool calls, by name."""

from __future__ import annotations

from mlx_train.chat.formats.gemma import FUNCTION_GEMMA, GEMMA4
from mlx_train.chat.formats.hermes import HERMES
from mlx_train.chat.formats.llama import LLAMA
from mlx_train.chat.formats.mistral import MISTRAL
from mlx_train.chat.formats.pythonic import PYTHONIC
from mlx_train.chat.formats.qwen3_coder import QWEN3_CODER

FORMATS = {
    "gemma4": GEMMA4,
    "functiongemma": FUNCTION_GEMMA,
    "qwen3-coder": QWEN3_CODER,
    "mistral": MISTRAL,
    "pythonic": PYTHONIC,
    "hermes": HERMES,
    "llama": LLAMA,
}
"""In the order in which they are tried: a format whose signs stand in templates of another comes after that one."""
FALLBACK = "hermes"
"""What is used where the template has no format, and calls are put in its text (see `adapt`)."""


def candidates(template: str) -> list[str]:
    """The formats whose signs stand in a chat template, the likeliest first."""
    return [name for name, format in FORMATS.items() if any(sign in template for sign in format.signs)]
