"""Kills, full disks and damage: acknowledged objects stay whole."""

from __future__ import annotations

import ast
import hashlib
import itertools
import os
import random
import shutil
import signal
import sqlite3

import pytest

from gt_widgets.engine.objects.multipart import MIN_PART_SIZE
from gt_widgets.errors import StoreError


def test_files_nobody_knows_are_swept_when_the_store_opens(
    store, tmp_path, open_store, files_under
):
    store.put("logos", "a", b"kept")
    (kept,) = files_under(tmp_path)
    (kept.parent / (kept.name[:2] + "0" * 30)).write_bytes(b"orphan")
    (tmp_path / "objects" / "blobs" / "incoming" / "half").write_bytes(b"ha")
    store.close()
    assert open_store(tmp_path / "objects").read("logos", "a") == b"kept"
    assert files_under(tmp_path) == [kept]


def test_a_file_shortened_behind_our_back_is_an_error_not_a_short_object(
    store, tmp_path, files_under
):
    store.put("logos", "a", b"0123456789")
    (path,) = files_under(tmp_path)
    path.write_bytes(b"0123")
    with pytest.raises(StoreError, match="shorter than when it was stored"):
        store.read("logos", "a")


def test_an_index_of_a_newer_version_is_refused(store, tmp_path, open_store):
    store.close()
    path = tmp_path / "objects" / "index.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(StoreError, match="newer gt_widgets"):
        open_store(tmp_path / "objects")


def test_an_index_that_is_no_database_is_refused_by_name(tmp_path, open_store):
    (tmp_path / "index.sqlite").write_bytes(b"nonsense" * 2000)
    with pytest.raises(StoreError, match=r"index\.sqlite: not a readable object index"):
        open_store(tmp_path)


def test_a_full_disk_is_told_plainly_and_the_next_write_works(
    store, tmp_path, monkeypatch, files_under
):
    store.put("logos", "a", b"old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            store.put("logos", "a", b"new")
        assert store.read("logos", "a") == b"old"
    assert len(files_under(tmp_path)) == 1
    assert store.put("logos", "a", b"new").size == 3


def write_until_killed(root, pipe, open_store):
    os.environ.clear()
    store = open_store(root)
    for n in itertools.count():
        key = f"k{n % 7}"
        body = random.randbytes(random.randrange(60_000))
        store.put("logos", key, body)
        if n % 5 == 4:
            store.copy(("logos", key), "logos", "copy")
        os.write(pipe, f"{key} {hashlib.md5(body).hexdigest()}\n".encode())


@pytest.mark.parametrize("kill", range(12))
def test_what_was_acknowledged_before_a_kill_is_whole_after_it(tmp_path, kill, open_store):
    setup = open_store(tmp_path)
    setup.create_bucket("logos", region="us-east-1")
    setup.close()
    source, sink = os.pipe()
    if (child := os.fork()) == 0:
        try:
            random.seed()
            write_until_killed(tmp_path, sink, open_store)
        finally:
            os._exit(1)
    os.close(sink)
    with os.fdopen(source, "rb") as pipe:
        acknowledged = [pipe.readline() for _ in range(2 + kill * 3)]
        spin = sum(range(random.randrange(60_000)))  # kill at another instant each time
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        acknowledged += pipe.readlines()
    assert spin >= 0
    store = open_store(tmp_path)
    last = dict(line.decode().split() for line in acknowledged)
    for info in store.list("logos"):
        assert hashlib.md5(store.read("logos", info.key)).hexdigest() == info.etag
    changed = [key for key, md5 in last.items() if store.info("logos", key).etag != md5]
    assert len(changed) <= 1  # one write may be stored and not yet acknowledged
    blobs = {p.name for p in (tmp_path / "blobs").rglob("*") if p.is_file()}
    assert len(blobs) == len(store.list("logos"))


class Watched:
    """A connection whose writing statements are seen."""

    def __init__(self, real, see):
        self._real, self._see = real, see

    def __getattr__(self, name):
        return getattr(self._real, name)

    def execute(self, sql, *values):
        if sql.startswith(("BEGIN", "COMMIT", "INSERT", "DELETE")):
            self._see(sql.split()[0])
        return self._real.execute(sql, *values)


def watch(store, see, monkeypatch):
    """Call ``see`` with the name of each thing the store is about to do to the disk."""

    def watched(name, function):
        def call(*args, **kwargs):
            see(name)
            return function(*args, **kwargs)

        return call

    for name in ("fsync", "rename", "unlink", "link", "mkdir"):
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))
    store._index._db = Watched(store._index._db, see)


