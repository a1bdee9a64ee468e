"""Phrasings of carrying a value from one file, count or folder into another: whole messages."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

SWAP = Phrases(
    "files.carry_swap",
    train=[
        "[Swap|Exchange] the [texts|contents] of {file} and {other}.",
        "[I mixed up|I have mixed up|Somebody mixed up] {file} and {other}: each has the text of the other. [Put that right|Please swap the texts|Swap what they say].",
        "[What is in|The text of] {file} [belongs|should be] in {other}, and [the other way round|vice versa]. [Please swap them|Swap the two texts].",
        "[Let|Make] {file} say what {other} says [now|at present], and {other} what {file} [says now|says at present].",
        "[Could|Can|Would] you [exchange|swap] what {file} and {other} say?",
        "{file} and {other} should [trade|swap|exchange] [texts|contents]: [read both|look at both], then [write|put] each text into the other file.",
        "[As|Since|Because] {file} has the text that {other} should have, and {other} that of {file}, [swap|exchange] [the two|the texts].",
        "[Put|Write] the text of {file} into {other} and, at the same time, the [old|present|former] text of {other} into {file}.",
        "The [texts|contents] of {file} and {other} are the wrong way round. [Please|Kindly] [swap|exchange] them.",
        "[Turn it around|The other way round, please]: [let|make] {file} have the text of {other} and {other} the text of {file}.",
        "[Each of|Both] {file} and {other} should have the text that the other has now. [Can you do that|Would you see to that|Could you arrange that]?",
        "[Hey|Hi|So], [please|kindly|now] [swap|exchange] the texts of {file} and {other}[|, so that each has what the other has now|, nothing else].",
    ],
    dev=[
        "Let {file} and {other} change texts with each other.",
        "Read {file} and {other}, then put the text of each into the other one.",
        "What {file} says should stand in {other}, and what {other} says in {file}; swap that.",
    ],
    gate=[
        "The two files {file} and {other} should each have the text of the other; please make that so.",
        "Take what {file} says to {other} and what {other} says to {file}.",
        "Please have {file} and {other} trade what they say.",
        "By mistake {file} has the text of {other}, and {other} that of {file}. Exchange the texts.",
    ],
)
# {a} and {b} are folders here, {file} is in {a}, {new} will be in {b}.
ACROSS = Phrases(
    "files.carry_across",
    train=[
        "[Take|Read] the text of {file} in the folder {a} and [write|put|save] it into a new file called {new} in the folder {b}.",
        "The folder {a} has a file {file}. [I need|I want] its text in the folder {b}, [too, |]in a new file [called|named] {new}.",
        "In the folder {b}, [make|create] a new file {new} that says [just |exactly |]what {file} in the folder {a} says.",
        "[Copy|Carry] the text of {file}[, which is in|, a file in] the folder {a}, over to the folder {b}, as a new file [called|named] {new}.",
        "[Could|Can|Would] you read {file} in the folder {a}, and [save|write] its text in the folder {b} as a new file {new}?",
        "What does {file} in the folder {a} say? [Write|Put] the same into a new file {new} in the folder {b}[|, please].",
        "[From|Out of] the folder {a} I need the text of {file}: it [should go|goes] into a new file called {new} in the folder {b}.",
        "[As|Since|Because] the folder {b} needs the text of {file} from the folder {a} as well, [make|create] a new file {new} there with that text.",
        "[Go|Look] into the folder {a}, read {file}, then go [over |]to the folder {b} and [save|write] its text there as a new file {new}; come back here.",
        "[Let|Have] a new file {new} in the folder {b} say what the file {file} in the folder {a} [says|says already].",
        "There should be a new file {new} in the folder {b} with the text of {file} [from|in] the folder {a}. [Please make it|Make it|Create it].",
        "[Hey|Hi|So], [read|take] the text of {file} [from|out of|in] the folder {a} and [put|write|save] it in the folder {b}, as a new file [called|named] {new}.",
    ],
    dev=[
        "Read {file}, which is in the folder {a}, and write what it says to a new file {new}, which should be in the folder {b}.",
        "Carry what {file} in the folder {a} says to the folder {b}: make a new file {new} there with it.",
        "The text of {file} from the folder {a} should be in a new file {new} in the folder {b}, too.",
    ],
    gate=[
        "Save the text that {file} has in the folder {a} as a new file with the name {new}, but in the folder {b}.",
        "Two folders: in {a} you find {file}, and in {b} I need a new file {new} with the same text. Please make it.",
        "Take what is written in {file} in the folder {a}. In the folder {b}, start a new file {new} with it.",
        "Please give the folder {b} a new file called {new}, with the text of {file} out of the folder {a}.",
    ],
)
TOTAL = Phrases(
    "files.carry_total",
    train=[
        "[Add up|Sum up] the numbers of {unit} in {files} and [write|put|save] the sum into {target}, the number only.",
        "How many {unit} do {files} have [together|in all|in total]? [Write|Put|Save] [just |only ]that number into {target}.",
        "[Count|Check] the {unit} of {files}, add the [numbers|counts] up and [write|put|save] [only |just ]the [sum|total] into {target}.",
        "[I need|I want] the total number of {unit} in {files} in {target}: [just|only] the number.",
        "[Work out|Find out] how many {unit} {files} have between them and [note|write|save] that number, nothing else, in {target}.",
        "[Could|Can|Would] you add up the {unit} of {files} and [write|put] the [total|sum], only the number, into {target}?",
        "In {target} I want to [find|read] one number: how many {unit} {files} have [together|in all].",
        "The [sum|total] of the {unit} of {files} should [stand|be] in {target}, as a number. [Please work it out|Please count|Count them].",
        "For {target}: the number of {unit} that {files} have [together|in total], and nothing else.",
        "[As|Since] I need to know how much there is in {files}, add up their numbers of {unit} and [write|put] the sum, just the number, into {target}.",
        "[Let|Make] {target} say how many {unit} there are in {files} [together|in all], [as|in] one number.",
        "[Hey|Hi|So], [count|add up] all the {unit} in {files} and [write|put|save] [just|only] the [total|sum] into {target}[|, please].",
    ],
    dev=[
        "Take the {unit} of {files} together and save their number in {target}, just the number.",
        "Sum: the {unit} in {files}. Put it into {target}, only the number.",
        "For {files}, work out the number of {unit} in all; write the number alone into {target}.",
    ],
    gate=[
        "Please count the {unit} in each of {files}; what I need in {target} is the sum, only the number.",
        "The number of {unit} that you get for {files} in all should go into {target}, just that number.",
        "Write into {target} the number you get when you add the {unit} of {files} up.",
        "Between them, {files} have how many {unit}? Only the number should be in {target}.",
    ],
)
POINTER = Phrases(
    "files.carry_pointer",
    train=[
        "[The last line of|The line at the end of] {file} [names|is the name of] another file [here|in this folder]. [Look it up|Find out which|See which] and {act}.",
        "{file} ends with the name of a file [here|in this folder]: {act}[|, please].",
        "[Read|Look at|Check] the last line of {file}; it is the name of a file [here|in this folder]. [With that file, do this:|Take that file and] {act}.",
        "Which file does the last line of {file} name? [Please|When you know, please|Whichever it is,] {act}.",
        "[Could|Can|Would] you look at the [end|last line] of {file}, find the file that is named there, and {act}?",
        "[I am looking for|I mean|This is about] the file that is named on the last line of {file}: {act}[|, please].",
        "[Take|Pick] the file whose name [stands|you find] on the last line of {file} and {act}.",
        "There is a file name [at the end|on the last line] of {file}. [Look which file it is|See which one] and {act}.",
        "[As|Since|Because] {file} says on its last line which file is meant, [look there|check there] and {act}.",
        "I [don't|do not] know the name of the file, but it [stands|is] on the last line of {file}. [Look it up|Find it there] and {act}.",
        "The file that [I mean|is meant] is named at the [very |]end of {file}; [read that line|look there] and {act}.",
        "[Hey|Hi|So], {file} [names|tells you] at its end [which file I mean|which file is meant|which file this is about]; [look there|read the last line|check the last line] and {act}[|, please].",
    ],
    dev=[
        "At the end of {file} there is the name of a file: {act}.",
        "See which file the last line of {file} names, then {act}.",
        "Go by the last line of {file}: it says which file is meant; {act}.",
    ],
    gate=[
        "The name on the last line of {file} is that of the file I mean; {act}.",
        "How does {file} end? With the name of a file that is here. Please {act}.",
        "Please find out from the last line of {file} which file it is, and {act}.",
        "For the name of the file, see the last line of {file}; then {act}.",
    ],
)
LISTED_MAKE = Phrases(
    "files.carry_listed_make",
    train=[
        "{file} has a list of file names, one [on each|a] line. [Make|Create] an empty file [for each|with each name] [here|in this folder].",
        "[Read|Open|Look into] {file} and [make|create] an empty file for [every|each] name [in it|that stands there].",
        "The [files|names of the files] that [are still missing|I still need] are listed in {file}. [Make|Create] them, empty, [here|in this folder].",
        "[Make|Create] the empty files whose names are listed in {file}.",
        "[Could|Can|Would] you read the names in {file} and [make|create] an empty file for each of them?",
        "[Every|Each] line of {file} is the name of a file that [we need|is missing]: [make|create] all of them, [empty|without text].",
        "Which files does {file} ask for? [Make|Create] them [here|in this folder], [empty|without any text].",
        "[Go through|Work through] the list in {file} and [touch|make|create] a new empty file for each name.",
        "[As|Since|Because] the files listed in {file} do not exist yet, [make|create] each of them, empty.",
        "[I wrote|Somebody wrote] down in {file} which files we need, one [a|on each] line; [make|create] them, [empty|without text].",
        "[Let|Have] there be an empty file [here|in this folder] for [each|every] name that {file} lists.",
        "[Hey|Hi|So], [make|create] [one|an] empty file for [each|every] [name|line] in {file}[|, please|, thanks].",
    ],
    dev=[
        "Go by {file}: for every line in it, make an empty file of that name.",
        "The lines of {file} are file names; make all those files, without text.",
        "See which names stand in {file}, and add an empty file for each here.",
    ],
    gate=[
        "Take the names that {file} lists, and start an empty file for each one.",
        "Please add the files that {file} names, line by line, all of them empty.",
        "In {file} there is a list of files to be made. Please make each one, without text.",
        "What {file} lists are the names of new empty files; set them up here.",
    ],
)
LISTED_ACT = Phrases(
    "files.carry_listed_act",
    train=[
        "{file} has a list of file names, one [on each|a] line. [Take|Look up] the files that are listed there and {act}.",
        "[Read|Open|Look into] {file}; it lists some files [here|in this folder], one a line. [Please|I want you to] {act}.",
        "The files that are listed in {file}, [one a line|line by line], are the ones I mean: {act}[|, please].",
        "Which files does {file} list? [Please|When you know, please|Once you have read it,] {act}.",
        "[Could|Can|Would] you [read|look up] the list of files in {file} and {act}?",
        "[Every|Each] line of {file} is the name of a file [here|in this folder]; [take|find] those files and {act}.",
        "[Go through|Work through] the names in {file}: these files are meant, so {act}[|, please].",
        "[As|Since|Because] {file} says which files are meant, one a line, [look there|read it] and {act}.",
        "[I wrote|Somebody wrote] down some file names in {file}, one [a|on each] line. [Look them up|Read them] and {act}.",
        "[This is about|I mean] the files that you find listed in {file}: {act}[|, please|, thanks].",
        "The list in {file} names some of the files here. [Read it|Look at it] and {act}[|, please].",
        "[Hey|Hi|So], [look at|read|open] {file}: [the files in that list|the files that it lists|the files named there] are [meant|what this is about], so {act}[|, please].",
        "[Please|Kindly|Now] [take|find] the files that {file} [lists|names], one [a|on each] line, and {act}[|, thanks].",
    ],
    dev=[
        "Go by the list in {file}: of the files named there, leave none out, and {act}.",
        "The lines of {file} are names of files here; {act}.",
        "See which files are listed in {file}, then {act}.",
    ],
    gate=[
        "Take all of the files whose names stand in {file} and {act}.",
        "Please read which files {file} names, line by line, and {act}.",
        "In {file} there is a list of files that are here. As for these files, {act}.",
        "What {file} lists are files of this folder; {act}.",
    ],
)
KEY = Phrases(
    "files.carry_key",
    train=[
        "[The text of|What is in] {file} is [one word|a word|just a word]. [Show|Tell] me the line of {other} that [contains|has] it.",
        "{file} has a word in it. [Find|Look up] that word in {other} and [show|tell|read] me the line.",
        "[Read|Open] {file}, [take|note] the word that [stands there|is in it], and [search|grep] {other} for it: what does the line say?",
        "Which line of {other} [contains|has in it] the word that {file} [gives|holds|consists of]?",
        "[Could|Can|Would] you look up the word from {file} in {other} and [tell|show|read] me the line?",
        "[I forgot|I do not know] the word, but it is in {file}. [Search|Look through] {other} for it and [show|tell] me the line.",
        "[Search|Grep|Look through] {other} for the word that [is written|stands] in {file} and [show|tell|give] me the line.",
        "In {other} there is a line with the word that {file} [says|holds]. [Show it to me.|Tell me that line.|What does it say?]",
        "[As|Since|Because] the word to look for is in {file}, [read that first|start there], then [show|tell] me the line of {other} that has it.",
        "[Take|Use] the text of {file} as the word to search for in {other}, and [show|read|tell] me the line you find.",
        "The word from {file} occurs in {other}. [What does that line say?|Read me that line.|Show me that line.]",
        "[Hey|Hi|So], what does the line of {other} say that has the word [from|in|given in] {file} in it? [Look it up, please.|Find out, please.|Tell me, please.]",
        "Tell me [the line of {other} that has|which line of {other} has|how the line of {other} reads that has] the word [kept|written|found] in {file}.",
    ],
    dev=[
        "Get the word out of {file} and tell me the line of {other} in which it stands.",
        "See what word {file} has, then look for that word in {other} and read me the line.",
        "Tell me how the line of {other} reads that has the word from {file} in it.",
    ],
    gate=[
        "Do a search in {other} for the word that you read in {file}; tell me the line.",
        "What does {other} say in the line where the word from {file} stands?",
        "Please take the word that {file} has and give me the line of {other} with it.",
        "First see which word is in {file}; then show me where it stands in {other}, the whole line.",
    ],
)
# {unit} is "lines" or "words"; the name will be the number, an underscore and the old name.
COUNT_NAME = Phrases(
    "files.carry_count_name",
    train=[
        "[Count|Please count] the {unit} of {file} and put [that number|the number] and an underscore in front of its name.",
        "[Rename|Change the name of] {file} so that it begins with its number of {unit} and an underscore, followed by the [old|present|full old] name.",
        "The name of {file} should [tell|say|show] how many {unit} it has: [put|write] the number and an underscore [before|in front of] the old name.",
        "How many {unit} does {file} have? [Rename it|Give it a new name]: first that number, then an underscore, then the [old|present] name.",
        "[Could|Can|Would] you [rename|change the name of] {file} to its number of {unit}, an underscore and its [old|present] name?",
        "[I want|I need] to see the number of {unit} in the name of {file}: number, underscore, [old name|present name].",
        "[Find out|Work out|Check] how many {unit} {file} has, and [rename it|change its name]: that number, an underscore, and the name it has now.",
        "[As|Since] I like names that say how long a file is, rename {file}: its number of {unit}, [then|and] an underscore, then its [old|present] name.",
        "[Let|Have] {file} be called by its number of {unit}, an underscore and its [old|present] name.",
        "[Mark|Label] {file} with its number of {unit}: the number and an underscore [go|should stand] in front of the [old|present] name.",
        "Give {file} a new name [made of|that consists of] its number of {unit}, an underscore and the [old|present] name, in this order.",
        "[Hey|Hi|So], [count the|look up the number of] {unit} of {file} and [rename it|change its name] so that [that number|the number] and an underscore [come|stand] before the [old|present] name[|, please].",
    ],
    dev=[
        "Put the number of {unit} that {file} has, with an underscore after it, before its name.",
        "New name for {file}: number of its {unit}, underscore, old name.",
        "See how many {unit} {file} has; let its name start with that number and an underscore.",
    ],
    gate=[
        "Please rename {file} so that its name is the number of its {unit}, an underscore and what it is called now.",
        "Before the name of {file}, set how many {unit} it has, and an underscore.",
        "Count how many {unit} are in {file}; that number and an underscore should stand at the front of its name.",
        "Take the number of {unit} in {file}, add an underscore and its old name, and make that the new name of the file.",
    ],
)
ENTRIES = Phrases(
    "files.carry_entries",
    train=[
        "How many {ending} files are [there here|in this folder]? [Write|Put|Save] [just |only ]the number into {target}.",
        "[Count|Please count] the {ending} files [here|in this folder] and [write|put|save] the number, nothing else, into {target}.",
        "[I need|I want] the number of files [here|in this folder] that end in {ending} in {target}: [just|only] the number.",
        "[List|Look at] this folder, count the names that end in {ending}, and [note|write|save] only that number in {target}.",
        "[Work out|Find out] how many files [here|in this folder] end in {ending} and [note|write|save] that number, just the number, in {target}.",
        "[Could|Can|Would] you count the {ending} files [here|in this folder] and [write|put] only their number into {target}?",
        "In {target} I want to [find|read] one number: how many {ending} files [there are|you see|you find] here.",
        "[Let|Make] {target} say how many {ending} files there are [here|in this folder], as a number.",
        "The number of {ending} files [here|in this folder] should [stand|be] in {target}, and nothing else. [Count them|Please count].",
        "[As|Since] I need to know how many {ending} files are here, count them and [write|put] the number, just that, into {target}.",
        "[Hey|Hi|So], how many [of the files here|files in this folder] [end in|have names that end in] {ending}? [Put|Write|Save] just the number into {target}.",
        "[Please|Kindly|Now] [count|add up] the {ending} files [here|in this folder] and [write|put|save] [only|just] the number into {target}.",
    ],
    dev=[
        "See how many {ending} files this folder has; save that number in {target}, the number alone.",
        "Number of {ending} files here: put it into {target}, only the number.",
        "For {target}, count the files of this folder that end in {ending}; the number alone should stand there.",
    ],
    gate=[
        "Please look how many files here end in {ending}; what I need in {target} is only the number.",
        "The number that you get when you count the {ending} files here should go into {target}, just that number.",
        "Write into {target} the number of {ending} files that this folder has.",
        "This folder has how many {ending} files? Only the number should be in {target}.",
    ],
)
