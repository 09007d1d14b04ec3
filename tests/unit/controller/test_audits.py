"""Auditing machine labels: a random sample, its pages, and what people say of it."""

import json

import pandas as pd
import pytest

from gt_widgets import delivery_messages
from gt_widgets.controller.audits import audit_pages, machine_sample
from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import s3_parts


def manifest(machine, people=10):
    rows = [
        {"object_id": str(n), "status": "labeled", "label": f"c{n % 3}", "human_annotated": by}
        for n, by in enumerate(["no"] * machine + ["yes"] * people)
    ]
    return pd.DataFrame(rows)


def test_only_machine_labels_are_drawn_and_every_one_as_often_as_the_other():
    table, times = manifest(20), dict.fromkeys(map(str, range(20)), 0)
    for seed in range(400):
        for object_id in machine_sample(table, 5, seed=seed)["object_id"]:
            times[object_id] += 1
    assert sum(times.values()) == 2000
    assert 60 < min(times.values()) <= max(times.values()) < 145


def test_the_same_seed_draws_the_same_objects():
    table = manifest(200)
    first, again, other = (machine_sample(table, 60, seed=seed) for seed in (1, 1, 2))
    assert list(first["object_id"]) == list(again["object_id"]) != list(other["object_id"])


def test_a_page_has_one_label_and_at_most_25_objects():
    pages = audit_pages(machine_sample(manifest(120), 120, seed=0))
    assert [len(page.object_ids) for page in pages] == [25, 15] * 3
    assert [page.label for page in pages] == ["c0", "c0", "c1", "c1", "c2", "c2"]


def test_pictures_with_boxes_follow_each_other_on_pages_of_no_class():
    table = manifest(60).assign(label=None)
    pages = audit_pages(machine_sample(table, 60, seed=0))
    assert [(page.label, len(page.object_ids)) for page in pages] == [("", 25), ("", 25), ("", 10)]


def test_a_job_that_people_labeled_alone_has_nothing_to_audit():
    with pytest.raises(ValidationError, match="none of the 10 data objects was labeled by a mach"):
        machine_sample(manifest(0), 60, seed=0)


@pytest.fixture(scope="module")
def by_machine(session, team, tmp_path_factory):
    """A finished job whose output manifest then says that a machine made it, 4 labels wrong."""
    data = session.upload(delivery_messages(count=24, seed=2), name="for-audit")
    job = session.create_labeling_job("for-audit", data, team=team, task="text-classification")
    job.simulate(accuracy=1.0, seed=1)
    assert job.wait(timeout_s=120) == "Completed"
    lines = job.results.lines()
    metadata = f"{job.name}-metadata"
    for number, line in enumerate(lines):
        line[metadata]["human-annotated"] = "no"
        if number < 4:
            wrong = (line[job.name] + 1) % len(data.categories)
            line[job.name] = wrong
            line[metadata]["class-name"] = data.categories[wrong]
    bucket, key = s3_parts(job.manifest_uri)
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return job


def test_whoever_looks_at_the_grid_sees_what_the_machine_saw(by_machine):
    grid = by_machine.audit(20)
    shown = {item["object_id"]: item["text"] for item in grid.items}
    assert shown
    for object_id, text in shown.items():
        assert by_machine.data.lines[int(object_id)]["source"].startswith(text.removesuffix("…"))


def test_workers_can_do_the_audit_as_a_verification_job(session, team, by_machine):
    sample = by_machine.audit_data(24, seed=5)
    task = "text-classification-verification"
    check = session.create_labeling_job("the-audit", sample, team=team, task=task)
    check.simulate(accuracy=1.0, seed=1)
    assert check.wait(timeout_s=120) == "Completed"
    found = check.results.audited()
    assert (found.n, found.wrong) == (24, 4)
    assert found.low < 20 / 24 < found.high
