"""Messaging tasks: send, read, forward, react to and delete messages, and look after chats."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

REACTIONS = ("like", "heart", "laugh", "sad")

SEND = Phrases(
    "messaging.send",
    train=[
        'send "{text}" to {chat}',
        'write "{text}" to {chat}',
        'tell {chat} "{text}"',
        'message {chat}: "{text}"',
        'send {chat} the message "{text}"',
        'post "{text}" in the chat {chat}',
        'text "{text}" to {chat}',
        'write {chat} a message that says "{text}"',
    ],
    dev=['let {chat} know "{text}"', 'put the message "{text}" in the chat {chat}'],
    gate=[
        'send a message to {chat} that says "{text}"',
        'put "{text}" in the chat {chat}',
        'send {chat} a text that says "{text}"',
        'write the message "{text}" to {chat}',
    ],
)
SEND_OPEN = Phrases(
    "messaging.send_open",
    train=[
        "send a message to {chat}",
        "write to {chat}",
        "message {chat}",
        "send {chat} a new message",
        "text {chat}",
        "post something in the chat {chat}",
        "write {chat} a message",
    ],
    dev=["let {chat} know something", "put a message in the chat {chat}"],
    gate=["send a text to {chat}", "put something in the chat {chat}", "write a message to {chat}"],
)
TEXT_IS = Phrases(
    "messaging.text_is",
    train=[
        '"{text}"',
        'Write "{text}".',
        'Say "{text}".',
        'It should say "{text}".',
        'The message is "{text}".',
        'Tell them "{text}".',
        'Just write "{text}".',
    ],
    dev=['The words are "{text}".', 'It can say "{text}".'],
    gate=['Please say "{text}".', 'Send "{text}".', 'The message should be "{text}".'],
)
READ_LAST = Phrases(
    "messaging.read_last",
    train=[
        "tell me the last message in the chat {chat}",
        "read me the newest message in the chat {chat}",
        "show me the last message of the chat {chat}",
        "look up the last message in the chat {chat}",
        "check what the last message in the chat {chat} says",
        "open the chat {chat} and read me the last message",
        "tell me what the newest message in the chat {chat} says",
    ],
    dev=["say what was written last in the chat {chat}", "find the newest message in the chat {chat}"],
    gate=[
        "read me the last message in the chat {chat}",
        "tell me what the last message of the chat {chat} is",
        "look up what the newest message in the chat {chat} says",
    ],
)
READ_TWO = Phrases(
    "messaging.read_two",
    train=[
        "tell me the last 2 messages in the chat {chat}",
        "read me the newest 2 messages in the chat {chat}",
        "show me the last 2 messages of the chat {chat}",
        "look up the last 2 messages in the chat {chat}",
        "check what the last 2 messages in the chat {chat} say",
        "open {chat} and read me the last 2 messages",
        "tell me what the newest 2 messages in the chat {chat} say",
    ],
    dev=["say what the last 2 messages in the chat {chat} were", "find the newest 2 messages in the chat {chat}"],
    gate=[
        "read me the last 2 messages in the chat {chat}",
        "tell me what the last 2 messages of the chat {chat} are",
        "look up what the newest 2 messages in the chat {chat} say",
    ],
)
FROM = Phrases(
    "messaging.from",
    train=[
        "the message from {person} in the chat {chat}",
        "what {person} wrote in the chat {chat}",
        "the message of {person} in {chat}",
        "the message that {person} sent in {chat}",
        "what {person} said in {chat}",
        "the message by {person} in the chat {chat}",
        "the message {person} wrote in {chat}",
    ],
    dev=["the words of {person} in the chat {chat}", "what came from {person} in {chat}"],
    gate=[
        "the message that {person} wrote in the chat {chat}",
        "what {person} sent in {chat}",
        "the message from {person} in {chat}",
    ],
)
REACT = Phrases(
    "messaging.react",
    train=[
        "react with {reaction} to {message}",
        "put a {reaction} on {message}",
        "add a {reaction} to {message}",
        "give {message} a {reaction}",
        "leave a {reaction} on {message}",
        "answer {message} with a {reaction}",
        "set the reaction {reaction} on {message}",
    ],
    dev=["mark {message} with a {reaction}", "use the reaction {reaction} for {message}"],
    gate=[
        "add the reaction {reaction} to {message}",
        "put the reaction {reaction} on {message}",
        "react to {message} with {reaction}",
    ],
)
DELETE = Phrases(
    "messaging.delete",
    train=[
        "delete {message}",
        "remove {message}",
        "take {message} away",
        "get rid of {message}",
        "erase {message}",
        "delete {message} for me",
        "take out {message}",
    ],
    dev=["clear {message}", "make {message} go away"],
    gate=["take {message} off", "have {message} deleted", "have {message} removed"],
)
FORWARD = Phrases(
    "messaging.forward",
    train=[
        "forward {message} to {other}",
        "send {message} on to {other}",
        "pass {message} on to {other}",
        "forward {message} to the chat {other}",
        "share {message} with {other}",
        "give {message} on to {other}",
        "send {message} to {other} as well",
    ],
    dev=["let {other} see {message}", "bring {message} to {other}"],
    gate=["send {message} on to the chat {other}", "pass {message} to {other}", "forward {message} so {other} has it"],
)
MUTE = Phrases(
    "messaging.mute",
    train=[
        "mute {chat}",
        "turn the sound of {chat} off",
        "mute the chat {chat}",
        "turn off the sound for {chat}",
        "make {chat} silent",
        "set {chat} to silent",
        "switch off the sound of {chat}",
    ],
    dev=["quiet {chat}", "let {chat} be silent"],
    gate=["turn {chat} to silent", "set the chat {chat} to mute", "turn off the sound of the chat {chat}"],
)
UNMUTE = Phrases(
    "messaging.unmute",
    train=[
        "unmute {chat}",
        "turn the sound of {chat} on",
        "unmute the chat {chat}",
        "turn on the sound for {chat}",
        "make {chat} no longer silent",
        "set {chat} to loud again",
        "switch on the sound of {chat}",
    ],
    dev=["stop {chat} being silent", "let {chat} have sound again"],
    gate=["turn the sound of the chat {chat} on again", "take {chat} off mute", "turn on the sound of the chat {chat}"],
)
START = Phrases(
    "messaging.start",
    train=[
        "start a group called {name} with {members}",
        "make a new group {name} with {members}",
        "open a group chat {name} with {members}",
        "create a group named {name} for {members}",
        "set up a chat called {name} with {members}",
        "start a new chat {name} for {members}",
        "make a group chat called {name} with {members} in it",
    ],
    dev=["form a group {name} of {members}", "bring {members} into a new group called {name}"],
    gate=[
        "create a new chat {name} with {members}",
        "set up a group named {name} with {members}",
        "open a new group called {name} for {members}",
    ],
)
THANKS = Phrases(
    "messaging.thanks",
    train=[
        "Thanks!",
        "Thank you.",
        "Great, thank you.",
        "Thanks, that was all.",
        "Thank you, that is all.",
        "Good, thanks.",
        "Perfect, thank you!",
    ],
    dev=["Very good, thanks.", "Thank you so much."],
    gate=["Thanks a lot.", "Great, that is all.", "Thank you, that was it."],
)
# The plots of the gate alone.
CORRECT = Phrases(
    "messaging.correct",
    gate=[
        'delete my message in the chat {chat} and send "{text}" instead',
        'take out my message in the chat {chat} and write "{text}" there instead',
        'remove what I wrote in the chat {chat} and put "{text}" there',
    ],
)
START_OR = Phrases(
    "messaging.start_or",
    gate=[
        '{a} and send "{text}" there; if there is such a chat already, just send it there',
        '{a}, or use that chat if it is there already, and write "{text}" in it',
        '{a} if there is no such chat yet, and then put "{text}" in it',
    ],
)
FORWARD_TO = Phrases(
    "messaging.forward_to",
    gate=[
        "They should read it in {chat}.",
        "I mean the chat {chat}.",
        "{chat} is the chat that needs it.",
    ],
)
FORWARD_OPEN = Phrases(
    "messaging.forward_open",
    gate=[
        "forward {message} to someone",
        "send {message} on to somebody",
        "pass {message} on",
        "share {message} with another chat",
    ],
)


def _begin(s: Script, chats: dict[str, list[tuple[str, str]]], *, muted: bool = False) -> None:
    """Start with these chats, in any order, each a list of messages as pairs of sender and text.

    The members of a chat are the people who wrote in it; a chat of two has the other person's name.
    """
    names = s.rng.sample(list(chats), len(chats))
    built: dict[str, Any] = {}
    count = 0
    for number, name in enumerate(names, 1):
        messages = []
        for sender, text in chats[name]:
            count += 1
            messages.append({"message_id": f"m{count}", "from": sender, "text": text, "reaction": ""})
        members = sorted({sender for sender, _ in chats[name]} - {"me"}) or [name]
        built[f"c{number}"] = {"name": name, "members": members, "muted": muted, "messages": messages}
    s.begin({"chats": built, "next_chat": len(names) + 1, "next_message": count + 1})


def _chat_id(listed: dict[str, Any], name: str) -> str:
    chat_id: str = next(chat["chat_id"] for chat in listed["chats"] if chat["name"] == name)
    return chat_id


def _message_id(read: dict[str, Any], sender: str) -> str:
    message_id: str = next(message["message_id"] for message in read["messages"] if message["from"] == sender)
    return message_id


def _lines(s: Script, count: int) -> list[str]:
    """Different lines of text."""
    lines: list[str] = []
    while len(lines) < count:
        if (line := s.words.line()) not in lines:
            lines.append(line)
    return lines


def _someone(s: Script) -> str:
    """The name of a chat: a person or a group."""
    return s.words.person() if s.rng.random() < 0.5 else s.words.name()


@family(domain="messaging", tier="easy", role="train")
def send_one(s: Script) -> None:
    chat, other, text = _someone(s), _someone(s), s.words.line()
    _begin(s, {chat: [], other: []})
    s.turn(s.please(s.phrase(SEND, chat=chat, text=text)))
    s.call("send_message", chat_id=_chat_id(s.call("list_chats"), chat), text=text, derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="easy", role="train")
def last_message(s: Script) -> None:
    person, other, lines = s.words.person(), s.words.person(), _lines(s, 3)
    senders = s.rng.sample(("me", person), 2)
    _begin(s, {person: list(zip(senders, lines[:2], strict=True)), other: [(other, lines[2])]})
    s.turn(s.please(s.phrase(READ_LAST, chat=person)))
    s.call("read_messages", chat_id=_chat_id(s.call("list_chats"), person), derived=["chat_id"])
    s.end(f'It says: "{lines[1]}".', tell=[lines[1]])


@family(domain="messaging", tier="easy", role="train")
def last_two_messages(s: Script) -> None:
    person, other, lines = s.words.person(), s.words.person(), _lines(s, 3)
    _begin(s, {person: [(s.rng.choice(("me", person)), line) for line in lines], other: []})
    s.turn(s.please(s.phrase(READ_TWO, chat=person)))
    s.call("read_messages", chat_id=_chat_id(s.call("list_chats"), person), count=2, derived=["chat_id"])
    s.end(f'They say: "{lines[1]}" and "{lines[2]}".', tell=lines[1:])


@family(domain="messaging", tier="easy", role="train")
def mute_or_unmute(s: Script) -> None:
    chat, other, muted = _someone(s), _someone(s), s.rng.random() < 0.6
    _begin(s, {chat: [], other: []}, muted=not muted)
    s.turn(s.please(s.phrase(MUTE if muted else UNMUTE, chat=chat)))
    s.call("mute_chat", chat_id=_chat_id(s.call("list_chats"), chat), muted=muted, derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="easy", role="train", abstain=True)
def send_without_text(s: Script) -> None:
    chat, other, text = _someone(s), _someone(s), s.words.line()
    _begin(s, {chat: [], other: []})
    s.turn(s.please(s.phrase(SEND_OPEN, chat=chat)))
    s.end("What should the message say?", asks=True)
    s.turn(s.phrase(TEXT_IS, text=text))
    s.call("send_message", chat_id=_chat_id(s.call("list_chats"), chat), text=text, derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="easy", role="train", abstain=True)
def thanks_after_sending(s: Script) -> None:
    chat, text = _someone(s), s.words.line()
    _begin(s, {chat: [], s.words.person(): []})
    s.turn(s.please(s.phrase(SEND, chat=chat, text=text)))
    chat_id = _chat_id(s.call("list_chats"), chat)
    s.call("send_message", chat_id=chat_id, text=text, derived=["chat_id"])
    s.end(s.rng.choice(DONE))
    if s.twin:
        text = s.words.line()
        s.turn(f"{s.phrase(THANKS)} {s.please(s.phrase(SEND, chat=chat, text=text))}")
        s.call("send_message", chat_id=chat_id, text=text, derived=["chat_id"])
        s.end(s.rng.choice(DONE))
    else:
        s.turn(s.phrase(THANKS))
        s.end("You are welcome.", quiet=True)


@family(domain="messaging", tier="moderate", role="train")
def new_group(s: Script) -> None:
    name, members, text = s.words.name(), [s.words.person(), s.words.person()], s.words.line()
    _begin(s, {person: [] for person in members[: s.rng.choice((1, 2))]})
    s.turn(
        s.please(
            s.phrase(START, name=name, members=" and ".join(members)),
            s.phrase(SEND, chat=name, text=text),
            s.phrase(MUTE, chat=name),
        )
    )
    chat_id = s.call("start_chat", name=name, members=members)["chat_id"]
    s.call("send_message", chat_id=chat_id, text=text, derived=["chat_id"])
    s.call("mute_chat", chat_id=chat_id, muted=True, derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="moderate", role="train")
def react_or_delete(s: Script) -> None:
    """Do something with the message of one person in a group."""
    group, other = s.words.name(), s.words.name()
    people, lines = [s.words.person(), s.words.person()], _lines(s, 3)
    _begin(s, {group: list(zip(people, lines[:2], strict=True)), other: [(people[0], lines[2])]})
    person = s.rng.choice(people)
    message = s.phrase(FROM, person=person, chat=group)
    reaction = s.rng.choice((*REACTIONS, None, None))
    s.turn(
        s.please(s.phrase(REACT, message=message, reaction=reaction) if reaction else s.phrase(DELETE, message=message))
    )
    read = s.call("read_messages", chat_id=_chat_id(s.call("list_chats"), group), derived=["chat_id"])
    message_id = _message_id(read, person)
    if reaction:
        s.call("react_to_message", message_id=message_id, reaction=reaction, derived=["message_id"])
    else:
        s.call("delete_message", message_id=message_id, derived=["message_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="hard", role="train")
def read_and_pass_on(s: Script) -> None:
    """Read a chat, send its message on, then answer it and mute the chat."""
    person, other, lines, answer = s.words.person(), s.words.name(), _lines(s, 3), s.words.line()
    _begin(s, {person: [("me", lines[0]), (person, lines[1])], other: [("me", lines[2])]})
    s.turn(s.please(s.phrase(READ_LAST, chat=person)))
    listed = s.call("list_chats")
    chat_id = _chat_id(listed, person)
    read = s.call("read_messages", chat_id=chat_id, derived=["chat_id"])
    s.end(f'It says: "{lines[1]}".', tell=[lines[1]])
    s.turn(s.please(s.phrase(FORWARD, message="it", other=other)))
    s.call(
        "forward_message",
        message_id=_message_id(read, person),
        chat_id=_chat_id(listed, other),
        derived=["message_id", "chat_id"],
    )
    s.end(s.rng.choice(DONE))
    s.turn(s.please(s.phrase(SEND, chat=person, text=answer), s.phrase(MUTE, chat=other)))
    s.call("send_message", chat_id=chat_id, text=answer, derived=["chat_id"])
    s.call("mute_chat", chat_id=_chat_id(listed, other), muted=True, derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="moderate", role="dev")
def react_in_both(s: Script) -> None:
    """React to the message of a person, then write to another chat."""
    group, other, person, lines = s.words.name(), s.words.name(), s.words.person(), _lines(s, 3)
    reaction = s.rng.choice(REACTIONS)
    _begin(s, {group: [(person, lines[0])], other: [(s.words.person(), lines[1])]})
    message = s.phrase(FROM, person=person, chat=group)
    s.turn(s.please(s.phrase(REACT, message=message, reaction=reaction), s.phrase(SEND, chat=other, text=lines[2])))
    listed = s.call("list_chats")
    read = s.call("read_messages", chat_id=_chat_id(listed, group), derived=["chat_id"])
    s.call("react_to_message", message_id=_message_id(read, person), reaction=reaction, derived=["message_id"])
    s.call("send_message", chat_id=_chat_id(listed, other), text=lines[2], derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="easy", role="gate")
def start_and_write(s: Script) -> None:
    name, members, text = s.words.name(), [s.words.person(), s.words.person()], s.words.line()
    _begin(s, {members[0]: [], s.words.name(): []})
    s.turn(s.please(s.phrase(START, name=name, members=" and ".join(members)), s.phrase(SEND, chat=name, text=text)))
    chat_id = s.call("start_chat", name=name, members=members)["chat_id"]
    s.call("send_message", chat_id=chat_id, text=text, derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="moderate", role="gate")
def correct_own_message(s: Script) -> None:
    person, other, lines = s.words.person(), s.words.name(), _lines(s, 4)
    _begin(s, {person: [(person, lines[0]), ("me", lines[1])], other: [("me", lines[2])]})
    s.turn(s.please(s.phrase(CORRECT, chat=person, text=lines[3])))
    chat_id = _chat_id(s.call("list_chats"), person)
    read = s.call("read_messages", chat_id=chat_id, derived=["chat_id"])
    s.call("delete_message", message_id=_message_id(read, "me"), derived=["message_id"])
    s.call("send_message", chat_id=chat_id, text=lines[3], derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="hard", role="gate")
def group_that_is_there(s: Script) -> None:
    """The group to start is there already; then a message of it is sent on to a person."""
    group, members, other = s.words.name(), [s.words.person(), s.words.person()], s.words.person()
    lines = _lines(s, 3)
    _begin(s, {group: list(zip(members, lines[:2], strict=True)), other: []})
    s.turn(s.please(s.phrase(START_OR, a=s.phrase(START, name=group, members=" and ".join(members)), text=lines[2])))
    s.call("start_chat", name=group, members=members, fails=True)
    listed = s.call("list_chats")
    chat_id = _chat_id(listed, group)
    s.call("send_message", chat_id=chat_id, text=lines[2], derived=["chat_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.please(s.phrase(FORWARD, message=s.phrase(FROM, person=members[0], chat=group), other=other)))
    read = s.call("read_messages", chat_id=chat_id, derived=["chat_id"])
    s.call(
        "forward_message",
        message_id=_message_id(read, members[0]),
        chat_id=_chat_id(listed, other),
        derived=["message_id", "chat_id"],
    )
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="easy", role="gate", abstain=True)
def forward_to_nobody(s: Script) -> None:
    group, person, lines = s.words.name(), s.words.person(), _lines(s, 2)
    third, other = s.words.name(), s.words.name()
    _begin(s, {group: [(person, lines[0])], third: [("me", lines[1])], other: []})
    s.turn(s.please(s.phrase(FORWARD_OPEN, message=s.phrase(FROM, person=person, chat=group))))
    s.end("Which chat should I send it to?", asks=True)
    if s.twin:
        s.turn(s.phrase(FORWARD_TO, chat=other))
        listed = s.call("list_chats")
        read = s.call("read_messages", chat_id=_chat_id(listed, group), derived=["chat_id"])
        message, chat = _message_id(read, person), _chat_id(listed, other)
        s.call("forward_message", message_id=message, chat_id=chat, derived=["message_id", "chat_id"])
        s.end(s.rng.choice(DONE))
