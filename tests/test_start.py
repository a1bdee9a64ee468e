"""Going on from an adapter: what training begins with, what stays stock, and what is refused."""

import dataclasses
import shutil
from pathlib import Path

import mlx.core as mx
import pytest
import train_models

from mlx_train import start
from mlx_train.data.stock import merged_sha256
from mlx_train.errors import BadInput, Interrupted
from mlx_train.files import read_json, read_jsonl, sha256_file, write_json, write_text
from mlx_train.places import BASES, RECIPES
from mlx_train.recipe import Recipe, Train, load
from mlx_train.train import adapters, engine

LORA = Train(rank=4, alpha=8, learning_rate=1e-2, batch_tokens=60, save_every=2, validate_every=2)
DORA = LORA.model_copy(update={"method": "dora"})
STILL = LORA.model_copy(update={"learning_rate": 1e-12})


def fit(out: Path, settings: Train = LORA, begin: Path | None = None, until: int | None = None):
    seen: list[dict] = []
    rows = [dataclasses.replace(row, held=True) for row in train_models.rows(12)]
    return engine.fit(
        train_models.model(), rows, rows, settings,
        start=start.read(begin) if begin else None, seed=3, out=out, identity={}, report=seen.append,
        stop=lambda: until is not None and len(seen) >= until,
    )  # fmt: skip


def weights(folder: Path) -> dict[str, mx.array]:
    return adapters.load_arrays(folder / "adapters" / adapters.WEIGHTS)


def test_training_begins_with_the_arrays_given_and_stock_stays_the_base(tmp_path) -> None:
    first = fit(tmp_path / "a")
    same = fit(tmp_path / "b", STILL, first.folder)
    assert first.dev_loss < 0.95 * first.stock_dev_loss
    assert same.stock_dev_loss == first.stock_dev_loss
    assert same.dev_loss == pytest.approx(first.dev_loss, rel=1e-5)
    further = fit(tmp_path / "c", LORA, first.folder)
    assert further.dev_loss < first.dev_loss and further.stock_dev_loss == first.stock_dev_loss


def test_the_hold_is_on_the_base_and_not_on_what_is_gone_on_from(tmp_path) -> None:
    held = STILL.model_copy(update={"kl": 1.0})
    fit(tmp_path / "fresh", held)
    fit(tmp_path / "on", held, fit(tmp_path / "a").folder)
    fresh, on = (read_jsonl(tmp_path / name / "metrics.jsonl")[0]["kl"] for name in ("fresh", "on"))
    assert fresh == pytest.approx(0, abs=1e-5) and on > 0.01


@pytest.mark.parametrize("settings", [LORA, DORA], ids=["lora", "dora"])
def test_an_interrupted_one_goes_on_from_its_checkpoint_and_not_from_the_adapter(tmp_path, settings) -> None:
    first = fit(tmp_path / "a", settings)
    fit(tmp_path / "b", settings, first.folder)
    with pytest.raises(Interrupted):
        fit(tmp_path / "c", settings, first.folder, until=3)
    fit(tmp_path / "c", settings, first.folder)
    one, other = weights(tmp_path / "b"), weights(tmp_path / "c")
    assert all(mx.array_equal(one[name], other[name]) for name in one)


def test_a_layer_that_the_adapter_leaves_out_begins_fresh() -> None:
    model = train_models.model()
    engine.prepare(model, LORA, 0)
    fresh = adapters.trainable(model)
    part = {name: value + 1 for name, value in fresh.items() if ".layers.0." in name}
    begun = adapters.begun(fresh, part)
    assert begun.keys() == fresh.keys() and 0 < len(part) < len(fresh)
    assert all(mx.array_equal(begun[name], part.get(name, fresh[name])) for name in fresh)


def test_the_number_format_is_that_of_fresh_adapters() -> None:
    fresh = {"a": mx.zeros((2, 3), mx.float32)}
    assert adapters.begun(fresh, {"a": mx.ones((2, 3), mx.bfloat16)})["a"].dtype == mx.float32


@pytest.mark.parametrize(
    ("arrays", "said"),
    [({"b": mx.zeros((2, 3))}, "adapts b, which"), ({"a": mx.zeros((2, 4))}, r"shape \(2, 4\), expected \(2, 3\)")],
)
def test_an_adapter_of_another_model_is_refused(arrays, said) -> None:
    with pytest.raises(BadInput, match=said):
        adapters.begun({"a": mx.zeros((2, 3))}, arrays)


def recipe(adapter: str, **train: object) -> Recipe:
    held = LORA.model_dump() | {"adapter": adapter} | train
    return Recipe(name="one", base={"name": "scratch"}, train=held)


def test_an_adapter_of_another_kind_is_refused(tmp_path) -> None:
    fit(tmp_path / "a")
    with pytest.raises(BadInput, match=r"rank 4 in place of 8, scale 2.0 in place of 1.0"):
        start.find(recipe("a/adapters", rank=8), tmp_path)
    with pytest.raises(BadInput, match="method lora in place of dora"):
        start.find(recipe("a/adapters", method="dora"), tmp_path)


