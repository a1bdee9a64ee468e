"""Phrasings of the trained file-operation families.

Patterns are imperative clauses that begin with a lower-case verb, so that they can be joined into one message; those of
the last section are whole messages. Roles are said in words ("a new file called", "into the folder"), because a
reader that guesses them would be graded on luck. Every word of a dev or gate pattern stands in some train pattern.
"""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

# Places. A relative place lies below the current folder; an absolute one says that it starts at the root.

PLACE1 = Phrases(
    "files.place1",
    train=[
        "the folder {a}",
        "the {a} folder",
        "{a}",
        "the directory {a}",
        "the folder named {a}",
        "the subfolder {a}",
        "the {a} subfolder",
        "{a} below this folder",
    ],
    dev=["the directory named {a}", "the subfolder named {a}"],
    gate=["the folder called {a}", "the {a} directory", "the subfolder called {a}", "the directory called {a}"],
)
PLACE2 = Phrases(
    "files.place2",
    train=[
        "{a}/{b}",
        "the folder {b} in {a}",
        "the folder {b} inside the folder {a}",
        "the {b} folder in {a}",
        "the subfolder {b} of {a}",
        "the folder {a}/{b}",
        "the directory {a}/{b}",
        "{b} below {a}",
    ],
    dev=["the directory {b} in {a}", "the subfolder {a}/{b}"],
    gate=["the directory {b} inside {a}", "the {b} subfolder of {a}", "the folder {b} below {a}", "the path {a}/{b}"],
)
PLACE3 = Phrases(
    "files.place3",
    train=[
        "{a}/{b}/{c}",
        "the folder {a}/{b}/{c}",
        "the folder {c} in {a}/{b}",
        "the {c} folder inside {a}/{b}",
        "the subfolder {c} of {a}/{b}",
        "the directory {a}/{b}/{c}",
        "{c} below {a}/{b}",
        "the folder at the path {a}/{b}/{c}",
    ],
    dev=["the directory {c} in {a}/{b}", "the subfolder {a}/{b}/{c}"],
    gate=[
        "the directory {c} inside {a}/{b}",
        "the folder {c} below {a}/{b}",
        "the {c} subfolder of {a}/{b}",
        "the path {a}/{b}/{c}",
    ],
)
ROOT0 = Phrases(
    "files.root0",
    train=[
        "the root folder",
        "the root",
        "the root directory",
        "the top folder",
        "the top level",
        "the very top folder",
        "the main folder at the top",
        "the first folder, the root",
    ],
    dev=["the folder at the root", "the very top level"],
    gate=["the top directory", "the main root folder", "the folder at the very top", "the main folder, the root"],
)
ROOT1 = Phrases(
    "files.root1",
    train=[
        "the folder {a} in the root folder",
        "{a} in the root",
        "the {a} folder under the root",
        "the root's folder {a}",
        "the folder {a} at the top level",
        "{a} in the top folder",
        "{a} under the root folder",
        "the directory {a} in the root",
    ],
    dev=["the {a} folder in the root", "the subfolder {a} of the root"],
    gate=[
        "the directory {a} under the root",
        "the {a} directory at the top level",
        "the root's subfolder {a}",
        "the folder {a} in the top directory",
    ],
)
ROOT2 = Phrases(
    "files.root2",
    train=[
        "{a}/{b} in the root folder",
        "{a}/{b} from the root",
        "the folder {a}/{b} in the root",
        "{a}/{b} under the root",
        "the folder {b} in the root's folder {a}",
        "{a}/{b} at the top level",
        "the directory {a}/{b} under the root folder",
        "{a}/{b}, starting at the root",
    ],
    dev=["the folder {a}/{b} from the root", "the subfolder {a}/{b} of the root"],
    gate=[
        "the directory {a}/{b} in the root",
        "the path {a}/{b} from the root",
        "{a}/{b}, counted from the root folder",
        "the folder {a}/{b}, starting at the top",
    ],
)
ROOT3 = Phrases(
    "files.root3",
    train=[
        "{a}/{b}/{c} in the root folder",
        "{a}/{b}/{c} from the root",
        "the folder {a}/{b}/{c} in the root",
        "{a}/{b}/{c} under the root",
        "{a}/{b}/{c} at the top level",
        "the directory {a}/{b}/{c} under the root folder",
        "{a}/{b}/{c}, starting at the root",
        "{a}/{b}/{c}, counted from the root",
    ],
    dev=["the folder {a}/{b}/{c} from the root", "the subfolder {a}/{b}/{c} of the root"],
    gate=[
        "the directory {a}/{b}/{c} in the root",
        "the path {a}/{b}/{c} from the root",
        "{a}/{b}/{c}, counted from the root folder",
        "the folder {a}/{b}/{c}, starting at the top",
    ],
)
GO = Phrases(
    "files.go",
    train=[
        "go to {place}",
        "change to {place}",
        "switch to {place}",
        "enter {place}",
        "step into {place}",
        "open {place}",
        "take me to {place}",
        "make {place} the current folder",
        "head to {place}",
        "start working in {place}",
        "go into {place}",
    ],
    dev=["get into {place}", "take us to {place}"],
    gate=["head into {place}", "switch over to {place}", "bring me to {place}", "change into {place}"],
)
IN = Phrases(
    "files.in",
    train=[
        "go to {place} and {a}",
        "open {place} and {a}",
        "switch to {place} and {a}",
        "enter {place} and {a}",
        "change to {place} and there {a}",
        "go into {place} and {a}",
        "step into {place} and {a}",
        "head over to {place} and {a}",
        "get to {place} and {a}",
        "bring us to {place} and {a}",
    ],
    dev=["change into {place} and {a}", "go over to {place} and {a}"],
    gate=[
        "head into {place} and {a}",
        "get into {place} and there {a}",
        "switch over to {place} and {a}",
        "enter {place} and there {a}",
    ],
)
UP = Phrases(
    "files.up",
    train=[
        "go up one level",
        "go back to the parent folder",
        "go one folder up",
        "step up one folder",
        "move up one level",
        "return to the parent folder",
        "leave this folder and go up one level",
        "change to the parent directory",
    ],
    dev=["step back to the parent folder", "move up to the parent folder"],
    gate=[
        "return one level up",
        "leave this folder for its parent",
        "switch to the parent folder",
        "go up by one folder",
    ],
)

# Looking.

