"""Phrasings, kept apart by split: a sentence pattern belongs to train, dev or gate and to no other."""

from __future__ import annotations

import itertools
import random
import re
import string
from collections.abc import Sequence
from functools import cache

from mlx_train.tasks.more_phrases import MORE
from mlx_train.tasks.task import Split

BANKS: dict[str, Phrases] = {}


CHOICE = re.compile(r"\[([^\]]*)\]")


@cache
def expand(template: str) -> tuple[str, ...]:
    """The patterns of a template: `[a|b] {file}[| now]` stands for four."""
    parts = CHOICE.split(template)
    choices = [part.split("|") if number % 2 else [part] for number, part in enumerate(parts)]
    return tuple("".join(chosen) for chosen in itertools.product(*choices))


class Phrases:
    """All ways to say one thing, as `str.format` patterns with the same named slots.

    Args:
        id: unique name, `domain.thing`; a template's id is `domain.thing/split/number`.
        train, dev, gate: the templates of each split, which may hold alternatives: see `expand`. A pattern may stand in
            one split only.
    """

    def __init__(
        self, id: str, *, train: Sequence[str] = (), dev: Sequence[str] = (), gate: Sequence[str] = ()
    ) -> None:
        self.id = id
        self.templates: dict[Split, tuple[str, ...]] = {
            "train": (*train, *MORE.get(id, ())),
            "dev": tuple(dev),
            "gate": tuple(gate),
        }
        self.patterns: dict[Split, tuple[str, ...]] = {
            split: tuple(pattern for template in templates for pattern in expand(template))
            for split, templates in self.templates.items()
        }
        every = [pattern for patterns in self.patterns.values() for pattern in patterns]
        seen = [{skeleton(pattern) for pattern in patterns} for patterns in self.patterns.values()]
        if len(set.union(*seen)) != sum(map(len, seen)):
            raise ValueError(f"phrases {id}: a pattern stands in two splits")
        if len({frozenset(slots(pattern)) for pattern in every}) > 1:
            raise ValueError(f"phrases {id}: the patterns do not all have the same slots")
        if id in BANKS:
            raise ValueError(f"phrases {id}: the id is taken")
        BANKS[id] = self

    def pick(self, rng: random.Random, split: Split) -> tuple[str, str]:
        """A pattern of the split and its template's id; templates come up equally often.

        Raises:
            ValueError: the bank has no pattern for this split.
        """
        if not self.patterns[split]:
            raise ValueError(f"phrases {self.id}: no pattern for the split {split}")
        number = rng.randrange(len(self.templates[split]))
        patterns = expand(self.templates[split][number])
        pattern = rng.choice(patterns) if len(patterns) > 1 else patterns[0]
        return pattern, f"{self.id}/{split}/{number}"


def slots(pattern: str) -> list[str]:
    """The names of a pattern's slots."""
    return [name for _, name, _, _ in string.Formatter().parse(pattern) if name]


def skeleton(pattern: str) -> str:
    """A pattern without its slot names, case and punctuation: what two templates are compared by."""
    text = "".join(
        before + ("_" if name is not None else "") for before, name, _, _ in string.Formatter().parse(pattern)
    )
    return " ".join("".join(c if c.isalnum() or c == "_" else " " for c in text.lower()).split())


