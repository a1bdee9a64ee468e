"""Fetching a base: what is said where no hub is in reach, and that nothing half-fetched is left. Loading one: that
nothing which comes with it is run."""

from __future__ import annotations

import fnmatch
import pickle
import shutil
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import huggingface_hub.constants
import jinja2
import mlx.core as mx
import mlx.nn as nn
import pytest
import release_scored
from huggingface_hub.errors import HfHubHTTPError

from mlx_train import models
from mlx_train.chat.render import Chat
from mlx_train.errors import BadInput, NoNetwork
from mlx_train.files import read_json, write_json, write_text
from mlx_train.recipe import Base
from mlx_train.train import adapters

BASE = Base(name="far", repository="someone/far", revision="0" * 40)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(models, "CACHE", tmp_path)
    return tmp_path


def test_no_hub_in_reach_is_told_as_that(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(NoNetwork, match=r"someone/far at 000000000000 could not be fetched.*Check the network"):
            models.locate(BASE)
    assert not models.hub_in_reach("someone/far", BASE.revision or "")
    assert [path.suffix for path in cache.rglob("*") if path.is_file()] == [".lock"]


def test_being_offline_is_told_as_that(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(NoNetwork, match="could not be fetched"):
        models.locate(BASE)


@pytest.mark.parametrize("status, kind", [(401, BadInput), (403, BadInput), (404, BadInput), (503, NoNetwork)])
def test_what_the_hub_refuses_is_told_apart_from_no_hub(cache: Path, monkeypatch, status: int, kind: type) -> None:
    answer = SimpleNamespace(status_code=status, headers={}, request=None)

    def refuse(*_: object, **__: object) -> None:
        raise HfHubHTTPError(f"{status} Client Error.", response=answer, server_message="Access is restricted.")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", refuse)
    with pytest.raises(kind) as told:
        models.locate(BASE)
    assert kind is NoNetwork or ("Access is restricted." in str(told.value) and "HF_TOKEN" in str(told.value))


def test_what_cannot_be_a_repository_is_told_as_that(cache: Path) -> None:
    with pytest.raises(BadInput, match="expected OWNER/NAME"):
        models.locate(BASE.model_copy(update={"repository": "not a repository/x y"}))


def test_a_fetch_that_was_interrupted_goes_on_with_what_is_there(cache: Path, tiny: Path, monkeypatch) -> None:
    file = SimpleNamespace(rfilename="model.safetensors", size=1)
    other = SimpleNamespace(rfilename="pytorch_model.bin", size=10**18)  # not fetched, so it needs no room
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: SimpleNamespace(siblings=[file, other]))
    found: list[list[str]] = []

    def download(*_: Any, local_dir: Path, **__: Any) -> None:
        found.append(sorted(path.name for path in local_dir.iterdir()))
        if len(found) == 1:
            shutil.copy(tiny / "config.json", local_dir)
            (local_dir / "x.1234.incomplete").write_text("of a process that was killed")
            raise KeyboardInterrupt
        if len(found) == 2:
            raise RuntimeError("the transfer broke off")
        shutil.copytree(tiny, local_dir, dirs_exist_ok=True)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(KeyboardInterrupt):
        models.locate(BASE)
    with pytest.raises(NoNetwork, match=r"the transfer broke off.*keeps the files that are whole"):
        models.locate(BASE)
    path = models.locate(BASE)
    assert found == [[], ["config.json"], ["config.json"]] and (path / "model.safetensors").is_file()
    assert {one.name for one in path.parent.iterdir()} == {path.name, f".{path.name}.lock"}


def test_arrays_that_an_architecture_keeps_in_float32_stay_so() -> None:
    """As mlx-lm converts it: rounded, the bias that chooses experts would choose others."""
    from mlx_lm.models import lfm2_moe

    class Router(nn.Module):
        cast_predicate = lfm2_moe.Model.cast_predicate

        def __init__(self) -> None:
            super().__init__()
            self.expert_bias, self.weight = mx.array([8.1234, 8.1239]), mx.array([8.1234])

    model = Router()
    models.cast(model, "bfloat16")
    assert (model.expert_bias.dtype, model.weight.dtype) == (mx.float32, mx.bfloat16)


def test_weights_of_another_base_are_told(tiny: Path, tmp_path: Path) -> None:
    mx.save_safetensors(str(tmp_path / "model.safetensors"), {"other.weight": mx.zeros((2, 2))}, {"format": "mlx"})
    with pytest.raises(BadInput, match=r"model\.safetensors: not weights of the base"):
        models.load_trained(tiny, "float32", tmp_path)


@pytest.mark.parametrize(
    "name", ["LICENSE", "LICENSE.html", "LICENCE.txt", "NOTICE", "Notice", "NOTICE.txt", "tokenizer.model"]
)
def test_licence_and_notice_are_fetched_too(name: str) -> None:
    assert any(fnmatch.fnmatch(name, pattern) for pattern in models.FETCHED)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "weights.pt", "model.pkl", "modeling.py", "training_args.bin"])
