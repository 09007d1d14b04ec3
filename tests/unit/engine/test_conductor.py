"""The life of a job: batches, expiry, stopping, failing; what the counters say meanwhile."""

from __future__ import annotations

import contextlib
import json
import random

import pytest
import sqlalchemy as sa

from gt_widgets.engine.tables import data_objects, tasks
from gt_widgets.errors import (
    ResourceInUseError,
    ResourceNotFoundError,
    StateError,
    ValidationError,
    WorkerError,
)
from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.jobs import TRANSITIONS, JobStatus
from gt_widgets.testing import Workbench, box_answer, class_answer, job_request, picture

ANSWER = box_answer(("Norda", 1, 2, 30, 20))
DAY_S = 86_400


def boxes(_task):
    return ANSWER


def objects_in(bench, state, job_id=1):
    with bench.engine.store.begin() as connection:
        return list(
            connection.scalars(
                sa.select(data_objects.c.object_id)
                .filter_by(job_id=job_id, state=state)
                .order_by(data_objects.c.object_id)
            )
        )


def counters(job):
    return (job.total, job.human_labeled, job.machine_labeled, job.failed, job.unlabeled)


def labeled(lines):
    return [index for index, line in enumerate(lines) if "logos" in line]


# --- creating, describing ------------------------------------------------------------------------


def test_a_job_name_is_in_use_in_whatever_case(bench, ana):  # C05
    bench.bucket(1)
    bench.engine.jobs.create(job_request("Job-a"))
    for name in ("Job-a", "job-A", "JOB-A"):
        with pytest.raises(ResourceInUseError, match="is in use"):
            bench.engine.jobs.create(job_request(name))
    assert bench.engine.jobs.get("jOb-a").name == "Job-a"


def test_a_missing_job_answers_as_the_service_does(bench):  # C06
    with pytest.raises(ResourceNotFoundError) as caught:
        bench.engine.jobs.get("nowhere")
    assert caught.value.code == "ValidationException"


@pytest.mark.parametrize("path", ["s3://demo-gt/out", "s3://demo-gt/out/", "s3://demo-gt"])
def test_the_output_manifest_has_one_slash_at_each_join(bench, ana, path):  # C09
    bench.bucket(1)
    bench.engine.jobs.create(job_request() | {"OutputConfig": {"S3OutputPath": path}})
    bench.engine.step()
    job = bench.engine.jobs.get("logos")
    assert job.manifest_uri == f"{path.rstrip('/')}/logos/manifests/output/output.manifest"
    assert job.request["OutputConfig"]["S3OutputPath"] == path
    assert len(bench.output()) == 1


def test_the_reference_code_begins_with_the_account_and_stays(bench, ana):  # C10
    bench.bucket(1)
    first = bench.job()
    assert first.reference_code.startswith("111122223333")
    assert len(first.reference_code) == 28
    bench.reopen()
    assert bench.engine.jobs.get("logos").reference_code == first.reference_code


@pytest.mark.parametrize("missing", ["input.manifest", "labels.json", "page.template"])
def test_a_file_that_does_not_exist_is_named_at_once(bench, ana, missing):
    bench.bucket(1)
    bench.engine.objects.delete("demo-gt", missing)
    with pytest.raises(ValidationError, match=f"s3://demo-gt/{missing} does not exist"):
        bench.engine.jobs.create(job_request())


def test_last_modified_never_goes_back_and_grows_with_the_work(bench, people):  # C11
    bench.bucket(120, labels=("a", "b"))
    bench.job(task="ImageMultiClass", workers=2)
    seen = [bench.engine.jobs.get("logos").modified_at]
    while sum(one.work(lambda _: class_answer("a"), most=20) for one in people):
        bench.settle(1)
        seen.append(bench.engine.jobs.get("logos").modified_at)
    bench.clock.advance(-3600)
    bench.engine.step()
    seen.append(bench.engine.jobs.get("logos").modified_at)
    assert seen == sorted(seen)
    assert seen[-1] > seen[0] >= bench.engine.jobs.get("logos").created_at
    assert bench.engine.jobs.get("logos").status == "Completed"


# --- batches -------------------------------------------------------------------------------------


