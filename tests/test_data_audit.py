"""Each level of the overlap audit finds a leak that is planted at it, and nothing in clean rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chats import TOOLS

from mlx_train import embedded
from mlx_train.data import stock
from mlx_train.data.audit import LEVELS, Guard, Overlap, audit
from mlx_train.data.build import build
from mlx_train.data.levels import schema_hash, sentences, shingles
from mlx_train.data.stock import audit_stock, faults, recipes
from mlx_train.data.trajectory import Trajectory, from_task, load
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, write_json, write_jsonl, write_text
from mlx_train.places import EMBEDDED
from mlx_train.recipe import SUITES, Recipe
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import generate
from mlx_train.tasks.task import Call, Task, Turn

USER = (
    "Kindly give the file joorwous.txt the name brandisk.md and after that tell me what the mirtoun folder holds now."
)
"""21 words: 14 runs of 8, 9 runs of 13. With slots for the files 19 words: 15 shingles."""
GOLD = (
    Call(name="mv", arguments={"source": "joorwous.txt", "destination": "brandisk.md"}),
    Call(name="cd", arguments={"folder": "mirtoun"}),
    Call(name="ls", arguments={}),
)
WORLD = {"root": {"copper": {"joorwous.txt": "x", "mirtoun": {"ember.log": "y"}, "quiet": {}}}, "cwd": "/copper"}
TASK = Task(
    id="files.renames/gate/1", domain="files", family="files.renames", tier="moderate", split="gate", seed=1,
    world=WORLD, turns=(Turn(user=USER, templates=("files.rename/gate/1",), gold=GOLD, say="It holds ember.log."),),
)  # fmt: skip
LEAKED = from_task(TASK, "A prompt.")


def own(user: str = "Well?", id: str = "own/1", **changes: Any) -> Trajectory:
    """A row of one's own: other tools, no ids of families or templates."""
    messages = [said("user", user), said("assistant", "Well.")]
    return Trajectory(id=id, tools=TOOLS[-1:], messages=messages).model_copy(update=changes)


def said(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def trained(count: int = 12) -> list[Trajectory]:
    """Rows as a recipe makes them."""
    return [from_task(generate(one, "train", n), "Work.") for one in families(domain="calendar", role="train")[:2]
            for n in range(count // 2)]  # fmt: skip


def asking(user: str) -> list[dict[str, Any]]:
    """The gold conversation, asked for in other words."""
    return [said("user", user) if message["role"] == "user" else message for message in LEAKED.messages[1:]]


OTHER_SCHEMAS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {"other": {}}}}}
    for name in ("mv", "cd", "ls")
]
OTHER_VALUES = [
    {**message, "tool_calls": [{"type": "function", "function": {
        "name": call["function"]["name"], "arguments": dict.fromkeys(call["function"]["arguments"], "lantern")}}
        for call in message["tool_calls"]]}
    if "tool_calls" in message else {**message, "content": "{}"} if message["role"] == "tool"
    else said(message["role"], "Well.")
    for message in LEAKED.messages[1:]
]  # fmt: skip
LISTED = [said("user", "Well?"), {**LEAKED.messages[-1], "content": "Joorwous, brandisk; mirtoun and ember."}]

LEAKS: list[tuple[str, list[Trajectory], set[str]]] = [
    ("id", [own(id=TASK.id)], {"id"}),
    ("text", [own(USER.upper().replace(" AND", ", AND"))],
     {"text", "13-gram", "8-gram", "similar", "skeleton", "names"}),
    ("content", [own(messages=asking("Well?"), tools=LEAKED.tools)], {"content", "calls", "names", "schema"}),
    # the first 13 words hold 6 of the 14 runs of 8
    ("13-gram", [own("Once more kindly give the file joorwous.txt the name brandisk.md and after that go to sleep, for "
                     "it is late and nobody will come by today.")], {"13-gram"}),
    # two rows, of 12 words each, hold 10 of 14 runs of 8 and none of 13
    ("8-gram", [own("Or kindly give the file joorwous.txt the name brandisk.md and after lunch sleep."),
                own("The md and after that tell me what the mirtoun folder holds now or never.", id="own/2")],
     {"8-gram"}),
    # the same 15 shingles and one more
    ("similar", [own("Kindly give the file a.csv the name b.log and after that tell me what the mirtoun folder holds "
                     "now, friend.")], {"similar"}),
    ("template", [own(templates=["files.rename/gate/1"])], {"template"}),
    # four of 15 shingles have the folder's name: 11 of 19 are common
    ("skeleton", [own("Kindly give the file a.csv the name b.log and after that tell me what the lantern folder holds "
                      "now.")], {"skeleton"}),
    ("family", [own(family="files.renames")], {"family"}),
    ("calls", [own(messages=OTHER_VALUES, tools=OTHER_SCHEMAS)], {"calls"}),
    ("names", [own(messages=LISTED)], {"names"}),
    ("schema", [own(tools=LEAKED.tools[3:4])], {"schema"}),
]  # fmt: skip


