"""Making a new suite from the task families. An existing suite is never written to; a change is a new version.

python -m mlx_train.gates.freeze hard --size 120 --seed 1
"""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mlx_train.errors import BadInput
from mlx_train.files import sha256_file, staged_folder, write_json, write_text
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
    task_line,
    templates_hash,
    words_hash,
)
from mlx_train.tasks.family import FAMILIES, Family, generate
from mlx_train.tasks.task import Split, Task

QUICK = 48
"""Tasks of a quick subset; more where there are more families, so that each has one."""
DRAWS = 200
"""Seeds tried for one more task of a family before the family counts as used up."""

PURPOSE = {
    "hard": "file operations in hard and very hard tiers, of families that may be trained on",
    "heldout": "file operations of families that are never trained on",
    "breadth-retained": "other domains, whose tools replay may train on; families never trained on",
    "breadth-unseen": "other domains, no tool of which occurs in any training data",
    "abstain": "turns in which the right act is no call at all",
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

    Raises:
        BadInput: the folder exists, or no family belongs to the suite, or a family runs out of different tasks.
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
        lock = lock_of(name, tasks, sha256, version=version, status=status, seed=seed)
        write_json(stage / LOCK, lock.model_dump(mode="json"))
        write_text(stage / "README.md", readme(lock, split))
        change = f"Version {version}: {len(tasks)} tasks of {len(chosen)} families, seed {seed}."
        write_text(stage / "CHANGES.md", f"# Changes\n\n- {change}\n")
    return load(out)


def lock_of(
    name: str,
    tasks: Sequence[Task],
    sha256: str,
    *,
    version: int,
    status: Literal["draft", "frozen"],
    seed: int = 0,
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
        quick=tuple(task.id for task in tasks[: max(QUICK, facts["families"])]),
        canary=f"mlx-train canary {uuid.uuid5(uuid.NAMESPACE_OID, f'{name}/{tasks[0].split}/{version}/{sha256}')}",
        world_sha256=world_sha256,
    )


def draw(families: Sequence[Family], split: Split, per_family: int, seed: int) -> list[Task]:
    """`per_family` different tasks of each family, one of each family in turn.

    Raises:
        BadInput: a family runs out of different tasks.
    """
    tasks: list[Task] = []
    seen: set[str] = set()
    following = {family.id: seed * 100_000 for family in families}
    for _ in range(per_family):
        for family in families:
            for _ in range(DRAWS):
                task = generate(family, split, following[family.id])
                following[family.id] += 1
                if words_hash(task) not in seen:
                    break
            else:
                raise BadInput(
                    f"{family.id}: {DRAWS} draws gave no further task with new words. "
                    "Give it more phrasings or names, or ask for fewer."
                )
            seen.add(words_hash(task))
            tasks.append(task)
    return tasks


def readme(lock: Lock, split: Split) -> str:
    """The suite's README."""
    tiers = ", ".join(f"{count} {tier}" for tier, count in lock.counts["by_tier"].items())
    domains = ", ".join(f"{domain} {count}" for domain, count in lock.counts["by_domain"].items())
    return f"""# Suite `{lock.id}`{" (dev)" if split == "dev" else ""}

{PURPOSE[lock.id][0].upper() + PURPOSE[lock.id][1:]}.

- {lock.counts["tasks"]} tasks of {lock.counts["families"]} families (the clusters of the statistics).
- By tier: {tiers}. By domain: {domains}.
- Split `{split}`: its phrasings and names occur in no training data.
- `{TASKS}`: one task a line, complete without the code that generated it.
- `{LOCK}`: status, hashes, counts and the quick subset.
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
    parser.add_argument("--size", type=int, required=True, help="tasks, rounded up to the same number of each family")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dev", action="store_true")
    parser.add_argument("--version", type=int, default=1)
    parser.add_argument("--frozen", action="store_true", help="status frozen instead of draft")
    parser.add_argument("--out", type=Path, help="root folder; default gates/ or data/dev/")
    given = parser.parse_args(arguments)
    _, chosen = membership(given.name, catalogue.families(), given.dev)
    root = given.out or (DEV_SUITES if given.dev else SUITES)
    suite = freeze(
        given.name,
        -(-given.size // max(1, len(chosen))),
        given.seed,
        root / given.name,
        dev=given.dev,
        version=given.version,
        status="frozen" if given.frozen else "draft",
    )
    print(f"{suite.folder}: {len(suite.tasks)} tasks, {suite.digest}")


if __name__ == "__main__":
    main()
