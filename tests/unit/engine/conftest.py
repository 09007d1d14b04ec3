"""A small Ground Truth in a folder, its clock moved by hand; no thread moves its jobs."""

from __future__ import annotations

import pytest

from gt_widgets.testing import Workbench


@pytest.fixture
def bench(tmp_path):
    bench = Workbench(tmp_path / "store")
    yield bench
    bench.engine.close()


@pytest.fixture
def ana(bench):
    """The only worker of team `loggers`."""
    [worker] = bench.team("ana")
    return worker


@pytest.fixture
def people(bench):
    """Ana, Ben and Cem, who make up team `loggers`."""
    return bench.team("ana", "ben", "cem")
