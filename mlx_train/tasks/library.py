"""Lending library: dev tasks only, the unseen domain by which recipes and checkpoints are chosen."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

SORRY = "I have no tool for that."
GENRES = ("novel", "history", "science", "poetry")

AUTHOR = Phrases(
    "library.author",
    dev=[
        'Who is the author of the book "{title}"?',
        'Which author wrote "{title}"?',
        'Get the book info of "{title}" and tell me its author.',
    ],
)
AVAILABLE = Phrases(
    "library.available",
    dev=[
        'How many copies of "{title}" are available?',
        'Get the book info of "{title}": how many are available?',
        'Tell me the number of available copies of "{title}".',
    ],
)
FEE = Phrases(
    "library.fee",
    dev=[
        "How high is the fee of {member}?",
        "Which fee does the member {member} owe?",
        "What fee does {member} have to pay?",
    ],
)
BY_AUTHOR = Phrases(
    "library.by_author",
    dev=[
        "Which book is by {author}?",
        "Find the book by the author {author}.",
        "What is the title of the book by {author}?",
    ],
)
OF_GENRE = Phrases(
    "library.of_genre",
    dev=[
        "Which book is of the genre {genre}?",
        "Find the book of the genre {genre}.",
        "Which of our books has the genre {genre}?",
    ],
)
LEND = Phrases(
    "library.lend",
    dev=[
        'lend the book "{title}" to {member}, due on {due}',
        'lend "{title}" to the member {member} until {due}',
        'lend {member} the book "{title}" with the due day {due}',
    ],
)
LEND_IT = Phrases(
    "library.lend_it",
    dev=[
        "lend it to {member} until {due}",
        "lend that book to {member}, due on {due}",
        "lend it to the member {member} with the due day {due}",
    ],
)
LEND_BY = Phrases(
    "library.lend_by",
    dev=[
        "find the book by {author} and lend it to {member} until {due}",
        "lend the book by {author} to {member}, due on {due}",
        "lend {member} the book that {author} wrote until {due}",
    ],
)
LEND_OR_RESERVE = Phrases(
    "library.lend_or_reserve",
    dev=[
        'lend "{title}" to {member} until {due}; if no copy is available, reserve it for {member}',
        'try to lend the book "{title}" to {member} until {due}, and if there is no copy, reserve it for {member}',
        'lend {member} the book "{title}" until {due}, or reserve it for {member} if no copy is available',
    ],
)
RETURN = Phrases(
    "library.return",
    dev=[
        'return the book "{title}" of {member}',
        'take back "{title}" from {member}',
        'record that {member} returned the book "{title}"',
    ],
)
RETURN_DAMAGED = Phrases(
    "library.return_damaged",
    dev=[
        'return the damaged book "{title}" of {member}',
        'take back "{title}" from {member}; it is damaged',
        'record that {member} returned the book "{title}" damaged',
    ],
)
RETURN_ALL = Phrases(
    "library.return_all",
    dev=[
        "return the book that {member} has on loan",
        "look up the loan of {member} and return that book",
        "take back the book {member} has on loan",
    ],
)
EXTEND = Phrases(
    "library.extend",
    dev=[
        'extend the loan of "{title}" by {member} to {due}',
        'extend the loan that {member} has of "{title}" until {due}',
        'move the due day of "{title}" for {member} to {due}',
    ],
)
EXTEND_ONE = Phrases(
    "library.extend_one",
    dev=[
        "extend the loan of {member} to {due}",
        "look up the loan of {member} and extend it until {due}",
        "extend the loan that {member} has until {due}",
    ],
)
RESERVE = Phrases(
    "library.reserve",
    dev=[
        'reserve "{a}" and "{b}" for {member}',
        'reserve the books "{a}" and "{b}" for the member {member}',
        'make a reservation of "{a}" and "{b}" for {member}',
    ],
)
PAY = Phrases(
    "library.pay",
    dev=[
        "record that {member} paid {amount} of the library fee",
        "pay {amount} of the fee of {member}",
        "let {member} pay an amount of {amount} of the fee",
    ],
)
PAY_ALL = Phrases(
    "library.pay_all",
    dev=[
        "record that {member} paid the whole fee",
        "pay the whole library fee of {member}",
        "let {member} pay all of the fee",
    ],
)
NO_MEMBER = Phrases(
    "library.no_member",
    dev=[
        'Lend the book "{title}" until {due}.',
        'Please lend out "{title}", due on {due}.',
        'Somebody wants "{title}". Lend it until {due}.',
    ],
)
NO_DUE = Phrases(
    "library.no_due",
    dev=[
        'Extend the loan of "{title}" by {member}.',
        'The member {member} needs "{title}" longer. Extend the loan.',
        'Please extend the loan that {member} has of "{title}".',
    ],
)
NO_TITLE = Phrases(
    "library.no_title",
    dev=[
        "Reserve a book for {member}.",
        "Please make a reservation for the member {member}.",
        "The member {member} would like to reserve something.",
    ],
)
MEMBER_IS = Phrases(
    "library.member_is",
    dev=[
        "The member is {member}.",
        "{member} takes it home.",
        "I am talking of {member}.",
    ],
)
DUE_IS = Phrases(
    "library.due_is",
    dev=[
        "The new due day is {due}.",
        "{due} is fine.",
        "It can stay out until {due}.",
    ],
)
TITLE_IS = Phrases(
    "library.title_is",
    dev=[
        'The book is "{title}".',
        'What is wanted is the book "{title}".',
        'That is the book "{title}".',
    ],
)
CAN_DO = Phrases(
    "library.can_do",
    dev=[
        'Keep the book "{title}" for {member} in a reservation.',
        'Put "{title}" aside: a reservation for {member}.',
        'The member {member} comes for "{title}". Reserve it.',
    ],
)
NO_TOOL = Phrases(
    "library.no_tool",
    dev=[
        'Throw the book "{title}" away.',
        'Read "{title}" to me.',
        'Buy five more copies of "{title}".',
        'Print the first page of "{title}".',
        'Translate "{title}" into Spanish.',
        'Sell "{title}" to a book shop.',
        'Put "{title}" on the table near the window.',
    ],
)


def shelf(s: Script, *, copies: int = 2, loans: int = 1) -> tuple[list[str], dict[str, dict[str, Any]], list[str]]:
    """Begin with three books by different authors in different genres and three members who owe a fee.

    Member 0 has book 0 on loan, member 1 has book 1, up to `loans`. Returns titles, books by title, and members.
    """
    titles = [s.words.title() for _ in range(3)]
    genres = s.rng.sample(GENRES, 3)
    books = {
        title: {"author": s.words.person(), "genre": genre, "copies": copies, "damaged": 0, "reserved": []}
        for title, genre in zip(titles, genres, strict=True)
    }
    members = [s.words.person() for _ in range(3)]
    s.begin(
        {
            "books": books,
            "members": {member: s.words.number(4, 30) + s.rng.choice((0, 0.5)) for member in sorted(members)},
            "loans": [
                {
                    "title": title,
                    "member": member,
                    "due": f"2030-{s.words.number(1, 12):02d}-{s.words.number(1, 28):02d}",
                }
                for title, member in list(zip(titles, members, strict=True))[:loans]
            ],
        }
    )
    return titles, books, members


def done(s: Script) -> str:
    return s.rng.choice(DONE)


@family(domain="library", tier="easy", role="dev")
def look_up_book(s: Script) -> None:
    titles, _, _ = shelf(s, copies=s.words.number(2, 9))
    bank, key, said = s.rng.choice(
        ((AUTHOR, "author", "The author is {}."), (AVAILABLE, "available", "Available copies: {}."))
    )
    s.turn(s.phrase(bank, title=titles[0]))
    found = s.call("get_book_info", title=titles[0])[key]
    s.end(said.format(found), tell=[found])


@family(domain="library", tier="easy", role="dev")
def lend(s: Script) -> None:
    titles, _, members = shelf(s)
    due = s.words.date()
    s.turn(s.please(s.phrase(LEND, title=titles[1], member=members[0], due=due)))
    s.call("lend_book", title=titles[1], member=members[0], due=due)
    s.end(done(s))


@family(domain="library", tier="easy", role="dev")
def take_back(s: Script) -> None:
    titles, _, members = shelf(s, loans=2)
    damaged = s.rng.random() < 0.5
    if damaged:
        s.turn(s.please(s.phrase(RETURN_DAMAGED, title=titles[0], member=members[0])))
        s.call("return_book", title=titles[0], member=members[0], damaged=True)
    else:
        s.turn(s.please(s.phrase(RETURN, title=titles[0], member=members[0])))
        s.call("return_book", title=titles[0], member=members[0])
    s.end(done(s))


@family(domain="library", tier="easy", role="dev")
def reserve_and_pay(s: Script) -> None:
    titles, _, members = shelf(s)
    amount = s.words.number(1, 3) + 0.5
    s.turn(s.please(s.phrase(RESERVE, a=titles[1], b=titles[2], member=members[1])))
    s.call("reserve_books", member=members[1], titles=[titles[1], titles[2]])
    s.end(done(s))
    s.turn(s.please(s.phrase(PAY, member=members[2], amount=amount)))
    s.call("pay_library_fee", member=members[2], amount=amount)
    s.end(done(s))


@family(domain="library", tier="moderate", role="dev")
def find_and_lend(s: Script) -> None:
    titles, books, members = shelf(s)
    title, due = s.rng.choice(titles), s.words.date()
    s.turn(s.please(s.phrase(LEND_BY, author=books[title]["author"], member=members[2], due=due)))
    (found,) = s.call("find_books", author=books[title]["author"])["titles"]
    s.call("lend_book", title=found, member=members[2], due=due, derived=["title"])
    s.end(done(s))
    s.turn(s.phrase(FEE, member=members[2]))
    fee = s.call("list_member_loans", member=members[2])["fee"]
    s.end(f"The fee is {fee}.", tell=[fee])


@family(domain="library", tier="moderate", role="dev")
def settle(s: Script) -> None:
    _, _, members = shelf(s, loans=2)
    s.turn(s.please(s.phrase(RETURN_ALL, member=members[1])))
    (loan,) = s.call("list_member_loans", member=members[1])["loans"]
    s.call("return_book", title=loan["title"], member=members[1], derived=["title"])
    s.end(done(s))
    amount = s.words.number(1, 3) + 0.5
    s.turn(s.please(s.phrase(PAY, member=members[1], amount=amount)))
    s.call("pay_library_fee", member=members[1], amount=amount)
    s.end(done(s))


@family(domain="library", tier="moderate", role="dev")
def lend_or_reserve(s: Script) -> None:
    titles, _, members = shelf(s, copies=1)
    due, later = s.words.date(), s.words.date()
    s.turn(s.please(s.phrase(LEND_OR_RESERVE, title=titles[0], member=members[2], due=due)))
    s.call("lend_book", title=titles[0], member=members[2], due=due, fails=True)
    s.call("reserve_books", member=members[2], titles=[titles[0]])
    s.end("No copy is available, so I reserved it.")
    s.turn(s.please(s.phrase(LEND, title=titles[1], member=members[2], due=later)))
    s.call("lend_book", title=titles[1], member=members[2], due=later)
    s.end(done(s))


@family(domain="library", tier="hard", role="dev")
def help_members(s: Script) -> None:
    titles, books, members = shelf(s)
    book, due, later = titles[2], s.words.date(), s.words.date()
    bank, key = s.rng.choice(((BY_AUTHOR, "author"), (OF_GENRE, "genre")))
    s.turn(s.phrase(bank, **{key: books[book][key]}))
    (found,) = s.call("find_books", **{key: books[book][key]})["titles"]
    s.end(f"It is {found}.", tell=[found])
    s.turn(s.please(s.phrase(LEND_IT, member=members[2], due=due)))
    s.call("lend_book", title=found, member=members[2], due=due, derived=["title"])
    s.end(done(s))
    s.turn(s.please(s.phrase(EXTEND_ONE, member=members[0], due=later), s.phrase(PAY_ALL, member=members[0])))
    account = s.call("list_member_loans", member=members[0])
    s.call("extend_loan", title=account["loans"][0]["title"], member=members[0], due=later, derived=["title"])
    s.call("pay_library_fee", member=members[0], amount=account["fee"], derived=["amount"])
    s.end(done(s))


@family(domain="library", tier="easy", role="dev")
def extend(s: Script) -> None:
    titles, _, members = shelf(s)
    due = s.words.date()
    s.turn(s.please(s.phrase(EXTEND, title=titles[0], member=members[0], due=due)))
    s.call("extend_loan", title=titles[0], member=members[0], due=due)
    s.end(done(s))


@family(domain="library", tier="easy", role="dev", abstain=True)
def ask_for_value(s: Script) -> None:
    titles, _, members = shelf(s)
    draw = s.rng.randrange(3)
    if draw == 0:
        due = s.words.date()
        s.turn(s.phrase(NO_MEMBER, title=titles[1], due=due))
        s.end("To which member?", asks=True)
        if s.twin:
            s.turn(s.phrase(MEMBER_IS, member=members[2]))
            s.call("lend_book", title=titles[1], member=members[2], due=due)
            s.end(done(s))
    elif draw == 1:
        s.turn(s.phrase(NO_DUE, title=titles[0], member=members[0]))
        s.end("Until which day?", asks=True)
        if s.twin:
            due = s.words.date()
            s.turn(s.phrase(DUE_IS, due=due))
            s.call("extend_loan", title=titles[0], member=members[0], due=due)
            s.end(done(s))
    else:
        s.turn(s.phrase(NO_TITLE, member=members[0]))
        s.end("Which book?", asks=True)
        if s.twin:
            s.turn(s.phrase(TITLE_IS, title=titles[1]))
            s.call("reserve_books", member=members[0], titles=[titles[1]])
            s.end(done(s))


@family(domain="library", tier="easy", role="dev", abstain=True)
def decline_other_work(s: Script) -> None:
    titles, _, members = shelf(s)
    if s.twin:
        s.turn(s.phrase(CAN_DO, title=titles[0], member=members[1]))
        s.call("reserve_books", member=members[1], titles=[titles[0]])
        s.end(done(s))
    else:
        s.turn(s.phrase(NO_TOOL, title=titles[0]))
        s.end(SORRY, quiet=True)
