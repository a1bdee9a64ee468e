"""The file world: each tool, its errors, and the same calls on the leaderboard's own class."""

from __future__ import annotations

import contextlib
import copy
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_train.world.files import DEVIATIONS, Files

START: dict[str, Any] = {
    "root": {
        "top": {
            "a": {"x.txt": "one\ntwo\n\nthree", "sub": {"y.md": "deep"}},
            "b": {},
            "n.txt": "b line\na line\nb line",
            ".h": "hidden",
        }
    },
    "cwd": "/top",
}


def world(cwd: str = "/top") -> Files:
    return Files({**START, "cwd": cwd})


def ok(files: Files, name: str, /, **arguments: Any) -> dict[str, Any]:
    result = files.call(name, arguments)
    assert "error" not in result, result
    return result


READS = [
    ("cat", {"file_name": "n.txt"}, {"file_content": "b line\na line\nb line"}),
    ("diff", {"file_name1": "n.txt", "file_name2": ".h"}, {"diff_lines": "- b line\n+ hidden"}),
    ("du", {}, {"disk_usage": "44 bytes"}),  # 14 + 4 + 20 + 6
    ("du", {"human_readable": True}, {"disk_usage": "44.00 B"}),
    ("echo", {"content": "hello"}, {"terminal_output": "hello"}),
    ("find", {"path": "a"}, {"matches": ["a/x.txt", "a/sub", "a/sub/y.md"]}),
    ("find", {"name": ".txt"}, {"matches": ["./a/x.txt", "./n.txt"]}),
    ("find", {"path": "/", "name": "y"}, {"matches": ["/a/sub/y.md"]}),
    ("find", {"name": "nowhere"}, {"matches": []}),
    ("grep", {"file_name": "n.txt", "pattern": "b l"}, {"matching_lines": ["b line", "b line"]}),
    ("ls", {}, {"current_directory_content": ["a", "b", "n.txt"]}),
    ("ls", {"a": True}, {"current_directory_content": ["a", "b", "n.txt", ".h"]}),
    ("pwd", {}, {"current_working_directory": "/top"}),
    ("sort", {"file_name": "n.txt"}, {"sorted_content": "a line\nb line\nb line"}),
    ("tail", {"file_name": "n.txt", "lines": 2}, {"last_lines": "a line\nb line"}),
    ("tail", {"file_name": "n.txt"}, {"last_lines": "b line\na line\nb line"}),
    ("tail", {"file_name": "n.txt", "lines": 0}, {"last_lines": ""}),
    ("wc", {"file_name": "n.txt"}, {"count": 3, "type": "lines"}),
    ("wc", {"file_name": "n.txt", "mode": "w"}, {"count": 6, "type": "words"}),
    ("wc", {"file_name": "n.txt", "mode": "c"}, {"count": 20, "type": "characters"}),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), READS)
def test_a_reading_tool_answers_and_changes_nothing(name: str, arguments: dict[str, Any], expected: Any) -> None:
    files = world()
    assert files.call(name, arguments) == expected
    assert files.state() == START


WRITES = [
    ("cp", {"source": "n.txt", "destination": "b"}, {"b": {"n.txt": "b line\na line\nb line"}}),
    ("cp", {"source": "n.txt", "destination": "m.txt"}, {"m.txt": "b line\na line\nb line"}),
    ("cp", {"source": "a", "destination": "b"}, {"b": {"a": START["root"]["top"]["a"]}}),
    ("echo", {"content": "new", "file_name": "n.txt"}, {"n.txt": "new"}),
    ("mkdir", {"dir_name": "d"}, {"d": {}}),
    ("mv", {"source": ".h", "destination": "b"}, {".h": None, "b": {".h": "hidden"}}),
    ("mv", {"source": "a", "destination": "c"}, {"a": None, "c": START["root"]["top"]["a"]}),
    ("rm", {"file_name": "a"}, {"a": None}),
    ("rm", {"file_name": "n.txt"}, {"n.txt": None}),
    ("rmdir", {"dir_name": "b"}, {"b": None}),
    ("touch", {"file_name": "t.log"}, {"t.log": ""}),
]


@pytest.mark.parametrize(("name", "arguments", "changes"), WRITES)
def test_a_writing_tool_changes_only_what_it_names(name: str, arguments: dict[str, Any], changes: Any) -> None:
    files = world()
    ok(files, name, **arguments)
    expected = {key: entry for key, entry in (START["root"]["top"] | changes).items() if entry is not None}
    assert files.outcome() == {"root": {"top": expected}}


