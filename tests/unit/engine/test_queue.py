"""The queue as a worker meets it: tasks are leased, begun, given back, answered exactly once."""

from __future__ import annotations

import math

import pytest

from gt_widgets.errors import LeaseError, SignInError, WorkerError
from gt_widgets.testing import box_answer

ANSWER = box_answer(("Norda", 1, 2, 30, 20))
LIMIT_S = 300


def objects_of(tasks):
    return {task["object_id"] for task in tasks}


def code_of(caught):
    return caught.value.code


def test_a_worker_holds_three_tasks_of_a_job_and_no_more(bench, ana):
    bench.bucket(8)
    bench.job()
    held = ana.claim(count=3)
    assert len(objects_of(held)) == 3
    assert ana.claim(count=3, holding=[task["task_id"] for task in held]) == []
    ana.submit(held[0], ANSWER)
    assert len(ana.claim(count=3, holding=[task["task_id"] for task in held])) == 1


@pytest.mark.parametrize(("count", "given"), [(-1, 1), (0, 1), (1, 1), (3, 3), (100, 3)])
def test_a_count_is_brought_into_its_range(bench, ana, count, given):
    bench.bucket(8)
    bench.job()
    assert len(ana.claim(count=count)) == given


def test_a_page_that_was_reloaded_gets_its_task_back_with_its_draft(bench, ana):
    bench.bucket(3)
    bench.job()
    [task] = ana.claim()
    ana.act("begin", task)
    ana.act("save_draft", task, draft={"boxes": [1, 2]})
    [again] = ana.claim()
    assert (again["task_id"], again["lease"]) == (task["task_id"], task["lease"])
    assert (task["draft"], again["draft"]) == (None, {"boxes": [1, 2]})


def test_two_tabs_of_one_worker_never_hold_two_slots_of_one_object(bench, people):  # A10
    ana, *_ = people
    bench.bucket(2)
    bench.job(workers=3)
    first, second = ana.claim(count=3), ana.claim(count=3)
    assert objects_of(first) == {"0", "1"}
    assert {task["task_id"] for task in second} == {task["task_id"] for task in first}
    other_tab = ana.claim(count=3, holding=[task["task_id"] for task in first])
    assert other_tab == []


def test_two_workers_never_hold_the_same_task(bench, people):  # A10
    bench.bucket(5)
    bench.job(workers=2)
    claimed = [task["task_id"] for one in people for task in one.claim(count=3)]
    assert len(claimed) == len(set(claimed)) == 9


def test_a_worker_answers_an_object_once_and_each_object_gets_its_slots(bench, people):  # A10
    bench.bucket(4)
    bench.job(workers=2)
    seen = []
    while sum(one.work(lambda task: seen.append(task) or ANSWER, most=1) for one in people):
        pass
    assert sorted(task["object_id"] for task in seen) == sorted(2 * ["0", "1", "2", "3"])
    assert all(one.claim() == [] for one in people)


def test_reading_ahead_does_not_start_the_time_limit_but_the_first_begin_does_once(bench, ana):
    bench.bucket(3)
    bench.job()
    [task] = ana.claim()
    bench.clock.advance(100)
    begun = ana.act("begin", task)
    assert begun == {"lease_until": bench.clock.now + LIMIT_S, "now": bench.clock.now}
    bench.clock.advance(50)
    assert ana.act("begin", task)["lease_until"] == begun["lease_until"]


def test_a_task_read_ahead_and_never_begun_goes_back_too(bench, people):
    ana, ben, _ = people
    bench.bucket(1)
    bench.job()
    ana.claim()
    assert ben.claim() == []
    bench.clock.advance(LIMIT_S)
    assert objects_of(ben.claim()) == {"0"}


