"""What stands for the program and its base: nothing of one program is taken for another's."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import train_models
from gates_fakes import FakeChat
from mlx.utils import tree_flatten

from mlx_train import embedded, models, pipeline, program
from mlx_train.errors import BadInput
from mlx_train.files import sha256_file
from mlx_train.gates import run as gates_run
from mlx_train.progress import Stage
from mlx_train.recipe import Gates


class Run(SimpleNamespace):
    """A run with stages and nothing else."""

    def __init__(self, folder: Path) -> None:
        super().__init__(record={"stages": {}}, recipe=SimpleNamespace(select=None), folder=folder)

    def save(self) -> None: ...

    def is_done(self, stage: str) -> bool:
        return stage in self.record["stages"]

    def lost(self, stage: str) -> None: ...


def test_a_program_that_changes_while_it_runs_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def first(run: Run, show: Stage) -> dict[str, int]:
        done.append("first")
        monkeypatch.setattr(program, "_AT_START", {**program._AT_START, "train/loss.py": "0", "gone.py": "1"})
        return {}

    monkeypatch.setattr(pipeline, "STAGES", {"first": first, "second": lambda run, show: done.append("second")})
    run = Run(tmp_path)
    with pytest.raises(BadInput, match=r"program changed while this command ran \(gone\.py, train/loss\.py\)"):
        pipeline.execute(run, ("first", "second"))
    assert done == ["first"] and list(run.record["stages"]) == ["first"]


def test_the_time_of_a_stage_is_that_of_all_calls_and_not_what_it_says_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    calls: list[int] = []

    def stage(run: Run, show: Stage) -> dict[str, float]:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return {"seconds": 0.5, "rows": 3}

    monkeypatch.setattr(pipeline, "STAGES", {"stage": stage})
    run = Run(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        pipeline.execute(run, ("stage",))
    assert run.record["spent"] == {"stage": 10.0} and not run.record["stages"]
    pipeline.execute(run, ("stage",))
    assert run.record == {"stages": {"stage": {"seconds": 20.0, "rows": 3}}, "spent": {}} | {
        "peak_memory_gb": run.record["peak_memory_gb"]
    }


def test_the_files_of_a_base_that_decide_what_it_reads(tmp_path: Path) -> None:
    names = ("chat_template.jinja", "config.json", "tokenizer.model", "README.md", "source.json", "overlap.json",
             "model.safetensors", ".DS_Store")  # fmt: skip
    for name in names:
        (tmp_path / name).write_text(name)
    assert models.surroundings(tmp_path) == {name: sha256_file(tmp_path / name) for name in names[:3]}
    before = models.surroundings_sha256(tmp_path)
    (tmp_path / "README.md").write_text("another")
    assert models.surroundings_sha256(tmp_path) == before
    (tmp_path / "chat_template.jinja").write_text("another")
    assert models.surroundings_sha256(tmp_path) != before


@pytest.mark.parametrize("change", ["sha256", "base_sha256", "base_files_sha256", "program"])
def test_transcripts_of_another_model_base_or_program_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    player = SimpleNamespace(versions=dict, shared=FakeChat().shared, format="fake")
    suite = SimpleNamespace(id="s", digest="d", tasks=[], chosen=lambda quick: [])
    about = {"id": "m", "sha256": "1", "base_sha256": "2", "base_files_sha256": "4", "dtype": "float32"}
    monkeypatch.setattr(gates_run, "gate_file", lambda results, **more: {"suites": {}, **more})

    def score(facts: dict[str, str]) -> None:
        gates_run.score_model(player, "p", Gates(), [suite], tmp_path, label="model", about=facts)

    score(about)
    score(about)
    if change == "program":
        monkeypatch.setattr(program, "PLAYS_SHA256", "3")
    with pytest.raises(BadInput, match="another model"):
        score({**about, change: "3"} if change in about else about)


def test_a_phase_of_the_embedded_base_goes_on_from_the_weights_that_it_began_with_alone() -> None:
    one, same = train_models.model(), train_models.model()
    same.update(one.parameters())
    assert embedded._sha256_of(one) == embedded._sha256_of(same)
    first, value = next(iter(tree_flatten(same.parameters())))
    same.load_weights([(first, value + 1e-7)], strict=False)
    assert embedded._sha256_of(one) != embedded._sha256_of(same)
