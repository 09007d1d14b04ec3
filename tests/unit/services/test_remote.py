"""Objects on another S3: what other clients put there, what is said when it is not as expected."""

from __future__ import annotations

import contextlib
import time

import boto3
import pytest
import sqlalchemy as sa
from moto.server import ThreadedMotoServer

from gt_widgets.engine.buckets import BucketRegister
from gt_widgets.engine.sqlite import SqliteStore
from gt_widgets.errors import ServiceError, StoreError
from gt_widgets.schema.arns import s3_parts
from gt_widgets.services.remote import open_remote
from gt_widgets.testing import Workbench, box_answer, eventually
from gt_widgets.testing.automated import (
    automated_request,
    label_until_done,
    notes,
    work_until_training,
)

TAGS = {"min-automated-objects": "100", "calibration": "50", "target": "0.8", "patience": "1"}
ANSWER = box_answer(("Norda", 1, 2, 30, 20))


@pytest.fixture(scope="module")
def url():
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def outer(url):
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket="outer")
    return client


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path)
    yield store
    store.close()


@pytest.fixture
def objects(url, outer, store, request):
    place = f"s3://outer/{request.node.name}"
    register = BucketRegister(store)
    objects = open_remote(place, endpoint_url=url, register=register, clock=time.time)
    yield objects
    objects.close()


def test_an_object_is_the_same_object_there(objects, outer):
    objects.create_bucket("logos", region="us-east-1")
    objects.put("logos", "a/ü.txt", b"hello", content_type="text/plain", metadata={"by": "ana"})
    _, prefix = s3_parts(objects.identity)
    found = outer.get_object(Bucket="outer", Key=f"{prefix}logos/a/ü.txt")
    assert (found["Body"].read(), found["ContentType"]) == (b"hello", "text/plain")
    assert found["Metadata"]["by"] == "ana"
    assert objects.info("logos", "a/ü.txt").metadata == {"by": "ana"}


def test_what_others_put_there_belongs_to_the_bucket_once_it_is_created(objects, outer):
    _, prefix = s3_parts(objects.identity)
    outer.put_object(Bucket="outer", Key=f"{prefix}photos/1.jpg", Body=b"pixels")
    with pytest.raises(ServiceError, match="photos"):
        objects.read("photos", "1.jpg")
    objects.create_bucket("photos", region="us-east-1")
    assert objects.read("photos", "1.jpg") == b"pixels"
    assert [each.key for each in objects.list("photos")] == ["1.jpg"]


def test_text_beyond_ascii_and_anothers_encryption_header_come_back(objects):
    objects.create_bucket("logos", region="us-east-1")
    said = {"metadata": {"by": "Jürgen"}, "headers": {"SSEKMSKeyId": "k", "CacheControl": "no"}}
    objects.put("logos", "a", b"", **said)
    info = objects.info("logos", "a")
    assert (dict(info.metadata), dict(info.headers)) == (said["metadata"], said["headers"])


def test_files_of_the_engines_own_go_around_and_lie_in_no_bucket(objects, tmp_path):
    (tmp_path / "here").write_bytes(b"x" * 300_000)
    objects.keep("jobs/1.manifest/0", tmp_path / "here")
    objects.keep("jobs/1.manifest/300000", b"more")
    objects.fetch("jobs/1.manifest/0", tmp_path / "there")
    assert (tmp_path / "there").read_bytes() == b"x" * 300_000
    assert objects.buckets() == []
    with pytest.raises(ServiceError) as caught:
        objects.fetch("jobs/2.manifest/0", tmp_path / "there")
    assert caught.value.code == "NoSuchKey"


def test_an_s3_that_does_not_answer_is_named(store):
    with pytest.raises(StoreError, match=r"s3://b/ at http://127.0.0.1:9 does not answer"):
        open_remote(
            "s3://b",
            endpoint_url="http://127.0.0.1:9",
            register=BucketRegister(store),
            clock=time.time,
        )


def test_a_bucket_that_is_not_there_is_named(url, store):
    with pytest.raises(StoreError, match="there is no bucket 'nowhere'"):
        open_remote(
            "s3://nowhere/x", endpoint_url=url, register=BucketRegister(store), clock=time.time
        )


def test_a_place_that_is_no_s3_location_is_refused(store):
    with pytest.raises(StoreError, match="--s3 must be s3://bucket/prefix"):
        open_remote("/tmp/x", endpoint_url=None, register=BucketRegister(store), clock=time.time)


