"""Base models made from packages: the way back from GGUF, what is checked by hash, the faults, and Gemma's template."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tomllib
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import gguf_models
import mlx.core as mx
import pytest
from chats import TEXTS, TOOLS, conversation, served
from tokenizers import Tokenizer

from mlx_train import models
from mlx_train.bases import gguf as from_gguf
from mlx_train.bases import keep, made, packages
from mlx_train.chat.parse import Kind
from mlx_train.chat.render import Chat
from mlx_train.chat.tokenizer import train_tokenizer
from mlx_train.data import stock
from mlx_train.data.trajectory import from_task
from mlx_train.errors import BadInput, NoNetwork, NoSpace
from mlx_train.files import manifest, read_json, sha256_file, write_json, write_jsonl
from mlx_train.places import BASES
from mlx_train.recipe import Base, Train, load
from mlx_train.release import gguf
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import generate
from mlx_train.train import adapters
from mlx_train.train.adapters import save_arrays

ADAPTER = ("adapter_config.json", "adapters.safetensors")
TEMPLATE = (BASES / "gemma-3-270m" / "chat_template.jinja").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A tiny Gemma 3, the same as GGUF, and what `convert` makes of that."""
    folder = tmp_path_factory.mktemp("gemma")
    before = gguf_models.make(folder / "before", "gemma3_text")
    weights = mx.load(str(before / "model.safetensors"))
    del weights["lm_head.weight"]  # tied
    save_arrays(before / "model.safetensors", weights)
    gguf.write(before, folder / "tiny.gguf", "f16", {})
    (folder / "after").mkdir()
    from_gguf.convert(folder / "tiny.gguf", folder / "after", "<|end|>", ["<|end|>"])
    return SimpleNamespace(gguf=folder / "tiny.gguf", before=before, after=folder / "after")


def made_in(index: SimpleNamespace) -> list[str]:
    """What lies beside the models, but for the locks by which processes wait for each other."""
    return [path.name for path in (index.cache / "models").iterdir() if path.suffix != ".lock"]


def test_weights_come_back_as_they_were(tiny: SimpleNamespace) -> None:
    before, after = (mx.load(str(folder / "model.safetensors")) for folder in (tiny.before, tiny.after))
    assert before.keys() == after.keys()
    for name, value in after.items():
        assert value.dtype == mx.bfloat16 and value.shape == before[name].shape
        # norms lose what is below half of float32's last place at 1
        assert mx.allclose(value.astype(mx.float32), before[name].astype(mx.float32), rtol=2**-8, atol=2**-23), name


def test_configuration_and_tokens_come_back_as_they_were(tiny: SimpleNamespace) -> None:
    before, after = (read_json(folder / "config.json") for folder in (tiny.before, tiny.after))
    assert {key: after[key] for key in before.keys() & after.keys()} == before
    one, other = (Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (tiny.before, tiny.after))
    for text in gguf_models.TEXTS:
        assert one.encode(text).ids == other.encode(text).ids
    models.check(tiny.after)


def test_another_file_is_refused(tiny: SimpleNamespace, tmp_path: Path) -> None:
    other = gguf_models.make(tmp_path / "other", "llama")
    gguf.write(other, tmp_path / "other.gguf", "f16", {})
    with pytest.raises(BadInput, match="expected the GGUF file of a Gemma 3, found 'llama'"):
        from_gguf.convert(tmp_path / "other.gguf", tmp_path, "<|end|>", [])


