"""From conversations to token ids, and which of them the assistant wrote.

Everything is cut into segments where an assistant message begins and ends, and each segment is tokenised on its own. A
rollout builds its ids from `prompt`, what the model wrote, `continuation`, what it wrote next, and so on; a training
example is the same segments one after the other, so both see the same ids whatever the tokenizer merges.

Text that others wrote (catalogue, user, tool results) may spell a control token such as `<|im_end|>`. Before rendering,
a mark is put inside every such spelling, and the text is cut there for tokenising, so it stays ordinary text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlx_train.chat.adapt import Message, in_text, knows_system, native_format
from mlx_train.chat.formats import FALLBACK
from mlx_train.chat.parse import THINK, THOUGHT, Reply, parse
from mlx_train.errors import BadInput

Tools = Sequence[Mapping[str, Any]]
PRIVATE_USE = range(0xE000, 0xF900)
SAME_DAY = "{%- macro strftime_now(format) -%}{{ '2024-07-26' if '-' in format else '26 Jul 2024' }}{%- endmacro -%}"
"""What stands before a template that writes the date, or no two days would have the same prompt. The day is the one
that Llama 3's templates fall back on."""
BEGINNINGS = ("A", "a", "0", "{", '"', "'", "<", "-", "\n", " ", "é", "日", "\U0001f600")
"""First characters of user messages, to find how much of the start no user message changes."""


@dataclass(frozen=True)
class Example:
    """One row of training data.

    Attributes:
        ids: token ids of the whole row.
        trained: one flag for each id, whether it is a target of the loss.
        shared: how many leading ids belong to the system prompt and catalogue, so every conversation has them.
        held: whether the trained ids are also held near what the stock says.
    """

    id: str
    ids: tuple[int, ...]
    trained: tuple[bool, ...]
    shared: int
    held: bool = False


@dataclass(frozen=True)
class _Segment:
    text: str
    assistant: int | None
    """Index of the message that the assistant wrote here; None for everything else."""