LIST = Phrases(
    "files.list",
    train=[
        "list the files here",
        "show me what is in this folder",
        "tell me which files are in this folder",
        "list this folder",
        "list everything in the current folder",
        "show the contents of this folder",
        "give me the names of all files here",
        "tell me what this folder contains",
        "look around and tell me what is here",
    ],
    dev=["show me the files of this folder", "tell me what there is in here"],
    gate=[
        "give me a list of what is here",
        "show everything in this folder",
        "tell me the names of the files here",
        "list the contents of the current folder",
    ],
)
LIST_ALL = Phrases(
    "files.list_all",
    train=[
        "list everything here, also the hidden files",
        "show all files of this folder, hidden ones too",
        "list this folder with its hidden files",
        "tell me what is here, hidden files included",
        "show me everything in this folder including hidden files",
        "give me all names here and do not leave out hidden files",
        "list all files, even the hidden ones",
        "show the whole contents of this folder, also what is hidden",
    ],
    dev=["list the whole folder with hidden files", "show everything here, also hidden files"],
    gate=[
        "list all names in this folder, even hidden ones",
        "tell me everything in this folder, hidden files included",
        "show the hidden files here with all others",
        "give me the whole list here with hidden files too",
    ],
)
WHERE = Phrases(
    "files.where",
    train=[
        "tell me which folder I am in",
        "show me the current path",
        "tell me where we are now",
        "print the current directory",
        "give me the path of this folder",
        "say in which folder we are",
        "tell me the current working directory",
        "let me know where I am",
        "show the whole path of the current folder",
    ],
    dev=["tell me the path of the folder I am in", "say where we are now"],
    gate=[
        "give me the current path",
        "let me know the path of this folder",
        "show me which folder we are in",
        "tell me the working directory",
    ],
)
READ = Phrases(
    "files.read",
    train=[
        "read {file} and tell me what it says",
        "show me {file}",
        "show the contents of {file}",
        "tell me what {file} says",
        "print the file {file}",
        "open the file {file} and tell me what it says",
        "read out the file {file}",
        "give me the text of {file}",
        "tell me what is written in {file}",
        "display {file}",
    ],
    dev=["display the text of {file}", "tell me the contents of {file}", "read the file {file}"],
    gate=[
        "show me the text of {file}",
        "read out what {file} says",
        "let me see what is in the file {file}",
        "print the contents of {file}",
    ],
)
LAST = Phrases(
    "files.last",
    train=[
        "show me the last line of {file}",
        "tell me how {file} ends",
        "give me the final line of {file}",
        "tell me the last line in {file}",
        "read only the last line of {file}",
        "print the last line of the file {file}",
        "let me see the line at the end of {file}",
        "look up the last line of {file}",
    ],
    dev=["read out the final line of {file}", "show how the file {file} ends"],
    gate=[
        "print the final line of {file}",
        "let me know the last line of {file}",
        "tell me which line {file} ends with",
        "display the last line of {file}",
    ],
)
LAST_TWO = Phrases(
    "files.last_two",
    train=[
        "show me the last {n} lines of {file}",
        "give me the final {n} lines of {file}",
        "print the last {n} lines of {file}",
        "read the last {n} lines of {file}",
        "tell me what the last {n} lines of {file} say",
        "let me see the {n} lines at the end of {file}",
        "display the last {n} lines of the file {file}",
        "show the final {n} lines in {file}",
    ],
    dev=["read out the final {n} lines of {file}", "give me the {n} last lines of {file}"],
    gate=[
        "print the final {n} lines of {file}",
        "tell me the last {n} lines of {file}",
        "display the {n} lines at the end of {file}",
        "let me see the last {n} lines in {file}",
    ],
)
LINES = Phrases(
    "files.lines",
    train=[
        "count the lines of {file}",
        "tell me how many lines {file} has",
        "give me the number of lines in {file}",
        "say how many lines there are in {file}",
        "find out how many lines {file} has",
        "work out the line count of {file}",
        "check how many lines the file {file} has",
        "let me know the number of lines of {file}",
        "count how many lines are in {file}",
    ],
    dev=["give me the line count of {file}", "check the number of lines in {file}"],
    gate=[
        "tell me the number of lines in {file}",
        "count all lines in the file {file}",
        "let me know how many lines {file} has",
        "say what the line count of {file} is",
    ],
)
WORDS = Phrases(
    "files.words",
    train=[
        "count the words of {file}",
        "tell me how many words {file} has",
        "give me the number of words in {file}",
        "say how many words there are in {file}",
        "find out how many words {file} has",
        "work out the word count of {file}",
        "check how many words the file {file} has",
        "let me know the number of words of {file}",
    ],
    dev=["give me the word count of {file}", "check the number of words in {file}"],
    gate=[
        "tell me the number of words in {file}",
        "count all words in the file {file}",
        "let me know how many words {file} has",
        "say what the word count of {file} is",
    ],
)
CHARACTERS = Phrases(
    "files.characters",
    train=[
        "count the characters of {file}",
        "tell me how many characters {file} has",
        "give me the number of characters in {file}",
        "say how many characters there are in {file}",
        "find out how many characters {file} has",
        "work out the character count of {file}",
        "check how many characters the file {file} has",
        "let me know the number of characters of {file}",
    ],
    dev=["give me the character count of {file}", "check the number of characters in {file}"],
    gate=[
        "tell me the number of characters in {file}",
        "count all characters in the file {file}",
        "let me know how many characters {file} has",
        "say what the character count of {file} is",
    ],
)
SORTED = Phrases(
    "files.sorted",
    train=[
        "show me the lines of {file} in sorted order",
        "print {file} sorted",
        "give me {file} with its lines sorted",
        "read me the lines of {file} in order from a to z",
        "show {file} sorted by line",
        "display the sorted lines of {file}",
        "sort the lines of {file} for me to see, without saving",
        "tell me the lines of {file} in alphabetical order",
    ],
    dev=["display {file} in sorted order", "show me {file} sorted from a to z"],
    gate=[
        "give me the lines of {file} in alphabetical order",
        "print the lines of {file} sorted",
        "read {file} to me in sorted order",
        "let me see the sorted lines of {file}",
    ],
)
FIRST_SORTED = Phrases(
    "files.first_sorted",
    train=[
        "tell me which line comes first when {file} is sorted",
        "sort {file} and tell me the first line",
        "give me the first line of {file} in alphabetical order",
        "find out which line of {file} is first when sorted",
        "show me the line of {file} that comes first from a to z",
        "sort the lines of {file} and show only the first one",
        "say which line is first in the sorted {file}",
        "look up the first line of {file} after sorting it",
    ],
    dev=["sort {file} and show me the first line", "tell me the line of {file} that is first in sorted order"],
    gate=[
        "show me which line is first when {file} is sorted",
        "give me the line of {file} that comes first in alphabetical order",
        "sort {file} and say which line comes first",
        "find the first line of {file} in sorted order",
    ],
)
GREP = Phrases(
    "files.grep",
    train=[
        "show me the lines of {file} that contain {word}",
        "find the lines with {word} in {file}",
        "search {file} for {word}",
        "tell me which lines of {file} have the word {word}",
        "look for the word {word} in {file}",
        "give me every line in {file} that has {word} in it",
        "print the lines of {file} with the word {word}",
        "check {file} for lines that contain the word {word}",
    ],
    dev=["search the file {file} for the word {word}", "show every line of {file} with {word}"],
    gate=[
        "look for lines with {word} in the file {file}",
        "tell me every line of {file} that contains {word}",
        "give me the lines in {file} that have the word {word}",
        "find {word} in {file} and show me the lines",
    ],
)
COMPARE = Phrases(
    "files.compare",
    train=[
        "compare {file} with {other} and say same or different",
        "tell me if {file} and {other} are the same or different",
        "check whether {file} and {other} are the same or different",
        "find out if {file} is the same as {other} or different",
        "look at {file} and {other} and tell me same or different",
        "say whether {file} and {other} are different or the same",
        "compare the files {file} and {other} and tell me if they are the same or different",
        "let me know if the text of {file} and {other} is the same or different",
    ],
    dev=["check {file} against {other} and say same or different", "compare {file} and {other}: same or different"],
    gate=[
        "find out whether {file} and {other} are different or the same",
        "let me know whether {file} is different from {other} or the same",
        "compare {file} to {other} and tell me whether they are the same or different",
        "say if the files {file} and {other} are the same or different",
    ],
)
SIZE = Phrases(
    "files.size",
    train=[
        "tell me the disk usage of this folder",
        "check how much space this folder takes",
        "give me the size of the current folder",
        "find out how many bytes this folder uses",
        "show me the disk usage here",
        "say how big this folder is in bytes",
        "work out the size of this folder",
        "let me know how much disk space is used here",
    ],
    dev=["show the size of this folder in bytes", "check the disk usage of this folder"],
    gate=[
        "tell me how much disk space this folder uses",
        "give me the disk usage of the current folder",
        "find out how big this folder is",
        "let me know the size of this folder in bytes",
    ],
)
SIZE_HUMAN = Phrases(
    "files.size_human",
    train=[
        "tell me the disk usage of this folder in human readable form",
        "show how big this folder is, in a form easy to read",
        "give me the size of this folder in human readable units",
        "check the disk usage here and make it human readable",
        "find out the human readable size of the current folder",
        "say in human readable form how much space is used here",
        "show me the disk usage of this folder in easy units",
        "let me know the size of this folder, human readable please",
    ],
    dev=["show the human readable disk usage here", "give me the disk usage in human readable units"],
    gate=[
        "tell me the human readable size of this folder",
        "check how big this folder is in human readable form",
        "let me know the human readable disk usage of the current folder",
        "find out how much space this folder takes, in human readable units",
    ],
)
PRINT = Phrases(
    "files.print",
    train=[
        'print "{text}" in the terminal',
        'echo "{text}" in the terminal without writing a file',
        'show "{text}" in the terminal',
        'display the text "{text}" in the terminal only',
        'echo the words "{text}" to the terminal',
        'print the message "{text}" to the terminal',
        'let the terminal say "{text}"',
        'put "{text}" out in the terminal, not in a file',
    ],
    dev=['print the text "{text}" in the terminal', 'let the terminal show "{text}"'],
    gate=[
        'display "{text}" in the terminal',
        'echo the message "{text}" in the terminal',
        'show the words "{text}" in the terminal, without a file',
        'print the words "{text}" to the terminal only',
    ],
)
LOCATE = Phrases(
    "files.locate",
    train=[
        "find out where {file} is",
        "tell me in which folder {file} lies",
        "look for {file} and tell me where it is",
        "find {file} for me",
        "search for {file} in all folders",
        "tell me the path of {file}",
        "find the file {file} and give me its path",
        "say where {file} is kept",
    ],
    dev=["search for {file} and tell me its path", "find out in which folder {file} is"],
    gate=[
        "look for the file {file} and give me the path",
        "tell me where {file} lies",
        "find the path of {file}",
        "search all folders for {file} and say where it is",
    ],
)
LOCATE_ALL = Phrases(
    "files.locate_all",
    train=[
        "find everything with {word} in its name",
        "search for all files with {word} in the name",
        "tell me which files have {word} in their name",
        "list the path of everything whose name contains {word}",
        "look in all folders for names that contain {word}",
        "give me the paths of all files whose name has {word} in it",
        "find all files called something with {word}",
        "show me every file with {word} in its name",
    ],
    dev=["search for everything whose name contains {word}", "find every file with {word} in the name"],
    gate=[
        "look for all files whose name contains {word}",
        "tell me the paths of everything with {word} in its name",
        "find all names that contain {word}",
        "search all folders for files with {word} in the name",
    ],
)

