"""The mixed families of a domain that is not files: requests of every kind it has, drawn at random, in any number.

The first families of these domains are a few plots each, and a model trained on them learns the plots. The mixed ones
have none: each row is another sequence of requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mlx_train.tasks.board import B, Board, course, one
from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_phrases import GREETING, PHONE, THANKS, WEATHER
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.task import Group

AGAIN = Phrases(
    "any.again",
    train=[
        "[Say|Tell me] [that|this] [again|once more], [please|I was not listening].",
        "[Sorry|Pardon], what [did you just say|was that]? [Just repeat it|Only repeat it], do not look it up.",
        "[Could|Can|Would] you repeat [that|what you just told me]?",
        "I [missed|did not get|forgot] [that|your answer]. [Once more|Again], [please|from memory].",
        "[Repeat|Give me] your last answer[ again|, word for word].",
        "What was [the|your] answer again? [There is no need to check|You need not check].",
    ],
    dev=["Let me hear your last answer a second time.", "Come again? The same words will do."],
)
BEYOND = Phrases(
    "any.beyond",
    train=[
        "[Translate|Put] [the weather report|my letter|this page] into [French|Italian|Dutch].",
        "[Play|Put on] some [music|jazz|piano music] [for me|while I work], please.",
        "[Draw|Paint] [me|us] a [picture|sketch] of a [lighthouse|horse|bridge].",
        "[Take|Make] a [photo|picture] of [me|my desk|the garden].",
        "[Print|Scan] [my passport|this letter|the contract] [for me|twice], please.",
        "[Unlock|Charge|Restart] my [phone|laptop|tablet].",
        "[Pay|Settle] [my|the] [electricity|water|phone] bill [for me|now].",
        "Fill in my tax return[ for last year|].",
        "[Find|Look for] my [keys|glasses|umbrella], I have lost them.",
        "[Water|Trim] the [roses|plants|hedge] [for me|this afternoon].",
        "[Cook|Make] [something nice|a soup|pancakes] for [dinner|lunch].",
        "[Give|Show] me directions to the [nearest|next] [chemist|petrol station|post office].",
        "Who won the [football|tennis|chess] [match|final] [yesterday|last night]?",
        "[Install|Download] the [newest|latest] [update|version] of my [browser|camera program].",
        "[Change|Reset] the password of my [bank account|e-mail account].",
        "[Measure|Check] my [blood pressure|pulse|temperature].",
        "[Wash|Iron] my [shirts|blue coat], please.",
        "[Drive|Take] me to the [airport|dentist] [now|at once].",
        "[Count|Change] the money in my [purse|wallet].",
        "[Sing|Hum] me a [song|lullaby].",
        "[Repair|Mend] my [bicycle|shoes|watch].",
        "[Renew|Extend] my [passport|driving licence].",
    ],
    dev=[
        "Walk the dog for me, please.",
        "Back up everything on my old computer.",
        "What will the exchange rate be tomorrow?",
        "Sharpen the kitchen knives.",
    ],
)


def mixed(
    domain: str,
    board: Callable[[Script], B],
    moves: Sequence[Callable[[B], None]],
    asks: Sequence[Callable[[B], None]],
    group: Group = "mixed",
) -> None:
    """Register the mixed families of a domain.

    Args:
        board: makes the board with the world that a task starts in.
        moves: each asks for one thing and does it, in one call or a few.
        asks: each asks for a thing with something missing, sends that turn, and asks again with the rest.
        group: of the families, but for the last two, which came later and are `further` everywhere.
    """

    @family(domain=domain, tier="easy", role="train", group=group)
    def mixed_one(s: Script) -> None:
        """One request, or two."""
        course(board(s), (1, 2), moves, turns=2)

    @family(domain=domain, tier="moderate", role="train", group=group)
    def mixed_few(s: Script) -> None:
        """A few requests, in one turn or several."""
        course(board(s), (3, 4), moves, turns=3)

    @family(domain=domain, tier="hard", role="train", group=group)
    def mixed_several(s: Script) -> None:
        """Several requests in several turns."""
        course(board(s), (5, 8), moves, turns=4, join=0.6)

    @family(domain=domain, tier="very hard", role="train", group=group)
    def mixed_many(s: Script) -> None:
        """Request after request."""
        course(board(s), (9, 14), moves, turns=8)

    @family(domain=domain, tier="easy", role="train", abstain=True, group=group)
    def mixed_ask(s: Script) -> None:
        """Something is missing: ask, then act on the answer."""
        one(board(s), asks)

    @family(domain=domain, tier="easy", role="train", abstain=True, group=group)
    def mixed_talk(s: Script) -> None:
        """A turn in which there is nothing to be done, or nothing that the tools can do, beside one with a request."""
        b = board(s)
        kind = s.rng.choice((THANKS, GREETING, WEATHER, PHONE))
        words = {THANKS: "You are welcome.", GREETING: "I am ready."}.get(kind, "Sorry, I have no tool for that.")
        first = kind is GREETING or (kind is not THANKS and s.rng.random() < 0.5)
        if not first:
            one(b, moves)
            b.send()
        if s.twin:
            one(b, moves)
            b.send()
        else:
            b.answer(words)
            b.send(s.phrase(kind, **_slots(s, kind)), quiet=True)
        if first and not s.twin:
            one(b, moves)
            b.send()
        _keep(b)

    @family(domain=domain, tier="easy", role="train", abstain=True, group="further")
    def mixed_again(s: Script) -> None:
        """The user wants to hear an answer again, for which nothing has to be called."""
        b = board(s)
        one(b, moves)
        b.send()
        told = s.turns[-1]
        if not told.tell:
            raise Redraw
        if s.twin:
            one(b, moves)
            b.send()
        else:
            b.answer(told.say, *told.tell)
            b.send(s.phrase(AGAIN), quiet=True)
        _keep(b)

    @family(domain=domain, tier="easy", role="train", abstain=True, group="further")
    def mixed_beyond(s: Script) -> None:
        """Something that no tool can do, before or after a request."""
        b = board(s)
        first = s.rng.random() < 0.5
        for last in (False, True):
            if s.twin or last == first:
                one(b, moves)
                b.send()
            else:
                b.answer("Sorry, I have no tool for that.")
                b.send(s.phrase(BEYOND), quiet=True)
        _keep(b)


def _keep(b: Board) -> None:
    """Keep the task only if it has at most two calls; its twin, if there is a call in each turn.

    Raises:
        Redraw: it has more, or there is none.
    """
    if not b.s.twin:
        b.keep(1, 2, 2)
    elif not all(turn.gold for turn in b.s.turns):
        raise Redraw


def _slots(s: Script, kind: Phrases) -> dict[str, str]:
    """What these phrases speak of."""
    return {WEATHER: {"place": s.words.place()}, PHONE: {"person": s.words.person()}}.get(kind, {})
