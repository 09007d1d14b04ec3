"""The store: transactions on both kinds, and what is said when a disk does not do its part."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.migrations import SCHEMA_VERSION
from gt_widgets.engine.sqlite import SqliteStore as Store
from gt_widgets.engine.store import open_store
from gt_widgets.errors import StoreConflictError, StoreError
from gt_widgets.testing import Workbench, box_answer


@pytest.fixture
def store(tmp_path, store_url):
    store = open_store(tmp_path, store_url)
    yield store
    store.close()


@pytest.fixture
def file(tmp_path):
    store = Store(tmp_path)
    yield store
    store.close()


def write(connection, name, value="x"):
    connection.execute(sa.insert(tables.facts).values(name=name, value=value))


def test_a_fact_is_written_once_and_kept(tmp_path, store, store_url):
    assert store.fact("colour") is None
    assert store.fact("colour", "red") == "red"
    assert store.fact("colour", "blue") == "red"
    store.close()
    again = open_store(tmp_path, store_url)
    assert again.fact("colour") == "red"
    again.set_fact("colour", "blue")
    assert again.fact("colour") == "blue"
    again.close()


@pytest.mark.parametrize("name", ["with spaces ü", "what?x=1", "50%20#1"])
def test_a_folder_may_have_any_name(tmp_path, name):
    (tmp_path / name).mkdir()
    store = Store(tmp_path / name)
    store.set_fact("colour", "red")
    store.close()
    assert (tmp_path / name / "state.db").is_file()
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_an_exception_takes_everything_back_also_of_inner_transactions(store):
    def nested():
        with store.begin() as outer:
            write(outer, "a")
            with store.begin() as inner:
                write(inner, "b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        nested()
    assert (store.fact("a"), store.fact("b")) == (None, None)


def test_what_follows_a_commit_is_called_once_and_not_after_a_rollback(store):
    called = []

    def undone():
        with store.begin():
            store.after_commit(lambda: called.append("b"))
            raise ZeroDivisionError

    with store.begin() as connection:
        write(connection, "a")
        with store.begin(durable=True):
            store.after_commit(lambda: called.append("a"))
        assert called == []
    with pytest.raises(ZeroDivisionError):
        undone()
    with store.begin() as connection:
        write(connection, "c")
    assert called == ["a"]


def test_what_is_read_sees_what_its_own_transaction_wrote_and_nothing_is_written_in_it(store):
    with store.begin() as connection:
        write(connection, "a")
        with store.reading() as inner:
            assert inner is connection
    with store.reading(), pytest.raises(RuntimeError, match="nothing can be written"):
        store.set_fact("b", "x")
    with pytest.raises(RuntimeError, match="outside of a transaction"):
        store.after_commit(lambda: None)


def test_a_fence_is_asked_first_and_may_refuse(store):
    def fence(connection):
        raise StoreConflictError("not yours")

    with store.fenced(fence), pytest.raises(StoreConflictError):
        store.set_fact("a", "x")
    assert store.fact("a") is None


def test_a_call_that_met_another_transaction_is_made_again_but_not_for_ever(store):
    tries = []

    def call(failures):
        tries.append(1)
        if len(tries) <= failures:
            raise StoreConflictError("another came first")
        return len(tries)

    assert store.repeated(lambda: call(2)) == 3
    tries.clear()
    with pytest.raises(StoreConflictError):
        store.repeated(lambda: call(99))
    assert len(tries) == 5


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path):
    bench = Workbench(tmp_path)
    people = bench.team("ana", "ben")
    bench.bucket(3)
    bench.job(workers=2)
    for one in people:
        one.work(lambda _: box_answer(("Norda", 1, 2, 30, 20)), most=2)
    before = bench.engine.requester.card("logos")
    with bench.engine.store.begin() as connection:
        connection.execute(sa.update(tables.facts).filter_by(name="schema_version").values(value=1))
        connection.execute(sa.text("DROP TABLE tallies"))
        connection.execute(sa.text("ALTER TABLE jobs DROP COLUMN kept"))
    bench.reopen()
    assert bench.engine.store.fact("schema_version") == str(SCHEMA_VERSION)
    assert bench.engine.requester.card("logos") == before
    assert [one["answers"] for one in before["workers"]] == [2, 2]
    bench.engine.close()


@pytest.mark.parametrize("lane", [None, "n"])
def test_threads_take_turns(store, lane):
    def count():
        for _ in range(50):
            with store.begin(lane=lane) as connection:
                value = int(connection.scalar(sa.select(tables.facts.c.value).filter_by(name="n")))
                connection.execute(
                    sa.update(tables.facts).filter_by(name="n").values(value=str(value + 1))
                )

    store.fact("n", "0")
    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.fact("n") == "400"


def test_a_file_that_is_no_store_is_named_and_left_alone(tmp_path):
    path = tmp_path / "state.db"
    path.write_bytes(b"dear diary " * 1000)
    with pytest.raises(StoreError, match=r"state\.db cannot be read as an engine store"):
        Store(tmp_path)
    assert path.read_bytes() == b"dear diary " * 1000


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path, store, store_url):
    with store.begin() as connection:
        connection.execute(sa.update(tables.facts).values(value="999"))
    store.close()
    with pytest.raises(StoreError, match=r"schema version 999.*Install a newer"):
        open_store(tmp_path, store_url)


def test_a_damaged_store_opens_soundly_or_is_refused_in_our_words(tmp_path):
    store = Store(tmp_path)
    for index in range(300):
        store.fact(f"name-{index}", "value" * 20)
    store.close()
    path = tmp_path / "state.db"
    sound, rng = path.read_bytes(), random.Random(2)
    for _ in range(60):
        damaged = bytearray(sound)
        for _ in range(20):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        refused = _use(tmp_path)
        assert refused is None or str(path) in refused


def _use(folder):
    """Open a store and read all of it; returns how it was refused, None if it was not."""
    try:
        opened = Store(folder)
        try:
            for index in range(300):
                opened.fact(f"name-{index}")
            opened.check()
        finally:
            opened.close()
    except StoreError as error:
        return str(error)
    return None


def test_a_locked_file_is_told_as_the_disks_refusal(tmp_path, file):
    store = file
    with store.begin() as connection:
        connection.connection.driver_connection.execute("PRAGMA busy_timeout=1")
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="the disk refused: database is locked"):
        store.fact("colour", "red")
    other.execute("ROLLBACK")
    assert store.fact("colour", "red") == "red"


def test_a_mistake_of_ours_is_not_blamed_on_the_disk(store):
    with pytest.raises(sa.exc.DBAPIError), store.begin() as connection:
        connection.execute(sa.text("SELECT nonsense FROM nowhere"))
    store.fact("a", "1")
    with pytest.raises(sa.exc.IntegrityError), store.begin() as connection:
        write(connection, "a")
    assert store.fact("a") == "1"


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from gt_widgets.engine.sqlite import SqliteStore as Store
from gt_widgets.engine.store import open_store
from gt_widgets.errors import StoreConflictError, StoreError
from gt_widgets.testing import Workbench, box_answer
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
stored = 0
try:
    for index in range(10_000):
        store.fact(f"name-{index}", "x" * 1000)
        stored += 1
except StoreError as error:
    assert "the disk refused" in str(error), error
assert store.fact("name-0") == "x" * 1000
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert store.fact("later", "room") == "room"
print(stored, len(store.check()))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="file size limits are POSIX's")
def test_a_full_disk_refuses_one_write_reading_goes_on_and_so_does_writing_once_there_is_room(
    tmp_path,
):
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    stored, faults = map(int, done.stdout.split())
    assert stored > 10
    assert faults == 0
    store = Store(tmp_path)
    assert all(store.fact(f"name-{index}") for index in range(stored))
