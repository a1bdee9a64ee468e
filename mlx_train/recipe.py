"""A recipe: everything that decides what a run does, in one TOML file.

Unknown keys are refused and all faults are reported at once. The same recipe, seed and versions give the same run.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mlx_train.errors import BadInput
from mlx_train.tasks.task import Group, Tier

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""What names files and folders."""
Dtype = Literal["float32", "bfloat16", "float16"]

SUITES = ("hard", "heldout", "breadth-retained", "breadth-unseen", "abstain")
BFCL_SUITES = ("bfcl-files", "bfcl-breadth")
"""Suites whose tasks are in the package `bfcl-eval`; a recipe may name them, and a release does not need them."""


class Part(BaseModel):
    """A table of the recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)


class Base(Part):
    """The model that training starts from, called stock when it is scored."""

    name: str
    """`embedded`; a name in `data/bases/`; any name, with `repository` and `revision`; or the path of a model
    directory, relative to the folder the command is called in (with `./just`: the checkout)."""
    repository: str = ""
    """Hub repository, for models that are fetched from a hub."""
    revision: str = ""
    """Hub commit; a branch name is refused because it does not say what was loaded."""
    sha256: str = ""
    """SHA-256 of the weights (of the manifest, if there are several files); checked before use when given."""
    licence: str = ""
    """Licence of the base, as an SPDX identifier or a name; a missing one blocks a release."""
    dtype: Dtype = "bfloat16"
    """Number format of the weights while training and scoring."""

    @model_validator(mode="after")
    def _pinned(self) -> Base:
        if self.repository and not (len(self.revision) == 40 and all(c in "0123456789abcdef" for c in self.revision)):
            raise ValueError("revision must be the 40-digit commit of the hub repository, so that the base is known")
        return self


class Source(Part):
    """Some of the training rows: so many from the training families of one domain."""

    domain: str
    """A domain such as `files`, or `others`: every domain but `files` that training may use, in equal parts."""
    rows: Count
    """How many trajectories."""
    tiers: tuple[Tier, ...] = ("easy", "moderate", "hard", "very hard")
    """The tiers of the families to draw from, in equal parts by family."""
    groups: Annotated[tuple[Group, ...], Field(min_length=1)] = ("first", "wide")
    """The groups of the families to draw from: `first`, which the embedded base learns from; `wide`, further kinds of
    file operations; `mixed`, requests of all kinds in any order, in the domains that are not files; `further`, such
    requests to made-up registers, and turns in which nothing is to be called."""


class Data(Part):
    """The trajectories to train on."""

    sources: tuple[Source, ...] = ()
    """Generated rows."""
    replay: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of all rows that are of other domains, of every tier, added to the sources: against forgetting."""
    files: tuple[str, ...] = ()
    """Own trajectories to add: paths of JSONL or Parquet files, relative to the recipe, or hub data sets as
    `hub:owner/name@REVISION` with the commit's 40 digits, then `:split` if it is not `train`."""
    dev_rows: Count = 64
    """Fixed rows, of dev phrasings, whose loss is watched during training: of the kinds of the sources and of replay,
    none of one's own."""
    breadth_rows: Annotated[int, Field(ge=0)] = 32
    """Fixed rows of all domains but `files`, of dev phrasings, whose loss is watched too: what training costs there."""
    max_tokens: Count = 4096
    """Longest row, catalogue included, in tokens."""
    overlong: Literal["refuse", "drop"] = "refuse"
    """What to do with longer rows: stop and list them, or leave them out and list them. Rows are never cut."""