LOCATE_UNDER = Phrases(
    "files.locate_under",
    train=[
        "search the folder {folder} for names that contain {word}",
        "find everything below the folder {folder} with {word} in its name",
        "look inside the folder {folder} for files with {word} in the name",
        "tell me what in the folder {folder} has {word} in its name",
        "list what is called something with {word} in the folder {folder}",
        "search below {folder} for all names with {word} in them",
        "find the files in the {folder} folder whose name contains {word}",
        "show me every name with {word} in the folder {folder}",
    ],
    dev=[
        "look below the folder {folder} for names with {word} in them",
        "find every name that contains {word} in the {folder} folder",
    ],
    gate=[
        "search inside the folder {folder} for everything with {word} in its name",
        "tell me which names in the folder {folder} contain {word}",
        "look below {folder} for files whose name has {word} in it",
        "list every file in the {folder} folder with {word} in the name",
    ],
)

# Making and placing.

TOUCH = Phrases(
    "files.touch",
    train=[
        "create an empty file called {file}",
        "make a new file named {file}",
        "create the file {file}",
        "add an empty file {file} here",
        "start a new file called {file}",
        "make an empty file with the name {file}",
        "set up a file called {file}",
        "create a new file {file} without any text",
        "add a new file named {file}",
    ],
    dev=["make the file {file} here", "start an empty file named {file}"],
    gate=[
        "create a new empty file named {file}",
        "add a file called {file} to this folder",
        "make a file with the name {file}",
        "set up an empty file {file}",
    ],
)
MKDIR = Phrases(
    "files.mkdir",
    train=[
        "create a folder called {folder}",
        "make a new folder named {folder}",
        "create the directory {folder}",
        "add a folder {folder} here",
        "set up a new folder called {folder}",
        "make a directory with the name {folder}",
        "start a new folder named {folder}",
        "create an empty folder {folder}",
        "make the folder {folder}",
    ],
    dev=["add a new directory named {folder}", "set up the folder {folder} here"],
    gate=[
        "create a new directory called {folder}",
        "make an empty folder with the name {folder}",
        "add a folder named {folder} to this folder",
        "start a directory called {folder}",
    ],
)
NEW_TEXT = Phrases(
    "files.new_text",
    train=[
        'create a file called {file} with the text "{text}"',
        'make a new file {file} that says "{text}"',
        'create {file} and write "{text}" into it',
        'add a new file named {file} containing "{text}"',
        'start a file called {file} with the line "{text}" in it',
        'set up a new file {file} and put "{text}" in it',
        'write "{text}" into a new file called {file}',
        'save "{text}" in a new file named {file}',
    ],
    dev=['put the text "{text}" in a new file called {file}', 'make a file {file} containing the line "{text}"'],
    gate=[
        'create a new file named {file} that contains "{text}"',
        'save the line "{text}" as a new file called {file}',
        'set up a file called {file} that says "{text}"',
        'add a file {file} with "{text}" in it',
    ],
)
WRITE = Phrases(
    "files.write",
    train=[
        'write "{text}" into the file {file}',
        'replace the text of {file} with "{text}"',
        'put "{text}" into the file {file}',
        'change the contents of {file} to "{text}"',
        'make the file {file} say "{text}"',
        'save the text "{text}" in the file {file}',
        'fill the file {file} with "{text}"',
        'set the text of {file} to "{text}"',
        'overwrite {file} with "{text}"',
    ],
    dev=['change the text of {file} to "{text}"', 'write the line "{text}" into {file}'],
    gate=[
        'replace what is in {file} with "{text}"',
        'set the contents of {file} to "{text}"',
        'put the text "{text}" in the file {file}',
        'overwrite the text in {file} with "{text}"',
    ],
)
COPY = Phrases(
    "files.copy",
    train=[
        "copy {file} to a new file called {new}",
        "make a copy of {file} named {new}",
        "create a copy of {file} with the name {new}",
        "duplicate {file} as {new}",
        "copy the file {file} and call the copy {new}",
        "save a copy of {file} as {new}",
        "make a second copy of {file} called {new}",
        "keep a copy of {file} under the name {new}",
    ],
    dev=["copy {file} and name the copy {new}", "duplicate the file {file} under the name {new}"],
    gate=[
        "make a copy of {file} and call it {new}",
        "create a second file {new} as a copy of {file}",
        "save the copy of {file} under the name {new}",
        "duplicate {file} to a new file named {new}",
    ],
)
COPY_INTO = Phrases(
    "files.copy_into",
    train=[
        "copy {file} into the folder {folder}",
        "put a copy of {file} into the folder {folder}",
        "copy the file {file} to the folder {folder}",
        "place a copy of {file} in the folder {folder}",
        "make a copy of {file} in the folder {folder}",
        "save a copy of {file} into the {folder} folder",
        "add a copy of {file} to the folder {folder}",
        "keep a copy of {file} in the {folder} folder as well",
    ],
    dev=["place a copy of {file} into the {folder} folder", "copy {file} over to the folder {folder}"],
    gate=[
        "put a copy of the file {file} in the {folder} folder",
        "save a copy of {file} to the folder {folder}",
        "copy {file} into the directory {folder}",
        "add a copy of {file} into the folder {folder} as well",
    ],
)
MOVE_INTO = Phrases(
    "files.move_into",
    train=[
        "move {file} into the folder {folder}",
        "put {file} into the folder {folder}",
        "move the file {file} to the folder {folder}",
        "place {file} in the folder {folder}",
        "shift {file} into the {folder} folder",
        "take {file} and move it into the folder {folder}",
        "send {file} to the folder {folder}",
        "file {file} away in the folder {folder}",
    ],
    dev=["shift the file {file} to the folder {folder}", "put the file {file} away in the {folder} folder"],
    gate=[
        "place the file {file} into the {folder} folder",
        "take {file} and put it in the folder {folder}",
        "move {file} over to the folder {folder}",
        "send the file {file} into the {folder} folder",
    ],
)
MOVE_FOLDER = Phrases(
    "files.move_folder",
    train=[
        "move the folder {folder} into the folder {other}",
        "put the folder {folder} into the folder {other}",
        "make {folder} a subfolder of {other} by moving it",
        "place the whole folder {folder} in the folder {other}",
        "shift the folder {folder} into {other}",
        "take the folder {folder} and move it into {other}",
        "move the whole {folder} folder into the {other} folder",
        "send the folder {folder} to the folder {other}",
    ],
    dev=["shift the whole folder {folder} into the folder {other}", "put the {folder} folder in the {other} folder"],
    gate=[
        "place the folder {folder} inside the folder {other}",
        "take the whole folder {folder} and put it into {other}",
        "move the directory {folder} into the directory {other}",
        "send the whole {folder} folder into {other}",
    ],
)
RENAME = Phrases(
    "files.rename",
    train=[
        "rename {file} to {new}",
        "change the name of {file} to {new}",
        "give {file} the new name {new}",
        "rename the file {file} as {new}",
        "call {file} {new} from now on",
        "let {file} be named {new} instead",
        "set the name of {file} to {new}",
        "give the file {file} the name {new}",
    ],
    dev=["change the file name {file} to {new}", "let the file {file} be called {new}"],
    gate=[
        "give the name {new} to the file {file}",
        "change the name of the file {file} and call it {new}",
        "rename the file {file} and call it {new}",
        "set {new} as the new name of {file}",
    ],
)
RENAME_FOLDER = Phrases(
    "files.rename_folder",
    train=[
        "rename the folder {folder} to {new}",
        "change the name of the folder {folder} to {new}",
        "give the folder {folder} the new name {new}",
        "call the folder {folder} {new} from now on",
        "rename the {folder} folder as {new}",
        "let the folder {folder} be named {new} instead",
        "set the name of the {folder} folder to {new}",
        "rename the directory {folder} to {new}",
    ],
    dev=["change the folder name {folder} to {new}", "let the folder {folder} be called {new}"],
    gate=[
        "give the name {new} to the folder {folder}",
        "rename the folder {folder} and call it {new}",
        "change the name of the {folder} folder and call it {new}",
        "set {new} as the new name of the folder {folder}",
    ],
)
DELETE = Phrases(
    "files.delete",
    train=[
        "delete {file}",
        "delete the file {file}",
        "remove the file {file}",
        "throw away {file}",
        "get rid of {file}",
        "erase the file {file}",
        "remove {file} from this folder",
        "clear away the file {file}",
    ],
    dev=["throw the file {file} away", "erase {file} from this folder"],
    gate=[
        "get rid of the file {file}",
        "delete {file} from this folder",
        "clear {file} away",
        "remove the file called {file}",
    ],
)
DELETE_FOLDER = Phrases(
    "files.delete_folder",
    train=[
        "delete the folder {folder} and everything in it",
        "remove the folder {folder} with all its files",
        "throw away the whole folder {folder}",
        "get rid of the folder {folder} and its contents",
        "erase the folder {folder} with everything inside",
        "delete the whole {folder} folder",
        "clear away the folder {folder} with its contents",
        "remove {folder} and all that is in that folder",
    ],
    dev=["erase the whole folder {folder}", "throw away the folder {folder} with its files"],
    gate=[
        "get rid of the whole folder {folder}",
        "delete the folder {folder} with all that is inside",
        "remove the {folder} folder and everything in it",
        "clear away the whole {folder} folder",
    ],
)
REMOVE_EMPTY = Phrases(
    "files.remove_empty",
    train=[
        "remove the empty folder {folder}",
        "delete the empty folder {folder}",
        "get rid of the empty folder {folder}",
        "clear away the empty {folder} folder",
        "remove the folder {folder}, which is empty",
        "erase the empty directory {folder}",
        "throw away the empty folder {folder}",
        "delete {folder}, an empty folder",
    ],
    dev=["erase the empty folder {folder}", "remove {folder}, an empty folder"],
    gate=[
        "delete the folder {folder}, which is empty",
        "get rid of {folder}, an empty folder",
        "remove the empty directory {folder}",
        "throw the empty {folder} folder away",
    ],
)

