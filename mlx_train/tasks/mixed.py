"""The mixed families of a domain that is not files: requests of every kind it has, drawn at random, in any number.

The first families of these domains are a few plots each, and a model trained on them learns the plots. The mixed ones
have none: each row is another sequence of requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mlx_train.tasks.board import B, course, one
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_phrases import GREETING, PHONE, THANKS, WEATHER
from mlx_train.tasks.phrases import Phrases


def mixed(
    domain: str, board: Callable[[Script], B], moves: Sequence[Callable[[B], None]], asks: Sequence[Callable[[B], None]]
) -> None:
    """Register the mixed families of a domain.

    Args:
        board: makes the board with the world that a task starts in.
        moves: each asks for one thing and does it, in one call or a few.
        asks: each asks for a thing with something missing, sends that turn, and asks again with the rest.
    """

    @family(domain=domain, tier="easy", role="train", group="mixed")
    def mixed_one(s: Script) -> None:
        """One request, or two."""
        course(board(s), (1, 2), moves, turns=2)

    @family(domain=domain, tier="moderate", role="train", group="mixed")
    def mixed_few(s: Script) -> None:
        """A few requests, in one turn or several."""
        course(board(s), (3, 4), moves, turns=3)

    @family(domain=domain, tier="hard", role="train", group="mixed")
    def mixed_several(s: Script) -> None:
        """Several requests in several turns."""
        course(board(s), (5, 8), moves, turns=4, join=0.6)

    @family(domain=domain, tier="very hard", role="train", group="mixed")
    def mixed_many(s: Script) -> None:
        """Request after request."""
        course(board(s), (9, 14), moves, turns=8)

    @family(domain=domain, tier="easy", role="train", abstain=True, group="mixed")
    def mixed_ask(s: Script) -> None:
        """Something is missing: ask, then act on the answer."""
        one(board(s), asks)

    @family(domain=domain, tier="easy", role="train", abstain=True, group="mixed")
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
        b.keep(1, 2, 2)


def _slots(s: Script, kind: Phrases) -> dict[str, str]:
    """What these phrases speak of."""
    return {WEATHER: {"place": s.words.place()}, PHONE: {"person": s.words.person()}}.get(kind, {})
