"""Support desk: gate tasks only, so that no training ever sees these tools."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

SORRY = "I have no tool for that."
PRIORITIES = ("low", "normal", "high", "urgent")

WHO_WORKS = Phrases(
    "tickets.who_works",
    gate=[
        "Which agent has ticket {ticket}?",
        "Who is the agent of ticket {ticket}?",
        "Get the details of ticket {ticket} and tell me its agent.",
    ],
)
WHICH_CUSTOMER = Phrases(
    "tickets.which_customer",
    gate=[
        "Which customer does ticket {ticket} belong to?",
        "Who is the customer of ticket {ticket}?",
        "Tell me the customer in the details of ticket {ticket}.",
    ],
)
WHICH_PRIORITY = Phrases(
    "tickets.which_priority",
    gate=[
        "What priority does ticket {ticket} have?",
        "Get the details of ticket {ticket}. What is its priority?",
        "How high is the priority of ticket {ticket}?",
    ],
)
LIST_STATUS = Phrases(
    "tickets.list_status",
    gate=[
        "Which support tickets are {status}? Tell me their subjects.",
        "List the subjects of the {status} tickets.",
        "What are the {status} support tickets about?",
    ],
)
OPEN = Phrases(
    "tickets.open",
    gate=[
        'open a ticket for the customer {customer} with the subject "{subject}" and {priority} priority',
        'open a new ticket with {priority} priority for customer {customer}, subject "{subject}"',
        'open a {priority} priority ticket about "{subject}" for the customer {customer}',
    ],
)
ASSIGN = Phrases(
    "tickets.assign",
    gate=[
        "assign ticket {ticket} to {agent}",
        "give ticket {ticket} to the agent {agent}",
        "make {agent} the agent of ticket {ticket}",
    ],
)
PRIORITY = Phrases(
    "tickets.priority",
    gate=[
        "set the priority of ticket {ticket} to {priority}",
        "change ticket {ticket} to {priority} priority",
        "give ticket {ticket} the priority {priority}",
    ],
)
ASSIGN_IT = Phrases(
    "tickets.assign_it", gate=["assign it to {agent}", "assign that ticket to {agent}", "give it to the agent {agent}"]
)
PRIORITY_IT = Phrases(
    "tickets.priority_it",
    gate=[
        "set its priority to {priority}",
        "change its priority to {priority}",
        "set that ticket to {priority} priority",
    ],
)
LABEL = Phrases(
    "tickets.label",
    gate=[
        "add the labels {a} and {b} to ticket {ticket}",
        "label ticket {ticket} with {a} and {b}",
        "put the two labels {a} and {b} on ticket {ticket}",
    ],
)
LABEL_IT = Phrases(
    "tickets.label_it",
    gate=["add the label {label} to it", "label it with {label}", "put the label {label} on that ticket"],
)
REPLY = Phrases(
    "tickets.reply",
    gate=[
        'reply "{text}" to ticket {ticket}',
        'write the reply "{text}" to ticket {ticket}',
        'reply to ticket {ticket} with the text "{text}"',
    ],
)
REPLY_IT = Phrases(
    "tickets.reply_it",
    gate=['reply "{text}" to it', 'write the reply "{text}" to that ticket', 'reply to it with the text "{text}"'],
)
REPLY_INTERNAL = Phrases(
    "tickets.reply_internal",
    gate=[
        'write the internal reply "{text}" to ticket {ticket}',
        'reply "{text}" to ticket {ticket}, internal only',
        'add an internal reply to ticket {ticket} with the text "{text}"',
    ],
)
CLOSE = Phrases(
    "tickets.close",
    gate=[
        "close ticket {ticket} with {hours} hours spent",
        "close ticket {ticket}; the hours spent on it are {hours}",
        "record {hours} hours spent on ticket {ticket} and close it",
    ],
)
CLOSE_IT = Phrases(
    "tickets.close_it",
    gate=[
        "close that ticket with {hours} hours spent",
        "close it; the hours spent are {hours}",
        "close it with {hours} hours spent",
    ],
)
ABOUT = Phrases(
    "tickets.about",
    gate=[
        'set the priority of the ticket about "{subject}" to {priority}',
        'find the ticket with the subject "{subject}" and set its priority to {priority}',
        'change the ticket "{subject}" to {priority} priority',
    ],
)
SAME_AGENT = Phrases(
    "tickets.same_agent",
    gate=[
        "assign ticket {a} to the agent of ticket {b}",
        "look up who has ticket {b} and assign ticket {a} to the same agent",
        "give ticket {a} to the agent who has ticket {b}",
    ],
)
ASSIGN_OR = Phrases(
    "tickets.assign_or",
    gate=[
        "assign ticket {ticket} to {first}; if there is no such agent, assign it to {second}",
        "try to assign ticket {ticket} to {first}, and if that is not an agent, assign it to {second}",
        "assign ticket {ticket} to {first}, or to {second} if {first} is no agent here",
    ],
)
NO_AGENT = Phrases(
    "tickets.no_agent",
    gate=[
        "Assign ticket {ticket}.",
        "Please assign ticket {ticket} for me.",
        "Ticket {ticket} needs an agent. Assign it.",
    ],
)
NO_PRIORITY = Phrases(
    "tickets.no_priority",
    gate=[
        "Change the priority of ticket {ticket}.",
        "Ticket {ticket} needs another priority.",
        "Please set a new priority for ticket {ticket}.",
    ],
)
NO_TEXT = Phrases(
    "tickets.no_text",
    gate=[
        "Reply to ticket {ticket} for me.",
        "I have to write a reply to ticket {ticket}. Please send it.",
        "Please send my reply to ticket {ticket}.",
    ],
)
AGENT_IS = Phrases(
    "tickets.agent_is",
    gate=[
        "{agent} will take care of it.",
        "I think of the agent {agent}.",
        "The agent should be {agent}.",
    ],
)
PRIORITY_IS = Phrases(
    "tickets.priority_is",
    gate=[
        "I think {priority} is right.",
        "From now on it is {priority}.",
        "Let that be {priority}.",
    ],
)
REPLY_IS = Phrases(
    "tickets.reply_is",
    gate=[
        'The text of it is "{text}".',
        'These are the words: "{text}".',
        'My words to them: "{text}".',
    ],
)
CUSTOMER_IS = Phrases(
    "tickets.customer_is",
    gate=[
        "The customer is {customer}.",
        "It comes from {customer}.",
        "{customer} is the customer who called.",
    ],
)
CAN_DO = Phrases(
    "tickets.can_do",
    gate=[
        'Open a ticket for {person} about "{subject}".',
        'Enter a ticket of {person}, "{subject}".',
        '{person} has called about "{subject}". Open a ticket.',
        'Give {person} a new ticket with the subject "{subject}".',
    ],
)
NO_CUSTOMER = Phrases(
    "tickets.no_customer",
    gate=[
        'Open a ticket about "{subject}".',
        'Please open a new ticket with the subject "{subject}".',
        'I need a new ticket, subject "{subject}".',
    ],
)
NO_TOOL = Phrases(
    "tickets.no_tool",
    gate=[
        "Call the customer {person} on the phone.",
        "Pay {person} the money back.",
        "Send {person} a new parcel.",
        "Book a train for {person}.",
        "Translate the last letter of {person} into French.",
        "Invite {person} to lunch.",
        "Repair the printer of {person}.",
        "Give {person} a discount on the next order.",
    ],
)


def desk(
    s: Script, *, statuses: tuple[str, ...] = ("open", "open", "pending"), assigned: int = 2
) -> tuple[list[dict[str, Any]], list[str]]:
    """Begin at a desk with one ticket for each status, the first `assigned` of them given to agents.

    Returns the tickets and the agents.
    """
    agents = [s.words.person() for _ in range(3)]
    numbers = s.rng.sample(range(1000, 9000), len(statuses))
    tickets: list[dict[str, Any]] = [
        {
            "ticket_id": number,
            "subject": s.words.title(),
            "customer": s.words.person(),
            "priority": s.rng.choice(PRIORITIES[:3]),
            "status": status,
            "agent": agents[place] if place < assigned else None,
            "labels": [],
            "replies": [],
            "hours_spent": 0,
        }
        for place, (number, status) in enumerate(zip(numbers, statuses, strict=True))
    ]
    s.begin({"agents": agents, "tickets": tickets, "next_ticket": max(numbers) + s.words.number(1, 40)})
    return tickets, agents


def other_priority(s: Script, ticket: dict[str, Any]) -> str:
    return s.rng.choice([level for level in PRIORITIES if level != ticket["priority"]])


def hours(s: Script) -> float:
    return s.rng.choice((0.5, 1.5, 2, 2.5, 3, 4))


def done(s: Script) -> str:
    return s.rng.choice(DONE)


@family(domain="tickets", tier="easy", role="gate")
def look_up(s: Script) -> None:
    ticket = desk(s)[0][0]
    bank, key = s.rng.choice(((WHO_WORKS, "agent"), (WHICH_CUSTOMER, "customer"), (WHICH_PRIORITY, "priority")))
    s.turn(s.phrase(bank, ticket=ticket["ticket_id"]))
    found = s.call("get_ticket_details", ticket_id=ticket["ticket_id"])[key]
    s.end(f"The {key} is {found}.", tell=[found])


@family(domain="tickets", tier="easy", role="gate")
def assign_and_rank(s: Script) -> None:
    tickets, agents = desk(s)
    ticket, level = tickets[2], other_priority(s, tickets[2])
    number = ticket["ticket_id"]
    s.turn(s.please(s.phrase(ASSIGN, ticket=number, agent=agents[1]), s.phrase(PRIORITY_IT, priority=level)))
    s.call("assign_ticket", ticket_id=number, agent=agents[1])
    s.call("set_ticket_priority", ticket_id=number, priority=level)
    s.end(done(s))


@family(domain="tickets", tier="easy", role="gate")
def open_and_assign(s: Script) -> None:
    _, agents = desk(s, statuses=("open", "closed"))
    customer, subject, level = s.words.person(), s.words.title(), s.rng.choice(PRIORITIES)
    s.turn(s.please(s.phrase(OPEN, customer=customer, subject=subject, priority=level)))
    number = s.call("open_ticket", customer=customer, subject=subject, priority=level)["ticket_id"]
    s.end(f"Ticket {number} is open.")
    s.turn(s.please(s.phrase(ASSIGN_IT, agent=agents[0])))
    s.call("assign_ticket", ticket_id=number, agent=agents[0], derived=["ticket_id"])
    s.end(done(s))


@family(domain="tickets", tier="easy", role="gate")
def label_two(s: Script) -> None:
    number = desk(s)[0][1]["ticket_id"]
    a, b = s.words.word(), s.words.word()
    s.turn(s.please(s.phrase(LABEL, a=a, b=b, ticket=number)))
    s.call("label_ticket", ticket_id=number, labels=[a, b])
    s.end(done(s))


@family(domain="tickets", tier="easy", role="gate")
def reply_and_close(s: Script) -> None:
    number = desk(s)[0][0]["ticket_id"]
    text, spent, internal = s.words.line(), hours(s), s.rng.random() < 0.5
    s.turn(s.please(s.phrase(REPLY_INTERNAL if internal else REPLY, text=text, ticket=number)))
    if internal:
        s.call("reply_to_ticket", ticket_id=number, text=text, internal=True)
    else:
        s.call("reply_to_ticket", ticket_id=number, text=text)
    s.end(done(s))
    s.turn(s.please(s.phrase(CLOSE, ticket=number, hours=spent)))
    s.call("close_ticket", ticket_id=number, hours_spent=spent)
    s.end(done(s))


def number_about(listed: dict[str, Any], subject: str) -> int:
    """The id of the ticket with a subject, from a list that the tool gave."""
    number: int = next(ticket["ticket_id"] for ticket in listed["tickets"] if ticket["subject"] == subject)
    return number


@family(domain="tickets", tier="moderate", role="gate")
def find_by_subject(s: Script) -> None:
    tickets, agents = desk(s, assigned=1)
    ticket = s.rng.choice(tickets[1:])
    level = other_priority(s, ticket)
    s.turn(s.please(s.phrase(ABOUT, subject=ticket["subject"], priority=level), s.phrase(ASSIGN_IT, agent=agents[2])))
    number = number_about(s.call("list_support_tickets"), ticket["subject"])
    s.call("set_ticket_priority", ticket_id=number, priority=level, derived=["ticket_id"])
    s.call("assign_ticket", ticket_id=number, agent=agents[2], derived=["ticket_id"])
    s.end(done(s))


@family(domain="tickets", tier="moderate", role="gate")
def same_agent(s: Script) -> None:
    tickets, _ = desk(s)
    a, b = tickets[2]["ticket_id"], tickets[1]["ticket_id"]
    labels = [s.words.word(), s.words.word()]
    s.turn(s.please(s.phrase(SAME_AGENT, a=a, b=b)))
    agent = s.call("get_ticket_details", ticket_id=b)["agent"]
    s.call("assign_ticket", ticket_id=a, agent=agent, derived=["agent"])
    s.end(f"It is assigned to {agent}.")
    s.turn(s.please(s.phrase(LABEL, a=labels[0], b=labels[1], ticket=a)))
    s.call("label_ticket", ticket_id=a, labels=labels)
    s.end(done(s))


@family(domain="tickets", tier="moderate", role="gate")
def assign_or_else(s: Script) -> None:
    tickets, agents = desk(s)
    ticket, stranger = tickets[2], s.words.person()
    number, level = ticket["ticket_id"], other_priority(s, ticket)
    s.turn(s.please(s.phrase(ASSIGN_OR, ticket=number, first=stranger, second=agents[0])))
    s.call("assign_ticket", ticket_id=number, agent=stranger, fails=True)
    s.call("assign_ticket", ticket_id=number, agent=agents[0])
    s.end(f"It is assigned to {agents[0]}.")
    s.turn(s.please(s.phrase(PRIORITY, ticket=number, priority=level)))
    s.call("set_ticket_priority", ticket_id=number, priority=level)
    s.end(done(s))


@family(domain="tickets", tier="moderate", role="gate")
def work_on_pending(s: Script) -> None:
    desk(s)
    text, spent = s.words.line(), hours(s)
    s.turn(s.phrase(LIST_STATUS, status="pending"))
    (found,) = s.call("list_support_tickets", status="pending")["tickets"]
    s.end(f"The subject is {found['subject']}.", tell=[found["subject"]])
    s.turn(s.please(s.phrase(REPLY_IT, text=text)))
    s.call("reply_to_ticket", ticket_id=found["ticket_id"], text=text, derived=["ticket_id"])
    s.end(done(s))
    s.turn(s.please(s.phrase(CLOSE_IT, hours=spent)))
    s.call("close_ticket", ticket_id=found["ticket_id"], hours_spent=spent, derived=["ticket_id"])
    s.end(done(s))


@family(domain="tickets", tier="hard", role="gate")
def busy_morning(s: Script) -> None:
    tickets, agents = desk(s, statuses=("open", "pending"), assigned=0)
    ticket, level = tickets[1], other_priority(s, tickets[1])
    customer, subject, label = s.words.person(), s.words.title(), s.words.word()
    s.turn(s.phrase(LIST_STATUS, status="pending"))
    (found,) = s.call("list_support_tickets", status="pending")["tickets"]
    s.end(f"The subject is {found['subject']}.", tell=[found["subject"]])
    s.turn(s.please(s.phrase(ASSIGN_IT, agent=agents[1]), s.phrase(PRIORITY_IT, priority=level)))
    s.call("assign_ticket", ticket_id=ticket["ticket_id"], agent=agents[1], derived=["ticket_id"])
    s.call("set_ticket_priority", ticket_id=ticket["ticket_id"], priority=level, derived=["ticket_id"])
    s.end(done(s))
    s.turn(
        s.please(s.phrase(OPEN, customer=customer, subject=subject, priority="high"), s.phrase(LABEL_IT, label=label))
    )
    number = s.call("open_ticket", customer=customer, subject=subject, priority="high")["ticket_id"]
    s.call("label_ticket", ticket_id=number, labels=[label], derived=["ticket_id"])
    s.end(done(s))


@family(domain="tickets", tier="hard", role="gate")
def hand_over(s: Script) -> None:
    tickets, _ = desk(s)
    a, b, c = (ticket["ticket_id"] for ticket in tickets)
    text, spent, level = s.words.line(), hours(s), other_priority(s, tickets[2])
    s.turn(s.please(s.phrase(SAME_AGENT, a=c, b=a), s.phrase(PRIORITY, ticket=c, priority=level)))
    agent = s.call("get_ticket_details", ticket_id=a)["agent"]
    s.call("assign_ticket", ticket_id=c, agent=agent, derived=["agent"])
    s.call("set_ticket_priority", ticket_id=c, priority=level)
    s.end(done(s))
    s.turn(s.please(s.phrase(REPLY_INTERNAL, text=text, ticket=b), s.phrase(CLOSE, ticket=a, hours=spent)))
    s.call("reply_to_ticket", ticket_id=b, text=text, internal=True)
    s.call("close_ticket", ticket_id=a, hours_spent=spent)
    s.end(done(s))


def _supply(s: Script, bank: Phrases, number: int) -> None:
    """What the request did not say, and the call."""
    if bank is NO_AGENT:
        agent = s.rng.choice(s.start["agents"][2:])
        s.turn(s.phrase(AGENT_IS, agent=agent))
        s.call("assign_ticket", ticket_id=number, agent=agent)
    elif bank is NO_PRIORITY:
        s.turn(s.phrase(PRIORITY_IS, priority="urgent"))
        s.call("set_ticket_priority", ticket_id=number, priority="urgent")
    else:
        text = s.words.line()
        s.turn(s.phrase(REPLY_IS, text=text))
        s.call("reply_to_ticket", ticket_id=number, text=text)
    s.end(done(s))


@family(domain="tickets", tier="easy", role="gate", abstain=True)
def ask_for_value(s: Script) -> None:
    number = desk(s)[0][0]["ticket_id"]
    bank, question = s.rng.choice(
        ((NO_AGENT, "Which agent?"), (NO_PRIORITY, "Which priority?"), (NO_TEXT, "What is the text of the reply?"))
    )
    s.turn(s.phrase(bank, ticket=number))
    s.end(question, asks=True)
    if s.twin:
        _supply(s, bank, number)


@family(domain="tickets", tier="easy", role="gate", abstain=True)
def ask_for_customer(s: Script) -> None:
    desk(s)
    subject = s.words.title()
    s.turn(s.phrase(NO_CUSTOMER, subject=subject))
    s.end("For which customer?", asks=True)
    if s.twin:
        customer = s.words.person()
        s.turn(s.phrase(CUSTOMER_IS, customer=customer))
        s.call("open_ticket", customer=customer, subject=subject)
        s.end(done(s))


@family(domain="tickets", tier="easy", role="gate", abstain=True)
def decline_other_work(s: Script) -> None:
    tickets, _ = desk(s)
    if s.twin:
        subject = s.words.title()
        s.turn(s.phrase(CAN_DO, person=tickets[0]["customer"], subject=subject))
        s.call("open_ticket", customer=tickets[0]["customer"], subject=subject)
        s.end(done(s))
    else:
        s.turn(s.phrase(NO_TOOL, person=tickets[0]["customer"]))
        s.end(SORRY, quiet=True)