class Train(Part):
    """How to fit."""

    method: Literal["lora", "dora", "full"] = "lora"
    """Low-rank adapters, the same with a learned length for each output (DoRA), or every weight. On a base that is
    quantised, adapters are what is called QLoRA."""
    rank: Count = 16
    """Rank of the adapters."""
    alpha: Annotated[float, Field(gt=0)] = 32.0
    """LoRA alpha in the usual meaning: the adapter's output is multiplied by alpha / rank."""
    rank_stabilised: bool = False
    """Multiply by alpha / sqrt(rank) instead (rsLoRA), so that a high rank learns as fast as a low one."""
    targets: Annotated[tuple[str, ...], Field(min_length=1)] = (
        "self_attn.q_proj",
        "self_attn.k_proj",
        "self_attn.v_proj",
        "self_attn.o_proj",
        "mlp.gate_proj",
        "mlp.up_proj",
        "mlp.down_proj",
    )
    """Linear layers that get an adapter, named within a block."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Dropout on the adapter's input."""
    adapter: str = ""
    """An adapter of this base to go on from, in place of a fresh one: the path of a folder in mlx-lm's layout
    (`package` of a specialist, `fit/adapters` of a run), relative to the recipe, or a name in `data/bases/`. Method,
    rank and scale have to be its own. Stock, in `kl` and when scoring, stays the base without it."""
    optimizer: Literal["adamw", "adafactor", "lion", "muon"] = "adamw"
    """`muon` steps matrices by orthogonalised momentum and everything else by AdamW. `adafactor` needs almost no
    memory; `lion` half of AdamW's, and a learning rate three to ten times lower."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    """Peak learning rate (of the matrices, under muon)."""
    adam_learning_rate: Annotated[float, Field(gt=0)] = 3e-3
    """Peak learning rate of embeddings and norms under muon."""
    warmup: Share = 0.05
    """Share of the steps over which the rate rises from zero."""
    schedule: Literal["cosine", "wsd", "constant"] = "cosine"
    """`cosine` falls to a tenth; `wsd` holds, then falls linearly to zero over the last fifth of the steps."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """Decay of matrices; norms, biases and embeddings are never decayed."""
    clip: Annotated[float, Field(gt=0)] = 1.0
    """Largest norm of the gradient."""
    kl: Annotated[float, Field(ge=0)] = 0.0
    """Weight in the loss of the divergence from the stock, KL(stock, model) in nats per token: against forgetting.
    Only for adapters, where the stock is the same model without them."""
    kl_rows: Literal["replay", "all", "text"] = "replay"
    """What `kl` looks at: generated rows of other domains than `files`; all rows; or `text`, prose and code which the
    base itself writes before training, so that what is in nobody's rows is held too."""
    kl_text: Count = 256
    """Tokens of such text in each optimizer step, beside its rows, in pieces of 128."""
    epochs: Annotated[float, Field(gt=0)] = 1.0
    """Passes over the rows."""
    steps: Annotated[int, Field(ge=0)] = 0
    """Optimizer steps, over the rows again and again; 0 takes as many as `epochs` makes."""
    batch_tokens: Count = 8192
    """Tokens of one micro-batch: rows times padded length, the shared catalogue counted once."""
    accumulate: Count = 1
    """Micro-batches of one optimizer step; their gradients are weighted by supervised tokens."""
    share_prefix: bool = True
    """Run the catalogue that the rows of a batch begin with once instead of once a row. The gradients are the same."""
    checkpoint_layers: bool = False
    """Recompute activations in the backward pass: less memory, about a third more time."""
    save_every: Count = 50
    """Steps between checkpoints; a checkpoint is also written on Ctrl-C."""
    validate_every: Count = 50
    """Steps between measurements of the loss on the dev rows."""

    keep: Literal["last", "best"] = "last"
    """Which weights the fit ends with: the last, or those of the lowest loss on the dev rows."""
    patience: Annotated[int, Field(ge=0)] = 0
    """Stop early after so many measurements of the dev loss in a row without a lower one; 0 never does."""
    keep_every: Annotated[int, Field(ge=0)] = 0
    """Steps between copies of the weights that stay, the last among them, for `[select]`; 0 keeps none."""

    @model_validator(mode="after")
    def _targets_once(self) -> Train:
        if twice := sorted({name for name in self.targets if self.targets.count(name) > 1}):
            raise ValueError(f"targets: {', '.join(twice)} is named twice")
        return self

    @model_validator(mode="after")
    def _stock_at_hand(self) -> Train:
        if self.adapter and self.method == "full":
            raise ValueError("adapter: only lora and dora go on from one; full training takes a merged model as base")
        if self.kl and self.method == "full":
            raise ValueError("kl needs the stock, which full training changes; use lora or dora, or kl = 0")
        return self

    @property
    def scale(self) -> float:
        """What the output of an adapter is multiplied by (rank-stabilised: Kalajdzievski, arXiv 2312.03732)."""
        return self.alpha / (math.sqrt(self.rank) if self.rank_stabilised else self.rank)


class Select(Part):
    """Choosing among the weights that `train.keep_every` kept, and strengths of the adapter, by the dev suites. Without
    this table nothing is chosen: the specialist is what training ended with."""

    suites: Annotated[tuple[str, ...], Field(min_length=1)] = SUITES
    """Dev suites to score stock and every candidate on."""
    tasks: Count = 150
    """Tasks of each suite, the first ones; a smaller suite is scored whole."""
    strengths: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)] = (1.0,)
    """What to multiply the adapter's change of the model by; each makes a candidate of each kept copy. LoRA only."""
    margin: Share = 0.02
    """How far below stock's a candidate's rate may be on a suite other than `hard` and `heldout`. Of those that keep to
    it on all of these, the one with the highest mean rate on `hard` and `heldout` is chosen."""


