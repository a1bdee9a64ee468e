"""Making a new suite from the task families. An existing suite is never written to; a change is a new version.

python -m mlx_train.gates.freeze hard --size 400 --after old/hard --why "400 tasks"
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import uuid
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mlx_train.ending import exit_code
from mlx_train.errors import BadInput
from mlx_train.files import sha256_file, staged_folder, write_json, write_text
from mlx_train.gates.difficulty import FLOORS, Difficulty, below, measure
from mlx_train.gates.suites import (
    CHECKER,
    LOCK,
    TASKS,
    Lock,
    Suite,
    counts,
    gold_hash,
    load,
    membership,
    read_lock,
    task_line,
    templates_hash,
    tools_hash,
    words_hash,
)
from mlx_train.recipe import Recipe
from mlx_train.tasks.family import FAMILIES, Family, generate
from mlx_train.tasks.task import Split, Task

QUICK = 48
"""Tasks of a quick subset, twins included."""
DRAWS = 200
"""Seeds tried for one more task of a family before the family counts as used up."""
UNLIKE = 12
"""The first of these draws are taken only if no earlier task of the family is put in the same phrasings."""

PURPOSE = {
    "hard": """File operations in hard and very hard tiers, of families that may be trained on. A model that passes does
long file work of the kinds it may have been trained on, asked for in words it has not met: 5 to 16 calls in one to
eight turns, with arguments that have to be read off results.""",
    "heldout": """File operations of families that are never trained on. A model that passes does other work with the
same 18 tools, from one look to 16 calls, so it has learned the tools and not the plots.""",
    "breadth-retained": """Other domains, whose tools replay may train on; families never trained on. The same tasks
before and after a training tell what it cost where replay protects: single calls, several turns, arguments from
results.""",
    "breadth-unseen": """Other domains, no tool of which occurs in any training data. The same tasks before and after a
training tell what it cost where nothing protects.""",
    "abstain": """Turns in which the right act is no call at all: no tool fits, something is missing, or plain words are
