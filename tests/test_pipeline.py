"""The main job as a person runs it: the real command on a tiny random model, interrupted and gone on with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import mlx.core as mx
import pytest
from mlx.utils import tree_flatten
from mlx_lm.models.qwen3 import Model, ModelArgs

from mlx_train.files import read_json, read_jsonl, sha256_file, write_json
from mlx_train.places import EMBEDDED
from mlx_train.reuse import same_fit

RECIPE = """
name = "tiny"
seed = 5
prompt = "Act by calling tools."
[base]
name = "{base}"
licence = "Apache-2.0"
dtype = "float32"
[[data.sources]]
domain = "files"
tiers = ["easy"]
rows = 48
[data]
dev_rows = 4
[train]
rank = 4
learning_rate = 1e-3
epochs = 2
batch_tokens = 700
save_every = 2
validate_every = 8
kl = 0.1
kl_rows = "text"
[gates]
suites = ["abstain"]
quick = true
batch = 48
max_new_tokens = 4
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model `base` (the embedded one's tokenizer, random weights) and a recipe."""
    folder = tmp_path_factory.mktemp("place")
    base = folder / "base"
    base.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"):
        shutil.copy(EMBEDDED / name, base)
    shape = read_json(EMBEDDED / "config.json") | {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "head_dim": 8,
    }  # fmt: skip
    (base / "config.json").write_text(json.dumps(shape))
    mx.random.seed(1)
    model = Model(ModelArgs.from_dict(shape))
    mx.save_safetensors(str(base / "model.safetensors"), dict(tree_flatten(model.parameters())), {"format": "mlx"})
    (folder / "tiny.toml").write_text(RECIPE.format(base=base))
    return folder


def command(place: Path, home: str, *arguments: str) -> subprocess.Popen[str]:
    """The real command, with its results under `place/home`."""
    return subprocess.Popen(
        [sys.executable, "-m", "mlx_train", *arguments], cwd=place, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "MLX_TRAIN_HOME": str(place / home)},
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, error = process.communicate(timeout=600)
    return process.returncode, out, error


def the_run(place: Path, home: str) -> Path:
    return (place / home / "artifacts" / "runs" / "tiny" / "latest").resolve()


@pytest.fixture(scope="module")
def uninterrupted(place: Path) -> Path:
    """The run folder of the whole job, done in one go."""
    code, out, error = finish(command(place, "one", "run", "tiny.toml"))
    assert code == 0, error
    assert "abstain" in out and "report.html" in out and "blocked by" in out
    return the_run(place, "one")


def test_the_job_leaves_everything_it_promises(uninterrupted: Path) -> None:
    for name in (
        "run.json", "data/train.jsonl", "data/overlap.json", "metrics.jsonl", "fit/adapters/adapters.safetensors",
        "gates/selftest.json", "gates/stock.json", "gates/specialist.json", "gates/comparison.json",
        "package/lock.json", "fused/lock.json",
        "report/report.json", "report/report.md", "report/report.html",
    ):  # fmt: skip
        assert (uninterrupted / name).is_file(), name
    record = read_json(uninterrupted / "run.json")
    assert list(record["stages"]) == ["data", "stock", "fit", "specialist", "package", "report"]
    assert all("kl" in json.loads(line) for line in (uninterrupted / "fit" / "metrics.jsonl").read_text().splitlines())
    texts = [read_json(path) for path in (uninterrupted.parents[3] / "data" / "built" / "texts").iterdir()]
    assert sum(map(len, texts)) == 128 and {len(text) for part in texts for text in part} == {128}
    page = (uninterrupted / "gates" / "stock-specialist.html").read_text()
    tasks = read_json(uninterrupted / "gates" / "stock.json")["tasks"]["abstain"]
    assert all(f'id="abstain/{id}"' in page for id in tasks)  # what lost and gained tasks link to
    blockers = {entry["id"] for entry in read_json(uninterrupted / "report" / "report.json")["blockers"]}
    assert len(blockers) > 3
    assert not any(
        id.startswith(("stale", "selftest", "not-reproducible", "card", "unreadable", "conditions")) for id in blockers
    )


def test_again_does_nothing_and_verbs_give_their_codes(place: Path, uninterrupted: Path) -> None:
    before = (uninterrupted / "gates" / "stock.json").stat().st_mtime_ns
    code, out, error = finish(command(place, "one", "run", "tiny.toml", "--json"))
    assert code == 0 and error.count("complete from before") == 6
    assert json.loads(out)["run"] == str(uninterrupted)
    assert (uninterrupted / "gates" / "stock.json").stat().st_mtime_ns == before
    assert finish(command(place, "one", "verify", str(uninterrupted / "package")))[0] == 0
    assert finish(command(place, "one", "report", str(uninterrupted)))[0] == 1
    stock = str(uninterrupted / "gates" / "stock.json")
    assert finish(command(place, "one", "gates", "check", stock, stock, "--margin", "0.2"))[0] == 2  # few families


def test_what_is_gone_of_a_complete_run_is_made_again(place: Path, uninterrupted: Path) -> None:
    """And what reads it; but nothing is trained again for a page, and the stock is not scored again."""
    shutil.rmtree(uninterrupted / "fused")
    (uninterrupted / "gates" / "comparison.json").unlink()
    trained = (uninterrupted / "fit" / "fitted.json").stat().st_mtime_ns
    before = read_json(uninterrupted / "run.json")["stages"]
    code, _, error = finish(command(place, "one", "run", "tiny.toml"))
    assert code == 0 and f"{uninterrupted / 'gates' / 'comparison.json'} is gone: done again" in error
    assert error.count("complete from before") == 4  # data, stock and fit, and specialist, which is done again
    assert (uninterrupted / "fit" / "fitted.json").stat().st_mtime_ns == trained
    assert finish(command(place, "one", "verify", str(uninterrupted / "fused")))[0] == 0
    after = read_json(uninterrupted / "run.json")
    assert list(after["stages"]) == list(before) and not after["spent"]
    assert after["stages"]["package"]["seconds"] > before["package"]["seconds"]

    shutil.rmtree(uninterrupted / "package")
    code, _, error = finish(command(place, "one", "run", "tiny.toml"))
    assert code == 0 and f"{uninterrupted / 'package' / 'lock.json'} is gone: done again" in error
    assert error.count("complete from before") == 5  # all but the report, which is done again too
    assert finish(command(place, "one", "verify", str(uninterrupted / "package")))[0] == 0


def test_a_record_that_is_none_is_refused(place: Path, uninterrupted: Path) -> None:
    path = uninterrupted / "run.json"
    held = path.read_bytes()
    try:
        for content in ("{}", "[]", '{"a": 1}', "null"):
            path.write_text(content)
            for call in (("package", str(uninterrupted)), ("data", "rollouts", str(uninterrupted), "--out", "x")):
                code, _, error = finish(command(place, "one", *call))
                assert code == 64 and f"{path}: not the record of a run (no id, fingerprint" in error, (content, error)
    finally:
        path.write_bytes(held)


def test_a_specialist_does_training_tasks_and_goes_on_from_there(place: Path, uninterrupted: Path) -> None:
    out = place / "rollouts"
    call = ("data", "rollouts", str(uninterrupted), "--tasks", "3", "--samples", "2", "--out", str(out), "--json")
    code, said, error = finish(command(place, "one", *call))
    assert code == 0, error
    found = json.loads(said)
    assert (found["tasks"], found["rollouts"]) == (3, 6) and found["file"] == str(out / "train.jsonl")
    assert len((out / "train.jsonl").read_text().splitlines()) == found["kept"]
    before = (out / "transcripts.jsonl").read_bytes()
    assert finish(command(place, "one", *call))[0] == 0 and (out / "transcripts.jsonl").read_bytes() == before


def test_rows_that_are_too_long_are_told_before_anything_is_scored(place: Path) -> None:
    text = (place / "tiny.toml").read_text().replace('"tiny"', '"long"')
    (place / "long.toml").write_text(text.replace("[data]", "[data]\nmax_tokens = 500"))
    code, _, error = finish(command(place, "long", "run", "long.toml"))
    assert code == 64 and "train.jsonl: " in error and "longer than data.max_tokens = 500" in error
    assert not list((place / "long").rglob("stock.json")) and not list((place / "long").rglob("transcripts"))


def test_another_recipe_goes_on_from_the_adapter_of_a_run(place: Path, uninterrupted: Path) -> None:
    path = Path("one/artifacts/runs/tiny/latest/fit/adapters")
    text = (place / "tiny.toml").read_text()
    for old, new in (('"tiny"', '"further"'), ("seed = 5", "seed = 8"), ("rows = 48", "rows = 9")):
        text = text.replace(old, new)
    (place / "further.toml").write_text(text.replace("[train]", f'[train]\nadapter = "{path}"'))
    code, out, error = finish(command(place, "one", "run", "further.toml", "--json"))
    assert code == 0, error
    run = Path(json.loads(out)["run"])
    first, further = (read_json(one / "fit" / "fitted.json") for one in (uninterrupted, run))
    steps = [read_jsonl(one / "metrics.jsonl") for one in (uninterrupted, run)]
    assert steps[1][0]["loss"] < (steps[0][0]["loss"] + steps[0][-1]["loss"]) / 2
    assert further["stock_breadth_loss"] == pytest.approx(first["stock_breadth_loss"], rel=0.3)
    record = read_json(run / "run.json")
    assert all(entry["start"] == record["start"] for entry in read_json(run / "data" / "overlap.json").values())
    blockers = {entry["id"] for entry in read_json(run / "report" / "report.json")["blockers"]}
    assert "not-reproducible/adapter" in blockers
    assert not blockers & {"not-reproducible/record", "stock-overlap"}
    assert finish(command(place, "one", "data", "audit", "further.toml"))[0] == 0
    (place / "further.toml").write_text(text.replace("rank = 4", f'rank = 5\nadapter = "{path}"'))
    for verb in ("plan", "run"):
        code, _, error = finish(command(place, "one", verb, "further.toml"))
        assert code == 64 and "rank 4 in place of 5" in error


def kill_when(process: subprocess.Popen[str], there: Path, lines: int, how: signal.Signals) -> None:
    deadline = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < deadline:
        if there.exists() and len(there.read_text().splitlines()) >= lines:
            process.send_signal(how)
            return
        time.sleep(0.02)
    pytest.fail("it ended before it could be interrupted")


def test_killed_and_interrupted_it_goes_on_to_the_same_weights(place: Path, uninterrupted: Path) -> None:
    folder = place / "two" / "artifacts" / "runs" / "tiny" / uninterrupted.name
    for how, lines, code in ((signal.SIGKILL, 3, -9), (signal.SIGINT, 6, 130), (signal.SIGTERM, 9, 130)):
        process = command(place, "two", "run", "tiny.toml")
        kill_when(process, folder / "fit" / "metrics.jsonl", lines, how)
        assert finish(process)[0] == code
    code, _, error = finish(command(place, "two", "run", "tiny.toml"))
    assert code == 0, error
    one, two = (mx.load(str(run / "fit/adapters/adapters.safetensors")) for run in (uninterrupted, folder))
    assert one.keys() == two.keys() and all(mx.array_equal(one[name], two[name]) for name in one)
    files = [run / "fit/adapters/adapters.safetensors" for run in (uninterrupted, folder)]
    assert sha256_file(files[0]) == sha256_file(files[1])
    steps = [json.loads(line)["step"] for line in (folder / "fit" / "metrics.jsonl").read_text().splitlines()]
    assert steps == list(range(1, len(steps) + 1))


def test_what_is_scored_otherwise_is_not_trained_again(place: Path, uninterrupted: Path) -> None:
    text = (place / "tiny.toml").read_text()
    (place / "smaller.toml").write_text(text.replace("batch = 48", "batch = 24"))
    code, said, error = finish(command(place, "one", "fit", "smaller.toml", "--json"))
    assert code == 0, error
    run = Path(json.loads(said)["run"])
    assert run != uninterrupted and f"run {uninterrupted.name} trained exactly this" in error
    one, two = (sha256_file(folder / "fit/adapters/adapters.safetensors") for folder in (uninterrupted, run))
    assert one == two and (run / "metrics.jsonl").read_bytes() == (uninterrupted / "metrics.jsonl").read_bytes()
    record = read_json(run / "run.json")
    assert record["stages"]["fit"]["taken_from"] == uninterrupted.name
    assert same_fit(run, record) == uninterrupted
    for key, other in (
        ("program", "0"),
        ("start", "0"),
        ("own_files", ["0"]),
        ("recipe", {**record["recipe"], "seed": 6}),
    ):
        assert same_fit(run, {**record, key: other}) is None
    (uninterrupted / "fit").rename(uninterrupted / "away")
    assert same_fit(run, record) is None
    (uninterrupted / "away").rename(uninterrupted / "fit")
    write_json(uninterrupted / "run.json", (before := read_json(uninterrupted / "run.json")) | {
        "recipe": before["recipe"] | {"select": {"tasks": 3}}
    })  # fmt: skip
    chooses = record | {"recipe": record["recipe"] | {"select": {"tasks": 4}}}
    assert same_fit(run, record) is None and same_fit(run, chooses) == uninterrupted
    write_json(uninterrupted / "run.json", before)


def test_a_hold_on_rows_that_are_not_there_is_refused(place: Path) -> None:
    held = (place / "tiny.toml").read_text().replace('kl_rows = "text"', 'kl_rows = "replay"').replace("tiny", "held")
    (place / "held.toml").write_text(held)
    code, _, error = finish(command(place, "held", "fit", "held.toml"))
    assert code == 64 and "held.toml, key train.kl: no row of other domains" in error


def test_a_second_process_is_kept_out(place: Path, uninterrupted: Path) -> None:
    import fcntl

    with open(uninterrupted / ".lock", "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        code, _, error = finish(command(place, "one", "run", "tiny.toml"))
    assert code == 64 and "another process" in error


def test_a_damaged_package_is_named(place: Path, uninterrupted: Path) -> None:
    copy = place / "copy"
    shutil.copytree(uninterrupted / "package", copy)
    (copy / "README.md").write_text("changed")
    code, out, _ = finish(command(place, "one", "verify", str(copy)))
    assert code == 1 and "README.md" in out