def test_the_first_batch_is_ten_objects_chosen_at_random(bench, ana):  # S03
    bench.bucket(1, lines=['{"source-ref":"s3://demo-gt/images/0.jpg"}'] * 302)
    job = bench.job()
    chosen = objects_in(bench, "live")
    assert len(chosen) == 10
    assert chosen != list(range(10))
    assert chosen == sorted(random.Random(job.seed).sample(range(302), 10))
    assert job.iteration == 1


def test_two_jobs_probe_different_objects_and_the_same_job_always_the_same(bench, ana):  # S03
    bench.bucket(1, lines=['{"source-ref":"s3://demo-gt/images/0.jpg"}'] * 302)
    bench.job("one")
    bench.job("two")
    first = objects_in(bench, "live", 1)
    assert first != objects_in(bench, "live", 2)
    bench.reopen()
    bench.engine.step()
    assert objects_in(bench, "live", 1) == first


@pytest.mark.parametrize("count", [1, 9, 10])
def test_a_job_of_ten_objects_or_fewer_has_no_probe(bench, ana, count):
    bench.bucket(count)
    bench.job()
    assert len(objects_in(bench, "live")) == count
    assert bench.finish(boxes).iteration == 1


def test_the_rest_follows_when_the_probe_is_done(bench, ana):
    bench.bucket(25)
    bench.job()
    ana.work(boxes, most=9)
    bench.settle()
    assert len(objects_in(bench, "waiting")) == 15
    ana.work(boxes)
    bench.settle()
    assert len(objects_in(bench, "live")) == 15
    assert bench.engine.jobs.get("logos").iteration == 2


@pytest.mark.parametrize("most", [1, 4, 10, 12])
def test_live_objects_never_exceed_the_limit(bench, people, most):  # A12
    bench.bucket(25)
    bench.job(workers=2, MaxConcurrentTaskCount=most)
    live = []
    rng = random.Random(most)
    while bench.engine.jobs.get("logos").status == "InProgress":
        rng.choice(people).work(boxes, most=rng.randint(1, 4))
        bench.settle(rng.choice([0, 3]))
        live.append(len(objects_in(bench, "live")))
    assert 1 <= max(live) <= most
    assert bench.engine.jobs.get("logos").human_labeled == 25


def test_a_batch_of_several_workers_waits_for_the_last_of_them(bench, people):
    ana, ben, cem = people
    bench.bucket(12)
    bench.job(workers=3)
    ana.work(boxes)
    ben.work(boxes)
    bench.settle(3600)
    assert ana.claim() == []
    assert bench.engine.jobs.get("logos").human_labeled == 0
    cem.work(boxes)
    bench.settle()
    assert len(ana.claim(count=3)) == 2


def test_the_counters_add_up_at_every_poll(bench, people):  # C13
    ana, ben, cem = people
    bench.bucket(14)
    bench.engine.objects.delete("demo-gt", "images/3.jpg")
    bench.engine.jobs.create(job_request(workers=2))
    polls = [bench.engine.jobs.get("logos")]
    bench.engine.step()
    rng = random.Random(5)
    while polls[-1].status in {"Initializing", "InProgress"}:
        rng.choice([ana, ben, cem]).work(boxes, most=1)
        bench.settle(rng.choice([0, 1, 3]))
        polls.append(bench.engine.jobs.get("logos"))
    assert counters(polls[0]) == (0, 0, 0, 0, 0)
    assert {sum(counters(job)[1:]) for job in polls[1:]} == {14}
    assert counters(polls[-1]) == (14, 13, 0, 1, 0)
    done = [job.human_labeled + job.failed for job in polls]
    assert done == sorted(done)


def test_the_manifest_has_every_line_in_order_at_every_poll(bench, ana):  # S06
    bench.bucket(13)
    bench.job()
    expected = [f"s3://demo-gt/images/{index}.jpg" for index in range(13)]
    for _ in range(13):
        assert [line["source-ref"] for line in bench.output()] == expected
        ana.work(boxes, most=1)
        bench.settle()
    assert labeled(bench.output()) == list(range(13))


# --- expiry, decline -----------------------------------------------------------------------------


def test_an_expired_object_is_put_together_from_the_answers_it_has(bench, people):  # A08
    ana, *_ = people
    bench.bucket(2)
    bench.job(workers=3, TaskAvailabilityLifetimeInSeconds=600)
    ana.work(boxes, most=1)
    bench.settle(600)
    job = bench.engine.jobs.get("logos")
    assert (job.status, counters(job)) == ("Completed", (2, 1, 0, 1, 0))
    good, bad = bench.output()
    assert len(good["logos"]["annotations"]) == 1
    assert "logos" not in bad
    assert "no worker answered" in bad["logos-metadata"]["failure-reason"]


