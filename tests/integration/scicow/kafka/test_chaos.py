"""A small chaos in every run of the tests; bench/bench_scicow_chaos.py runs it with 10,000 datasets."""

import os
from pathlib import Path

import pytest

from support.scicow import chaos

DATASETS = int(os.environ.get("SCIZOO_CHAOS", "150"))


@pytest.mark.kafka
@pytest.mark.timeout(240 + DATASETS)
def test_chaos_loses_and_doubles_nothing(tmp_path: Path) -> None:
    result = chaos.run(tmp_path, DATASETS, share=0.05)
    assert result.clean, result.told()
    assert result.kills["scicow"] > 0
    assert result.faults
