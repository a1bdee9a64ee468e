"""Task families: a family is one function that writes a task, call by call, in a live world.

    @family(domain="files", tier="easy", role="train")
    def read_a_note(s: Script) -> None:
        name = s.words.file()
        s.begin({"root": {...}})
        s.turn(s.request(READ, file=name))
        result = s.call("cat", file_name=name)
        s.end(f"It says: {result['file_content']}", tell=[result["file_content"]])

The calls are executed as they are written, so results are at hand for later arguments, and nothing unverified can
enter: a gold call that fails (and was not meant to), a turn without an end or a task outside its tier raises.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlx_train.tasks.check import faults, gold_play, is_empty
from mlx_train.tasks.phrases import REQUEST, THEN, Phrases
from mlx_train.tasks.task import CALLS_OF_TIER, Call, Group, Split, Task, Tier, Turn, failed, tier_of
from mlx_train.tasks.words import Vocabulary
from mlx_train.world.base import World
from mlx_train.world.catalogue import WORLDS

Role = Literal["train", "dev", "gate"]


class Redraw(Exception):
    """A draw that cannot become a task (two equal counts where one must be larger, say); the next seed is tried."""


@dataclass(frozen=True)
class Family:
    """One generator of tasks.

    Attributes:
        role: `train` families make training rows (and, with other phrasings and words, the `hard` suite); `dev` and
            `gate` families make only dev and gate tasks.
        abstain: the point of its tasks is a turn without any call, so they belong to the `abstain` suite. Such a family
            writes twins too (`Script.twin`).
        group: `first` families are those that the embedded base learns from; a recipe's source names the groups that it
            takes, so that it keeps its rows when families are added (see `recipe.Source`).
    """

    id: str
    domain: str
    tier: Tier
    role: Role
    abstain: bool
    write: Callable[[Script], None]
    group: Group = "first"


FAMILIES: dict[str, Family] = {}


def family(
    *, domain: str, tier: Tier, role: Role, abstain: bool = False, group: Group = "first"
) -> Callable[[Callable[[Script], None]], Callable[[Script], None]]:
    """Register a function as the family `domain.function_name`."""

    def register(write: Callable[[Script], None]) -> Callable[[Script], None]:
        id = f"{domain}.{write.__name__}"
        if id in FAMILIES:
            raise ValueError(f"family {id} is defined twice")
        FAMILIES[id] = Family(id, domain, tier, role, abstain, write, group)
        return write

    return register


class Script:
    """The task being written. See the module's example.

    A family with a turn without calls is also asked for twins: nearly the same task in the same world, in which a call
    is right. A question for what is missing is then left out by itself, and the user says it all in one message. For
    any other such turn the family looks at `twin` and has the user want something.
    """

    def __init__(self, domain: str, split: Split, rng: random.Random, twin: bool = False) -> None:
        self.domain = domain
        self.split = split
        self.rng = rng
        self.twin = twin
        self.words = Vocabulary(rng, split)
        self.world: World | None = None
        self.start: dict[str, Any] = {}
        self.turns: list[Turn] = []
        self.forbid: list[str] = []
        self._user: str | None = None
        self._said = ""
        self._templates: list[str] = []
        self._calls: list[Call] = []

    def begin(self, state: dict[str, Any]) -> None:
        """Set the state the world starts in."""
        # A list that stands twice in the state would be one list in the world, and two in the stored task.
        self.world = WORLDS[self.domain](json.loads(json.dumps(state)))
        self.start = self.world.state()

    def phrase(self, phrases: Phrases, **slots: object) -> str:
        """One way to say it, in this task's split, with the slots filled."""
        pattern, template = phrases.pick(self.rng, self.split)
        self._templates.append(template)
        return pattern.format(**slots)

    def then(self, *clauses: str) -> str:
        """Join clauses, each beginning with a verb, into one: "copy a to b, then delete a"."""
        text = clauses[0]
        for clause in clauses[1:]:
            text = self.phrase(THEN, a=text, b=clause)
        return text

    def please(self, *clauses: str) -> str:
        """Make a whole message of clauses: "Could you copy a to b, then delete a?" """
        text = self.phrase(REQUEST, a=self.then(*clauses))
        return text[0].upper() + text[1:]

    @property
    def open(self) -> bool:
        """Whether something was said that no turn answers."""
        return bool(self._said) or self._user is not None

    def turn(self, user: str) -> None:
        """The user says this; a new turn begins."""
        if self._user is not None:
            raise ValueError("the turn before has no end")
        self._user, self._said = self._said + user, ""

    def call(
        self, name: str, /, *, derived: Sequence[str] = (), fails: bool = False, **arguments: Any
    ) -> dict[str, Any]:
        """Do one gold call and return its result.

        Args:
            derived: names of arguments that come from an earlier tool result, not from the user's words.
            fails: the call is meant to be answered with an error, from which the next calls recover.
        """
        if self.world is None or self._user is None:
            raise ValueError("a call needs a world and a turn")
        result = self.world.call(name, arguments)
        if failed(result) != fails:
            raise ValueError(f"gold call {name}({arguments}) gave {result}")
        self._calls.append(Call(name=name, arguments=arguments, derived=tuple(derived), fails=fails))
        return result

    def end(self, say: str, *, tell: Sequence[object] = (), quiet: bool = False, asks: bool = False) -> None:
        """End the turn with the assistant's closing words.

        Args:
            tell: values the words must contain.
            quiet: no call may be made in this turn.
            asks: the right act is to ask the user for what is missing; implies `quiet`.
        """
        if self._user is None:
            raise ValueError("no turn to end")
        if (quiet or asks) and self._calls:
            raise ValueError("a quiet turn has gold calls")
        if asks and self.twin:
            self._user, self._said = None, f"{self._user} "
            return
        self.turns.append(
            Turn(
                user=self._user,
                templates=tuple(self._templates),
                gold=tuple(self._calls),
                say=say,
                tell=tuple(str(value) for value in tell),
                quiet=quiet or asks,
                asks=asks,
            )
        )
        self._user, self._templates, self._calls = None, [], []


def generate(which: Family, split: Split, seed: int, twin: bool = False) -> Task:
    """The task a family writes from a seed, or its twin; the same seed gives the same task.

    Raises:
        ValueError: the family does not write a valid task of its tier, or no draw in 50 could become one.
    """
    id = f"{which.id}/{split}/{seed}"
    for attempt in range(50):
        script = Script(which.domain, split, random.Random(f"{id}/{attempt}"), twin)
        try:
            which.write(script)
        except Redraw:
            continue
        task = Task(
            id=f"{id}/twin" if twin else id,
            domain=which.domain,
            family=which.id,
            tier=tier_of(sum(len(turn.gold) for turn in script.turns)) if twin else which.tier,
            split=split,
            seed=seed,
            world=script.start,
            turns=tuple(script.turns),
            forbid=tuple(script.forbid),
            twin_of=id if twin else None,
        )
        low, high = CALLS_OF_TIER[task.tier]
        if not low <= task.gold_calls <= high:
            raise ValueError(f"{task.id}: {task.gold_calls} gold calls, the tier {task.tier} has {low} to {high}")
        if wrong := faults(task, gold_play(task)):
            raise ValueError(f"{task.id}: the gold solution does not pass: {wrong}")
        if twin and (script.open or not all(turn.gold for turn in task.turns)):
            raise ValueError(f"{task.id}: a turn of this twin has no call")
        if is_empty(task):
            continue
        return task
    raise ValueError(f"{which.id}: no draw in 50 became a task")
