"""Results and errors into responses: the parts botocore's parser does not show."""

from __future__ import annotations

import io
import json
import logging

import pytest
from botocore.eventstream import EventStreamBuffer

from gt_widgets.errors import (
    AccessDeniedError,
    ResourceNotFoundError,
    ServiceError,
    ValidationError,
)
from gt_widgets.services.wire.faults import serialise_error
from gt_widgets.services.wire.message import Headers, HttpRequest
from gt_widgets.services.wire.models import protocol_of, service_model
from gt_widgets.services.wire.route import Route
from gt_widgets.services.wire.serialise import serialise


def answer(service, operation, result):
    return serialise(service_model(service).operation_model(operation), result, "r-1")


def fault(error, service, operation, *, method="GET", target="/logos/a"):
    model = service_model(service).operation_model(operation)
    route = Route(service, protocol_of(service), operation, model)
    return serialise_error(error, route, HttpRequest(method, target, Headers()), "r-1")


# C11
def test_json_times_are_epoch_numbers_with_milliseconds():
    response = answer("sagemaker", "DescribeLabelingJob", {"CreationTime": 1795176000.1239})
    assert json.loads(response.body) == {"CreationTime": 1795176000.124}
    assert ("x-amzn-RequestId", "r-1") in response.headers


def test_an_operation_without_output_has_an_empty_body():
    assert answer("sagemaker", "StopLabelingJob", {}).body == b""


def test_a_value_of_the_wrong_type_is_a_fault_of_ours():
    with pytest.raises(TypeError, match=r"DescribeLabelingJob\.LabelCounters\.TotalLabeled"):
        answer("sagemaker", "DescribeLabelingJob", {"LabelCounters": {"TotalLabeled": "3"}})


def test_a_member_the_model_lacks_is_left_out_and_logged(caplog):
    with caplog.at_level(logging.WARNING):
        response = answer("sagemaker", "ListLabelingJobs", {"Jobs": []})
    assert response.body == b"{}"
    assert "Jobs" in caplog.text


def test_query_answers_wrap_their_result():
    response = answer("sts", "GetCallerIdentity", {"Account": "111122223333"})
    assert response.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        "<GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult>"
        "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    )


def test_a_listing_has_the_root_element_other_readers_look_for():
    response = answer("s3", "ListObjectsV2", {"Contents": [{"Key": "a<b\r"}], "KeyCount": 1})
    assert b"<ListBucketResult xmlns=" in response.body
    assert b"<Contents><Key>a&lt;b&#13;</Key></Contents>" in response.body


def test_a_range_is_partial_content_and_dates_in_headers_are_http_dates():
    result = {"Body": b"ab", "ContentRange": "bytes 0-1/9", "LastModified": 1795176000}
    response = answer("s3", "GetObject", result)
    assert response.status == 206
    assert ("Last-Modified", "Fri, 20 Nov 2026 12:00:00 GMT") in response.headers


def test_metadata_keeps_its_names_as_they_are():  # engine trap 4
    response = answer("s3", "HeadObject", {"Metadata": {"kEy": "v"}})
    assert ("x-amz-meta-kEy", "v") in response.headers


def test_a_result_may_set_status_and_headers_as_boto3_shows_them():
    metadata = {"HTTPStatusCode": 202, "HTTPHeaders": {"X-Note": 1}}
    response = answer("s3", "HeadObject", {"ResponseMetadata": metadata})
    assert response.status == 202
    assert ("X-Note", "1") in response.headers


def test_a_file_goes_out_as_a_file():
    body = io.BytesIO(b"abc")
    assert answer("s3", "GetObject", {"Body": body}).body is body


def test_select_answers_in_event_stream_frames():
    events = [{"Records": {"Payload": b"a,b\n"}}, {"Stats": {"Details": {"BytesScanned": 4}}}]
    response = answer("s3", "SelectObjectContent", {"Payload": [*events, {"End": {}}]})
    buffer = EventStreamBuffer()
    while data := response.body.read(7):
        buffer.add_data(data)
    messages = list(buffer)
    assert [m.headers[":event-type"] for m in messages] == ["Records", "Stats", "End"]
    assert messages[0].payload == b"a,b\n"
    assert b"<BytesScanned>4</BytesScanned>" in messages[1].payload


# --- errors ----------------------------------------------------------------------------


def test_a_json_error_is_type_and_message():
    response = fault(ResourceNotFoundError("no job 'a'"), "sagemaker", "DescribeLabelingJob")
    assert response.status == 400
    assert json.loads(response.body) == {"__type": "ResourceNotFound", "Message": "no job 'a'"}


def test_a_code_takes_the_name_its_operation_models():
    error = fault(ResourceNotFoundError("no group"), "logs", "GetLogEvents")
    assert json.loads(error.body)["__type"] == "ResourceNotFoundException"
    error = fault(ValidationError("1 validation error"), "cognito-idp", "AdminCreateUser")
    assert json.loads(error.body)["__type"] == "InvalidParameterException"


def test_a_query_error_names_its_sender():
    error = fault(ServiceError("NoSuchEntity", "no <role>", 404), "iam", "GetRole")
    assert error.status == 404
    assert (
        b"<Error><Type>Sender</Type><Code>NoSuchEntity</Code>"
        b"<Message>no &lt;role&gt;</Message></Error><RequestId>r-1</RequestId>"
    ) in error.body


def test_an_s3_error_has_its_members_and_the_resource():
    error = fault(ServiceError("NoSuchKey", "gone", 404, Key="a\x00b"), "s3", "GetObject")
    assert error.status == 404
    assert (
        "<Error><Code>NoSuchKey</Code><Message>gone</Message><Resource>/logos/a</Resource>"
        "<Key>a\N{REPLACEMENT CHARACTER}b</Key><RequestId>r-1</RequestId>"
    ).encode() in error.body


def test_s3_says_access_denied_its_own_way():
    error = fault(AccessDeniedError("no"), "s3", "GetObject")
    assert (error.status, b"<Code>AccessDenied</Code>" in error.body) == (403, True)


def test_a_head_error_and_a_304_have_no_body():
    missing = fault(ServiceError("NoSuchKey", "gone", 404), "s3", "HeadObject", method="HEAD")
    assert (missing.status, missing.body) == (404, b"")
    same = fault(ServiceError("NotModified", "same", 304, ETag='"e"'), "s3", "GetObject")
    assert (same.status, same.body) == (304, b"")
    assert ("ETag", '"e"') in same.headers


def test_an_error_may_add_headers():
    metadata = {"HTTPHeaders": {"Content-Range": "bytes */9"}}
    error = ServiceError("InvalidRange", "no", 416, ResponseMetadata=metadata)
    response = fault(error, "s3", "GetObject")
    assert (response.status, ("Content-Range", "bytes */9") in response.headers) == (416, True)
