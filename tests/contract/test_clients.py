"""Other people's clients, unmodified, against ``python -m gt_widgets serve``.

They live in an environment of their own: ``make .cache/clients/.ready``, or another one named by
``GT_WIDGETS_CLIENTS``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from gt_widgets.schema.labels import label_file
from gt_widgets.services.daemon import ensure
from gt_widgets.services.profile import environment
from gt_widgets.testing import BRANDS, box_answer, eventually, job_request, picture
from gt_widgets.testing.processes import engines_ended
from gt_widgets.testing.remote import RemoteBench

HERE = Path(__file__).resolve().parents[2]
CLIENTS = Path(os.environ.get("GT_WIDGETS_CLIENTS", HERE / ".cache" / "clients"))
BARE = {"PATH": "/usr/bin:/bin", "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"}
ANY_KEYS = {"AWS_ACCESS_KEY_ID": "any-key", "AWS_SECRET_ACCESS_KEY": "any-secret"}

pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(
        not (CLIENTS / "bin" / "aws").exists(), reason="run: make .cache/clients/.ready"
    ),
]


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "registry"))
    with engines_ended(tmp_path / "store") as root:
        yield root


@pytest.fixture
def serve(root):
    """Start ``serve`` on the folder; gives the URL that its first line names."""

    def start(*options):
        command = [sys.executable, "-m", "gt_widgets", "serve", "--root", str(root)]
        process = subprocess.Popen(
            [*command, "--port", "0", *options], stdout=subprocess.PIPE, text=True
        )
        said, _, url = process.stdout.readline().strip().rpartition(" ")
        assert said == "Ground Truth endpoint:"
        return url

    return start


class Cli:
    """The AWS CLI with one set of environment variables."""

    def __init__(self, home, **settings):
        self.environment = {**BARE, "HOME": str(home), **settings}

    def run(self, *words):
        return subprocess.run(
            [CLIENTS / "bin" / "aws", *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def __call__(self, *words):
        """Return the parsed JSON, or the text of commands that give none."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout.strip()


@pytest.fixture
def pictures(tmp_path):
    """A folder with three pictures, manifest, label file and template, as a user has it."""
    folder = tmp_path / "logos"
    (folder / "images").mkdir(parents=True)
    for n in range(3):
        (folder / "images" / f"{n} é.jpg").write_bytes(picture(shade=n))
    lines = [json.dumps({"source-ref": f"s3://demo-gt/images/{n} é.jpg"}) for n in range(3)]
    (folder / "input.manifest").write_text("\n".join(lines))
    (folder / "labels.json").write_bytes(label_file(BRANDS))
    (folder / "page.template").write_text("<crowd-form></crowd-form>")
    return folder


def team_by_cli(aws):
    pool = aws("cognito-idp", "create-user-pool", "--pool-name", "labelers")["UserPool"]["Id"]
    made = aws(
        "cognito-idp", "create-user-pool-client", "--user-pool-id", pool,
        "--client-name", "portal", "--generate-secret",
    )  # fmt: skip
    aws("cognito-idp", "create-group", "--user-pool-id", pool, "--group-name", "loggers")
    aws("cognito-idp", "admin-create-user", "--user-pool-id", pool, "--username", "ana")
    client = made["UserPoolClient"]["ClientId"]
    group = {"UserPool": pool, "UserGroup": "loggers", "ClientId": client}
    return aws(
        "sagemaker", "create-workteam", "--workteam-name", "loggers", "--description", "They know",
        "--member-definitions", json.dumps([{"CognitoMemberDefinition": group}]),
    )["WorkteamArn"]  # fmt: skip


def test_the_aws_cli_goes_the_whole_way(serve, tmp_path, pictures):
    url = serve("--insecure-any-key")
    aws = Cli(tmp_path, AWS_ENDPOINT_URL=url, AWS_DEFAULT_REGION="us-east-1", **ANY_KEYS)
    assert aws("s3", "mb", "s3://demo-gt") == "make_bucket: demo-gt"
    assert aws("s3", "cp", "--recursive", pictures, "s3://demo-gt/").count("upload: ") == 6
    assert "images/2 é.jpg" in aws("s3", "ls", "--recursive", "s3://demo-gt/")
    assert team_by_cli(aws).endswith(":workteam/private-crowd/loggers")

    (tmp_path / "job.json").write_text(json.dumps(job_request()))
    made = aws(
        "sagemaker", "create-labeling-job", "--cli-input-json", f"file://{tmp_path}/job.json"
    )
    describe = partial(aws, "sagemaker", "describe-labeling-job", "--labeling-job-name", "logos")
    eventually(lambda: describe()["LabelingJobStatus"] == "InProgress")
    described = describe()
    assert described["LabelingJobArn"] == made["LabelingJobArn"]
    assert described["LabelCounters"]["Unlabeled"] == 3
    listed = aws("sagemaker", "list-labeling-jobs", "--status-equals", "InProgress")
    assert [job["LabelingJobName"] for job in listed["LabelingJobSummaryList"]] == ["logos"]
    aws("sagemaker", "stop-labeling-job", "--labeling-job-name", "logos")
    eventually(lambda: describe()["LabelingJobStatus"] == "Stopped")

    output = described["LabelingJobOutput"]["OutputDatasetS3Uri"]
    for version in ("s3", "s3v4"):
        aws("configure", "set", "default.s3.signature_version", version)
        with urlopen(aws("s3", "presign", output)) as answer:
            assert answer.read() == (pictures / "input.manifest").read_bytes() + b"\n"
    refused = aws.run("sagemaker", "list-training-jobs")
    assert "(NotImplemented)" in refused.stderr
    assert "has no ListTrainingJobs of sagemaker" in refused.stderr


