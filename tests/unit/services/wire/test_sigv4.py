"""Signatures: AWS's published examples, botocore's own signer, and what must be refused."""

from __future__ import annotations

import calendar
import time
from urllib.parse import urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.claims import read_claim
from gt_widgets.services.wire.message import Headers, HttpRequest
from gt_widgets.services.wire.sigv4 import EMPTY_SHA256, UNSIGNED_PAYLOAD, verify

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
DOC_TIME = float(calendar.timegm((2013, 5, 24, 0, 0, 0)))
HOST = ("Host", "examplebucket.s3.amazonaws.com")


def check(request, *, now=DOC_TIME, payload=EMPTY_SHA256, keys=None, **options):
    claim = read_claim(request)
    keys = {ACCESS: SECRET} if keys is None else keys
    verify(request, claim, keys, now=now, payload_hash=payload, **options)
    return claim


def refusal(request, **options):
    with pytest.raises(ServiceError) as caught:
        check(request, **options)
    return caught.value


def documented_get(**changes):
    """AWS, Signature Calculations for the Authorization Header, example GET Object."""
    authorization = (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )
    fields = {
        "Range": "bytes=0-9",
        "x-amz-date": "20130524T000000Z",
        "x-amz-content-sha256": EMPTY_SHA256,
        "Authorization": authorization,
    } | changes
    return HttpRequest("GET", "/test.txt", Headers([HOST, *fields.items()]))


def documented_url(expires=86400):
    """AWS, Authenticating Requests: Using Query Parameters."""
    return HttpRequest(
        "GET",
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
        f"20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires={expires}"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        Headers([HOST]),
    )


def test_the_documented_header_signature_is_accepted():
    claim = check(documented_get())
    assert (claim.access_key, claim.region, claim.service) == (ACCESS, "us-east-1", "s3")


def test_the_documented_presigned_url_is_accepted_until_it_expires():
    check(documented_url(), payload=UNSIGNED_PAYLOAD, now=DOC_TIME + 86400)
    error = refusal(documented_url(), payload=UNSIGNED_PAYLOAD, now=DOC_TIME + 86401)
    assert (error.code, error.status, str(error)) == ("AccessDenied", 403, "Request has expired")


def test_a_longer_life_written_into_the_url_breaks_it():
    error = refusal(documented_url(expires=99999), payload=UNSIGNED_PAYLOAD)
    assert error.code == "SignatureDoesNotMatch"


def test_a_presigned_url_lives_seven_days_at_most():
    assert refusal(documented_url(604_801)).code == "AuthorizationQueryParametersError"


def test_a_presigned_url_from_the_future_is_refused():
    error = refusal(documented_url(), payload=UNSIGNED_PAYLOAD, now=DOC_TIME - 3600)
    assert error.code == "AccessDenied"


@pytest.mark.parametrize(
    "tampered",
    [
        documented_get(Range="bytes=0-99"),
        HttpRequest("PUT", "/test.txt", documented_get().headers),
        HttpRequest("GET", "/test.txt2", documented_get().headers),
        HttpRequest("GET", "/test.txt?acl", documented_get().headers),
    ],
)
def test_a_changed_request_does_not_match(tampered):
    assert refusal(tampered).code == "SignatureDoesNotMatch"


def test_another_body_does_not_match():
    assert refusal(documented_get(), payload="0" * 64).code == "SignatureDoesNotMatch"


def test_a_header_s3_acts_upon_must_be_signed():
    error = refusal(documented_get(**{"x-amz-copy-source": "secret/plan"}))
    assert error.code == "AccessDenied"
    assert "x-amz-copy-source" in str(error)


def test_an_unknown_key_is_refused_unless_any_key_is_taken():
    assert refusal(documented_get(), keys={}).code == "InvalidAccessKeyId"
    check(documented_get(), keys={}, insecure_any_key=True)


def test_a_known_key_is_verified_even_where_any_key_is_taken():
    error = refusal(documented_get(), keys={ACCESS: "other"}, insecure_any_key=True)
    assert error.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("skew_s", [-901, 901, 86_400])
def test_a_clock_more_than_15_minutes_off_is_told_so(skew_s):
    error = refusal(documented_get(), now=DOC_TIME + skew_s)
    assert (error.code, error.status) == ("RequestTimeTooSkewed", 403)
    assert "Set the clock" in str(error)


@pytest.mark.parametrize("skew_s", [-900, 900])
def test_15_minutes_are_still_fine(skew_s):
    check(documented_get(), now=DOC_TIME + skew_s)


def test_version_2_in_a_header_is_refused_with_the_way_out():
    request_ = HttpRequest("GET", "/a", Headers([HOST, ("Authorization", "AWS AK:c2ln")]))
    error = refusal(request_)
    assert error.code == "InvalidRequest"
    assert "signature_version='s3v4'" in str(error)


@pytest.mark.parametrize("header", ["", "Bearer x", "AWS4-HMAC-SHA256 Credential=a/b", "é"])
def test_a_malformed_authorization_is_refused(header):
    request = HttpRequest("GET", "/", Headers([HOST, ("Authorization", header)]))
    assert refusal(request).code == "AuthorizationHeaderMalformed"


@pytest.mark.parametrize("date", ["", "yesterday", "20130524T250000Z"])
def test_a_date_that_is_none_is_refused(date):
    assert refusal(documented_get(**{"x-amz-date": date})).code == "AccessDenied"


def test_an_unsigned_request_claims_nothing():
    assert read_claim(HttpRequest("GET", "/logos/a", Headers([HOST]))) is None


ODD_KEYS = ["a b", "é/ü", "~-_.", "a+b", "a%2Fb", "//x", "a/../b", "q?x=1", "#", "(')!*", "日本"]


@pytest.mark.parametrize("key", ODD_KEYS)
@pytest.mark.parametrize("signer", ["S3SigV4Auth", "S3SigV4QueryAuth"])
def test_botocores_signature_over_an_odd_key_is_accepted(key, signer):
    from botocore.utils import percent_encode

    url = f"http://127.0.0.1:8123/logos/{percent_encode(key, safe='/~')}"
    request = AWSRequest("GET", url, params={"prefix": key, "x": "", "b": "a b"})
    request.headers["X-Amz-Meta-Note"] = "  two   spaces "
    signing = getattr(botocore.auth, signer)(Credentials(ACCESS, SECRET), "s3", "us-east-1")
    signing.add_auth(request)
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    headers = [*prepared.headers.items(), ("Host", parts.netloc)]
    received = HttpRequest("GET", f"{parts.path}?{parts.query}", Headers(headers))
    declared = received.headers.get("x-amz-content-sha256") or UNSIGNED_PAYLOAD
    check(received, now=time.time(), payload=declared)
