"""Packages of a tiny model: made, verified, and loaded by plain mlx-lm with equal logits."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import mlx_lm
import pytest
import release_fixture
import train_models
from chats import TOOLS
from mlx.utils import tree_flatten
from mlx_lm.models import qwen3

from mlx_train import models
from mlx_train.chat.tokenizer import train_tokenizer
from mlx_train.data.trajectory import from_task
from mlx_train.embedded import SHAPE
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, sha256_of, write_json, write_jsonl, write_text
from mlx_train.places import EMBEDDED
from mlx_train.recipe import Train
from mlx_train.release import blockers, evidence, lock, peft
from mlx_train.release.package import _merge, package
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import generate
from mlx_train.train import adapters

SMALL = {**SHAPE, "hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 48, "head_dim": 8, "vocab_size": 300}
TARGETS = ("self_attn.q_proj", "mlp.down_proj")


def model(seed: int) -> Any:
    mx.random.seed(seed)
    made = qwen3.Model(qwen3.ModelArgs.from_dict(SMALL))
    return made


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    tokenizer = train_tokenizer(["List the files."], 300, (EMBEDDED / "chat_template.jinja").read_text())
    tokenizer.save_pretrained(folder)
    write_json(folder / "config.json", {**SMALL, "eos_token_id": [2]})
    write_json(folder / "generation_config.json", {"eos_token_id": [2], "do_sample": True, "temperature": 0.7})
    write_text(folder / "LICENSE", "a licence")
    weights = {name: (3 * value).astype(mx.bfloat16) for name, value in tree_flatten(model(0).parameters())}
    adapters.save_arrays(folder / "model.safetensors", weights)
    return folder


def a_run(folder: Path, base: Path, method: str) -> Path:
    run = folder / "run"
    recipe = {
        "name": "small", "seed": 0, "prompt": "Act.", "base": {"name": "tiny", "dtype": "float32"},
        "train": {"method": method, "rank": 4, "alpha": 8.0}, "gates": {"max_new_tokens": 8},
    }  # fmt: skip
    write_json(run / "run.json", {
        "id": "1", "stages": {}, "recipe": recipe, "fingerprint": sha256_of(recipe),
        "base": {"name": "tiny", "licence": "Apache-2.0", "weights_sha256": models.weights_sha256(base)},
    })  # fmt: skip
    mx.random.seed(3)
    if method == "lora":
        settings = Train(rank=4, alpha=8.0, targets=TARGETS)
        fitted = model(0)
        adapters.attach(fitted, settings, 0)
        arrays = {name: mx.random.normal(value.shape) * 0.2 for name, value in adapters.trainable(fitted).items()}
        adapters.save(run / "fit" / "adapters", arrays, settings, 2)
    else:
        (run / "fit" / "weights").mkdir(parents=True)
        weights = dict(tree_flatten(model(1).parameters()))
        adapters.save_arrays(run / "fit" / "weights" / "model.safetensors", weights)
    return run


def logits(folder: Path, **more: str) -> mx.array:
    """Of plain mlx-lm, in float32."""
    loaded = mlx_lm.load(str(folder), **more)[0]
    loaded.set_dtype(mx.float32)
    return loaded(mx.array([[5, 9, 40, 77, 120, 3]]))


@pytest.mark.parametrize(("mode", "group", "bits"), train_models.QUANTISED)
def test_an_adapter_is_merged_whatever_the_base_is_quantised_to(mode: str, group: int, bits: int) -> None:
    mx.random.seed(0)
    made = qwen3.Model(qwen3.ModelArgs.from_dict({**SMALL, "intermediate_size": 64}))
    made.set_dtype(mx.bfloat16)
    nn.quantize(made, group, bits, mode=mode)
    adapters.attach(made, Train(rank=2, alpha=4.0), 0)
    for name, value in adapters.trainable(made).items():
        adapters.put(made, {name: value + 0.05 * mx.random.normal(value.shape)})
    before = made(mx.array([[1, 2, 3, 4, 5]]))
    _merge(made)
    assert worst(made(mx.array([[1, 2, 3, 4, 5]])), before) < 0.1  # products in bfloat16
    assert made.layers[0].self_attn.q_proj.weight.dtype == mx.bfloat16


def worst(one: mx.array, other: mx.array) -> float:
    """Largest difference, as a share of the spread of the logits."""
    return float(mx.abs(one - other).max() / mx.std(other))


def test_merging_holds_one_model_and_not_two() -> None:
    mx.random.seed(0)
    made = qwen3.Model(qwen3.ModelArgs.from_dict({**SMALL, "hidden_size": 128, "num_hidden_layers": 12}))
    made.set_dtype(mx.bfloat16)
    adapters.attach(made, Train(rank=2, alpha=4.0), 0)
    mx.eval(made.parameters())
    held = mx.get_active_memory()
    mx.reset_peak_memory()
    _merge(made)
    assert mx.get_peak_memory() < 1.4 * held
    assert not [name for name, _ in tree_flatten(made.parameters()) if "lora" in name]


def test_adapter_and_fused_model_load_in_plain_mlx_lm(tmp_path: Path, base: Path) -> None:
    run = a_run(tmp_path, base, "lora")
    found = package(run, base)
    expected = logits(base, adapter_path=str(run / "fit" / "adapters"))
    assert 0 < worst(logits(base, adapter_path=str(run / "package")), expected) < 0.02  # bfloat16, as its base is
    shipped = mx.load(str(run / "package" / "adapters.safetensors"))
    assert {value.dtype for value in shipped.values()} == {mx.bfloat16}
    assert (
        peft.read(run / "package" / "peft").keys()
        == mx.load(str(run / "fit" / "adapters" / "adapters.safetensors")).keys()
    )
    assert "`peft/`" in (run / "package" / "README.md").read_text()
    assert "peft" not in (run / "fused" / "README.md").read_text()
    assert worst(logits(run / "fused"), expected) < 0.05  # bfloat16 keeps 8 bits
    assert worst(logits(base), expected) > 0.3  # the adapter does something
    assert found["parity"] is None  # nothing was scored, so there is nothing to compare on
    for name in ("package", "fused"):
        folder = run / name
        assert lock.verify(folder, base) == [] and found[name]["lock_sha256"] == lock.read(folder)["lock_sha256"]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755
        for file in ("README.md", "LICENSE", "prompt.txt", "tokenizer.json", "chat_template.jinja"):
            assert (folder / file).is_file(), file
        assert read_json(folder / "generation_config.json") == {"eos_token_id": [2], "do_sample": False}
    assert not (run / "package" / "config.json").exists()
    assert read_json(run / "package" / "adapter_config.json")["base_model_name_or_path"] == "tiny"
    held = mx.load(str(run / "fused" / "model.safetensors"))
    assert {value.dtype for value in held.values()} == {mx.bfloat16}
    assert set(held) == set(mx.load(str(base / "model.safetensors")))
    external = lock.read(run / "package")["external"][0]
    assert external["weights_sha256"] == models.weights_sha256(base) and "model.safetensors" in external["files"]


def test_the_tools_of_the_job_are_packaged_where_all_its_rows_have_the_same(tmp_path: Path, base: Path) -> None:
    run, rows = a_run(tmp_path, base, "lora"), tmp_path / "run" / "data" / "train.jsonl"
    replay = from_task(generate(families(domain="calendar", role="train")[0], "train", 1), "Act.").model_dump()
    write_jsonl(rows, [{"id": "1", "tools": TOOLS}, replay, {"id": "2", "tools": TOOLS}])
    package(run, base)
    for part in ("package", "fused"):
        assert read_json(run / part / "tools.json") == TOOLS
        assert "those it was trained with are in `tools.json`" in (run / part / "README.md").read_text()
    write_jsonl(rows, [{"id": "1", "tools": TOOLS}, {"id": "2", "tools": TOOLS[:1]}])
    package(run, base)
    assert not (run / "package" / "tools.json").exists()
    assert "tools.json" not in (run / "package" / "README.md").read_text()


def test_the_lock_has_the_facts_of_its_run(tmp_path: Path, base: Path) -> None:
    run = a_run(tmp_path, base, "lora")
    source = {"form": "small, dequantised", "packages": ["small==1"], "gguf_sha256": "1" * 64}
    own = Path(shutil.copytree(base, tmp_path / "made"))
    write_json(own / "source.json", source)
    record = read_json(run / "run.json")
    record |= {"versions": {"mlx": "0.1"}, "base": {**record["base"], **models.describe(own)}}
    write_json(run / "run.json", record)
    rows = {"train.jsonl": "2" * 64, "dev.jsonl": "3" * 64}
    write_json(run / "data" / "summary.json", {"rows": 9, "sha256": rows})
    for name in ("hard", "abstain"):
        release_fixture.install(tmp_path / "suites" / name, "frozen")
    parts = {name: release_fixture.entry(name, 1, 2, tmp_path / "suites") for name in ("hard", "abstain")}
    write_json(run / "gates" / "specialist.json", {
        "model": {}, "prompt_sha256": "0", "decoding": {}, "suites": {name: part[0] for name, part in parts.items()},
        "tasks": {name: part[1] for name, part in parts.items()},
    })  # fmt: skip
    package(run, own)
    for name in ("package", "fused"):
        folder, held = run / name, lock.read(run / name)
        assert held["recipe"] == record["recipe"] and held["recipe_sha256"] == record["fingerprint"]
        assert (held["run"], held["data"], held["versions"]) == ("1", rows, {"mlx": "0.1"})
        assert held["suites"] == {name: part[0]["suite_sha256"] for name, part in parts.items()}
        assert held["trained_sha256"] == sha256_file(run / "fit" / "adapters" / "adapters.safetensors")
        assert held["chat_template_sha256"] == sha256_file(folder / "chat_template.jinja")
        assert held["tokenizer_sha256"] == sha256_file(own / "tokenizer.json") == sha256_file(folder / "tokenizer.json")
        (external,) = held["external"]
        assert held["base"]["source"] == external["source"] == source and "source.json" not in external["files"]
        assert external["files"].keys() == {path.name for path in base.iterdir()}
        assert lock.verify(folder, own) == lock.verify(folder, base) == []
        found = blockers.find(evidence.read(run, tmp_path / "suites"))
        assert f"package/{name}" not in {one.id for one in found}


@pytest.mark.parametrize("where", ["trained", "fused"])
def test_values_that_are_not_finite_are_not_packaged(tmp_path: Path, base: Path, where: str) -> None:
    """In the adapter itself, or because half precision overflows where it is merged."""
    run, own = a_run(tmp_path, base, "lora"), Path(shutil.copytree(base, tmp_path / "half"))
    weights = {
        name: value.astype(mx.float16) for name, value in adapters.load_arrays(own / "model.safetensors").items()
    }
    adapters.save_arrays(own / "model.safetensors", weights)
    record = read_json(run / "run.json")
    record["base"]["weights_sha256"] = models.weights_sha256(own)
    write_json(run / "run.json", record)
    path = run / "fit" / "adapters" / "adapters.safetensors"
    held = adapters.load_arrays(path)
    factor = mx.nan if where == "trained" else 1e5
    adapters.save_arrays(path, {name: value * factor for name, value in held.items()})
    named = r"adapters\.safetensors: the tensor .*lora_" if where == "trained" else r"down_proj\.weight|q_proj\.weight"
    with pytest.raises(BadInput, match=named):
        package(run, own)
    assert not (run / "fused").exists() and (where == "fused" or not (run / "package").exists())


def test_merging_rounds_once(tmp_path: Path, base: Path) -> None:
    run = a_run(tmp_path, base, "lora")
    package(run, base)
    name = "model.layers.0.mlp.down_proj"
    stock, fused = (mx.load(str(folder / "model.safetensors"))[f"{name}.weight"] for folder in (base, run / "fused"))
    held = mx.load(str(run / "fit" / "adapters" / "adapters.safetensors"))
    added = 2.0 * (held[f"{name}.lora_a"] @ held[f"{name}.lora_b"]).T
    expected = (stock.astype(mx.float32) + added).astype(mx.bfloat16)
    assert float((fused != expected).astype(mx.float32).mean()) < 0.01  # the order of a sum decides a last bit


def test_full_training_gives_a_whole_model_alone(tmp_path: Path, base: Path) -> None:
    run = a_run(tmp_path, base, "full")
    found = package(run, base)
    assert found["package"] is None and not (run / "package").exists()
    trained = model(1)
    assert worst(logits(run / "fused"), trained(mx.array([[5, 9, 40, 77, 120, 3]]))) < 0.05
    assert lock.verify(run / "fused") == [] and "every weight trained" in (run / "fused" / "README.md").read_text()


def test_another_base_is_refused_before_anything_is_written(tmp_path: Path, base: Path) -> None:
    run = a_run(tmp_path, base, "lora")
    content = read_json(run / "run.json")
    content["base"]["weights_sha256"] = "0" * 64
    write_json(run / "run.json", content)
    with pytest.raises(BadInput, match="Give that base"):
        package(run, base)
    assert sorted(path.name for path in run.iterdir()) == ["fit", "run.json"]


def test_a_run_that_has_not_trained_is_refused(tmp_path: Path, base: Path) -> None:
    run = a_run(tmp_path, base, "lora")
    (run / "fit" / "adapters" / "adapters.safetensors").unlink()
    with pytest.raises(BadInput, match="Finish the run first"):
        package(run, base)


def test_a_quantised_base_becomes_a_full_precision_model(tmp_path: Path, base: Path) -> None:
    small = tmp_path / "quantised"
    small.mkdir()
    for path in base.iterdir():
        if path.suffix != ".safetensors":
            (small / path.name).write_bytes(path.read_bytes())
    held = mlx_lm.load(str(base))[0]
    nn.quantize(held, 32, 8, class_predicate=lambda _, m: hasattr(m, "to_quantized") and m.weight.shape[-1] % 32 == 0)
    adapters.save_arrays(small / "model.safetensors", dict(tree_flatten(held.parameters())))
    config = {**read_json(base / "config.json"), "quantization": {"group_size": 32, "bits": 8}}
    write_json(small / "config.json", config)
    run = a_run(tmp_path, small, "lora")
    record = read_json(run / "run.json")
    write_json(run / "run.json", record | {"base": record["base"] | models.describe(small)})
    package(run, small)
    assert "quantization" not in read_json(run / "fused" / "config.json")
    stored = "The base is stored quantised (8 bits in groups of 32)."
    assert f"{stored} Its weights were dequantised" in (run / "fused" / "README.md").read_text()
    assert f"{stored} It was trained and scored on top" in (run / "package" / "README.md").read_text()
    expected = logits(small, adapter_path=str(run / "fit" / "adapters"))
    assert worst(logits(run / "fused"), expected) < 0.15  # every weight is rounded to bfloat16


def test_a_base_whose_template_has_changed_since_is_refused(tmp_path: Path, base: Path) -> None:
    own = shutil.copytree(base, tmp_path / "own")
    run = a_run(tmp_path, own, "lora")
    record = read_json(run / "run.json")
    record["base"]["files"] = models.describe(own)["files"]
    write_json(run / "run.json", record)
    (own / "README.md").write_text("another card")
    package(run, own)
    shutil.rmtree(run / "fused")
    (own / "chat_template.jinja").write_text("{{ messages }}")
    with pytest.raises(BadInput, match=r"not as it was when the run was made: chat_template\.jinja"):
        package(run, own)
    assert not (run / "fused").exists()