def test_an_object_expires_at_its_time_and_not_before(bench, people):  # A08
    bench.bucket(1)
    bench.job(TaskAvailabilityLifetimeInSeconds=600)
    bench.settle(599)
    assert bench.engine.jobs.get("logos").status == "InProgress"
    bench.settle(1)
    assert bench.engine.jobs.get("logos").status == "Completed"


def test_a_task_in_hand_ends_with_its_object(bench, ana):  # A08
    bench.bucket(1)
    bench.job(TaskAvailabilityLifetimeInSeconds=60)
    [task] = ana.claim()
    bench.settle(60)
    with pytest.raises(WorkerError, match="takes no more answers"):
        ana.submit(task, ANSWER)
    assert bench.engine.jobs.get("logos").failed == 1


def test_an_object_that_as_many_decline_as_it_has_slots_is_sent_no_further(bench, people):  # A09
    ana, ben, cem = people
    bench.bucket(2)
    bench.job(workers=2)
    for one in (ana, ben):
        [task] = [each for each in one.claim(count=2) if each["object_id"] == "0"]
        one.act("decline", task)
    assert objects_in(bench, "live") == [1]
    assert cem.claim() == []
    bench.finish(boxes)
    job = bench.engine.jobs.get("logos")
    assert (job.status, counters(job)) == ("Completed", (2, 1, 0, 1, 0))


def test_an_object_declined_by_fewer_is_answered_by_the_others(bench, people):  # A09
    ana, ben, cem = people
    bench.bucket(1)
    bench.job(workers=2)
    ana.act("decline", ana.claim()[0])
    assert [ben.work(boxes), cem.work(boxes)] == [1, 1]
    bench.settle()
    assert bench.engine.jobs.get("logos").human_labeled == 1


# --- stopping ------------------------------------------------------------------------------------


def test_a_stopped_job_keeps_its_labels_and_leaves_the_rest_plain(bench, ana):  # C14
    bench.bucket(14)
    bench.job()
    ana.work(boxes, most=4)
    assert bench.engine.jobs.stop("logos").status == "Stopping"
    bench.settle()
    job = bench.engine.jobs.get("logos")
    assert (job.status, counters(job)) == ("Stopped", (14, 4, 0, 0, 10))
    lines = bench.output()
    assert len(labeled(lines)) == 4
    assert all(line.keys() == {"source-ref"} for line in lines if "logos" not in line)


@pytest.mark.parametrize("end", ["Stopping", "Stopped", "Completed", "Failed"])
def test_a_job_that_stops_or_has_ended_cannot_be_stopped(bench, ana, end):  # C15
    bench.bucket(1, lines=["{}"] if end == "Failed" else None)
    bench.job()
    if end == "Completed":
        bench.finish(boxes)
    if end in {"Stopping", "Stopped"}:
        bench.engine.jobs.stop("logos")
    if end == "Stopped":
        bench.settle()
    with pytest.raises(StateError, match=f"is {end} and cannot become Stopping"):
        bench.engine.jobs.stop("logos")


def test_a_job_stopped_before_its_manifest_was_read_ends_with_all_lines(bench, ana):  # C14, S06
    bench.bucket(3)
    bench.engine.jobs.create(job_request())
    bench.engine.jobs.stop("logos")
    bench.engine.step()
    job = bench.engine.jobs.get("logos")
    assert (job.status, counters(job)) == ("Stopped", (3, 0, 0, 0, 3))
    assert len(bench.output()) == 3


def test_a_half_answered_object_of_a_stopped_job_keeps_its_answers_as_a_file(bench, people):
    ana, *_ = people
    bench.bucket(1)
    bench.job(workers=3)
    ana.work(boxes)
    bench.engine.jobs.stop("logos")
    bench.settle()
    assert bench.engine.jobs.get("logos").unlabeled == 1
    [key] = [found for found in bench.keys("output/") if "/worker-response/" in found]
    assert len(json.loads(bench.engine.objects.read("demo-gt", key))["answers"]) == 1


