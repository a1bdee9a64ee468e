"""Phrasings that the wide families share: a place before a message, a message after another, what to do with a choice.

The acts are clauses that begin with a lower-case verb and stand inside the whole messages of the other banks; a file or
folder that was chosen is "it", several files are "them".
"""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

# {a} and {b} are whole messages that begin with a capital.

FIRST_GO = Phrases(
    "files.first_go",
    train=[
        "[Go|Please go|Now go|First go] [to|into|over to] {place}. {a}",
        "[Change|Switch|Please change|Please switch] to {place}[| first| now]. {a}",
        "[Take us to|Open|Enter|Please open|Please enter|Step into] {place}. {a}",
        "[Make|Please make|Now make] {place} the [current|working] [folder|directory]. {a}",
        "[Let us work|I want to work|Let me work|We will work] in {place} [now|from now on|next], so go there. {a}",
        "The next [request|task|job|thing] is for {place}, so [go|change|switch] there. {a}",
        "[cd|Navigate|Move|Head] [to|into|over to] {place}[|, please]. {a}",
        "[Our next stop|The next stop|Next stop] is {place}, [please go there|change to it|go there]. {a}",
        "[Let|Have] {place} be [the current folder|the current directory|where we work] [now|from here on]. {a}",
        "[We are needed|I need you] in {place}[; go there|; please change to it|, so go there]. {a}",
        "[Would|Could|Can] you go to {place}[|, please]? {a}",
        "[Bring|Get] [me|us] to {place}[| first| now]. {a}",
    ],
    dev=["Move over to {place} first. {a}", "Begin in {place}, so go there. {a}", "On to {place}. {a}"],
    gate=[
        "Head over to {place} first, please. {a}",
        "Get into {place} now. {a}",
        "Next, change to {place}. {a}",
        "Bring us into {place}. {a}",
    ],
)

# What to do with the one file that was chosen.

IT_DELETE = Phrases(
    "files.do_delete",
    train=[
        "delete it",
        "[remove|erase|discard|scrap] it",
        "[get rid|dispose] of [it|that one]",
        "[throw|clear] that one away",
        "throw it away",
        "[delete|remove|erase] that one",
        "[remove|erase] that file",
        "do away with [it|that one|that file]",
        "have [it|that one|that file] [deleted|removed|erased]",
        "make sure that [it|that one|that file] is [deleted|gone|removed]",
        "[delete|remove|erase] [it|that one|that file] [for me|for good]",
        "take [it|that one|that file] out of this folder by deleting it",
    ],
    dev=["erase that one for me now", "let it be deleted for good", "clear it out for good"],
    gate=[
        "remove that one now",
        "have that very file deleted",
        "get that one out of the way by deleting it",
        "let that one go for good",
    ],
)
IT_MOVE = Phrases(
    "files.do_move",
    train=[
        "move it into the folder {folder}",
        "[put|place] [it|that one] [into|in] the folder {folder}",
        "[shift|transfer|send] [it|that one] to the folder {folder}",
        "file it away in the [folder|directory] {folder}",
        "[move|put] that one into the {folder} folder",
        "[have|get] [it|that one] moved into the [folder|directory] {folder}",
        "let the folder {folder} be [its new place|its new home|where it goes]",
        "take it and [put|move|place] it into the [folder|directory] {folder}",
        "[drop|tuck] [it|that one] into the [folder {folder}|{folder} folder|directory {folder}]",
    ],
    dev=[
        "put that one over into the folder {folder}",
        "shift it away into the {folder} folder",
        "get that file into the folder {folder}",
    ],
    gate=[
        "send that one over to the {folder} folder",
        "give it a new place in the folder {folder}",
        "have that file go into the folder {folder}",
        "place that one inside the directory {folder}",
    ],
)
IT_RENAME = Phrases(
    "files.do_rename",
    train=[
        "rename it to {new}",
        "change its name to {new}",
        "[give|assign] that one the [new |]name {new}",
        "give it the name {new}",
        "call [it|that one] {new} from now on",
        "rename [that one|that file] [to|as] {new}",
        "let it [be called|be named|go by the name] {new}",
        "make {new} [its name|its new name|the name of that file]",
        "see to it that [it|that one|that file] is [called|named] {new}",
        "take {new} [as|for] [its new name|the new name of that one]",
    ],
    dev=["have it renamed to {new} now", "let that one have the name {new}", "name that file {new} from now on"],
    gate=[
        "give that one {new} as its new name",
        "see that it gets the name {new}",
        "change what it is called to {new}",
        "rename that one so that it is called {new}",
    ],
)
IT_COPY = Phrases(
    "files.do_copy",
    train=[
        "copy it to a new file called {new}",
        "[make|create|keep] a copy of [it|that one] [called|named] {new}",
        "[duplicate|clone] [it|that one] as {new}",
        "[save|store] a [copy|duplicate] of [it|that one] [as|under the name] {new}",
        "[give|get] me a copy of [it|that one] [called|named] {new}",
        "[copy|duplicate] that file [and call the copy|under the name] {new}",
        "back it up as {new}",
        "make {new} a copy of [it|that one|that file]",
        "leave it as it is and [make|save] a copy [called|named] {new}",
    ],
    dev=[
        "make one more file {new} as a copy of it",
        "let {new} be a copy of that one",
        "copy that one and name the copy {new}",
    ],
    gate=[
        "save a second one like it as {new}",
        "create {new} as a copy of that very file",
        "have a copy of that one made under the name {new}",
        "keep that one and make a copy of it named {new}",
    ],
)
IT_WRITE = Phrases(
    "files.do_write",
    train=[
        'write "{text}" into it',
        '[replace|overwrite] its text with "{text}"',
        'change its text to "{text}"',
        'set its contents to "{text}"',
        'make [it|that one] say "{text}"',
        '[overwrite|fill] [it|that one|that file] with "{text}"',
        'let [it|that one] [say|read] [just |only |]"{text}"',
        '[put|write|save] "{text}" in [it|that one|that file] in place of its text',
        '[use|take] "{text}" as its [new text|whole text|new contents]',
        'rewrite [it|that one|that file] [to say|so that it says|to read] "{text}"',
    ],
    dev=[
        'give that one the new text "{text}"',
        'have it say "{text}" from now on',
        'swap its text for the line "{text}"',
    ],
    gate=[
        'set what that one says to "{text}"',
        'replace everything in it with "{text}"',
        'let that file have the text "{text}" and nothing else',
        'write into that one the new text "{text}"',
    ],
)
IT_READ = Phrases(
    "files.do_read",
    train=[
        "read it to me",
        "[show|read|tell] me what [it|that one] says",
        "[show|print|display] [it|that one]",
        "[show|print|display] its contents",
        "[read|show] [that one|that file] to me",
        "tell me what is [written |]in [it|that one|that file]",
        "let me [see|read|know] what [it|that one] [says|contains]",
        "[open|take] it and [read it out|tell me what it says|show me its text]",
        "[give|read] me the text of [it|that one|that file]",
    ],
    dev=["show me its whole text", "let me hear what that one says", "read out what is in it"],
    gate=[
        "give me what is written in it",
        "print what that one says",
        "show me the contents of that one",
        "tell me the text that it has",
    ],
)

