"""A trajectory: one conversation with tools, as it is trained on; one JSON object a line.

Those made from tasks are executed call by call in the task's world, so every tool result is what the world answers, and
the assistant's closing words at the end of each turn show the model when to stop.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, ValidationError, model_validator

from mlx_train.data import tables
from mlx_train.errors import BadInput
from mlx_train.files import NotAnObject, jsonl_lines
from mlx_train.tasks.task import Row, Task
from mlx_train.world.catalogue import WORLDS

NAME = Field(min_length=1)
MOST_FAULTS = 20
"""Bad rows of a file that a message lists."""
ADVICE = "Correct this (`mlx-train data init` writes an example of every kind of message) and run again."


class Parameters(Row):
    """A tool's parameters, as JSON schema."""

    model_config = Row.model_config | {"extra": "allow"}
    type: Literal["object"]
    properties: dict[str, dict[str, Any]] = Field(default_factory=dict)
    required: tuple[str, ...] = ()


class Function(Row):
    """What a tool is called and takes."""

    name: Annotated[str, NAME]
    description: str = ""
    parameters: Parameters


class Tool(Row):
    """One entry of a catalogue."""

    type: Literal["function"]
    function: Function


class CalledFunction(Row):
    """The tool of a call and what it is given."""

    name: Annotated[str, NAME]
    arguments: dict[str, Any]


class ToolCall(Row):
    """One call of an assistant message."""

    type: Literal["function"]
    function: CalledFunction


class Said(Row):
    """A message of the system or the user."""

    role: Literal["system", "user"]
    content: str


class Assistant(Row):
    """A message of the model: words, calls, or both."""

    role: Literal["assistant"]
    content: str = ""
    tool_calls: Annotated[list[ToolCall], Field(min_length=1)] | None = None
    train: StrictBool = True
    """Whether its tokens are targets of the loss."""

    @model_validator(mode="after")
    def _says_something(self) -> Assistant:
        if not self.content and not self.tool_calls:
            raise ValueError("an assistant message has content or tool_calls")
        return self


class Result(Row):
    """What a tool answered."""

    role: Literal["tool"]
    name: Annotated[str, NAME]
    content: str
    """JSON text."""

    @model_validator(mode="after")
    def _is_json(self) -> Result:
        try:
            json.loads(self.content)
        except (ValueError, RecursionError):
            raise ValueError("content of a tool message must be JSON text") from None
        return self


class Trajectory(Row):
    """One row of training data."""

    id: Annotated[str, NAME]
    family: str = ""
    """The task family; empty for rows of one's own."""
    domain: str = ""
    templates: list[str] = Field(default_factory=list)
    """Ids of the phrasings that the user's messages were made of."""
    provenance: dict[str, Any] | None = Field(default=None, exclude_if=lambda value: value is None)
    """Which model did it and how, for rows that a model made."""
    tools: list[dict[str, Any]]
    """The catalogue, as chat templates take it."""
    messages: list[dict[str, Any]]

    @model_validator(mode="before")
    @classmethod
    def _typed(cls, row: Any) -> Any:
        """Check tools and messages with their own models, whose faults name the place; they are kept as plain JSON."""
        if isinstance(row, dict) and isinstance(row.get("tools"), list) and isinstance(row.get("messages"), list):
            _Parts.model_validate({"tools": row["tools"], "messages": row["messages"]})
        return row

    @property
    def user_text(self) -> str:
        """All messages of the user, one a line."""
        return "\n".join(message["content"] for message in self.messages if message["role"] == "user")

    @property
    def calls(self) -> list[dict[str, Any]]:
        """All calls in order, each with `name` and `arguments`."""
        return [call["function"] for message in self.messages for call in message.get("tool_calls") or ()]


class _Parts(Row):
    tools: list[Tool]
    messages: list[Annotated[Said | Assistant | Result, Field(discriminator="role")]]

    @model_validator(mode="after")
    def _in_order(self) -> _Parts:
        if not any(isinstance(message, Assistant) for message in self.messages):
            raise ValueError("messages: a row needs at least one assistant message, or there is nothing to learn")
        known = {tool.function.name for tool in self.tools}
        waiting = 0
        for number, message in enumerate(self.messages):
            place = f"messages.{number}"
            if message.role == "system" and number:
                raise ValueError(f"{place}: a system message can only be the first")
            if isinstance(message, Result):
                if not waiting:
                    raise ValueError(f"{place}: a tool message needs a call before it, one message for each call")
                waiting -= 1
                continue
            if waiting:
                raise ValueError(f"{place}: {waiting} call(s) before it have no tool message yet")
            if isinstance(message, Assistant) and message.tool_calls:
                waiting = len(message.tool_calls)
                for call in message.tool_calls:
                    if call.function.name not in known:
                        raise ValueError(f"{place}: calls {call.function.name!r}, which is not in tools")
        return self