REFUSED = [
    ("cat", {"file_name": "a"}),
    ("cat", {"file_name": "a/x.txt"}),
    ("cat", {}),
    ("cd", {"folder": "n.txt"}),
    ("cd", {"folder": "a/sub"}),
    ("cd", {"folder": ".."}),
    ("cp", {"source": "a", "destination": "a"}),
    ("cp", {"source": "n.txt", "destination": ".h"}),
    ("cp", {"source": "n.txt", "destination": "b/m.txt"}),
    ("cp", {"source": "none", "destination": "b"}),
    ("diff", {"file_name1": "n.txt", "file_name2": "a"}),
    ("echo", {"content": "x", "file_name": "none.txt"}),
    ("echo", {"content": "x", "file_name": "a"}),
    ("find", {"path": "n.txt"}),
    ("find", {"path": ".."}),
    ("grep", {"file_name": "none", "pattern": "x"}),
    ("ls", {"a": "yes"}),
    ("mkdir", {"dir_name": "a"}),
    ("mkdir", {"dir_name": "c/d"}),
    ("mkdir", {"dir_name": ".."}),
    ("mv", {"source": "n.txt", "destination": ".h"}),
    ("mv", {"source": "a", "destination": "a"}),
    ("mv", {"source": "n.txt", "destination": ".."}),
    ("mv", {"source": "n.txt", "destination": "what?"}),
    ("rm", {"file_name": "none"}),
    ("rm", {"file_name": "a", "force": True}),
    ("rmdir", {"dir_name": "a"}),
    ("rmdir", {"dir_name": "n.txt"}),
    ("sort", {"file_name": "b"}),
    ("tail", {"file_name": "n.txt", "lines": -1}),
    ("touch", {"file_name": "n.txt"}),
    ("touch", {"file_name": ""}),
    ("wc", {"file_name": "n.txt", "mode": "x"}),
    ("format", {}),
]


@pytest.mark.parametrize(("name", "arguments"), REFUSED)
def test_a_refused_call_is_an_error_and_changes_nothing(name: str, arguments: dict[str, Any]) -> None:
    files = world()
    result = files.call(name, arguments)
    assert list(result) == ["error"]
    assert files.state() == START


def test_moving_about() -> None:
    files = world()
    assert ok(files, "cd", folder="a") == {"current_working_directory": "a"}
    assert ok(files, "cd", folder="sub/") == {"current_working_directory": "sub"}
    assert ok(files, "pwd") == {"current_working_directory": "/top/a/sub"}
    assert ok(files, "cat", file_name="y.md") == {"file_content": "deep"}
    assert ok(files, "cd", folder=".") == {"current_working_directory": "sub"}
    assert ok(files, "cd", folder="..") == {"current_working_directory": "a"}
    ok(files, "cd", folder="sub")
    assert ok(files, "cd", folder="/") == {"current_working_directory": "top"}
    assert files.state() == START


def test_a_moved_directory_keeps_its_way_up_and_a_copy_is_its_own() -> None:
    files = world()
    ok(files, "cp", source="a", destination="copy")
    ok(files, "mv", source="a", destination="b")
    for folder in ("b", "a", "sub"):
        ok(files, "cd", folder=folder)
    ok(files, "echo", content="changed", file_name="y.md")
    assert ok(files, "cd", folder="..") == {"current_working_directory": "a"}
    assert ok(files, "pwd") == {"current_working_directory": "/top/b/a"}
    assert files.state()["root"]["top"]["copy"]["sub"] == {"y.md": "deep"}


def test_the_order_of_names_is_no_part_of_the_outcome() -> None:
    one, two = world(), world()
    for name in ("p", "q"):
        ok(one, "mkdir", dir_name=name)
    for name in ("q", "p"):
        ok(two, "mkdir", dir_name=name)
    ok(two, "cd", folder="p")
    assert one.outcome() == two.outcome()
    assert one.state() != two.state()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"root": {}},
        {"root": {"a": {}, "b": {}}},
        {"root": {"a": "text"}},
        {"root": {"a": {"f": 3}}},
        {"root": {"a": {"x/y": ""}}},
        {"root": {"a": {}}, "cwd": "/b"},
        {"root": {"a": {"f": ""}}, "cwd": "/a/f"},
    ],
)
def test_a_state_of_another_form_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="files"):
        Files(state)