# What to do with the files that were chosen.

THEM_DELETE = Phrases(
    "files.them_delete",
    train=[
        "delete them",
        "[remove|erase|discard|scrap] them",
        "[get rid|dispose] of [them|those]",
        "[throw|clear] them away",
        "[delete|remove|erase] [those|those files|all of those]",
        "do away with [them|those|those files]",
        "have [them|those|those files] [deleted|removed|erased]",
        "make sure that [they are|those are|those files are] [deleted|gone|removed]",
    ],
    dev=["erase all of them for me", "let those be deleted for good", "clear those out for good"],
    gate=[
        "remove all of those now",
        "have those very files deleted",
        "get those out of the way by deleting them",
        "let those go for good",
    ],
)
THEM_MOVE = Phrases(
    "files.them_move",
    train=[
        "move them into the folder {folder}",
        "[put|place] [them|those|all of them] [into|in] the folder {folder}",
        "[shift|transfer|send] [them|those|those files] to the folder {folder}",
        "file them away in the [folder|directory] {folder}",
        "[move|put] [those|those files|all of those] into the {folder} folder",
        "[have|get] [them|those] moved into the [folder|directory] {folder}",
        "let the folder {folder} be [their new place|their new home|where they go]",
        "[gather|collect] them in the [folder|directory] {folder} by moving them there",
    ],
    dev=[
        "put those over into the folder {folder}",
        "shift them away into the {folder} folder",
        "get those files into the folder {folder}",
    ],
    gate=[
        "send all of those over to the {folder} folder",
        "give them a new place in the folder {folder}",
        "have those files go into the folder {folder}",
        "place those inside the directory {folder}",
    ],
)
THEM_COPY = Phrases(
    "files.them_copy",
    train=[
        "copy them into the folder {folder}",
        "[put|place|save] a copy of [each of them|each] [into|in] the folder {folder}",
        "[duplicate|copy] [them|those|those files] into the {folder} folder",
        "[back them up|keep copies of them|store copies of them] in the [folder|directory] {folder}",
        "[make|create] copies of [them|those] in the [folder|directory] {folder}",
        "leave them [here|where they are] and put [copies|a copy of each] into the folder {folder}",
        "let the folder {folder} have [a copy of each|copies of them|copies of those files]",
    ],
    dev=[
        "copy all of those over into the folder {folder}",
        "have copies of them in the {folder} folder",
        "add copies of those to the folder {folder}",
    ],
    gate=[
        "save copies of all of those in the {folder} folder",
        "keep them, and copy each into the folder {folder}",
        "give the folder {folder} a copy of each of those",
        "place copies of those files inside the directory {folder}",
    ],
)

# What to do with the folder that was chosen.

FOLDER_DELETE = Phrases(
    "files.do_folder_delete",
    train=[
        "delete it with everything in it",
        "[remove|erase|delete] [it|that one|that folder] [with|and] all its contents",
        "[get rid of|do away with|throw away] [it|that one|that folder] and [everything in it|all that it holds]",
        "[delete|remove] the whole of [it|that folder]",
        "have [it|that one|that folder] deleted, contents and all",
        "make sure that [it|that one|that folder] is gone, with everything inside",
    ],
    dev=[
        "erase that whole folder for good",
        "let it be deleted with all that is in it",
        "clear that one out of here, contents and all",
    ],
    gate=[
        "remove that whole folder now",
        "delete that one together with what is in it",
        "have that folder and all it holds removed",
        "let go of it for good, with all its contents",
    ],
)
FOLDER_RENAME = Phrases(
    "files.do_folder_rename",
    train=[
        "rename it to {new}",
        "change [its name|the name of that folder] to {new}",
        "[give|assign] [that one|that folder] the [new |]name {new}",
        "give it the name {new}",
        "call [it|that one|that folder] {new} from now on",
        "rename [that one|that folder] [to|as] {new}",
        "let [it|that folder] [be called|be named|go by the name] {new}",
        "make {new} [its new name|the name of that folder]",
    ],
    dev=["let that folder have the name {new}", "name that folder {new} now", "have that folder renamed to {new}"],
    gate=[
        "give that folder {new} as its name",
        "see that the folder gets the name {new}",
        "change what that folder is called to {new}",
        "rename that folder so that it is called {new}",
    ],
)
