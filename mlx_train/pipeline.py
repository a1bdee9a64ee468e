"""The main job: data, stock scores, fit, choice by dev scores, specialist scores, package, report.

Each stage writes its results into the run's folder and is noted in run.json when it is complete. The same command again
goes on with the first stage that is not, and within it from the last checkpoint or transcript.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import gc
import logging
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlx_train import machine, models, program, records, start
from mlx_train.errors import BadInput, Interrupted
from mlx_train.files import read_json, sha256_of, staged_folder, write_json
from mlx_train.places import CACHE, DEV_SUITES, PROGRAM, RUNS, SUITES
from mlx_train.progress import Stage, duration
from mlx_train.recipe import BFCL_SUITES, Recipe

if TYPE_CHECKING:
    from mlx_train.data.tokens import Encoded

log = logging.getLogger(__name__)

Facts = dict[str, Any]


class Run:
    """One run: its recipe, its folder and its record.

    The folder's name is a hash of everything that decides the result, so the same command finds it again and a changed
    recipe, base, suite or program never writes into it.
    """

    def __init__(self, recipe: Recipe, source: Path, *, say: Callable[[str], None] = lambda _: None) -> None:
        from mlx_train.data.build import own_identity
        from mlx_train.gates import suites

        self.recipe = recipe
        self.source = source
        self.start = start.find(recipe, source.parent)
        self.base = models.locate(recipe.base, say=say)
        self.suites = suites.load_all(SUITES, recipe.gates.suites)
        wanted = recipe.select
        self.dev = [suite.first(wanted.tasks) for suite in suites.load_all(DEV_SUITES, wanted.suites)] if wanted else []
        described = models.describe(self.base)
        start.check_base(self.start, described["weights_sha256"])
        identity = {
            "recipe": recipe.model_dump(mode="json"),
            "start": start.identity(self.start),
            "own_files": [own_identity(name, source.parent) for name in recipe.data.files],
            "base": described["weights_sha256"],
            "base_files": models.surroundings_sha256(self.base),
            "suites": {suite.id: suite.digest for suite in self.suites},
            "dev_suites": {suite.id: suite.digest for suite in self.dev},
            "program": program.SHA256,
            "versions": machine.versions(),
        }
        self.id = sha256_of(identity)[:10]
        self.folder = RUNS / recipe.name / self.id
        self.record: Facts = {
            "id": self.id,
            "fingerprint": sha256_of(identity),
            **identity,
            "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "machine": machine.summary(),
            "source": machine.source(),
            "base": recipe.base.model_dump() | described | {"path": self.base.name},
            "suites": {
                suite.id: suite.lock.model_dump(mode="json") | {"digest": suite.digest} for suite in self.suites
            },
            "stages": {},
        }
        self.record["suites"] = {
            name: {k: v for k, v in lock.items() if k != "quick"} for name, lock in self.record["suites"].items()
        }
        if (self.folder / "run.json").exists():
            self.record = records.read(self.folder)

    def save(self) -> None:
        """Write run.json, and point `latest` at this run."""
        write_json(self.folder / "run.json", self.record)
        link = self.folder.parent / f".latest-{os.getpid()}"
        with contextlib.suppress(FileNotFoundError):
            link.unlink()
        link.symlink_to(self.folder.name)
        os.replace(link, self.folder.parent / "latest")

    def is_done(self, stage: str) -> bool:
        """Whether a stage is complete."""
        return stage in self.record["stages"]

    def lost(self, stage: str) -> Path | None:
        """What a stage has written and is gone, the first of it; None if all is there or it never was complete."""
        if not self.is_done(stage):
            return None
        paths = [self.folder / name for name in LEFT[stage]]
        if stage == "fit":
            paths.append(trained(self.folder, self.recipe))
        if stage == "package" and self.recipe.train.method != "full":
            paths.append(self.folder / "package" / "lock.json")
        return next((path for path in paths if not path.exists()), None)

    def undo(self, stage: str) -> None:
        """Have a stage done again, and the later ones that read what it writes; the time they took stays counted."""
        names = list(STAGES)
        later = [name for name in names[names.index(stage) + 1 :] if name not in ("stock", "fit")]
        for name in (stage, *later):
            if facts := self.record["stages"].pop(name, None):
                self.record.setdefault("spent", {})[name] = facts["seconds"]


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second process out of a folder.

    Raises:
        BadInput: another one is working there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(f"{folder}: another process is working there. Wait for it, or stop it.") from None
        except OSError as error:  # some network volumes have no locks
            log.warning("%s: whether another process works there is not known (%s)", folder, error.strerror)
        yield


@contextlib.contextmanager
def stop_requests() -> Iterator[Callable[[], bool]]:
    """While open, the first Ctrl-C or SIGTERM only makes the given function true, so that a step can be finished and
    saved; the second one interrupts at once. The end of the terminal (SIGHUP) counts, unless `nohup` has it ignored."""
    asked: list[int] = []

    def note(number: int, frame: Any) -> None:
        if asked and number != signal.SIGHUP:  # which comes twice: from the shell, and from the terminal's end
            raise KeyboardInterrupt
        asked.append(number)

    numbers = [signal.SIGINT, signal.SIGTERM]
    numbers += [signal.SIGHUP] if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN else []
    before = {number: signal.signal(number, note) for number in numbers}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def data(run: Run, show: Stage) -> Facts:
    """Build the trajectories, look for overlap with the suites, prove the suites' checkers, and tokenise.

    What is wrong with a row is told before hours of scoring; the ids are kept, so training has them for nothing.
    """
    from mlx_train import decontamination
    from mlx_train.data.audit import EARLIER, RULES, audit
    from mlx_train.data.build import build, expected
    from mlx_train.data.stock import dev_rows
    from mlx_train.data.trajectory import stream
    from mlx_train.gates.selftest import selftest
    from mlx_train.gates.suites import load_borrowed

    folder = run.folder / "data"
    total = expected(run.recipe)
    summary = build(
        run.recipe, folder, run.source.parent, lambda done: show.at(done, total, f"{done} rows built"),
        fault=decontamination.fault,
    )  # fmt: skip
    rows = folder / "train.jsonl"
    named = {suite.id for suite in run.suites}
    suites = [*run.suites, *load_borrowed([name for name in BFCL_SUITES if name not in named], show.say)]
    earlier = start.rows(run.start)
    found = audit(
        stream(rows), {suite.id: suite.tasks for suite in suites}, rows.name, dev_rows(rows), "dev.jsonl",
        earlier={f"{EARLIER} {file.name}": stream(file) for file in earlier},
    )  # fmt: skip
    about = {
        "rows_sha256": summary.sha256[rows.name],
        "rules": RULES,
        "start": run.record["start"] if earlier else None,
    }
    digests = {suite.id: suite.digest for suite in suites}
    overlap = {name: each.json() | about | {"suite_sha256": digests[name]} for name, each in found.items()}
    write_json(folder / "overlap.json", overlap)
    own = [suite for suite in run.suites if suite.lock.package is None]
    proof = selftest({suite.id: suite.tasks for suite in own})
    write_json(run.folder / "gates" / "selftest.json", proof | {"suites": {one.id: one.digest for one in own}})
    blocking = [name for name, found in overlap.items() if found["blocking"]]
    show.say(f"{summary.rows} rows, {summary.dev_rows} dev rows, overlap with {', '.join(blocking) or 'no suite'}")
    if blocking:
        show.say(
            f"the report will reject what is trained on this: stop (Ctrl-C), look at {folder / 'overlap.json'}, and "
            "take those rows out, or change the recipe's seed"
        )
    for reason, count in summary.rejects.items():
        show.say(f"left out: {count} {reason}")
    encoded = _encoded(run, show.say)
    limit = run.recipe.data.max_tokens
    for name, dropped in ((name, each.dropped) for name, each in encoded.items() if each.dropped):
        show.say(f"{name}.jsonl: {len(dropped)} rows longer than {limit} tokens are left out: {dropped[:5]} ...")
    return {"rows": summary.rows, "sha256": summary.sha256, "overlap": blocking}


def _encoded(run: Run, say: Callable[[str], None] = lambda text: None) -> dict[str, Encoded]:
    """The rows of `train`, `dev` and `breadth` as ids; a file without rows is left out."""
    from mlx_train.chat.render import Chat
    from mlx_train.data.tokens import encode_file, held

    settings, limits = run.recipe.train, run.recipe.data
    chat = Chat(models.load_tokenizer(str(run.base)))
    about = [models.tokenizer_sha256(run.base), machine.versions(), settings.kl, settings.kl_rows]
    found = {}

    def tell(file: str, done: int) -> None:
        say(f"{done} rows of {file} tokenised")

    for name in ("train", "dev", "breadth"):
        path = run.folder / "data" / f"{name}.jsonl"
        if path.stat().st_size:
            found[name] = encode_file(
                path, chat, limits.max_tokens, limits.overlong, lambda row: held(row, settings), keep=CACHE / "tokens",
                about=about, progress=partial(tell, path.name),
            )  # fmt: skip
    if settings.kl and settings.kl_rows == "replay" and not any(row.held for row in found["train"].examples):
        raise BadInput(
            f"{run.source}, key train.kl: no row of other domains is there to be held near the stock on, so it does "
            'nothing. Add a source with domain = "others", set train.kl_rows to "text" or "all", or set train.kl to 0.'
        )
    return found


def stock(run: Run, show: Stage) -> Facts:
    """Score the base."""
    return _score(run, show, "stock", None)


def select(run: Run, show: Stage) -> Facts:
    """Choose among the weights that were kept, by the dev suites."""
    from mlx_train import selection

    fitted, out = trained(run.folder, run.recipe), run.folder / "select"
    facts: Facts = selection.select(run.recipe, run.base, fitted, run.dev, out, show)
    show.say(f"chosen: {facts['chosen']}")
    return facts


def specialist(run: Run, show: Stage) -> Facts:
    """Score the trained model, compare, and measure it on general text."""
    from mlx_train.gates.compare import compare_files
    from mlx_train.release import general

    fitted = trained(run.folder, run.recipe)
    facts = _score(run, show, "specialist", fitted)
    gates = run.folder / "gates"
    margin = run.recipe.gates.breadth_margin
    write_json(gates / "comparison.json", compare_files(gates / "stock.json", gates / "specialist.json", margin))
    if run.recipe.gates.general_kld:
        facts["general_kld"] = general.write(run.folder, run.base, fitted, show.counting("general texts"))["kld_mean"]
        show.say(f"general text: {facts['general_kld']:.4f} nats per token from stock")
    return facts


def trained(folder: Path, recipe: Recipe) -> Path:
    """The folder of what a run trained: an adapter, or weights."""
    return folder / "fit" / ("weights" if recipe.train.method == "full" else "adapters")


def _score(run: Run, show: Stage, label: str, fitted: Path | None) -> Facts:
    from mlx_train.chat.render import Chat
    from mlx_train.gates.local import Local
    from mlx_train.gates.run import score_model

    model, tokenizer = models.load_trained(run.base, run.recipe.base.dtype, fitted)
    about = {
        "id": run.recipe.name if fitted else run.recipe.base.name,
        "sha256": models.weights_sha256(fitted) if fitted else run.record["base"]["weights_sha256"],
        "base_sha256": run.record["base"]["weights_sha256"],
        "base_files_sha256": models.surroundings_sha256(run.base),
        "dtype": run.recipe.base.dtype,
    }

    content = score_model(
        Local(model, Chat(tokenizer)), run.recipe.prompt, run.recipe.gates, run.suites, run.folder / "gates",
        label=label, about=about, cache=CACHE / "gates" if fitted is None else None,
        progress=lambda text, done, total, left: show.at(done, total, text, left),
    )  # fmt: skip
    rates = {name: round(entry["rate"], 4) for name, entry in content["suites"].items()}
    show.say("  ".join(f"{name} {100 * rate:.1f} %" for name, rate in rates.items()))
    return {"rates": rates, "cached": content.get("cached", [])}


def fit(run: Run, show: Stage) -> Facts:
    """Train, with a checkpoint to go on from at any time; or take what another run of the same training has."""
    from mlx_train import own_text
    from mlx_train.reuse import same_fit
    from mlx_train.train import batching, engine
    from mlx_train.train.ranks import Ranks

    link = run.folder / "metrics.jsonl"  # where others look for it
    if not link.is_symlink():
        link.symlink_to(Path("fit") / link.name)
    other = same_fit(run.folder, run.record) if Ranks().size == 1 else None  # not all processes may have it
    if other is not None:
        with staged_folder(run.folder / "fit") as stage:
            unfinished = shutil.ignore_patterns("checkpoints", ".*")  # which only training itself goes on from
            shutil.copytree(other / "fit", stage, dirs_exist_ok=True, ignore=unfinished)
        facts: Facts = records.read(other)["stages"]["fit"]
        show.say(f"run {other.name} trained exactly this; its weights are taken")
        return facts | {"taken_from": other.name}
    settings, texts = run.recipe.train, []
    if settings.kl and settings.kl_rows == "text":  # before the base is loaded: the writer takes as much memory
        texts = own_text.pieces(
            models.origin(run.recipe.base, run.base), run.recipe.base.dtype, run.recipe.seed, keep=CACHE / "texts",
            progress=lambda done: show.at(done, batching.PIECES, f"{done} pieces of text written"),
        )  # fmt: skip
    encoded = _encoded(run)
    train = encoded.pop("train")
    dev, breadth = (encoded[name].examples if name in encoded else [] for name in ("dev", "breadth"))
    model, _ = models.load(run.base, run.recipe.base.dtype)

    def report(line: Facts) -> None:
        divergence = f"KL {line['kl']:.3f}  " if "kl" in line else ""
        text = (
            f"step {line['step']}/{line['steps']}  loss {line['loss']:.3f}  {divergence}"
            f"{line['supervised_tokens_per_s']:.0f} supervised and {line['padded_tokens_per_s']:.0f} padded tokens/s  "
            f"{line['peak_memory_gb']:.1f} GB"
        )
        show.at(line["step"], line["steps"], text, line["seconds_left"])
        if watched := _losses(line):
            show.say(f"step {line['step']}: {watched}")

    with stop_requests() as stop:
        fitted = engine.fit(
            model, train.examples, dev, settings, breadth=breadth, texts=texts,
            start=start.read(run.start) if run.start else None, seed=run.recipe.seed,
            out=run.folder / "fit", identity={"base": run.record["base"]["weights_sha256"], "run": run.id},
            report=report, stop=stop,
        )  # fmt: skip
        if stop():
            raise Interrupted("stopped after the last step. Run the same command again to go on.")
    facts = asdict(fitted) | {"folder": fitted.folder.name, "dropped": train.dropped, "rows": len(train.examples)}
    write_json(run.folder / "fit" / "fitted.json", facts)
    before = {"dev_loss": fitted.stock_dev_loss, "breadth_loss": fitted.stock_breadth_loss}
    watched = f"{_losses(facts)} (before training {_losses(before)}), " if _losses(facts) else ""
    show.say(f"loss {fitted.loss:.3f}, {watched}{fitted.peak_memory:.1f} GB")
    return facts | {"train_seconds": round(fitted.seconds, 1)}


def _losses(held: Mapping[str, Any]) -> str:
    """The losses that are watched, as far as they are there."""
    names = {"dev_loss": "dev loss", "breadth_loss": "loss on other domains"}
    return ", ".join(f"{name} {held[key]:.3f}" for key, name in names.items() if held.get(key) is not None)


def package(run: Run, show: Stage) -> Facts:
    """Adapter and fused model, with lock files that `verify` checks."""
    from mlx_train.release.package import package as write

    facts: Facts = write(run.folder, run.base, show)
    return facts


def report(run: Run, show: Stage) -> Facts:
    """The release report, from what the other stages saved."""
    from mlx_train.release.report import report as write

    found = write(run.folder)
    return {"label": found["label"], "verdict": found["verdict"], "blocking": found["blocking"]}


STAGES: dict[str, Callable[[Run, Stage], Facts]] = {
    "data": data, "stock": stock, "fit": fit, "select": select, "specialist": specialist, "package": package,
    "report": report,
}  # fmt: skip
TRAINING = ("data", "fit")
LEFT: dict[str, tuple[str, ...]] = {
    "data": ("data/summary.json", "data/train.jsonl", "data/dev.jsonl", "data/overlap.json", "gates/selftest.json"),
    "stock": ("gates/stock.json",),
    "fit": ("fit/fitted.json",),
    "select": (),
    "specialist": ("gates/specialist.json", "gates/comparison.json"),
    "package": ("fused/lock.json", "gates/parity.json"),
    "report": ("report/report.json", "report/report.html"),
}
"""What each stage has left in the run's folder when it is complete, beside what depends on the method of training:
the weights that `fit` leaves, and the packaged adapter."""


def execute(run: Run, stages: tuple[str, ...] = tuple(STAGES)) -> None:
    """Do the stages that are not complete yet, or whose files are gone, in order; `select` only where the recipe has
    that table.

    Raises:
        Interrupted: asked to stop while training; a checkpoint is written.
        BadInput: the program changed since this process began.
    """
    begun = time.monotonic()
    stages = tuple(name for name in stages if name != "select" or run.recipe.select)
    with alone(run.folder), machine.at_work():
        run.save()
        for number, name in enumerate(stages, 1):
            with Stage(f"{number}/{len(stages)} {name}") as show:
                if lost := run.lost(name):
                    show.say(f"complete from before, but {lost} is gone: done again")
                    run.undo(name)
                if run.is_done(name):
                    show.say("complete from before")
                    continue
                program.check()
                spent = run.record.setdefault("spent", {})  # in calls that did not finish a stage
                before, started = spent.get(name, 0.0), time.monotonic()
                try:
                    facts = STAGES[name](run, show)
                except BaseException:
                    spent[name] = before + time.monotonic() - started
                    run.save()
                    raise
                run.record["stages"][name] = {**facts, "seconds": round(before + time.monotonic() - started, 1)}
                spent.pop(name, None)
                run.record["peak_memory_gb"] = max(run.record.get("peak_memory_gb", 0.0), machine.peak_memory_gb())
                run.save()
                gc.collect()  # a trained model is in a cycle with its gradient function, and the next stage loads one
                machine.release_memory()
    Stage("all").say(f"{duration(time.monotonic() - begun)} in this call")


def find(name: str | None) -> Path:
    """The folder of a run, by path, by recipe name (its newest run), or the newest of all.

    Raises:
        BadInput: there is none.
    """
    if name and (Path(name) / "run.json").is_file():
        return Path(name).resolve()
    runs = RUNS / name if name else RUNS  # an absolute path stays what it is
    pattern = "*/run.json" if name else "*/*/run.json"
    found = sorted((p for p in runs.glob(pattern) if not p.parent.is_symlink()), key=os.path.getmtime)
    if not found:
        raise BadInput(
            f"no run {name or 'at all'} under {RUNS}. `{PROGRAM} run` makes one; a run is a folder with run.json."
        )
    return found[-1].parent


def default_recipe() -> tuple[str, str]:
    """The recipe that suits this machine, and why."""
    from mlx_train.places import RECIPES
    from mlx_train.planning import plan
    from mlx_train.recipe import load

    wanted = load("qwen3-4b")
    if not machine.is_apple_silicon():
        return "embedded", "this is not a Mac with Apple silicon"
    try:
        fits = plan(wanted, RECIPES)["fits"]
    except Exception as error:  # an estimate stops no job
        return "embedded", f"the memory that qwen3-4b takes could not be estimated ({error!r})"
    if not fits:
        return "embedded", f"qwen3-4b does not fit as it stands; `{PROGRAM} plan qwen3-4b` says what would make it fit"
    if not models.place(wanted.base).exists() and not models.hub_in_reach(wanted.base.repository, wanted.base.revision):
        return "embedded", "qwen3-4b has no local copy and the model hub cannot be reached"
    return "qwen3-4b", f"Apple silicon with {machine.memory_gb():.0f} GB of memory"


def overview(folder: Path) -> Facts:
    """What `run --json` prints: where things are, the seconds of each stage, the comparison and the blockers."""
    from mlx_train.release.finding import stands

    record = records.read(folder)
    comparison = read_json(folder / "gates" / "comparison.json", "comparison")
    report = read_json(folder / "report" / "report.json", "report")
    return {
        "run": str(folder),
        "seconds": {name: facts["seconds"] for name, facts in record["stages"].items()},
        "peak_memory_gb": record.get("peak_memory_gb"),
        "suites": comparison["suites"],
        "report": str(folder / "report" / "report.html"),
        "label": report["label"],
        "blockers": [entry["id"] for entry in report["blockers"] if stands(entry)],
    }
