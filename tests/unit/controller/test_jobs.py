"""A job's life in a notebook: simulate, wait, look at the results."""

import json

import pytest

from gt_widgets.controller import AwsPlace
from gt_widgets.errors import ValidationError
from gt_widgets.geometry import iou_matrix
from gt_widgets.testing import eventually


@pytest.fixture(scope="module")
def done(session, team, data):
    """A job of three workers per object, done by simulated ones."""
    job = session.create_labeling_job("done", data, team=team, workers_per_object=3)
    job.simulate(accuracy=1.0, box_jitter_px=1.0, seed=1)
    assert job.wait(timeout_s=120) == "Completed"
    return job


def test_perfect_simulated_workers_find_the_logos_where_they_are(done, data):
    boxes = done.results.boxes()
    for object_id, line in enumerate(data.lines):
        truth = data.truth[line["source-ref"].rsplit("/", 1)[1]]
        found = boxes[boxes["object_id"] == str(object_id)]
        assert sorted(found["label"]) == sorted(box["label"] for box in truth)
        if truth:
            sides = ["left", "top", "width", "height"]
            overlap = iou_matrix(
                found[sides].to_numpy(float), [[box[side] for side in sides] for box in truth]
            )
            assert overlap.max(axis=1).min() > 0.6


def test_the_output_manifest_is_a_table_with_a_row_per_object(done):
    manifest = done.output_manifest()
    assert list(manifest["status"]) == ["labeled"] * 12
    assert set(manifest["human_annotated"]) == {"yes"}


def test_simulated_workers_are_called_simulated_in_responses_and_on_the_card(done):
    responses = done.results.responses()
    assert set(responses["worker_id"]) == {"simulated-1", "simulated-2", "simulated-3"}
    assert len(responses) == 36
    assert all(worker["simulated"] for worker in done.card()["workers"])


def test_charts_gallery_and_tree_show_the_job(done):
    for figure in (
        done.results.gallery(4),
        done.results.label_counts(),
        done.results.workers(),
        done.results.agreement(),
    ):
        assert figure._repr_png_().startswith(b"\x89PNG")
    assert "output.manifest" in repr(done.tree())
    assert "consolidation-response" in repr(done.tree())


def test_texts_that_lie_in_files_are_shown_in_the_gallery(session, team):  # M04
    s3, bucket = session.client("s3"), session.bucket
    s3.put_object(Bucket=bucket, Key="letters/0.txt", Body=b"Where is my parcel?")
    line = {"source-ref": f"s3://{bucket}/letters/0.txt"}
    s3.put_object(Bucket=bucket, Key="letters/input.manifest", Body=json.dumps(line))
    letters = session.dataset(
        f"s3://{bucket}/letters/input.manifest",
        categories=["late", "lost"],
        truth={"0.txt": "lost"},
    )
    job = session.create_labeling_job("letters", letters, team=team, task="text-classification")
    job.simulate(accuracy=1.0)
    assert job.wait(timeout_s=120) == "Completed"
    [shown] = job.results.pictures(["0"])
    assert (shown.image, shown.text, shown.caption) == (None, "Where is my parcel?", "0: lost")
    assert job.results.gallery()._repr_png_().startswith(b"\x89PNG")


def test_the_answers_of_a_tenth_round_are_newer_than_those_of_the_ninth(session, team, data):
    job = session.create_labeling_job("rounds", data, team=team)
    folder, answer = "output/rounds/annotations/worker-response", {
        "acceptanceTime": "2026-11-20T10:00:05.120Z",
        "answerContent": {"boundingBox": {"boundingBoxes": []}},
        "submissionTime": "2026-11-20T10:00:31.482Z",
        "timeSpentInSeconds": 26.4,
        "workerId": "private.us-east-1.A",
    }  # fmt: skip
    for number, answers in ((9, [answer]), (10, [answer, answer | {"workerId": "B"}])):
        key = f"{folder}/iteration-{number}/0/2026-11-20_10:00:{number:02}.json"
        body = json.dumps({"answers": answers})
        session.client("s3").put_object(Bucket=session.bucket, Key=key, Body=body)
    assert len(job.results.responses()) == 2
    job.stop()