class Gates(Part):
    """How stock and specialist are scored, both alike."""

    suites: tuple[str, ...] = SUITES
    """Suites to score; one of these that is left out shows in the report as not measured. `bfcl-files` and
    `bfcl-breadth` may be added where the package `bfcl-eval` is installed."""
    quick: bool = False
    """Score only the fixed quick subset of each suite; the report says so and it blocks a release."""
    batch: Count = 16
    """Rollouts that run side by side."""
    max_new_tokens: Count = 256
    """Longest single message of the model, in tokens; a longer one counts as truncated."""
    max_calls: Count = 20
    """Most calls of one turn; BFCL's limit."""
    hard_lower_bound: Share = 0.8
    """Least lower 95 % bound on `hard` for a release."""
    heldout_lower_bound: Share = 0.6
    """Least lower 95 % bound on `heldout` for a release."""
    breadth_margin: Share = 0.02
    """Loss on a breadth suite that may not be exceeded, shown at 95 %."""
    general_kld: Annotated[float, Field(ge=0)] = 0.02
    """Most divergence from stock on general text for the label `general`: mean KL(stock, specialist) in nats per token
    over fixed English prose and code; 0 does not measure it."""


class Recipe(Part):
    """One run."""

    name: Annotated[str, Field(pattern=NAME)]
    """Name of the run's folder and of the specialist: letters, digits, dots, dashes and underscores."""
    seed: Annotated[int, Field(ge=0, lt=10**9)] = 0
    """Seed of data, adapter initialisation and order."""
    prompt: str = "You work for the user by calling tools. Call one tool at a time and stop when the work is done."
    """System prompt of training and scoring, the same for stock and specialist."""
    purpose: str = ""
    """What the specialist is for, in one sentence: the model card says it, and a router keeps it to that. Needed for a
    job of your own; where only the built-in file operations are trained, the card knows."""
    base: Base
    data: Data = Data()
    train: Train = Train()
    select: Select | None = None
    gates: Gates = Gates()

    @model_validator(mode="after")
    def _known_suites(self) -> Recipe:
        known = (*SUITES, *BFCL_SUITES)
        if unknown := set(self.gates.suites) - set(known):
            raise ValueError(f"gates.suites: unknown {sorted(unknown)}; known are {list(known)}")
        if self.select and (unknown := set(self.select.suites) - set(SUITES)):
            raise ValueError(f"select.suites: unknown {sorted(unknown)}; known are {list(SUITES)}")
        return self

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> Recipe:
        if self.select and self.select.strengths != (1.0,) and self.train.method != "lora":
            raise ValueError(f"select.strengths: only LoRA has a strength; train.method is {self.train.method}")
        if self.select and self.train.keep == "best":
            raise ValueError("train.keep: `best` chooses by the dev loss and [select] by dev scores; have one of them")
        if (self.train.keep == "best" or self.train.patience) and not (self.data.sources or self.data.replay):
            raise ValueError(
                "train.keep and train.patience go by the dev rows, which only [[data.sources]] and replay have"
            )
        return self


def parse(text: str, source: str) -> Recipe:
    """A recipe from TOML text.

    Raises:
        BadInput: not TOML, or not a recipe; the message lists every fault with its key.
    """
    try:
        values: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{source}: not valid TOML: {error}.") from None
    return validated(values, source)


def validated(values: dict[str, Any], source: str) -> Recipe:
    """A recipe from the values of its keys.

    Raises:
        BadInput: they are not a recipe; the message lists every fault with its key.
    """
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise BadInput(faulty(error, source, "recipe", "See docs/recipe.md for every key.")) from None


def faulty(error: ValidationError, source: str, what: str, advice: str) -> str:
    """A message with every fault of a file's content, by key."""
    lines = [f"{source}: not a {what}, {error.error_count()} fault(s):"]
    lines += [f"  {'.'.join(map(str, fault['loc'])) or what}: {_explain(fault)}" for fault in error.errors()]
    return "\n".join([*lines, advice])


def _explain(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "unknown key"
    if fault["type"] == "missing":
        return "missing"
    return f"{fault['msg'].removeprefix('Value error, ')} (found {fault['input']!r})" if fault["loc"] else fault["msg"]


def find(name: str) -> Path:
    """The path of a recipe given by name (`embedded`) or by path.

    Raises:
        BadInput: there is none; the message lists the names.
    """
    from mlx_train.places import RECIPES

    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise BadInput(f"{path}: this recipe file does not exist.")
        return path
    if (RECIPES / f"{name}.toml").is_file():
        return RECIPES / f"{name}.toml"
    raise BadInput(f"no recipe is called {name!r}. There are: {', '.join(names())}. A path must end in .toml.")


def names() -> list[str]:
    """Of the recipes that there are."""
    from mlx_train.places import RECIPES

    return sorted(found.stem for found in RECIPES.glob("*.toml"))


def typed(name: str) -> str:
    """What to type for a recipe of which only the name is known: a recipe of one's own goes by its file."""
    return name if name in names() else "RECIPE.toml"


def load(name: str) -> Recipe:
    """The recipe of a name or a path.

    Raises:
        BadInput: it does not exist or is not a valid recipe.
    """
    path = find(name)
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}). Save it as UTF-8.") from None
