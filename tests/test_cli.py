"""Exit codes and messages of the command line, on bad input above all. No weights are loaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlx_train import cli, machine, models, pipeline, places, planning, playground
from mlx_train.data.trajectory import from_task
from mlx_train.errors import BadInput, NoSpace
from mlx_train.gates.suites import load_all
from mlx_train.places import DEV_SUITES, EMBEDDED, PROGRAM, SUITES
from mlx_train.recipe import SUITES as NAMES
from mlx_train.recipe import load


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nonsense"], 64, "nonsense"),
        (["run", "--nonsense"], 64, "--nonsense"),
        (["plan", "no-such-recipe"], 64, "There are: embedded"),
        (["plan", "/no/such.toml"], 64, "does not exist"),
        (["report", "no-such-run"], 64, "no-such-run"),
        (["verify", "/no/such/folder"], 64, "/no/such/folder"),
        (["data", "show", "/no/such.jsonl"], 64, "/no/such.jsonl"),
        (["data", "audit", "qwen3-4b", "--stock"], 64, "what the base 'qwen3-4b' was trained on"),
        (["data", "audit", "embedded", "--stock", "--suite", "hard"], 64, "--suite"),
        (["gates", "check", "/no/a.json", "/no/b.json"], 3, "/no/a.json"),
    ],
)
def test_a_fault_is_one_message_and_its_code(
    arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.call(arguments) == code
    out, error = capsys.readouterr()
    assert message in error and out == "" and "Traceback" not in error


def test_rows_are_shown_as_the_base_of_their_recipe_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(models, "place", lambda base: tmp_path / base.name)
    assert cli.call(["data", "show", "qwen3-4b"]) == 64
    assert f"`{PROGRAM} fetch qwen3-4b` gets it" in capsys.readouterr().err
    (recipe := tmp_path / "mine.toml").write_text(
        'name = "mine"\n[base]\nname = "nosuch"\n[[data.sources]]\ndomain = "files"\nrows = 9\n'
    )
    for verb in (["data", "show"], ["plan"]):
        assert cli.call([*verb, str(recipe)]) == 64
        assert "no such model directory" in capsys.readouterr().err  # and no advice to fetch what nobody can


def test_a_base_is_rebuilt_by_one_process_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(places, "RUNS", tmp_path)
    with pipeline.alone(tmp_path / "embedded-base"):
        assert cli.call(["base"]) == 64
    assert "embedded-base: another process is working there" in capsys.readouterr().err


def test_every_verb_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    verbs = ["run", "fit", "base", "fetch", "plan", "package", "verify", "promote", "publish", "report", "chat"]
    verbs += ["doctor", "data build", "data audit", "data show", "data init"]
    verbs += ["gates run", "gates verify", "gates selftest", "gates view", "gates check", "gates init", "gates freeze"]
    for verb in verbs:
        assert cli.call([*verb.split(), "--help"]) == 0, verb
        assert "Usage" in capsys.readouterr().out


def test_a_fault_of_the_program_itself_leaves_a_traceback_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr(cli, "app", broken)
    assert cli.call(["doctor"]) == 70
    error = capsys.readouterr().err
    assert "a wheel came off" in Path(error.split(" with ")[1].strip().rstrip(".")).read_text()


def test_interruption_and_a_full_disk_have_codes_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for fault, code in [
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 74),
        (OSError(13, "Permission denied"), 74),
        (SystemExit(1), 74),  # what typer makes of a closed pipe
        (NoSpace("full"), 74),
    ]:

        def fails(*_: object, fault: BaseException = fault, **__: object) -> None:
            raise fault

        monkeypatch.setattr(cli, "app", fails)
        assert cli.call([]) == code


def test_a_fault_keeps_its_code_where_the_terminal_was_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def write(self, text: str) -> None:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stderr", Gone())
    assert cli.call(["plan", "no-such-recipe"]) == 64


def test_json_goes_alone_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    cli.call(["plan", "embedded", "--json"])
    assert json.loads(capsys.readouterr().out)["memory_gb"] > 0.6


def test_a_reader_that_has_had_enough_changes_no_exit_code() -> None:
    code = "import sys; from mlx_train.cli.options import emit; emit({}, False, 'x' * 9); raise SystemExit(3)"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (3, b"")


def test_the_version_is_told_and_a_missing_verb_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.call(["--version"]) == 0
    assert "mlx-train " in (said := capsys.readouterr().out) and ", mlx " in said
    for words in ([], ["gates"]):
        assert cli.call(words) == 64
        verb = "".join(f" {word}" for word in words)
        assert f"a verb is missing. See `{PROGRAM}{verb} --help`." in capsys.readouterr().err
    assert cli.call(["nosuch"]) == 64 and ".." not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bench", "train", "--prefix=-1"], "'--prefix': Input should be greater than or equal to 0"),
        (["bench", "data", "--rows", "0"], "'--rows': Input should be greater than or equal to 1"),
        (["plan", "embedded", "--mac", "x"], "'--mac': Input should be a valid number"),
    ],
)
def test_a_wrong_value_is_told_with_its_option_and_where_to_read_on(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.call(words) == 64
    verb = " ".join(word for word in words[:2] if word != "embedded")
    told = capsys.readouterr().err
    assert f"Invalid value for {said}" in told and f". See `{PROGRAM} {verb} --help`." in told


def test_a_width_that_is_not_one_of_whole_heads_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.call(["bench", "train", "--width", "100"]) == 64
    assert "--width 100: not a multiple of 64" in (told := capsys.readouterr().err) and "Give 64." in told


def test_what_a_benchmark_is_kept_in_has_to_be_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file := tmp_path / "file").touch()
    assert cli.call(["bench", "data", "--folder", str(file)]) == 64 and str(file) in capsys.readouterr().err


def test_a_base_that_is_made_here_can_be_fetched_by_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("mlx_train.models.locate", lambda base, say: asked.append(base.name) or tmp_path)
    monkeypatch.setattr("mlx_train.models.weights_sha256", lambda path: "0")
    for name in ("gemma-3-270m-generalist-3", "gemma-3-270m", "embedded"):
        assert cli.call(["fetch", name]) == 0
    assert asked == ["gemma-3-270m-generalist-3", load("gemma-3-270m").base.name, "embedded"]
    assert cli.call(["fetch", "nosuch"]) == 64 and "no recipe is called 'nosuch'" in capsys.readouterr().err


def test_an_audit_tells_gate_from_dev_suites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = load_all(DEV_SUITES, ["abstain"])[0].tasks[0]
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(from_task(task, "Work.").model_dump()) + "\n")
    call = ["data", "audit", str(path), "--suite", "abstain", "--json"]
    assert cli.call(call) == 0
    assert json.loads(capsys.readouterr().out)["abstain"]["counts"]["id"] == 0
    assert cli.call([*call, "--dev"]) == 1
    found = json.loads(capsys.readouterr().out)["abstain"]
    assert found["examples"]["id"][0] == {"task": task.id, "row": task.id, "place": "rows.jsonl:1", "what": task.id}


def test_a_changed_suite_is_exit_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(SUITES, tmp_path / "gates")
    tasks = tmp_path / "gates" / "abstain" / "tasks.jsonl"
    tasks.write_text(tasks.read_text().replace("Done.", "Dune.", 1) + " ")
    monkeypatch.setattr("mlx_train.places.SUITES", tmp_path / "gates")
    assert cli.call(["gates", "verify"]) == 3
    assert "abstain" in capsys.readouterr().err


def test_the_suites_that_ship_match_their_locks() -> None:
    assert len(load_all(SUITES, NAMES)) == 5
    with pytest.raises(BadInput, match=r"no suite is called 'heldot'\. There are: hard, heldout"):
        load_all(SUITES, ["heldot"])


def test_a_cut_off_weight_file_is_named(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_text('{"model_type": "qwen3"}')
    header = b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    whole = len(header).to_bytes(8, "little") + header + bytes(16)
    (tmp_path / "model.safetensors").write_bytes(whole)
    models.check(tmp_path)
    (tmp_path / "._model.safetensors").write_bytes(b"what macOS writes beside it on other file systems")
    models.check(tmp_path)
    for broken in (whole[:-1], whole[:4], whole[:20], whole + b"x", b"\xff" * 64, b""):
        (tmp_path / "model.safetensors").write_bytes(broken)
        with pytest.raises(BadInput, match=r"model\.safetensors"):
            models.check(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(BadInput, match="safetensors"):
        models.check(tmp_path)
    (tmp_path / "weights.00.safetensors").write_bytes(whole)
    with pytest.raises(BadInput, match=r"no model\*\.safetensors file, which is what mlx-lm loads"):
        models.check(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(whole)
    for index in ("{", "[]", '{"weight_map": 3}', '{"weight_map": {"w": 3}}'):
        (tmp_path / "model.safetensors.index.json").write_text(index)
        with pytest.raises(BadInput, match=r"model\.safetensors\.index\.json"):
            models.check(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BadInput, match="key model_type"):
        models.check(tmp_path)


def test_a_folder_without_an_adapter_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"gone: neither adapters\.safetensors nor"):
        models.load_trained(EMBEDDED, "float32", tmp_path / "gone")
    (tmp_path / "adapters.safetensors").write_bytes(b"")
    with pytest.raises(BadInput, match=r"adapter_config\.json"):
        models.load_trained(EMBEDDED, "float32", tmp_path)


def test_a_run_without_a_model_cannot_be_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "embedded" / "0123456789"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
    assert cli.call(["chat", str(folder)]) == 64
    assert (
        f"{folder}: this run has no model yet. `./just mlx-train run embedded` finishes it" in capsys.readouterr().err
    )


@pytest.mark.parametrize("kept, mac, expected", [
    ({"dtype": "bfloat16"}, True, "bfloat16"),
    ({"torch_dtype": "float16"}, True, "float16"),
    ({"dtype": "bfloat16"}, False, "float32"),
    ({"dtype": "float64"}, True, "float32"),
    ({}, True, "float32"),
])  # fmt: skip
def test_a_model_is_tried_in_its_own_number_format_where_that_is_fast(
    tmp_path, monkeypatch, kept, mac, expected
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(kept))
    monkeypatch.setattr(machine, "is_apple_silicon", lambda: mac)
    assert playground._model(str(tmp_path)) == (tmp_path, load("embedded").prompt, expected, None)


@pytest.mark.parametrize("mac, fits, here, hub, expected, why", [
    (True, True, False, True, "qwen3-4b", "Apple silicon"),
    (True, True, True, False, "qwen3-4b", "Apple silicon"),
    (False, True, True, True, "embedded", "not a Mac"),
    (True, False, True, True, "embedded", "plan qwen3-4b"),
    (True, True, False, False, "embedded", "cannot be reached"),
])  # fmt: skip
def test_the_recipe_that_suits_a_machine(tmp_path, monkeypatch, mac, fits, here, hub, expected, why) -> None:
    monkeypatch.setattr(machine, "is_apple_silicon", lambda: mac)
    monkeypatch.setattr(planning, "plan", lambda recipe, root: {"fits": fits})
    monkeypatch.setattr(models, "place", lambda base: tmp_path / ("" if here else "gone"))
    monkeypatch.setattr(models, "hub_in_reach", lambda repository, revision: hub)
    found, reason = pipeline.default_recipe()
    assert found == expected and why in reason


def test_a_path_that_is_no_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("report", "package", "ladder"):
        assert cli.call([verb, str(tmp_path)]) == 64
        assert f"no run {tmp_path}" in capsys.readouterr().err


def test_own_rows_that_are_not_there_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'name = "own"\nprompt = "p"\n[base]\nname = "embedded"\n[data]\nfiles = ["gone.jsonl"]\n'
    (tmp_path / "own.toml").write_text(text)
    assert cli.call(["fit", str(tmp_path / "own.toml")]) == 64
    assert f"data.files: {tmp_path / 'gone.jsonl'} does not exist" in capsys.readouterr().err
