"""Phrasings of conditions with an "otherwise": whole messages; {then} and {other} are clauses that begin with a verb."""

from __future__ import annotations

from mlx_train.tasks.phrases import Phrases

COUNT = Phrases(
    "files.if_count",
    train=[
        "If {file} has more than {n} {unit}, {then}; [otherwise|if not|or else], {other}.",
        "[Count|Check] the {unit} of {file}. [If there are|Should there be] more than {n}, {then}; [otherwise|if not], {other}.",
        "Does {file} have more than {n} {unit}? If so, {then}[|, please]. [If not|Otherwise], {other}.",
        "[It depends on the length of {file} what to do|What to do depends on the length of {file}]: with more than {n} {unit}, {then}; with {n} or fewer, {other}.",
        "[See|Find out|Check] whether {file} has more than {n} {unit}. If it [does|has], {then}. If it [does|has] not, {other}.",
        "Only [if|when] {file} has more than {n} {unit} should you [do this|do the following]: {then}. In the other case, {other}.",
        "[I am not sure|I don't know] how many {unit} {file} has. More than {n}: {then}. [Not more than that|Not more]: {other}.",
        "[Could|Can|Would] you count the {unit} of {file} and, if there are more than {n}, {then}, [otherwise|and if not], {other}?",
        "There are two cases. More than {n} {unit} in {file}: {then}. {n} {unit} or fewer: {other}.",
        "Unless {file} has more than {n} {unit}, {other}. [If it does have more|If it has more], {then}.",
        "Let the number of {unit} in {file} decide: [above|over] {n}, {then}; [if it is not|otherwise], {other}.",
        "[Should {file} have|In case {file} has] more than {n} {unit}, {then}. [If not|Otherwise], {other}.",
    ],
    dev=[
        "When {file} has more than {n} {unit}, {then}; when it does not, {other}.",
        "How many {unit} does {file} have? If it is more than {n}, {then}; in the other case, {other}.",
        "Look at the number of {unit} in {file}: if that is over {n}, {then}; if it is not, {other}.",
    ],
    gate=[
        "Please count how many {unit} {file} has; if you get more than {n}, {then}, and if you do not, {other}.",
        "With {file} it depends: more than {n} {unit}, then {then}; not more, then {other}.",
        "You should look first whether {file} goes over {n} {unit}. If yes, {then}. If no, {other}.",
        "In case there are more than {n} {unit} in {file}, {then}, but in case there are not, {other}.",
    ],
)
HAS = Phrases(
    "files.if_has",
    train=[
        "If {file} [contains|mentions|has] the word {word}, {then}; [otherwise|if not|or else], {other}.",
        "[Search|Grep|Check] {file} for the word {word}. If it is there, {then}; [otherwise|if not], {other}.",
        "Does {file} [contain|mention|have] the word {word}? If so, {then}[|, please]. [If not|Otherwise], {other}.",
        "What to do depends on [whether|if] the word {word} is in {file}: if it is, {then}; if it is not, {other}.",
        "[See|Find out|Check] whether the word {word} [occurs|stands|is] in {file}. If it does, {then}. If it does not, {other}.",
        "Only [if|when] {file} has the word {word} in it should you [do this|do the following]: {then}. In the other case, {other}.",
        "[I am not sure|I don't know] whether {file} mentions {word}. If it does: {then}. If it doesn't: {other}.",
        "[Could|Can|Would] you look for {word} in {file} and, if you find it, {then}, [otherwise|and if not], {other}?",
        "There are two cases. {word} [is|stands] in {file}: {then}. It is not there: {other}.",
        "Unless the word {word} [is|stands|occurs] in {file}, {other}. If it is there, {then}.",
        "[Should the word {word} be|In case the word {word} is] in {file}, {then}. [If not|Otherwise], {other}.",
        "[Look|Search] for {word} in {file}: [found|if you see it], {then}; [not found|if you don't], {other}.",
    ],
    dev=[
        "When the word {word} is in {file}, {then}; when it is not, {other}.",
        "Is there a {word} in the text of {file}? If there is, {then}; in the other case, {other}.",
        "Look whether a line of {file} has {word}: if one has it, {then}; if none has, {other}.",
    ],
    gate=[
        "Please do a search for {word} in {file}; if you find it, {then}, and if you do not, {other}.",
        "With {file} it depends: if {word} stands in it, then {then}; if it does not, then {other}.",
        "You should look first whether {file} says {word} somewhere. If yes, {then}. If no, {other}.",
        "In case {file} has a line with {word}, {then}, but in case it has none, {other}.",
    ],
)
EQUAL = Phrases(
    "files.if_equal",
    train=[
        "If {file} and {twin} [are the same|are identical|say the same], {then}; [otherwise|if not|or else], {other}.",
        "[Compare|Diff] {file} and {twin}. If [they are the same|nothing differs], {then}; [otherwise|if not|if something differs], {other}.",
        "Are {file} and {twin} [the same|identical]? If so, {then}[|, please]. [If not|Otherwise], {other}.",
        "What to do depends on whether {file} differs from {twin}: if it does not, {then}; if it does, {other}.",
        "[See|Find out|Check] whether {file} and {twin} [are identical|say the same]. If they [are|do], {then}. If they differ, {other}.",
        "Only [if|when] {file} is the same as {twin} should you [do this|do the following]: {then}. In the other case, {other}.",
        "[I am not sure|I don't know] whether {file} and {twin} are the same. If they are: {then}. If they aren't: {other}.",
        "[Could|Can|Would] you compare {file} with {twin} and, if they are the same, {then}, [otherwise|and if not], {other}?",
        "There are two cases. {file} says the same as {twin}: {then}. They [differ|are different]: {other}.",
        "Unless {file} and {twin} are [the same|identical], {other}. If they are, {then}.",
        "[Should {file} and {twin} be|In case {file} and {twin} are] the same, {then}. [If not|Otherwise], {other}.",
        "[Hold|Put] {file} [next to|against] {twin}: no difference, then {then}; some difference, then {other}.",
    ],
    dev=[
        "When {file} and {twin} are the same, {then}; when they differ, {other}.",
        "Is there a difference between {file} and {twin}? If there is none, {then}; in the other case, {other}.",
        "Look whether {file} is like {twin}: if it is the same, {then}; if it is not, {other}.",
    ],
    gate=[
        "Please compare the texts of {file} and {twin}; if they are identical, {then}, and if they are not, {other}.",
        "With {file} and {twin} it depends: if both say the same, then {then}; if not, then {other}.",
        "You should look first whether {file} is the same as {twin}. If yes, {then}. If no, {other}.",
        "In case nothing is different between {file} and {twin}, {then}, but in case something is, {other}.",
    ],
)
MORE = Phrases(
    "files.if_more",
    train=[
        "If {file} has more {unit} than {twin}, {then}; [otherwise|if not|or else], {other}.",
        "[Count|Check] the {unit} of {file} and {twin}. If the first has more, {then}; [otherwise|if not], {other}.",
        "Does {file} have more {unit} than {twin}? If so, {then}[|, please]. [If not|Otherwise], {other}.",
        "What to do depends on which has more {unit}: if it is {file}, {then}; if it is {twin}, {other}.",
        "[See|Find out|Check] whether {file} has more {unit} than {twin}. If it [does|has], {then}. If it [does|has] not, {other}.",
        "Only [if|when] {file} has more {unit} than {twin} should you [do this|do the following]: {then}. In the other case, {other}.",
        "[I am not sure|I don't know] which has more {unit}, {file} or {twin}. If it is the first: {then}. If it is the second: {other}.",
        "[Could|Can|Would] you compare the number of {unit} in {file} and {twin} and, if the first has more, {then}, [otherwise|and if not], {other}?",
        "There are two cases. {file} has more {unit} than {twin}: {then}. The second has more: {other}.",
        "Unless {file} has more {unit} than {twin}, {other}. [If it does|If it has], {then}.",
        "[Should {file} have|In case {file} has] more {unit} than {twin}, {then}. [If not|Otherwise], {other}.",
        "Let the number of {unit} decide between {file} and {twin}: more in the first, {then}; more in the second, {other}.",
    ],
    dev=[
        "When {file} has more {unit} than {twin}, {then}; when {twin} has more, {other}.",
        "Which has more {unit}, {file} or {twin}? If the first, {then}; if the second, {other}.",
        "Look whether there are more {unit} in {file} than in {twin}: if there are, {then}; if not, {other}.",
    ],
    gate=[
        "Please count how many {unit} {file} and {twin} have; if the first has more, {then}, and if the second has, {other}.",
        "With {file} and {twin} it depends: more {unit} in the first, then {then}; more in the second, then {other}.",
        "You should look first whether {file} has more {unit} than {twin}. If yes, {then}. If no, {other}.",
        "In case there are more {unit} in {file} than in {twin}, {then}, but in case there are fewer, {other}.",
    ],
)
THERE = Phrases(
    "files.if_there",
    train=[
        "If there is a file called {file} [here|in this folder], {then}; [otherwise|if not|or else], {other}.",
        "[Look|Check] [whether|if] {file} is [here|in this folder]. If it is, {then}; [otherwise|if not], {other}.",
        "Is there a file {file} [here|in this folder]? If so, {then}[|, please]. [If not|Otherwise], {other}.",
        "What to do depends on whether {file} is [here|in this folder]: if it is, {then}; if it is not, {other}.",
        "[List this folder|List the files here] and see whether {file} is among them. If it is, {then}. If it is not, {other}.",
        "Only [if|when] {file} is in this folder should you [do this|do the following]: {then}. In the other case, {other}.",
        "[I am not sure|I don't know] whether there is a {file} [here|in this folder]. If there is: {then}. If there isn't: {other}.",
        "[Could|Can|Would] you look for {file} in this folder and, if it is there, {then}, [otherwise|and if not], {other}?",
        "There are two cases. {file} is [here|in this folder]: {then}. It is not: {other}.",
        "Unless {file} is [here|in this folder], {other}. If it is, {then}.",
        "[Should there be|In case there is] a {file} in this folder, {then}. [If not|Otherwise], {other}.",
    ],
    dev=[
        "When this folder has a file {file}, {then}; when it does not, {other}.",
        "Do we have {file} in this folder? If we do, {then}; in the other case, {other}.",
        "See if one of the files here is {file}: if so, {then}; if none is, {other}.",
    ],
    gate=[
        "Please list this folder; if you see {file} there, {then}, and if you do not, {other}.",
        "With {file} it depends: if it is in this folder, then {then}; if it is not, then {other}.",
        "You should look first whether this folder has a {file}. If yes, {then}. If no, {other}.",
        "In case {file} is one of the files here, {then}, but in case it is not, {other}.",
    ],
)
SIZE = Phrases(
    "files.if_size",
    train=[
        "If this folder takes [up |]more than {n} bytes, {then}; [otherwise|if not|or else], {other}.",
        "[Check|Look up] the disk usage [here|of this folder]. If it is [more than|over|above] {n} bytes, {then}; [otherwise|if not], {other}.",
        "Does this folder take [up |]more than {n} bytes? If so, {then}[|, please]. [If not|Otherwise], {other}.",
        "What to do depends on the size of this folder: with more than {n} bytes, {then}; if it is not that big, {other}.",
        "[See|Find out|Check] whether this folder uses more than {n} bytes. If it does, {then}. If it does not, {other}.",
        "Only [if|when] this folder uses more than {n} bytes should you [do this|do the following]: {then}. In the other case, {other}.",
        "[I am not sure|I don't know] how big this folder is. More than {n} bytes: {then}. Not more: {other}.",
        "[Could|Can|Would] you check the size of this folder and, if it is over {n} bytes, {then}, [otherwise|and if not], {other}?",
        "There are two cases. This folder [uses|takes up] more than {n} bytes: {then}. It does not: {other}.",
        "Unless this folder [uses|takes up] more than {n} bytes, {other}. If it does, {then}.",
        "[Should this folder take up|In case this folder takes up] more than {n} bytes, {then}. [If not|Otherwise], {other}.",
    ],
    dev=[
        "When the size of this folder is more than {n} bytes, {then}; when it is not, {other}.",
        "How big is this folder? If it is over {n} bytes, {then}; in the other case, {other}.",
        "Look at the disk usage of this folder: if that is more than {n} bytes, {then}; if it is not, {other}.",
    ],
    gate=[
        "Please see how much space this folder takes; if it is more than {n} bytes, {then}, and if it is not, {other}.",
        "With this folder it depends: over {n} bytes, then {then}; not over, then {other}.",
        "You should look first whether this folder goes over {n} bytes. If yes, {then}. If no, {other}.",
        "In case du gives more than {n} bytes for this folder, {then}, but in case it gives less, {other}.",
    ],
)
