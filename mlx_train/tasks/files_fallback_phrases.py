"""Phrasings of requests that say what to do if they cannot be done as they are: whole messages."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

OR_NAME = Phrases(
    "files.else_name",
    train=[
        "[Make|Create|Start] an empty file called {file}; if [that name is taken|there is one already], call the new file {new} instead.",
        "[I need|I want] a new empty file [called|named] {file}, or, [if there is one by that name already|if that name is taken], {new}.",
        "A new empty file, please: {file} if that name is [still |]free [here|in this folder], {new} if it is [not|taken].",
        "[Try to make|Try to create] an empty file {file}. [Should that fail|If that fails] because [there is one|it exists], [make|create] {new} instead.",
        "[Could|Can|Would] you [make|create] an empty file {file}, or, if it [exists already|is there already], one called {new}?",
        "If {file} is not there yet, [make|create] it as an empty file; if it is, [make|create] an empty {new}[| instead].",
        "[Unless it is there already|If it does not exist yet], [make|create] an empty file {file}. [Otherwise|If it exists], [make|create] {new}, empty as well.",
        "[Touch|Make|Create] {file}; [when|if] it is there already, leave it and [touch|make|create] {new}.",
        "[As|Since] I am not sure whether there is a {file}: [make|create] it, empty, if [there is none|it is missing], else an empty {new}.",
        "The new empty file should be [called|named] {file}. [Is that name taken? Then|If that name is taken, then|If we have one, then] {new}.",
        "[Hey|Hi|So], [make|create|start] an empty {file}, or, [if we have one|if there is one|if that exists already], an empty {new}[|, please].",
        "[Please|Kindly|Now] [make|create] a new empty file: [its name is|it is called] {file}, or {new} if that name is taken.",
    ],
    dev=[
        "Start an empty file {file}, but if there is a file of that name, start {new}.",
        "Set up an empty {file}; set up an empty {new} in its place if the first name is taken.",
        "Name for a new empty file: {file}, or {new} if we have a {file} already.",
    ],
    gate=[
        "Please add an empty file {file} here, and if this cannot be done because it exists, add {new}.",
        "A file {file} without text should be made; if one is there, let its name be {new} instead.",
        "Let there be a new empty file. Its name: {file}, but {new} if the first is taken here.",
        "See if you can make an empty file {file}; if not, as it is there, make {new}.",
    ],
)
OR_READ = Phrases(
    "files.else_read",
    train=[
        "[Show|Read] me {file}; if there is no such file [here|in this folder], [show|read] me {other} instead.",
        "[I want|I need] to know what {file} says, or, if [it is not here|it does not exist], what {other} says.",
        "What does {file} say? If [it is not here|there is no such file], [tell me|read me] what {other} says.",
        "[Try to read|Try to open] {file}. [Should that fail|If that fails] because it is not here, [read|open] {other}, and tell me what it says.",
        "[Could|Can|Would] you read me {file}, or {other} if the first [is not here|does not exist]?",
        "If {file} is here, [read it to me|show me its text]; if it is not, [read|show] me {other}.",
        "[I am not sure|I don't know] whether {file} is [still |]here. [Read it to me|Show it to me] if it is, and {other} if it is not.",
        "[Print|Display] {file}, or {other} [in case the first is missing|if there is no such file].",
        "[As|Since] {file} may be [gone|missing], [show|read] me {other} in that case; and the first if it is here.",
        "The text of {file}, please, [and if that is missing|or if there is no such file], that of {other}.",
        "[Hey|Hi|So], [tell|show] me what {file} says, and if [it is not here|there is no such file|it does not exist], what {other} says.",
        "[Please|Kindly|Now] [read|show] me {file}; [should it not be here|should there be no such file|if it is missing], then [read|show] me {other}.",
        "[First choice|My first choice]: [the text of|what is in] {file}. [Second choice|If it is not here|If it does not exist]: that of {other}. [Read it to me|Show it to me|Tell me].",
        "[Open|Find] {file} and [read it out|tell me what it says]; if [you cannot|it is not here], do that with {other}.",
    ],
    dev=[
        "Let me see what {file} says; if it cannot be found here, let me see {other}.",
        "Read out {file}, but if we have no such file here, read out {other}.",
        "See if there is a {file} and tell me its text; if there is none, tell me that of {other}.",
    ],
    gate=[
        "Please tell me what is in {file}, and if this cannot be done because it is not here, tell me what is in {other}.",
        "I would like the text of {file}. No such file here? Then that of {other}.",
        "Give me what is written in {file}, or what is written in {other} if you do not find the first here.",
        "Which text I need: that of {file} if this folder has it, that of {other} if not. I want to hear all of it.",
    ],
)
OR_DELETE = Phrases(
    "files.else_delete",
    train=[
        "Move {file} into the folder {folder}; if there is [a file of that name|one of that name] [in it|there] already, delete the one here[| instead].",
        "{file} [should go|goes] into the folder {folder}. If that folder has [one by that name|a file of that name] already, [delete|remove] the one here.",
        "[Try to move|Try to put] {file} into the folder {folder}. [Should that fail|If that fails] because the name is taken there, delete the one here.",
        "[Could|Can|Would] you move {file} into the folder {folder}, or, if there is one by that name in it, delete the one here?",
        "If the folder {folder} has no {file} yet, move ours [there|into it]; if it has, [delete|remove] ours.",
        "[I am not sure|I don't know] whether the folder {folder} has a {file} already. If not, move the one here [there|into it]; if it has, [delete|remove] the one here.",
        "[Put|Move] {file} into the folder {folder}, [unless there is|except if there is] a file of that name in it: then [delete|remove] the one here.",
        "[As|Since] there may be a {file} in the folder {folder}: if so, delete the one here; [if not|otherwise], move it there.",
        "This folder should not have {file} [any more|any longer]: move it into the folder {folder}, or delete it here if that folder [has|holds] one of that name.",
        "[Hey|Hi|So], [move|put] {file} into the folder {folder}, and if [the name is taken there|there is one by that name in it|it has one of that name], [delete|remove] the one here instead.",
        "[Please|Kindly|Now] [move|shift] {file} to the folder {folder}; [in case|if] [the name is taken there|that folder has one of that name], [delete|remove] the one here.",
        "[If|In case] the folder {folder} [has|holds|contains] a {file} already, [delete|remove|erase] ours; [if not|otherwise], [move|put] ours into it.",
    ],
    dev=[
        "Put {file} into the folder {folder}, but if the name is taken in there, delete the file here.",
        "Shift {file} to the folder {folder}; the one here should be deleted if there is one of that name in it.",
        "See if {file} can go into the folder {folder}; if that name is taken there, delete the one here.",
    ],
    gate=[
        "Please place {file} in the folder {folder}, and if this cannot be done because it has one of that name, delete ours.",
        "The folder {folder} should have {file}: if it has one, delete the one here, and if it has none, move it there.",
        "Send {file} over to the folder {folder}. The name is taken there? Then delete the one that is here.",
        "Let {file} go into the folder {folder} if no file there has the name; if one has it, remove the file here.",
    ],
)
OR_RENAME = Phrases(
    "files.else_rename",
    train=[
        "Remove the folder {folder} if it is empty; [otherwise|if it is not], rename it to {new}.",
        "[Try to remove|Try to delete] {folder} as an empty folder. [Should that fail|If that fails] because it is not empty, rename it to {new}.",
        "Is the folder {folder} empty? [Then remove it|If so, remove it]; [if not|otherwise], [call it|rename it to] {new}.",
        "[Could|Can|Would] you remove the folder {folder}, or, if there is something in it, rename it to {new}?",
        "If there is [nothing|not a thing] in the folder {folder}, [delete|remove] it; if there is [something|anything], [rename it to|give it the name] {new}.",
        "[I am not sure|I don't know] whether the folder {folder} is empty. If it is, [delete|remove] it. If it isn't, [rename it to|call it] {new}.",
        "The folder {folder} should [go|be removed] if it is empty, and [be called|be renamed to] {new} if it is not.",
        "[Unless|Except if] it is empty, rename the folder {folder} to {new}; if it is empty, [delete|remove] it.",
        "[As|Since] {folder} may be an empty folder, [remove|delete] it in that case; [otherwise|in the other case], [rename it to|give it the name] {new}.",
        "[Hey|Hi|So], [remove|delete] the folder {folder} if [it is empty|nothing is in it|there is nothing in it], and [rename it to|call it|give it the name] {new} if it is not empty.",
        "[Please|Kindly|Now] [try to remove|remove] the folder {folder}, [but only if|if] it is empty; [otherwise|if not], [rename it to|call it] {new}.",
        "[When empty|If it is empty], the folder {folder} should [go|be removed]; [if it is not empty|otherwise], it should [be called|be renamed to|have the name] {new}.",
    ],
    dev=[
        "Take away the folder {folder}, but if it has something in it, rename it to {new}.",
        "Let the folder {folder} be removed if it is empty, else let it be called {new}.",
        "See if the folder {folder} can be removed as empty; if not, give it the new name {new}.",
    ],
    gate=[
        "Please remove the folder {folder}, and if this cannot be done because it is not empty, its name should be {new}.",
        "An empty folder {folder} can be removed; one with something in it should get the name {new}. See which it is.",
        "With the folder {folder} it depends: empty, then remove it; not empty, then rename it to {new}.",
        "Either remove the folder {folder}, if nothing is in it, or rename it to {new}.",
    ],
)
MISSING = Phrases(
    "files.else_missing",
    train=[
        "[We need|I need|There should be] {files} [here|in this folder]. [Make|Create] those that are [missing|not there yet], as empty files.",
        "[Check|See|Look] which of {files} are missing [here|in this folder] and [make|create] those as empty files.",
        "Which of {files} [are not here|are missing here]? [Make|Create] those, empty.",
        "[Some|One or more] of {files} [are|may be] missing [here|in this folder]. [Make|Create] [those|what is missing], without text, and [leave|keep] the others as they are.",
        "[Could|Can|Would] you [make|create] whichever of {files} [does not exist yet|is not here yet], as an empty file?",
        "[Make|Create] empty files for those of {files} that [do not exist yet|are not here yet].",
        "[Make sure|See to it] that {files} are all [here|in this folder]: [make|create] what is missing, [empty|without text].",
        "[List|Look at] this folder. If one of {files} is [missing|not there], [make|create] it as an empty file.",
        "[As|Since] this folder should have {files}, [look|see] what is missing and [make|create] it, [empty|without any text].",
        "[Let|Have] this folder hold {files}; what is not there yet should be [made|created] as an empty file.",
        "[Hey|Hi|So], [make|create] what is missing of {files}, [empty|without text].",
        "[Please|Kindly|Now] [see to it|make sure] that we have {files} here; [those that are missing|the missing ones] should be empty files.",
    ],
    dev=[
        "Of {files}, some may not be here yet; start those as empty files.",
        "See which of {files} this folder does not have, and add them, empty.",
        "All of {files} should be here in the end; add empty files where needed.",
    ],
    gate=[
        "Please look which of {files} are here; what is missing should be made as an empty file.",
        "This folder needs {files}; set up the ones that it does not have, without text.",
        "Where one of {files} is missing in this folder, add it as an empty file.",
        "Not all of {files} are here. Add the missing ones with nothing in them.",
    ],
)
