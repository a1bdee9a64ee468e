"""The bench measures both trainers on the same work: their losses and gradients agree, and its counts are right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlx_train.bench import train as bench
from mlx_train.bench import trainers
from mlx_train.bench.trainers import Workload

TINY = Workload(prefix=40, suffix=20, batch=4, together=4, layers=2, width=64, vocabulary=128, steps=2)


def test_both_trainers_reach_the_same_loss_whatever_runs_together() -> None:
    settings = [TINY, replace(TINY, together=1, recompute=True), replace(TINY, who="peer")]
    ours, lean, peer = (bench.run(setting) for setting in settings)
    assert ours and lean and peer
    assert ours["loss"] == pytest.approx(peer["loss"], rel=1e-5) == pytest.approx(lean["loss"], rel=1e-5)
    assert min(found[key] for found in (ours, lean, peer) for key in ("seconds", "peak_memory_gb", "process_gb")) > 0


@pytest.mark.parametrize("prefix", [40, 0])
def test_gradients_are_the_peers(prefix) -> None:
    assert trainers.gradient_difference(replace(TINY, prefix=prefix)) < 1e-4


def test_rows_share_the_prefix_and_one_step_takes_them_all() -> None:
    rows = trainers.rows(TINY)
    assert len(rows) == 4 and len({row.ids[:40] for row in rows}) == 1
    assert [len(row.ids) - 41 for row in rows] == [17, 19, 21, 23]
    assert [sum(row.trained) for row in rows] == [18, 20, 22, 24]
    assert trainers.settings(TINY).accumulate == 1
    assert trainers.settings(replace(TINY, together=1)).accumulate == 4


def test_operations_counted_by_hand() -> None:
    one = replace(TINY, prefix=0, suffix=10, batch=1, layers=1, vocabulary=100)
    # Width 64, one head of 64 with keys of 64: 4 x 64 x 64 + 3 x 64 x 192 weights. The row is cut to 0.85 x 10 = 8
    # tokens and the 0 after them: 8 inputs and 8 targets (its first token has no predecessor).
    weights = 4 * 64 * 64 + 3 * 64 * 192
    assert bench.operations(one) == 4 * weights * 8 + 12 * 64 * 8 * 8 + 4 * 100 * 64 * 8


def test_a_workload_that_does_not_fit_is_told_apart_from_a_fault() -> None:
    assert "did not fit" in bench.table([{"ours": None, "peer": None}])
    with pytest.raises(bench.Fault, match="failed on"):
        bench.run(replace(TINY, who="nobody"))


def test_the_peer_runs_as_fast_as_it_fits(monkeypatch) -> None:
    seconds = {(4, False): None, (1, False): 3.0, (4, True): 1.0, (1, True): 5.0}

    def run(load: Workload) -> dict | None:
        found = seconds[load.together, load.recompute]
        return None if found is None else {"seconds": found}

    monkeypatch.setattr(bench, "run", run)
    slow = replace(TINY, who="peer", together=1)
    assert bench.fastest_peer(TINY) == slow  # recomputing is not its fastest as long as something fits without
    seconds[1, False] = None
    assert bench.fastest_peer(TINY) == replace(slow, together=4, recompute=True)
    seconds.update({(4, True): None, (1, True): None})
    assert bench.fastest_peer(TINY) is None


def test_a_headline_without_the_peer_is_still_told() -> None:
    one = {"ours": None, "peer": None, "ours_lean": None, "peer_lean": None}
    roof = {"share_reached": None}
    found = {"shared": one, "apart": one, "roofline": roof, "ratio_speed_no_prefix": None, "max_rel_grad_diff": None}
    assert "did not fit" in bench.text(found)