def test_the_catalogue_has_the_leaderboards_functions_and_parameters() -> None:
    assert {
        entry["function"]["name"]: list(entry["function"]["parameters"]["properties"]) for entry in Files.tools()
    } == {
        "cat": ["file_name"], "cd": ["folder"], "cp": ["source", "destination"], "diff": ["file_name1", "file_name2"],
        "du": ["human_readable"], "echo": ["content", "file_name"], "find": ["path", "name"],
        "grep": ["file_name", "pattern"], "ls": ["a"], "mkdir": ["dir_name"], "mv": ["source", "destination"],
        "pwd": [], "rm": ["file_name"], "rmdir": ["dir_name"], "sort": ["file_name"], "tail": ["file_name", "lines"],
        "touch": ["file_name"], "wc": ["file_name", "mode"],
    }  # fmt: skip


# --- The same calls on the leaderboard's class ---

Tree = dict[str, Any]


def to_theirs(tree: Tree | str) -> dict[str, Any]:
    if isinstance(tree, str):
        return {"type": "file", "content": tree}
    return {"type": "directory", "contents": {name: to_theirs(entry) for name, entry in tree.items()}}


def from_theirs(entry: Any) -> Tree | str:
    if hasattr(entry, "contents"):
        return {name: from_theirs(below) for name, below in entry.contents.items()}
    return str(entry.content)


def theirs(state: dict[str, Any]) -> Any:
    """Their class in the same state."""
    module = pytest.importorskip("bfcl_eval.eval_checker.multi_turn_eval.func_source_code.gorilla_file_system")
    other = module.GorillaFileSystem()
    other._load_scenario({"root": {name: to_theirs(tree) for name, tree in state["root"].items()}})
    for folder in state["cwd"].strip("/").split("/")[1:]:
        assert "error" not in other.cd(folder)
    return other


def their_call(other: Any, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Their result; an exception counts as an error, None as an empty result."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            return getattr(other, name)(**arguments) or {}
        except Exception as error:
            return {"error": repr(error)}


def our_directory(state: dict[str, Any]) -> Tree:
    names = state["cwd"].strip("/").split("/")
    tree = state["root"]
    for name in names:
        tree = tree[name]
    return dict(tree)


MADE = {"mkdir": "dir_name", "touch": "file_name", "mv": "destination", "cp": "destination"}


def deviates(state: dict[str, Any], name: str, arguments: dict[str, Any]) -> str | None:
    """The listed deviation that makes the two answer this call differently, or None.

    The deviations that only make an exception an error need no case, and those that show later are in `shares`.
    """
    here = our_directory(state)
    made = str(arguments.get(MADE.get(name, "")))
    if name == "cd" and arguments["folder"].rstrip("/") == "..":
        return "cd-parent" if state["cwd"].count("/") > 1 else None
    if name == "tail" and arguments.get("lines", 10) < 1:
        return "tail-count"
    if made in ("", ".", "..") and (name in ("mkdir", "touch") or arguments["source"] in here):
        return "empty-and-dot-names"
    if name in ("mv", "cp") and arguments["source"] in here:
        if made == arguments["source"] and isinstance(here[made], dict):
            return "into-itself"
        if any(mark in made for mark in '|\\?%*:"><'):
            return "destination-name"
    return None


def shares(state: dict[str, Any], name: str, arguments: dict[str, Any]) -> bool:
    """Whether the call leaves their objects with shared files or stale parents (copy-shares, move-parent)."""
    return name in ("mv", "cp") and isinstance(our_directory(state).get(arguments["source"]), dict)


NAMES = st.sampled_from(["a", "b", "c", "f.txt", "g.md", ".h", "fa"])
ODD = st.sampled_from(["", ".", "..", "/", "a/b", "b/", "x*", "wh?t", "none", "../a", "a/b/"])
NAME = st.one_of(NAMES, NAMES, NAMES, ODD)
READERS = st.sampled_from(["cat", "rm", "sort", "tail", "touch", "wc"])
PATTERNS = st.sampled_from(["", "o", "two"])
TEXT = st.sampled_from(["", "one", "one\ntwo", "two\none\ntwo\n", "a b\n\nc é", "x\ny\nz\nw"])
TREE = st.recursive(TEXT, lambda below: st.dictionaries(NAMES, below, max_size=4), max_leaves=8)
CALL = st.one_of(
    st.tuples(st.sampled_from(["ls", "du", "find", "pwd"]), st.just({})),
    st.tuples(st.just("ls"), st.fixed_dictionaries({"a": st.booleans()})),
    st.tuples(st.just("du"), st.fixed_dictionaries({"human_readable": st.booleans()})),
    st.tuples(
        st.just("find"),
        st.fixed_dictionaries({"path": NAME | st.sampled_from(["/a", "/a/b", "./a", "//"])}, optional={"name": NAME}),
    ),
    st.tuples(st.sampled_from(["cp", "cp", "mv", "mv"]), st.fixed_dictionaries({"source": NAME, "destination": NAME})),
    st.tuples(st.just("cd"), st.fixed_dictionaries({"folder": NAME})),
    st.tuples(st.just("cd"), st.fixed_dictionaries({"folder": st.sampled_from(["a", "b", "c", "..", "/"])})),
    st.tuples(st.sampled_from(["mkdir", "rmdir"]), st.fixed_dictionaries({"dir_name": NAME})),
    st.tuples(READERS, st.fixed_dictionaries({"file_name": NAME})),
    st.tuples(st.just("diff"), st.fixed_dictionaries({"file_name1": NAME, "file_name2": NAME})),
    st.tuples(st.just("echo"), st.fixed_dictionaries({"content": TEXT}, optional={"file_name": NAME})),
    st.tuples(st.just("grep"), st.fixed_dictionaries({"file_name": NAME, "pattern": PATTERNS})),
    st.tuples(st.just("tail"), st.fixed_dictionaries({"file_name": NAME, "lines": st.integers(-2, 5)})),
    st.tuples(st.just("wc"), st.fixed_dictionaries({"file_name": NAME, "mode": st.sampled_from(["l", "w", "c", "x"])})),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, TREE, max_size=5), st.lists(CALL, max_size=25))
