"""Which operation a request asks for."""

from __future__ import annotations

import io

import pytest

from gt_widgets.services.wire.claims import Claim
from gt_widgets.services.wire.message import Headers, HttpRequest
from gt_widgets.services.wire.route import find_route

SERVED = {"s3", "sagemaker", "sts", "iam", "logs", "cognito-idp"}


def claim(service):
    return Claim("AK", "20261120", "us-east-1", service, "20261120T120000Z", ("host",), "0" * 64)


def route(method, target, headers=(), *, service="s3", body=b""):
    request = HttpRequest(method, target, Headers(headers), io.BytesIO(body))
    return find_route(request, claim(service) if service else None, SERVED)[0]


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("GET", "/", "ListBuckets"),
        ("GET", "/logos", "ListObjects"),
        ("GET", "/logos/", "ListObjects"),
        ("GET", "/logos?list-type=2&prefix=a", "ListObjectsV2"),
        ("GET", "/logos?location", "GetBucketLocation"),
        ("GET", "/logos?lifecycle", "GetBucketLifecycleConfiguration"),
        ("GET", "/logos?uploads", "ListMultipartUploads"),
        ("PUT", "/logos", "CreateBucket"),
        ("PUT", "/logos?cors", "PutBucketCors"),
        ("POST", "/logos?delete", "DeleteObjects"),
        ("GET", "/logos/a/b.jpg", "GetObject"),
        ("GET", "/logos/a/b.jpg?x-id=GetObject&response-content-type=a", "GetObject"),
        ("GET", "/logos/a?uploadId=7", "ListParts"),
        ("GET", "/logos/a?tagging", "GetObjectTagging"),
        ("HEAD", "/logos/a", "HeadObject"),
        ("PUT", "/logos/a", "PutObject"),
        ("PUT", "/logos/a?partNumber=1&uploadId=7", "UploadPart"),
        ("PUT", "/logos/a?tagging", "PutObjectTagging"),
        ("POST", "/logos/a?uploads", "CreateMultipartUpload"),
        ("POST", "/logos/a?uploadId=7", "CompleteMultipartUpload"),
        ("POST", "/logos/a?select&select-type=2", "SelectObjectContent"),
        ("DELETE", "/logos/a?uploadId=7", "AbortMultipartUpload"),
    ],
)
def test_s3_operations_are_told_apart_by_method_path_and_sub_resource(method, target, operation):
    assert route(method, target).operation.name == operation


@pytest.mark.parametrize(
    ("target", "operation"),
    [("/logos/a", "CopyObject"), ("/logos/a?partNumber=1&uploadId=7", "UploadPartCopy")],
)
def test_a_copy_source_makes_an_upload_a_copy(target, operation):
    headers = [("x-amz-copy-source", "logos/b")]
    assert route("PUT", target, headers).operation.name == operation


@pytest.mark.parametrize(
    "target",
    [
        "/logos/a?frobnicate",
        "/logos/a?partNumber=1",
        "/logos/a?tagging&acl",
        "/logos/a?Tagging",
        "/logos/a?policy",
    ],
)
@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_an_unknown_sub_resource_is_no_operation_at_all(method, target):
    if (method, target) == ("GET", "/logos/a?partNumber=1"):
        target = "/logos/a?partnumber=1"
    assert route(method, target).operation is None


def test_a_key_keeps_its_slashes_and_its_escapes():
    found = route("GET", "/logos//a%2Fb/../%C3%A9?x-id=GetObject")
    assert found.labels == {"Bucket": "logos", "Key": "/a%2Fb/../%C3%A9"}


def test_a_bucket_may_stand_in_the_host_name():
    headers = [("Host", "my.logos.s3.eu-west-1.amazonaws.com")]
    assert route("GET", "/a/b", headers).labels == {"Bucket": "my.logos", "Key": "a/b"}


def test_json_services_name_the_operation_in_a_header():
    headers = [("x-amz-target", "SageMaker.CreateLabelingJob")]
    found = route("POST", "/", headers, service="sagemaker")
    assert (found.protocol, found.operation.name) == ("json", "CreateLabelingJob")


def test_query_services_name_it_in_the_form_and_the_body_can_be_read_again():
    request = HttpRequest("POST", "/", Headers(), io.BytesIO(b"Action=GetCallerIdentity"))
    found, again = find_route(request, claim("sts"), SERVED)
    assert (found.protocol, found.operation.name) == ("query", "GetCallerIdentity")
    assert again.body.read() == b"Action=GetCallerIdentity"


def test_unsigned_requests_are_told_apart_by_what_they_carry():
    target = [("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth")]
    assert route("POST", "/", target, service=None).service == "cognito-idp"
    action = "/?Action=AssumeRoleWithWebIdentity"
    assert route("GET", action, service=None).service == "sts"
    assert route("GET", "/logos/a.jpg", service=None).service == "s3"


@pytest.mark.parametrize(
    ("headers", "protocol"),
    [
        ([("x-amz-target", "DynamoDB_20120810.ListTables")], "json"),
        ([("content-type", "application/x-www-form-urlencoded; charset=utf-8")], "query"),
        ([("smithy-protocol", "rpc-v2-cbor")], "cbor"),
        ([], "json"),
    ],
)
def test_a_service_we_do_not_carry_is_refused_in_its_own_protocol(headers, protocol):
    found = route("POST", "/", headers, service="somewhere")
    assert (found.operation, found.protocol) == (None, protocol)
