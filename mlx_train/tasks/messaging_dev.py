"""Messaging families of the development suites, by which recipes and checkpoints are chosen; no training, no gate."""

from __future__ import annotations

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.messaging import REACTIONS, START, _begin, _chat_id, _lines, _message_id
from mlx_train.tasks.phrases import DONE, Phrases

RIGHT_AFTER = Phrases(
    "messaging.dev.right_after",
    dev=[
        'say which message comes right after "{text}" in the chat {chat}',
        'look for "{text}" in {chat} and read me the message that follows it',
        'open the chat {chat} and let me know what was written next after "{text}"',
    ],
)
WRITERS = Phrases(
    "messaging.dev.writers",
    dev=[
        "form a group {name} of all the people who have written in chat {chat}",
        "bring everybody with a message in chat {chat} into a new group called {name}",
        "see who has written in chat {chat} and make these people the members of a new group {name}",
    ],
)
HEARD_OR_NOT = Phrases(
    "messaging.dev.heard_or_not",
    dev=[
        "look for a message of {person} in {group} and mark it with a {reaction}, or, if there is none, put the words "
        '"{text}" in the chat {person}',
        "see whether {person} has said anything in {group}: if so, use the reaction {reaction} for it, and if not, let "
        'the chat {person} have the message "{text}"',
        'let the chat {person} have the words "{text}" if nothing in {group} came from {person}, and mark the message '
        "from {person} with a {reaction} if there is one",
    ],
)
THEN_NAME = Phrases(
    "messaging.dev.then_name",
    dev=[
        'I see. Then the new group has to be {name}, and "{text}" is the first message I want in it.',
        'All right, then {name} is its name. Form that group and let its first message be "{text}".',
        'Then bring the same people into a group called {name}, and let them know "{text}" there.',
    ],
)
OLD_TO_NEW = Phrases(
    "messaging.dev.old_to_new",
    dev=[
        "There is something from {person} in {old}. Read it to me and bring it to the new group.",
        "What did {person} say in {old}? Let the new group see that message too.",
        "Find the words of {person} in {old}, let me know what they are, and forward them to the new group.",
    ],
)


@family(domain="messaging", tier="easy", role="dev")
def what_came_next(s: Script) -> None:
    """Say which message of a group follows the one that the user knows."""
    group, people, lines = s.words.name(), [s.words.person() for _ in range(3)], _lines(s, 6)
    _begin(
        s,
        {
            group: [(s.rng.choice(people), line) for line in lines[:4]],
            s.words.name(): [(s.rng.choice(people), line) for line in lines[4:]],
        },
    )
    place = s.rng.randrange(3)
    s.turn(s.please(s.phrase(RIGHT_AFTER, text=lines[place], chat=group)))
    s.call("read_messages", chat_id=_chat_id(s.call("list_chats"), group), derived=["chat_id"])
    s.end(f'"{lines[place + 1]}" follows.', tell=[lines[place + 1]])


@family(domain="messaging", tier="easy", role="dev")
def group_of_the_writers(s: Script) -> None:
    """Start a group with those who wrote in a chat that the user names by its id."""
    groups, name, lines = [s.words.name() for _ in range(3)], s.words.name(), iter(_lines(s, 10))
    people = [[s.words.person() for _ in range(n)] for n in (s.rng.choice((2, 3)), 2, 2)]
    senders = [s.rng.sample((*those, s.rng.choice(those)), len(those) + 1) for those in people]
    _begin(s, {group: [(one, next(lines)) for one in those] for group, those in zip(groups, senders, strict=True)})
    (chat_id,) = [id for id, chat in s.start["chats"].items() if chat["name"] == groups[0]]
    s.turn(s.please(s.phrase(WRITERS, chat=chat_id, name=name)))
    found = [message["from"] for message in s.call("read_messages", chat_id=chat_id)["messages"]]
    s.call("start_chat", name=name, members=list(dict.fromkeys(found)), derived=["members"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="moderate", role="dev")
def react_or_write(s: Script) -> None:
    """React to what a person said in a group, or write to that person if there is nothing."""
    group, person, others, lines = s.words.name(), s.words.person(), [s.words.person() for _ in range(2)], _lines(s, 6)
    said, reaction = s.rng.random() < 0.5, s.rng.choice(REACTIONS)
    senders = s.rng.sample((person if said else others[0], *others, "me"), 4)
    _begin(
        s,
        {
            group: list(zip(senders, lines[:4], strict=True)),
            person: [(person, lines[4])],
            others[0]: [],
        },
    )
    s.turn(s.please(s.phrase(HEARD_OR_NOT, person=person, group=group, reaction=reaction, text=lines[5])))
    listed = s.call("list_chats")
    read = s.call("read_messages", chat_id=_chat_id(listed, group), derived=["chat_id"])
    if said:
        s.call("react_to_message", message_id=_message_id(read, person), reaction=reaction, derived=["message_id"])
    else:
        s.call("send_message", chat_id=_chat_id(listed, person), text=lines[5], derived=["chat_id"])
    s.end(s.rng.choice(DONE))


@family(domain="messaging", tier="hard", role="dev")
def name_is_taken(s: Script) -> None:
    """The name of a new group is taken, so the user gives another; then it gets a message of the old group."""
    old, new, third, lines = s.words.name(), s.words.name(), s.words.name(), _lines(s, 4)
    writers, members = [[s.words.person(), s.words.person()] for _ in range(2)]
    _begin(s, {old: list(zip(writers, lines[:2], strict=True)), third: [(writers[0], lines[2])]})
    person = s.rng.randrange(2)
    s.turn(s.please(s.phrase(START, name=old, members=" and ".join(members))))
    s.call("start_chat", name=old, members=members, fails=True)
    s.end(f"There is a chat {old} already, so I started none. What should the new group be called?")
    s.turn(s.phrase(THEN_NAME, name=new, text=lines[3]))
    chat_id = s.call("start_chat", name=new, members=members)["chat_id"]
    s.call("send_message", chat_id=chat_id, text=lines[3], derived=["chat_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(OLD_TO_NEW, person=writers[person], old=old))
    old_id = _chat_id(s.call("list_chats"), old)
    read = s.call("read_messages", chat_id=old_id, derived=["chat_id"])
    message_id = _message_id(read, writers[person])
    s.call("forward_message", message_id=message_id, chat_id=chat_id, derived=["message_id", "chat_id"])
    s.end(f'It says "{lines[person]}", and the new group has it.', tell=[lines[person]])
