"""What only a store that many servers share has: its lock, lanes, turns, and a server that goes."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.postgres import PostgresStore, postgres_url
from gt_widgets.engine.turns import SharedTurns
from gt_widgets.errors import StoreConflictError, StoreError, ValidationError
from gt_widgets.testing import Workbench, box_answer, eventually

ANSWER = box_answer(("Norda", 1, 2, 30, 20))


@pytest.fixture
def url(postgresql):
    return postgresql.empty("engine")


@pytest.fixture
def store(url):
    store = PostgresStore(url)
    yield store
    store.close()


@pytest.fixture
def two_turns(store):
    both = [SharedTurns(store, server_id=name * 32) for name in "ab"]
    yield both
    for turns in both:
        turns.close()


def waiting(store):
    """How many sessions wait for a lock of ours."""
    with store.own_connection() as connection:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return connection.scalar(sa.text(query))


def write(connection, name):
    connection.execute(sa.insert(tables.facts).values(name=name, value="x"))


# --- addresses and refusals -----------------------------------------------------------------------


@pytest.mark.parametrize("url", ["mysql://u@h/d", "postgres", "", "sqlite:///x"])
def test_what_is_no_address_of_postgresql_is_refused_with_what_to_write(url):
    with pytest.raises(StoreError, match=r"must be postgresql://user@host"):
        postgres_url(url)


def test_a_database_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(StoreError, match="refused or went away") as caught:
        PostgresStore("postgresql://ana:s3cret@127.0.0.1:9/nowhere")
    assert "s3cret" not in str(caught.value)
    assert "postgresql://ana:***@127.0.0.1:9/nowhere" in str(caught.value)


def test_a_database_that_is_not_there_is_refused_in_our_words(postgresql):
    with pytest.raises(StoreError, match='database "nowhere" does not exist'):
        PostgresStore(postgresql.url("nowhere"))


def test_a_text_that_postgresql_cannot_hold_is_the_callers_fault(store):
    with pytest.raises(ValidationError, match="cannot be stored"):
        store.set_fact("colour", "re\0d")


def test_names_sort_by_code_point_whatever_the_collation(store):
    names = ["b", "B", "a-c", "ab", "Ä", "_"]
    for name in names:
        store.set_fact(f"z{name}", "x")
    with store.reading() as connection:
        query = sa.select(tables.facts.c["name"]).where(tables.facts.c["name"].like("z%"))
        found = connection.scalars(query.order_by(tables.facts.c["name"])).all()
    assert found == sorted(f"z{name}" for name in names)


def test_a_database_that_was_restarted_is_used_again(store):
    store.fact("colour", "red")
    with store.own_connection() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    store.set_fact("colour", "blue")
    assert store.fact("colour") == "blue"


def test_a_sound_database_has_nothing_to_complain_of(store):
    assert store.check() == []


# --- lanes ----------------------------------------------------------------------------------------


def in_thread(store, lane, done):
    def run():
        with store.begin(lane=lane):
            done.append(lane)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_lanes_run_beside_one_another_and_a_lane_one_at_a_time(store):
    done = []
    with store.begin(lane="ana"):
        in_thread(store, "ben", done).join()
        assert done == ["ben"]
        same = in_thread(store, "ana", done)
        eventually(lambda: waiting(store) == 1, what="the second of a lane waits")
        assert done == ["ben"]
    same.join()
    assert done == ["ben", "ana"]


def test_a_transaction_without_a_lane_waits_for_all_and_all_for_it(store):
    done = []
    with store.begin(lane="ana"):
        alone = in_thread(store, None, done)
        eventually(lambda: waiting(store) == 1, what="the one that wants to be alone waits")
        behind = in_thread(store, "ben", done)
        eventually(lambda: waiting(store) == 2, what="whoever comes later stands behind it")
        assert done == []
    alone.join()
    behind.join()
    assert done == [None, "ben"]


def test_reading_waits_for_nobody_and_together_sees_one_moment(store):
    with store.reading(together=True) as reader:
        assert reader.scalar(sa.select(sa.func.count()).select_from(tables.facts)) == 1

        def meanwhile():
            with store.begin() as connection:
                write(connection, "a")

        thread = threading.Thread(target=meanwhile)
        thread.start()
        thread.join()
        assert reader.scalar(sa.select(sa.func.count()).select_from(tables.facts)) == 1
    assert store.fact("a") == "x"


def test_two_lanes_that_store_the_same_key_are_told_to_repeat(store):
    with store.begin() as connection:
        write(connection, "a")
    refused = pytest.raises(StoreConflictError, match="another transaction came first")
    with refused, store.begin(lane="ben") as connection:
        write(connection, "a")


def test_a_deadlock_between_lanes_is_repeated_until_both_are_through(store):
    for name in "ab":
        store.set_fact(name, "0")
    gate = threading.Barrier(2)

    def cross(lane, first, second):
        met = []

        def once():
            with store.begin(lane=lane) as connection:
                for name in (first, second):
                    update = sa.update(tables.facts).where(tables.facts.c["name"] == name)
                    connection.execute(update.values(value=tables.facts.c.value + lane))
                    if not met:
                        met.append(gate.wait(60))

        store.repeated(once)

    threads = [
        threading.Thread(target=cross, args=("x", "a", "b")),
        threading.Thread(target=cross, args=("y", "b", "a")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(store.fact("a"))) == sorted(str(store.fact("b"))) == ["0", "x", "y"]


# --- turns ----------------------------------------------------------------------------------------


def test_a_job_is_conducted_by_one_server_until_it_lets_go(two_turns):
    here, there = two_turns
    assert here.take(1) is not None
    assert here.take(1) is not None, "it keeps what it has"
    assert there.take(1) is None
    assert there.take(2) is not None
    here.keep([])
    assert there.take(1) is not None


def test_a_server_that_was_cut_off_is_stopped_by_the_fence_and_the_next_takes_over(
    store, two_turns
):
    here, there = two_turns
    fence = here.take(1)
    with store.own_connection() as connection:  # its session ends and it does not know
        pid = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
        connection.execute(sa.text(f"SELECT pg_terminate_backend(pid) FROM ({pid}) AS held"))
    assert eventually(lambda: there.take(1)) is not None
    with pytest.raises(StoreConflictError, match="conducted by server b"), store.fenced(fence):
        store.set_fact("label", "late")
    assert store.fact("label") is None
    with pytest.raises(StoreError, match="was lost"):
        here.take(1)
    assert here.take(1) is None


def test_a_server_hears_of_what_happened_on_another_and_not_of_its_own_news(two_turns):
    here, there = two_turns
    heard, own = threading.Semaphore(0), threading.Semaphore(0)
    here.listen(own.release)
    there.listen(heard.release)
    assert own.acquire(timeout=60)  # told once when it begins to listen
    assert heard.acquire(timeout=60)
    here.tell_others()
    assert heard.acquire(timeout=60)
    assert not own.acquire(blocking=False)


def test_a_submit_on_one_server_moves_the_job_on_the_other(tmp_path, url):
    here = Workbench(tmp_path / "here", store_url=url)
    [ana] = here.team("ana")
    here.bucket(1)
    there = Workbench(tmp_path / "there", here.clock, store_url=url, objects=here.engine.objects)
    here.job()
    here.engine.start()
    there.engine.start()
    ana.engine = there.engine
    ana.submit(ana.claim()[0], ANSWER)
    eventually(lambda: there.engine.jobs.get("logos").human_labeled == 0)
    here.clock.advance(3)  # the quiet time that a lone answer waits for
    there.engine.wake()
    eventually(lambda: there.engine.jobs.get("logos").status == "Completed", what="job ends")
    there.engine.close()
    here.engine.close()


# --- one store, one place -------------------------------------------------------------------------


def test_a_second_server_with_a_folder_of_its_own_is_refused(tmp_path, url):
    first = Workbench(tmp_path / "first", store_url=url)
    with pytest.raises(StoreError, match=r"has its objects in folder .* Several servers need --s3"):
        Workbench(tmp_path / "second", store_url=url)
    first.engine.close()


def test_many_rows_at_once_are_stored_or_refused_as_a_whole(store):
    rows = [{"name": f"n{number}", "value": "x"} for number in range(2000)]
    with store.begin() as connection:
        store.fill(connection, tables.facts, rows)
    assert store.fact("n1999") == "x"
    refused = pytest.raises(StoreConflictError, match="another transaction came first")
    with refused, store.begin(lane="ben") as connection:
        store.fill(connection, tables.facts, [{"name": "new", "value": "x"}, *rows])
    assert store.fact("new") is None