def test_a_late_submit_is_refused_and_somebody_else_gets_the_task(bench, people):  # A11
    ana, ben, _ = people
    bench.bucket(1)
    bench.job()
    [late] = ana.claim()
    ana.act("begin", late)
    bench.clock.advance(LIMIT_S)
    with pytest.raises(LeaseError, match="its time limit passed"):
        ana.submit(late, ANSWER)
    [task] = ben.claim()
    assert task["object_id"] == late["object_id"]
    assert task["lease"] != late["lease"]
    assert ben.submit(task, ANSWER) == {"accepted": True, "duplicate": False}


def test_a_submit_one_second_before_the_end_is_accepted(bench, ana):  # A11
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    ana.act("begin", task)
    bench.clock.advance(LIMIT_S - 1)
    assert ana.submit(task, ANSWER)["accepted"]


def test_the_same_worker_may_have_the_task_again_but_not_under_the_old_lease(bench, ana):
    bench.bucket(1)
    bench.job()
    [old] = ana.claim()
    ana.act("save_draft", old, draft="half")
    bench.clock.advance(LIMIT_S)
    [new] = ana.claim()
    assert (new["task_id"], new["draft"]) == (old["task_id"], None)
    with pytest.raises(LeaseError):
        ana.submit(old, ANSWER)
    assert ana.submit(new, ANSWER)["duplicate"] is False


def test_submitting_twice_gives_one_answer(bench, ana):
    bench.bucket(2)
    bench.job()
    [task] = ana.claim()
    assert ana.submit(task, ANSWER, key="k1") == {"accepted": True, "duplicate": False}
    assert ana.submit(task, ANSWER, key="k1") == {"accepted": True, "duplicate": True}
    assert ana.submit(task, box_answer(), key="k2") == {"accepted": True, "duplicate": True}
    bench.settle()
    assert len(stored_answers(bench)) == 1


def test_two_tabs_that_submit_the_same_task_give_one_answer(bench, ana):
    bench.bucket(1)
    bench.job()
    [here], [there] = ana.claim(), ana.claim()
    assert ana.submit(here, ANSWER)["duplicate"] is False
    assert ana.submit(there, box_answer())["duplicate"] is True
    [(_, content)] = stored_answers(bench)
    assert "Norda" in content


def test_a_submit_repeated_after_the_job_ended_is_still_answered_as_a_duplicate(bench, ana):
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    ana.submit(task, ANSWER)
    bench.settle()
    assert bench.engine.jobs.get("logos").status == "Completed"
    assert ana.submit(task, ANSWER)["duplicate"] is True


def test_a_key_that_came_with_another_answer_is_refused_and_the_task_stays(bench, ana):
    bench.bucket(2)
    bench.job()
    first, second = ana.claim(count=2)
    ana.submit(first, ANSWER, key="same")
    with pytest.raises(WorkerError, match="came with the answer to another task"):
        ana.submit(second, ANSWER, key="same")
    assert ana.submit(second, ANSWER, key="fresh")["duplicate"] is False


def test_a_skipped_task_comes_last_and_a_declined_one_never(bench, ana):  # A09
    bench.bucket(4)
    bench.job(workers=2)
    bench.engine.identity.simulated_worker(*_place(bench), "ben")
    skipped, declined = ana.claim(count=2)
    ana.act("skip", skipped)
    ana.act("decline", declined)
    order = []
    ana.work(lambda task: order.append(task["object_id"]) or ANSWER)
    assert order == ["2", "3", skipped["object_id"]]


def test_a_declined_task_goes_to_the_others(bench, people):  # A09
    ana, ben, _ = people
    bench.bucket(1)
    bench.job(workers=2)
    ana.act("decline", ana.claim()[0])
    assert ana.claim() == []
    assert objects_of(ben.claim()) == {"0"}


def test_a_released_task_is_back_at_once_without_its_draft(bench, people):
    ana, ben, _ = people
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    ana.act("save_draft", task, draft="mine")
    ana.act("release", task)
    assert [again["draft"] for again in ben.claim()] == [None]
    with pytest.raises(LeaseError):
        ana.submit(task, ANSWER)