def servers(tmp_path, url, store_url, place):
    """Makes a server of one store and one S3 by name."""

    def opened(store, clock):
        register = BucketRegister(store)
        return open_remote(place, endpoint_url=url, register=register, clock=clock)

    def bench(name, clock=None):
        return Workbench(tmp_path / name, clock, store_url=store_url, objects=opened)

    return bench


def test_a_second_server_fetches_the_manifest_that_the_first_read_and_added_to(
    tmp_path, url, outer, postgresql
):
    bench = servers(tmp_path, url, postgresql.empty("remote"), "s3://outer/two")
    here = bench("here")
    ana, ben = here.team("ana", "ben")
    here.bucket(2)
    job = here.job(workers=2)
    there = bench("there", here.clock)
    ben.engine = there.engine
    [task] = ben.claim()
    assert ben.act("picture", task).data.startswith(b"\xff\xd8")
    here.engine.intake.append(job, [b'{"source-ref":"s3://demo-gt/images/0.jpg"}'] * 2)
    assert there.engine.intake.data_object(job, 3).source_ref == "s3://demo-gt/images/0.jpg"
    assert (
        there.engine.intake.snapshot(job).read_bytes()
        == here.engine.intake.snapshot(job).read_bytes()
    )
    here.engine.close()  # and the second takes over
    ana.engine = there.engine
    there.workers = [ana, ben]
    ben.submit(task, ANSWER)
    assert there.finish(lambda _: ANSWER).status == "Completed"
    assert len(there.output()) == 4
    there.engine.close()


def test_a_second_server_trains_the_machine_of_the_first(tmp_path, url, outer, postgresql):
    bench = servers(tmp_path, url, postgresql.empty("machine"), "s3://outer/machine")
    texts = notes(160, seed=5)
    here = bench("here")
    [ana] = here.team("ana")
    here.bucket(1, labels=texts.categories, lines=texts.lines())
    here.engine.jobs.create(automated_request(tags=TAGS))
    work_until_training(here, ana, texts.answer)
    here.engine.close()  # before it has stored what it learned

    there = bench("there", here.clock)
    ana.engine = there.engine
    job = label_until_done(there, [ana], texts.answer)
    assert (job.status, job.human_labeled + job.machine_labeled) == ("Completed", 160)
    assert job.machine_labeled > 50
    assert there.engine.models.of_job(job.job_id)
    there.engine.close()


def lose_turns(engine):
    """End the database session that holds the jobs of a server, which does not know yet."""
    with engine.store.own_connection() as connection:
        pid = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
        connection.execute(sa.text(f"SELECT pg_terminate_backend(pid) FROM ({pid}) AS held"))


@pytest.mark.usefixtures("no_looks")  # one would be before the training at the gate
@pytest.mark.parametrize("ended", [False, True], ids=["goes on there", "ended there"])
def test_a_server_that_lost_an_automated_job_trains_for_it_no_more(
    tmp_path, url, outer, postgresql, gate, ended
):
    bench = servers(tmp_path, url, postgresql.empty("lost"), f"s3://outer/lost-{ended}")
    texts = notes(160, seed=5)
    here = bench("here")
    [ana] = here.team("ana")
    here.bucket(1, labels=texts.categories, lines=texts.lines())
    here.engine.jobs.create(automated_request(tags=TAGS))
    work_until_training(here, ana, texts.answer)
    eventually(lambda: list(here.folder.rglob("request-*.json")), what="a training")
    there = bench("there", here.clock)
    lose_turns(here.engine)
    if ended:
        there.engine.jobs.stop("logos")

    def taken_over():
        there.engine.step()
        return there.engine.trainer.busy or there.engine.jobs.get("logos").status == "Stopped"

    eventually(taken_over)

    def let_go():
        here.engine.step()
        return not here.engine.trainer.busy

    eventually(let_go)
    assert not list(here.folder.rglob("*.training"))
    assert there.engine.jobs.get("logos").status == ("Stopped" if ended else "InProgress")
    gate.set()
    there.engine.close()
    here.engine.close()


def test_what_a_killed_server_left_of_a_training_goes_when_it_comes_back(tmp_path):
    bench = Workbench(tmp_path)
    left = tmp_path / "jobs" / "7.training"
    left.mkdir()
    (left / "features.npy").write_bytes(b"x")
    bench.engine.step()
    assert not left.exists()
    bench.engine.close()
