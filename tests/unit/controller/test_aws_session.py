"""The same steps against AWS's own addresses: only the session behind them is another one.

AWS is played by an engine that answers whatever a plain boto3 session sends to amazonaws.com.
"""

import boto3
import botocore.session
import pytest

from gt_widgets.controller import AwsPlace, Session
from gt_widgets.engine.clock import random_id, system_clock
from gt_widgets.errors import ValidationError
from gt_widgets.services.hook import install
from gt_widgets.services.serve import SERVICES
from gt_widgets.services.wire.dispatcher import Dispatcher
from gt_widgets.testing import Workbench
from gt_widgets.testing.workbench import ACCOUNT, REGION
from gt_widgets.widgets import NotebookViews

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"
PEOPLE = ["ana@example.com", "ben@example.com"]


@pytest.fixture
def plain(tmp_path):
    """A boto3 session as a user of AWS has it; what it sends is answered by an engine."""
    bench = Workbench(tmp_path / "cloud")
    core = botocore.session.Session()
    core.set_config_variable("region", REGION)
    core.set_credentials("AKIAEXAMPLE", "secret")
    keys = {"AKIAEXAMPLE": "secret"}
    install(core, Dispatcher(bench.engine, SERVICES, keys, clock=system_clock, new_id=random_id))
    yield boto3.Session(botocore_session=core)
    bench.engine.close()


@pytest.fixture
def aws(plain):
    role = f"arn:aws:iam::{ACCOUNT}:role/labeling"
    return Session(plain, AwsPlace(REGION, ACCOUNT), NotebookViews(), role=role)


def recorded(session):
    """Everything the session's clients ask from now on, as (operation, names of parameters)."""
    asked = []

    def note(params, model, **_event):
        asked.append((model.service_model.service_name, model.name, sorted(params)))

    session.boto_session.events.register("before-parameter-build.*", note)
    session._clients.clear()
    return asked


def notebook(session, logos):
    """The cells of a notebook."""
    team = session.create_private_team("same-steps", workers=PEOPLE)
    data = session.upload(logos, name="same")
    job = session.create_labeling_job("same-steps", data, team=team, workers_per_object=2)
    job.stop()
    return job.describe()


# X04; every request went through botocore's own validation against the service's model
def test_a_notebook_asks_aws_for_the_same_as_the_local_engine(session, aws, logos):
    here, there = recorded(session), recorded(aws)
    local, remote = notebook(session, logos), notebook(aws, logos)

    def about_jobs(asked):
        return [each for each in asked if each[0] in {"sagemaker", "s3"} and "Job" in each[1]]

    assert about_jobs(there) == about_jobs(here)
    assert {name for _, name, _ in there} >= {"CreateWorkteam", "PutObject", "StopLabelingJob"}
    assert {name for service, name, _ in there if service == "s3"} == {
        name for service, name, _ in here if service == "s3"
    }
    same = ("LabelAttributeName", "StoppingConditions", "LabelingJobArn", "InputConfig")
    assert all(remote.get(key) == local.get(key) for key in same)
    task = {"TaskTitle", "PreHumanTaskLambdaArn", "AnnotationConsolidationConfig", "WorkteamArn"}
    assert all(remote["HumanTaskConfig"][key] == local["HumanTaskConfig"][key] for key in task)


# S07
def test_every_object_written_to_aws_names_the_key(plain, logos):
    role = f"arn:aws:iam::{ACCOUNT}:role/labeling"
    aws = Session(plain, AwsPlace(REGION, ACCOUNT), NotebookViews(), role=role, kms_key_id=KEY)
    described = notebook(aws, logos)
    assert described["OutputConfig"]["KmsKeyId"] == KEY
    s3 = aws.client("s3")
    written = [each["Key"] for each in s3.list_objects_v2(Bucket=aws.bucket)["Contents"]]
    heads = [s3.head_object(Bucket=aws.bucket, Key=key) for key in written]
    assert len(heads) == len(logos.paths) + 3  # manifest, labels, template
    assert {(head["ServerSideEncryption"], head["SSEKMSKeyId"]) for head in heads} == {
        ("aws:kms", KEY)
    }


def test_without_a_key_nothing_is_said_about_encryption(aws, logos):
    assert notebook(aws, logos)["OutputConfig"]["KmsKeyId"] == ""
    s3 = aws.client("s3")
    key = s3.list_objects_v2(Bucket=aws.bucket)["Contents"][0]["Key"]
    assert "SSEKMSKeyId" not in s3.head_object(Bucket=aws.bucket, Key=key)


def test_aws_has_one_consolidation_per_task_type(aws, logos):
    team = aws.create_private_team("same-steps", workers=PEOPLE)
    data = aws.upload(logos, name="same")
    with pytest.raises(ValidationError, match="not possible on AWS"):
        aws.create_labeling_job("by-em", data, team=team, consolidation="em")
    assert aws.client("sagemaker").list_labeling_jobs()["LabelingJobSummaryList"] == []


def test_a_team_is_listed_whole_however_many_are_on_a_page_of_cognitos_list(aws, monkeypatch):
    monkeypatch.setattr("gt_widgets.services.cognito.people._MOST", 2)
    people = [*PEOPLE, "cem@example.com"]
    assert aws.create_private_team("same-steps", workers=people).workers == tuple(people)


# M12
def test_a_job_on_a_bucket_that_pages_cannot_read_is_warned_of(aws, logos):
    team = aws.create_private_team("same-steps", workers=PEOPLE)
    data = aws.upload(logos, name="closed")
    aws.client("s3").delete_bucket_cors(Bucket=aws.bucket)
    with pytest.warns(UserWarning, match="no CORS rule that lets a page GET"):
        aws.create_labeling_job("closed", data, team=team)
