"""Automated labeling from the notebook: asked for, watched, drawn, continued."""

import pytest

from gt_widgets.controller.automation import automated_members
from gt_widgets.datasets import TextSet
from gt_widgets.errors import ValidationError
from gt_widgets.schema.tasks import TASK_TYPES
from gt_widgets.testing.automated import notes

TEXT = next(each for each in TASK_TYPES if each.name == "text-classification")
ENTITIES = next(each for each in TASK_TYPES if each.name == "named-entity-recognition")
ASKED = {
    "region": "us-east-1",
    "objects": 2_000,
    "local": True,
    "target": None,
    "initial_model": None,
    "settings": {},
}


def tags(**changes):
    made = automated_members(TEXT, **{**ASKED, **changes})
    return {tag["Key"]: tag["Value"] for tag in made.get("Tags", [])}


def test_a_request_names_the_services_algorithm_and_nothing_else():
    assert automated_members(TEXT, **ASKED) == {
        "LabelingJobAlgorithmsConfig": {
            "LabelingJobAlgorithmSpecificationArn": "arn:aws:sagemaker:us-east-1:027400017018:"
            "labeling-job-algorithm-specification/text-classification"
        }
    }


def test_a_target_and_few_objects_travel_in_tags():
    assert tags(target=0.9) == {"gt-widgets:target": "0.9"}
    assert tags(objects=300) == {"gt-widgets:min-automated-objects": "300"}
    assert tags(settings={"aws-policy": True}) == {"gt-widgets:aws-policy": "true"}


def test_aws_is_asked_for_nothing_that_it_cannot_do():
    assert tags(local=False, objects=300) == {}
    with pytest.raises(ValidationError, match="its targets are fixed"):
        tags(local=False, target=0.9)
    with pytest.raises(ValidationError, match="cannot be labeled automatically"):
        automated_members(ENTITIES, **ASKED)


def test_a_target_without_a_machine_is_refused(session, data, team):
    with pytest.raises(ValidationError, match="belong to automated=True"):
        session.create_labeling_job("no-machine", data, team=team, target=0.9)


def test_a_job_runs_to_its_end_and_shows_what_it_promised(session, team):
    texts = notes(160, seed=5)
    made = TextSet(texts=texts.texts, categories=texts.categories, truth=texts.truth)
    data = session.upload(made, name="notes")
    job = session.create_labeling_job(
        "notes",
        data,
        team=team,
        task="text-classification",
        automated=True,
        target=0.8,
        automation={"calibration": 50, "patience": 1},
    )
    said = job.simulate(accuracy=1.0)
    assert job.status == "Completed", said
    assert "by 3 simulated workers" in said.replace("(s)", "s")  # for second votes
    found = job.automation
    assert found.phase == "rest"
    assert job.counters["MachineLabeled"] == found.found["machine_labeled"] > 50
    assert "The machine labeled" in repr(found)
    assert found.rounds["certified"].any()
    assert found.certificate["target"] == pytest.approx(0.2)
    assert list(found.classes.index) == list(texts.categories)
    assert (found.costs.sum(axis=1) <= found.found["usd_people"] + 1e-9).all()
    assert job.card()["automation"]["machine_labeled"] == job.counters["MachineLabeled"]
    assert job.model_arn.endswith(":model/notes")
    labels = job.model().predict(made.texts[:20])["label"]
    assert sum(labels == [made.truth[text] for text in made.texts[:20]]) > 14
    charts = [found.overview(), found.accuracy_chart(), found.labels_chart()]
    charts += [found.confidence_chart(), found.cost_chart(), found.confusion_chart()]
    charts += [found.hardest(), found.borderline(), found.suspects()]
    for chart in charts:
        assert chart._repr_png_().startswith(b"\x89PNG")
    assert found.targets["machine"].is_monotonic_decreasing  # the stricter, the fewer
    assert (found.targets["people"] + found.targets["machine"]).nunique() == 1
    assert "At 80% the machine would label" in found.slider().in_words()
    assert (found.share, found.open) == (None, False)  # the machine has committed
    with pytest.raises(ValidationError, match="no machine at work"):
        found.commit()


def test_a_job_without_a_machine_has_no_automation(session, data, team):
    job = session.create_labeling_job("by-hand", data, team=team)
    assert job.automation is None
    with pytest.raises(ValidationError, match="left no model"):
        job.model()


def pilot_of(session, name, data, team):
    job = session.create_labeling_job(name, data, team=team, task="text-classification")
    job.simulate(workers=1, accuracy=1.0, seconds_per_task=7.0)
    return job


def test_a_job_is_planned_from_the_labels_of_an_earlier_one(session, team):
    texts = notes(60, seed=5)
    made = TextSet(texts=texts.texts, categories=texts.categories, truth=texts.truth)
    pilot = pilot_of(session, "pilot", session.upload(made, name="pilot"), team)
    asked = {"task": "text-classification", "workers_per_object": 3, "task_price_usd": 0.012}
    asked["team"] = session.public_crowd
    plan = session.plan_labeling_job(1000, pilot=pilot, **asked)
    assert "From a pilot of 60 labels" in repr(plan)
    assert "(a guess)" not in repr(plan)  # it was measured
    alone = session.estimate(1000, **asked).total_usd
    assert plan.plan.all_people_usd == pytest.approx(alone, abs=0.01)
    assert plan.plan.cost_low <= plan.plan.cost_usd <= plan.plan.cost_high <= alone
    same = session.plan_labeling_job(1000, pilot=pilot.output_data(), **asked)
    assert "From a pilot of 60 labels" in same.words
    assert plan.chart()._repr_png_().startswith(b"\x89PNG")


def test_a_job_is_planned_from_assumptions_that_are_said(session):
    plan = session.plan_labeling_job(
        2000, task="image-classification", accuracy=(0.85, 0.95), target=0.9, hourly_usd=20.0
    )
    assert plan.words.startswith("Assumed: a model that is right 85% to 95% of the time")
    assert "(a guess)" in plan.words
    hours = plan.plan.all_people_hours
    assert plan.plan.all_people_usd == pytest.approx(2000 * 0.08 + 20.0 * hours, abs=0.01)
    boxes = session.plan_labeling_job(1000, accuracy=0.7)
    assert boxes.words.startswith(
        "Assumed: a mean IoU of 0.70 after the random sample; 30 s a task"
    )


def test_a_plan_rests_on_something(session):
    with pytest.raises(ValidationError, match="a pilot or on an assumption"):
        session.plan_labeling_job(1000)
    with pytest.raises(ValidationError, match="cannot be labeled automatically"):
        session.plan_labeling_job(1000, task="named-entity-recognition", accuracy=0.9)