def test_random_calls_do_what_the_leaderboards_class_does(tree: Tree, calls: list[tuple[str, dict[str, Any]]]) -> None:
    ours = Files({"root": {"top": tree}})
    other = theirs(ours.state())
    for name, arguments in calls:
        before = ours.state()
        given_arguments = copy.deepcopy(arguments)
        result = ours.call(name, arguments)
        expected = their_call(other, name, arguments)
        assert arguments == given_arguments
        if "error" in result:
            assert ours.state() == before
        assert Files(ours.state()).state() == ours.state()
        if (deviation := deviates(before, name, arguments)) is not None:
            assert deviation in DEVIATIONS
            other = theirs(ours.state())
            continue
        if "error" in expected:
            assert list(result) == ["error"], (name, arguments, expected)
        else:
            assert result == expected, (name, arguments)
        assert ours.outcome() == {"root": {"top": from_theirs(other.root)}}
        assert ours.call("pwd", {}) == other.pwd()
        if shares(before, name, arguments):
            other = theirs(ours.state())


def test_each_listed_deviation_is_real() -> None:
    def compare(*calls: tuple[str, dict[str, Any]]) -> tuple[Any, Any]:
        ours, other = world(), theirs(START)
        results = [(ours.call(name, arguments), their_call(other, name, arguments)) for name, arguments in calls]
        return results[-1]

    shown = {
        "cd-parent": compare(("cd", {"folder": "a"}), ("cd", {"folder": ".."})),
        "tail-count": compare(("tail", {"file_name": "n.txt", "lines": 0})),
        "copy-shares": compare(
            ("cp", {"source": "a", "destination": "c"}),
            ("cd", {"folder": "c"}),
            ("echo", {"content": "new", "file_name": "x.txt"}),
            ("cd", {"folder": "/"}),
            ("cd", {"folder": "a"}),
            ("cat", {"file_name": "x.txt"}),
        ),
        "move-parent": compare(
            ("mv", {"source": "a", "destination": "c"}),
            ("cd", {"folder": "c"}),
            ("cd", {"folder": "sub"}),
            ("cd", {"folder": ".."}),
            ("pwd", {}),
        ),
        "into-itself": compare(("mv", {"source": "a", "destination": "a"})),
        "copy-collision": compare(
            ("cp", {"source": "n.txt", "destination": "b"}), ("cp", {"source": "n.txt", "destination": "b"})
        ),
        "echo-directory": compare(("echo", {"content": "x", "file_name": "a"})),
        "destination-name": compare(("mv", {"source": "n.txt", "destination": "wh?t"})),
        "empty-and-dot-names": compare(("mkdir", {"dir_name": ".."})),
    }
    assert set(shown) == set(DEVIATIONS)
    for name, (ours, other) in shown.items():
        assert ours != other, name
