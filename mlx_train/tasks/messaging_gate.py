"""More messaging tasks of the gate: they share the tools with training, but neither plots nor phrasings."""

from __future__ import annotations

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.messaging import REACTIONS, _begin, _chat_id, _lines, _message_id
from mlx_train.tasks.phrases import DONE, Phrases

GROUP_OF = Phrases(
    "messaging.group_of",
    gate=[
        "begin a group {name} in which {members} are",
        "bring {members} together in a fresh group that is called {name}",
        "create the group {name} with the three members {members}",
    ],
)
REACT_ID = Phrases(
    "messaging.react_id",
    gate=[
        "react to message {message} with the reaction {reaction}",
        "give message {message} the reaction {reaction}",
        "let message {message} have a {reaction} from me",
    ],
)
WHO_WROTE = Phrases(
    "messaging.who_wrote",
    gate=[
        'Who wrote "{text}" in the chat {chat}?',
        'In {chat} there is a message "{text}". Who is it from?',
        'Somebody said "{text}" in {chat}. Tell me who that was.',
    ],
)
BY_SENDER = Phrases(
    "messaging.by_sender",
    gate=[
        'Look at the newest message in the chat {chat}. If {person} wrote it, answer "{a}" there; if I wrote it, send '
        '"{b}".',
        'If the newest message in the chat {chat} is mine, write "{b}" in it. If it is from {person}, write "{a}".',
        'Who wrote last in the chat {chat}, {person} or I? If it was {person}, answer "{a}"; if it was me, add "{b}".',
    ],
)
BOTH_CHATS = Phrases(
    "messaging.both_chats",
    gate=[
        'send the same message, "{text}", to {a} and to {b}',
        'let both {a} and {b} know this: "{text}"',
        'write "{text}" in each of the two chats {a} and {b}',
    ],
)
WRITE_THERE = Phrases(
    "messaging.write_there",
    gate=[
        'Would you let {chat} know "{text}"?',
        'The chat {chat} should get the message "{text}".',
        'I have something for {chat}: "{text}". Please send it.',
    ],
)
WRONG_CHAT = Phrases(
    "messaging.wrong_chat",
    gate=[
        "Oh no, that was the wrong chat. Delete it there and send the same text to {chat}.",
        "Sorry, I meant {chat}. Please take my message back and send it to {chat} instead.",
        "I have changed my mind: remove that message again and send those words to {chat}.",
    ],
)
REACT_THERE = Phrases(
    "messaging.react_there",
    gate=[
        "Put a {reaction} on the message that {person} wrote there.",
        "There is a message from {person} in that chat. React to it with {reaction}.",
        "And the one that {person} wrote in that chat should get a {reaction}.",
    ],
)
DELETE_BOTH = Phrases(
    "messaging.delete_both",
    gate=[
        "delete both messages that {person} wrote in {chat}",
        "clear the two messages of {person} out of the chat {chat}",
        "find the two messages by {person} in {chat} and delete them",
    ],
)
THEN_QUIET = Phrases(
    "messaging.then_quiet",
    gate=[
        'Now write "{text}" there, and then mute that chat.',
        'Let that chat know "{text}" and turn off its sound.',
        'That chat should get the message "{text}". After that, mute it.',
    ],
)
FORWARD_ID = Phrases(
    "messaging.forward_id",
    gate=[
        "forward message {message} into chat {chat}",
        "let chat {chat} have a copy of message {message}",
        "pass message {message} on to those in chat {chat}",
    ],
)


@family(domain="messaging", tier="easy", role="gate")
def group_of_three(s: Script) -> None:
    """Start a group of three people and write nothing in it."""
    name, members = s.words.name(), [s.words.person() for _ in range(3)]
    _begin(s, {members[0]: [], s.words.name(): []})
    s.turn(s.please(s.phrase(GROUP_OF, name=name, members=f"{members[0]}, {members[1]} and {members[2]}")))
    s.call("start_chat", name=name, members=members)
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="easy", role="gate")
def react_by_id(s: Script) -> None:
    """React to a message that the user names by its id."""
    people, lines = [s.words.person() for _ in range(3)], _lines(s, 9)
    said = [(s.rng.choice(people), line) for line in lines]
    _begin(s, {s.words.name(): said[:4], s.words.name(): said[4:]})
    message, reaction = f"m{s.words.number(1, 9)}", s.rng.choice(REACTIONS)
    s.turn(s.please(s.phrase(REACT_ID, message=message, reaction=reaction)))
    s.call("react_to_message", message_id=message, reaction=reaction)
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="easy", role="gate")
def forward_by_id(s: Script) -> None:
    """Send a message on to a chat, both named by their ids."""
    people, lines = [s.words.person() for _ in range(3)], _lines(s, 9)
    said = [(s.rng.choice(people), line) for line in lines]
    _begin(s, {s.words.name(): said[:4], s.words.name(): said[4:], **{s.words.person(): [] for _ in range(4)}})
    message = f"m{s.words.number(1, 9)}"
    chat = s.rng.choice([id for id, chat in s.start["chats"].items() if not chat["messages"]])
    s.turn(s.please(s.phrase(FORWARD_ID, message=message, chat=chat)))
    s.call("forward_message", message_id=message, chat_id=chat)
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="easy", role="gate")
def who_wrote_it(s: Script) -> None:
    """Say who wrote a message in a group."""
    group, people, lines = s.words.name(), [s.words.person() for _ in range(3)], _lines(s, 4)
    said = list(zip(people, lines[:3], strict=True))
    _begin(s, {group: said, s.words.name(): [(people[0], lines[3])]})
    person, text = s.rng.choice(said)
    s.turn(s.phrase(WHO_WROTE, chat=group, text=text))
    s.call("read_messages", chat_id=_chat_id(s.call("list_chats"), group), derived=["chat_id"])
    s.end(f"It is from {person}.", tell=[person])