def found(rows: list[Trajectory], tasks: list[Task], suite: str = "breadth-unseen") -> Overlap:
    """One suite's part of an audit of several."""
    other = "hard" if suite != "hard" else "heldout"
    suites = {other: [generate(families(domain="files", role="gate")[0], "gate", 77)], suite: tasks}
    return audit(iter(rows), suites, "a.jsonl")[suite]


def fired(overlap: Overlap) -> set[str]:
    return {level for level, count in overlap.counts.items() if count}


def test_clean_rows_share_nothing() -> None:
    overlap = found([*trained(), own("Please water the plants.")], [TASK])
    assert fired(overlap) == set() and not overlap.blocking and overlap.names == 0
    assert (overlap.rows, overlap.tasks, list(overlap.counts)) == (13, 1, [level.name for level in LEVELS])


@pytest.mark.parametrize(("level", "leak", "expected"), LEAKS, ids=[leak[0] for leak in LEAKS])
def test_a_planted_leak_is_found_at_its_level(level: str, leak: list[Trajectory], expected: set[str]) -> None:
    overlap = found([*trained(12), *leak, *trained(4)], [TASK])
    assert fired(overlap) == expected and level in expected
    hit = overlap.examples[level][0]
    places = {(row.id, f"a.jsonl:{number}") for number, row in enumerate(leak, 13)}
    assert hit.task == TASK.id and (hit.row, hit.place) in places


@pytest.mark.parametrize(("level", "leak", "expected"), LEAKS, ids=[leak[0] for leak in LEAKS])
def test_a_row_that_would_block_every_suite_is_known_by_itself(
    level: str, leak: list[Trajectory], expected: set[str]
) -> None:
    guard = Guard({"hard": [generate(families(domain="files", role="gate")[0], "gate", 77)], "heldout": [TASK]})
    assert not any(map(guard.fault, trained()))
    order = [one.name for one in LEVELS if one.blocks is None and one.name in expected]
    for row in leak:
        alone = level != "8-gram" and order  # neither of its two rows has enough of the runs
        assert guard.fault(row) == (f"overlaps with the suite heldout: {order[0]}" if alone else "")


def test_a_call_without_words_may_leave_them_out() -> None:
    call = {"role": "assistant", "tool_calls": [{"type": "function", "function": {"name": "wc", "arguments": {}}}]}
    messages = [said("user", "Count."), call, {"role": "tool", "name": "wc", "content": "{}"}, said("assistant", "3.")]
    row = Trajectory(id="own/2", tools=TOOLS[-1:], messages=messages)
    assert not found([row], [TASK]).blocking


def test_every_level_has_a_leak() -> None:
    assert [leak[0] for leak in LEAKS] == [level.name for level in LEVELS]
    assert [level.number for level in LEVELS] == [1, 1, 1, 2, 2, 3, 4, 4, 4, 5, 6, 7]


def test_a_leak_into_the_rows_that_choose_checkpoints_is_found() -> None:
    overlap = audit(iter(trained(4)), {"hard": [TASK]}, "train.jsonl", iter([*trained(2), LEAKED]), "dev.jsonl")["hard"]
    assert overlap.blocking and overlap.examples["id"][0].place == "dev.jsonl:3"
    assert (overlap.rows, overlap.dev_rows) == (4, 3)


def test_rows_of_an_earlier_training_are_compared_too() -> None:
    overlap = audit(trained(4), {"hard": [TASK]}, "rows", earlier={"earlier a": [*trained(2), LEAKED]})["hard"]
    assert overlap.blocking and overlap.examples["id"][0].place == "earlier a:3"
    assert (overlap.rows, overlap.dev_rows) == (4, 0)


def test_what_blocks_where() -> None:
    always = {"id", "text", "content", "13-gram", "8-gram", "similar", "template", "skeleton", "names"}
    also: dict[str, set[str]] = {"heldout": {"family"}, "breadth-retained": {"family"}, "abstain": {"family"},
                                 "breadth-unseen": {"family", "calls", "schema"}}  # fmt: skip
    for suite in SUITES:
        overlap = found([LEAKED, own(USER)], [TASK], suite)
        assert fired(overlap) == {level.name for level in LEVELS}
        assert set(overlap.blocks) == always | also.get(suite, set())