def test_an_adapter_of_another_base_is_refused(tmp_path) -> None:
    folder = fit(tmp_path / "run" / "fit").folder
    start.check_base(folder, "abc")  # nothing is known
    for other in ([], {"base": "def"}):  # of another tool
        write_json(tmp_path / "run" / "run.json", other)
        start.check_base(folder, "abc")
    write_json(tmp_path / "run" / "run.json", {"base": {"weights_sha256": "def"}, "recipe": {}})
    start.check_base(folder, "def")
    with pytest.raises(BadInput, match=r"was trained on weights of SHA-256 def, and the base given with it has abc"):
        start.check_base(folder, "abc")
    (tmp_path / "run" / "run.json").unlink()
    write_json(folder / adapters.CONFIG, read_json(folder / adapters.CONFIG) | {"base_weights_sha256": "123"})
    with pytest.raises(BadInput, match="SHA-256 123"):
        start.check_base(folder, "abc")
    with pytest.raises(BadInput, match=r"^--adapter: the adapter in"):
        start.check_base(folder, "abc", "--adapter")
    kept = BASES / "gemma-3-270m-files-1" / "adapter"
    start.check_base(kept, merged_sha256(BASES / "gemma-3-270m-generalist-3"))
    with pytest.raises(BadInput, match="the base given with it has abc"):  # of the same name, from a hub
        start.check_base(kept, "abc")
    with pytest.raises(BadInput, match=r"an adapter of gemma-3-270m-generalist-3; the recipe's base is scratch"):
        start.find(recipe("gemma-3-270m-files-1", rank=32), tmp_path)


def test_other_layouts_and_damage_are_refused(tmp_path) -> None:
    folder = fit(tmp_path / "a").folder
    with pytest.raises(BadInput, match=r"has no adapter_config\.json"):
        start.find(recipe("nothing"), tmp_path)
    held = read_json(folder / adapters.CONFIG)
    with pytest.raises(BadInput, match=r"targets self_attn\.k_proj beside self_attn\.q_proj, self_attn\.v_proj"):
        start.find(recipe("a/adapters", targets=["self_attn.q_proj", *LORA.targets[2:]]), tmp_path)
    write_json(folder / adapters.CONFIG, {"peft_type": "LORA"})
    with pytest.raises(BadInput, match="no lora_parameters"):
        start.find(recipe("a/adapters"), tmp_path)
    adapters.save_arrays(folder / adapters.WEIGHTS, {"a": mx.array([float("nan")])})
    write_json(folder / adapters.CONFIG, held)
    with pytest.raises(BadInput, match="the tensor 'a' has values that are NaN"):
        start.find(recipe("a/adapters"), tmp_path)


def test_a_path_counts_from_the_recipe_and_the_content_decides(tmp_path) -> None:
    fit(tmp_path / "a")
    assert start.find(recipe(""), tmp_path) is None and start.identity(None) is None
    found = start.find(recipe("a/adapters"), tmp_path)
    assert found == (tmp_path / "a" / "adapters").resolve()
    before = start.identity(found)
    arrays = weights(tmp_path / "a")
    adapters.save_arrays(found / adapters.WEIGHTS, {name: value + 1 for name, value in arrays.items()})
    assert start.identity(found) != before


def test_the_newest_run_of_the_same_recipe_is_refused_since_it_would_be_the_new_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(start, "RUNS", tmp_path)
    fit(tmp_path / "one" / "1" / "fit")
    (tmp_path / "one" / "latest").symlink_to("1")
    with pytest.raises(BadInput, match="Name the run's folder in place of `latest`"):
        start.find(recipe("one/latest/fit/adapters"), tmp_path)
    (tmp_path / "one").rename(tmp_path / "other")
    found = start.find(recipe("other/latest/fit/adapters"), tmp_path)
    assert found == (tmp_path / "other" / "1" / "fit" / "adapters").resolve()  # whatever is newest later


def test_the_rows_of_an_adapter_are_known_where_it_lies_in_its_run(tmp_path) -> None:
    run = tmp_path / "run"
    folder = fit(run / "fit").folder
    for name, text in (("train.jsonl", "{}\n"), ("dev.jsonl", "")):
        write_text(run / "data" / name, text)
    digests = {name: sha256_file(run / "data" / name) for name in ("train.jsonl", "dev.jsonl")}
    assert start.rows(None) == start.rows(folder) == []  # no record of a run
    record = {"base": {}, "recipe": {"train": {}}, "stages": {"data": {"sha256": digests | {"breadth.jsonl": "0"}}}}
    write_json(run / "run.json", record)
    assert start.rows(folder) == [run / "data" / "train.jsonl"]
    shutil.copytree(folder, run / "downloaded" / "adapters")
    assert start.rows(run / "downloaded" / "adapters") == []
    write_json(run / "run.json", record | {"recipe": {"train": {"adapter": "another"}}})
    assert start.rows(folder) == []
    write_json(run / "run.json", record)
    write_text(run / "data" / "dev.jsonl", "{}\n")
    assert start.rows(folder) == []


def test_the_adapter_of_the_recipe_for_gemma_is_there_and_fits_it() -> None:
    ours = load("gemma-3-270m")
    folder = start.find(ours, RECIPES)
    assert folder == BASES / ours.train.adapter / "adapter"
    assert len(start.read(folder)) == 18 * 7 * 2


def test_full_training_has_no_adapter_to_go_on_from() -> None:
    with pytest.raises(ValueError, match="only lora and dora"):
        Train(method="full", adapter="somewhere")
