"""A skeleton for one's own tools: a catalogue, two worked conversations, and a recipe that trains on them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

from mlx_train.files import write_skeleton
from mlx_train.places import PROGRAM

PROMPT = "You look after a greenhouse by calling tools. Say when the work is done, and ask when something is missing."


def _tool(name: str, description: str, required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


BED = {"type": "string", "description": "Name of the bed."}
TOOLS = [
    _tool("list_beds", "The names of all beds.", []),
    _tool("read_moisture", "The soil moisture of a bed, in per cent.", ["bed"], bed=BED),
    _tool(
        "water", "Water a bed.", ["bed", "litres"], bed=BED, litres={"type": "number", "description": "How much water."}
    ),
    _tool("set_vents", "Open the vents (true) or close them (false).", ["open"], open={"type": "boolean"}),
]
"""The tools of the world that `gates init` writes, so that what these rows teach can be measured there."""


def _user(content: str) -> dict[str, Any]:
    return {"role": "user", "content": content}


def _says(content: str, **more: bool) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


def _call(name: str, arguments: dict[str, Any], result: dict[str, Any], **more: bool) -> list[dict[str, Any]]:
    """One call and its result."""
    function = {"name": name, "arguments": arguments}
    return [
        {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": function}], **more},
        {"role": "tool", "name": name, "content": json.dumps(result)},
    ]


SYSTEM = {"role": "system", "content": PROMPT}
ROWS: list[dict[str, Any]] = [
    {
        "id": "greenhouse-1",
        "tools": TOOLS,
        "messages": [
            SYSTEM,
            _user("If the tomatoes are below 30 %, give them 4 litres."),
            *_call("read_moisture", {"bed": "tomatoes"}, {"moisture": 22}),
            *_call("water", {"bed": "tomatoes", "litres": 4}, {"watered": True}),
            _says("The tomatoes were at 22 %, so I gave them 4 litres."),
        ],
    },
    {
        "id": "greenhouse-2",
        "tools": TOOLS,
        "messages": [
            SYSTEM,
            _user("Water the basil."),
            _says("How many litres should the basil get?"),
            _user("Two."),
            # A slip, so that the row shows the way back from an error; the slip itself is not to be learnt.
            *_call("water", {"bed": "basill", "litres": 2}, {"error": "no bed is called basill"}, train=False),
            *_call("water", {"bed": "basil", "litres": 2}, {"watered": True}),
            _says("The basil got 2 litres."),
        ],
    },
]

RECIPE = f"""\
# A specialist for one's own tools. Every key is explained in docs/recipe.md of mlx-train.
name = "my-specialist"
prompt = "{PROMPT}"  # the system message of the rows, word for word
purpose = "Looking after a greenhouse by calling its tools."  # what the model card and a router will say

# The embedded base trains anywhere in minutes and shows that the data works; it makes no useful specialist.
[base]
name = "embedded"
licence = "Apache-2.0"
dtype = "float32"

# For a useful one, put this in its place:
# [base]
# name = "qwen3-4b"
# repository = "Qwen/Qwen3-4B-Instruct-2507"
# revision = "cdbee75f17c01a7cc42f958dc650907174af0554"
# licence = "Apache-2.0"
# dtype = "bfloat16"

[data]
files = ["trajectories.jsonl"]
max_tokens = 4096

[[data.sources]]  # replay of built-in domains, against forgetting; about a quarter of your own rows is a start
domain = "others"
rows = 60

[train]
learning_rate = 1e-3  # for the embedded base; 1e-4 for a larger one

# The built-in suites do not test your tools. These three measure what the training cost elsewhere. That is no basis for
# a release: a report allows one only where `hard` and `heldout` are passed too, which are about files.
[gates]
suites = ["breadth-retained", "breadth-unseen", "abstain"]
quick = true  # a part of each suite, which shows the direction; delete this line to score all of it
"""

README = """\
# A specialist for your own tools

- `tools.json`: the catalogue, as JSON schemas. It is here to copy from; every row carries its own `tools`.
- `trajectories.jsonl`: one conversation a line. Replace the two examples; some hundred rows are a start.
- `recipe.toml`: base model, data and training.

Every assistant message is trained unless it has `"train": false`. Each user turn ends with an assistant message in
words, which teaches the model to stop. The system message is the `prompt` of the recipe, word for word.

    PROGRAM data show FOLDER/recipe.toml --row greenhouse-1    # which tokens are trained
    PROGRAM plan FOLDER/recipe.toml                            # memory, time and disk
    PROGRAM run FOLDER/recipe.toml
    PROGRAM report my-specialist                               # a run goes by the recipe's `name`
"""


def init(folder: Path) -> list[Path]:
    """Write the skeleton and return its files.

    Raises:
        BadInput: the folder holds something, or is a file; nothing is written.
        NoSpace: the disk is full or refuses to be written.
    """
    return write_skeleton(folder, {
        "tools.json": json.dumps(TOOLS, indent=2) + "\n",
        "trajectories.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS),
        "recipe.toml": RECIPE,
        "README.md": README.replace("PROGRAM", PROGRAM).replace("FOLDER", shlex.quote(str(folder))),
    })  # fmt: skip