def test_a_team_is_not_deleted_while_it_labels(bench, ana):  # T01
    bench.bucket(1)
    bench.job()
    teams = bench.engine.workforce.teams
    with pytest.raises(ResourceInUseError, match="not finished: logos"):
        teams.delete("loggers")
    bench.engine.jobs.stop("logos")
    bench.settle()
    teams.delete("loggers")
    assert teams.all() == []


def test_an_answer_that_comes_while_a_step_runs_waits_for_company_too(bench, ana):  # S04
    bench.bucket(3)
    job = bench.job()
    began = bench.clock()
    bench.clock.advance(0.5)
    ana.work(boxes, most=1)
    gatherer = bench.engine.conductor._gatherer
    assert gatherer.gather(job, began, everything=False) == pytest.approx(2.5)
    assert bench.engine.jobs.get("logos").human_labeled == 0
    bench.settle()
    assert bench.engine.jobs.get("logos").human_labeled == 1


@pytest.mark.parametrize("moment", ["manifest", "measure", "consolidate", "intermediate"])
def test_a_stop_at_any_moment_of_a_turn_ends_in_stopped(bench, ana, monkeypatch, moment):  # C12
    """Somebody calls StopLabelingJob while the conductor is in the middle of something."""
    engine = bench.engine
    outputs = engine.conductor._gatherer._outputs
    place, name = {
        "manifest": (outputs, "manifest"),
        "measure": (engine.intake, "picture"),
        "consolidate": (outputs, "consolidation_response"),
        "intermediate": (outputs, "intermediate"),
    }[moment]
    real = getattr(place, name)

    def stopping(*args):
        monkeypatch.setattr(place, name, real)
        engine.jobs.stop("logos")
        return real(*args)

    monkeypatch.setattr(place, name, stopping)
    bench.bucket(12)
    bench.job()
    while ana.work(boxes):
        bench.settle()
    bench.settle()
    bench.settle()
    assert engine.jobs.get("logos").status == "Stopped"
    assert len(bench.output()) == 12


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"MaxHumanLabeledObjectCount": 12}, 12),
        ({"MaxHumanLabeledObjectCount": 4}, 4),
        ({"MaxPercentageOfInputDatasetLabeled": 50}, 13),
        ({"MaxPercentageOfInputDatasetLabeled": 1}, 1),
        ({"MaxHumanLabeledObjectCount": 20, "MaxPercentageOfInputDatasetLabeled": 60}, 15),
    ],
)
def test_a_stopping_condition_stops_the_job_at_its_number(bench, ana, conditions, expected):  # D06
    bench.bucket(25)
    bench.engine.jobs.create(job_request() | {"StoppingConditions": conditions})
    bench.engine.step()
    job = bench.finish(boxes)
    assert (job.status, job.human_labeled) == ("Stopped", expected)
    assert len(labeled(bench.output())) == expected
    events = bench.engine.logs.events("/aws/sagemaker/LabelingJobs", "logos")
    assert sum("STOPPING_CONDITION_REACHED" in message for _, _, message in events) == 1


@pytest.mark.parametrize(
    "conditions",
    [{"MaxHumanLabeledObjectCount": 25}, {"MaxPercentageOfInputDatasetLabeled": 100}],
)
def test_a_stopping_condition_that_the_whole_data_set_meets_lets_the_job_complete(
    bench, ana, conditions
):
    bench.bucket(25)
    bench.engine.jobs.create(job_request() | {"StoppingConditions": conditions})
    bench.engine.step()
    assert bench.finish(boxes).status == "Completed"


# --- failing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "has no data object"),
        (b"\n\n", "has no data object"),
        (b'{"source-ref":"s3://a/b"}\n{"source_ref":"s3://a/b"}\n', "line 2: expected exactly one"),
        (b"\x89PNG\r\n\x1a\n", "line 1: expected one JSON object"),
    ],
)
def test_a_manifest_that_cannot_be_read_fails_the_job_with_the_reason(bench, ana, data, words):
    bench.bucket(1)
    bench.engine.objects.put("demo-gt", "input.manifest", data)
    job = bench.job()
    assert job.status == "Failed"
    assert job.failure_reason.startswith("ClientError: s3://demo-gt/input.manifest")
    assert words in job.failure_reason