@family(domain="messaging", tier="moderate", role="gate")
def answer_by_sender(s: Script) -> None:
    """What to send depends on who wrote the last message of a chat."""
    person, group, lines = s.words.person(), s.words.name(), _lines(s, 5)
    senders = s.rng.sample(("me", person), 2)
    _begin(s, {group: list(zip(senders, lines[:2], strict=True)), s.words.name(): [(person, lines[2])]})
    s.turn(s.phrase(BY_SENDER, chat=group, person=person, a=lines[3], b=lines[4]))
    chat_id = _chat_id(s.call("list_chats"), group)
    last = s.call("read_messages", chat_id=chat_id, derived=["chat_id"])["messages"][-1]
    s.call("send_message", chat_id=chat_id, text=lines[3 if last["from"] == person else 4], derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="moderate", role="gate")
def tell_two_chats(s: Script) -> None:
    """Send the same text to two chats of three; then nothing is to be done."""
    a, b, third, lines = s.words.name(), s.words.person(), s.words.person(), _lines(s, 2)
    _begin(s, {a: [(third, lines[1])], b: [], third: []})
    s.turn(s.please(s.phrase(BOTH_CHATS, a=a, b=b, text=lines[0])))
    listed = s.call("list_chats")
    for chat in (a, b):
        s.call("send_message", chat_id=_chat_id(listed, chat), text=lines[0], derived=["chat_id"])
    s.end(s.rng.choice(DONE))
    pause(s)


@family(domain="messaging", tier="hard", role="gate")
def sent_to_the_wrong_chat(s: Script) -> None:
    """Take a message back, send it to another chat, and react to a message there."""
    wrong, right, person, lines = s.words.name(), s.words.name(), s.words.person(), _lines(s, 3)
    reaction = s.rng.choice(REACTIONS)
    _begin(s, {wrong: [(s.words.person(), lines[1])], right: [(person, lines[2])], s.words.person(): []})
    s.turn(s.phrase(WRITE_THERE, chat=wrong, text=lines[0]))
    listed = s.call("list_chats")
    sent = s.call("send_message", chat_id=_chat_id(listed, wrong), text=lines[0], derived=["chat_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(WRONG_CHAT, chat=right))
    chat_id = _chat_id(listed, right)
    s.call("delete_message", message_id=sent["message_id"], derived=["message_id"])
    s.call("send_message", chat_id=chat_id, text=lines[0], derived=["chat_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(REACT_THERE, person=person, reaction=reaction))
    read = s.call("read_messages", chat_id=chat_id, derived=["chat_id"])
    s.call("react_to_message", message_id=_message_id(read, person), reaction=reaction, derived=["message_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="hard", role="gate")
def delete_two_of_one(s: Script) -> None:
    """Delete both messages of one person in a group, then write there and mute it."""
    group, person, other, lines = s.words.name(), s.words.person(), s.words.person(), _lines(s, 5)
    senders = s.rng.sample((person, person, other, "me"), 4)
    _begin(s, {group: list(zip(senders, lines[:4], strict=True)), person: []})
    s.turn(s.please(s.phrase(DELETE_BOTH, person=person, chat=group)))
    chat_id = _chat_id(s.call("list_chats"), group)
    for message in s.call("read_messages", chat_id=chat_id, derived=["chat_id"])["messages"]:
        if message["from"] == person:
            s.call("delete_message", message_id=message["message_id"], derived=["message_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(THEN_QUIET, text=lines[4]))
    s.call("send_message", chat_id=chat_id, text=lines[4], derived=["chat_id"])
    s.call("mute_chat", chat_id=chat_id, muted=True, derived=["chat_id"])
    s.end(s.rng.choice(DONE))