@pytest.mark.parametrize("suite", SUITES)
def test_generated_rows_and_tasks_of_the_same_families_share_no_words(suite: str) -> None:
    """The splits are disjoint; what is left is the generator, its tools and what it does with them."""
    domains = ("files", "calendar", "smart_home")
    some = [one for one in families(role="train") if one.domain in domains and one.group in ("first", "wide")][::3]
    rows = [from_task(generate(one, "train", n), "Work.") for one in some for n in range(3)]
    overlap = found(rows, [generate(one, "gate", n) for one in some for n in range(3)], suite)
    assert fired(overlap) <= {"family", "calls", "schema"}
    assert overlap.counts["family"] == overlap.counts["schema"] == overlap.tasks


def test_a_template_is_known_by_its_words_alone() -> None:
    """Other tasks of the same templates, as rows that say nothing of where they come from."""
    which = next(one for one in families(role="gate") if one.id == "files.trade_names")
    rows = [
        from_task(generate(which, "gate", 500 + n), "Work.").model_copy(
            update={"id": f"r{n}", "family": "", "templates": []}
        )
        for n in range(30)
    ]
    tasks = [generate(which, "gate", n) for n in range(5)]
    assert found(rows, tasks).counts["skeleton"] == 5
    assert found(rows, tasks).counts["id"] == found(rows, tasks).counts["template"] == 0


def test_a_value_of_several_words_is_one_name() -> None:
    """It is known by the calls, where the message has no quotation marks."""

    def writing(what: str, name: str) -> Task:
        call = Call(name="echo", arguments={"content": what.lower(), "file_name": name})
        user = f"Write the words {what} into the file {name} for me."
        return TASK.model_copy(update={"turns": (Turn(user=user, templates=(), gold=(call,), say="Done."),)})

    row = from_task(writing("old Ember never sleeps", "z.md"), "").model_copy(update={"id": "own/1", "family": ""})
    assert sentences(row) == {("write", "the", "words", "_", "into", "the", "file", "_", "for", "me")}
    assert {"skeleton", "similar"} & fired(found([row], [writing("bucket rises", "a.txt")])) == {"skeleton"}


def test_what_the_catalogue_says_is_nobodys_text() -> None:
    described = [tool["function"]["description"] for tool in LEAKED.tools]
    sentence = next(text for text in described if len(text.split()) >= 13)
    row = own(f"I read this somewhere and wonder: {sentence}")

    def asked(task: Task) -> Task:
        turn = task.turns[0].model_copy(update={"user": f"Is it true? {sentence}"})
        return task.model_copy(update={"turns": (turn, *task.turns[1:])})

    assert not {"8-gram", "13-gram"} & fired(found([row], [asked(TASK)]))
    elsewhere = generate(families(domain="calendar", role="gate")[0], "gate", 0)
    assert "13-gram" in fired(found([row], [asked(elsewhere)]))


def test_tasks_of_the_same_id_in_two_suites_are_told_apart() -> None:
    other = TASK.model_copy(update={"turns": (TASK.turns[0].model_copy(update={"user": "What is the weather?"}),)})
    both = audit(iter([own(USER)]), {"hard": [other], "heldout": [TASK]})
    assert "similar" not in both["hard"].blocks and "similar" in both["heldout"].blocks


def test_schema_hash_ignores_descriptions_alone() -> None:
    tool = json.loads(json.dumps(TOOLS[0]))
    before = schema_hash(tool)
    tool["function"]["description"] = "Other."
    tool["function"]["parameters"]["properties"]["source"]["description"] = "Other."
    assert schema_hash(tool) == before
    tool["function"]["parameters"]["properties"]["description"] = {"type": "string"}
    assert schema_hash(tool) != before


def test_shingles_replace_names() -> None:
    assert shingles(own("Copy 'a b' to dir/sub and 3 times")) == shingles(own('copy "z" to x/y and 12 times'))
    assert shingles(own("don't do this, it's late today")) != shingles(own("do it"))
    assert sentences(own("Look into x/y. Then into a_b; stop at 12.")) == {
        ("look", "into", "_"), ("then", "into", "_"), ("stop", "at", "_"),
    }  # fmt: skip


# The rows that a stock model was made from.

