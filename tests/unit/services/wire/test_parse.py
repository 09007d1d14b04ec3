"""Requests into parameters, in the three protocols."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.message import Headers, HttpRequest
from gt_widgets.services.wire.models import service_model
from gt_widgets.services.wire.parse import MAX_BODY, parse_request


def parse(service, operation, body=b"", *, target="/", headers=(), labels=None, method="POST"):
    model = service_model(service).operation_model(operation)
    request = HttpRequest(method, target, Headers(headers), io.BytesIO(body))
    return parse_request(model, request, labels or {})


def parse_json(document):
    return parse("sagemaker", "ListLabelingJobs", json.dumps(document).encode())


def refusal(*args, **kwargs):
    with pytest.raises(ServiceError) as caught:
        parse(*args, **kwargs)
    return caught.value.code


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("moment", [1795176000, 1795176000.0, "2026-11-20T12:00:00Z"])
def test_times_come_in_as_aware_datetimes(moment):
    assert parse_json({"CreationTimeAfter": moment}) == {"CreationTimeAfter": NOON}


def test_null_members_count_as_absent():
    assert parse_json({"NameContains": None, "MaxResults": 3}) == {"MaxResults": 3}


def test_an_empty_body_is_an_empty_request():
    assert parse("sagemaker", "ListLabelingJobs", b"") == {}


@pytest.mark.parametrize("body", [b"{", b"[]", b"7", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_what_is_no_json_object_is_refused(body):
    assert refusal("sagemaker", "ListLabelingJobs", body) == "SerializationException"


def test_a_body_beyond_the_limit_is_refused():
    body = b" " * (MAX_BODY + 1)
    assert refusal("sagemaker", "ListLabelingJobs", body) == "RequestEntityTooLarge"


def test_a_value_of_the_wrong_type_passes_through_to_validation():
    found = parse_json({"CreationTimeAfter": {"a": 1}, "MaxResults": "3"})
    assert found == {"CreationTimeAfter": {"a": 1}, "MaxResults": "3"}


def test_a_query_form_gives_numbers_lists_and_structures():
    form = (
        b"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa"
        b"&DurationSeconds=900&Tags.member.1.Key=a&Tags.member.1.Value=b+c"
        b"&Tags.member.10.Key=z&Tags.member.2.Key=y&TransitiveTagKeys="
    )
    assert parse("sts", "AssumeRole", form) == {
        "RoleArn": "arn:aws:iam::1:role/a",
        "DurationSeconds": 900,
        "Tags": [{"Key": "a", "Value": "b c"}, {"Key": "y"}, {"Key": "z"}],
        "TransitiveTagKeys": [],
    }


def test_a_number_that_is_none_is_refused_by_name():
    assert refusal("sts", "AssumeRole", b"DurationSeconds=soon") == "SerializationException"


def test_s3_members_come_from_path_query_headers_and_body():
    found = parse(
        "s3",
        "PutObject",
        b"hello",
        target="/logos/a%20b?x-id=PutObject",
        headers=[("X-Amz-Meta-Team", "red"), ("Content-Type", "text/plain")],
        labels={"Bucket": "logos", "Key": "a%20b%2B%C3%A9"},
        method="PUT",
    )
    assert found.pop("Body").read() == b"hello"
    assert found == {
        "Bucket": "logos",
        "Key": "a b+é",
        "ContentType": "text/plain",
        "Metadata": {"team": "red"},
    }


def test_presigned_urls_may_carry_headers_in_their_query():
    found = parse("s3", "PutObject", target="/logos/a?X-Amz-Storage-Class=GLACIER", method="PUT")
    assert found["StorageClass"] == "GLACIER"


def test_a_key_that_is_not_utf_8_is_refused():
    labels = {"Bucket": "logos", "Key": "a%FF"}
    assert refusal("s3", "GetObject", labels=labels, method="GET") == "InvalidURI"


XMLNS = b'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def test_an_xml_body_gives_flattened_lists_and_booleans():
    body = (
        b"<Delete %b><Object><Key>a</Key></Object><Object><Key> b&amp;\n</Key></Object>"
        b"<Quiet>true</Quiet></Delete>" % XMLNS
    )
    found = parse("s3", "DeleteObjects", body, labels={"Bucket": "logos"})
    assert found["Delete"] == {"Objects": [{"Key": "a"}, {"Key": " b&\n"}], "Quiet": True}


def test_an_xml_attribute_is_read_by_its_namespace():
    body = (
        b"<AccessControlPolicy><AccessControlList><Grant><Grantee "
        b'xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="Group"><URI>u</URI>'
        b"</Grantee></Grant></AccessControlList></AccessControlPolicy>"
    )
    found = parse("s3", "PutBucketAcl", body, labels={"Bucket": "logos"})
    grants = found["AccessControlPolicy"]["Grants"]
    assert grants == [{"Grantee": {"Type": "Group", "URI": "u"}}]


@pytest.mark.parametrize(
    "body",
    [
        b"<Delete>",
        b"no xml",
        b"\x00\x01",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Delete><Object><Key>&b;</Key></Object></Delete>',
        b'<?xml version="1.0" encoding="no-such"?><Delete/>',
    ],
)
def test_xml_that_is_broken_or_has_entities_is_refused(body):
    assert refusal("s3", "DeleteObjects", body) == "MalformedXML"