def test_the_cost_is_that_of_the_labeled_objects(done):
    assert done.cost().total_usd == pytest.approx(12 * 0.08)


def test_a_job_tells_its_state_in_words(done):
    assert "Completed, 12 of 12 labeled" in repr(done)
    assert done.manifest_uri in done.next


def test_the_same_seed_gives_the_same_labels(session, team, data):
    def labels(name):
        job = session.create_labeling_job(name, data, team=team)
        job.simulate(accuracy=0.7, seed=5)
        assert job.wait(timeout_s=120) == "Completed"
        return job.results.boxes()[["object_id", "label", "left", "top"]].to_dict("records")

    assert labels("seed-a") == labels("seed-b")


def test_classes_are_simulated_from_a_truth_of_labels(session, team, data, logos):
    truth = {path.name: logos.categories[i % 2] for i, path in enumerate(logos.paths)}
    pictures = session.upload(logos.paths, name="classes", truth=truth)
    job = session.create_labeling_job(
        "classes", pictures, team=team, task="image-classification",
        categories=logos.categories, workers_per_object=3,
    )  # fmt: skip
    job.simulate(accuracy=1.0)
    assert job.wait(timeout_s=120) == "Completed"
    manifest = job.output_manifest()
    assert list(manifest["label"]) == [truth[path.name] for path in logos.paths]
    assert manifest["confidence"].between(0.05, 0.95).all()


def test_worker_quality_is_measured_against_gold_by_file_name(session, team, logos):
    truth = {path.name: logos.categories[i % 2] for i, path in enumerate(logos.paths)}
    pictures = session.upload(logos.paths, name="quality", truth=truth)
    job = session.create_labeling_job(
        "quality", pictures, team=team, task="image-classification",
        categories=logos.categories, workers_per_object=3,
    )  # fmt: skip
    job.simulate(accuracy=0.6, seconds_per_task=8.0, seed=4)
    assert job.wait(timeout_s=120) == "Completed"
    answers = job.results.responses()
    right = [
        truth[logos.paths[int(row.object_id)].name] == row.label for row in answers.itertuples()
    ]
    found = job.worker_quality(gold=truth)
    assert found["gold_right"].sum() == sum(right)
    assert found["gold_answers"].tolist() == [12, 12, 12]
    assert found["accuracy"].between(found["accuracy_low"], found["accuracy_high"]).all()
    assert found["median_s"].between(4, 16).all()
    assert job.worker_quality()["accuracy"].isna().all()
    assert job.human_level(truth).teams.index.tolist() == [1, 2, 3]
    for figure in (job.results.accuracy(truth), job.results.accuracy(), job.results.confusion()):
        assert figure._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(ValidationError, match=r"'nowhere\.jpg' names no data object"):
        job.worker_quality(gold={"nowhere.jpg": "Norda"})


def test_boxes_are_judged_against_gold_boxes(done, data):
    found = done.worker_quality(gold=data.truth)
    assert (found["accuracy"] == 1.0).all()
    assert found["estimated_accuracy"].isna().all()


def test_simulating_without_truth_says_how_to_give_it(session, team, logos):
    bare = session.upload(logos.paths[:2], name="bare")
    job = session.create_labeling_job("bare", bare, team=team, categories=["x"])
    with pytest.raises(ValidationError, match="truth="):
        job.simulate()


def test_waiting_in_vain_says_what_the_job_waits_for(session, team, data):
    job = session.create_labeling_job("waits", data, team=team)
    eventually(lambda: job.card()["batch"]["tasks_total"], what="the batch is open")
    with pytest.raises(TimeoutError, match="wait for workers"):
        job.wait(timeout_s=0.2)
    job.stop()
    assert job.wait(timeout_s=120) == "Stopped"


def test_labeling_in_a_cell_is_refused_on_aws_with_what_to_do():
    with pytest.raises(ValidationError, match="portal"):
        AwsPlace("us-east-1", "123456789012").only_here("Labeling in a notebook cell")
