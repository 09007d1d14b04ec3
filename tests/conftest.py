"""The two kinds of store, for sentences that must be true of both; machines that wait; no hurry."""

from __future__ import annotations

import math
import os
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gt_widgets.engine import training
from gt_widgets.engine.meter import Meter
from gt_widgets.testing.postgres import cluster, find_binaries

# tests say what is true, not how fast: 200 ms per example is too little on a loaded machine
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

MEMORY, ROOM = Path("/dev/shm"), 4 << 30


def pytest_configure(config):
    """Keep the tests' folders in memory where there is room.

    Every answer and every object is flushed, as it must be, and a disk takes milliseconds for it.
    No test can tell: they kill processes, not machines. ``--basetemp`` chooses another place.
    """
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def postgresql():
    """A PostgreSQL server of this test run's own."""
    if find_binaries() is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql; make system)")
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request):
    """Address of an empty store: None for SQLite in the test's own folder."""
    if request.param == "sqlite":
        return None
    return request.getfixturevalue("postgresql").empty("engine")


@pytest.fixture
def no_looks(monkeypatch):
    """No look of the meter: each reads objects and makes rows, while people work."""
    monkeypatch.setattr(Meter, "watch", lambda *_: math.inf)


@pytest.fixture
def gate(monkeypatch):
    """Closed: no training is given an object, so none ends; opened at the end at the latest."""
    gate, reply = threading.Event(), training._reply
    monkeypatch.setattr(training, "_reply", lambda *args: gate.wait() and reply(*args))
    yield gate
    gate.set()
