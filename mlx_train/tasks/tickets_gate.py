"""More support desk tasks of the gate."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.tickets import PRIORITIES, desk, done, hours, number_about

SUBJECT_OF = Phrases(
    "tickets.subject_of",
    gate=[
        "What is ticket {ticket} about?",
        "Tell me the subject of ticket {ticket}.",
        "I have forgotten what ticket {ticket} is about. What is its subject?",
    ],
)
OPEN_TWO = Phrases(
    "tickets.open_two",
    gate=[
        '{a} and {b} have the same trouble, "{subject}". Open a ticket for each, in this order, with {priority} '
        "priority.",
        'Open two tickets of {priority} priority about "{subject}", first one for the customer {a} and then one for '
        "{b}.",
        'Two customers, {a} and {b}, have called about "{subject}". Each gets a ticket, in this order, {priority} '
        "priority.",
    ],
)
SAME_LABEL = Phrases(
    "tickets.same_label",
    gate=[
        "label both ticket {a} and ticket {b} with {label}",
        "put the label {label} on the tickets {a} and {b}",
        "let the two tickets {a} and {b} have the label {label}",
    ],
)
IF_LEVEL = Phrases(
    "tickets.if_level",
    gate=[
        "If the priority of ticket {ticket} is {level}, change it to {other}; otherwise assign the ticket to {agent}.",
        "Look at ticket {ticket}. Has it {level} priority? Then it should be {other}. If it has any other, {agent} "
        "should be its agent.",
        "Assign ticket {ticket} to {agent}, unless it has {level} priority: in that case do not assign it, and set its "
        "priority to {other}.",
    ],
)
REPLY_OR_NEW = Phrases(
    "tickets.reply_or_new",
    gate=[
        'Reply "{text}" to ticket {ticket}. If that ticket is closed, open a new one for the same customer instead, '
        'with the subject "{subject}" and {priority} priority.',
        'Ticket {ticket} should get the reply "{text}". Should it be closed, do not reply, but open a {priority} '
        'priority ticket for its customer, about "{subject}".',
        'Try to reply "{text}" to ticket {ticket}; if it turns out to be closed, open a ticket "{subject}" of '
        "{priority} priority for the customer it belongs to.",
    ],
)
OF_CUSTOMER = Phrases(
    "tickets.of_customer",
    gate=[
        "look for the pending ticket that is from {customer} and close it with {hours} hours spent",
        "find out which pending ticket belongs to {customer}, and close that one with {hours} hours spent",
        "close the pending ticket of the customer {customer}, with {hours} hours spent on it",
    ],
)
WHICH_ABOUT = Phrases(
    "tickets.which_about",
    gate=[
        'What number does the ticket about "{subject}" have?',
        'I am looking for the number of the ticket "{subject}".',
        'Which ticket has the subject "{subject}"? I need its number.',
    ],
)
NEW_TICKET = Phrases(
    "tickets.new_ticket",
    gate=[
        'The customer {customer} has a new problem: "{subject}". Open a ticket with {priority} priority.',
        'There is a call from {customer} about "{subject}". It needs a ticket of {priority} priority.',
        'Set up a ticket for {customer}, priority {priority}, with the subject "{subject}".',
    ],
)
FOR_AGENT = Phrases(
    "tickets.for_agent",
    gate=["{agent} can take care of it.", "That is one for {agent}. Assign it.", "Let {agent} be its agent."],
)
RATHER_AGENT = Phrases(
    "tickets.rather_agent",
    gate=[
        "No, {agent} is better at these things. Assign it to {agent}, and label it {label}.",
        "I have changed my mind: {agent} should do it. It also needs the label {label}.",
        "Sorry, {agent} has more time. Change the agent, and add the label {label}.",
    ],
)
RATHER_LEVEL = Phrases(
    "tickets.rather_level",
    gate=[
        "The customer has called again. Make that ticket {priority}.",
        "I am back. The priority of that ticket has to be {priority} now.",
        "We have to change the priority of the new ticket: {priority}.",
    ],
)
HIGHER_OF = Phrases(
    "tickets.higher_of",
    gate=[
        "Which of the tickets {a} and {b} has the higher priority?",
        "Compare the priorities of ticket {a} and ticket {b}. Which ticket should come first?",
        "Is ticket {a} or ticket {b} of higher priority?",
    ],
)
TAKE_THAT = Phrases(
    "tickets.take_that",
    gate=[
        'Let {agent} have that one, and write the internal reply "{text}" to it.',
        'That one goes to {agent}. Also add an internal reply to it: "{text}".',
        'Good. {agent} should work on it. Leave the internal reply "{text}" there.',
    ],
)
CLOSE_OTHER = Phrases(
    "tickets.close_other",
    gate=[
        "The other of the two is done. Close it, {hours} hours spent.",
        "And close the other one; we spent {hours} hours on it.",
        "As to the other ticket, it took {hours} hours and can be closed.",
    ],
)
TELL_PENDING = Phrases(
    "tickets.tell_pending",
    gate=[
        'All customers with a pending ticket should get the reply "{text}".',
        'Write the same reply to each pending ticket: "{text}".',
        'Go through the pending tickets and reply "{text}" to every one of them.',
    ],
)
THOSE_LEVEL = Phrases(
    "tickets.those_level",
    gate=[
        "And now make all of those {priority}.",
        "Their priority should be {priority} from now on.",
        "Every ticket you have replied to gets {priority} priority.",
    ],
)
STATUS_OF = Phrases(
    "tickets.status_of",
    gate=[
        "What is the status of ticket {ticket}?",
        "How far are we with ticket {ticket}? Tell me its status.",
        "Which status does ticket {ticket} have now?",
    ],
)


@family(domain="tickets", tier="easy", role="gate")
def subject_of_ticket(s: Script) -> None:
    """Say what a ticket is about; then nothing is to be done."""
    ticket = s.rng.choice(desk(s)[0])
    s.turn(s.phrase(SUBJECT_OF, ticket=ticket["ticket_id"]))
    subject = s.call("get_ticket_details", ticket_id=ticket["ticket_id"])["subject"]
    s.end(f"It is about {subject}.", tell=[subject])
    pause(s)


@family(domain="tickets", tier="easy", role="gate")
def status_of_ticket(s: Script) -> None:
    """Say which status a ticket has."""
    ticket = s.rng.choice(desk(s, statuses=("open", "pending", "closed"))[0])
    s.turn(s.phrase(STATUS_OF, ticket=ticket["ticket_id"]))
    status = s.call("get_ticket_details", ticket_id=ticket["ticket_id"])["status"]
    s.end(f"It is {status}.", tell=[status])


@family(domain="tickets", tier="easy", role="gate")
def open_one(s: Script) -> None:
    """Open a ticket of a certain priority."""
    desk(s)
    customer, subject, level = s.words.person(), s.words.title(), s.rng.choice(("low", "high", "urgent"))
    s.turn(s.phrase(NEW_TICKET, customer=customer, subject=subject, priority=level))
    s.call("open_ticket", customer=customer, subject=subject, priority=level)
    s.end(done(s))


@family(domain="tickets", tier="easy", role="gate")
def open_for_two(s: Script) -> None:
    """The same ticket for two customers."""
    desk(s)
    a, b, subject = s.words.person(), s.words.person(), s.words.title()
    level = s.rng.choice([level for level in PRIORITIES if level != "normal"])
    s.turn(s.phrase(OPEN_TWO, a=a, b=b, subject=subject, priority=level))
    for customer in (a, b):
        s.call("open_ticket", customer=customer, subject=subject, priority=level)
    s.end(done(s))


@family(domain="tickets", tier="easy", role="gate")
def label_both(s: Script) -> None:
    """The same label for two tickets of three."""
    a, b = (ticket["ticket_id"] for ticket in s.rng.sample(desk(s)[0], 2))
    label = s.words.word()
    s.turn(s.please(s.phrase(SAME_LABEL, a=a, b=b, label=label)))
    for number in (a, b):
        s.call("label_ticket", ticket_id=number, labels=[label])
    s.end(done(s))


@family(domain="tickets", tier="easy", role="gate")
def number_of_subject(s: Script) -> None:
    """Say which number the ticket of a subject has; then nothing is to be done."""
    subject = s.rng.choice(desk(s)[0])["subject"]
    s.turn(s.phrase(WHICH_ABOUT, subject=subject))
    number = number_about(s.call("list_support_tickets"), subject)
    s.end(f"That is ticket {number}.", tell=[number])
    pause(s)


@family(domain="tickets", tier="easy", role="gate")
def raise_or_assign(s: Script) -> None:
    """Change the priority of a ticket if it has a certain one, assign it if not."""
    tickets, agents = desk(s)
    ticket = tickets[2]
    level, other = s.rng.choice(PRIORITIES[:3]), "urgent"
    if s.rng.random() < 0.5:
        level = ticket["priority"]
    s.turn(s.phrase(IF_LEVEL, ticket=ticket["ticket_id"], level=level, other=other, agent=agents[0]))
    if s.call("get_ticket_details", ticket_id=ticket["ticket_id"])["priority"] == level:
        s.call("set_ticket_priority", ticket_id=ticket["ticket_id"], priority=other)
    else:
        s.call("assign_ticket", ticket_id=ticket["ticket_id"], agent=agents[0])
    s.end(done(s))


@family(domain="tickets", tier="moderate", role="gate")
def reply_or_new(s: Script) -> None:
    """The ticket to reply to is closed, so its customer gets a new one; then nothing is to be done."""
    tickets, _ = desk(s, statuses=("open", "closed", "pending"))
    number, text, subject = tickets[1]["ticket_id"], s.words.line(), s.words.title()
    level = s.rng.choice(("low", "high", "urgent"))
    s.turn(s.phrase(REPLY_OR_NEW, ticket=number, text=text, subject=subject, priority=level))
    s.call("reply_to_ticket", ticket_id=number, text=text, fails=True)
    customer = s.call("get_ticket_details", ticket_id=number)["customer"]
    new = s.call("open_ticket", customer=customer, subject=subject, priority=level, derived=["customer"])["ticket_id"]
    s.end(f"Ticket {number} is closed, so I opened ticket {new}.")
    pause(s)


@family(domain="tickets", tier="moderate", role="gate")
def close_of_customer(s: Script) -> None:
    """Find the pending ticket of a customer and close it."""
    tickets, _ = desk(s, statuses=("pending", "open", "pending"))
    customer, spent = s.rng.choice((tickets[0], tickets[2]))["customer"], hours(s)
    s.turn(s.please(s.phrase(OF_CUSTOMER, customer=customer, hours=spent)))
    for entry in s.call("list_support_tickets", status="pending")["tickets"]:
        number = entry["ticket_id"]
        if s.call("get_ticket_details", ticket_id=number, derived=["ticket_id"])["customer"] == customer:
            s.call("close_ticket", ticket_id=number, hours_spent=spent, derived=["ticket_id"])
            break
    s.end(done(s))


@family(domain="tickets", tier="hard", role="gate")
def other_agent(s: Script) -> None:
    """Open a ticket, give it to one agent and then to another, wait, and change its priority."""
    _, agents = desk(s, statuses=("open", "closed"))
    first, second = s.rng.sample(agents, 2)
    customer, subject, label = s.words.person(), s.words.title(), s.words.word()
    low, high = s.rng.choice((("low", "normal"), ("low", "high"), ("high", "urgent")))
    s.turn(s.phrase(NEW_TICKET, customer=customer, subject=subject, priority=low))
    number = s.call("open_ticket", customer=customer, subject=subject, priority=low)["ticket_id"]
    s.end(f"Ticket {number} is open.")
    s.turn(s.phrase(FOR_AGENT, agent=first))
    s.call("assign_ticket", ticket_id=number, agent=first, derived=["ticket_id"])
    s.end(done(s))
    s.turn(s.phrase(RATHER_AGENT, agent=second, label=label))
    s.call("assign_ticket", ticket_id=number, agent=second, derived=["ticket_id"])
    s.call("label_ticket", ticket_id=number, labels=[label], derived=["ticket_id"])
    s.end(done(s))
    pause(s)
    s.turn(s.phrase(RATHER_LEVEL, priority=high))
    s.call("set_ticket_priority", ticket_id=number, priority=high, derived=["ticket_id"])
    s.end(done(s))


@family(domain="tickets", tier="hard", role="gate")
def higher_of_two(s: Script) -> None:
    """Compare the priorities of two tickets, hand one over and close the other."""
    tickets, agents = desk(s, assigned=0)
    a, b = s.rng.sample(tickets, 2)
    if a["priority"] == b["priority"]:
        raise Redraw
    s.turn(s.phrase(HIGHER_OF, a=a["ticket_id"], b=b["ticket_id"]))
    level = {
        one["ticket_id"]: PRIORITIES.index(s.call("get_ticket_details", ticket_id=one["ticket_id"])["priority"])
        for one in (a, b)
    }
    low, high = sorted(level, key=level.__getitem__)
    s.end(f"That is ticket {high}.", tell=[high])
    agent, text, spent = s.rng.choice(agents), s.words.line(), hours(s)
    s.turn(s.phrase(TAKE_THAT, agent=agent, text=text))
    s.call("assign_ticket", ticket_id=high, agent=agent, derived=["ticket_id"])
    s.call("reply_to_ticket", ticket_id=high, text=text, internal=True, derived=["ticket_id"])
    s.end(done(s))
    s.turn(s.phrase(CLOSE_OTHER, hours=spent))
    s.call("close_ticket", ticket_id=low, hours_spent=spent, derived=["ticket_id"])
    s.end(done(s))


@family(domain="tickets", tier="hard", role="gate")
def all_pending(s: Script) -> None:
    """The same reply for every pending ticket, and then the same priority."""
    desk(s, statuses=tuple(s.rng.sample(("open", "pending", "pending", "closed"), 4)), assigned=1)
    text = s.words.line()
    s.turn(s.phrase(TELL_PENDING, text=text))
    found = [entry["ticket_id"] for entry in s.call("list_support_tickets", status="pending")["tickets"]]
    for number in found:
        s.call("reply_to_ticket", ticket_id=number, text=text, derived=["ticket_id"])
    s.end(done(s))
    s.turn(s.phrase(THOSE_LEVEL, priority="urgent"))
    for number in found:
        s.call("set_ticket_priority", ticket_id=number, priority="urgent", derived=["ticket_id"])
    s.end(done(s))