def test_a_manifest_that_is_gone_when_it_is_read_fails_the_job(bench, ana):
    bench.bucket(1)
    bench.engine.jobs.create(job_request())
    bench.engine.objects.delete("demo-gt", "input.manifest")
    bench.engine.step()
    assert bench.engine.jobs.get("logos").status == "Failed"


def test_too_many_objects_fail_the_job(bench, ana):  # M08
    bench.engine.set_max_objects(5)
    bench.bucket(5)
    assert bench.job("five").status == "InProgress"
    bench.engine.objects.put("demo-gt", "input.manifest", b'{"source-ref":"s3://a/b"}\n' * 6)
    assert "more than 5 data objects" in bench.job("six").failure_reason


def test_the_services_limit_holds_until_it_is_lifted(tmp_path):  # M08
    bench = Workbench(tmp_path)
    bench.team("ana")
    line = '{"source-ref":"s3://demo-gt/images/0.jpg"}'
    bench.bucket(1, lines=[line] * 100_001)
    assert "more than 100000 data objects" in bench.job("as-on-aws").failure_reason
    bench.engine.set_max_objects(100_001)
    lifted = bench.job("lifted")
    assert (lifted.status, lifted.total) == ("InProgress", 100_001)
    bench.engine.set_max_objects(0)
    assert bench.job("again").status == "Failed"
    bench.engine.close()


def test_a_job_keeps_its_own_copy_of_the_manifest(bench, ana):
    bench.bucket(3)
    bench.job()
    bench.engine.objects.delete("demo-gt", "input.manifest")
    assert bench.finish(boxes).status == "Completed"
    assert len(bench.output()) == 3


def test_a_job_older_than_thirty_days_fails(bench, ana):
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    bench.settle(30 * DAY_S + 1)
    job = bench.engine.jobs.get("logos")
    assert (job.status, "30 days" in job.failure_reason) == ("Failed", True)
    ana.session = bench.engine.identity.session_for(ana.sub)
    with pytest.raises(WorkerError, match="is Failed and takes no more answers"):
        ana.submit(task, ANSWER)


def test_a_failing_job_does_not_hold_up_the_others(bench, ana, monkeypatch):
    bench.bucket(2)
    bench.job("sick")
    bench.job("well")
    real = bench.engine.conductor._move

    def move(job):
        if job.name == "sick":
            raise ZeroDivisionError("a mistake of ours")
        return real(job)

    monkeypatch.setattr(bench.engine.conductor, "_move", move)
    ana.work(boxes, job_name="well")
    bench.settle()
    assert bench.engine.jobs.get("well").status == "Completed"
    sick = bench.engine.jobs.get("sick")
    assert (sick.status, "InternalServerError" in sick.failure_reason) == ("Failed", True)


def test_an_output_bucket_that_is_gone_fails_the_job(bench, ana):
    bench.bucket(1)
    bench.engine.objects.create_bucket("results", region="us-east-1")
    output = {"OutputConfig": {"S3OutputPath": "s3://results/x"}}
    bench.engine.jobs.create(job_request() | output)
    bench.engine.objects.delete_bucket("results")
    bench.engine.step()
    job = bench.engine.jobs.get("logos")
    assert (job.status, "results" in job.failure_reason) == ("Failed", True)


def test_all_transitions_of_many_jobs_lie_on_the_life_cycle(bench, ana, monkeypatch):  # C12
    from gt_widgets.engine import jobs as module

    moves, check = [], module.check_move
    monkeypatch.setattr(
        module, "check_move", lambda name, now, to: moves.append((now, to)) or check(name, now, to)
    )
    bench.bucket(2)
    bench.job("done")
    ana.work(boxes, job_name="done")
    bench.settle()
    bench.job("halted")
    bench.engine.jobs.stop("halted")
    bench.settle()
    bench.engine.objects.put("demo-gt", "input.manifest", b"{}")
    bench.job("broken")
    assert all(to in TRANSITIONS[now] for now, to in moves)
    assert {to for _, to in moves} == set(JobStatus) - {JobStatus.INITIALIZING}


# --- pictures ------------------------------------------------------------------------------------


