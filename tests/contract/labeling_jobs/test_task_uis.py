"""Human task UIs, and templates rendered for one task (P05)."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from gt_widgets.services.private import PrivateRoutes
from gt_widgets.services.wire.message import HttpRequest
from gt_widgets.testing import job_request
from gt_widgets.testing.carriers import CARRIERS

PAGE = "<crowd-form>{{ task.input.name }}</crowd-form>"
ROLE = job_request()["RoleArn"]
ACCOUNT = "arn:aws:sagemaker:us-east-1:111122223333"


@pytest.fixture(scope="module", params=CARRIERS)
def place(request):
    """SQLite alone: nothing here depends on the store."""
    return request.param


@pytest.fixture
def create(sagemaker):
    def create(name="page", **more):
        return sagemaker.create_human_task_ui(
            HumanTaskUiName=name, UiTemplate={"Content": PAGE}, **more
        )["HumanTaskUiArn"]

    return create


@pytest.fixture
def render(sagemaker):
    def render(task_input, content=None, **which):
        given = {"UiTemplate": {"Content": content}} if content is not None else which
        found = sagemaker.render_ui_template(
            Task={"Input": json.dumps(task_input)}, RoleArn=ROLE, **given
        )
        return found["RenderedContent"], found["Errors"]

    return render


def test_a_template_is_kept_described_and_deleted(bench, sagemaker, create):
    arn = create(Tags=[{"Key": "project", "Value": "logos"}])
    assert arn == f"{ACCOUNT}:human-task-ui/page"
    found = sagemaker.describe_human_task_ui(HumanTaskUiName="page")
    assert (found["HumanTaskUiStatus"], found["HumanTaskUiArn"]) == ("Active", arn)
    sha256 = hashlib.sha256(PAGE.encode()).hexdigest()
    assert found["UiTemplate"]["ContentSha256"] == sha256
    path = found["UiTemplate"]["Url"].partition("/_gt/")[2]
    routes = PrivateRoutes(bench.engine, token="secret")
    shown = routes.handle(HttpRequest("GET", f"/_gt/{path}", headers=[]))
    assert shown.read().decode() == PAGE
    assert dict(shown.headers)["Content-Type"] == "text/plain; charset=utf-8"
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"][0]["Key"] == "project"  # C28
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        create()
    sagemaker.delete_human_task_ui(HumanTaskUiName="page")
    for operation in (sagemaker.describe_human_task_ui, sagemaker.delete_human_task_ui):
        with pytest.raises(sagemaker.exceptions.ResourceNotFound):
            operation(HumanTaskUiName="page")
    assert create() == arn
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_templates_are_listed_by_time_and_page_by_page(bench, sagemaker, create):
    began = datetime.fromtimestamp(bench.clock(), UTC)
    for number in range(5):
        create(f"page-{number}")
        bench.clock.advance(60)

    def listed(**params):
        pages = sagemaker.get_paginator("list_human_task_uis").paginate(**params)
        return [ui["HumanTaskUiName"][-1] for p in pages for ui in p["HumanTaskUiSummaries"]]

    assert listed() == list("01234")
    assert listed(SortOrder="Descending", PaginationConfig={"PageSize": 2}) == list("43210")
    assert listed(CreationTimeAfter=began + timedelta(seconds=100)) == list("234")
    assert listed(CreationTimeBefore=began + timedelta(seconds=100)) == list("01")
    with pytest.raises(ClientError, match="NextToken"):
        sagemaker.list_human_task_uis(NextToken="bm90IG91cnM=")


def test_a_template_is_rendered_for_a_task(render, create):
    assert render({"name": 'Tom & "Jo"'}, PAGE) == (
        "<crowd-form>Tom &amp; &quot;Jo&quot;</crowd-form>",
        [],
    )
    assert render({"name": "Ana"}, HumanTaskUiArn=create()) == (
        "<crowd-form>Ana</crowd-form>",
        [],
    )


def test_a_broken_template_gives_an_error_entry(render):
    content, [error] = render({}, "{% if %}")
    assert content == ""
    assert error["Code"] == "LiquidSyntax"
    assert "{% if %}" in error["Message"]


def test_a_picture_of_the_task_can_be_read_through_its_address(bench, render, carrier):  # P02
    page = "{{ task.input.taskObject | grant_read_access | skip_autoescape }}"
    url, errors = render({"taskObject": "s3://demo-gt/images/0.jpg"}, page)
    assert errors == []
    assert "/demo-gt/images/0.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    if carrier == "http":
        stored = bench.engine.objects.read("demo-gt", "images/0.jpg")
        with urlopen(url) as answer:
            assert answer.read() == stored


@pytest.mark.parametrize(
    "page",
    [
        "{% for i in (1..100000) %}{{ task.input.long | upcase }}{% endfor %}",
        (
            "{% assign x = task.input.long %}{% for i in (1..40) %}"
            "{% assign x = x | append: x %}{% endfor %}{{ x | size }}"
        ),
    ],
)
def test_a_template_that_would_never_end_is_ended_and_the_next_is_rendered(render, page):
    content, [error] = render({"long": "x" * 100_000}, page)
    assert content == ""
    assert "Limit" in error["Code"]
    assert render({"name": "Ana"}, PAGE)[1] == []


def test_a_page_of_aws_is_not_kept_here(render):
    arn = "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/VideoObjectTracking"
    with pytest.raises(ClientError, match="pages of AWS itself") as caught:
        render({}, HumanTaskUiArn=arn)
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"


def test_a_task_that_is_not_json_and_two_templates_at_once_are_refused(sagemaker, create):
    arn = create()
    for params in (
        {"UiTemplate": {"Content": PAGE}, "Task": {"Input": "{name}"}},
        {"UiTemplate": {"Content": PAGE}, "HumanTaskUiArn": arn, "Task": {"Input": "{}"}},
        {"Task": {"Input": "{}"}},
    ):
        with pytest.raises(ClientError) as caught:
            sagemaker.render_ui_template(RoleArn=ROLE, **params)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
