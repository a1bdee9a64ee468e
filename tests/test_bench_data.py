"""The bench of data preparation does the work that it times."""

from __future__ import annotations

import json

from mlx_train.bench import data as bench
from mlx_train.data.trajectory import Trajectory


def test_rows_are_trajectories_of_several_turns_and_no_two_are_alike() -> None:
    rows = [Trajectory.model_validate(row) for row in bench.conversations(20)]
    assert len({row.user_text for row in rows}) == len({row.id for row in rows}) == 20
    assert all(len(row.calls) == 3 for row in rows)


def test_all_rows_are_built_encoded_and_batched_and_kept_for_the_next_time(tmp_path) -> None:
    first = bench.prepare(40, tmp_path)
    assert first["rows"] == 40 and first["tokens"] > 40 * 100 and first["micro_batches"] >= 1
    assert len(list((tmp_path / "tokens").glob("*/*.npz"))) == 1
    again = bench.prepare(40, tmp_path)
    assert again["tokens"] == first["tokens"] and again["seconds"]["encode"] < first["seconds"]["encode"]
    assert json.dumps(first)
    line = bench.text([{"rows": 40, "first": first, "again": again}]).splitlines()[1]
    assert line.split()[0] == "40"