# Using a result. {target} is a file that exists or a new one.

TARGET_OLD = Phrases(
    "files.target_old",
    train=[
        "the file {file}",
        "{file}",
        "the existing file {file}",
        "the file named {file}",
        "{file}, which is there already",
        "our file {file}",
        "the old file {file}",
        "the file {file} in this folder",
    ],
    dev=["the file {file} here", "the existing {file}"],
    gate=[
        "the file called {file}",
        "the old {file}",
        "{file}, an existing file",
        "the file {file} that is here already",
    ],
)
TARGET_NEW = Phrases(
    "files.target_new",
    train=[
        "a new file called {file}",
        "a new file named {file}",
        "a new file {file}",
        "the new file {file}",
        "a fresh file called {file}",
        "another new file called {file}",
        "a fresh file {file}",
        "a new file with the name {file}",
    ],
    dev=["a fresh file named {file}", "the fresh file {file}"],
    gate=[
        "a fresh new file called {file}",
        "the new file called {file}",
        "a fresh file with the name {file}",
        "another new file named {file}",
    ],
)
SAVE_LINES = Phrases(
    "files.save_lines",
    train=[
        "count the lines of {file} and write only the number into {target}",
        "write the number of lines of {file} into {target}",
        "put the line count of {file} into {target}",
        "save how many lines {file} has, just the number, in {target}",
        "find out how many lines {file} has and write that number into {target}",
        "work out the number of lines in {file} and save it in {target}",
        "note the line count of {file} in {target}",
        "check how many lines {file} has and put the number into {target}",
    ],
    dev=[
        "save the number of lines of {file} in {target}",
        "note how many lines {file} has, only the number, in {target}",
    ],
    gate=[
        "write the line count of {file}, just the number, into {target}",
        "count the lines in {file} and save the number in {target}",
        "find the number of lines of {file} and put it into {target}",
        "put the number of lines in {file} into {target}",
    ],
)
SAVE_WORDS = Phrases(
    "files.save_words",
    train=[
        "count the words of {file} and write only the number into {target}",
        "write the number of words of {file} into {target}",
        "put the word count of {file} into {target}",
        "save how many words {file} has, just the number, in {target}",
        "find out how many words {file} has and write that number into {target}",
        "work out the number of words in {file} and save it in {target}",
        "note the word count of {file} in {target}",
        "check how many words {file} has and put the number into {target}",
    ],
    dev=[
        "save the number of words of {file} in {target}",
        "note how many words {file} has, only the number, in {target}",
    ],
    gate=[
        "write the word count of {file}, just the number, into {target}",
        "count the words in {file} and save the number in {target}",
        "find the number of words of {file} and put it into {target}",
        "put the number of words in {file} into {target}",
    ],
)
SAVE_LAST = Phrases(
    "files.save_last",
    train=[
        "write the last line of {file} into {target}",
        "take the last line of {file} and put it into {target}",
        "save the final line of {file} in {target}",
        "put the line at the end of {file} into {target}",
        "read the last line of {file} and write it into {target}",
        "copy only the last line of {file} into {target}",
        "note the last line of {file} in {target}",
        "fill {target} with the last line of {file}",
    ],
    dev=["take the final line of {file} and save it in {target}", "note in {target} the last line of {file}"],
    gate=[
        "save only the last line of {file} in {target}",
        "put the final line of {file} into {target}",
        "read the last line of {file} and save it in {target}",
        "write into {target} the last line of {file}",
    ],
)
SAVE_SORTED = Phrases(
    "files.save_sorted",
    train=[
        "sort the lines of {file} and save them in {target}",
        "write the sorted lines of {file} into {target}",
        "put the lines of {file} into {target} in alphabetical order",
        "sort {file} and write the result into {target}",
        "save {file} in sorted order in {target}",
        "fill {target} with the sorted lines of {file}",
        "take the lines of {file}, sort them and put them into {target}",
        "sort {file} from a to z and save the result in {target}",
    ],
    dev=["sort {file} and save the sorted lines in {target}", "put the sorted text of {file} into {target}"],
    gate=[
        "save the sorted lines of {file} in {target}",
        "sort the lines of {file} from a to z and write them into {target}",
        "write the lines of {file} in sorted order into {target}",
        "take {file}, sort it and put the result into {target}",
    ],
)
SORT_SELF = Phrases(
    "files.sort_self",
    train=[
        "sort the lines of {file} and save them in the same file",
        "put the lines of {file} itself into alphabetical order",
        "sort {file} and write the result back into {file}",
        "change {file} so that its lines are sorted",
        "bring the lines of {file} into sorted order and save the file",
        "sort {file} in place",
        "make {file} hold its lines in alphabetical order",
        "sort the file {file} and save it",
    ],
    dev=["sort the lines of {file} in place", "change {file} so that it has its lines in sorted order"],
    gate=[
        "put the lines of {file} in order and save them in the same file",
        "sort {file} from a to z and write it back",
        "sort the file {file} in place and save it",
        "bring {file} itself into alphabetical order",
    ],
)
SAVE_GREP = Phrases(
    "files.save_grep",
    train=[
        "write the line of {file} that contains {word} into {target}",
        "find the line with {word} in {file} and save it in {target}",
        "put the line with the word {word} from {file} into {target}",
        "search {file} for {word} and write the line you find into {target}",
        "save the line of {file} that has the word {word} in {target}",
        "copy only the line with {word} from {file} into {target}",
        "look for {word} in {file} and put the matching line into {target}",
        "take the line with {word} out of {file}'s text and write it into {target}",
    ],
    dev=[
        "search {file} for {word} and save the matching line in {target}",
        "write the matching line for {word} in {file} into {target}",
    ],
    gate=[
        "look for the line with {word} in {file} and write it into {target}",
        "save the line from {file} that contains {word} in {target}",
        "find the word {word} in {file} and put that line into {target}",
        "take the line of {file} that has {word} and save it in {target}",
    ],
)
SAVE_SIZE = Phrases(
    "files.save_size",
    train=[
        "check the disk usage of this folder and write it, as shown, into {target}",
        "write the disk usage of this folder into {target}",
        "put the disk usage of the current folder into {target}",
        "save the disk usage shown for this folder in {target}",
        "look up how much disk space this folder uses and note the result in {target}",
        "look up the disk usage here and save it as it is shown in {target}",
        "note the disk usage of this folder in {target}",
        "work out the disk usage of the current folder and put the result into {target}",
    ],
    dev=[
        "note the disk usage shown for this folder in {target}",
        "check the disk usage here and save the result in {target}",
    ],
    gate=[
        "save the disk usage of the current folder, as shown, in {target}",
        "look up the disk usage of this folder and write the result into {target}",
        "find out the disk usage here and put it as shown into {target}",
        "write the disk usage shown here into {target}",
    ],
)
SAVE_PATH = Phrases(
    "files.save_path",
    train=[
        "write the current path into {target}",
        "save the path of this folder in {target}",
        "put the path of the current directory into {target}",
        "find out which folder we are in and note the path in {target}",
        "note the current working directory in {target}",
        "check where we are and write the path into {target}",
        "look up the path of this folder and put it into {target}",
        "fill {target} with the path we are in",
    ],
    dev=["note the path of this folder in {target}", "check the current path and save it in {target}"],
    gate=[
        "save the current path in {target}",
        "put the path of the folder we are in into {target}",
        "look up the current directory and write its path into {target}",
        "write the path of this folder into {target}",
    ],
)
SAVE_DIFF = Phrases(
    "files.save_diff",
    train=[
        "compare {file} with {other} and write the differences into {target}",
        "save the differences between {file} and {other} in {target}",
        "put what differs between {file} and {other} into {target}",
        "write the diff of {file} and {other} into {target}",
        "find the differences between {file} and {other} and note them in {target}",
        "run a diff on {file} and {other} and save it in {target}",
        "look at what differs from {file} to {other} and write it into {target}",
        "check {file} against {other} and put the differences into {target}",
    ],
    dev=["save the diff of {file} and {other} in {target}", "note what differs between {file} and {other} in {target}"],
    gate=[
        "write the differences from {file} to {other} into {target}",
        "run a diff of {file} against {other} and write it into {target}",
        "compare {file} and {other} and save what differs in {target}",
        "put the diff between {file} and {other} into {target}",
    ],
)
JOIN = Phrases(
    "files.join",
    train=[
        "put the text of {file} followed by the text of {other} into {target}",
        "join {file} and {other}, in this order, in {target}",
        "write the lines of {file} and then the lines of {other} into {target}",
        "combine {file} and {other} into {target}, {file} first",
        "read {file} and {other} and save both, one after the other, in {target}",
        "fill {target} with the text of {file} followed by that of {other}",
        "join the lines of {file} with those of {other} after them in {target}",
        "save the text of {file} and below it the text of {other} in {target}",
    ],
    dev=[
        "join the text of {file} and the text of {other}, in this order, in {target}",
        "fill {target} with {file} followed by {other}",
    ],
    gate=[
        "combine the text of {file} and then that of {other} in {target}",
        "write {file} followed by {other} into {target}",
        "save the lines of {file} and after them those of {other} in {target}",
        "read {file} and {other} and write both into {target}, {file} first",
    ],
)
FOLDER_FROM = Phrases(
    "files.folder_from",
    train=[
        "read {file} and create a folder with the name that is written in it",
        "create a folder with the name given in {file}",
        "make a new folder and name it as {file} says",
        "look up the name in {file} and make a folder called that",
        "take the name from {file} and set up a folder with it",
        "create the folder whose name is in {file}",
        "open the file {file} and make the folder that it names",
        "add a folder with the name you find in {file}",
    ],
    dev=["make a folder with the name given in {file}", "look in {file} and create the folder it names"],
    gate=[
        "read the name in {file} and make a folder with it",
        "set up a folder with the name written in {file}",
        "take the name given in {file} and create a folder called that",
        "make the folder whose name you find in {file}",
    ],
)
FILE_FROM = Phrases(
    "files.file_from",
    train=[
        "create an empty file with the name on the last line of {file}",
        "look at the last line of {file} and create an empty file with that name",
        "make the file that is named on the last line of {file}",
        "take the name on the last line of {file} and create a file with it",
        "read the last line of {file} and add an empty file called that",
        "create the empty file whose name is the last line of {file}",
        "set up a new file named as the last line of {file} says",
        "make an empty file with the name given at the end of {file}",
    ],
    dev=[
        "create the file that the last line of {file} names",
        "read the name at the end of {file} and make an empty file with it",
    ],
    gate=[
        "take the last line of {file} as a name and create an empty file",
        "add the empty file that is named at the end of {file}",
        "make a new file with the name on the last line of {file}",
        "look up the last line of {file} and make an empty file called that",
    ],
)
FOUND_READ = Phrases(
    "files.found_read",
    train=[
        "find {file} in the folders and read it to me",
        "look for {file} and tell me what it says",
        "search for {file} and show me its text",
        "find out where {file} is and read it",
        "find the file {file} somewhere below and show its contents",
        "search the folders for {file} and read out what it says",
        "look in all folders for {file} and print it",
        "track down {file} and tell me what is written in it",
    ],
    dev=["look for {file} in the folders and read it", "track down the file {file} and show me its text"],
    gate=[
        "search all folders for {file} and tell me what it says",
        "find {file} somewhere in the folders and print its text",
        "track down {file} and read it to me",
        "look for the file {file} and show its contents",
    ],
)
FOUND_DELETE = Phrases(
    "files.found_delete",
    train=[
        "find {file} in the folders and delete it",
        "look for {file} and remove it",
        "search for {file} and throw it away",
        "find out where {file} is and delete it",
        "track down {file} and get rid of it",
        "search the folders for {file} and erase it",
        "look in all folders for {file} and delete it",
        "find the file {file} somewhere below and remove it",
    ],
    dev=["look for {file} in the folders and erase it", "track down the file {file} and remove it"],
    gate=[
        "search all folders for {file} and delete it",
        "find {file} somewhere in the folders and get rid of it",
        "track down {file} and throw it away",
        "look for the file {file} and delete it",
    ],
)
FOUND_WRITE = Phrases(
    "files.found_write",
    train=[
        'find {file} in the folders and write "{text}" into it',
        'look for {file} and change its text to "{text}"',
        'search for {file} and replace its text with "{text}"',
        'find out where {file} is and put "{text}" into it',
        'track down {file} and make it say "{text}"',
        'search the folders for {file} and fill it with "{text}"',
        'look in all folders for {file} and overwrite it with "{text}"',
        'find the file {file} somewhere below and set its text to "{text}"',
    ],
    dev=[
        'look for {file} in the folders and make it say "{text}"',
        'track down the file {file} and write "{text}" into it',
    ],
    gate=[
        'search all folders for {file} and write "{text}" into it',
        'find {file} somewhere in the folders and change its text to "{text}"',
        'track down {file} and overwrite it with "{text}"',
        'look for the file {file} and put "{text}" into it',
    ],
)
FOUND_RENAME = Phrases(
    "files.found_rename",
    train=[
        "find {file} in the folders and rename it to {new}",
        "look for {file} and change its name to {new}",
        "search for {file} and call it {new}",
        "find out where {file} is and rename it to {new}",
        "track down {file} and give it the new name {new}",
        "search the folders for {file} and rename it as {new}",
        "look in all folders for {file} and name it {new} instead",
        "find the file {file} somewhere below and set its name to {new}",
    ],
    dev=["look for {file} in the folders and call it {new}", "track down the file {file} and rename it to {new}"],
    gate=[
        "search all folders for {file} and rename it to {new}",
        "find {file} somewhere in the folders and change its name to {new}",
        "track down {file} and call it {new}",
        "look for the file {file} and give it the name {new}",
    ],
)
FOUND_LINES = Phrases(
    "files.found_lines",
    train=[
        "find {file} in the folders and count its lines",
        "look for {file} and tell me how many lines it has",
        "search for {file} and count the lines in it",
        "find out where {file} is and tell me its line count",
        "track down {file} and say how many lines it has",
        "search the folders for {file} and give me the number of its lines",
        "look in all folders for {file} and count its lines",
        "find the file {file} somewhere below and tell me the number of lines",
    ],
    dev=[
        "look for {file} in the folders and say how many lines it has",
        "track down the file {file} and count its lines",
    ],
    gate=[
        "search all folders for {file} and count its lines",
        "find {file} somewhere in the folders and tell me how many lines it has",
        "track down {file} and give me its line count",
        "look for the file {file} and count the lines in it",
    ],
)