@pytest.fixture
def index(tiny: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A base `small` whose one package has the tiny GGUF file in two parts, and an index that counts its calls."""
    content = tmp_path / "bases" / "small"
    content.mkdir(parents=True)
    (content / "NOTICE").write_text("terms\n")
    (content / "chat_template.jinja").write_text(TEMPLATE)
    hashes = {name: entry["sha256"] for name, entry in manifest(tiny.after).items()}
    hashes |= {file.name: sha256_file(file) for file in content.iterdir()}
    lines = [
        'title = "Small"', 'form = "from GGUF"', "download_gb = 0.1", "disk_gb = 0.001", 'requirements = ["small==1"]',
        'gguf = ["a", "b"]', f'gguf_sha256 = "{sha256_file(tiny.gguf)}"', 'end = "<|end|>"', 'special = ["<|end|>"]',
        "[copied]", "[files]", *(f'"{name}" = "{digest}"' for name, digest in hashes.items()),
    ]  # fmt: skip
    (content / "base.toml").write_text("\n".join(lines))
    calls: list[list[str]] = []

    def install(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        if state.fault:
            return subprocess.CompletedProcess(command, 1, "", state.fault)
        target = Path(command[command.index("--target") + 1])
        target.mkdir()
        whole = tiny.gguf.read_bytes()
        (target / "a").write_bytes(whole[:1000])
        (target / "b").write_bytes(whole[1000:])
        return subprocess.CompletedProcess(command, 0, "", "")

    state = SimpleNamespace(content=content, cache=tmp_path / "cache", calls=calls, fault="")
    monkeypatch.setattr(made, "BASES", content.parent)
    monkeypatch.setenv("UV", "uv")
    monkeypatch.setattr(made, "CACHE", state.cache)
    monkeypatch.setattr(packages.subprocess, "run", install)
    return state


def test_a_base_is_made_once_and_checked_each_time(index: SimpleNamespace) -> None:
    said: list[str] = []
    path = models.locate(Base(name="small"), say=said.append)
    assert said[0] == "terms\n" and path.parent == index.cache / "models"
    assert {file.name for file in path.iterdir()} >= {"NOTICE", "chat_template.jinja", "model.safetensors"}
    assert models.describe(path)["source"]["packages"] == ["small==1"]
    assert models.locate(Base(name="small")) == path and len(index.calls) == 1
    assert "--require-hashes" in index.calls[0] and made_in(index) == [path.name]
    (path / "NOTICE").write_text("other terms\n")
    with pytest.raises(BadInput, match=r"NOTICE has SHA-256 .*, expected .*Remove this folder"):
        models.locate(Base(name="small"))


def test_what_comes_out_otherwise_is_not_kept(index: SimpleNamespace) -> None:
    about = index.content / "base.toml"
    about.write_text(about.read_text().replace('"config.json" = "', '"config.json" = "0'))
    with pytest.raises(BadInput, match=r"Small did not come out as expected: config\.json has SHA-256"):
        models.locate(Base(name="small"))
    assert made_in(index) == []


@pytest.fixture
def taught(index: SimpleNamespace, tiny: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The content of a base `taught`, made of `small` and an adapter; its content is returned."""
    monkeypatch.setattr(keep, "BASES", index.content.parent)
    monkeypatch.setattr(stock, "BASES", index.content.parent)
    model, _ = models.load(tiny.after)
    settings = Train(rank=2, alpha=6, targets=["mlp.down_proj", "self_attn.q_proj"])
    adapters.attach(model, settings, seed=0)
    arrays = {name: value + 0.5 for name, value in adapters.trainable(model).items()}
    adapters.save(tmp_path / "run" / "fit" / "adapters", arrays, settings, len(model.layers))
    write_json(tmp_path / "run" / "fit" / "fitted.json", dict.fromkeys(keep.FACTS, 1))
    write_jsonl(tmp_path / "run" / "fit" / "metrics.jsonl", [{"step": step, "loss": 1.0} for step in range(1, 21)])
    source = tmp_path / "any.toml"
    source.write_text(
        'name = "taught"\nprompt = "Work."\n[base]\nname = "small"\n[[data.sources]]\ndomain = "orders"\nrows = 1\n'
    )
    held = models.weights_sha256(models.locate(Base(name="small")))
    record = {
        "id": "1", "fingerprint": "1",
        "recipe": load(str(source)).model_dump(mode="json"), "base": {"weights_sha256": held}, "stages": {"fit": {}}
    }  # fmt: skip
    for change, said in (
        ({"stages": {"data": {}}}, "not finished, fit is not done"),
        ({"recipe": {**record["recipe"], "seed": 9}}, "not the recipe that"),
        ({"base": {"weights_sha256": "0"}}, "the run was trained on 0"),
    ):
        write_json(tmp_path / "run" / "run.json", {**record, **change})
        with pytest.raises(BadInput, match=said):
            keep.keep(tmp_path / "run", source)
    write_json(tmp_path / "run" / "run.json", record)
    return keep.keep(tmp_path / "run", source)


def test_an_adapter_goes_into_a_base(index: SimpleNamespace, taught: Path) -> None:
    path = models.locate(Base(name="taught"))
    assert models.locate(Base(name="taught")) == path and len(index.calls) == 1
    assert models.describe(path)["source"]["made_of"].startswith("small-")
    whole, base = (mx.load(str(one / "model.safetensors")) for one in (path, models.locate(Base(name="small"))))
    held = mx.load(str(taught / "adapter" / "adapters.safetensors"))
    assert [one.name for _, one in stock.recipes(stock.own_base("taught") or Path())] == ["taught"]
    assert {file.name for file in path.iterdir()} == {file.name for file in models.locate(Base(name="small")).iterdir()}
    for name, value in whole.items():
        before, adapted = base[name].astype(mx.float32), name.removesuffix(".weight")
        if f"{adapted}.lora_a" in held:
            first, second = (held[f"{adapted}.lora_{part}"].astype(mx.float32) for part in "ab")
            before = before + 3 * (first @ second).T  # alpha over rank
            assert adapted.endswith(("down_proj", "q_proj"))
        assert value.dtype == mx.bfloat16 and mx.allclose(value.astype(mx.float32), before, rtol=2**-8, atol=1e-6), name
    assert sum(name.endswith("lora_a") for name in held) == 2 * len(models.load(path)[0].layers)


def test_a_base_that_is_there_is_not_written_over(taught: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is a base of this name"):
        keep.keep(tmp_path / "run", tmp_path / "any.toml")
    (tmp_path / "any.toml").write_text(
        (tmp_path / "any.toml").read_text().replace("small", "other").replace("taught", "b")
    )
    with pytest.raises(BadInput, match=r"key base\.name: 'other'; only small, taught can be built on"):
        keep.keep(tmp_path / "run", tmp_path / "any.toml")


def test_what_went_on_from_a_kept_adapter_has_its_rows_too(taught: Path, tmp_path: Path) -> None:
    source, record = tmp_path / "further.toml", read_json(tmp_path / "run" / "run.json")

    def keep_one_that_goes_on_from(adapter: str) -> Path:
        text = (tmp_path / "any.toml").read_text().replace('"taught"', '"further"')
        source.write_text(f'{text}[train]\nadapter = "{adapter}"\n')
        write_json(tmp_path / "run" / "run.json", record | {"recipe": load(str(source)).model_dump(mode="json")})
        return keep.keep(tmp_path / "run", source)

    with pytest.raises(BadInput, match=r"key train\.adapter: '\.\./elsewhere' is not kept"):
        keep_one_that_goes_on_from("../elsewhere")
    assert [one.name for _, one in stock.recipes(keep_one_that_goes_on_from("taught"))] == ["taught", "further"]


def test_a_run_is_kept_under_another_name(taught: Path, tmp_path: Path) -> None:
    kept = keep.keep(tmp_path / "run", tmp_path / "any.toml", "part-1")
    one, other = load(str(kept / "part-1.toml")), load(str(taught / "taught.toml"))
    assert (one.name, one.model_copy(update={"name": "taught"})) == ("part-1", other)
    assert [recipe.name for _, recipe in stock.recipes(kept)] == ["part-1"]
    assert models.weights_sha256(models.locate(Base(name="part-1"))) == stock.merged_sha256(taught)
    with pytest.raises(BadInput, match="name: String should match pattern"):
        keep.keep(tmp_path / "run", tmp_path / "any.toml", "../elsewhere")


def test_an_adapter_that_does_not_fit_its_base_is_refused(index: SimpleNamespace, taught: Path) -> None:
    content = index.content.parent / "taught" / "adapter"
    arrays = {
        name.replace("down_proj", "sideways"): value
        for name, value in mx.load(str(content / "adapters.safetensors")).items()
    }
    adapters.save_arrays(content / "adapters.safetensors", arrays)
    with pytest.raises(BadInput, match=r"adapts .*mlp\.sideways, which .* does not have"):
        models.locate(Base(name="taught"))
    assert [name.split("-")[0] for name in made_in(index)] == ["small"]


@pytest.mark.parametrize(
    ("said", "fault", "message"),
    [
        ("error: Failed to fetch\n  Caused by: dns error", NoNetwork, "could not be fetched: Caused by: dns error"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", BadInput, "other files than those expected"),
        ("OSError: [Errno 28] No space left on device", NoSpace, "no space left"),
    ],
)
def test_faults_of_the_index(index: SimpleNamespace, said: str, fault: type[Exception], message: str) -> None:
    index.fault = said
    with pytest.raises(fault, match=message):
        models.locate(Base(name="small"))
    assert made_in(index) == []


def test_a_full_disk_is_told_before_anything_is_fetched(
    index: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 0))
    with pytest.raises(NoSpace, match=r"0\.001 GB are needed, 0\.0 GB are free"):
        models.locate(Base(name="small"))
    assert not index.calls


def test_what_a_base_was_before_any_training_here(tmp_path: Path) -> None:
    assert {made.origin(name) for name in made.known()} == {"gemma-3-270m"}
    assert models.origin(Base(name="elsewhere"), tmp_path) == tmp_path


@pytest.mark.parametrize("name", made.known())
def test_what_goes_in_as_it_is_has_the_hash_that_is_expected(name: str) -> None:
    about = tomllib.loads((BASES / name / "base.toml").read_text(encoding="utf-8"))
    training = ["README.md", "curve.json", "overlap.json", f"{name}.toml", *(f"adapter/{file}" for file in ADAPTER)]
    held = manifest(BASES / name, skip=["base.toml", *(training if "made_of" in about else [])])
    assert held and {file: entry["sha256"] for file, entry in held.items()}.items() <= about["files"].items()


@functools.cache
def gemma_chat() -> Chat:
    """Gemma's template on a small tokenizer that has its control tokens."""
    tokenizer = train_tokenizer(TEXTS, 400, TEMPLATE)
    turns = ["<start_of_turn>", "<end_of_turn>"]
    tokenizer.add_special_tokens({"bos_token": "<bos>", "eos_token": turns[1], "additional_special_tokens": turns})
    return Chat(tokenizer)


def test_the_template_writes_python_calls_after_a_catalogue_of_signatures() -> None:
    chat = gemma_chat()
    assert (chat.native, chat.format, chat.end_id) == (True, "pythonic", chat.control["<end_of_turn>"])
    text = chat.tokenizer.decode(chat.prompt(conversation()[:4], TOOLS))
    assert "\ncp(source: str, destination: str) # Copy a file.\n" in text
    assert '\nwc(files: list[str], mode: "l"|"w" = "l", limit: int = ...) # Count.<end_of_turn>' in text
    assert '<start_of_turn>model\n```tool_code\ncp(source="a.txt", destination="b.txt")\n```<end_of_turn>' in text
    assert text.endswith("<end_of_turn>\n<start_of_turn>model\n")


def test_serving_with_the_template_feeds_the_training_ids() -> None:
    chat = gemma_chat()
    (row,) = chat.examples(conversation(), TOOLS, "x")
    fed = served(chat, conversation(), TOOLS)
    assert len(fed) == 4 and row.shared
    for ids in fed.values():
        assert list(row.ids[: len(ids)]) == ids and row.trained[len(ids)] and not row.trained[len(ids) - 1]


@pytest.mark.parametrize("domain", sorted({family.domain for family in families(role="train")}))
def test_every_call_of_the_training_tasks_is_read_as_it_was_written(domain: str) -> None:
    chat = gemma_chat()
    for family in families(role="train", domain=domain):
        row = from_task(generate(family, "train", 7), "Work.")
        tools = [dict(tool) for tool in row.tools]
        for message in (message for message in row.messages if message.get("tool_calls")):
            text = chat._template([{"role": "user", "content": "x"}, message], (), False)
            written = text.rpartition("<start_of_turn>model\n")[2].partition("<end_of_turn>")[0]
            reply = chat.parse(written, stopped=True, tools=tools)
            assert reply.kind is Kind.CALLS, written
            wanted = [(call["function"]["name"], call["function"]["arguments"]) for call in message["tool_calls"]]
            assert [(call.name, call.arguments) for call in reply.calls] == wanted


@pytest.mark.slow
def test_gemma_from_the_package_index_continues_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlx_lm import generate as write

    monkeypatch.setattr(made, "CACHE", tmp_path)
    model, tokenizer = models.load(models.locate(Base(name="gemma-3-270m")), "float32")
    said = write(model, tokenizer, "The capital of France is Paris. The capital of Germany is", max_tokens=2)
    assert said.startswith(" Berlin")
