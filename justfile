# Every recipe runs in the project's own environment (.venv), made on first use from requirements.txt.

set positional-arguments
set no-exit-message

export UV_NO_CONFIG := "1"

# What there is to run
default:
    @just --list --unsorted

# The environment, up to date with requirements.txt
[private]
env:
    #!/bin/sh
    set -eu
    # Commands in an environment name its Python by the path it was made with.
    place="$(cat .venv/place.txt 2>/dev/null || echo .)"
    if [ ! -x .venv/bin/python ] || [ ! "$place" -ef . ]; then rm -rf .venv; fi
    if ! cat requirements.txt pyproject.toml | cmp -s - .venv/installed.txt; then
        echo "just: installing the environment into .venv/ (once)" >&2
        [ -x .venv/bin/python ] || uv venv --quiet --python .tools/bin/python .venv
        export VIRTUAL_ENV="$PWD/.venv"
        uv pip sync --quiet --require-hashes requirements.txt || exit 69
        uv pip install --quiet --no-deps --no-build-isolation --editable . || exit 69
        cat requirements.txt pyproject.toml > .venv/installed.txt
    fi
    [ -f .venv/place.txt ] || pwd > .venv/place.txt

# Train, score, package and report; without a recipe, the one that suits this machine
train *recipe: env
    @.venv/bin/mlx-train run "$@"

# Run any verb of mlx-train
mlx-train *arguments: env
    @.venv/bin/mlx-train "$@"

# Run the tests, on up to four processor cores: the models are too small to gain from threads of one process
test *arguments: env
    @OPENBLAS_NUM_THREADS=1 .venv/bin/python -m mlx_train.preload .venv/bin/python -m pytest -m "not slow" \
        --numprocesses auto --maxprocesses 4 --dist loadfile "$@"

# Lint and types
lint: env
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy

# Lint, types, tests, and the proof of the checkers
ci: lint test gates

# Format and fix what can be fixed
fmt: env
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .

# Check the frozen suites and prove the checker
gates: env
    @.venv/bin/mlx-train gates verify
    @.venv/bin/mlx-train gates selftest

# Print the release report of a run (default: the newest)
report *run: env
    @.venv/bin/mlx-train report "$@"

# Package a run (default: the newest)
package *run: env
    @.venv/bin/mlx-train package "$@"

# Quantise a run (default: the newest) to rungs and measure each
ladder *arguments: env
    @.venv/bin/mlx-train ladder "$@"

# Memory, time and disk of a recipe, before anything is loaded
plan *recipe: env
    @.venv/bin/mlx-train plan "$@"

# What this machine can run
doctor *arguments: env
    @.venv/bin/mlx-train doctor "$@"

# Train beside mlx-lm's own trainer: speed, memory, loss, gradients
bench *arguments: env
    @.venv/bin/mlx-train bench train "$@"

# On a Mac: make the checks of docs/on-a-mac.md that a program can make, and write the results into one file
mac-check *arguments: env
    @.venv/bin/python -m mlx_train.mac.check "$@"

# Train variations of a recipe and score each on the dev suites, in one table
screen file: env
    @.venv/bin/python -m mlx_train.screen "$@"

# Rebuild the embedded base from its recipe and seed
base *arguments: env
    @.venv/bin/mlx-train base "$@"