def test_keys_that_are_not_the_folders_are_refused(serve, root, tmp_path):
    url = serve()
    stranger = Cli(tmp_path, AWS_ENDPOINT_URL=url, AWS_DEFAULT_REGION="us-east-1", **ANY_KEYS)
    owner = Cli(tmp_path, **environment(ensure(root)))
    for words, code in (
        (("s3api", "list-buckets"), "InvalidAccessKeyId"),
        (("sagemaker", "list-labeling-jobs"), "UnrecognizedClientException"),
        (("sts", "get-caller-identity"), "InvalidClientTokenId"),
    ):
        refused = stranger.run(*words)
        assert (refused.returncode != 0, f"({code})" in refused.stderr) == (True, True)
        owner(*words)
    owner("s3", "mb", "s3://demo-gt")
    for version in ("s3", "s3v4"):
        owner("configure", "set", "default.s3.signature_version", version)
        signed = owner("s3", "presign", "s3://demo-gt/a")
        with pytest.raises(HTTPError, match="404"):
            urlopen(signed)
        with pytest.raises(HTTPError, match="403"):
            urlopen(signed.replace("/a?", "/b?"))


def test_the_profile_that_gt_widgets_prints_is_all_the_cli_needs(root, tmp_path):
    command = [sys.executable, "-m", "gt_widgets", "profile", "--root", str(root)]
    printed = subprocess.run(command, capture_output=True, text=True, timeout=120)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(printed.stdout)
    aws = Cli(tmp_path)
    assert aws("sts", "get-caller-identity", "--profile", "gt-local")["Account"] == "111122223333"
    aws("s3", "mb", "s3://demo-gt", "--profile", "gt-local")
    signed = aws("s3", "presign", "s3://demo-gt/a", "--profile", "gt-local")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in signed


CORE = """
import json, sys
import boto3
from sagemaker.core.resources import LabelingJob
from sagemaker.core.shapes import (
    HumanTaskConfig, LabelingJobDataSource, LabelingJobInputConfig, LabelingJobOutputConfig,
    LabelingJobS3DataSource, UiConfig, AnnotationConsolidationConfig,
)
# what get_execution_role does
role = boto3.client("sts").get_caller_identity()["Arn"].split(":assumed-role/")[1].split("/")[0]
role_arn = boto3.client("iam").get_role(RoleName=role)["Role"]["Arn"]
request = json.loads(sys.argv[1])
human = request["HumanTaskConfig"]
consolidation = human["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"]
source = request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"]
job = LabelingJob.create(
    labeling_job_name="logos",
    label_attribute_name="logos",
    input_config=LabelingJobInputConfig(data_source=LabelingJobDataSource(
        s3_data_source=LabelingJobS3DataSource(manifest_s3_uri=source))),
    output_config=LabelingJobOutputConfig(
        s3_output_path=request["OutputConfig"]["S3OutputPath"]),
    role_arn=role_arn,
    label_category_config_s3_uri=request["LabelCategoryConfigS3Uri"],
    human_task_config=HumanTaskConfig(
        workteam_arn=human["WorkteamArn"],
        ui_config=UiConfig(ui_template_s3_uri=human["UiConfig"]["UiTemplateS3Uri"]),
        pre_human_task_lambda_arn=human["PreHumanTaskLambdaArn"],
        annotation_consolidation_config=AnnotationConsolidationConfig(
            annotation_consolidation_lambda_arn=consolidation),
        task_title=human["TaskTitle"],
        task_description=human["TaskDescription"],
        number_of_human_workers_per_data_object=1,
        task_time_limit_in_seconds=300,
    ),
)
print("created", job.labeling_job_status, flush=True)
job.wait(poll=1, timeout=120)
job.refresh()
listed = [each.labeling_job_name for each in LabelingJob.get_all()]
print("STATUS", job.labeling_job_status, job.label_counters.human_labeled, job.role_arn, listed)
"""


def test_sagemakers_own_labeling_job_waits_for_ours(root, tmp_path):
    bench = RemoteBench(root)
    bench.open(3)
    settings = {**BARE, "HOME": str(tmp_path), **environment(bench.endpoint)}
    script = [CLIENTS / "bin" / "python", "-c", CORE, json.dumps(job_request())]
    process = subprocess.Popen(
        script, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    eventually(lambda: is_made(bench) or process.poll() is not None, 120.0)
    if process.poll() is None:
        bench.worker("ana").work(lambda _task: box_answer(("Norda", 1, 1, 9, 9)))
    said, complaint = process.communicate(timeout=180)
    last = said.strip().splitlines()[-1] if said else complaint
    role = "arn:aws:iam::111122223333:role/service-role/GroundTruthLocalExecutionRole"
    assert last == f"STATUS Completed 3 {role} ['logos']", complaint


def is_made(bench):
    return bench.client("sagemaker").list_labeling_jobs()["LabelingJobSummaryList"]