# Errors to recover from, and conditions.

ENSURE_MOVE = Phrases(
    "files.ensure_move",
    train=[
        "create the folder {folder} if it does not exist yet and move {file} into it",
        "make a folder {folder}, unless there is one, and put {file} into it",
        "move {file} into the folder {folder} and create that folder first if needed",
        "make sure that there is a folder {folder} and move {file} into it",
        "try to create the folder {folder}; it may exist already; and move {file} there",
        "set up the folder {folder} if it is missing and place {file} in it",
        "put {file} into the folder {folder}, which you should create if it is not there",
        "create a folder called {folder} unless it exists and send {file} there",
    ],
    dev=[
        "make the folder {folder} if it is missing and move {file} there",
        "place {file} in the folder {folder} and create it first unless it exists",
    ],
    gate=[
        "make sure that the folder {folder} exists and put {file} into it",
        "create {folder} as a folder if it is not there yet and move {file} into it",
        "move {file} into the folder {folder}, and if that folder does not exist, create it first",
        "set up a folder {folder} unless there is one already and place {file} in it",
    ],
)
ENSURE_FOLDER = Phrases(
    "files.ensure_folder",
    train=[
        "create the folder {folder} if it does not exist yet",
        "make sure that there is a folder called {folder}",
        "make a folder {folder} unless there is one already",
        "set up the folder {folder} if it is missing",
        "try to create the folder {folder}; it may exist already",
        "add a folder {folder} if there is none yet",
        "create a folder named {folder} unless it exists",
        "see to it that a folder {folder} exists",
    ],
    dev=["make the folder {folder} if it is missing", "see to it that there is a folder {folder}"],
    gate=[
        "make sure that the folder {folder} exists",
        "create {folder} as a folder if there is none",
        "set up a folder {folder} unless it is there already",
        "add the folder {folder} if it does not exist",
    ],
)
ENSURE_WRITE = Phrases(
    "files.ensure_write",
    train=[
        'write "{text}" into {file} and create that file if it does not exist',
        'put "{text}" into {file}, a file that may not exist yet',
        'save "{text}" in {file}; make the file if it is missing',
        'make {file} say "{text}", and create it first if needed',
        'write "{text}" into {file}, even if you have to create it first',
        'try to write "{text}" into {file} and add the file if there is none',
        'set the text of {file} to "{text}"; if the file is missing, create it',
        'fill {file} with "{text}" and start the file if it is not there',
    ],
    dev=[
        'save "{text}" in {file}, and make the file if there is none',
        'put "{text}" into {file} and create it if it is missing',
    ],
    gate=[
        'write "{text}" into {file}; if there is none, create it',
        'make {file} say "{text}", even if the file does not exist yet',
        'set {file} to "{text}" and add the file if it is missing',
        'try to put "{text}" into {file} and create it first if needed',
    ],
)
READ_ANYWHERE = Phrases(
    "files.read_anywhere",
    train=[
        "read {file} to me; if it is not here, look for it in the folders",
        "show me {file}, and search for it if it is not in this folder",
        "tell me what {file} says; it may lie in another folder",
        "read {file}, which is here or in one of the folders",
        "print {file}; if you do not see it here, find it",
        "try to read {file} here and otherwise find it below",
        "show me the text of {file}; it should be here or somewhere below",
        "open the file {file} and tell me what it says, wherever it is",
    ],
    dev=["read {file}; if it is not in this folder, find it", "show me what {file} says, wherever it lies"],
    gate=[
        "print {file}; it should be here, otherwise look for it",
        "tell me what is in {file}; if it is not here, search the folders",
        "try to show me {file} and find it if it is in another folder",
        "read out {file}, which may be here or somewhere below",
    ],
)
IF_EMPTY = Phrases(
    "files.if_empty",
    train=[
        "remove the folder {folder} if it is empty",
        "delete the folder {folder}, but only if it is empty",
        "do this: if the folder {folder} is empty, remove it",
        "get rid of the folder {folder} if there is nothing in it",
        "remove {folder} unless that folder has files in it",
        "delete the {folder} folder if nothing is in it",
        "try to remove the folder {folder} and leave it if it is not empty",
        "do this: if nothing is in the folder {folder}, delete it",
    ],
    dev=[
        "do this: if the {folder} folder is empty, get rid of it",
        "delete the folder {folder} unless there is something in it",
    ],
    gate=[
        "do this: if there is nothing in the folder {folder}, remove it",
        "remove the {folder} folder, but only if it is empty",
        "get rid of {folder} if that folder is empty",
        "try to delete the folder {folder} and leave it if there is something in it",
    ],
)
IF_LONGER = Phrases(
    "files.if_longer",
    train=[
        "move {file} into the folder {folder} if it has more than {n} lines",
        "do this: if {file} has more than {n} lines, move it into the folder {folder}",
        "count the lines of {file} and move it into the folder {folder} if there are more than {n}",
        "put {file} into the folder {folder}, but only if it has more than {n} lines",
        "check {file} and, if it has more than {n} lines, move it into the folder {folder}",
        "do this: if there are more than {n} lines in {file}, put it into the folder {folder}",
        "look at the line count of {file} and move it to the folder {folder} if it is more than {n}",
        "place {file} in the folder {folder} if its line count is more than {n}",
    ],
    dev=[
        "do this: if the line count of {file} is more than {n}, move it into the folder {folder}",
        "place {file} in the folder {folder}, but only if it has more than {n} lines",
    ],
    gate=[
        "move {file} to the folder {folder}, but only if there are more than {n} lines in it",
        "check how many lines {file} has and move it into the folder {folder} if it is more than {n}",
        "do this: if {file} has more than {n} lines, place it in the {folder} folder",
        "count the lines in {file}; if there are more than {n}, put it into the folder {folder}",
    ],
)
IF_WORD = Phrases(
    "files.if_word",
    train=[
        "delete {file} if it contains the word {word}",
        "do this: if {file} contains {word}, delete it",
        "search {file} for {word} and delete the file if the word is in it",
        "look for {word} in {file} and remove the file if you find it",
        "remove {file}, but only if the word {word} is in it",
        "do this: if the word {word} is in {file}, remove the file",
        "check {file} for the word {word} and, if it is there, delete the file",
        "get rid of {file} if a line in it has {word}",
    ],
    dev=[
        "do this: if you find the word {word} in {file}, delete the file",
        "check whether {file} contains {word} and delete it if so",
    ],
    gate=[
        "remove {file} if the word {word} is in it",
        "search for {word} in {file}; if it is there, delete the file",
        "do this: if a line in {file} has the word {word}, get rid of the file",
        "delete {file}, but only if it contains {word}",
    ],
)
IF_SAME = Phrases(
    "files.if_same",
    train=[
        "compare {file} with {other} and delete {other} if they are the same",
        "do this: if {file} and {other} are the same, delete {other}",
        "delete {other} if it is the same as {file}",
        "check {file} against {other} and remove {other} if nothing is different",
        "remove {other}, but only if it is the same as {file}",
        "do this: if nothing differs between {file} and {other}, delete {other}",
        "look whether {file} and {other} are the same and, if so, get rid of {other}",
        "see if {file} is the same as {other}; if so, remove {other}",
    ],
    dev=[
        "do this: if {other} is the same as {file}, get rid of {other}",
        "check whether {file} and {other} are the same; if so, delete {other}",
    ],
    gate=[
        "compare {file} and {other}; if they are the same, remove {other}",
        "delete {other}, but only if nothing differs between it and {file}",
        "see whether {file} and {other} are the same and get rid of {other} if so",
        "do this: if {file} is the same as {other}, remove {other}",
    ],
)

