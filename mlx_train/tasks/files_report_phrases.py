"""Phrasings of reports written from several results: whole messages."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

COUNTS = Phrases(
    "files.report_counts",
    train=[
        "[Write|Put|Save] the numbers of {unit} of {files} into {target}, one number a line, in this order.",
        "[Count|Please count] the {unit} of {files} and [write|put|save] the numbers, each on a line of its own, in that order, into {target}.",
        "[I need|I want] a report in {target}: how many {unit} {files} have, one number a line, in this order, nothing else.",
        "How many {unit} do {files} have? [Write|Put|Save] the numbers into {target}, one below the other, in this order.",
        "[Could|Can|Would] you count the {unit} of {files} and [write|put] the numbers into {target}, one on each line, in the same order?",
        "In {target} I want to [find|read] numbers only, one a line: how many {unit} there are in {files}, in this order.",
        "[Let|Make] {target} [hold|have] one line for each of {files}, in this order, with [nothing but|just] its number of {unit}.",
        "For {target}: one number a line, the number of {unit} of each of {files}, in this order.",
        "[As|Since] I have to compare {files}, [write|put] their numbers of {unit} into {target}, one number a line, in this order.",
        "[Go through|Take] {files} in this order, count the {unit} each time, and [write|save] the numbers in {target}, one a line.",
        "The numbers of {unit} of {files} should [stand|be] in {target}, one below the other, in this order and without [other words|more].",
        "[Hey|Hi|So], [count the|look up the number of|check the number of] {unit} of {files} and [write|put|save] the [plain|bare] numbers into {target}, one [a line|on each line], in this order.",
        "[Please|Kindly|Now] [write|put|save] how many {unit} {files} have into {target}: [only|just] the numbers, one [a line|on each line], in this order.",
    ],
    dev=[
        "Report into {target} how many {unit} each of {files} has: just a number on each line, in this order.",
        "One line for each of {files} in {target}, in that order, and on it the number of its {unit}.",
        "Numbers of {unit}, one a line, of {files} in this order: save them in {target}.",
    ],
    gate=[
        "Please count the {unit} in each of {files}; {target} should have the numbers alone, one on a line, in this order.",
        "Fill {target} with a line for each of {files} in the order given, which has the number of {unit} and no more.",
        "Here is what I need in {target}: the numbers of {unit} of {files}, in this order, each number on its own line.",
        "Go from file to file, {files}, and note in {target} how many {unit} each has, just the number, a line for each.",
    ],
)
LASTS = Phrases(
    "files.report_lasts",
    train=[
        "[Write|Put|Save] the last line of each of {files} into {target}, one below the other, in this order.",
        "[Take|Read] the last lines of {files} and [write|put|save] them into {target}, in the same order.",
        "[I need|I want] a report in {target}: the last lines of {files}, one after the other, in this order.",
        "How do {files} end? [Write|Put|Save] their last lines into {target}, one below the other, in this order.",
        "[Could|Can|Would] you [collect|gather] the last lines of {files} in {target}, in the same order?",
        "In {target} I want to [find|read] the last line of each of {files}, in this order, and nothing else.",
        "[Let|Make] {target} [hold|have] one line for each of {files}, in this order: its last one.",
        "For {target}: the final line of each of {files}, in this order, one below the other.",
        "[As|Since] only the ends of {files} matter, [write|put] the last line of each into {target}, in this order.",
        "[Go through|Take] {files} in this order, read the last line each time, and [write|save] these lines in {target}.",
        "The last lines of {files} should [stand|be] in {target}, one below the other, in this order.",
        "[Hey|Hi|So], [collect|gather|copy|take] the last line of each of {files} and [write|put|save] [these|those] lines, in this order, into {target}.",
        "[Please|Kindly|Now] [read|look up|get] how {files} end, and [write|put|save] the last lines, one below the other, in this order, into {target}.",
        "Each of {files} [has|ends with] a last line; [write|put|save|copy] these lines, [in this order|in the same order], into {target}.",
    ],
    dev=[
        "Report into {target} what each of {files} says on its last line, in this order, a line for each.",
        "One line for each of {files} in {target}, in that order: the one that the file ends with.",
        "See how each of {files} ends, and save those lines, in this order, in {target}.",
    ],
    gate=[
        "Please read the last line of each of {files}; {target} should have those lines in this order.",
        "Fill {target} with the lines that {files} end with, in the order given.",
        "Here is what I need in {target}: the last lines of {files}, in this order, each on a line of its own.",
        "Go from file to file, {files}, and note in {target} the last line of each, one below the other.",
    ],
)
BOTH = Phrases(
    "files.report_both",
    train=[
        "[Write|Put|Save] two numbers into {target}: on the first line how many lines {file} has, on the second how many words.",
        "[Count|Please count] first the lines and then the words of {file}, and [write|put|save] the two numbers into {target}, each on a line of its own.",
        "[I need|I want] a report on {file} in {target}: its number of lines, and on the next line its number of words, [just the numbers|numbers only].",
        "How many lines and how many words does {file} have? [Write|Put|Save] both numbers into {target}, lines first, one number a line.",
        "[Could|Can|Would] you [write|put] the number of lines of {file} and, on a second line, the number of its words into {target}? Only the numbers.",
        "In {target} I want to [find|read] two lines with one number each: the line count of {file}, then its word count.",
        "[Let|Make] {target} [hold|have] the line count of {file} and below it the word count, [as numbers only|just the two numbers].",
        "For {target}: first line, the number of lines of {file}; second line, the number of its words. [Nothing else|Just the numbers].",
        "[As|Since] I have to know how long {file} is, [write|put] its numbers of lines and of words, in this order, one a line, into {target}.",
        "The number of lines of {file} should be the first line of {target}, [and|while] its number of words should be the second.",
        "[Hey|Hi|So], [write|put|save] the line count of {file} and, [on the next line|below it|below that], its word count into {target}, [only|just] the numbers.",
        "[Please|Kindly|Now] [count|check] lines and words of {file}; [write|put|save] the number of lines and, [below it|on the next line], that of words into {target}, [only|just] the numbers.",
    ],
    dev=[
        "Report into {target} how many lines {file} has and, below that, how many words: two numbers, nothing more.",
        "Two numbers, one a line, for {target}: lines of {file}, then words of {file}.",
        "See how many lines and words {file} has; save the first number and below it the second in {target}.",
    ],
    gate=[
        "Please count both the lines and the words of {file}; {target} should have the first number on one line and the second on the next.",
        "Fill {target} with two lines, the number of lines that {file} has and then the number of its words.",
        "Here is what I need in {target}: the line count of {file} and, on the line below, the word count, as numbers.",
        "Note in {target} two things about {file}, each as a number on its own line: how many lines, then how many words.",
    ],
)
NAMES = Phrases(
    "files.report_names",
    train=[
        "[Write|Put|Save] the names of all {ending} files [here|in this folder] into {target}, one a line, in alphabetical order.",
        "[List|Please list] the {ending} files [here|in this folder] in {target}: one name a line, in alphabetical order.",
        "[I need|I want] a list of the {ending} files [here|in this folder] in {target}, one name a line, sorted alphabetically.",
        "Which files [here|in this folder] end in {ending}? [Write|Put|Save] their names into {target}, one a line, from a to z.",
        "[Could|Can|Would] you [write|put] the names of the {ending} files [here|in this folder] into {target}, one on each line, in alphabetical order?",
        "In {target} I want to [find|read] the names of the {ending} files [here|in this folder], one a line, in alphabetical order, and nothing else.",
        "[Let|Make] {target} [hold|have] one line for each {ending} file [here|in this folder], with its name, in alphabetical order.",
        "For {target}: the names of the files [here|in this folder] that end in {ending}, sorted from a to z, one a line.",
        "[Look at|Go through] this folder, pick out the names that end in {ending}, and [write|save] them in {target}, sorted, one a line.",
        "[As|Since] I need a list of the {ending} files [here|in this folder], [write|put] their names into {target}, one a line, in alphabetical order.",
        "[Hey|Hi|So], [look|see] which files [here|in this folder] end in {ending} and [write|put|save] their names into {target}, one [a line|on each line], in alphabetical order.",
        "[Please|Kindly|Now] [collect|gather|list] the names of the {ending} files [here|in this folder] in {target}, one [a line|on each line], sorted [alphabetically|from a to z].",
    ],
    dev=[
        "Report into {target} what the {ending} files of this folder are called: one name a line, from a to z.",
        "One line for each {ending} file here, in {target}, with the name, in alphabetical order.",
        "See which files here end in {ending} and save their names, sorted, in {target}, one below the other.",
    ],
    gate=[
        "Please list this folder, because {target} should have the names that end in {ending}, one on a line, in alphabetical order.",
        "Fill {target} with the names of the {ending} files that are here, sorted from a to z, a line for each.",
        "Here is what I need in {target}: the names of the {ending} files of this folder, each on its own line, in alphabetical order.",
        "Note in {target} the name of each {ending} file that this folder has, in alphabetical order, one below the other.",
    ],
)
PLACE = Phrases(
    "files.report_place",
    train=[
        "[Write|Put|Save] the path of this folder into {target} and, on a second line, its disk usage as du [gives|shows] it.",
        "[Find out|Check] where we are and how much space this folder takes, and [write|put|save] path and disk usage, as the tools give them, on two lines into {target}.",
        "[I need|I want] a report on this folder in {target}: the path on the first line, the disk usage [as shown by du|as du shows it] on the second.",
        "Where are we, and how much space does this folder take? [Write|Put|Save] both into {target}: the path, and on the next line the size as du [gives|shows] it.",
        "[Could|Can|Would] you [write|put] the current path and, below it, the disk usage of this folder, [just as du shows it|as given by du], into {target}?",
        "In {target} I want to [find|read] two lines: the path of the current folder and the disk usage [as du gives it|that du shows].",
        "[Let|Make] {target} [hold|have] the path of this folder and below it its disk usage, [as du shows it|as given by du].",
        "For {target}: first line, the path of this folder; second line, its disk usage[ just as| as] du [gives|shows] it.",
        "The first line of {target} should be the path of this folder, the second its disk usage as du [shows|gives] it.",
        "[Hey|Hi|So], [write|put|save] two lines into {target}: [the path of this folder|the current path|the path that we are at], and [then|below it|after that] the disk usage as du [gives|shows] it.",
        "[Please|Kindly|Now] [look up|find out|check] path and disk usage of this folder and [write|put|save] the path, and below it the usage as du [gives|shows] it, into {target}.",
        "[As|Since] I have to report on this folder, [write|put|save] its path and, [on the next line|below that], its disk usage as du [gives|shows] it into {target}.",
    ],
    dev=[
        "Report into {target} the path that we are at and, below that, what du says about this folder.",
        "Two lines for {target}: the path of the current folder, then its size as shown by du.",
        "See where we are and what du gives for this folder; save the first and below it the second in {target}.",
    ],
    gate=[
        "Please note in {target} the path of the current folder and, on the line below, what du shows for it.",
        "Fill {target} with two lines, this folder's path and then its disk usage in the form that du gives.",
        "Here is what I need in {target}: where we are, as a path, and below that the size of this folder as du shows it.",
        "Two things about this folder should stand in {target}: the path, then, on its own line, the disk usage just as du gives it.",
    ],
)
FOLDERS = Phrases(
    "files.report_folders",
    train=[
        "[Write|Put|Save] the disk usage of the folders {a} and {b}, as du [gives|shows] it, into {target}: one line for each, in this order.",
        "How much space do the folders {a} and {b} take? [Write|Put|Save] what du [says|shows] in each into {target}, one line each, {a} first.",
        "[I need|I want] a report in {target}: the sizes of the folders {a} and {b} as du [gives|shows] them, one a line, in this order.",
        "[Go|Look] into the folders {a} and {b}, [check|find out] the disk usage with du, and [write|save] the two results in {target}, one a line, {a} first.",
        "[Could|Can|Would] you [write|put] the size of the folder {a} and, on a second line, that of the folder {b}, as du shows them, into {target}?",
        "In {target} I want to [find|read] two lines: the disk usage of the folder {a} and that of the folder {b}, as du [gives|shows] them.",
        "[Let|Make] {target} [hold|have] the disk usage of the folder {a} and below it that of the folder {b}, [as du shows it|as given by du].",
        "For {target}: first line, what du [gives|shows] for the folder {a}; second line, what it [gives|shows] for the folder {b}.",
        "[As|Since] I have to compare the folders {a} and {b}, [write|put] their disk usage as du shows it into {target}, in this order, one line each.",
        "[Hey|Hi|So], [look up|check|find out] with du how big the folders {a} and {b} are, and [write|put|save] what it [gives|shows] into {target}, one line for each, {a} first.",
        "[Please|Kindly|Now] [write|put|save|note] what du [gives|shows] for the folder {a}, and [below it|on the next line] what it [gives|shows] for the folder {b}, into {target}.",
        "[Two lines|A report of two lines] should [stand|be] in {target}: the disk usage of the folder {a}[| first], then that of the folder {b}, as du [gives|shows] them.",
    ],
    dev=[
        "Report into {target} what du says in the folder {a} and, below that, what it says in the folder {b}.",
        "Two lines for {target}: the size of the folder {a}, then that of the folder {b}, both as shown by du.",
        "See what du gives for the folders {a} and {b}; save the first and below it the second in {target}.",
    ],
    gate=[
        "Please note in {target} what du shows in the folder {a} and, on the line below, what it shows in the folder {b}.",
        "Fill {target} with two lines, the disk usage of the folder {a} and then that of the folder {b}, in the form that du gives.",
        "Here is what I need in {target}: how much space the folder {a} takes and below that the folder {b}, each as du shows it.",
        "Go from the folder {a} to the folder {b}, and note the disk usage that du gives in each, on two lines of {target}.",
    ],
)