def test_stop_and_resume_later_keeps_task_and_draft_until_the_limit(bench, people):
    ana, ben, _ = people
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    ana.act("begin", task)
    ana.act("stop", task, draft=[7])
    bench.clock.advance(LIMIT_S - 1)
    assert ben.claim() == []
    assert [again["draft"] for again in ana.claim()] == [[7]]


@pytest.mark.parametrize(
    "operation", ["begin", "save_draft", "submit", "skip", "decline", "release", "stop", "picture"]
)
def test_a_lease_of_somebody_else_opens_nothing(bench, people, operation):
    ana, ben, _ = people
    bench.bucket(1)
    bench.job(workers=2)
    [mine], [other] = ana.claim(), ben.claim()
    extra = {"draft": 1, "content": ANSWER, "time_spent_s": 1.0, "key": "k"}
    for task in (mine, {**other, "lease": mine["lease"]}, {**mine, "lease": other["lease"]}):
        with pytest.raises(LeaseError, match="no longer yours"):
            ben.act(operation, task, **extra)
    assert ana.submit(mine, ANSWER)["duplicate"] is False
    assert ben.submit(other, ANSWER)["duplicate"] is False


def test_a_picture_is_shown_to_the_holder_of_a_live_lease_only(bench, ana):
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    assert ana.act("picture", task).data.startswith(b"\xff\xd8")
    bench.clock.advance(LIMIT_S)
    with pytest.raises(LeaseError):
        ana.act("picture", task)


def test_an_answered_task_shows_its_picture_no_more(bench, ana):
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    ana.submit(task, ANSWER)
    with pytest.raises(LeaseError):
        ana.act("picture", task)


def test_a_stopped_job_says_so_before_and_after_it_has_ended(bench, ana):
    bench.bucket(2)
    bench.job()
    [task] = ana.claim()
    bench.engine.jobs.stop("logos")
    for _ in range(2):
        with pytest.raises(WorkerError, match="takes no more answers") as caught:
            ana.submit(task, ANSWER)
        assert code_of(caught) == "JobNotInProgress"
        bench.settle()
    assert ana.call("claim", job_name="logos")["state"] == "finished"


def test_a_worker_who_left_the_team_can_do_nothing_with_the_task_he_held(bench, people):
    ana, ben, _ = people
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    pool_id, group = _place(bench)
    bench.engine.identity.groups.remove(pool_id, group, ana.sub)
    for operation in ("begin", "submit", "picture"):
        with pytest.raises(LeaseError, match="no longer in the team"):
            ana.act(operation, task, content=ANSWER, key="k")
    with pytest.raises(WorkerError) as caught:
        ana.claim()
    assert code_of(caught) == "JobNotInProgress"
    assert ana.call("jobs")["jobs"] == []
    bench.clock.advance(LIMIT_S)
    assert len(ben.claim()) == 1


def test_a_disabled_worker_gets_no_task_and_an_enabled_one_does(bench, ana):  # T06
    bench.bucket(1)
    bench.job()
    users = bench.engine.identity.users
    users.set_enabled(users.by_sub(ana.sub), enabled=False)
    with pytest.raises(SignInError):
        ana.claim()
    users.set_enabled(users.by_sub(ana.sub), enabled=True)
    ana.session = bench.engine.identity.session_for(ana.sub)
    assert len(ana.claim()) == 1


def test_a_job_of_another_team_cannot_be_told_from_one_that_does_not_exist(bench, ana):  # T07
    bench.team("zoe", name="others")
    bench.bucket(1)
    bench.job("secret", team="others")
    said = []
    for name in ("secret", "nowhere"):
        with pytest.raises(WorkerError) as caught:
            ana.claim(name)
        said.append((code_of(caught), str(caught.value).replace(name, "it")))
    assert said[0] == said[1]
    assert ana.call("jobs")["jobs"] == []


