"""Addresses that boto3 makes where nobody asked for version 4: AWS's example, and botocore's own."""

from __future__ import annotations

from urllib.parse import urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.claims import read_claim
from gt_widgets.services.wire.message import Headers, HttpRequest
from gt_widgets.services.wire.sigv4 import UNSIGNED_PAYLOAD, verify

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ENDS = 1175139620


def check(request, *, now=ENDS, keys=None, **options):
    keys = {ACCESS: SECRET} if keys is None else keys
    claim = read_claim(request)
    verify(request, claim, keys, now=now, payload_hash=UNSIGNED_PAYLOAD, **options)


def refused(request, **options):
    with pytest.raises(ServiceError) as caught:
        check(request, **options)
    return caught.value.code


def documented(expires=ENDS):
    """AWS, Signing and authenticating REST requests: query string request authentication."""
    return HttpRequest(
        "GET",
        f"/photos/puppy.jpg?AWSAccessKeyId={ACCESS}&Expires={expires}"
        "&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D",
        Headers([("Host", "johnsmith.s3.us-west-1.amazonaws.com")]),
    )


def signed(monkeypatch, method, url, headers=()):
    """What botocore's signer makes of it, as a client then sends it."""
    monkeypatch.setattr(botocore.auth.HmacV1QueryAuth, "_get_date", lambda _self: str(ENDS))
    request = AWSRequest(method, url, headers=dict(headers))
    botocore.auth.HmacV1QueryAuth(Credentials(ACCESS, SECRET)).add_auth(request)
    parts = urlsplit(request.url)
    return HttpRequest(
        method, f"{parts.path}?{parts.query}", Headers([("Host", parts.netloc), *headers])
    )


def test_the_documented_address_is_accepted_until_it_ends():
    check(documented())
    assert refused(documented(), now=ENDS + 1) == "AccessDenied"


def test_a_later_end_written_into_the_address_breaks_it():
    assert refused(documented(expires=ENDS + 9)) == "SignatureDoesNotMatch"


def test_an_end_that_is_no_time_is_refused():
    for expires in ("", "soon", "-1", "²", "9" * 40):
        assert refused(documented(expires=expires)) == "AccessDenied"


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", "http://127.0.0.1:9/logos/a%20b%2B%C3%BC.jpg", ()),
        ("GET", "http://127.0.0.1:9/logos/a?response-content-type=image%2Fpng&versionId=1", ()),
        ("GET", "http://127.0.0.1:9/logos?list-type=2&prefix=a", ()),
        ("PUT", "http://127.0.0.1:9/logos/a?partNumber=1&uploadId=x%2By", ()),
        ("PUT", "http://127.0.0.1:9/logos/a", [("content-type", "text/plain")]),
        ("PUT", "http://127.0.0.1:9/logos/a", [("x-amz-meta-by", "ana"), ("x-amz-acl", "private")]),
    ],
)
def test_what_botocore_signs_is_accepted_and_nothing_else(monkeypatch, method, url, headers):
    request = signed(monkeypatch, method, url, headers)
    check(request)
    assert refused(request, keys={ACCESS: "other"}) == "SignatureDoesNotMatch"
    assert refused(request, keys={}) == "InvalidAccessKeyId"
    for other in (
        HttpRequest("DELETE", request.target, request.headers),
        HttpRequest(method, request.target.replace("logos", "salaries"), request.headers),
        HttpRequest(method, request.target + "&versionId=2", request.headers),
        HttpRequest(method, request.target, Headers([*request.headers, ("x-amz-acl", "public")])),
    ):
        assert refused(other) == "SignatureDoesNotMatch"
