"""Phrasings of requests that are about two folders at once: whole messages; {x} and {y} are clauses about a folder."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

TWO_PLACES = Phrases(
    "files.tour_two",
    train=[
        "In the folder {a}, {x}. In the folder {b}, {y}. [Come back here afterwards|Then come back here|Come back to this folder in the end].",
        "[Go|Look] into the folder {a} and {x}, then do [this|the following] in the folder {b}: {y}. [Come back here|Return here] [at the end|when done].",
        "[Two folders need some work|There is work in two folders]. {a}: {x}. {b}: {y}. [Come back here|Return here] [afterwards|then].",
        "[Could|Can|Would] you go to the folder {a} and {x}, and then go over to the folder {b} and {y}? [Come back here|Return here] [afterwards|in the end].",
        "[For|As for] the folder {a}: {x}. [For|As for] the folder {b}: {y}. [When both are done, come back here|Come back here when both are done].",
        "[Here are|I have] two jobs in two folders: in {a}, {x}; in {b}, {y}. [Then come back here|Come back here after that].",
        "Before you come back here, [enter|go into] the folder {a} and {x}, and [enter|go into] the folder {b} and {y}.",
        "[One thing|First, one thing] in the folder {a}: {x}. [One thing|Then, one thing] in the folder {b}: {y}. [Be back here|Return here] [afterwards|at the end].",
        "[As|Since] both folders [need work|need something done], {x} in the folder {a}, and in the folder {b}, {y}. Then [come back|return] here.",
        "The folders {a} and {b} [come next|are next]. In the first, {x}; in the second, {y}. [Come back here|Return here] after that.",
        "[Hey|Hi|So], [two things|two jobs]: in the folder {a}, {x}; and in the folder {b}, {y}. [Come back|Return] here [afterwards|then|in the end].",
        "[Please|Kindly|Now] go to the folder {a}, where you should {x}, and [then|after that] to the folder {b}, where you should {y}. [Come back|Return] here [afterwards|then|in the end].",
    ],
    dev=[
        "Visit the folders {a} and {b}: in the first one, {x}, in the second one, {y}. Return here in the end.",
        "In {a}, a folder here, {x}; in {b}, another one, {y}; then return to this folder.",
        "There are two folders to visit. In {a}, {x}. In {b}, {y}. After that, come back to this folder.",
    ],
    gate=[
        "Please go from the folder {a} to the folder {b}, and in {a}, {x}, while in {b}, {y}; return here after both.",
        "Inside the folder {a}, {x}; inside the folder {b}, {y}. Your way ends here, in this folder.",
        "First comes the folder {a}: {x}. Next comes the folder {b}: {y}. In the end, be here again.",
        "Take the folder {a} first and {x}; take the folder {b} next and {y}; come back up here when you are done.",
    ],
)
SAME_FILE = Phrases(
    "files.tour_same_file",
    train=[
        "[Make|Create] an empty file called {file} in the folder {a} and [another|one more] of the same name in the folder {b}. Then [come back|return] here.",
        "[Both|Each of] the folders {a} and {b} should have an empty file {file}. [Make them|Create them] and [come back|return] here.",
        "[I need|I want] an empty {file} in the folder {a} and in the folder {b} as well. [Make both|Create both], then [come back|return] here.",
        "[Could|Can|Would] you [make|create] an empty file {file} in each of the folders {a} and {b}, and [come back|return] here [then|afterwards]?",
        "[Go|Look] into the folders {a} and {b}, [make|create|touch] an empty file {file} in each, and [come back|return] here.",
        "[As|Since] both the folder {a} and the folder {b} need a file {file}, [make|create] an empty one in each and [come back|return] here.",
        "[In|Inside] the folder {a} and [also |]in the folder {b}, [make|create] an empty file {file}; [come back|return] here in the end.",
        "An empty file {file} is [missing|needed] in two folders, {a} and {b}. [Make it|Create it] in both and [come back|return] here.",
        "[Let|Have] the folders {a} and {b} each [have|hold] an empty file {file}. [Come back|Return] here when that is done.",
        "[Hey|Hi|So], [make|create] an empty {file} [both in|in] the folder {a} and in the folder {b}, [then|and then] [come back|return] here.",
        "[Please|Kindly|Now] [make|create|touch] an empty file {file} in the folder {a} and do so in the folder {b}[| as well]; [come back|return] here then.",
        "[One|An] empty file {file} should be in the folder {a} and one in the folder {b}: [make|create] both and [come back|return] here.",
    ],
    dev=[
        "Add an empty {file} to the folder {a}, one to the folder {b}, and be back here in the end.",
        "Two empty files of one name, {file}: one in the folder {a}, one in {b}. Return here when done.",
        "Visit the folders {a} and {b}, add an empty file {file} to both of them, and return here.",
    ],
    gate=[
        "The folders {a} and {b} have no {file} yet. Please add one without text to each and come back up here.",
        "Start an empty file with the name {file} in {a}, the folder, and do so in the folder {b}, too; return here after both.",
        "Please set up an empty {file} in two folders, in the folder {a} and in the folder {b}, and be here again in the end.",
        "Whether in the folder {a} or in the folder {b}, there should be an empty file {file}: add both, and return here.",
    ],
)