def test_the_list_of_jobs_counts_what_this_worker_can_get_and_has_done(bench, people):
    ana, ben, _ = people
    bench.bucket(4)
    bench.job(workers=2)
    ana.work(lambda _: ANSWER, most=3)
    counted = [
        [(job["available"], job["done"]) for job in one.call("jobs")["jobs"]] for one in (ana, ben)
    ]
    assert counted == [[(1, 3)], [(4, 0)]]
    ana.claim()
    assert ana.call("jobs")["jobs"][0]["available"] == 1, "a task in one's own hands counts"


def test_a_worker_who_has_done_his_share_is_told_what_he_waits_for(bench, people):
    ana, *_ = people
    bench.bucket(2)
    bench.job(workers=3)
    ana.work(lambda _: ANSWER)
    found = ana.call("claim", job_name="logos")
    assert found["state"] == "waiting"
    assert "4 task(s) wait for other workers" in found["message"]


BAD_CALLS = [
    ("submit", {"task_id": 7, "lease": "x"}),
    ("submit", {}),
    ("claim", {"job_name": ["logos"]}),
    ("claim", {"job_name": "logos", "count": "three"}),
    ("claim", {"job_name": "logos", "count": math.nan}),
    ("claim", {"job_name": "logos", "holding": 7}),
    ("begin", {"task_id": "x", "lease": ""}),
    ("nothing", {}),
    ("picture", None),
    ("claim", []),
]


@pytest.mark.parametrize(("operation", "args"), BAD_CALLS, ids=str)
def test_a_call_of_the_wrong_shape_is_refused_as_such(bench, ana, operation, args):
    bench.bucket(1)
    bench.job()
    with pytest.raises(WorkerError):
        bench.engine.worker.call(operation, args, ana.session)


@pytest.mark.parametrize("change", [{"key": ""}, {"key": "k" * 65}, {"key": None}, {"key": 7}])
def test_a_submit_needs_a_key_of_its_own(bench, ana, change):
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    with pytest.raises(WorkerError, match="key"):
        ana.submit(task, ANSWER, **change)


@pytest.mark.parametrize("reported", [None, -1, "5", True, math.nan, math.inf, 10**400, [1]])
def test_a_time_that_makes_no_sense_is_replaced_by_the_time_that_passed(bench, ana, reported):
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    bench.clock.advance(12.5)
    ana.submit(task, ANSWER, time_spent_s=reported)
    assert bench.engine.requester.card("logos")["seconds_per_task"] == 12.5


@pytest.mark.parametrize("draft", [math.nan, [math.inf], "x" * (1 << 20)], ids=["nan", "inf", "1M"])
def test_a_draft_that_no_page_could_read_again_is_refused(bench, ana, draft):
    bench.bucket(1)
    bench.job()
    [task] = ana.claim()
    with pytest.raises(WorkerError, match="draft"):
        ana.act("save_draft", task, draft=draft)
    assert ana.claim()[0]["draft"] is None


def test_without_a_session_nothing_is_answered(bench, ana):
    for session in (None, "", "x" * 43, ana.session[:-1]):
        with pytest.raises(SignInError):
            bench.engine.worker.call("jobs", {}, session)


def test_tallies_are_the_same_after_a_restart(bench, people):
    bench.bucket(3)
    bench.job(workers=2)
    for one in people:
        one.work(lambda _: ANSWER, most=2)
        bench.engine.requester.card("logos")
    before = bench.engine.requester.card("logos")["workers"]
    bench.reopen()
    assert bench.engine.requester.card("logos")["workers"] == before
    assert [one["answers"] for one in before] == [2, 2, 2]


def stored_answers(bench):
    from gt_widgets.engine.tables import responses

    with bench.engine.store.begin() as connection:
        rows = connection.execute(responses.select()).all()
    return [(row.task_id, row.content) for row in rows]


def _place(bench):
    [pool] = bench.engine.identity.pools.all()
    return pool.pool_id, "loggers"
