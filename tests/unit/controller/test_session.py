"""The verbs of the workshop, against a real engine process."""

import json

import pytest
from botocore.exceptions import ClientError

import gt_widgets as gt
from gt_widgets.errors import AccessDeniedError, ManifestLineError, ValidationError
from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.instructions import instructions_of_template, read_instructions


def test_a_session_says_where_it_runs(session):
    assert "LOCAL" in repr(session)
    assert session.place.endpoint.url in repr(session)


def test_a_team_is_made_once_and_later_runs_add_who_is_missing(session, team):
    again = session.create_private_team("brand-logos", workers=["ana", "cora"])
    assert again.arn == team.arn
    assert again.workers == ("ana", "ben", "cora")
    subjects = [mail["to"] for mail in session.place.portal.requester("outbox")["mails"]]
    assert sorted(subjects) == ["ana@example.com", "ben@example.com", "cora@example.com"]


def test_a_bucket_gets_the_cors_rule_that_worker_pages_need(session):
    bucket = session.create_bucket()
    (rule,) = session.client("s3").get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rule["AllowedMethods"] == ["GET"]
    assert session.create_bucket() == bucket


def test_the_manifest_lists_the_pictures_by_name_and_shows_its_first_lines(data, logos):
    names = [line["source-ref"].rsplit("/", 1)[1] for line in data.lines]
    assert names == sorted(path.name for path in logos.paths)
    assert "12 data object(s)" in repr(data)
    assert "9 more" in repr(data)


@pytest.mark.parametrize(
    ("source", "words"),
    [("/nowhere", "is not a folder"), ([], "no file was given"), (["/no/a.jpg"], "/no/a.jpg")],
)
def test_pictures_that_are_not_there_are_named(session, source, words):
    with pytest.raises(ValidationError, match=words):
        session.upload(source)


def test_two_files_of_one_name_are_refused(session, tmp_path):
    paths = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "x.jpg")
        paths[-1].write_bytes(b"x")
    with pytest.raises(ValidationError, match="the same name"):
        session.upload(paths)


def test_a_job_without_a_team_says_what_is_missing(session, data):
    fresh = gt.connect(root=session.place.root)
    with pytest.raises(ValidationError, match="create_private_team"):
        fresh.create_labeling_job("no-team", data)


def test_a_job_without_categories_says_what_is_missing(session, team, data):
    bare = type(data)(data.manifest_uri, data.lines)
    with pytest.raises(ValidationError, match="categories"):
        session.create_labeling_job("no-labels", bare, team=team)


def test_one_text_is_not_taken_for_a_list_of_letters(session, team, data):
    with pytest.raises(ValidationError, match=r"workers=\['ana'\]"):
        session.create_private_team("brand-logos", workers="ana")
    with pytest.raises(ValidationError, match=r"categories=\['DHL'\]"):
        session.create_labeling_job("letters", data, team=team, categories="DHL")


def test_further_members_are_merged_into_the_request(session, team, data):
    further = {
        "HumanTaskConfig": {"TaskAvailabilityLifetimeInSeconds": 3600},
        "InputConfig": {"DataAttributes": {"ContentClassifiers": ["FreeOfAdultContent"]}},
    }
    found = session.create_labeling_job("further", data, team=team, extra=further).describe()
    assert found["HumanTaskConfig"]["TaskAvailabilityLifetimeInSeconds"] == 3600
    assert found["HumanTaskConfig"]["WorkteamArn"] == team.arn
    assert found["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] == data.manifest_uri


def test_the_files_of_a_job_lie_beside_a_manifest_at_the_top_of_its_bucket(session, team, data):
    lines = "".join(f"{json.dumps(line)}\n" for line in data.lines)
    session.client("s3").put_object(Bucket=session.bucket, Key="top.manifest", Body=lines)
    top = session.dataset(f"s3://{session.bucket}/top.manifest")
    found = session.create_labeling_job("top", top, team=team, categories=["x"]).describe()
    assert found["LabelCategoryConfigS3Uri"] == f"s3://{session.bucket}/top/class_labels.json"


def test_a_job_that_failed_on_its_manifest_can_be_attached_to(session, team, data):
    session.client("s3").put_object(Bucket=session.bucket, Key="bad/x.manifest", Body=b"{\n")
    bad = type(data)(f"s3://{session.bucket}/bad/x.manifest", (), ("x",))
    made = session.create_labeling_job("bad", bad, team=team)
    assert made.wait(timeout_s=120) == "Failed"
    found = session.labeling_job("bad")
    assert "line 1: expected one JSON object" in found.card()["failure_reason"]
    with pytest.raises(ManifestLineError, match=r"x\.manifest line 1: expected one JSON object"):
        _ = found.data


def test_a_task_type_that_does_not_exist_lists_those_that_do(session, team, data):
    with pytest.raises(ValidationError, match="bounding-box, image-classification"):
        session.create_labeling_job("odd", data, team=team, task="video-classification")


def test_a_job_asks_for_its_consolidation_method_by_a_functions_alias(session, team, data):
    asked = {"team": team, "workers_per_object": 2}
    found = session.create_labeling_job("by-em", data, consolidation="em", **asked).describe()
    config = found["HumanTaskConfig"]["AnnotationConsolidationConfig"]
    assert config["AnnotationConsolidationLambdaArn"].endswith(
        ":111122223333:function:SageMaker-GtWidgets-ACS-BoundingBox:em"
    )
    with pytest.raises(ClientError, match="Methods of this engine: ground-truth, em"):
        session.create_labeling_job("by-mode", data, consolidation="mode", **asked)


def test_a_name_is_used_once_unless_a_unique_one_is_asked_for(session, team, data):
    first = session.create_labeling_job("twice", data, team=team)
    with pytest.raises(ClientError, match="ResourceInUse"):
        session.create_labeling_job("twice", data, team=team)
    assert session.create_labeling_job("twice", data, team=team, unique=True).name == "twice-2"
    assert first.name == "twice"


def test_a_job_can_be_attached_to_after_a_restart(session, team, data):
    made = session.create_labeling_job("attach", data, team=team)
    found = gt.connect(root=session.place.root).labeling_job("attach")
    assert found.arn == made.arn
    assert [line["source-ref"] for line in found.data.lines] == [
        line["source-ref"] for line in data.lines
    ]
    assert "attach" in [job["LabelingJobName"] for job in session.labeling_jobs()]


def test_aws_without_credentials_says_what_to_do(monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(AccessDeniedError, match=r"gt.connect\(\)"):
        gt.connect("aws", region="us-east-1")
    with pytest.raises(ValidationError, match="'local' or 'aws'"):
        gt.connect("moon")


def test_example_pictures_go_to_the_bucket_and_into_the_worker_template(session, data, team, logos):
    good, bad = logos.paths[:2]
    job = session.create_labeling_job(
        "examples",
        data,
        team=team,
        instructions="Tight.\nAll.",
        good_examples=[good],
        bad_examples=[bad],
    )
    bucket, key = s3_parts(job.describe()["HumanTaskConfig"]["UiConfig"]["UiTemplateS3Uri"])
    page = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    told = read_instructions(*instructions_of_template(page))
    assert (told.short, told.full) == ("Tight.\nAll.", "Tight.\nAll.")
    assert [each.kind for each in told.examples] == ["good", "bad"]
    for path, example in zip((good, bad), told.examples, strict=True):
        bucket, key = s3_parts(example.source)
        stored = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        assert stored == path.read_bytes()
    job.stop()
