"""Stores to try things on; every fixture that is a verb is a function."""

from __future__ import annotations

import itertools
import random

import pytest

from gt_widgets.engine.objects import ObjectStore


def _open_store(root):
    ticks = itertools.count(1_700_000_000)
    return ObjectStore(
        root,
        clock=lambda: float(next(ticks)),
        new_id=lambda: f"{random.getrandbits(128):032x}",
    )


@pytest.fixture(scope="session")
def open_store():
    return _open_store


@pytest.fixture
def store(tmp_path):
    store = _open_store(tmp_path / "objects")
    store.create_bucket("logos", region="us-east-1")
    yield store
    store.close()


@pytest.fixture(scope="session")
def files_under():
    """All blobs of the store that `store` keeps under ``tmp_path``."""

    def files_under(root):
        return sorted(path for path in (root / "objects" / "blobs").rglob("*") if path.is_file())

    return files_under


@pytest.fixture(scope="session")
def upload():
    """A whole multipart upload into the bucket ``logos``."""

    def upload(store, key, bodies, **options):
        where = ("logos", key, store.uploads.create("logos", key, **options).upload_id)
        parts = [store.uploads.put_part(*where, n, body) for n, body in enumerate(bodies, 1)]
        return store.uploads.complete(*where, [(p.number, p.etag, {}) for p in parts])

    return upload