# Following up on the turn before: "it" is the file that was spoken of, "that number" the last count.

WRITE_NUMBER = Phrases(
    "files.write_number",
    train=[
        "write that number into {target}",
        "save that number in {target}",
        "put the number you just gave me into {target}",
        "note that count in {target}",
        "write the count, only the number, into {target}",
        "fill {target} with that number",
        "put just that number into {target}",
        "keep that number in {target}",
    ],
    dev=["save the number you just gave me in {target}", "note that number in {target}"],
    gate=[
        "write the number you just told me into {target}",
        "put that count into {target}",
        "save just that number in {target}",
        "keep the count in {target}, only the number",
    ],
)
READ_IT = Phrases(
    "files.read_it",
    train=[
        "read it to me",
        "show me what it says",
        "tell me what is in it now",
        "print it",
        "show me its text",
        "tell me what it says now",
        "display it",
        "read me its contents",
    ],
    dev=["show me its contents", "print its text"],
    gate=["tell me its text", "read out what it says", "show me what is in it now", "display its text"],
)
RENAME_IT = Phrases(
    "files.rename_it",
    train=[
        "rename it to {new}",
        "change its name to {new}",
        "give it the name {new}",
        "call it {new} instead",
        "rename that file to {new}",
        "name it {new} from now on",
        "let it be called {new}",
        "give that file the new name {new}",
    ],
    dev=["set its name to {new}", "rename that same file as {new}"],
    gate=[
        "call that file {new} from now on",
        "give it the new name {new}",
        "change the name of that file to {new}",
        "let that file be named {new}",
    ],
)
COPY_IT = Phrases(
    "files.copy_it",
    train=[
        "copy it to a new file called {new}",
        "make a copy of it named {new}",
        "duplicate it as {new}",
        "save a copy of it as {new}",
        "make a copy of that file called {new}",
        "keep a copy of it under the name {new}",
        "copy that file and call the copy {new}",
        "create a copy of it with the name {new}",
    ],
    dev=["copy it and name the copy {new}", "save a copy of that file under the name {new}"],
    gate=[
        "make a copy of it and call that {new}",
        "duplicate that file as {new}",
        "copy that file to a new file named {new}",
        "keep a copy of that file called {new}",
    ],
)
MOVE_IT = Phrases(
    "files.move_it",
    train=[
        "move it into the folder {folder}",
        "put it into the folder {folder}",
        "place it in the folder {folder}",
        "move that file to the folder {folder}",
        "send it to the folder {folder}",
        "shift it into the {folder} folder",
        "put that file away in the folder {folder}",
        "file it away in the folder {folder}",
    ],
    dev=["place that file in the {folder} folder", "shift that file to the folder {folder}"],
    gate=[
        "move that file into the {folder} folder",
        "put it away in the folder {folder}",
        "send that file into the folder {folder}",
        "place it into the directory {folder}",
    ],
)
DELETE_IT = Phrases(
    "files.delete_it",
    train=[
        "delete it",
        "remove that file",
        "throw it away",
        "get rid of it",
        "delete that file again",
        "erase it",
        "remove it again",
        "clear that file away",
    ],
    dev=["throw that file away", "erase that same file"],
    gate=["delete that file", "get rid of that file", "clear it away", "remove it now"],
)
WRITE_IT = Phrases(
    "files.write_it",
    train=[
        'write "{text}" into it',
        'replace its text with "{text}"',
        'change its text to "{text}"',
        'put "{text}" into that file',
        'make it say "{text}"',
        'overwrite it with "{text}"',
        'set its contents to "{text}"',
        'fill it with "{text}"',
    ],
    dev=['put the line "{text}" into it', 'set its text to "{text}"'],
    gate=[
        'write "{text}" into that file',
        'make that file say "{text}"',
        'change its contents to "{text}"',
        'replace the text in it with "{text}"',
    ],
)
LINES_IT = Phrases(
    "files.lines_it",
    train=[
        "count its lines",
        "tell me how many lines it has",
        "say how many lines there are in it",
        "give me its number of lines",
        "check how many lines that file has",
        "let me know its line count",
        "count the lines in it",
        "tell me its line count",
    ],
    dev=["give me the line count of that file", "check its number of lines"],
    gate=[
        "tell me the number of its lines",
        "count the lines of that file",
        "let me know how many lines it has",
        "say what its line count is",
    ],
)

