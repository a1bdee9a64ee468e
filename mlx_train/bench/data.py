"""How data preparation grows with rows: one's own rows read, checked, deduplicated, encoded and put into batches.

Each number of rows is a process of its own, so that its peak memory is its own. The rows are made here: conversations
of several turns over one catalogue, no two alike. A second call on the same folder finds the ids that the first kept.

    python -m mlx_train.bench.data ROWS FOLDER     prints one JSON object
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mlx_train import machine, preload
from mlx_train.ending import exit_code
from mlx_train.errors import Fault
from mlx_train.files import write_with
from mlx_train.recipe import Base, Data, Recipe

Facts = dict[str, Any]
LIMIT = 4096
PROMPT = "Act by calling tools."
TOOLS = [
    {"type": "function", "function": {
        "name": name, "description": f"Does the work of {name} on an entry.",
        "parameters": {"type": "object", "properties": {"entry": {"type": "string"}, "count": {"type": "integer"}},
                       "required": ["entry"]}}}
    for name in ("find", "open", "change", "close", "list", "count")
]  # fmt: skip


def conversations(rows: int, turns: int = 3) -> Iterator[Facts]:
    """Rows of so many turns, each with a call and its result."""
    draw = random.Random("bench data")
    for number in range(rows):
        messages: list[Facts] = [{"role": "system", "content": PROMPT}]
        for turn in range(turns):
            name = draw.choice(TOOLS)["function"]["name"]  # type: ignore[index]
            entry = f"entry-{number}-{turn}-{draw.randrange(1 << 20)}"
            call = {"name": name, "arguments": {"entry": entry, "count": draw.randrange(100)}}
            messages += [
                {"role": "user", "content": f"Please {name} {entry} for me, and say when it is done."},
                {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": call}]},
                {"role": "tool", "name": name, "content": json.dumps({"entry": entry, "state": "done"})},
                {"role": "assistant", "content": f"I did {name} on {entry}."},
            ]
        yield {"id": f"bench-{number}", "tools": TOOLS, "messages": messages}


def prepare(rows: int, folder: Path) -> Facts:
    """Seconds of each stage, and what came out."""
    from mlx_train.chat.render import Chat
    from mlx_train.data.build import build
    from mlx_train.data.tokens import encode_file
    from mlx_train.models import load_tokenizer
    from mlx_train.train import batching
    from mlx_train.train.engine import Rows

    source = folder / f"rows-{rows}.jsonl"
    if not source.is_file():
        write_with(source, lambda temporary: _write(temporary, rows))
    seconds, begun = {}, time.monotonic()

    def lap(name: str) -> None:
        nonlocal begun
        seconds[name], begun = time.monotonic() - begun, time.monotonic()

    recipe = Recipe(name="bench", prompt=PROMPT, base=Base(name="embedded"), data=Data(files=(source.name,)))
    built = folder / f"built-{rows}"
    summary = build(recipe, built, folder, fault=None)
    lap("build")
    chat = Chat(load_tokenizer("embedded"))
    keep = folder / "tokens"
    encoded = encode_file(
        built / "train.jsonl", chat, LIMIT, "refuse", lambda row: False, keep=keep, about="bench",
        progress=lambda done: print(f"bench: {done} of {rows} rows encoded", file=sys.stderr),
    )  # fmt: skip
    lap("encode")
    held = Rows.of(encoded.examples, share=True)
    micros = held.epoch(8192, 0, 0)
    lap("arrange")
    batching.collate(encoded.examples, micros[0])
    return {
        "rows": summary.rows,
        "tokens": encoded.tokens,
        "micro_batches": len(micros),
        "seconds": seconds,
        "rows_per_s": rows / sum(seconds.values()),
        "process_gb": machine.peak_memory_gb(),
    }


def _write(path: Path, rows: int) -> None:
    with open(path, "w", encoding="utf-8") as stream:
        for row in conversations(rows):
            stream.write(json.dumps(row) + "\n")


def measure(counts: list[int], folder: Path, say: Callable[[str], None]) -> list[Facts]:
    """What `prepare` finds for each number of rows, `first` for the first time and `again` with the ids kept."""
    found = []
    for rows in counts:
        both: Facts = {"rows": rows}
        for name in ("first", "again"):
            say(f"{rows} rows, {name}")
            command = [sys.executable, "-m", "mlx_train.bench.data", str(rows), str(folder)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=preload.preloaded())
            if done.returncode:
                fault = Fault(f"preparing {rows} rows failed; what it said is above.")
                fault.exit_code = done.returncode  # a full disk is no fault of the program
                raise fault
            both[name] = json.loads(done.stdout.splitlines()[-1])
        found.append(both)
    return found


def text(found: list[Facts]) -> str:
    """The measurements as lines of text."""
    lines = ["   rows  M tokens   build s  encode s  arrange s   rows/s  peak GB  encode again s"]
    for each in found:
        first, seconds = each["first"], each["first"]["seconds"]
        lines.append(
            f"{each['rows']:7d}  {first['tokens'] / 1e6:8.1f}  {seconds['build']:8.1f}  {seconds['encode']:8.1f}  "
            f"{seconds['arrange']:9.1f}  {first['rows_per_s']:7.0f}  {first['process_gb']:7.2f}  "
            f"{each['again']['seconds']['encode']:14.1f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(exit_code(lambda: print(json.dumps(prepare(int(sys.argv[1]), Path(sys.argv[2]))))))
