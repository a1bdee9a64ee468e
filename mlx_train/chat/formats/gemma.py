"""FunctionGemma and Gemma 4: `call:name{key:value,...}` in tags, with strings between marks of their own.

A string has no escapes, so it cannot hold its own mark. Gemma 3 has no notation in its template; it was trained on
Pythonic calls in a fence, see `pythonic`.
"""

from __future__ import annotations

import re

from mlx_train.chat.formats.call import Fault, Format, ParsedCall, Tools, call, close
from mlx_train.chat.formats.literals import Literals

NAME = re.compile(r"""[^\s{}\[\]():,<>'"|]++""")


class Marked(Literals):
    """Literals with strings between two of the same mark, and keys without."""

    def __init__(self, text: str, position: int, quote: str) -> None:
        super().__init__(text, position)
        self.quote = quote

    def string(self) -> str | None:
        if not self.text.startswith(self.quote, self.position):
            return None
        begin = self.position + len(self.quote)
        end = self.text.find(self.quote, begin)
        if end < 0:
            raise Fault("a string without end")
        self.position = end + len(self.quote)
        return self.text[begin:end]

    def key(self) -> str:
        text = self.string()
        return self.match(NAME, "a key")[0] if text is None else text


def _format(opening: str, closing: str, quote: str) -> Format:
    def block(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
        here = Marked(text, position + len(opening), quote)
        here.need("call:")
        name = here.match(NAME, "the name of a function")[0]
        here.need("{")
        return [call(name, here.entries())], close(text, here.position, closing, [opening])

    return Format(
        expected=f"{opening}call:name{{key:{quote}value{quote}}}{closing}",
        signs=(opening,),
        marks=(opening,),
        block=block,
    )


FUNCTION_GEMMA = _format("<start_function_call>", "<end_function_call>", "<escape>")
GEMMA4 = _format("<|tool_call>", "<tool_call|>", '<|"|>')
