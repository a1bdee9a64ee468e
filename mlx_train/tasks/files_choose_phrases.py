"""Phrasings of choosing one of several: whole messages; {act} is a clause about "it"."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

# {files} is "a, b and c", {most} "most" or "fewest", {unit} "lines", "words" or "characters".

BY_COUNT = Phrases(
    "files.choose_count",
    train=[
        "[Find out|Work out|Check|See] which [of|one of] {files} has the {most} {unit} and {act}.",
        "Which of {files} has the {most} {unit}? [Please|When you know, please|Once you know it,|Whichever it is,] {act}.",
        "[Count|Please count] the {unit} of {files}, [then|and then] take the one [with|that has] the {most} and {act}.",
        "[I only care about|This is about|I am looking for] the one of {files} that has the {most} {unit}: {act}[, please|, thanks|].",
        "[Compare|Look at|Take] {files} by their number of {unit}; the one with the {most} is [the one I mean|what I am after|the one that matters], so {act}.",
        "One of {files} has the {most} {unit}. [Find|Find out|Work out] which one [it is|that is] and {act}.",
        "The file with the {most} {unit}, out of {files}, is [the one I want to deal with|the one that needs work|the one in question]: [please|kindly] {act}.",
        "[Could|Can|Would] you [see|check|find out] which one of {files} has the {most} {unit}, and then {act}?",
        "Out of {files}, [choose|pick|select|take] the [file|one] with the {most} {unit} and {act}.",
        "I [don't|do not] know which of {files} has the {most} {unit}. [Find out and|Check, and then|Count, then] {act}.",
        "[As|Since|Because] I want to deal only with the one that has the {most} {unit} among {files}, [find it|look for it] and {act}.",
        "By number of {unit}, one of {files} has the {most}. [Please|Kindly|Go and] find [that one|it] and {act}.",
        "Hey, [quick one|quick job|small job]: whichever of {files} has the {most} {unit}, {act}[, thanks|, please|].",
        "[Please|Kindly|Now] [find|pick|choose] the [one|file] of {files} with the {most} {unit} and {act}[|, thanks].",
        "[Given|With] {files}, the one [that I mean|I want|to be dealt with|to work on] has the {most} {unit}; [work out which it is|count to find it|find it by counting] and {act}.",
    ],
    dev=[
        "Check the number of {unit} in {files}; for the one with the {most}, {act}.",
        "Whichever one of {files} has the {most} {unit}: {act}.",
        "Count how many {unit} there are in {files} and, with the one that has the {most}, do this: {act}.",
    ],
    gate=[
        "Of {files}, take whichever has the {most} {unit} and {act}.",
        "Please look which file among {files} has the {most} {unit}, and {act}.",
        "Go by the number of {unit}: of {files}, the one with the {most} is meant. Please {act}.",
        "Among {files} there is one with the {most} {unit}; find it, then {act}.",
    ],
)
BY_WORD = Phrases(
    "files.choose_word",
    train=[
        "[Only one|Just one|Exactly one] of {files} [contains|mentions|has] the word {word}. [Find it|Find out which|See which one it is] and {act}.",
        "[Find out|Check|See|Work out] which [one |]of {files} [contains|has|mentions] the word {word} and {act}.",
        "Which of {files} [mentions|contains|has] {word}? [Please|When you know, please|Whichever it is,] {act}.",
        "The word {word} [stands|is|occurs] in one of {files}. [Look for it|Find it|Search for it], and with that file do this: {act}.",
        "[Search|Look through|Go through|Grep] {files} for [|the word ]{word}; [one of them has it|it is in one of them], and [I want you to|please] {act}.",
        "[I am looking for|I need|I want] the one of {files} that has {word} in [it|its text]; [when you have found it|once you know which it is], {act}.",
        "[Somewhere in|In one of] {files} there is the word {word}. [Find the file|Find out where|See where], then {act}.",
        "[Could|Can|Would] you look [which of {files} mentions|which of {files} contains|for the one of {files} that mentions] {word}, and {act}?",
        "[I forgot|I no longer know|I cannot remember] which of {files} has the word {word} in it. [Find out and|Look it up and|Check, then] {act}.",
        "[Pick|Choose|Take|Select] the one of {files} whose text [has|contains|mentions] the word {word} and {act}.",
        "[As|Since|Because] only the file with the word {word} is [meant|needed], look for it among {files} and {act}.",
        "One of these has {word} in it: {files}. [Find that one|See which|Look which one] and {act}[|, please|, thanks].",
    ],
    dev=[
        "Among {files} there is one that contains {word}; {act}.",
        "Do a search for {word} in {files}, and where you find it, {act}.",
        "Please find the file with the word {word}, it is one of {files}, and {act}.",
    ],
    gate=[
        "The file that I mean has the word {word} in it and is one of {files}; {act}.",
        "Look into {files}: where is the word {word}? It is in one of them; {act}.",
        "Of {files}, take the one with {word} in its text and {act}.",
        "Please see in which of {files} the word {word} stands, and {act}.",
    ],
)
BY_ENDING = Phrases(
    "files.choose_ending",
    train=[
        "[There is|We have|I see] [only one|just one|exactly one] file [here |in this folder ]that ends in {ending}. [Find it|See which it is|Look for it] and {act}.",
        "[Find|Look for|Search this folder for] the [only|one] {ending} file [here|in this folder] and {act}.",
        "Which file [here|in this folder] ends in {ending}? There is only one; [please|when you know it,|look and] {act}.",
        "[I have forgotten|I forgot|I do not know] the name of the {ending} file [here|in this folder], but [there is only one|it is the only one]. [Look it up and|Find it and|List the files, then] {act}.",
        "The [one|only] {ending} file in this folder is [the one I mean|what this is about|the one I want to deal with]: {act}[|, please].",
        "[Take|Pick|Choose] the one file in [this folder|the current folder|this directory] whose name ends in {ending} and {act}.",
        "[Could|Can|Would] you find the only {ending} file [here|in this folder], and {act}?",
        "[List|Look at|Look through] the files [here|in this folder], [find|pick] the one that ends in {ending}, and {act}.",
        "[Since|As] there is only one {ending} file [here|in this folder], you will know which one I mean: {act}[|, please].",
        "[Hi|Hey|So], the {ending} file [here|in this folder], [whatever it is called|whatever its name is]: {act}[|, thanks].",
        "It ends in {ending}, it is in this folder, [and there is no other like it|and it is the only one]. [Find it and|Look for it and] {act}.",
        "[Among|Of] the files in this folder, [one|just one|only one] ends in {ending}; {act}[|, please].",
    ],
    dev=[
        "See which file in this folder ends in {ending}, it is the only one, and {act}.",
        "One file here has a name that ends in {ending}; {act}.",
        "Whatever the only {ending} file of this folder is called, {act}.",
    ],
    gate=[
        "This folder has one file with the ending {ending}. Please {act}.",
        "Check the names here for the one that ends in {ending}, then {act}.",
        "Find out what the only file with a name in {ending} is called here, and {act}.",
        "Please look for the {ending} file of this folder, of which there is only one, and {act}.",
    ],
)
# {files} is "a and b" or "a, b and c"; just one of them says the same as {file}.
TWIN = Phrases(
    "files.choose_twin",
    train=[
        "[One|Just one|Only one] of {files} says [exactly |]the same as {file}. [Find out which|Find it|Compare them] and {act}.",
        "[Find out|Check|See|Work out] which [one |]of {files} is [the same as|identical to|an exact copy of] {file} and {act}.",
        "Which of {files} is [the same as|identical to|a copy of] {file}? [Please|When you know, please|Whichever it is,] {act}.",
        "[Compare|Diff] {file} with [each of |]{files}; [one of them|one] [does not differ from it|is the same], and [I want you to|please] {act}.",
        "[There is|We have] a [twin|double|copy] of {file} among {files}. [Find it|Look for it|See which it is] and {act}.",
        "[I made|Somebody made] a copy of {file}, and it is one of {files}. [Find out which|See which one] and {act}.",
        "[Could|Can|Would] you compare {files} with {file}, take the one that is [the same|identical] and {act}?",
        "[Among|Of] {files}, [pick|choose|take|find] the one that [matches|is identical to|says the same as] {file} and {act}.",
        "[As|Since|Because] {file} has an exact copy among {files}, [look for that copy|find that one|find the copy] and {act}.",
        "[I am looking for|I mean|This is about] the one of {files} that does not differ from {file}: {act}[|, please].",
        "[Hold|Put] {files} [against|next to|up against] {file}. One of them says the same; {act}.",
        "[One|Just one] of {files} has the very same text as {file}; {act}[|, please|, thanks].",
    ],
    dev=[
        "Look which of {files} has the same text as {file}, and {act}.",
        "The copy of {file} is one of {files}; {act}.",
        "Run a diff between {file} and {files}, and where nothing differs, {act}.",
    ],
    gate=[
        "See whether it is one or the other of {files} that says the same as {file}, then {act}.",
        "The text of {file} is also that of one of {files}; find that file and {act}.",
        "Please check {files} against {file}: the one that is the same is meant, so {act}.",
        "There is no difference between {file} and one of {files}; find out which one and {act}.",
    ],
)
BY_LAST = Phrases(
    "files.choose_last",
    train=[
        'One of {files} ends with the line "{text}". [Find it|Find out which|See which one] and {act}.',
        '[Find out|Check|See|Work out] which [one |]of {files} [ends with|has as its last line] "{text}" and {act}.',
        'Which of {files} has "{text}" as its [last|final] line? [Please|When you know, please|Whichever it is,] {act}.',
        '[Look at|Check|Read] the last line of {files}; where it is "{text}", {act}[|, please].',
        '[I am looking for|I mean|This is about] the one of {files} whose [last|final] line is "{text}": {act}[|, please].',
        '"{text}" is the [last|final] line of one of {files}. [Find that file|Find out which one|Look for it] and {act}.',
        '[Could|Can|Would] you look how {files} end, and with the one that ends with "{text}", {act}?',
        '[Pick|Choose|Take] the one of {files} that [ends with|closes with] the line "{text}" and {act}.',
        '[As|Since|Because] the right file is the one that ends with "{text}", [see which of {files} it is|find it among {files}] and {act}.',
        '[I forgot|I no longer know|I cannot remember] which of {files} ends with "{text}". [Look and|Find out and|Check, then] {act}.',
        '[Go|Look] to the end of {files}: in one of them you will [find|see|read] "{text}"; with that file, {act}.',
        'The line "{text}" [stands|is] at the [very |]end of one of {files}; [find out which|find that one] and {act}.',
        '[Hey|Hi|So|Well], [one|just one|exactly one] of {files} [ends|closes|finishes] with "{text}"; [find it|look which|see which] and {act}.',
        '[Go through|Look through|Check|Look at] {files} and [find|pick out] the one [that ends with|whose last line is] "{text}"; then {act}[|, please].',
    ],
    dev=[
        'Of {files}, the one that ends with "{text}" is meant; {act}.',
        'See how each of {files} ends. Where the last line is "{text}", {act}.',
        'Please find the file among {files} whose last line reads "{text}", and {act}.',
    ],
    gate=[
        'Look at the ends of {files}. With the one whose last line is "{text}", do this: {act}.',
        'The file that I mean ends with "{text}" and is one of {files}; {act}.',
        'Please look for "{text}" in the last lines of {files}, and {act}.',
        'Take that one of {files} that has "{text}" on its last line and {act}.',
    ],
)
# {more} is "more" or "less", {a} and {b} are folders here.
BY_SPACE = Phrases(
    "files.choose_space",
    train=[
        "[Find out|Check|See|Work out] which of the folders {a} and {b} takes up {more} space and {act}.",
        "Which of the folders {a} and {b} [takes|takes up|uses] {more} [disk |]space? [Please|When you know, please|Whichever it is,] {act}.",
        "[Compare|Look at|Check] the [size|disk usage] of the folders {a} and {b}; the one that uses {more} space is [the one I mean|the one in question], so {act}.",
        "[One of the folders {a} and {b}|Either the folder {a} or the folder {b}] takes up {more} space than the other. [Find out which|See which] and {act}.",
        "[Could|Can|Would] you [see|check|find out] which of the folders {a} and {b} needs {more} space, and then {act}?",
        "[I only care about|This is about|I mean] the one of the folders {a} and {b} that takes {more} space: {act}[|, please].",
        "[Take|Pick|Choose] whichever of the folders {a} and {b} [uses|takes up] {more} space and {act}.",
        "I [don't|do not] know which of the folders {a} and {b} takes up {more} space. [Find out and|Check, and then|Measure them, then] {act}.",
        "[As|Since|Because] I want to deal only with the folder that takes {more} space, {a} or {b}, [find out which it is|check both] and {act}.",
        "[Run du|Check the disk usage|Look at the size] in the folders {a} and {b}, [and then|then] take the one with {more} bytes and {act}.",
        "By size, there is {more} in one of the folders {a} and {b}. [Please|Kindly|Go and] find out which one and {act}.",
        "[Between|Of] the folders {a} and {b}, the one that takes up {more} space is [the one that matters|what I am after]; {act}[|, please].",
        "[Hey|Hi|So], one of the folders {a} and {b} [takes|uses|needs] {more} space than the other; [find it|see which|look which] and {act}[|, please].",
        "[Please|Kindly|Now] [compare|measure|check] the folders {a} and {b}; with the one that [takes up|uses] {more} space, [do this|I want this done]: {act}.",
    ],
    dev=[
        "Measure the folders {a} and {b}; for the one that takes {more} space, {act}.",
        "Whichever of the two folders {a} and {b} takes up {more} space: {act}.",
        "Look how big the folders {a} and {b} are. The one with {more} in bytes is meant; {act}.",
    ],
    gate=[
        "Does the folder {a} or the folder {b} take up {more} space? When you have found out, {act}.",
        "Of the two folders {a} and {b}, one uses {more} space; please find it and {act}.",
        "Go by disk usage: of the folders {a} and {b}, the one with {more} bytes is meant, so {act}.",
        "Please see which folder needs {more} space, {a} or {b}, and {act}.",
    ],
)
BY_HOLDER = Phrases(
    "files.choose_holder",
    train=[
        "[Find|Look for|Search for] the folder [here |]that {file} is in and {act}.",
        "In which folder is {file}? [Please|When you know, please|Whichever folder it is,] {act}.",
        "[One of the folders here|One of these folders|Some folder here] [holds|has|contains] {file}. [Find out which|Find it|See which one] and {act}.",
        "[Find out|Check|See|Work out] which [folder|of the folders] here [holds|contains|has] {file} and {act}.",
        "[I am looking for|I mean|This is about] the folder that [holds|contains] {file}: {act}[|, please].",
        "The folder with {file} in it is [the one I mean|the one in question|what I am after]; [find it|find out which it is] and {act}.",
        "[Could|Can|Would] you [find|search for] {file}, take the folder that it is in, and {act}?",
        "[Take|Pick|Choose] the folder here that [holds|contains|has] {file} and {act}[|, please].",
        "I [don't|do not] know which folder here [holds|contains] {file}. [Find out and|Search for it and|Look, then] {act}.",
        "[As|Since|Because] I need only the folder with {file} in it, [find that folder|look for it] and {act}.",
        "[Look|Search|Hunt] for {file}; it is in one of the folders here, and with that folder [I want you to do this|do this]: {act}.",
        "{file} [is|lies|sits] in one of the folders here. [Find out in which one|See in which one] and {act}.",
        "[Hey|Hi|So], {file} is [somewhere in|in one of] the folders here; [find that folder|see which one|look which] and {act}[|, please|, thanks].",
    ],
    dev=[
        "Some folder here has {file} in it; {act}.",
        "See in which folder {file} is, and with that folder do this: {act}.",
        "Please look where {file} is, and when you have the folder, {act}.",
    ],
    gate=[
        "Which folder here has {file} in it? Find it and {act}.",
        "The folder that I mean has {file} in it; {act}.",
        "Search the folders here for {file}, and with the one that has it, {act}.",
        "Please find out where {file} is kept; as for that folder, {act}.",
    ],
)
