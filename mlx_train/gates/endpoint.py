"""A model behind an OpenAI-compatible endpoint, such as a frontier model that shows what a suite allows at best.

Its calls come structured. If the arguments of one are not a JSON object, no call of that message is done, and the model
reads why. The key is read from the environment; it and the rest of the address stand in no result, only the host does.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mlx_train.chat.parse import Kind, structured
from mlx_train.errors import BadInput, NoNetwork
from mlx_train.files import sha256_of
from mlx_train.gates.conversation import CRASH, OVERLONG, TIME_OUT, Rollout, Transcript
from mlx_train.gates.rollouts import Settings
from mlx_train.tasks.task import Task

Start = Callable[[Task], Rollout]
Finish = Callable[[Transcript], None]
PREFIX = "openai:"
"""What the name of an endpoint's model begins with on the command line."""
KEY = "OPENAI_API_KEY"
AT_ONCE = 4
"""Rollouts side by side, if nothing else is asked for."""
RETRIES, SECONDS = 4, 120.0
"""Retries of a request that was refused for the time being (429, 5xx) or not answered within so many seconds."""
SHUT = (401, 402, 404)
"""Statuses with which every further request would be answered too: the key, the credit or the model is gone."""
NO_OBJECT = "the arguments of a call are not a JSON object; no call of this message was done"
PROBE: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Answer with the word yes."}],
    "tools": [
        {
            "type": "function",
            "function": {"name": "no", "description": "Not this.", "parameters": {"type": "object", "properties": {}}},
        }
    ],
}
LONGEST = 1024
"""Tokens of the answer to `PROBE`, thinking included."""


@dataclass(frozen=True)
class Endpoint:
    """A `Player` that asks an endpoint."""

    model: str
    url: str | None
    host: str
    answered: str
    """The model's name in the endpoint's answers, which may be more exact."""
    limit: str
    """What the parameter for the most tokens of a message is called; newer models know `max_completion_tokens` only."""
    retries: int
    seconds: float
    format = "structured"

    def about(self) -> dict[str, Any]:
        """What a gate file says of the model; the hash is of its name, there are no weights to be had."""
        named = {"endpoint": self.host, "answered": self.answered}
        return {"id": self.model, "sha256": sha256_of(named), **named}

    def shared(self, tools: Sequence[dict[str, Any]], system: str) -> list[Any]:
        """The catalogue; how the endpoint shows it to the model is not known."""
        return list(tools)

    def versions(self) -> dict[str, str]:
        """Of the client."""
        return {"openai": importlib.metadata.version("openai")}

    def rollout(self, task: Task, system: str, **options: Any) -> Rollout:
        """A rollout at its beginning."""
        return Rollout(task, system, **options)

    def play(self, tasks: Sequence[Task], start: Start, settings: Settings, finish: Finish) -> None:
        """Roll out tasks, `settings.batch` at a time, calling `finish` with the transcript of each as it ends.

        Raises:
            NoNetwork: the endpoint cannot be reached any more.
            BadInput: it takes no more requests: the key, the credit or the model is gone.
        """
        asyncio.run(self._play(tasks, start, settings, finish))

    async def _play(self, tasks: Sequence[Task], start: Start, settings: Settings, finish: Finish) -> None:
        import openai

        places = asyncio.Semaphore(settings.batch)
        options = {"base_url": self.url, "timeout": self.seconds, "max_retries": self.retries}

        async def one(task: Task) -> None:
            async with places:
                rollout = start(task)
                while rollout.end is None:
                    await self._next(client, rollout, settings)
                finish(rollout.transcript())

        async with openai.AsyncOpenAI(**options) as client:
            try:
                async with asyncio.TaskGroup() as group:
                    for task in tasks:
                        group.create_task(one(task))
            except ExceptionGroup as faults:
                raise faults.exceptions[0] from None

    async def _next(self, client: Any, rollout: Rollout, settings: Settings) -> None:
        """Ask for the next message of a rollout and hand it over; what goes wrong ends the rollout."""
        import openai

        more = {"seed": rollout.seed} if settings.temperature else {}
        try:
            found = await client.chat.completions.create(
                model=self.model,
                messages=rollout.messages,
                tools=rollout.tools,
                temperature=settings.temperature,
                **{self.limit: settings.max_new_tokens},
                **more,
            )
            if str(found.model) != self.answered:
                return rollout.stop(CRASH, f"answered by {found.model}, not by {self.answered}")
            choice = found.choices[0]
            tokens = (found.usage.completion_tokens or 0) if found.usage else 0
            hand_over(rollout, choice.message.model_dump(exclude_none=True), choice.finish_reason != "length", tokens)
        except openai.APITimeoutError as error:
            rollout.stop(TIME_OUT, said(error))
        except openai.APIConnectionError as error:
            raise NoNetwork(_unreached(self.host, error)) from None
        except openai.APIStatusError as error:
            if error.status_code in SHUT:
                raise BadInput(
                    f"{self.host} takes no more requests to {self.model}: {said(error)} Check the key in {KEY}, what "
                    "is left to spend and the model's name. What was done is kept; the same command goes on from there."
                ) from None
            rollout.stop(OVERLONG if _is_too_long(error) else CRASH, said(error))
        except Exception as error:
            rollout.stop(CRASH, said(error))