# How several requests become one message. {a} and {b} are whole clauses that begin with a lower-case verb.
THEN = Phrases(
    "any.then",
    train=[
        "{a}, then {b}",
        "{a} and then {b}",
        "{a}. After that, {b}",
        "{a}; then {b}",
        "{a}, and {b}",
        "{a}. Then {b}",
        "{a}, and [when|once|as soon as] [that is done|you have done that|this is finished], {b}",
        "{a}[, and|; and] then [go on to|go ahead and|proceed to] {b}",
        "{a}. [Then|Next|After that], please[| also] {b}",
        "{a}[;|, and] as [the|your] next step[,|, please] {b}",
        "{a}, and with [that|this] [done|finished|out of the way], {b}",
        "{a}[. Having done that|; having done that|. That done|; that done], {b}",
        "{a}[, and|; and|. And] then[| please] {b}",
        "{a}, [and once|and when] [that's done|you're done|this is done], {b}",
        "{a}. [Afterwards|Subsequently|Thereafter|Later|Following that|In addition|On top of that|Besides], {b}",
        "{a}, [afterwards|subsequently|thereafter|and also|and in addition|and finally|and to finish] {b}",
        "{a}[, and immediately afterwards|, and right after|, and straight after that|; directly after this,] {b}",
        "first {a}[, second|; second|; secondly|, and as the second thing], {b}",
        "{a} [as the first step|as a first thing|first][, and second|, then as the second one|; to finish], {b}",
        "{a}. [The second thing|Number two|The other thing|The next thing|Another thing|What follows]: {b}",
        "{a}. With [that|this] [behind us|in place|settled|sorted], {b}",
        "{a}. [From there|At that point|Right after|To finish|Finally|Also], {b}",
        "do two things: {a}[,|;| and] {b}",
        "do the following: {a}[, next|; afterwards|, plus:|; also] {b}",
        "{a}[, before you go on to|, before going on to|, and go on to|, and carry on to] {b}",
    ],
    dev=["{a}, after which {b}", "{a}. As a next step, {b}"],
    gate=[
        "{a}. Once that is done, {b}",
        "{a}, and after that {b}",
        "{a}. When you have done so, {b}",
        "{a}; next, {b}",
    ],
)
REQUEST = Phrases(
    "any.request",
    train=[
        "{a}.",
        "Please {a}.",
        "Can you {a}?",
        "I need you to {a}.",
        "Could you {a}?",
        "Now {a}.",
        "Hi! Please {a}.",
        "{a}[, thanks|, if you can|, if you would|, if you don't mind].",
        "[Would|Will|Can|Could] you [please|kindly] {a}?",
        "[Next|Now|Okay now|All right], please {a}.",
        "[Please|Now|Now please|Okay,] go ahead and {a}.",
        "[Please be|Be|Now be] [so kind as|so good as|kind enough] to {a}.",
        "[Your|The] [next|new] [task|job] is to {a}.",
        "It would be [nice|great|good|helpful] if you [could|would] {a}.",
        "[I'd|I would] [appreciate it|be glad|be grateful] if you could {a}.",
        "[Hello!|Hi there!|Good morning!|Good day!|Hello there!] [Please|Could you please|Be so kind as to] {a}.",
        "[You need|You are|What is left is|All that is left is] to {a}.",
        "[You should|You may|You can] [now|next] {a}.",
        "[Go on|Carry on|Continue|Proceed] and {a}[|, please].",
        "[It is time to|Make sure to|Be sure to|Remember to|Do not forget to] {a}.",
        "[My request|My wish|What I need|One more thing|Another request|Something else|Task|Step|Job|Request]: {a}.",
        "[What I need|The thing I need] [now|next] is for you to {a}.",
        "[Just|Simply|Quickly|Then|Later] {a}[|, thank you|, right away].",
        "[Are you able|Is it possible for you] to {a}?",
        "[May I|Might I|Let me|Can I] ask you to {a}?",
        "[I ask you|You are asked|You have] to {a}.",
        "[Well|Right|Alright|So|Good|Fine|Great|Thanks|Perfect|Oh], {a}.",
        "It [would|'d] [help|help me|help a lot] if you [could|would] {a}.",
        "[-|*|1.|Next up:|Up next:|To do:] {a}",
        "[For me|For my project|For this|As for you|This time|Once more|Again], {a}.",
    ],
    dev=["Next, {a}.", "Hey, {a}.", "I want you to {a}."],
    gate=["Would you {a}?", "I would like you to {a}.", "Hello, can you please {a}?", "Okay, {a}.", "Kindly {a}."],
)
# How whole messages become one. Frozen tasks name the bank so, of when only file tasks did this.
NEXT = Phrases(
    "files.next",
    train=[
        "{a} {b}",
        "{a} [Then|And then|After that|And next]: {b}",
        "{a} [Also|And also|Another thing|One more thing|And one more thing|And another thing]: {b}",
        "{a} [When that is done|Once you have that|With that done|After this], "
        "[here is the next thing|go on with this|do this too|there is more]: {b}",
        "{a} [That is not all|There is more|That was the first thing|So much for that|That was one thing]. {b}",
        "{a} [The next request|The next thing|My next request|The other thing|My other request] "
        "[is this|comes now]: {b}",
        "{a} [And now|Now] [this|to the next thing|for the next one|the next one]: {b}",
        "{a} [Besides|Beyond that|On top of that|In addition]: {b}",
    ],
    dev=["{a} And now another request: {b}", "{a} That done, one more: {b}", "{a} Next request: {b}"],
    gate=[
        "{a} Here is one more request: {b}",
        "{a} When you have done so, do this: {b}",
        "{a} After that, please go on: {b}",
        "{a} And now the other thing: {b}",
    ],
)
DONE = ("Done.", "All done.", "That is done.")