def test_a_picture_that_cannot_be_shown_fails_its_object_and_nothing_else(bench, ana):  # M09
    bench.bucket(7)
    objects = bench.engine.objects
    objects.delete("demo-gt", "images/0.jpg")
    objects.put("demo-gt", "images/1.jpg", b"\xff\xd8\xff\xe0 no picture")
    objects.put("demo-gt", "images/2.jpg", picture(kind="GIF"))
    objects.put("demo-gt", "images/3.jpg", b"")
    objects.put("demo-gt", "images/4.jpg", _huge_png())
    objects.put("demo-gt", "images/5.jpg", picture() + bytes(40 * 1024 * 1024))
    bench.job()
    job = bench.finish(boxes)
    assert (job.status, counters(job)) == ("Completed", (7, 1, 0, 6, 0))
    lines = bench.output()
    assert labeled(lines) == [6]
    for index, words in enumerate(
        [
            "specified key does not exist",
            "header is damaged|expected a JPEG",
            "expected a JPEG or PNG",
            "expected a JPEG or PNG",
            "at most 100000000 pixels",
            "bytes; at most 41943040",
        ]
    ):
        reason = lines[index]["logos-metadata"]["failure-reason"]
        assert f"s3://demo-gt/images/{index}.jpg" in reason
        assert any(word in reason for word in words.split("|")), reason


def test_a_line_of_text_in_a_job_of_pictures_fails_that_object(bench, ana):  # M04
    bench.bucket(1, lines=['{"source":"a parcel"}', '{"source-ref":"s3://demo-gt/images/0.jpg"}'])
    bench.job()
    assert counters(bench.finish(boxes)) == (2, 1, 0, 1, 0)
    assert (
        "'a parcel' is not an S3 location" in bench.output()[0]["logos-metadata"]["failure-reason"]
    )


def test_a_picture_whose_bytes_are_gone_from_the_disk_fails_its_object(bench, ana):
    bench.bucket(2)
    [blob] = _blobs_of(bench, "images/1.jpg")
    blob.unlink()
    bench.job()
    assert counters(bench.finish(boxes)) == (2, 1, 0, 1, 0)


def test_a_picture_deleted_after_the_job_began_is_told_to_the_worker(bench, ana):
    from gt_widgets.errors import ImageError

    bench.bucket(2)
    bench.job()
    [task] = ana.claim()
    bench.engine.objects.delete("demo-gt", f"images/{task['object_id']}.jpg")
    with pytest.raises(ImageError, match="cannot be read"):
        ana.act("picture", task)
    assert ana.submit(task, ANSWER)["accepted"]


# --- chains --------------------------------------------------------------------------------------


def test_a_chained_job_with_the_same_attribute_labels_only_the_rest(bench, ana):  # M11, O14
    bench.bucket(6)
    bench.engine.objects.delete("demo-gt", "images/5.jpg")
    bench.job("first")
    ana.work(boxes, job_name="first", most=3)
    bench.engine.jobs.stop("first")
    bench.settle()
    bench.engine.objects.put("demo-gt", "images/5.jpg", picture())
    before = bench.output("first")
    _chain(bench, "first", "second")
    assert objects_in(bench, "live", 2) == [3, 4, 5]
    ana.work(lambda _: box_answer(), job_name="second")
    bench.settle()
    job = bench.engine.jobs.get("second")
    assert (job.status, counters(job)) == ("Completed", (6, 6, 0, 0, 0))
    after = bench.output("second")
    assert after[:3] == before[:3]
    assert [line["logos-metadata"]["job-name"] for line in after] == (
        ["labeling-job/first"] * 3 + ["labeling-job/second"] * 3
    )
    assert list(after[5]) == ["source-ref", "logos", "logos-metadata"]


def test_a_chained_job_with_a_new_attribute_labels_everything(bench, ana):  # M11
    bench.bucket(3)
    bench.job("first")
    ana.work(boxes, job_name="first")
    bench.settle()
    _chain(bench, "first", "second", LabelAttributeName="brands")
    assert objects_in(bench, "live", 2) == [0, 1, 2]
    ana.work(boxes, job_name="second")
    bench.settle()
    assert list(bench.output("second")[0]) == [
        "source-ref",
        "logos",
        "logos-metadata",
        "brands",
        "brands-metadata",
    ]


def test_a_chained_job_with_nothing_left_completes_at_once(bench, ana):  # M11
    bench.bucket(3)
    bench.job("first")
    ana.work(boxes, job_name="first")
    bench.settle()
    _chain(bench, "first", "second")
    assert bench.engine.jobs.get("second").status == "Completed"
    assert bench.output("second") == bench.output("first")