# Requests that leave something out, and the answers to the question that follows.

NO_NAME_FILE = Phrases(
    "files.no_name_file",
    train=[
        "create a new file",
        "make an empty file for me",
        "add another file here",
        "create a file",
        "start a new file",
        "set up a new empty file",
        "make one more file",
        "add a fresh file to this folder",
    ],
    dev=["make a new file", "add an empty file here"],
    gate=[
        "create one more empty file",
        "start another file for me",
        "set up a file here",
        "make a fresh file in this folder",
    ],
)
NO_NAME_FOLDER = Phrases(
    "files.no_name_folder",
    train=[
        "create a new folder",
        "make a folder for me",
        "add another folder here",
        "create a folder",
        "start a new folder",
        "set up a new empty folder",
        "make one more folder",
        "add a fresh folder to this one",
    ],
    dev=["make a new folder", "add an empty folder here"],
    gate=[
        "create one more folder",
        "start another folder for me",
        "set up a folder here",
        "make a new directory in this folder",
    ],
)
NO_NEW_NAME = Phrases(
    "files.no_new_name",
    train=[
        "let {file} get a new name",
        "give {file} a new name",
        "change the name of {file}",
        "give the file {file} another name",
        "rename the file {file} for me",
        "call {file} something else",
        "find a new name for {file} with me",
        "give {file} a different name",
    ],
    dev=["rename {file} for me", "call the file {file} something different"],
    gate=[
        "change the name of the file {file} for me",
        "give the file {file} a different name",
        "give another name to {file}",
        "let {file} have a new name",
    ],
)
NO_FOLDER = Phrases(
    "files.no_folder",
    train=[
        "move {file} into another folder",
        "put {file} into one of the folders",
        "move the file {file} to a different folder",
        "place {file} in one of the folders here",
        "send {file} to another folder",
        "put {file} somewhere else",
        "shift {file} to a different folder",
        "move {file} somewhere else",
    ],
    dev=["place {file} in another folder", "send the file {file} somewhere else"],
    gate=[
        "put {file} in a different folder",
        "shift the file {file} into one of the folders",
        "move the file {file} somewhere else for me",
        "send {file} to one of the folders",
    ],
)
NO_TEXT = Phrases(
    "files.no_text",
    train=[
        "write a new text into {file}",
        "put some text into {file}",
        "replace the text of {file}",
        "write something into {file}",
        "change what {file} says",
        "fill {file} with a new text",
        "give {file} a different text",
        "put a new line into {file} instead of the old text",
    ],
    dev=["put something into the file {file}", "change the text of {file}"],
    gate=[
        "write some text into the file {file}",
        "replace what is in {file} with something else",
        "give the file {file} a new text",
        "fill {file} with something different",
    ],
)
NO_FILE = Phrases(
    "files.no_file",
    train=[
        "delete one of the files",
        "delete a file here",
        "remove one of the files in this folder",
        "throw away one file",
        "get rid of one of the files here",
        "remove a file",
        "erase one of these files",
        "delete one file from this folder",
    ],
    dev=["throw away one of the files", "erase a file here"],
    gate=[
        "get rid of a file",
        "delete one of these files",
        "remove one file from this folder",
        "throw away a file in this folder",
    ],
)
ANSWER_NAME = Phrases(
    "files.answer_name",
    train=[
        "Call it {new}.",
        "The name is {new}.",
        "It should be called {new}.",
        "{new}, please.",
        "Name it {new}.",
        "Let us call it {new}.",
        "Please use the name {new}.",
        "Make it {new}.",
        "Oh, sorry: {new}.",
    ],
    dev=["Please call it {new}.", "Use {new}."],
    gate=["The name should be {new}.", "Let it be {new}.", "Please name it {new}.", "Sorry, I meant {new}."],
)
ANSWER_FOLDER = Phrases(
    "files.answer_folder",
    train=[
        "Into the folder {folder}.",
        "I meant the folder {folder}.",
        "Put it into {folder}, please.",
        "Use the folder {folder}.",
        "It goes into {folder}.",
        "The folder {folder}, please.",
        "Move it into {folder}.",
        "Take the folder {folder}.",
    ],
    dev=["Please take {folder} for it.", "It goes into the folder {folder}."],
    gate=[
        "Please take the folder {folder}.",
        "I meant to move it into {folder}.",
        "Move it to the folder {folder}, please.",
        "Into {folder}, please.",
    ],
)
ANSWER_TEXT = Phrases(
    "files.answer_text",
    train=[
        'It should say "{text}".',
        'Write "{text}".',
        'The text is "{text}".',
        'Use the line "{text}".',
        'Please write "{text}" into it.',
        'Put in "{text}".',
        'Let it say "{text}".',
        '"{text}", please.',
    ],
    dev=['Please put in "{text}".', 'The line is "{text}".'],
    gate=[
        'The text should be "{text}".',
        'Please use "{text}".',
        'Let the text be "{text}".',
        'Write the line "{text}", please.',
    ],
)
ANSWER_FILE = Phrases(
    "files.answer_file",
    train=[
        "I meant {file}.",
        "The file {file}, please.",
        "Delete {file}.",
        "Take {file}.",
        "It is {file} that I do not need.",
        "{file} can go.",
        "Sorry, {file}.",
        "The one called {file}.",
    ],
    dev=["The file {file} can go.", "Please take {file}."],
    gate=[
        "I meant the file {file}.",
        "Please delete {file}.",
        "The one named {file} can go.",
        "Sorry, I meant the one called {file}.",
    ],
)