def test_bytes_are_on_disk_before_the_index_names_them_and_the_old_ones_go_last(store, monkeypatch):
    store.put("logos", "a", b"old")
    seen = []
    watch(store, seen.append, monkeypatch)
    store.put("logos", "a", b"new")
    if "mkdir" in seen:  # the first file under its two characters
        assert seen[1:3] == ["mkdir", "fsync"]
        del seen[1:3]
    assert seen == [
        *("fsync", "rename", "fsync"),
        *("BEGIN", "DELETE", "INSERT", "INSERT", "COMMIT"),
        "unlink",
    ]
    assert store._index._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def die_before(store, step):
    """Let the process be killed before the n-th thing it does to the disk."""
    left = itertools.count(step, -1)

    def see(_):
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    watch(store, see, pytest.MonkeyPatch())


def scenario(store, acknowledge, upload):
    store.put("logos", "a", b"new")
    acknowledge("a", b"new")
    store.copy(("logos", "a"), "logos", "b")
    acknowledge("b", b"new")
    upload(store, "c", [b"x" * MIN_PART_SIZE, b"new"])
    acknowledge("c", b"x" * MIN_PART_SIZE + b"new")
    store.delete("logos", "d")
    acknowledge("d", None)


def test_a_kill_before_any_step_leaves_the_old_object_or_the_new(tmp_path, open_store, upload):
    for step in itertools.count():
        root = tmp_path / str(step)
        store = open_store(root)
        store.create_bucket("logos", region="us-east-1")
        for key in "abcd":
            store.put("logos", key, b"old")
        store.close()
        acknowledged, finished = run_until_step(root, step, open_store, upload)
        check_after_kill(root, acknowledged, open_store)
        shutil.rmtree(root)
        if finished:
            break
    assert step > 40  # steps walked
    assert acknowledged.keys() == set("abcd")


def run_until_step(root, step, open_store, upload):
    source, sink = os.pipe()
    if (child := os.fork()) == 0:
        try:
            store = open_store(root)
            die_before(store, step)
            scenario(
                store, lambda key, body: os.write(sink, repr((key, body)).encode() + b"\n"), upload
            )
        finally:
            os._exit(0)
    os.close(sink)
    with os.fdopen(source, "rb") as pipe:
        acknowledged = dict(ast.literal_eval(line.decode()) for line in pipe)
    _, status = os.waitpid(child, 0)
    return acknowledged, os.WIFEXITED(status)


def check_after_kill(root, acknowledged, open_store):
    store = open_store(root)
    found = {info.key: store.read("logos", info.key) for info in store.list("logos")}
    new = {"a": b"new", "b": b"new", "c": b"x" * MIN_PART_SIZE + b"new", "d": None}
    for key in "abcd":
        allowed = {acknowledged[key]} if key in acknowledged else {b"old", new[key]}
        assert found.get(key) in allowed
    in_progress = sum(
        len(store.uploads.parts("logos", u.key, u.upload_id)) for u in store.uploads.list("logos")
    )
    parts = sum(len(store.parts("logos", key)[1]) for key in found)
    assert len([p for p in (root / "blobs").rglob("*") if p.is_file()]) == parts + in_progress
    store.close()