SOURCE = '[[data.sources]]\ndomain = "calendar"\ntiers = ["easy"]\nrows = {}\n[data]\ndev_rows = 1\n'


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A stock model's folder, as far as its rows go: two recipes, and which they are."""
    folder = tmp_path / "model"
    write_json(folder / "curve.json", {"phases": [{"recipe": "one"}, {"recipe": "two"}]})
    for seed, name in enumerate(("one", "two"), 1):
        text = f'name = "{name}"\nseed = {seed}\n[base]\nname = "scratch"\n{SOURCE.format(4 + seed)}'
        write_text(folder / f"{name}.toml", text)
    return folder


Audited = Callable[..., dict[str, Any]]


@pytest.fixture
def audited(model: Path) -> Audited:
    def run(digest: str = "d", weights: str = "w") -> dict[str, Any]:
        out, work = model / "overlap.json", model.parent / "work"
        result = audit_stock(model, weights, {"heldout": [TASK]}, {"heldout": digest}, work, out, fault=None)
        assert read_json(out) == json.loads(json.dumps(result))
        return result

    return run


def test_all_recipes_of_a_stock_model_are_compared(model: Path, audited: Audited) -> None:
    result = audited()
    assert [entry["suites"]["heldout"]["rows"] for entry in result["recipes"].values()] == [5, 6]
    assert not any(entry["suites"]["heldout"]["blocking"] for entry in result["recipes"].values())
    rows = model.parent / "work" / "two" / "rebuilt" / "train.jsonl"
    assert result["recipes"]["two"]["rows_sha256"] == sha256_file(rows)
    assert faults(result, model, "w", {"heldout": "d"}) == []


def test_the_rows_of_the_training_itself_are_taken_where_they_are_kept(model: Path, audited: Audited) -> None:
    work = model.parent / "work"
    build(recipes(model)[0][1], work / "one" / "data", fault=None)
    assert [entry["rebuilt"] for entry in audited()["recipes"].values()] == [False, True]
    assert not (work / "one" / "rebuilt").exists() and not (work / "two" / "data").exists()
    assert [entry["rebuilt"] for entry in audited("other")["recipes"].values()] == [False, True]


def test_a_leak_in_the_rows_of_a_stock_model_is_found(model: Path, audited: Audited) -> None:
    audited()
    folder = model.parent / "work" / "two" / "rebuilt"
    write_jsonl(folder / "train.jsonl", [row.model_dump() for row in [*load(folder / "train.jsonl"), LEAKED]])
    with pytest.raises(BadInput, match="not the rows of two"):
        audited("other")
    summary = read_json(folder / "summary.json")
    summary["sha256"]["train.jsonl"] = sha256_file(folder / "train.jsonl")
    write_json(folder / "summary.json", summary)
    result = audited("other")["recipes"]
    assert not result["one"]["suites"]["heldout"]["blocking"]
    assert result["two"]["suites"]["heldout"]["blocks"][0] == "id"
    assert result["two"]["suites"]["heldout"]["examples"]["id"][0]["place"] == "two/train.jsonl:7"


def test_a_leak_into_the_dev_rows_of_a_stock_model_is_found(model: Path, audited: Audited) -> None:
    audited()
    folder = model.parent / "work" / "two" / "rebuilt"
    write_jsonl(folder / "dev.jsonl", [LEAKED.model_dump()])
    with pytest.raises(BadInput, match="not the rows of two"):
        audited("other")
    summary = read_json(folder / "summary.json")
    summary["sha256"]["dev.jsonl"] = sha256_file(folder / "dev.jsonl")
    write_json(folder / "summary.json", summary)
    found = audited("other")["recipes"]["two"]["suites"]["heldout"]
    assert found["examples"]["id"][0]["place"] == "two/dev.jsonl:1" and (found["rows"], found["dev_rows"]) == (6, 1)