def from_task(task: Task, prompt: str) -> Trajectory:
    """The gold solution of a task as a conversation, executed in a fresh world.

    Args:
        prompt: the system prompt.
    """
    return Trajectory.model_validate(gold_conversation(task, prompt))


def gold_conversation(task: Task, prompt: str) -> dict[str, Any]:
    """The fields of `from_task`, not validated: a task of BFCL may call what its catalogue lacks, and has no words."""
    world = WORLDS[task.domain](task.world)
    messages: list[dict[str, Any]] = [{"role": "system", "content": prompt}]
    for turn in task.turns:
        messages.append({"role": "user", "content": turn.user})
        for call in turn.gold:
            function = {"name": call.name, "arguments": call.arguments}
            messages.append(
                {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": function}]}
            )
            messages.append(
                {"role": "tool", "name": call.name, "content": result_text(world.call(call.name, call.arguments))}
            )
        messages.append({"role": "assistant", "content": turn.say})
    templates = [template for turn in task.turns for template in turn.templates]
    return {
        "id": task.id,
        "family": task.family,
        "domain": task.domain,
        "templates": templates,
        "tools": world.tools(),
        "messages": messages,
    }


def result_text(result: dict[str, Any]) -> str:
    """A tool result as the model reads it, in training and in rollouts alike."""
    return json.dumps(result, ensure_ascii=False)


def load(path: Path) -> list[Trajectory]:
    """Read trajectories, one JSON object a line.

    Raises:
        BadInput: the file is missing or a row is not a trajectory; the message has the line, the key, what was
            expected, and what to do.
    """
    return list(stream(path))


def stream(source: str | Path) -> Iterator[Trajectory]:
    """The same, a row at a time; also of a Parquet file or a hub data set, as `tables.rows` reads them."""
    if str(source).startswith(tables.HUB) or str(source).endswith(".parquet"):
        return _checked(source, tables.rows(source))
    lines = jsonl_lines(Path(source), "trajectory")
    return _checked(source, ((f"line {number}", line) for number, line in lines))


def _checked(source: str | Path, rows: Iterable[tuple[str, Any]]) -> Iterator[Trajectory]:
    """The rows that are trajectories; in the end all others are told."""
    places: dict[str, str] = {}
    faults: list[str] = []
    for place, found in rows:
        if isinstance(found, NotAnObject):
            faults.append(f"{place}: {found}")
            continue
        try:
            row = Trajectory.model_validate(found)
            json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
        except ValidationError as error:
            faults.append(f"{place}{_explain(error)}")
            continue
        except ValueError:  # Python reads and writes both
            faults.append(f"{place}: has NaN, an infinity or half a surrogate pair, which JSON in UTF-8 cannot hold")
            continue
        if (first := places.setdefault(row.id, place)) != place:
            faults.append(f"{place}, key id: {row.id!r} is the id of {first} too. Ids must differ")
            continue
        yield row
    if len(faults) == 1:
        raise BadInput(f"{source}, {faults[0]}. {ADVICE}")
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults[:MOST_FAULTS])
        more = f"\n  and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise BadInput(f"{source}: {len(faults)} rows are not trajectories:{listed}{more}\n{ADVICE}")
    if not places:
        raise BadInput(f"{source}: no rows. Expected one trajectory a line; `mlx-train data init` writes an example.")


def _explain(error: ValidationError) -> str:
    """The key, what was expected, and what was found."""
    fault = error.errors()[0]
    roles = {"system", "user", "assistant", "tool"}
    names = [str(part) for position, part in enumerate(fault["loc"]) if not (position == 2 and part in roles)]
    key = ".".join(names)
    what = fault["msg"].removeprefix("Value error, ")
    found = f", found {fault['input']!r}"[:120] if key and fault["type"] != "missing" else ""
    return f"{f', key {key}' if key else ''}: {what}{found}"
