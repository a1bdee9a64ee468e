"""A lending library: books, members, loans, reservations and fees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from mlx_train.world.base import ToolError, World, copied, tool

Genre = Literal["novel", "history", "science", "poetry"]


class LibraryWorld(World):
    """One library.

    State: `books` by title (author, genre, copies, damaged, reserved), `members` (name to fee owed), `loans`.
    """

    domain: ClassVar[str] = "library"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.books: dict[str, dict[str, Any]] = copied(dict(state["books"]))
        self.members: dict[str, float] = dict(state["members"])
        self.loans: list[dict[str, Any]] = copied(list(state["loans"]))

    def state(self) -> dict[str, Any]:
        return copied(self.__dict__)

    def outcome(self) -> dict[str, Any]:
        """The order of the loans is only the order in which they were made."""
        state = self.state()
        state["loans"].sort(key=lambda loan: (loan["title"], loan["member"]))
        return state

    def _book(self, title: str) -> dict[str, Any]:
        if title not in self.books:
            raise ToolError(f"no book '{title}'")
        return self.books[title]

    def _fee(self, member: str) -> float:
        if member not in self.members:
            raise ToolError(f"no member '{member}'")
        return self.members[member]

    def _available(self, title: str) -> int:
        left: int = self._book(title)["copies"] - sum(loan["title"] == title for loan in self.loans)
        return left

    def _loan(self, title: str, member: str) -> dict[str, Any]:
        self._book(title)
        self._fee(member)
        for loan in self.loans:
            if (loan["title"], loan["member"]) == (title, member):
                return loan
        raise ToolError(f"{member} has no loan of '{title}'")

    @tool
    def find_books(self, author: str | None = None, genre: Genre | None = None) -> dict[str, Any]:
        """Find the titles of the books by an author or of a genre."""
        return {
            "titles": [
                title
                for title, book in self.books.items()
                if author in (None, book["author"]) and genre in (None, book["genre"])
            ]
        }

    @tool
    def get_book_info(self, title: str) -> dict[str, Any]:
        """Get the author and genre of a book and how many copies are available."""
        book = self._book(title)
        return {"author": book["author"], "genre": book["genre"], "available": self._available(title)}

    @tool
    def lend_book(self, title: str, member: str, due: Annotated[str, "day of return, YYYY-MM-DD"]) -> dict[str, Any]:
        """Lend a book to a member until the due day."""
        self._fee(member)
        if any((loan["title"], loan["member"]) == (title, member) for loan in self.loans):
            raise ToolError(f"{member} has '{title}' already")
        if self._available(title) < 1:
            raise ToolError(f"no copy of '{title}' is available")
        self.loans.append({"title": title, "member": member, "due": due})
        return {"lent": title, "due": due}

    @tool
    def return_book(
        self, title: str, member: str, damaged: Annotated[bool, "the book came back damaged"] = False
    ) -> dict[str, Any]:
        """Take a book back that a member returns."""
        self.loans.remove(self._loan(title, member))
        self.books[title]["damaged"] += damaged
        return {"returned": title}

    @tool
    def extend_loan(
        self, title: str, member: str, due: Annotated[str, "new day of return, YYYY-MM-DD"]
    ) -> dict[str, Any]:
        """Extend the loan of a book to a later due day."""
        loan = self._loan(title, member)
        if due <= loan["due"]:
            raise ToolError(f"the loan is due on {loan['due']}; choose a later day")
        loan["due"] = due
        return {"due": due}

    @tool
    def reserve_books(self, member: str, titles: list[str]) -> dict[str, Any]:
        """Reserve books for a member."""
        self._fee(member)
        for title in titles:
            reserved = self._book(title)["reserved"]
            if member in reserved:
                raise ToolError(f"'{title}' is reserved for {member} already")
            reserved.append(member)
        return {"reserved": len(titles)}

    @tool
    def list_member_loans(self, member: str) -> dict[str, Any]:
        """List the loans of a member with their due days, and the fee the member owes."""
        fee = self._fee(member)
        loans = [{"title": loan["title"], "due": loan["due"]} for loan in self.loans if loan["member"] == member]
        return {"loans": loans, "fee": fee}

    @tool
    def pay_library_fee(self, member: str, amount: float) -> dict[str, Any]:
        """Record that a member paid an amount of the fee."""
        fee = self._fee(member)
        if amount <= 0:
            raise ToolError("amount must be more than 0")
        if amount > fee:
            raise ToolError(f"{member} owes only {fee}")
        self.members[member] = fee - amount
        return {"fee": self.members[member]}
