"""Phrasings of doing one thing to each of several files: whole messages; {act} is a clause about "them"."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

ENDING = Phrases(
    "files.each_ending",
    train=[
        "[Take|Find|Pick out|Collect] all [the |]{ending} files [here|in this folder] and {act}.",
        "[There are|We have|I see] several files [here |in this folder ]that end in {ending}. [Please|Kindly|I want you to] {act}.",
        "Which files [here|in this folder] end in {ending}? [Please|When you know, please|Once you have the list,] {act}.",
        "[List|Look at|Go through] [this folder|the files here], [find|pick out] [everything|all] that ends in {ending}, and {act}.",
        "[Every|Each] file [here |in this folder ]whose name ends in {ending} [is meant|is what this is about]: {act}[|, please].",
        "[I have no more use for the mix|This folder is a mix|Too many kinds of files in one place]. As for the {ending} files here, {act}[|, please].",
        "[Could|Can|Would] you [find|pick out] all [the |]{ending} files [here|in this folder] and {act}?",
        "The {ending} files [here|in this folder], [all of them|every one of them|however many there are]: {act}[|, please|, thanks].",
        "[This is about|I mean] the {ending} files in this folder [and no others|only]: {act}[|, please].",
        "[As|Since|Because] the {ending} files [here|in this folder] belong together, [look which they are|list them] and {act}.",
        "Leave everything else [here|in this folder] as it is, but [take|find] the {ending} files and {act}.",
        "Everything here that ends in {ending}: [find it|look for it|list it], and {act}[|, please].",
        "[Hey|So|Hi], [go through|look through] this folder for {ending} files and {act}[|, thanks|, please].",
    ],
    dev=[
        "Look which files in this folder are {ending} files, and {act}.",
        "All files here with a name in {ending}: {act}.",
        "See what ends in {ending} in this folder; {act}.",
    ],
    gate=[
        "As for every {ending} file in this folder, {act}.",
        "Please go over the files here; wherever a name ends in {ending}, take the file. When you have them all, {act}.",
        "Find whatever ends in {ending} here and {act}.",
        "This folder has some {ending} files; please look them up and {act}.",
    ],
)
BEGIN = Phrases(
    "files.each_begin",
    train=[
        "[Take|Find|Pick out|Collect] all [the |]files [here|in this folder] whose name begins with {word} and {act}.",
        "[There are|We have|I see] several files [here |in this folder ]that begin with {word}. [Please|Kindly|I want you to] {act}.",
        "Which files [here|in this folder] have a name that [begins|starts] with {word}? [Please|When you know, please|Once you have the list,] {act}.",
        "[List|Look at|Go through] [this folder|the files here], [find|pick out] [everything|all] whose name starts with {word}, and {act}.",
        "[Every|Each] file [here |in this folder ]called {word} [something|and something more] [is meant|is what this is about]: {act}[|, please].",
        "The files [here|in this folder] that start with {word} [belong together|are all of one kind|go together]; {act}[|, please].",
        "[Could|Can|Would] you [find|pick out] all files [here|in this folder] with names that start with {word}, and {act}?",
        "The {word} files [here|in this folder], that is, [all|those] whose names [begin|start] with {word}: {act}[|, please|, thanks].",
        "[This is about|I mean] the files in this folder whose names [begin|start] with {word}, [and no others|only those]: {act}[|, please].",
        "[As|Since|Because] the files that start with {word} belong together, [look which they are|list them] and {act}.",
        "Leave everything else [here|in this folder] as it is, but [take|find] the files that begin with {word} and {act}.",
        "[Look through|Search] [this folder|the current folder] for names that [begin|start] with {word}, and {act}[|, please].",
    ],
    dev=[
        "Look which files in this folder start with {word}, and {act}.",
        "All files here with {word} at the start of the name: {act}.",
        "See which names begin with {word} in this folder; {act}.",
    ],
    gate=[
        "As for every file in this folder that starts with {word}, {act}.",
        "Some names here start with {word}. Please list the folder, take those files and {act}.",
        "Find whatever begins with {word} here and {act}.",
        "This folder has some files with names that begin with {word}; please look them up and {act}.",
    ],
)
COUNT = Phrases(
    "files.each_count",
    train=[
        "[Count|Check|Look up] the {unit} of {files}. [Take those that have|As for those with] more than {n}, {act}.",
        "Which of {files} have more than {n} {unit}? [Please|When you know, please|Once you know,] {act}.",
        "[Find out|Check|See|Work out] which of {files} have more than {n} {unit} and {act}.",
        "[Of|Among] {files}, [take|pick|choose] those [that have|with] more than {n} {unit} and {act}.",
        "[Some|One or more] of {files} [may have|have] more than {n} {unit}. [Find out which|Count] and {act}.",
        "[I only care about|This is about|I mean] those of {files} that have more than {n} {unit}: {act}[|, please].",
        "[Go through|Look at] {files} one by one; [where there are|where you count] more than {n} {unit}, note the file. [Then|In the end,] {act}.",
        "[Could|Can|Would] you [check|see] which of {files} have more than {n} {unit}, and {act}?",
        "Files with more than {n} {unit} are too [long|big] [for me|here]. [Look at|Check] {files}, and where that is so, {act}.",
        "[Everything|Anything|Whatever] over {n} {unit} among {files} is meant: {act}[|, please|, thanks].",
        "[As|Since|Because] only those of {files} with more than {n} {unit} are meant, [count first|count them up first] and {act}.",
        "Leave those of {files} that have {n} {unit} or [fewer|less] as they are; [as for|with] the others, {act}.",
        "[Hey|Hi|So], [see|check|look] which of {files} have more than {n} {unit} and {act}[|, please|, thanks].",
        "[Please|Kindly|Now] [go through|look at|take] {files}: [those|the ones] with more than {n} {unit} are meant, [so|and so] {act}.",
        "[I want|I need] [the long ones among|only the longer ones of] {files}, that is, [those with|the ones with] more than {n} {unit}; {act}[|, please].",
    ],
    dev=[
        "Check {files}: where there are more than {n} {unit}, {act}.",
        "Those of {files} which have more than {n} {unit}: {act}.",
        "Count how many {unit} each of {files} has, and if it is more than {n} for some, {act}.",
    ],
    gate=[
        "More than {n} {unit} is too much. Look which of {files} have that many and {act}.",
        "Please see whether {files} have more than {n} {unit}; as for those that do, {act}.",
        "Take those out of {files} in which you count more than {n} {unit} and {act}.",
        "Some of {files} go over {n} {unit}; find them and {act}.",
    ],
)
WORD = Phrases(
    "files.each_word",
    train=[
        "[Search|Look through|Go through|Grep] {files} for the word {word}. [Take those that have it|As for those that contain it], {act}.",
        "Which of {files} [contain|mention|have] the word {word}? [Please|When you know, please|Once you know,] {act}.",
        "[Find out|Check|See|Work out] which of {files} [contain|mention] the word {word} and {act}.",
        "[Of|Among] {files}, [take|pick|choose] those that [contain|mention|have] the word {word} and {act}.",
        "[More than one|Some|A few] of {files} [contain|mention] {word}. [Find out which|Look which] and {act}.",
        "[I only care about|This is about|I mean] those of {files} that [contain|mention] the word {word}: {act}[|, please].",
        "[Could|Can|Would] you [check|see] which of {files} have the word {word} in them, and {act}?",
        "Files with the word {word} in them [should not stay as they are|need some work|are what this is about]. [Look at|Check] {files} and {act}.",
        "Leave those of {files} that do not [contain|mention] {word} as they are; [as for|with] the others, {act}.",
        "[As|Since|Because] only those of {files} with the word {word} in them are meant, [search them all|look first] and {act}.",
        "Those of {files} in which the word {word} [occurs|stands] are [meant|what this is about]: [look and|find out and] {act}.",
        "{word} is the word [to look for|that matters]: [search|check] {files}, and of those that have it, none is to be left out; {act}.",
        "[Hey|Hi|So], [see|check|look] which of {files} [mention|contain|have] the word {word} and {act}[|, please|, thanks].",
    ],
    dev=[
        "Check {files}: where the word {word} stands, {act}.",
        "Those of {files} which have {word} in the text: {act}.",
        "Do a search for {word} in each of {files}, and with those where you find it, {act}.",
    ],
    gate=[
        "Look which of {files} have {word} in a line, and {act}.",
        "Please see whether {files} contain {word}; as for those that do, {act}.",
        "Take those out of {files} in which you find {word} and {act}.",
        "The word {word} stands in some of {files}; find them and {act}.",
    ],
)
# Renaming by a pattern.
RETYPE = Phrases(
    "files.each_retype",
    train=[
        "[Rename|Change] [all|all the|every one of the] {old} files [here|in this folder] so that they end in {new}[| instead| from now on].",
        "[Change|Switch] the ending of [every|each] {old} file [here|in this folder] to {new}.",
        "The {old} files [here|in this folder] should [all |]end in {new} [instead|from now on]. [Please rename them.|Rename each of them.|Can you rename them?]",
        "[Every|Each] file [here|in this folder] that ends in {old} should end in {new}, with the rest of its name [as it is|unchanged|kept]. [Please rename them|Rename them].",
        "[Give|Please give] [all|all the] {old} files [here|in this folder] the ending {new} in place of the old one.",
        "[Could|Can|Would] you [rename|change] the {old} files [here|in this folder] into {new} files, with [otherwise the same|the same] names?",
        "[In|Within] this folder, [turn|make] every name that ends in {old} into one that ends in {new}[|, please|, thanks].",
        "[From now on we use|We now use|I prefer] {new} instead of {old}: [rename|please rename] the files [here|in this folder] that way.",
        "[As|Since|Because] the ending {old} is wrong for the files [here|in this folder], [rename|please rename] them: {new} is right.",
        "[Replace|Exchange] the ending {old} by {new} in the names of all files [here|in this folder] that have it.",
        "[List|Look at|Go through] [this folder|the files here] and [rename|change the name of] each {old} file so that it [is a|becomes a] {new} file.",
        "[Wherever|Where] a file name in this folder ends in {old}, [let it|make it] end in {new}[|, please].",
    ],
    dev=[
        "All {old} files in this folder should become {new} files; rename them.",
        "Rename whatever ends in {old} here, so that it ends in {new}.",
        "See which files here end in {old} and change that to {new} in each name.",
    ],
    gate=[
        "Take every {old} file of this folder and give it a name that ends in {new} instead.",
        "The names that end in {old} here should end in {new}; please change each of them.",
        "Please rename the files of this folder that end in {old}: the new ending is {new}.",
        "Let each {old} file here have the ending {new} from now on, the rest of the name as it is.",
    ],
)
# {prefix} is a word and an underscore.
PREFIX = Phrases(
    "files.each_prefix",
    train=[
        "[Put|Set] {prefix} in front of the name of [every|each] {ending} file [here|in this folder].",
        "[Rename|Change] [all|all the] {ending} files [here|in this folder] so that their names begin with {prefix} and then go on [as they are|as before|as they do now].",
        "[Every|Each] {ending} file [here|in this folder] should have {prefix} [before|in front of] its [present|old|current] name. [Please rename them|Rename them].",
        "[Add|Please add] {prefix} [at the beginning of|to the front of|at the start of] the names of [all|all the] {ending} files [here|in this folder].",
        "[Could|Can|Would] you put {prefix} [before|in front of] the names of the {ending} files [here|in this folder]?",
        "The names of the {ending} files [here|in this folder] should [all |]start with {prefix}, followed by the [present|old|current] name. [Rename them that way|Please see to that].",
        "[List|Look at|Go through] [this folder|the files here] and [rename|change the name of] each {ending} file by putting {prefix} [before it|in front of it].",
        "[To mark them|So that I can tell them apart], [give|please give] the {ending} files [here|in this folder] the prefix {prefix}[|, in front of their old names].",
        "[Use|Take] {prefix} as a prefix for the name of [every|each] {ending} file [here|in this folder] and rename the files.",
        "[Mark|Label] [all|all the] {ending} files [here|in this folder] by [putting|writing] {prefix} in front of their names.",
        "[Wherever|Where] a name in this folder ends in {ending}, [let it|make it] begin with {prefix}, with the old name after that[|, please].",
        "[As|Since] the {ending} files [here|in this folder] need a mark, [rename them|rename each of them] to {prefix} followed by [the old name|its old name|the name it has now].",
    ],
    dev=[
        "All {ending} files in this folder should get {prefix} in front of their old names; rename them.",
        "Rename whatever ends in {ending} here: first {prefix}, then the old name.",
        "See which files here end in {ending} and put {prefix} before each name.",
    ],
    gate=[
        "Take every {ending} file of this folder and let its name be {prefix} followed by what it was.",
        "The {ending} files here need {prefix} at the front of their names; please rename each.",
        "Please set the prefix {prefix} before the name of each {ending} file of this folder.",
        "Let the name of each {ending} file here start with {prefix} from now on, and then go on as it does now.",
    ],
)
# Cleaning up.
KEEP_ONLY = Phrases(
    "files.each_keep",
    train=[
        "[Delete|Remove|Erase] all files [here|in this folder] [except|but|apart from] {file}; [leave folders alone|folders stay|the folders are to stay].",
        "[Of|Among] the files in this folder I [only need|need only|want to keep only] {file}. [Delete|Remove] the others, [but no folder|but leave the folders].",
        "[Keep|Save] {file}, [and delete|and remove|but delete] every other file [here|in this folder]. [Folders are to stay|Leave the folders as they are].",
        "{file} is the only file [here|in this folder] that [should stay|I still need|is to be kept]: [delete|remove] all other files, [not the folders|but not the folders].",
        "[Clean|Clear] up this folder: [all|all the] files [can go|go], only {file} stays, and so do the folders.",
        "[Could|Can|Would] you [delete|remove] every file [here|in this folder] other than {file}? Leave the folders [alone|as they are].",
        "[Apart from|Except for] {file}, [no file should be left|all files should be deleted|every file should go] in this folder; [leave folders alone|folders stay].",
        "[I want|I need] this folder to have no files but {file}; [delete|remove] the rest, and [leave|keep] the folders.",
        "[Throw away|Get rid of] the files in this folder, [with the exception of|all but] {file}; [folders stay|the folders should stay].",
        "[List|Look at] this folder and [delete|remove] each file, only not {file}. [Leave the folders there|Folders stay where they are].",
        "[As|Since|Because] {file} is all I need [here|in this folder], [delete|remove|erase] the other files, but no folder.",
        "What is in {file} is [enough|all we need]. [So|Please] [delete|remove] all the other files [here|in this folder], but not the folders.",
    ],
    dev=[
        "Delete each file of this folder that is not {file}; the folders stay.",
        "Let {file} be the only file that is left here, and keep the folders.",
        "See what files there are here and remove them all, but not {file} and not the folders.",
    ],
    gate=[
        "This folder should be left with {file} and its folders; delete the other files.",
        "Please remove whatever file is here and is not {file}; do not delete folders.",
        "Only {file} and the folders may stay in this folder. Erase the other files.",
        "Take out all files but {file} by deleting them, and leave the folders as they are.",
    ],
)
EMPTY_FILES = Phrases(
    "files.each_empty_file",
    train=[
        "[Delete|Remove|Erase] [every|each] file [here|in this folder] that is empty.",
        "[Find|Look for] the empty files [here|in this folder] and [delete|remove|get rid of] them.",
        "[Are there|Do we have] files [here|in this folder] with nothing in them? [Delete|Please delete|Remove] those.",
        "[Check|Go through|Look at] the files [here|in this folder] and [delete|remove] [all|those] that [are empty|have no text|hold nothing].",
        "[Clean|Clear] up this folder: [delete|remove] the files that [are empty|have nothing in them|contain no text].",
        "[Could|Can|Would] you [delete|remove|erase] the files [here|in this folder] that have no [text|content]?",
        "Files without [any|a single] character are of no use [to me|here]. [Find|Look for] them in this folder and [delete|remove] them.",
        "[Every|Any] file in this folder that is empty should [go|be deleted|be removed]; [see which|find out which|look which] they are.",
        "[As|Since|Because] empty files only [take up room|are in the way], [find|look for] those in this folder and [delete|remove] them.",
        "[Throw away|Get rid of|Do away with] whatever file [here|in this folder] [is empty|has no text in it|has nothing in it].",
        "[Look into|Open] each file [here|in this folder] and [delete|remove] it if there is nothing in it.",
        "Count the characters of each file [here|in this folder] and [delete|remove] it if there are none.",
        "[Hey|Hi|So], [please|kindly|now] [look for|find] files [here|in this folder] that are empty and [delete|remove] them.",
    ],
    dev=[
        "See which files of this folder are empty and delete them.",
        "Let no empty file be left here.",
        "Look into the files here, and where there is no text, delete the file.",
    ],
    gate=[
        "Please take out all empty files of this folder by deleting them.",
        "Some file here may have nothing in it; check them all and delete those that are empty.",
        "Empty files should not stay in this folder; delete them.",
        "Go over the files here and remove each one that has no characters.",
    ],
)
EMPTY_FOLDERS = Phrases(
    "files.each_empty_folder",
    train=[
        "[Remove|Delete] [every|each] folder [here |in this folder ]that is empty, and [leave|keep] the others.",
        "[Find|Look for] the empty folders [here|in this folder] and [delete|remove|get rid of] them.",
        "[Are there|Do we have] folders [here |]with nothing in them? [Delete|Please delete|Remove] those, [but keep the others|and leave the rest].",
        "[Check|Go through|Try] the folders [here|in this folder] and [delete|remove] [all|those] that [are empty|hold nothing].",
        "[Clean|Clear] up this folder: [delete|remove] the folders [here |in it ]that [are empty|have nothing in them].",
        "[Could|Can|Would] you [delete|remove] the folders here that [are empty|have nothing in them], [and only those|but no others]?",
        "Folders with nothing in them are of no use [to me|here]. [Find|Look for] them in this folder and [delete|remove] them.",
        "[Every|Any] folder here that is empty should [go|be deleted|be removed]; [one that is not empty stays|the others stay].",
        "[As|Since|Because] empty folders are only in the way, [find|look for] those in this folder and [delete|remove] them.",
        "[Throw away|Get rid of|Do away with] whatever folder here [is empty|has nothing in it][|, please].",
        "[Try to remove|Try to delete] each folder [here|in this folder] [with rmdir|as an empty one]; those that are not empty [stay|will stay].",
        "[I think|It may be that|Perhaps] some folders here [are empty|hold nothing]. [Remove|Delete] those, and [keep|leave] the others.",
    ],
    dev=[
        "See which folders in here are empty and delete them.",
        "Let no empty folder be left here.",
        "Look at the folders here, and where one is empty, remove it.",
    ],
    gate=[
        "Please take out all empty folders here by removing them; keep the rest.",
        "Some folders here may be empty; check them all and remove those that are.",
        "Empty folders should not stay in here; remove them, and only them.",
        "Go over the folders here and remove each one that has nothing in it.",
    ],
)
HIDDEN = Phrases(
    "files.each_hidden",
    train=[
        "[Delete|Remove|Erase] [every|each] hidden file [here|in this folder].",
        "[Find|Look for] the hidden files [here|in this folder] and [delete|remove|get rid of] them.",
        "[Are there|Do we have] hidden files [here|in this folder]? [Delete|Please delete|Remove] them.",
        "[List|Look at|Go through] everything in this folder, hidden files too, and [delete|remove] [the hidden ones|those that are hidden].",
        "[Clean|Clear] up this folder: [delete|remove] whatever is hidden [in it|here], and [leave|keep] the rest.",
        "[Could|Can|Would] you [delete|remove|erase] the hidden files [here|in this folder][|, and only those]?",
        "Hidden files are of no use [to me|here]. [Find|Look for] them in this folder and [delete|remove] them.",
        "[Every|Any] file in this folder whose name begins with a dot should [go|be deleted|be removed]; [see which|look which] there are.",
        "[As|Since|Because] I do not want hidden files [here|in this folder], [find|look for] them and [delete|remove] them.",
        "[Throw away|Get rid of|Do away with] whatever file [here|in this folder] [is hidden|begins with a dot].",
        "[I think|I believe] something is hidden in this folder. [Find out what|See what it is|Look what it is] and [delete|remove|erase] it.",
        "[No hidden file|Nothing that is hidden] should [stay|be left] [here|in this folder]: [look what there is|list all of it|look at everything], and [delete|remove] what is hidden.",
    ],
    dev=[
        "See which files of this folder are hidden and delete them.",
        "Let no hidden file be left here.",
        "Look for names here that begin with a dot and remove those files.",
    ],
    gate=[
        "Please take out what is hidden in this folder by deleting it.",
        "This folder should have no hidden files; remove them.",
        "Hidden files should not stay here; delete them.",
        "Go over this folder with its hidden files and delete just those.",
    ],
)
# Doing the same in several places.
SAME_TEXT = Phrases(
    "files.each_same_text",
    train=[
        '[Write|Put|Save] "{text}" into each of {files}[, in place of what they say|, replacing what is there].',
        '[Make|Let] each of {files} say "{text}"[|, please|, and nothing else].',
        '{files} should all [say|read|have the text] "{text}". [Please|Kindly] [change|overwrite] them.',
        'The text of {files} [is out of date|is no longer right|has to change]: each should [say|read] "{text}" [from now on|instead].',
        '[Overwrite|Fill] {files}, each of them, with "{text}".',
        '[Could|Can|Would] you [write|put] "{text}" into {files}, [each of them|all of them], in place of their text?',
        '[Replace|Change] the [text|contents] of {files}, [in each case|every time] to "{text}".',
        '"{text}" should be the [whole text|only text] of {files}. [Please see to that|Change them all|Overwrite them].',
        '[Use|Take] "{text}" as the new [text|contents] of all of these: {files}.',
        '[One text for all|The same text for all] of {files}: "{text}"[|, please].',
        'I want to [read|find] "{text}" in {files}, and nothing else. [Write|Put] it [into each of them|there].',
        '[Hey|Hi|So], [write|put] [|the line |the words |the text ]"{text}" into {files}, [each of them|all of them], in place of [their text|what they say].',
    ],
    dev=[
        'Set the text of each of {files} to "{text}".',
        'Let "{text}" be what {files} say, all of them.',
        'Each of {files} should have "{text}" as its text now; write it.',
    ],
    gate=[
        'Give the text "{text}" to all of {files}.',
        'What {files} say should be "{text}" from now on, in each of them.',
        'Please have "{text}" stand in each of {files} in place of the old text.',
        'Write the same into {files}, one after the other: "{text}".',
    ],
)
IN_FOLDERS = Phrases(
    "files.each_folder",
    train=[
        "[Make|Create|Add] an empty file called {file} in [every|each] folder [here|of this folder][, and come back here|, then come back].",
        "[Every|Each] folder here should [have|get] an empty file [called|named] {file}. [Please see to that|Make them] and come back here.",
        "[Go through|Visit] [all the|the] folders here[, one by one,|] and [make|create|add] an empty file {file} in each; [come|then come] back here.",
        "[Could|Can|Would] you [put|make|create] an empty file called {file} in each of the folders here, and then come back [here|to this folder]?",
        "[Look|See] which folders there are here and [make|create] an empty file [called|named] {file} in each of them. Come back [here |]afterwards.",
        "[In|Inside] [every|each] folder that you find here, [make|create|touch] a file {file}; [in the end|at the end], come back here.",
        "[I want|I need] an empty {file} in [every|each] folder here. [Make them|Create them|Go and make them], then come back[| here].",
        "[List|Look at] this folder, [enter|go into] each of its folders, [make|create] an empty file {file} there, and come back.",
        "[As|Since|Because] [every|each] folder here needs a file {file}, [make|create] an empty one in each[, and come back|; come back here then].",
        "[Let|Have] [every|each] folder of this folder [have|hold] an empty file {file}; come back here when [that is done|they all have it].",
        "[Hey|Hi|So], [make|create] an empty {file} in [every one|each one] of the folders here and [come back|return] here.",
        "[However many folders|No matter how many folders] there are here, [each|every one] [should have|needs] an empty file {file}; [come back|return] here [afterwards|then].",
    ],
    dev=[
        "Put an empty file with the name {file} into each folder here, then return here.",
        "Each of the folders here needs an empty file {file}; return here when done.",
        "See what folders are here, add an empty {file} in each, and return.",
    ],
    gate=[
        "Please go into each folder that is here, add an empty file called {file}, and come back up in the end.",
        "All folders here should have a file {file} without text; make it and return to this folder.",
        "Start an empty file named {file} in every folder below this one, just one level down, and then return here.",
        "An empty {file} should be in each of the folders here. See to it, and be back here at the end.",
    ],
)