def _is_too_long(error: Any) -> bool:
    """Whether a request was refused for the length of the conversation, which is the model's doing like its calls."""
    known = error.status_code in (400, 413)
    return known and re.search(r"context[ _-](length|window|size)", str(error), re.IGNORECASE) is not None


def connect(
    model: str,
    url: str | None,
    temperature: float,
    *,
    retries: int = RETRIES,
    seconds: float = SECONDS,
    limit: str = "max_tokens",
) -> Endpoint:
    """An endpoint, once it has answered a first request with tools and this temperature.

    Args:
        url: its address up to `/v1`; $OPENAI_BASE_URL, then the client's own, if None.

    Raises:
        BadInput: the client or the key is missing, or the endpoint refuses such requests.
        NoNetwork: it does not answer.
    """
    try:
        import openai
    except ImportError:
        raise BadInput(
            f"{PREFIX}{model}: scoring a model behind an endpoint needs the library `openai`. Install it with "
            "`pip install 'mlx-train[endpoint]'`."
        ) from None
    if not os.environ.get(KEY):
        raise BadInput(
            f"{PREFIX}{model}: {KEY} is not set. Put the endpoint's key there (any word where it wants none); it is "
            "never written down."
        )
    if url is not None and "@" in urlsplit(url).netloc:
        raise BadInput(f"{PREFIX}{model}: --url has a user or a key in it. Leave it out, and put the key in {KEY}.")
    with openai.OpenAI(base_url=url, timeout=seconds, max_retries=min(retries, 2)) as client:
        address = client.base_url
        if address.scheme not in ("http", "https") or not address.host:
            raise BadInput(f"{PREFIX}{model}: the address is not like https://host/v1. Give it with --url.")
        host = f"{address.host}:{address.port}" if address.port else address.host
        try:
            found = client.chat.completions.create(model=model, temperature=temperature, **PROBE, **{limit: LONGEST})
        except (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError) as error:
            raise NoNetwork(_unreached(host, error)) from None
        except openai.APIStatusError as error:
            if error.param == limit == "max_tokens":
                other = "max_completion_tokens"
                return connect(model, url, temperature, retries=retries, seconds=seconds, limit=other)
            raise BadInput(
                f"{host} refuses a request to {model}: {said(error)} Check the name, the address (--url) and the key "
                f"in {KEY}. A model that does not take temperature {temperature:g} is sampled with --temperature."
            ) from None
    return Endpoint(model, url, host, str(found.model), limit, retries, seconds)


def hand_over(rollout: Rollout, message: dict[str, Any], stopped: bool, tokens: int) -> None:
    """Let a rollout take a message of an endpoint, and pair the results with the ids of its calls.

    The message goes back as it came, with whatever the endpoint added to it; but arguments that are no JSON object are
    left out, since many servers refuse to read them again, and what a call lacks is put in.
    """
    at = len(rollout.messages)
    calls = [_whole(call, f"call-{at}-{number}") for number, call in enumerate(message.get("tool_calls") or [])]
    pairs = [(call["function"]["name"], call["function"]["arguments"]) for call in calls]
    said = message.get("content") or ""
    said = said.encode(errors="replace").decode()  # half a character cannot be written down
    reply = structured(said, pairs, stopped=stopped)
    rollout.take(reply, tokens, NO_OBJECT)
    if rollout.end is not None:
        return
    sent = {key: value for key, value in message.items() if key != "tool_calls"}
    sent["content"] = said if said or not calls else None
    if calls:
        sent["tool_calls"] = calls
        results = [result["content"] for result in rollout.messages[at + 1 :]]
        if reply.kind is Kind.MALFORMED:
            sent["tool_calls"] = [
                call if _is_call(pair) else {**call, "function": {**call["function"], "arguments": "{}"}}
                for call, pair in zip(calls, pairs, strict=True)
            ]
            results *= len(calls)
        rollout.messages[at + 1 :] = [
            {"role": "tool", "tool_call_id": call["id"], "content": result}
            for call, result in zip(calls, results, strict=True)
        ]
    rollout.messages[at] = sent


def _whole(call: dict[str, Any], id: str) -> dict[str, Any]:
    """A call with an id and arguments: some servers leave the one out, and send nothing for a call without any."""
    function = call["function"]
    return {
        **call,
        "id": call.get("id") or id,
        "function": {**function, "arguments": function.get("arguments") or "{}"},
    }


def _is_call(pair: tuple[str, Any]) -> bool:
    return structured("", [pair], stopped=True).kind is Kind.CALLS


def said(error: Exception) -> str:
    """What went wrong, on one short line without the key."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text.replace(os.environ.get(KEY) or KEY, KEY)[:300]


def _unreached(host: str, error: Exception) -> str:
    cause = f" ({error.__cause__})" if error.__cause__ else ""
    return (
        f"{host} does not answer: {said(error)}{cause} Check the network and the address (--url). What was done is "
        "kept; the same command goes on from there."
    )