# Whole messages that need no call.

THANKS = Phrases(
    "files.thanks",
    train=[
        "Thank you!",
        "Thanks, that is all.",
        "Great, thank you very much.",
        "That is all for now, thanks.",
        "Perfect, I need nothing else.",
        "Okay, that was all. Thank you!",
        "Good work, thanks.",
        "Nice, you can stop here.",
        "Thanks a lot, we are done.",
        "Hello again, I would just like to say thanks.",
        "Hey, thanks for the help!",
        "I am happy with this; no next step for now.",
        "You were kind, thank you once more. Kindly stop here.",
        "I have seen what I want, so thank you.",
    ],
    dev=["Great, that was all for now.", "Thank you, we are done.", "Perfect, thanks for the help."],
    gate=[
        "Okay, thanks a lot. I need nothing more.",
        "Good, you can stop now. Thank you!",
        "Nice work, that is all.",
        "Thank you very much, no more for now.",
    ],
)
GREETING = Phrases(
    "files.greeting",
    train=[
        "Hello! Are you there?",
        "Hi, are you ready?",
        "Good morning! Wait for me, please.",
        "Hey there, do nothing yet.",
        "Hello, I will tell you in a moment what to do.",
        "Hi! Just wait for now.",
        "Please wait, I have to think first.",
        "One moment, please, do not do anything yet.",
    ],
    dev=["Hello, are you ready?", "Hi! Please wait a moment."],
    gate=[
        "Good morning! Are you ready?",
        "Hey, wait for me and do nothing yet.",
        "Hi there, I will tell you what to do in a moment.",
        "Please do nothing for now, I have to think.",
    ],
)
MAIL = Phrases(
    "files.mail",
    train=[
        "Send {file} to {person} by email.",
        "Please email {file} to {person}.",
        "Can you mail the file {file} to {person}?",
        "I want {person} to get {file} by email.",
        "Could you send an email with {file} to {person}?",
        "Mail {file} to {person}, please.",
        "Write an email to {person} with {file} in it.",
        "Let {person} have {file} by mail.",
    ],
    dev=["Please send {person} the file {file} by email.", "Mail the file {file} to {person}."],
    gate=[
        "Could you email the file {file} to {person}?",
        "I want you to mail {file} to {person}.",
        "Please send an email to {person} with {file}.",
        "Let {person} get the file {file} by mail.",
    ],
)
WEATHER = Phrases(
    "files.weather",
    train=[
        "What is the weather in {place} today?",
        "Will it rain in {place} tomorrow?",
        "Tell me how warm it is in {place} now.",
        "Book a train to {place} for me.",
        "Find me a hotel in {place}.",
        "Please order a taxi to {place}.",
        "How do I get to {place} by train?",
        "What time is it in {place}?",
    ],
    dev=["Will it be warm in {place} today?", "Please book a hotel in {place}."],
    gate=[
        "Tell me the weather in {place} tomorrow.",
        "Book a taxi to {place}, please.",
        "Find me a train to {place} for tomorrow.",
        "How warm will it be in {place} today?",
    ],
)
PHONE = Phrases(
    "files.phone",
    train=[
        "Call {person} on the phone now.",
        "Please phone {person} for me.",
        "Remind me tomorrow to call {person}.",
        "Set up a meeting with {person} for tomorrow.",
        "Tell {person} that I am late.",
        "Invite {person} to lunch today.",
        "Ask {person} to phone me.",
        "Send a message to {person}, please.",
    ],
    dev=["Please call {person} for me on the phone.", "Send {person} a message."],
    gate=[
        "Ask {person} to call me tomorrow.",
        "Remind {person} to phone me today.",
        "Tell {person} on the phone that I am late.",
        "Please set up a lunch with {person}.",
    ],
)
PROTECT = Phrases(
    "files.protect",
    train=[
        "Put a password on {file}.",
        "Make {file} read only for others.",
        "Print {file} on paper for me.",
        "Upload {file} to the web.",
        "Play {file} as music.",
        "Bring {file} back from last year.",
        "Draw a picture of {file}.",
        "Lock {file} with a password, please.",
    ],
    dev=["Please print {file} on paper.", "Lock the file {file}."],
    gate=[
        "Set a password for the file {file}.",
        "Please upload the file {file} to the web.",
        "Lock {file} for others.",
        "Print the file {file} on paper, please.",
    ],
)
AGAIN_COUNT = Phrases(
    "files.again_count",
    train=[
        "How many lines did you say? No need to look again.",
        "Tell me once more, from memory, how many lines it had.",
        "Without looking again: how many lines were there?",
        "What was the number you just told me? Do not check again.",
        "Say the number again, please, without counting again.",
        "Sorry, how many lines was it? You told me already, so do not look.",
        "Just repeat the number of lines, do not check it.",
        "Which number did you give me? Just repeat it.",
    ],
    dev=["Repeat the number, please, without looking again.", "How many lines was it? Just say it from memory."],
    gate=[
        "Sorry, what number did you say? No need to check again.",
        "From memory: how many lines were there?",
        "Please repeat how many lines it had, without counting.",
        "Tell me the number once more; do not look again.",
    ],
)
AGAIN_PLACE = Phrases(
    "files.again_place",
    train=[
        "Where was it? No need to look again.",
        "Tell me the path once more, from memory.",
        "Without looking again: in which folder was it?",
        "What was the path you just told me? Do not check again.",
        "Say the path again, please, without searching again.",
        "Sorry, where was it? You told me already, so do not look.",
        "Just repeat the path, do not check it.",
        "Which path did you give me? Just repeat it.",
    ],
    dev=["Repeat the path, please, without looking again.", "Where was it? Just say it from memory."],
    gate=[
        "Sorry, what path did you say? No need to check again.",
        "From memory: where was it?",
        "Please repeat the path, without searching.",
        "Tell me once more where it was; do not look again.",
    ],
)
AGAIN_MADE = Phrases(
    "files.again_made",
    train=[
        "What is the new one called? No need to look again.",
        "Tell me once more, from memory, what name I gave you.",
        "Without looking again: which name did you use?",
        "What was the name you just used? Do not check again.",
        "Say the name again, please, without checking.",
        "Sorry, what did I call it? You know already, so do not look.",
        "Just repeat the name, do not check it.",
        "Which name did I give you? Just repeat it.",
    ],
    dev=["Repeat the name, please, without looking again.", "What was it called? Just say it from memory."],
    gate=[
        "Sorry, which name was it? No need to check again.",
        "From memory: what is it called?",
        "Please repeat the name, without looking.",
        "Tell me the name once more; do not look again.",
    ],
)
AGAIN_AMONG = Phrases(
    "files.again_among",
    train=[
        "Was {file} among them? No need to look again.",
        "Did you name {file} just now? Say yes or no, from memory.",
        "Without looking again: was {file} one of them, yes or no?",
        "Was there a {file} in what you just told me? Do not check again.",
        "Yes or no, without looking: is {file} in that list?",
        "Sorry, did the list have {file} in it? Just say yes or no.",
        "Just say yes or no, do not check: was {file} there?",
        "Is {file} one of the names you gave me? Yes or no.",
    ],
    dev=["Was {file} in the list? Just say yes or no from memory.", "Did you name {file}? Yes or no, without looking."],
    gate=[
        "Sorry, was {file} one of them? No need to check again.",
        "From memory: is {file} in that list, yes or no?",
        "Yes or no: did you name {file}? Do not look again.",
        "Just say yes or no: was {file} among those names?",
    ],
)
