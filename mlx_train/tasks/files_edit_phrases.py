"""Phrasings of changing a part of a file, while the rest of it stays: whole messages."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

APPEND = Phrases(
    "files.edit_append",
    train=[
        '[Add|Append] the line "{text}" at the end of {file}[| and keep what is there| and keep the rest].',
        '[Add|Append] "{text}" to {file} as a new last line[|, below what it says now|, after the lines it has].',
        '{file} should [keep its text|stay as it is] and get one more line at the end: "{text}".',
        '[Keep|Leave] what {file} says, [and|but] [put|write|add] "{text}" [below it|after it] as a new line.',
        '[Could|Can|Would] you add a line to the end of {file}, with the text "{text}"?',
        'One more line for {file}, [at the end|at the bottom|after all the others]: "{text}"[|, please].',
        '[I forgot|I left out] something in {file}: "{text}". [Put it|Add it] on a new line at the end[| and keep the rest].',
        'The last line of {file} should [now |]be followed by [another|one more], "{text}".',
        '[Let|Have] {file} go on with one more line, "{text}", after [those that it has|all that it says now].',
        '[As|Since] {file} is not complete, [add|write] "{text}" on a new line [at its end|below the rest] and [keep|leave] the [rest|other lines].',
        'Without [changing|losing] the lines that are in {file}, [add|write|put] "{text}" on a line of its own [after them|at the end].',
        '[Hey|Hi|So], [add|write|put] [one more line|another line|a new line] at the [end|bottom] of {file}, [namely|with the words|saying] "{text}".',
    ],
    dev=[
        'Let {file} end with a new line "{text}", and let the other lines be.',
        'Put a line more at the end of {file}, which reads "{text}".',
        '"{text}" should come after what {file} says now, on a new line.',
    ],
    gate=[
        'Write "{text}" on a new line after the last one of {file}; the lines before it stay.',
        'The text of {file} should stay, with "{text}" on a new line below it.',
        'Please have one line more in {file}, at its end: "{text}".',
        'To the lines of {file}, add one at the bottom that says "{text}".',
    ],
)
PREPEND = Phrases(
    "files.edit_prepend",
    train=[
        '[Add|Put] the line "{text}" at the top of {file}[| and keep what is there| and keep the rest].',
        '[Add|Put] "{text}" in {file} as a new first line[|, above what it says now|, before the lines it has].',
        '{file} should [keep its text|stay as it is] and get one more line at the top: "{text}".',
        '[Keep|Leave] what {file} says, [and|but] [put|write|add] "{text}" [above it|before it] as a new line.',
        '[Could|Can|Would] you add a line to the top of {file}, with the text "{text}"?',
        'One more line for {file}, [at the top|at the beginning|before all the others]: "{text}"[|, please].',
        '{file} needs a [title|heading]: "{text}". [Put it|Add it] on a new line at the top[| and keep the rest].',
        'Before the first line of {file} there should [now |]be [another|one more], "{text}".',
        '[Let|Have] {file} begin with a new line, "{text}", [followed by|and then] [the lines that it has|all that it says now].',
        '[As|Since] {file} should begin with "{text}", [add|write] that on a new line [at its top|above the rest] and [keep|leave] the [rest|other lines].',
        'Without [changing|losing] the lines that are in {file}, [add|write|put] "{text}" on a line of its own [before them|at the top].',
        '[Hey|Hi|So], [add|write|put] [one more line|another line|a new line] at the [beginning|top] of {file}, [namely|with the words|saying] "{text}".',
    ],
    dev=[
        'Let {file} start with a new line "{text}", and let the other lines be.',
        'Put a line more at the beginning of {file}, which reads "{text}".',
        '"{text}" should come before what {file} says now, on a line of its own.',
    ],
    gate=[
        'Write "{text}" on a new line ahead of the first one of {file}; the lines after it stay.',
        'The text of {file} should stay, with "{text}" on a new line above it.',
        'Please have one line more in {file}, at its top: "{text}".',
        'To the lines of {file}, add one at the very top that says "{text}".',
    ],
)
REPLACE = Phrases(
    "files.edit_replace",
    train=[
        "[Replace|Exchange] the word {old} [in {file} by|in the text of {file} by] {new}[| and leave the rest as it is].",
        "In {file}, [change|turn] {old} into {new}[|, and nothing else].",
        "In {file} there is the word {old}. It should be {new}: [please change that|correct it|put that right].",
        "[Could|Can|Would] you [write|put] {new} in place of {old} in {file}, and [keep|leave] the rest?",
        "[I wrote|Somebody wrote] {old} in {file}, but [I meant|the right word is] {new}. [Please correct it|Change that word].",
        "The word {old} in {file} is [wrong|out of date|not right]. [Make it|Change it to|It has to be] {new}[|, please].",
        "[Correct|Edit] {file}: {new} [instead of|in place of] {old}, [everything else|the rest] as it is.",
        "[Wherever|Where] {file} says {old}, [let it|it should|make it] say {new}; the rest stays.",
        "[As|Since|Because] {old} is now {new}, change that word in {file} [and keep the rest|and nothing else].",
        "[Let|Have] {file} say {new} where it now says {old}[|, with the rest of the text as it is].",
        "[Find|Look for] {old} in {file} and [put|write] {new} [there instead|in its place], [keeping the rest|without changing more].",
        "[Hey|Hi|So], {old} in {file} should [be|read|become] {new}; [please|kindly] [change it|correct it|put that right][|, and nothing else].",
    ],
    dev=[
        "Take {old} out of the text of {file} and write {new} in its place.",
        "One word of {file} has to change, from {old} to {new}.",
        "Let the word {old} in {file} become {new}, and keep all other words.",
    ],
    gate=[
        "Please edit {file} so that {old} becomes {new}, with all other words as they are.",
        "What is {old} in {file} now should be {new} from now on.",
        "There is one wrong word in {file}: {old}. Write {new} for it and keep the others.",
        "Have {new} stand in {file} where you find {old}, and change nothing more.",
    ],
)
DROP_LINE = Phrases(
    "files.edit_drop",
    train=[
        "[Take|Leave|Cut] the line with [|the word ]{word} out of {file}, and keep the [others|other lines|rest].",
        "[Delete|Remove|Erase] the line of {file} that [contains|has|mentions] [|the word ]{word}, [but keep the rest|and only that line].",
        "One line of {file} [contains|mentions|has] {word}. [Remove that line|That line should go|Delete just that line], the [others|rest] should stay.",
        "[Could|Can|Would] you [remove|delete] the line with {word} from {file} and [keep|leave] the other lines?",
        "{file} should [no longer have|lose] the line with the word {word}; [the other lines stay|keep the other lines].",
        "[Let|Have] {file} keep all lines [but|except] the one [with|that contains] {word}.",
        "[As|Since|Because] the line with {word} is [out of date|no longer needed], [take it|cut it] out of {file} and keep the rest.",
        "[Edit|Change] {file}: the line that [mentions|contains] {word} [goes|should go], [everything else|the rest] stays.",
        "[Rewrite|Save] {file} without the line that [has|contains] the word {word}[|, the other lines as they are].",
        "[Look for|Find] the line with {word} in {file} and [take it out|remove it], [leaving|keeping] the other lines.",
        "I don't need the line about {word} in {file} [any more|anymore]: [delete it|remove it], but [keep|leave] the rest.",
        "[Hey|Hi|So], [take|cut] the line with the word {word} out of {file} and [keep|leave] [the rest|the other lines].",
    ],
    dev=[
        "Let the line of {file} in which {word} stands go; the other lines stay.",
        "Write {file} once more, without its line with {word}.",
        "From {file}, take away just the one line that has {word} in it.",
    ],
    gate=[
        "Please have all of {file} stay, only not the line where the word {word} stands.",
        "In {file}, the line that has {word} in it should be taken out, and no other.",
        "Clear out the one line with {word} from {file} and leave all other lines.",
        "What {file} says about {word} on one line should go; the other lines of it stay as they are.",
    ],
)
KEEP_LAST = Phrases(
    "files.edit_keep",
    train=[
        "[Cut|Shorten] {file} to its last {n} lines.",
        "[Keep|Leave] only the last {n} lines of {file}[| and delete the lines before them| and drop the rest].",
        "Of {file}, only the last {n} lines [should stay|are needed|are still of use]. [Remove the others|Cut the rest|Delete the rest].",
        "[Could|Can|Would] you [shorten|cut] {file} so that only the last {n} lines [are left|stay]?",
        "{file} is too long: [keep|leave] the last {n} lines [and nothing else|and remove the rest|only].",
        "[Delete|Remove] everything in {file} [but|except] the last {n} lines.",
        "[Let|Have] {file} [have|hold] only the {n} lines at its end[|, without those before].",
        "[As|Since] only the end of {file} matters, [save|keep] its last {n} lines in it and [drop|delete] the others.",
        "[Rewrite|Save] {file} with just its last {n} lines[| in it].",
        "The last {n} lines of {file} are all [I need|we need] of it: [overwrite it|replace its text] with them.",
        "All lines of {file} before the last {n} [can go|should go|are out of date]; [remove them|take them out|cut them].",
        "[Hey|Hi|So], [cut|shorten] {file}: [only|just|nothing but] the last {n} lines [should stay|should be left|are needed].",
        "[Please|Kindly|Now] [drop|delete|remove|take out] [everything in {file} that comes|the part of {file} that comes|whatever comes in {file}] before the last {n} lines.",
    ],
    dev=[
        "Let {file} be left with its last {n} lines.",
        "Take everything before the last {n} lines out of {file}.",
        "Make {file} a file of {n} lines: its last ones stay, the others go.",
    ],
    gate=[
        "Please write {file} once more, with its last {n} lines only.",
        "The {n} lines at the end of {file} stay; what comes before them should go.",
        "Have {file} begin where its last {n} lines begin, and drop what comes before.",
        "From {file}, clear away all lines but the last {n}.",
    ],
)
ADD_FROM = Phrases(
    "files.edit_add_from",
    train=[
        "[Add|Append] the last line of {other} at the end of {file}[|, as a new line|, below what is there].",
        "[Take|Read] the last line of {other} and [add|append] it to {file} as a new last line[|, keeping what is there].",
        "{file} should [keep its text|stay as it is] and get one more line at the end: the last line of {other}.",
        "[Keep|Leave] what {file} says, [and|but] [put|write|add] the last line of {other} [below it|after it] as a new line.",
        "[Could|Can|Would] you add the last line of {other} to the end of {file}, [on a new line|as a new line]?",
        "How does {other} end? [Add|Append] that line to {file}, as its new last line[|, please].",
        "One more line for {file}, [at the end|at the bottom]: [the same|the one] that {other} ends with.",
        "[Let|Have] {file} go on with one more line, the last one of {other}[|, after all that it says now].",
        "[As|Since] the last line of {other} is missing in {file}, [add|write] it there on a new line [at the end|below the rest].",
        "Without [changing|losing] the lines that are in {file}, [add|write|put] the last line of {other} [after them|at the end].",
        "The line at the end of {other} should [also |]stand at the end of {file}, [below|after] the lines that are there.",
        "[Hey|Hi|So], [copy|add|append] the [last|final] line of {other} to the end of {file}, [on a line of its own|as a new line|as one more line].",
        "[Please|Kindly|Now] [look|see] how {other} ends, and let {file} have that line as [its new last line|one more line at the end][|, below what it has now].",
    ],
    dev=[
        "Let {file} end with a new line, the same as the last line of {other}.",
        "Put what {other} says on its last line at the end of {file}, on a new line.",
        "See how {other} ends, and let that line come after what {file} says now.",
    ],
    gate=[
        "Write what the last line of {other} says on a new line after the last one of {file}.",
        "The text of {file} should stay, with the last line of {other} on a new line below it.",
        "Please have {file} end as {other} does, with that line after what is there.",
        "To the lines of {file}, add one at the bottom: the line that {other} ends with.",
    ],
)
MERGE = Phrases(
    "files.edit_merge",
    train=[
        "[Merge|Combine|Join] {file} and {other}, in this order, into {target}, and then [delete|remove] the two.",
        "[Put|Write] the text of {file} and below it that of {other} into {target}. {file} and {other} themselves [can then go|should then be deleted|are then to be removed].",
        "[Make|Let] {target} hold the lines of {file} followed by those of {other}, and [delete|remove] {file} and {other} [afterwards|then].",
        "Two files should become one: [first|at the top] the text of {file}, then that of {other}, in {target}. [Delete|Remove] the two old ones.",
        "[Could|Can|Would] you [merge|combine] {file} and then {other} into {target} and [delete|remove] these two afterwards?",
        "I [don't|do not] need {file} and {other} as two files [any more|any longer]. [Write|Put] the first and below it the second into {target}, and [delete|remove] both.",
        "In {target}, [I want|I need] the text of {file} and then the text of {other}; after that, [delete|remove] {file} and {other}.",
        "[As|Since] {file} and {other} belong together, [write|put] them, one below the other in this order, into {target}, and [delete|remove] them.",
        "[Replace|Exchange] {file} and {other} by {target}, which should have the text of the first and [then|below it] that of the second.",
        "[Move|Bring] the text of {file}, then that of {other}, into {target}; when it is [safe|saved] there, [delete|remove] {file} and {other}.",
        "[Hey|Hi|So], [put|write|save] {file} and, below it, {other} [together |]into {target}, and [delete|remove] [both of them|the two|both] [then|afterwards].",
        "[First|Start with this:] [put|write] the text of {file} and then that of {other} into {target}. [Then|Second,] [delete|remove] {file} and {other}.",
    ],
    dev=[
        "Make one file of {file} and {other}: their texts, in this order, go into {target}, and the two files go.",
        "Let {target} have what {file} says and, on the lines after that, what {other} says; then delete {file} and {other}.",
        "Bring {file} and {other} together in {target}, in that order, and delete the two.",
    ],
    gate=[
        "The texts of {file} and {other}, one after the other, should be in {target}, and {file} and {other} should be gone.",
        "Please save {file} followed by {other} in {target}; once that is done, delete both of them.",
        "Have {file} and {other} become {target}: the lines of the first, then those of the second. Remove both in the end.",
        "Take {file} and {other} together, in this order, as the text of {target}, and get rid of the two.",
    ],
)