def test_labels_of_machines_in_a_chained_manifest_are_counted_as_such(bench, ana):
    label = '"logos":1,"big":' + "9" * 5000 + ',"logos-metadata":{"human-annotated":"%s"}'
    lines = [
        '{"source-ref":"s3://demo-gt/images/0.jpg",' + label % by + "}"
        for by in ("no", "yes", "no")
    ] + ['{"source-ref":"s3://demo-gt/images/0.jpg","logos":1,"logos-metadata":7}']
    bench.bucket(1, lines=lines)
    job = bench.job()
    assert (job.status, counters(job)) == ("Completed", (4, 2, 2, 0, 0))


def test_what_a_chained_manifest_brought_does_not_count_for_the_stopping_condition(bench, ana):
    bench.bucket(6)
    bench.job("first")
    ana.work(boxes, job_name="first", most=3)
    bench.engine.jobs.stop("first")
    bench.settle()
    _chain(bench, "first", "second", StoppingConditions={"MaxHumanLabeledObjectCount": 2})
    job = bench.finish(boxes, name="second")
    assert (job.status, counters(job)) == ("Stopped", (6, 5, 0, 0, 1))


# --- restarts ------------------------------------------------------------------------------------


def test_a_restart_at_any_time_changes_nothing(bench, people):
    bench.bucket(13)
    bench.job(workers=2)
    turn = 0
    while bench.engine.jobs.get("logos").status == "InProgress":
        people[turn % 3].work(boxes, most=2)
        bench.reopen()
        bench.settle()
        turn += 1
    assert counters(bench.engine.jobs.get("logos")) == (13, 13, 0, 0, 0)
    with bench.engine.store.begin() as connection:
        states = set(connection.scalars(sa.select(tasks.c.state)))
    assert states == {"answered"}


def _chain(bench, first, second, **changes):
    source = {"S3DataSource": {"ManifestS3Uri": bench.engine.jobs.get(first).manifest_uri}}
    bench.engine.jobs.create(
        job_request(second) | {"InputConfig": {"DataSource": source}} | changes
    )
    bench.engine.step()


def _huge_png():
    """Make a PNG whose header says 20,000 x 20,000 pixels; nothing of them is there."""
    import struct
    import zlib

    body = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + body
        + struct.pack(">I", zlib.crc32(body))
        + b"\0\0\0\x04IDAT1234\0\0\0\0"
    )


def _blobs_of(bench, key):
    size = bench.engine.objects.info("demo-gt", key).size
    data = bench.engine.objects.read("demo-gt", key)
    files = (bench.folder / "objects" / "blobs").rglob("*")
    return [
        path
        for path in files
        if path.is_file() and path.stat().st_size == size and path.read_bytes() == data
    ]


class Killed(BaseException):
    """What no handler of the engine catches: the process is gone."""


def test_an_engine_killed_again_and_again_still_offers_a_batch_of_hundreds(bench, ana, monkeypatch):
    """Each life measures 60 pictures and is killed; the batch comes whole, in few lives."""
    uris = [f"s3://demo-gt/images/{index % 6}.jpg" for index in range(210)]
    bench.bucket(6, lines=[json.dumps({"source-ref": uri}) for uri in uris])
    bench.job()
    ana.work(boxes)
    bench.engine.objects.delete("demo-gt", "images/5.jpg")
    waiting = objects_in(bench, "waiting")
    missing = [index for index in waiting if index % 6 == 5]

    def live_and_be_killed():
        real, left = bench.engine.intake.picture, iter(range(60))

        def measured(*args):
            if next(left, None) is None:
                raise Killed
            return real(*args)

        monkeypatch.setattr(bench.engine.intake, "picture", measured)
        with contextlib.suppress(Killed):
            bench.settle()
        bench.reopen()
        return len(objects_in(bench, "live"))

    lives = [live_and_be_killed() for _ in range(5)]
    good = len(waiting) - len(missing)
    assert lives == [0, 0, 0, good, good]
    assert counters(bench.engine.jobs.get("logos")) == (210, 10, 0, len(missing), good)
    assert objects_in(bench, "waiting") == []


def test_the_location_of_an_output_is_an_s3_location(bench, ana):
    bench.bucket(1)
    assert s3_parts(bench.job().manifest_uri) == (
        "demo-gt",
        "output/logos/manifests/output/output.manifest",
    )
