"""What a training row and a task of a suite can have in common: one function for each level of the overlap audit.

A task is compared as the conversation that its gold solution makes in its world, so both sides are trajectories.
What is looked at is what was said and done; the system prompt and the catalogue count at the level `schema` alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from mlx_train.chat.render import texts
from mlx_train.data.trajectory import Trajectory
from mlx_train.files import sha256_of
from mlx_train.tasks.task import Task

SHINGLE = 5
LITERALS = 4
"""Fewest words of a sentence, names not counted, that make its skeleton one of its own."""
Sentence = tuple[str, ...]
SLOT = "_"
SLOTS = re.compile(
    r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|`[^`]*`|[\w/.-]*\w\.[a-z]\w{0,4}\b|\S*[/\d_]\S*(?<![.,;:?!)])", re.IGNORECASE
)
"""Quoted text, file names, paths, and whatever holds a digit or an underscore."""


def words(text: str) -> list[str]:
    """The words of a text, in lower case, without punctuation."""
    return re.findall(r"\w+", text.lower())


def said(row: Trajectory) -> list[str]:
    """The messages of the user."""
    return [message["content"] for message in row.messages if message["role"] == "user"]


def ids(row: Trajectory) -> list[str]:
    """The row's id."""
    return [row.id]


def text(row: Trajectory) -> list[str]:
    """All that the user says, without case and punctuation."""
    return [" / ".join(" ".join(words(one)) for one in said(row))]


def content(row: Trajectory) -> list[str]:
    """Hash of all calls with what was answered: the same work in the same world, however it is asked for."""
    if not row.calls:
        return []
    results = [message["content"] for message in row.messages if message["role"] == "tool"]
    return [sha256_of([row.calls, results])]


def ngrams(row: Trajectory, n: int) -> set[str]:
    """Runs of n words in one message of the user."""
    return _runs(map(words, said(row)), n)


def boilerplate(row: Trajectory, n: int) -> frozenset[str]:
    """Runs of n words in the system prompt and the catalogue."""
    prompts = [message["content"] for message in row.messages if message["role"] == "system"]
    return _boilerplate(json.dumps([prompts, row.tools]), n)


@lru_cache(maxsize=256)
def _boilerplate(held: str, n: int) -> frozenset[str]:
    """Many rows have the same catalogue."""
    prompts, tools = json.loads(held)
    return frozenset(_runs(map(words, [*prompts, *texts(tools)]), n))


def _runs(texts: Iterable[Sequence[str]], n: int) -> set[str]:
    return {" ".join(text[i : i + n]) for text in texts for i in range(len(text) - n + 1)}


def shingles(row: Trajectory) -> frozenset[Sentence]:
    """The 5-word shingles of the user's messages, names, numbers and paths replaced; of a shorter one, all of it."""
    found: set[Sentence] = set()
    for one in said(row):
        slotted = words(SLOTS.sub(f" {SLOT} ", one))
        found |= {tuple(slotted[i : i + SHINGLE]) for i in range(max(1, len(slotted) - SHINGLE + 1))}
    return frozenset(found)


def sentences(row: Trajectory) -> set[Sentence]:
    """The sentences of the user, with a slot for what can be known as a name: see `SLOTS`, and any value of several
    words in a call or an answer."""
    values = {
        value.lower().strip()
        for message in row.messages
        for value in texts(_done(message))
        if " " in value and "\n" not in value and value.strip()
    }
    found: set[Sentence] = set()
    for one in said(row):
        one = one.lower()
        for value in sorted((value for value in values if value in one), key=len, reverse=True):
            one = one.replace(value, f" {SLOT} ")
        found |= {tuple(words(part)) for part in re.split(r"[.?!;](?:\s|$)", SLOTS.sub(f" {SLOT} ", one))}
    return found - {()}


def _done(message: Mapping[str, Any]) -> Any:
    """The arguments of a message's calls, or the answer of a tool."""
    if message["role"] == "tool":
        return json.loads(message["content"])
    return [call["function"]["arguments"] for call in message.get("tool_calls") or ()]


def skeletons(row: Trajectory, names: Collection[str]) -> set[Sentence]:
    """The sentences of the user with a slot for each name too, of those with words enough left."""
    found = {tuple(SLOT if word in names else word for word in sentence) for sentence in sentences(row)}
    return {sentence for sentence in found if sum(word != SLOT for word in sentence) >= LITERALS}


def blanks(wanted: Iterable[Sentence]) -> dict[int, set[tuple[int, ...]]]:
    """Where skeletons have their slots, by the skeleton's length."""
    found: dict[int, set[tuple[int, ...]]] = {}
    for sentence in wanted:
        found.setdefault(len(sentence), set()).add(tuple(i for i, word in enumerate(sentence) if word == SLOT))
    return found


def blanked(row: Trajectory, at: Mapping[int, Collection[tuple[int, ...]]]) -> Iterator[Sentence]:
    """The user's sentences, with slots at each of these sets of places.

    Nobody has to know which words of a row are names: if a task's template was used, they stand in the task's slots.
    """
    for sentence in sentences(row):
        for places in at.get(len(sentence), ()):
            other = list(sentence)
            for place in places:
                other[place] = SLOT
            yield tuple(other)


def templates(row: Trajectory) -> Iterable[str]:
    """Ids of the phrasings, where the row has them."""
    return row.templates


def family(row: Trajectory) -> list[str]:
    """The generator, where the row has it."""
    return [row.family] if row.family else []


def calls(row: Trajectory) -> list[tuple[Sentence, ...]]:
    """The tools called and the arguments given to each, without their values."""
    shape = tuple((call["name"], *sorted(call["arguments"])) for call in row.calls)
    return [shape] if shape else []


def vocabulary(row: Trajectory) -> set[str]:
    """Every word of what was said and done."""
    talk = [message.get("content") or "" for message in row.messages if message["role"] in ("user", "assistant")]
    return set(_letters([*talk, *(text for message in row.messages for text in texts(_done(message)))]))


def names(task: Task, row: Trajectory) -> frozenset[str]:
    """The words in the task's world, arguments and answers, without those of its catalogue and the world's fields."""
    held = [task.world, [[turn.tell, [call.arguments for call in turn.gold]] for turn in task.turns]]
    return frozenset(_letters(texts(held))) - frozenset(_letters([*texts(row.tools), *task.world]))


def _letters(texts: Iterable[str]) -> list[str]:
    """Runs of three and more letters, in lower case; not the extension of a file."""
    return re.findall(r"(?<![^\W\d_])(?<!\w\.)[^\W\d_]{3,}", "\n".join(texts).lower())


def schemas(row: Trajectory) -> frozenset[str]:
    """The tools: names with hashes of the parameters."""
    return _schemas(json.dumps(row.tools))


@lru_cache(maxsize=256)
def _schemas(catalogue: str) -> frozenset[str]:
    return frozenset(map(schema_hash, json.loads(catalogue)))


def schema_hash(tool: Mapping[str, Any]) -> str:
    """Hash of a tool's name and parameters, without descriptions."""
    function = tool["function"]
    return f"{function['name']}:{sha256_of(_bare(function['parameters']))[:16]}"


def _bare(schema: Any) -> Any:
    """A schema without descriptions. A parameter may itself be called `description`: then its value is an object."""
    if isinstance(schema, Mapping):
        return {
            key: _bare(value) for key, value in schema.items() if key != "description" or not isinstance(value, str)
        }
    return [_bare(item) for item in schema] if isinstance(schema, (list, tuple)) else schema