def test_pickles_and_code_are_not_fetched(name: str) -> None:
    assert not any(fnmatch.fnmatch(name, pattern) for pattern in models.FETCHED)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release_scored.base(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def hostile(tiny: Path, tmp_path: Path) -> Path:
    """A model directory of one's own to spoil; what is run in it leaves the file `ran` beside it."""
    return Path(shutil.copytree(tiny, tmp_path / "hostile"))


def marker(folder: Path) -> Path:
    return folder.parent / "ran"


ESCAPES = (
    "{{ lipsum.__globals__['os'].system('touch MARK') }}",
    "{{ cycler.__init__.__globals__['os'].system('touch MARK') }}",
    "{{ joiner.__init__.__globals__.os.popen('touch MARK').read() }}",
    "{% for one in ''.__class__.__mro__[1].__subclasses__() if one.__name__ == 'Popen' %}"
    "{{ one(['touch', 'MARK']).wait() }}{% endfor %}",
    "{{ (messages|attr('__class__')).__base__.__subclasses__()|length and self.__init__.__globals__.__builtins__"
    ".open('MARK', 'w').close() }}",
    "{{ messages.append({'role': 'user', 'content': 'more'}) }}",
)


@pytest.mark.parametrize("template", ESCAPES)
def test_a_hostile_template_is_refused_and_does_nothing(hostile: Path, template: str) -> None:
    text = template.replace("MARK", str(marker(hostile)))
    write_text(hostile / "chat_template.jinja", text)
    tokenizer = models.load(hostile)[1]
    assert "MARK" not in template or text in str(tokenizer.chat_template)
    with pytest.raises(BadInput, match="the chat template refuses this conversation"):
        Chat(tokenizer)
    assert not marker(hostile).exists()


@pytest.mark.parametrize("template", [one for one in ESCAPES[:4]])
def test_the_same_templates_do_harm_outside_of_a_sandbox(hostile: Path, template: str) -> None:
    import subprocess  # a class that one of them looks for

    assert subprocess.Popen
    said = jinja2.Environment().from_string(template.replace("MARK", str(marker(hostile))))
    said.render(messages=[])
    assert marker(hostile).exists()


def evil(folder: Path) -> None:
    write_text(
        folder / "evil.py", f"open({str(marker(folder))!r}, 'w').close()\nclass Model: ...\nclass ModelArgs: ...\n"
    )


def test_a_model_that_brings_its_own_code_is_refused(hostile: Path) -> None:
    evil(hostile)
    write_json(hostile / "config.json", {**read_json(hostile / "config.json"), "model_file": "evil.py"})
    with pytest.raises(BadInput, match=r"config\.json, key model_file: .* code that comes with it, which is never run"):
        models.load(hostile)
    assert not marker(hostile).exists()


@pytest.mark.parametrize("content", ["3", "[]", "null", "{"])
def test_a_configuration_that_is_no_object_is_refused(hostile: Path, content: str) -> None:
    write_text(hostile / "config.json", content)
    with pytest.raises(BadInput, match=r"config\.json: "):
        models.check(hostile)


@pytest.mark.parametrize("known", [True, False], ids=["a class that is known", "a class of its own"])
def test_auto_map_runs_nothing_and_asks_nobody(hostile: Path, known: bool) -> None:
    evil(hostile)
    places = {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model", "AutoTokenizer": ["evil.T", "evil.T"]}
    for name in ("config.json", "tokenizer_config.json"):
        more: dict[str, Any] = {"auto_map": places}
        if not known:
            more |= {"tokenizer_class": "EvilTokenizer"} if name.startswith("tok") else {}
        write_json(hostile / name, {**read_json(hostile / name), **more})
    for load in (models.load, lambda path: models.load_tokenizer(str(path))):
        try:
            load(hostile)
        except BadInput as error:
            assert str(hostile) in str(error)
    assert not marker(hostile).exists() and "evil" not in sys.modules


class Harm:
    """Leaves the marker when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (str(self.path), "w")


opened: list[str] = []
listening = False


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if listening and event in ("open", "pickle.find_class"):
        opened.append(f"{event} {arguments[0]}")


def test_a_pickle_beside_the_weights_is_never_opened(hostile: Path) -> None:
    global listening
    for name in ("pytorch_model.bin", "model.pt", "tokenizer.pkl", "training_args.bin", "weights.npz"):
        (hostile / name).write_bytes(pickle.dumps(Harm(marker(hostile))))
    sys.addaudithook(_note)  # it stays for good, so it listens only now
    listening = True
    try:
        models.check(hostile)
        models.load(hostile)
        models.load_tokenizer(str(hostile))
    finally:
        listening = False
    assert any("config.json" in line for line in opened)
    wrong = [line for line in opened if line.startswith("pickle") or line.endswith((".bin", ".pt", ".pkl", ".npz"))]
    assert wrong == [] and not marker(hostile).exists()


@pytest.mark.parametrize("name", ["adapters.safetensors", "model.safetensors"])
def test_trained_weights_that_are_not_finite_are_not_loaded(tiny: Path, tmp_path: Path, name: str) -> None:
    run = release_scored.run(tmp_path / "run", tiny)
    folder = run / "fit" / "adapters" if name.startswith("adapters") else tmp_path / "weights"
    if not folder.exists():
        folder.mkdir()
        shutil.copy(tiny / name, folder)
    models.load_trained(tiny, "float32", folder)
    held = adapters.load_arrays(folder / name)
    wrong = sorted(held)[1]
    adapters.save_arrays(folder / name, {**held, wrong: held[wrong] * mx.nan})
    with pytest.raises(BadInput, match=f"the tensor '{wrong}' has values that are NaN"):
        models.load_trained(tiny, "float32", folder)
