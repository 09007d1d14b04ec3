"""A small Ground Truth on each kind of store, its clock moved by hand; no thread moves its jobs."""

from __future__ import annotations

import pytest

from gt_widgets.testing import Workbench


@pytest.fixture
def bench(tmp_path, store_url):
    bench = Workbench(tmp_path / "store", store_url=store_url)
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
