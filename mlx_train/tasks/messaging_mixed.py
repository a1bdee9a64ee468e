"""Trained messaging families of requests in any order; see `mixed`."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks import messaging as say
from mlx_train.tasks.board import Board
from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.mixed import mixed
from mlx_train.tasks.phrases import Phrases

LAST = Phrases(
    "messaging.last",
    train=[
        "the [last|newest|latest] message in the chat {chat}",
        "the [last|newest|most recent] message of the chat {chat}",
        "the message at the [end|very end] of the chat {chat}",
    ],
    dev=["the message that stands last in {chat}", "the final message in the chat {chat}"],
)
START_MUTED = Phrases(
    "messaging.start_muted",
    train=[
        "{a}, and [mute it|mute it at once|mute it right away]",
        "{a}, and [turn off its sound|switch its sound off|turn its sound off]",
        "{a}, but [keep|make] it [silent|muted]",
    ],
    dev=["{a}, and let it make no sound", "{a}, with the sound of it off"],
)
START_PASS = Phrases(
    "messaging.start_pass",
    train=[
        "{a}, and [forward|pass on] {message} to it",
        "{a}, and [send|pass] {message} on to [it|the new group|that group]",
        "{a}; [forward|send] {message} [there|to it], too",
    ],
    dev=["{a}, and let it have {message}", "{a}, with {message} forwarded to it"],
)
START_WITH = Phrases(
    "messaging.start_with",
    train=[
        "[start|open|make] a group [called|named] {name} with {person} and [whoever|the one who] [wrote|sent] the last "
        "message in the chat {chat}",
        "[see|look up|check] who wrote last in the chat {chat} and [start|make|set up] a group {name} with {person} "
        "and [this person|that person]",
        "[make|create] a group {name} for {person} and the [writer|sender] of the [last|newest] message in the chat "
        "{chat}",
    ],
    dev=[
        "bring together in a group {name}: {person} and the sender of what came last in the chat {chat}",
        "begin a group {name} with {person} and the author of the final message in {chat}",
    ],
)
IF_SAYS = Phrases(
    "messaging.if_says",
    train=[
        'If the [last|newest] message in the chat {chat} says "{line}", {a}. [Otherwise|If not], tell me what it says.',
        "[Look at|Check|Read] the [last|newest] message in the chat {chat}: [if|in case] it says "
        '"{line}", {a}, and [if not|otherwise] [tell me what it says|read it to me].',
        'Does the last message in the chat {chat} say "{line}"? If [so|it does], {a}. If [not|it does not], '
        "[tell me|read me] what it says.",
    ],
    dev=[
        'In case "{line}" is the last message in the chat {chat}, {a}. Or else let me know what the message is.',
        'Should the newest message in {chat} be "{line}", then {a}. Should it be another one, read it out.',
    ],
)
SEND_OR = Phrases(
    "messaging.send_or",
    train=[
        "Please {a}. If [there is|I have] no [such chat|chat of that name], [send|write] it to {other} instead.",
        "Could you {a}? If [there is|I have] no such chat, [the message|it] [goes|should go] to {other}.",
        "If the chat [exists|is there], {a}. If [not|it does not exist], [write|send] the same [words|text] to "
        "{other}.",
    ],
    dev=[
        "I want you to {a}, and if I have no chat like that, to send the message to {other}.",
        "See to this: {a}. Without such a chat, let {other} have the message.",
    ],
)
HOW_MANY = Phrases(
    "messaging.how_many",
    train=[
        "tell me how many of the last {count} messages in the chat {chat} [are|were sent|were written] by {person}",
        "[count|find out] how many of the [last|newest|latest] {count} messages in the chat {chat} {person} "
        "[wrote|sent]",
        "[look at|read] the last {count} messages in the chat {chat} and [say|tell me] how many [of them|of these] are "
        "from {person}",
    ],
    dev=[
        "say how often {person} wrote among the last {count} messages in {chat}",
        "let me know the number of messages from {person} among the last {count} in the chat {chat}",
    ],
)
START_OPEN = Phrases(
    "messaging.start_open",
    train=[
        "[start|make|create] a [group|new group] [called|named] {name}",
        "[set up|open] a [new group chat|group chat] [called|with the name] {name}",
        "[open|create|make] the new group {name}",
    ],
    dev=["form a group under the name {name}", "let me have a new group by the name {name}"],
)
MEMBERS = Phrases(
    "messaging.members",
    train=[
        "[Put|Add] {members} in[to it|], please.",
        "[This is|It should be|Let it be] for {members}.",
        "[The members are|The members should be|It should have these members:] {members}.",
    ],
    dev=["{members} belong in it.", "I would like {members} to be in it."],
)


class Messenger(Board):
    """A few chats. Their ids are known once all were listed, and those of messages once they were read."""

    def __init__(self, s: Script) -> None:
        chats: dict[str, list[tuple[str, str]]] = {}
        lines = iter(say._lines(s, 20))
        for _ in range(s.rng.choice((3, 3, 4, 5))):
            if s.rng.random() < 0.4:
                name = s.words.person()
                senders = s.rng.choices(("me", name), k=s.rng.choice((0, 1, 2, 3)))
            else:
                name, people = s.words.name(), [s.words.person() for _ in range(s.rng.choice((2, 3)))]
                senders = [*people, *s.rng.choices((*people, "me"), k=s.rng.choice((0, 1)))]
                s.rng.shuffle(senders)
            chats[name] = [(sender, next(lines)) for sender in senders]
        say._begin(s, chats)
        state = s.start
        for chat in state["chats"].values():
            chat["muted"] = s.rng.random() < 0.4
        super().__init__(s, state)
        self.known: set[str] = set()
        self.read: set[str] = set()

    @property
    def chats(self) -> dict[str, dict[str, Any]]:
        """The chats by id."""
        chats: dict[str, dict[str, Any]] = self._state["chats"]
        return chats

    def chat(self, least: int = 0, but: str = "") -> tuple[str, str]:
        """Id and name of a chat with so many messages at least, other than one."""
        id = self.pick([id for id, chat in self.chats.items() if len(chat["messages"]) >= least and id != but])
        return id, self.chats[id]["name"]

    def look(self, id: str) -> str:
        """The id of a chat, after a look at the list if it was not seen yet."""
        if id not in self.known:
            self.overview()
        return id

    def overview(self) -> None:
        """Look at the list of chats."""
        self.do("list_chats")
        self.known |= set(self.chats)

    def last(self, id: str, count: int = 1) -> list[dict[str, Any]]:
        """The last messages of a chat."""
        messages: list[dict[str, Any]] = self.chats[id]["messages"][-count:]
        return messages

    def new(self, id: str, count: int = 1) -> None:
        """Go on only if one of the last messages was not read yet.

        Raises:
            Redraw: all were read.
        """
        if all(message["message_id"] in self.read for message in self.last(id, count)):
            raise Redraw

    def see(self, id: str, **more: Any) -> list[dict[str, Any]]:
        """Read a chat."""
        found: list[dict[str, Any]] = self.do("read_messages", chat_id=self.look(id), derived=["chat_id"], **more)[
            "messages"
        ]
        self.read |= {message["message_id"] for message in found}
        return found

    def message(self) -> tuple[str, str, str]:
        """Ids of a message and its chat, and words for it: it is the last one, or the only one of a person."""
        id, name = self.chat(1)
        messages = self.last(id, 9)
        if self.rng.random() < 0.3:
            return messages[-1]["message_id"], id, self.s.phrase(LAST, chat=name)
        senders = [message["from"] for message in messages]
        person = self.pick([one for one in dict.fromkeys(senders) if one != "me" and senders.count(one) == 1])
        if len(messages) > 5:
            raise Redraw
        found = messages[senders.index(person)]["message_id"]
        return found, id, self.s.phrase(say.FROM, person=person, chat=name)

    def find(self, message: str, id: str) -> str:
        """The id of a message, after a look at its chat if it was not read yet."""
        if message not in self.read:
            self.see(id)
        return message

    def post(self, id: str, text: str, *, told: bool = False) -> None:
        """Send a text to a chat, whose id the user may have told."""
        chat_id = id if told else self.look(id)
        sent = self.do("send_message", chat_id=chat_id, text=text, derived=[] if told else ["chat_id"])
        if id in self.known:
            self.read.add(sent["message_id"])

    def start(self, name: str, members: list[str], **more: Any) -> str:
        """Start a group; its id."""
        id: str = self.do("start_chat", name=name, members=members, **more)["chat_id"]
        self.known.add(id)
        return id


def write(d: Messenger) -> None:
    (id, name), text = d.chat(), d.s.words.line()
    told = d.rng.random() < 0.2
    d.ask(say.SEND, chat=id if told else name, text=text)
    d.post(id, text, told=told)


def last(d: Messenger) -> None:
    id, name = d.chat(1)
    d.new(id)
    d.ask(say.READ_LAST, chat=name)
    text = d.see(id)[-1]["text"]
    d.answer(f'It says: "{text}".', text)


def last_two(d: Messenger) -> None:
    id, name = d.chat(2)
    d.new(id, 2)
    d.ask(say.READ_TWO, chat=name)
    texts = [message["text"] for message in d.see(id, count=2)]
    d.answer(f'They say: "{texts[0]}" and "{texts[1]}".', *texts)


def react(d: Messenger) -> None:
    message, id, words = d.message()
    (now,) = [one["reaction"] for one in d.last(id, 99) if one["message_id"] == message]
    reaction = d.pick([one for one in say.REACTIONS if one != now])
    d.ask(say.REACT, message=words, reaction=reaction)
    d.do("react_to_message", message_id=d.find(message, id), reaction=reaction, derived=["message_id"])


def delete(d: Messenger) -> None:
    message, id, words = d.message()
    if d.rng.random() < 0.3:
        d.ask(say.DELETE, message=f"message {message}")
        d.do("delete_message", message_id=message)
    else:
        d.ask(say.DELETE, message=words)
        d.do("delete_message", message_id=d.find(message, id), derived=["message_id"])


def forward(d: Messenger) -> None:
    message, id, words = d.message()
    other, name = d.chat(but=id)
    d.ask(say.FORWARD, message=words, other=name)
    d.find(message, id)
    sent = d.do("forward_message", message_id=message, chat_id=d.look(other), derived=["message_id", "chat_id"])
    d.read.add(sent["message_id"])


def sound(d: Messenger) -> None:
    id, name = d.chat()
    muted = not d.chats[id]["muted"]
    bank = say.MUTE if muted else say.UNMUTE
    if d.rng.random() < 0.2:
        d.ask(bank, chat=id)
        d.do("mute_chat", chat_id=id, muted=muted)
    else:
        d.ask(bank, chat=name)
        d.do("mute_chat", chat_id=d.look(id), muted=muted, derived=["chat_id"])


def _group(d: Messenger) -> tuple[str, list[str], str]:
    """Name and members of a new group, and the clause that asks for it."""
    name, members = d.s.words.name(), [d.s.words.person(), d.s.words.person()]
    return name, members, d.s.phrase(say.START, name=name, members=" and ".join(members))


def start_muted(d: Messenger) -> None:
    name, members, clause = _group(d)
    d.ask(START_MUTED, a=clause)
    d.do("mute_chat", chat_id=d.start(name, members), muted=True, derived=["chat_id"])


def start_and_pass(d: Messenger) -> None:
    name, members, clause = _group(d)
    message, _, words = d.message()
    told = message not in d.read
    d.ask(START_PASS, a=clause, message=f"message {message}" if told else words)
    group = d.start(name, members)
    derived = ["chat_id"] if told else ["message_id", "chat_id"]
    sent = d.do("forward_message", message_id=message, chat_id=group, derived=derived)
    if not told:
        d.read.add(sent["message_id"])


def start_with(d: Messenger) -> None:
    id, chat = d.chat(1)
    name, person, other = d.s.words.name(), d.s.words.person(), d.last(id)[0]["from"]
    if other == "me":
        raise Redraw
    d.ask(START_WITH, name=name, person=person, chat=chat)
    d.find(d.last(id)[0]["message_id"], id)
    d.start(name, [person, other], derived=["members"])
    d.answer(f"{name} has {person} and {other} in it.")


def if_says(d: Messenger) -> None:
    id, name = d.chat(1)
    d.new(id)
    says, text = d.last(id)[0]["text"], d.s.words.line()
    line = says if d.rng.random() < 0.5 else d.s.words.line()
    other = id if d.rng.random() < 0.6 else d.chat(but=id)[0]
    d.request(IF_SAYS, chat=name, line=line, a=d.s.phrase(say.SEND, chat=d.chats[other]["name"], text=text))
    d.see(id)
    if line == says:
        d.post(other, text)
        d.answer("It says that, so I sent your message.")
    else:
        d.answer(f'It says "{says}", so I sent nothing.', says)


def or_else(d: Messenger) -> None:
    (id, name), text = d.chat(), d.s.words.line()
    other, second = d.chat(but=id)
    there = d.rng.random() < 0.4
    if not there:
        name = say._someone(d.s)
    d.request(SEND_OR, a=d.s.phrase(say.SEND, chat=name, text=text), other=second)
    if not there and not set(d.chats) <= d.known:
        d.overview()
    d.post(id if there else other, text)
    d.answer(f"It went to {name if there else second}.")


def how_many(d: Messenger) -> None:
    id, name = d.chat(2)
    count = d.rng.randint(2, min(4, len(d.chats[id]["messages"])))
    d.new(id, count)
    senders = [message["from"] for message in d.last(id, count)]
    person = d.pick([one for one in d.chats[id]["members"] if one != "me"])
    d.ask(HOW_MANY, count=count, chat=name, person=person)
    d.see(id, count=count)
    d.answer(f"{person} wrote {senders.count(person)} of them.", senders.count(person))


def ask_text(d: Messenger) -> None:
    (id, name), text = d.chat(), d.s.words.line()
    d.ask(say.SEND_OPEN, chat=name)
    d.answer("What should the message say?")
    d.send(asks=True)
    d.post(id, text)
    d.send(d.s.phrase(say.TEXT_IS, text=text))


def ask_members(d: Messenger) -> None:
    name, members = d.s.words.name(), [d.s.words.person(), d.s.words.person()]
    d.ask(START_OPEN, name=name)
    d.answer("Who should be in it?")
    d.send(asks=True)
    d.start(name, members)
    d.send(d.s.phrase(MEMBERS, members=" and ".join(members)))


MOVES = (
    write, last, last_two, react, delete, forward, sound, start_muted, start_and_pass, start_with, if_says, or_else,
    how_many,
)  # fmt: skip
mixed("messaging", Messenger, MOVES, (ask_text, ask_members))