class Chat:
    """A tokenizer with its chat template.

    Args:
        tokenizer: a transformers tokenizer, or mlx-lm's wrapper of one.

    Raises:
        BadInput: there is no chat template, or it does not end an assistant message with a control token.
    """

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        template = getattr(tokenizer, "chat_template", None)
        if not template:
            raise BadInput(
                "the tokenizer has no chat template; use an instruction-tuned model or add chat_template.jinja."
            )
        self._in_place = {"chat_template": SAME_DAY + str(template)} if "strftime_now" in template else {}
        self.control = _control_tokens(tokenizer, str(template))
        self._spelling = _spellings(self.control)
        self._written = _spellings(self.control.keys() - {"<think>", "</think>"})
        self._end = self._end_of_turn()
        found = native_format(str(template), self._template, self._end)
        self.native = found is not None
        """Whether the template has a place for tools; if not, they are put in the text (see `adapt`)."""
        self.format = found or FALLBACK
        """The format of tool calls, one of `formats.FORMATS`."""
        asks = self._template([{"role": "user", "content": "Probe."}], [], True)
        self.thinking = asks.rfind(THINK) > asks.rfind(THOUGHT)
        """Whether the template itself begins the thoughts of an answer, so that a reply starts within them."""
        self._system = self.native or knows_system(self._template)
        eos = getattr(tokenizer, "eos_token_ids", None)  # mlx-lm's wrapper has a set, transformers one id
        more = eos if isinstance(eos, (set, list, tuple)) else [tokenizer.eos_token_id]
        self.end_id = self.control[self._end]
        """The id that the template puts after an assistant message."""
        self.stop_ids = frozenset({self.end_id, *(id for id in more if id is not None)})
        """The ids that end an assistant message."""
        self._shared: dict[str, list[int]] = {}

    def prompt(self, messages: Sequence[Message], tools: Tools) -> list[int]:
        """The ids of a conversation, up to where the assistant begins to write.

        Raises:
            BadInput: the template refuses the conversation.
        """
        messages, tools, mark = self._guard(messages, tools)
        head = self._render(messages, tools, True)
        segments = self._segments(messages, tools, head) or [_Segment(head, None)]
        return [id for segment in segments for id in self._encode(segment.text, mark)]

    def continuation(self, messages: Sequence[Message], new: Sequence[Message], tools: Tools) -> list[int] | None:
        """The ids that follow the assistant's own ids (stop token included) once `new` messages have come.

        Args:
            messages: the conversation so far; the last message is the assistant's.
            new: tool results, or the next message of the user.

        Returns:
            The ids up to where the assistant writes again, or None where the template renders what came before
            differently now; then render all of it with `prompt`.
        """
        both, tools, mark = self._guard([*messages, *new], tools)
        last = len(messages) - 1
        before = self._render(both[:last], tools, True)
        written = self._written_text(both[: last + 1], tools, before)
        after = self._render(both, tools, True)
        if not after.startswith(before + written):
            return None
        return self._encode(after[len(before) + len(written) :], mark)

    def examples(self, messages: Sequence[Message], tools: Tools, id: str) -> list[Example]:
        """The training rows of one conversation: one, or one for each assistant message.

        One row holds it all where the template renders each message the same, whatever follows it. Otherwise each
        assistant message gets a row with the conversation as it looks when that message is written, and only that
        message is trained. Messages with `"train": false` are not trained.

        Raises:
            BadInput: the template refuses the conversation.
        """
        shared = self.shared(tools, _prompt_of(messages))
        messages, tools, mark = self._guard(messages, tools)
        trained = [index for index, message in enumerate(messages) if _is_trained(message)]
        try:
            segments = self._segments(messages, tools, self._render(messages, tools, False))
            if segments is not None:
                _check_words(messages, segments, trained)
                while segments and segments[-1].assistant is None:
                    segments.pop()
                return [self._example(id, segments, set(trained), shared, mark)] if segments else []
            found = []
            for number, index in enumerate(trained):
                head = self._render(messages[:index], tools, True)
                parts = [
                    _Segment(head, None),
                    _Segment(self._written_text(messages[: index + 1], tools, head), index),
                ]
                _check_words(messages, parts, [index])
                found.append(self._example(f"{id}#{number}", parts, {index}, shared, mark))
            return found
        except BadInput as error:
            raise BadInput(f"row {id}: {error}") from None

    def shared(self, tools: Tools, system: str | None) -> list[int]:
        """The ids that every conversation with this system prompt and catalogue begins with.

        Where the template puts both into the first user message, they end before any id that a user's text could
        change.
        """
        key = json.dumps([system, list(tools)])
        if key not in self._shared:
            start: list[Message] = [] if system is None else [{"role": "system", "content": system}]
            rows = [self.prompt([*start, {"role": "user", "content": text}], tools) for text in BEGINNINGS]
            length = 0
            while all(length < len(row) and row[length] == rows[0][length] for row in rows):
                length += 1
            self._shared[key] = rows[0][:length]
        return list(self._shared[key])

    def parse(self, raw: str, *, stopped: bool, tools: Tools) -> Reply:
        """What the model wrote, in the format that this template has; see `mlx_train.chat.parse.parse`."""
        return parse(raw, stopped=stopped, format=self.format, tools=tools, thinking=self.thinking)

    def _example(
        self, id: str, segments: Sequence[_Segment], trained: set[int], shared: Sequence[int], mark: str | None
    ) -> Example:
        ids: list[int] = []
        flags: list[bool] = []
        for segment in segments:
            new = self._encode(segment.text, mark)
            ids += new
            flags += [segment.assistant in trained] * len(new)
        common = len(shared) if ids[: len(shared)] == list(shared) and not any(flags[: len(shared)]) else 0
        return Example(id, tuple(ids), tuple(flags), common)

    def _segments(self, messages: Sequence[Message], tools: Tools, whole: str) -> list[_Segment] | None:
        """`whole`, a rendering of these messages, cut at the assistant messages.

        None if the template is not prefix-stable here: what comes before an assistant message is not rendered as it
        was when that message was written.
        """
        indices = [index for index, message in enumerate(messages) if message["role"] == "assistant"]
        spans = self._spans_by_start(messages, tools, whole, indices) if tools and len(indices) > 2 else None
        segments: list[_Segment] = []
        position = 0
        for head, written in spans or self._spans(messages, tools, indices):
            if len(head) < position or not whole.startswith(head + written):
                return None
            segments += [_Segment(whole[position : len(head)], None), _Segment(written, indices[len(segments) // 2])]
            position = len(head) + len(written)
        return [*segments, _Segment(whole[position:], None)]

    def _spans(self, messages: Sequence[Message], tools: Tools, indices: Sequence[int]) -> list[tuple[str, str]]:
        """For each assistant message, the text before it and its own, as they are when it is written."""
        heads = [self._render(messages[:index], tools, True) for index in indices]
        return [
            (head, self._written_text(messages[: index + 1], tools, head))
            for index, head in zip(indices, heads, strict=True)
        ]

    def _spans_by_start(
        self, messages: Sequence[Message], tools: Tools, whole: str, indices: Sequence[int]
    ) -> list[tuple[str, str]] | None:
        """The same, mostly rendered without the catalogue, which takes most of the time.

        Where a catalogue only changes the start of the text, exchanging that start gives the rendering with the
        catalogue. Checked on the whole text and on the last assistant message; None if it is not so.
        """
        bare = self._render(messages, (), False)
        same = _same_end(whole, bare)
        with_tools, without = whole[: len(whole) - same], bare[: len(bare) - same]
        plain = self._spans(messages, (), indices)
        if not all(head.startswith(without) for head, _ in plain):
            return None
        spans = [(with_tools + head[len(without) :], written) for head, written in plain]
        return spans if spans[-1:] == self._spans(messages, tools, indices[-1:]) else None

    def _written_text(self, messages: Sequence[Message], tools: Tools, head: str) -> str:
        """What the assistant writes as the last of these messages, after `head`, end of turn included."""
        text = self._render(messages, tools, False)
        stop = text.find(self._end, len(head))
        if not text.startswith(head) or stop < 0:
            raise BadInput(
                "the chat template does not render an assistant message where it asks the assistant to write."
            )
        return text[len(head) : stop + len(self._end)]

    def _end_of_turn(self) -> str:
        """The control token that the template puts after an assistant message."""
        words = "probe of the end"
        said = [{"role": "user", "content": "Probe."}, {"role": "assistant", "content": words}]
        text = self._template(said, [], False)
        after = text[text.rfind(words) + len(words) :].lstrip()
        ends = [token for token in self.control if after.startswith(token)]
        if not ends:
            raise BadInput("the chat template does not end an assistant message with a control token of the tokenizer.")
        return max(ends, key=len)

    def _guard(
        self, messages: Sequence[Message], tools: Tools
    ) -> tuple[list[Message], list[dict[str, Any]], str | None]:
        """Messages and tools with a mark inside every spelling of a control token, and the mark if there is any."""
        said, catalogue = [dict(message) for message in messages], [dict(tool) for tool in tools]
        text = "\n".join(texts([said, catalogue]))
        if not self._spelling.search(text):
            return said, catalogue, None
        mark = next(chr(code) for code in PRIVATE_USE if chr(code) not in text)
        said = [_marked(m, self._written if m["role"] == "assistant" else self._spelling, mark) for m in said]
        return said, _marked(catalogue, self._spelling, mark), mark

    def _encode(self, text: str, mark: str | None) -> list[int]:
        pieces = text.split(mark) if mark else [text]
        return [
            id for piece in pieces if piece for id in self.tokenizer.encode(_unicode(piece), add_special_tokens=False)
        ]

    def _render(self, messages: Sequence[Message], tools: Tools, generate: bool) -> str:
        if not self.native:
            messages, tools = in_text(messages, [dict(tool) for tool in tools], self._system), ()
        return self._template(messages, tools, generate)

    def _template(self, messages: Sequence[Message], tools: Tools, generate: bool) -> str:
        """The template's text. Optional thinking is off: a caller of tools is trained and scored without it."""
        plain = [
            {"content": "", **{key: value for key, value in message.items() if key != "train"}} for message in messages
        ]
        try:
            text = self.tokenizer.apply_chat_template(
                plain, tools=list(tools) or None, tokenize=False, add_generation_prompt=generate, enable_thinking=False,
                **self._in_place,
            )  # fmt: skip
        except Exception as error:  # a template may raise anything
            raise BadInput(f"the chat template refuses this conversation: {error}") from None
        return str(text)


def _check_words(messages: Sequence[Message], segments: Sequence[_Segment], trained: Sequence[int]) -> None:
    """Some templates leave out what the assistant says beside a call; the model would be trained on silence.

    Raises:
        BadInput: this one does.
    """
    for segment in segments:
        if segment.assistant is None or segment.assistant not in trained:
            continue
        message = messages[segment.assistant]
        words = str(message.get("content") or "").split("</think>")[-1].strip()
        if message.get("tool_calls") and words not in segment.text:
            raise BadInput(
                f"key messages.{segment.assistant}: the base's chat template leaves out the words beside a call. Take "
                'the words out, or set `"train": false` on this message.'
            )


def _same_end(a: str, b: str) -> int:
    """How many characters at their ends two texts have in common."""
    pairs = enumerate(zip(reversed(a), reversed(b), strict=False))
    return next((length for length, (one, other) in pairs if one != other), min(len(a), len(b)))


def _prompt_of(messages: Sequence[Message]) -> str | None:
    return str(messages[0]["content"]) if messages and messages[0]["role"] == "system" else None


def _is_trained(message: Message) -> bool:
    return message["role"] == "assistant" and message.get("train", True) is not False


def _control_tokens(tokenizer: Any, template: str) -> dict[str, int]:
    """The tokens that mean something other than their text, by their text.

    Those called special, those the template writes, and those of the form `<|...|>`. The rest of the added tokens (in
    Gemma, runs of blanks and HTML tags) are ordinary text.
    """
    return {
        token.content: id
        for id, token in tokenizer.added_tokens_decoder.items()
        if len(token.content.strip()) > 1
        and (token.special or token.content in template or token.content.startswith("<|"))
    }


def _spellings(tokens: Iterable[str]) -> re.Pattern[str]:
    """Finds where a token can be cut: after its first character, also where tokens overlap."""
    choices = "|".join(
        re.escape(token[0]) + f"(?={re.escape(token[1:])})" for token in sorted(tokens, key=len, reverse=True)
    )
    return re.compile(choices or r"(?!)")


def _marked(value: Any, spelling: re.Pattern[str], mark: str) -> Any:
    """The JSON value with `mark` put into every spelling of a control token."""
    if isinstance(value, str):
        return spelling.sub(lambda found: found[0] + mark, value)
    if isinstance(value, Mapping):
        return {_marked(key, spelling, mark): _marked(item, spelling, mark) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item, spelling, mark) for item in value]
    return value


def texts(value: Any) -> Iterator[str]:
    """All keys and texts within a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)


def _unicode(text: str) -> str:
    """The text with unpaired surrogates, which no tokenizer takes, replaced."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