the answer. Each task has a twin in the same world, worded nearly alike, in which a call is right. **A pair passes only
if both do**, so neither silence nor calling every time scores.""",
}


def freeze(
    name: str,
    per_family: int,
    seed: int,
    out: Path,
    *,
    dev: bool = False,
    version: int = 1,
    status: Literal["draft", "frozen"] = "draft",
    families: Sequence[Family] | None = None,
    commit: str | None = None,
    floors: Difficulty | None = None,
    changes: Sequence[str] = (),
    why: str = "",
) -> Suite:
    """Write a new suite folder and load it back.

    Tasks go round the families, one of each in turn, so any beginning of the file is balanced; a task whose user says
    the same words as an earlier one is drawn again.

    Args:
        name: one of the five suites.
        per_family: tasks of each family.
        seed: seeds of the tasks begin at `seed * 100_000`.
        out: the folder to create, `<root>/<name>`.
        dev: the suite for choosing recipes and checkpoints instead of the gate.
        commit: of the task families.
        floors: the difficulty that the tasks must have.
        changes: the lines on earlier versions.
        why: a sentence for the line on this one.

    Raises:
        BadInput: the folder exists, or no family belongs to the suite, or a family runs out of different tasks, or the
            tasks are easier than the floors.
    """
    if out.exists():
        raise BadInput(f"{out}: exists already and a suite is never overwritten. Freeze a new version in a new folder.")
    split, chosen = membership(name, list(FAMILIES.values()) if families is None else families, dev)
    if not chosen:
        raise BadInput(f"no family belongs to the {'dev ' if dev else ''}suite {name}. Add one in mlx_train/tasks.")
    tasks = draw(chosen, split, per_family, seed)
    text = "".join(task_line(task) + "\n" for task in tasks)
    with staged_folder(out) as stage:
        stage.chmod(0o755)
        write_text(stage / TASKS, text)
        sha256 = sha256_file(stage / TASKS)
        lock = lock_of(name, tasks, sha256, version=version, status=status, seed=seed, commit=commit)
        lock = lock.model_copy(update={"floors": floors})
        if floors and lock.difficulty and (easy := below(lock.difficulty, floors)):
            raise BadInput(f"{name}: easier than its floors: {'; '.join(easy)}. Add harder families.")
        write_json(stage / LOCK, lock.model_dump(mode="json"))
        write_text(stage / "README.md", readme(lock, split))
        change = f"- Version {version}: {len(tasks)} tasks of {len(chosen)} families, seed {seed}. {why}".rstrip()
        write_text(stage / "CHANGES.md", "\n".join(["# Changes", "", change, *changes, ""]))
    return load(out)


def lock_of(
    name: str,
    tasks: Sequence[Task],
    sha256: str,
    *,
    version: int,
    status: Literal["draft", "frozen"],
    seed: int = 0,
    commit: str | None = None,
    world_sha256: str | None = None,
) -> Lock:
    """The lock of tasks whose file has the hash `sha256`; they must have been checked."""
    facts = counts(tasks)
    return Lock(
        id=name,
        version=version,
        status=status,
        sha256=sha256,
        gold_sha256=gold_hash(tasks),
        templates_sha256=templates_hash(tasks),
        checker=CHECKER,
        seed=seed,
        counts=facts,
        quick=quick(tasks),
        canary=f"mlx-train canary {uuid.uuid5(uuid.NAMESPACE_OID, f'{name}/{tasks[0].split}/{version}/{sha256}')}",
        commit=commit,
        prompt=Recipe.model_fields["prompt"].default,
        tools_sha256=tools_hash(tasks),
        difficulty=measure(tasks),
        world_sha256=world_sha256,
    )


def quick(tasks: Sequence[Task]) -> tuple[str, ...]:
    """The ids of a quick subset, each task with its twin, in the suite's order.

    Families stand in order of tier and domain and are gone round, so that each has as many tasks as the next; in the
    last round, where not every family gets one more, those are taken that lie at equal distances.
    """
    twins = {task.twin_of: task.id for task in tasks if task.twin_of is not None}
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for task in tasks:
        if task.twin_of is None:
            groups[task.tier, task.domain, task.family].append(task.id)
    room = QUICK // 2 if twins else QUICK
    chosen: set[str] = set()
    for number in range(max(map(len, groups.values()), default=0)):
        left = [groups[key][number] for key in sorted(groups) if len(groups[key]) > number]
        count = min(room - len(chosen), len(left))
        chosen |= {left[place * len(left) // count] for place in range(count)}
    chosen |= {twins[id] for id in chosen if id in twins}
    return tuple(task.id for task in tasks if task.id in chosen)


def draw(families: Sequence[Family], split: Split, per_family: int, seed: int) -> list[Task]:
    """`per_family` different tasks of each family, one of each family in turn; behind a task without a right call its
    twin, in the same world.

    Raises:
        BadInput: a family runs out of different tasks.
    """
    tasks: list[Task] = []
    seen: set[str] = set()
    following = {family.id: seed * 100_000 for family in families}
    for _ in range(per_family):
        for family in families:
            for tried in range(DRAWS):
                drawn = _drawn(family, split, following[family.id])
                following[family.id] += 1
                words = {words_hash(task) for task in drawn}
                ways = {_way(task) for task in drawn}
                new = drawn and len(words) == len(drawn) and not words & seen
                if new and (tried >= UNLIKE or not ways & seen):
                    break
            else:
                raise BadInput(
                    f"{family.id}: {DRAWS} draws gave no further task with new words. "
                    "Give it more phrasings or names, or ask for fewer."
                )
            seen |= words | ways
            tasks += drawn
    return tasks


def _drawn(family: Family, split: Split, seed: int) -> list[Task]:
    """The task, or the task and its twin; none where the two came to be in different worlds."""
    task = generate(family, split, seed)
    if not family.abstain:
        return [task]
    twin = generate(family, split, seed, twin=True)
    return [task, twin] if twin.world == task.world else []


def _way(task: Task) -> str:
    """In which phrasings a family puts a task or a twin."""
    asked = [template for turn in task.turns for template in turn.templates]
    return " ".join([task.family, "twin" if task.twin_of else "", *asked])


def head() -> str:
    """The commit of the code that runs.

    Raises:
        BadInput: it is not a checkout, or has changes that are not committed.
    """
    package = Path(__file__).resolve().parent.parent

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(package), *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()

    try:
        changed, commit = git("status", "--porcelain", "--", "."), git("rev-parse", "HEAD")
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadInput(f"{package}: not a git checkout, so no commit can be named for the suite ({error}).") from None
    if changed:
        raise BadInput(f"{package}: has changes that are not committed; commit them, so that the suite can name them.")
    return commit


def readme(lock: Lock, split: Split) -> str:
    """The suite's README."""
    tiers = ", ".join(f"{count} {tier}" for tier, count in lock.counts["by_tier"].items())
    domains = ", ".join(f"{domain} {count}" for domain, count in lock.counts["by_domain"].items())
    twins = f", {lock.counts['twins']} of them twins," if "twins" in lock.counts else ""
    made = f" of the families in commit `{lock.commit}`" if lock.commit else ""
    dev = "For choosing recipes and checkpoints; never reported as a gate.\n\n" if split == "dev" else ""
    assert lock.difficulty is not None
    found = lock.difficulty
    return f"""# Suite `{lock.id}`{" (dev)" if split == "dev" else ""}, version {lock.version}

{PURPOSE[lock.id]}

{dev}- {lock.counts["tasks"]} tasks{twins} of {lock.counts["families"]} families (the clusters of the statistics).
- Drawn with seed {lock.seed}{made}.
- By tier: {tiers}. By domain: {domains}.
- {found.mean_calls:.1f} gold calls a task on average; {found.derived:.0%} of their arguments come from earlier results.
  {found.recovery:.0%} of the tasks recover from a call that fails. {found.call_shapes} different sequences of calls.
  Each family is asked for in at least {found.ways_to_ask} different sequences of phrasings.
  The lock has floors that no version falls below.
- Split `{split}`: no training data has its phrasings, nor draws names from the words that its names come from. Some
  of these do stand in training rows as ordinary words (a letter, it shows).
- `{TASKS}`: one task a line, complete without the code that generated it.
- `{LOCK}`: status, hashes, prompt, counts, difficulty and the quick subset of {len(lock.quick)} tasks.
- `mlx-train gates verify` recomputes every hash and replays every gold solution.
- The files are never edited. A change is a new version, generated into a new folder, with a line in CHANGES.md.
  Scores of two versions are not compared.
- These tasks must not be trained on. Canary: `{lock.canary}`
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: freeze one suite, at about the size asked for."""
    from mlx_train.places import DEV_SUITES, SUITES
    from mlx_train.tasks import catalogue

    parser = argparse.ArgumentParser(description="Write a new suite.")
    parser.add_argument("name", choices=sorted(PURPOSE))
    parser.add_argument("--size", type=int, required=True, help="tasks without twins, the same number of each family")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dev", action="store_true")
    parser.add_argument("--after", type=Path, help="folder of the version before, moved out of the way")
    parser.add_argument("--why", default="", help="sentences for CHANGES.md")
    parser.add_argument("--draft", action="store_true", help="status draft instead of frozen")
    parser.add_argument("--out", type=Path, help="root folder; default gates/ or data/dev/")
    given = parser.parse_args(arguments)
    _, chosen = membership(given.name, catalogue.families(), given.dev)
    root = given.out or (DEV_SUITES if given.dev else SUITES)
    if given.after and not (given.after / "CHANGES.md").is_file():
        raise BadInput(f"--after {given.after}: no suite with a CHANGES.md is there. Give the folder it was moved to.")
    before = given.after and (given.after / "CHANGES.md").read_text(encoding="utf-8").splitlines()[2:]
    suite = freeze(
        given.name,
        -(-given.size // max(1, len(chosen))),
        given.seed,
        root / given.name,
        dev=given.dev,
        version=read_lock(given.after).version + 1 if given.after else 1,
        status="draft" if given.draft else "frozen",
        commit=None if given.draft else head(),
        floors=FLOORS[given.name, "dev" if given.dev else "gate"],
        changes=before or (),
        why=given.why,
    )
    print(f"{suite.folder}: {len(suite.tasks)} tasks, {suite.digest}")


if __name__ == "__main__":
    sys.exit(exit_code(main))
