"""The handler behind every carrier, spoken to with plain messages."""

from __future__ import annotations

import json
import logging

import pytest

from gt_widgets.services.wire.dispatcher import Dispatcher
from gt_widgets.services.wire.message import Headers, HttpRequest


@pytest.fixture
def open_dispatcher(engine, s3_module, sagemaker_module):
    """One that takes any key, with its clock where the made-up signatures are."""
    return Dispatcher(
        engine,
        {"s3": s3_module, "sagemaker": sagemaker_module},
        {},
        clock=lambda: 1_795_176_000.0,
        new_id=lambda: "0123",
        insecure_any_key=True,
    )


def signed(method, target, *extra, service="s3"):
    scope = f"AK/20261120/us-west-2/{service}/aws4_request"
    headers = [
        ("Host", "127.0.0.1:8123"),
        ("X-Amz-Date", "20261120T120000Z"),
        ("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"),
        (
            "Authorization",
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        ),
        *extra,
    ]
    return HttpRequest(method, target, Headers(headers))


def test_the_call_says_who_calls_from_where(open_dispatcher, sagemaker_module):
    target = ("X-Amz-Target", "SageMaker.DescribeLabelingJob")
    request = signed("POST", "/", target, service="sagemaker")
    request.body.write(b'{"LabelingJobName": "a"}')
    request.body.seek(0)
    response = open_dispatcher.handle(request)
    call, params = sagemaker_module.asked[0]
    assert json.loads(response.body)["LabelingJobName"] == "a"
    assert params == {"LabelingJobName": "a"}
    assert (call.access_key, call.region, call.account_id) == ("AK", "us-west-2", "111122223333")
    assert (call.base_url, call.request_id) == ("http://127.0.0.1:8123", "0123")


# engine trap 1
@pytest.mark.parametrize("query", ["?tagging", "?acl", "?frobnicate", "?partNumber=1"])
def test_an_unknown_sub_resource_is_501_and_leaves_the_object(open_dispatcher, s3_module, query):
    s3_module.objects["logos", "a"] = b"before", {}
    response = open_dispatcher.handle(signed("PUT", f"/logos/a{query}"))
    assert response.status == 501
    assert b"<Code>NotImplemented</Code>" in response.body
    assert b"['DeleteObject', 'GetObject', 'HeadObject', 'PutObject']" in response.body
    assert s3_module.objects["logos", "a"] == (b"before", {})


def test_an_operation_we_lack_names_those_we_have(open_dispatcher):
    target = ("X-Amz-Target", "SageMaker.CreateModel")
    response = open_dispatcher.handle(signed("POST", "/", target, service="sagemaker"))
    document = json.loads(response.body)
    assert (response.status, document["__type"]) == (501, "NotImplemented")
    assert "CreateModel" in document["Message"]
    assert (
        "['CreateLabelingJob', 'DescribeLabelingJob', 'StopLabelingJob']" in (document["Message"])
    )


def test_a_service_we_lack_names_those_we_have(open_dispatcher):
    target = ("X-Amz-Target", "DynamoDB_20120810.ListTables")
    response = open_dispatcher.handle(signed("POST", "/", target, service="dynamodb"))
    assert response.status == 501
    assert "['s3', 'sagemaker']" in json.loads(response.body)["Message"]


def test_a_fault_of_ours_is_logged_with_its_request_id_and_told_without_its_insides(
    open_dispatcher, caplog
):
    target = ("X-Amz-Target", "SageMaker.StopLabelingJob")
    request = signed("POST", "/", target, service="sagemaker")
    request.body.write(b'{"LabelingJobName": "a"}')
    request.body.seek(0)
    with caplog.at_level(logging.ERROR):
        response = open_dispatcher.handle(request)
    document = json.loads(response.body)
    assert (response.status, document["__type"]) == (500, "InternalFailure")
    assert "0123" in document["Message"]
    assert "ZeroDivisionError" not in document["Message"]
    assert "ZeroDivisionError" in caplog.text


def test_an_unsigned_request_is_refused_in_its_own_protocol(open_dispatcher):
    s3 = open_dispatcher.handle(HttpRequest("GET", "/logos/a", Headers([("Host", "x")])))
    assert (s3.status, b"<Code>AccessDenied</Code>" in s3.body) == (403, True)
    headers = Headers([("Host", "x"), ("X-Amz-Target", "SageMaker.ListLabelingJobs")])
    json_ = open_dispatcher.handle(HttpRequest("POST", "/", headers))
    assert json.loads(json_.body)["__type"] == "MissingAuthenticationTokenException"


def test_signing_in_needs_no_signature(engine):
    class Cognito:
        def initiate_auth(self, call, params):
            return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": call.access_key}

    dispatcher = Dispatcher(
        engine, {"cognito-idp": Cognito()}, {}, clock=lambda: 0.0, new_id=lambda: "0"
    )
    target = ("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth")
    request = HttpRequest("POST", "/", Headers([("Host", "x"), target]))
    request.body.write(b'{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "c"}')
    request.body.seek(0)
    assert json.loads(dispatcher.handle(request).body)["Session"] == ""


def test_a_signature_for_another_service_does_not_open_s3(engine, s3_module, sagemaker_module):
    """The scope decides the service, so a sagemaker signature asks sagemaker."""
    dispatcher = Dispatcher(
        engine,
        {"s3": s3_module, "sagemaker": sagemaker_module},
        {},
        clock=lambda: 1_795_176_000.0,
        new_id=lambda: "0",
        insecure_any_key=True,
    )
    dispatcher.handle(signed("PUT", "/logos/a", service="sagemaker"))
    assert s3_module.objects == {}


class TestCrossOrigin:
    @pytest.fixture
    def dispatcher(self, engine, s3_module):
        def preflight(_engine, bucket, origin, method, names):
            return {"Access-Control-Allow-Origin": origin, "X-Asked": f"{bucket} {names}"}

        s3_module.cors_preflight = preflight
        s3_module.cors_headers = lambda _engine, bucket, origin, method: (
            {"Access-Control-Allow-Origin": origin} if origin == "http://portal" else {}
        )
        return Dispatcher(engine, {"s3": s3_module}, {}, clock=lambda: 0.0, new_id=lambda: "0")

    def test_a_preflight_is_answered_without_a_signature(self, dispatcher):
        headers = Headers(
            [
                ("Origin", "http://portal"),
                ("Access-Control-Request-Method", "GET"),
                ("Access-Control-Request-Headers", "range, x-a"),
            ]
        )
        response = dispatcher.handle(HttpRequest("OPTIONS", "/logos/a", headers))
        assert response.status == 200
        assert ("Access-Control-Allow-Origin", "http://portal") in response.headers
        assert ("X-Asked", "logos ['range', 'x-a']") in response.headers

    def test_a_refusal_can_be_read_by_the_page_it_answers(self, dispatcher):
        request = HttpRequest("GET", "/logos/a", Headers([("Origin", "http://portal")]))
        response = dispatcher.handle(request)
        assert response.status == 403
        assert ("Access-Control-Allow-Origin", "http://portal") in response.headers

    def test_other_origins_get_no_header(self, dispatcher):
        request = HttpRequest("GET", "/logos/a", Headers([("Origin", "http://evil")]))
        names = {name for name, _ in dispatcher.handle(request).headers}
        assert "Access-Control-Allow-Origin" not in names
