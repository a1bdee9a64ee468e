"""Phrasings of order, of taking back, of mistakes and of repeating: whole messages."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

# {a} and {b} are clauses that begin with a verb; {a} is to be done first.
BUT_FIRST = Phrases(
    "files.order_but_first",
    train=[
        "[Please|Kindly|I want you to] {b}. [But before that|Before that, however|Before you do so], {a}.",
        "[Last of all|At the very end|As the last thing], {b}; [first of all|the first thing is to|but to begin with], {a}.",
        "[Can|Could|Would] you {b}? [But first|First, however,|Before that,] {a}.",
        "[Your second job|The second thing] is to {b}; [the first|your first] is to {a}.",
        "[Now|Next], {b}. [Wait, first|No, wait, before that|Ah, but first], {a}.",
        "[Only after you have done the following|Only when the following is done], {b}. [What comes first is this|The first thing]: {a}.",
        "[In the end|Finally], [I need you to|you should|please] {b}, but [before anything else|before all that], {a}.",
        "Two things, [and the order matters|in reverse order]. Second: {b}. First: {a}.",
        "[After|Following] step one, {b}. Step one [is|itself is] to {a}.",
        "Do not begin with this, but [at the end|as the second step], {b}. [Begin|Start] with this: {a}.",
        "[Later on|Afterwards], {b}; [right now|now, first], {a}[|, please].",
        "[I want you to|I need you to|You should|Please] {b}, [but|though] [only after|not until] [one other thing|another step] is done: [first|before that], {a}.",
        "[Once the first thing is done|When the first step is done|With the first step done], {b}. [That first step|The first thing] is to {a}.",
        "[What should happen|The step] [second|last] is this: {b}. [What should happen|The step] [first|before that] is this: {a}.",
    ],
    dev=[
        "The second step is to {b}. Before it comes the first: {a}.",
        "Please {b}, but not before you have done this: {a}.",
        "To end with, {b}; to start with, {a}.",
    ],
    gate=[
        "What you should do second is this: {b}. What you should do first: {a}.",
        "Before you {b}, please {a}.",
        "As the last step, {b}, but as the first step, {a}.",
        "I would like you to {b}, and ahead of that to {a}.",
    ],
)
NUMBERED = Phrases(
    "files.order_numbered",
    train=[
        "[Three things|Three jobs|Here are three things][, in this order|]: 1. {a}. 2. {b}. 3. {c}.",
        "[Do|Please do] the following [in this order|one after the other|step by step]: (1) {a}; (2) {b}; (3) {c}.",
        "[First|First of all], {a}. [Second|Secondly|Then], {b}. [Third|Thirdly|Finally], {c}.",
        "[My list|The list|My list for now]: a) {a}; b) {b}; c) {c}.",
        "Step 1: {a}. Step 2: {b}. Step 3: {c}.[| That is all.| Thanks.]",
        "[Here is what I need|I need three things|There are three steps]: - {a}; - {b}; - {c}.",
        "[To begin with|To start with], {a}. [After that|Then|When you have that], {b}. [And at the end|In the end|Last of all], {c}.",
        "[Could|Can|Would] you do three things for me? [One|First]: {a}. [Two|Second]: {b}. [Three|Third]: {c}.",
        "[Begin with|The first job is] this: {a}. [Go on with this|The second]: {b}. [End with this|The third]: {c}.",
        "[Hey|Hi|So], [three things|here are three steps|a list of three]: 1) {a}; 2) {b}; 3) {c}.",
        "[Jobs|Tasks|Steps] [for you|for now|to do]: no. 1, {a}; no. 2, {b}; no. 3, {c}.",
        "[Let us do|We have to do|I have] three things. [The first|Thing one]: {a}. [The second|Thing two]: {b}. [The third|Thing three]: {c}.",
        "[The order is this|In order|One by one]: {a}; [then|next|after it], {b}; [and last|finally|then], {c}.",
    ],
    dev=[
        "One, {a}. Two, {b}. Three, {c}.",
        "In this order, please: first {a}, second {b}, third {c}.",
        "Steps: 1) {a}; 2) {b}; 3) {c}.",
    ],
    gate=[
        "Here is a list of three jobs. First job: {a}. Next job: {b}. Last job: {c}.",
        "One of three: {a}. Two of three: {b}. Three of three: {c}.",
        "Start with this: {a}. The next step: {b}. The last step: {c}.",
        "Three steps, one after the other: {a} (1), {b} (2), {c} (3).",
    ],
)
# Said after a turn in which one thing was done.
UNDO = Phrases(
    "files.order_undo",
    train=[
        "[Undo|Please undo|Can you undo] that[ again|, please|]!",
        "[Sorry|Oh no|Oh|Hm], that was [wrong|a mistake|not what I wanted]. [Please undo it|Undo it|Take it back].",
        "[Please|Kindly|Now please] [take that back|reverse that|undo what you just did].",
        "[Make|Let] everything be [as it was|the way it was] before [that|this last step|you did that].",
        "[I changed my mind|On second thought, no|I have thought again]: [put it back as it was|undo that|take that back].",
        "[That step|The last step|What you just did] was [not a good idea|a mistake|wrong]; [reverse it|undo it|put it back as it was].",
        "[Could|Can|Would] you [undo|reverse|take back] what you [just did|did last]?",
        "[Back to how it was|Back to the state before that|Back one step], please.",
        "[I should not have asked for that|I did not mean that|Forget that]. [Undo it|Reverse it|Take it back], please.",
        "[It was better before|I liked it better before|It was right before]: [put it back|undo the change|change it back].",
        "[Go|Take us] back [one step|to before that]: [undo|reverse] [the last change|what you changed].",
        "[Sorry, no|No, sorry|Oh, no]: [change it back|put it back|take that back], please.",
    ],
    dev=[
        "Change that back, please, as if I had not asked for it.",
        "No, the way it was before was right. Put it back that way.",
        "Take back the last change that you made.",
    ],
    gate=[
        "Please put things back as they were before this last request.",
        "Hm, I do not want that change. Undo it, please.",
        "That was not right; have it be as before.",
        "Let us go back: take back what you have just done.",
    ],
)
# Said after a turn in which something was done with {file} that should have been done with {other}.
WRONG_FILE = Phrases(
    "files.order_wrong_file",
    train=[
        "[Sorry|Oh|Hm], I meant {other}, not {file}. [Undo that|Take that back|Reverse that] and do it with the right one instead.",
        "[Wrong file|That was the wrong file], [sorry|my mistake]: it should have been {other} and not {file}. [Please correct that|Undo it, and do it with the right one].",
        "Not {file}, {other}! [Put the first back as it was|Undo what you did] and do the same with the [second|right file].",
        "[I mixed up the names|I got the names wrong]: [where I said|instead of] {file} I [meant|should have said] {other}. [Please put that right|Correct that, please].",
        "[Could|Can|Would] you undo that for {file} and do [it|the same] with {other} instead? I [mixed them up|got the name wrong].",
        "It was {other} that I [wanted|meant], and {file} should be as it was before. [Please change that|Please correct it].",
        "[As|Since] I meant {other} and said {file}, [undo the last step|take back the last step] and do it with the right file.",
        "[Make|Let] it be {other} instead of {file}: [undo|reverse] the last step, then do it again with the right file.",
        "[Correction|A correction]: {other}, not {file}. [Undo|Reverse] what you just did and do it with the right one.",
        "Take back what you did with {file}; I [meant|was thinking of] {other}, [so do it there|so do it with that one].",
        "[Hey|Hm|Oh|No], [not {file}|I should not have said {file}|{file} was wrong]: it is {other} that I [mean|want|have in mind]. [Undo|Reverse] the one and do the other.",
        "[Undo|Reverse|Take back] what you did with {file} and [do it|do the same] with {other}, [which|as that] is [the right one|what I meant|what I wanted].",
    ],
    dev=[
        "The right file is {other}; for {file}, undo what I asked for, and do it with the right one.",
        "I said {file} but should have said {other}. Please undo the one and do the other.",
        "Change {file} back, and do with {other} what you did with it.",
    ],
    gate=[
        "My mistake: {file} should be as before, and what I asked for should be done with {other}.",
        "Please reverse that. It is {other} with which it should be done, not {file}.",
        "Hm, {file} was the wrong one; undo that, and then the same with {other}, which is the right one.",
        "I had {other} in mind and not {file}, so please undo the last step and do it once more with the right file.",
    ],
)
# Said after a turn in which one thing was done with one file.
SAME_AGAIN = Phrases(
    "files.order_same_again",
    train=[
        "[Do|Please do|Now do] the same with {other}.",
        "[And|Now|And now] [|the same for |the same with ]{other}[|, please], [just as before|in the same way|as with the last one].",
        "[Could|Can|Would] you do [that|the same] with {other}, too?",
        "The same [once more|again], [this time|but now] with {other}[|, please].",
        "{other} [needs|should get] the same [treatment|thing|step] as the [last file|file before|last one].",
        "What you [just did|did last], [do|repeat] [it|that] with {other} as well.",
        "[Repeat|Please repeat] [that|the last step|what you just did] [for|with] {other}.",
        "[Also|Likewise], {other}: [the same as before|just the same|do what you did with the last one].",
        "[And what about|How about] {other}? [Do the same with it|The same, please|The same there].",
        "[As|Since] {other} is [a similar case|no different], do the same [with it|there].",
        "[Once more|One more time], please, [with|but with] {other} [instead|this time].",
        "[Go on|Carry on] with {other} in [the same|just the same] way.",
        "[That|The same step] [for|with] {other} [now|next|as well|too].",
    ],
    dev=[
        "Let the same be done with {other}.",
        "For {other}, do what you did before.",
        "Next in line for the same thing is {other}.",
    ],
    gate=[
        "Please have the same done with {other} as well.",
        "As with the last file, so with {other}.",
        "Take {other} and do the very same thing with it.",
        "I would like that for {other}, too.",
    ],
)
