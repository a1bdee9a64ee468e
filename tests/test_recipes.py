"""The recipes that ship are valid, faults in a recipe are told together, and its page is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlx_train import embedded, recipe, recipe_docs
from mlx_train.errors import BadInput
from mlx_train.places import BASES, CHECKOUT, EMBEDDED, RECIPES

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["embedded", "gemma-3-270m", "gemma-3-270m-control", "gemma-3-270m-long", "qwen3-4b", "qwen3-4b-full"]
WHOLE = """
name = "x"
[base]
name = "embedded"
[[data.sources]]
domain = "files"
rows = 10
"""


def test_every_recipe_parses() -> None:
    found = sorted(RECIPES.glob("*.toml"))
    assert len(found) == len(NAMES) and {path.stem for path in found} == set(NAMES)
    for path in found:
        loaded = recipe.load(path.stem)
        assert loaded.name == path.stem
        assert loaded.base.licence, path
        assert loaded.data.sources, path


@pytest.mark.parametrize("name", embedded.RECIPES)
def test_the_recipes_of_the_embedded_base_parse(name: str) -> None:
    base = recipe.load(str(EMBEDDED / name))
    assert (base.base.name, base.train.method) == ("scratch", "full")
    assert recipe.load("embedded").prompt == base.prompt


def test_the_values_that_recipes_exist_for() -> None:
    lora, full = recipe.load("qwen3-4b"), recipe.load("qwen3-4b-full")
    assert lora.train.method == "lora" and full.train.method == "full"
    assert (lora.prompt, lora.base, lora.data, lora.seed) == (full.prompt, full.base, full.data, full.seed)
    assert full.train.learning_rate < lora.train.learning_rate
    assert recipe.load("embedded").base.dtype == recipe.load("gemma-3-270m").base.dtype == "float32"


def test_the_long_training_is_of_the_stock_of_the_parts() -> None:
    long, part = recipe.load("gemma-3-270m-long"), recipe.load("gemma-3-270m")
    assert (long.base.name, long.base.sha256, long.prompt) == (part.base.name, part.base.sha256, part.prompt)
    assert not long.train.adapter and long.data.sources != part.data.sources


def test_the_control_is_the_same_training_on_replay_alone() -> None:
    first = BASES / "gemma-3-270m-files-1" / "gemma-3-270m-files-1.toml"
    ours, control = recipe.load(str(first)), recipe.load("gemma-3-270m-control")
    assert control.train.model_copy(update={"steps": 0}) == ours.train
    assert (control.prompt, control.base, control.gates, control.seed) == (
        ours.prompt,
        ours.base,
        ours.gates,
        ours.seed,
    )
    replay = {source.groups for source in ours.data.sources if source.domain == "others"}
    assert [source.domain for source in control.data.sources] == ["others"]
    assert {source.groups for source in control.data.sources} == replay


def test_every_domain_and_tier_of_a_recipe_has_families() -> None:
    from mlx_train.tasks.catalogue import families

    for name in NAMES:
        for source in recipe.load(name).data.sources:
            usable = [
                one
                for one in families(role="train")
                if one.tier in source.tiers
                and (one.domain == source.domain or (source.domain == "others" and one.domain != "files"))
            ]
            assert usable, (name, source)


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        (WHOLE + "[train]\nlearning_rte = 1e-3", "train.learning_rte", "unknown key"),
        (WHOLE.replace('name = "x"', ""), "name", "missing"),
        (WHOLE.replace('name = "embedded"', ""), "base.name", "missing"),
        (WHOLE + "[train]\nrank = 'many'", "train.rank", "'many'"),
        (WHOLE + "[train]\nclip = inf", "train.clip", "finite"),
        (WHOLE + "[train]\ntargets = []", "train.targets", "at least 1"),
        (WHOLE + "[train]\ntargets = ['a', 'b', 'a']", "train", "targets: a is named twice"),
        ("seed = -1\n" + WHOLE, "seed", "greater than or equal to 0"),
        (WHOLE + "[train]\nwarmup = 2", "train.warmup", "less than or equal to 1"),
        (WHOLE.replace('name = "x"', 'name = "../x"'), "name", "pattern"),
        (WHOLE.partition("[[")[0] + "[train]\nkeep = 'best'", "recipe", "go by the dev rows"),
        (WHOLE + "tiers = ['herd']", "data.sources.0.tiers.0", "'herd'"),
        (WHOLE + "[gates]\nsuites = ['easy']", "gates.suites", "easy"),
        (WHOLE.replace('"embedded"', '"a"\nrepository = "o/a"\nrevision = "main"'), "base", "40-digit commit"),
    ],
)
def test_one_fault_names_file_and_key(text: str, key: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        recipe.parse(text, "folder/mine.toml")
    message = str(caught.value)
    assert message.startswith("folder/mine.toml: not a recipe, 1 fault(s):")
    assert key in message and words in message
    assert caught.value.exit_code == 64


def test_all_faults_are_told_together() -> None:
    text = WHOLE.replace('name = "x"', "") + "[train]\nrank = 0\nlr = 1\n[gates]\nbatch = 'all'"
    with pytest.raises(BadInput) as caught:
        recipe.parse(text, "mine.toml")
    message = str(caught.value)
    assert "4 fault(s)" in message
    assert all(f"  {key}: " in message for key in ("name", "train.rank", "train.lr", "gates.batch"))


def test_text_that_is_not_toml_names_the_line() -> None:
    with pytest.raises(BadInput, match=r"^mine\.toml: not valid TOML: .*line 2"):
        recipe.parse('name = "x"\nbase = = 1\n', "mine.toml")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('name = "é"'.encode("latin-1"))
    with pytest.raises(BadInput, match=r"latin\.toml: not UTF-8 text \(.* at byte 8\)"):
        recipe.load(str(path))


def test_an_unknown_name_lists_the_recipes() -> None:
    with pytest.raises(BadInput) as caught:
        recipe.load("qwen")
    assert all(name in str(caught.value) for name in NAMES)


def test_the_page_of_the_recipe_is_up_to_date() -> None:
    assert CHECKOUT == ROOT
    page = (ROOT / "docs" / "recipe.md").read_text(encoding="utf-8")
    assert page == recipe_docs.render(), "run: python -m mlx_train.recipe_docs > docs/recipe.md"


def test_the_page_explains_every_key() -> None:
    page = recipe_docs.render()
    for _, model in recipe_docs.TABLES:
        for key, field in model.model_fields.items():
            assert f"| `{key}` |" in page or f"`[{key}]`" in page or f"`[[data.{key}]]`" in page, key
            assert field.description or recipe_docs._is_table(field.annotation), f"{key} has no words"