def test_the_rows_of_the_models_below_count_too(
    model: Path, audited: Audited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base kept of a run on a base that was kept of a run on somebody else's."""
    monkeypatch.setattr(stock, "BASES", tmp_path / "bases")
    for name, below in (("lower", "foreign"), ("upper", "lower")):
        folder = tmp_path / "bases" / name
        write_json(folder / "curve.json", {"phases": [{"recipe": name}]})
        write_text(folder / "base.toml", f'made_of = "{below}"\n')
        write_text(folder / f"{name}.toml", f'name = "{name}"\n[base]\nname = "{below}"\n{SOURCE.format(2)}')
    lower, upper = tmp_path / "bases" / "lower", tmp_path / "bases" / "upper"
    assert [(file.parent.name, one.name) for file, one in recipes(upper)] == [("lower", "lower"), ("upper", "upper")]
    arguments = {"heldout": [TASK]}, {"heldout": "d"}, tmp_path / "work"
    result = audit_stock(upper, "w", *arguments, upper / "overlap.json", fault=None)
    assert list(result["recipes"]) == ["lower", "upper"] and faults(result, upper, "w", {"heldout": "d"}) == []

    # what is known of the one below, by the same rules with the same suites, is not compared again
    entry = result["recipes"]["lower"] | {"rows_sha256": "known"}
    for key, value, taken in (("rules", -1, False), ("suites", {"heldout": "e"}, False), ("weights_sha256", "v", True)):
        write_json(lower / "overlap.json", result | {"recipes": {"lower": entry}, key: value})
        (upper / "overlap.json").unlink()
        again = audit_stock(upper, "w", *arguments, upper / "overlap.json", fault=None)["recipes"]["lower"]
        assert (again == entry) is taken

    del result["recipes"]["lower"]
    assert faults(result, upper, "w", {"heldout": "d"}) == ["lower is missing"]


def test_own_rows_are_found_beside_the_recipe(model: Path, audited: Audited) -> None:
    text = (model / "two.toml").read_text().replace("dev_rows = 1", 'dev_rows = 1\nfiles = ["own/rows.jsonl"]')
    write_text(model / "two.toml", text)
    write_jsonl(model / "own" / "rows.jsonl", [own(USER).model_dump()])
    result = audited()["recipes"]
    assert not result["one"]["suites"]["heldout"]["blocking"]
    assert "text" in result["two"]["suites"]["heldout"]["blocks"] and result["two"]["suites"]["heldout"]["rows"] == 7


def test_it_goes_on_where_it_stopped(model: Path, audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(recipe: Recipe, folder: Path, root: Path, **fault: Any) -> None:
        if recipe.name == "two":
            raise KeyboardInterrupt
        build(recipe, folder, root, **fault)

    monkeypatch.setattr(stock, "build", stopped)
    with pytest.raises(KeyboardInterrupt):
        audited()
    half = read_json(model / "overlap.json")
    assert list(half["recipes"]) == ["one"] and faults(half, model, "w", {"heldout": "d"}) == ["two is missing"]
    monkeypatch.setattr(stock, "build", build)
    shutil.rmtree(model.parent / "work" / "one")  # known, so not looked at again
    whole = audited()
    assert list(whole["recipes"]) == ["one", "two"] and whole["recipes"]["one"] == half["recipes"]["one"]
    assert not (model.parent / "work" / "one").exists()


def test_replay_is_a_part_of_what_a_recipe_asks_for(model: Path, audited: Audited) -> None:
    text = (model / "two.toml").read_text()
    write_text(model / "two.toml", text + "replay = 0.25\n")
    assert audited()["recipes"]["two"]["suites"]["heldout"]["rows"] == 6 + 2
    assert audited("e")["recipes"]["two"]["suites"]["heldout"]["rows"] == 6 + 2  # the rows that the first one built


def test_a_result_that_is_out_of_date_says_so_and_is_made_again(model: Path, audited: Audited) -> None:
    result = audited()
    assert faults(result, model, "v", {"heldout": "d"}) == ["it was made for other weights"]
    assert faults(result, model, "w", {"heldout": "e"}) == ["it was made with other suites"]
    assert faults({**result, "suites": {"heldout": "d", "more": "m"}}, model, "w", {"heldout": "d"}) == []
    assert faults({**result, "rules": 0}, model, "w", {"heldout": "d"}) == ["it was made by other rules"]
    assert faults([], model, "w", {}) == ["it is not the result of an audit"]
    text = (model / "two.toml").read_text()
    write_text(model / "two.toml", text + "\n[train]\nepochs = 2\n")
    assert faults(result, model, "w", {"heldout": "d"}) == []  # the same rows
    write_text(model / "two.toml", text.replace("rows = 6", "rows = 7"))
    assert faults(result, model, "w", {"heldout": "d"}) == ["two has changed since"]
    with pytest.raises(BadInput, match=r"not the rows of two as its recipe is now\. Move"):
        audited()
    shutil.rmtree(model.parent / "work" / "two")
    again = audited()
    assert again["recipes"]["one"] == result["recipes"]["one"]
    assert again["recipes"]["two"]["suites"]["heldout"]["rows"] == 7
    assert faults(again, model, "w", {"heldout": "d"}) == []


def test_the_recipes_of_the_base_that_ships_are_found() -> None:
    assert [file.name for file, _ in recipes(EMBEDDED)] == list(embedded.RECIPES)
