"""Sentences about who may read: CORS, presigned URLs, signatures, raw HTTP."""

from __future__ import annotations

import base64
import socket
import zlib
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from gt_widgets.testing.refusals import refusal

PAGE = "http://localhost:8888"
KEY, SECRET = "AKIAGROUNDTRUTHLOCAL", "local-secret"
GROUND_TRUTH_RULE = {
    "AllowedHeaders": [],
    "AllowedMethods": ["GET"],
    "AllowedOrigins": ["*"],
    "ExposeHeaders": ["Access-Control-Allow-Origin"],
}


def presigned(s3, bucket, key="a", call="get_object", expires_s=60, **params):
    return s3.generate_presigned_url(
        call, {"Bucket": bucket, "Key": key, **params}, ExpiresIn=expires_s
    )


def set_rules(s3, bucket, *rules):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": list(rules)})


# CORS (reference section 12)


def test_cors_rules_come_back_and_go(s3, bucket):
    assert refusal(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)
    rule = {
        "AllowedHeaders": ["*"],
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedOrigins": ["https://*.example.com", PAGE],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3000,
    }
    set_rules(s3, bucket, rule)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [rule]
    s3.delete_bucket_cors(Bucket=bucket)
    assert refusal(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)


def test_the_rule_of_the_ground_truth_guide_is_accepted(s3, bucket):
    set_rules(s3, bucket, GROUND_TRUTH_RULE)
    (rule,) = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rule == {name: value for name, value in GROUND_TRUTH_RULE.items() if value}


@pytest.mark.parametrize(
    "change",
    [
        {"AllowedMethods": ["FETCH"]},
        {"AllowedOrigins": ["http://*.a.*"]},
        {"AllowedHeaders": ["x-*-*"]},
    ],
)
def test_a_cors_rule_no_browser_could_use_is_refused(s3, bucket, change, backend):
    if backend.name == "moto" and "AllowedMethods" not in change:
        pytest.skip("moto counts no wildcards")
    found = refusal(set_rules, s3, bucket, GROUND_TRUTH_RULE | change)
    assert found == ("InvalidRequest", 400)


@pytest.mark.not_for_moto("moto in process answers no browser")
def test_a_page_may_read_what_a_rule_lets_it(s3, bucket, send):
    s3.put_object(Bucket=bucket, Key="a", Body=b"pixels")
    set_rules(s3, bucket, GROUND_TRUTH_RULE)
    answer = send("GET", presigned(s3, bucket), {"Origin": PAGE})
    assert (answer.status, answer.body) == (200, b"pixels")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "Access-Control-Allow-Origin"
    assert "Origin" in answer.headers["vary"]


def test_without_a_rule_a_page_gets_no_leave(s3, bucket, send):
    s3.put_object(Bucket=bucket, Key="a", Body=b"pixels")
    set_rules(s3, bucket, {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://other.example"]})
    answer = send("GET", presigned(s3, bucket), {"Origin": PAGE})
    assert (answer.status, "access-control-allow-origin" in answer.headers) == (200, False)


@pytest.mark.not_for_moto("moto in process answers no browser")
def test_a_refusal_can_be_read_by_the_page_it_is_meant_for(s3, bucket, send):
    set_rules(s3, bucket, GROUND_TRUTH_RULE)
    answer = send("GET", presigned(s3, bucket, "missing"), {"Origin": PAGE})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (404, "*")


@pytest.mark.not_for_moto("moto in process answers no browser")
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (("https://app.example.com", "PUT", "content-type, x-amz-meta-k"), 200),
        (("https://app.example.com", "DELETE", ""), 403),
        (("https://app.example.com", "PUT", "authorization"), 403),
        (("https://example.com", "PUT", ""), 403),
        (("https://appXexample.com", "PUT", ""), 403),
    ],
)
def test_a_preflight_is_answered_by_the_rules(s3, bucket, send, asked, status):
    origin, method, headers = asked
    rule = {
        "AllowedMethods": ["PUT"],
        "AllowedOrigins": ["https://*.example.com"],
        "AllowedHeaders": ["Content-*", "x-amz-meta-*"],
        "MaxAgeSeconds": 60,
    }
    set_rules(s3, bucket, rule)
    sent = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    answer = send("OPTIONS", presigned(s3, bucket).partition("?")[0], sent)
    assert answer.status == status
    if status == 200:
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-headers"] == headers
        assert (
            answer.headers["access-control-max-age"],
            answer.headers["access-control-allow-credentials"],
        ) == ("60", "true")
    else:
        assert b"<Code>AccessForbidden</Code>" in answer.body


@pytest.mark.not_for_moto("moto in process answers no browser")
def test_a_preflight_of_a_bucket_without_rules_says_so(s3, bucket, send):
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET"}
    answer = send("OPTIONS", presigned(s3, bucket).partition("?")[0], asked)
    assert answer.status == 403
    assert b"CORS is not enabled for this bucket" in answer.body


# Presigned URLs


@pytest.mark.parametrize("key", ["a", "a b+ü&=%?#/1"])
def test_a_presigned_get_opens_one_object(s3, bucket, send, key, backend):
    s3.put_object(Bucket=bucket, Key=key, Body=b"pixels", ContentType="image/png")
    answer = send("GET", presigned(s3, bucket, key))
    assert (answer.status, answer.body, answer.headers["content-type"]) == (
        200,
        b"pixels",
        "image/png",
    )


@pytest.mark.parametrize("key", ["a", "dir/photo é +%.jpg"])
def test_an_address_that_a_plain_boto3_client_makes_opens_one_object(backend, bucket, send, key):
    plain = backend.client(signature_version=None)
    plain.put_object(Bucket=bucket, Key=key, Body=b"pixels")
    url = presigned(plain, bucket, key, ResponseContentType="image/png")
    assert "AWSAccessKeyId=" in url  # version 2, as always where nobody asked for s3v4
    answer = send("GET", url)
    assert (answer.status, answer.body) == (200, b"pixels")
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.not_for_moto("moto checks no signature")
def test_a_plain_clients_address_writes_where_it_says_and_nowhere_else(backend, bucket, send):
    plain = backend.client(signature_version=None)
    url = presigned(plain, bucket, "in", "put_object", ContentType="text/plain")
    assert send("PUT", url, {"Content-Type": "text/plain"}, b"sent").status == 200
    assert plain.get_object(Bucket=bucket, Key="in")["Body"].read() == b"sent"
    assert send("PUT", url, {"Content-Type": "text/html"}, b"other").status == 403
    assert send("PUT", url.replace("/in?", "/out?"), {"Content-Type": "text/plain"}).status == 403
    assert send("DELETE", url, {"Content-Type": "text/plain"}).status == 403


def test_a_presigned_put_stores_what_it_is_sent(s3, bucket, send):
    url = presigned(s3, bucket, call="put_object", ContentType="text/plain")
    assert send("PUT", url, {"Content-Type": "text/plain"}, b"hello").status == 200
    got = s3.get_object(Bucket=bucket, Key="a")
    assert (got["Body"].read(), got["ContentType"]) == (b"hello", "text/plain")


def test_a_presigned_download_may_be_renamed(s3, bucket, send):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    url = presigned(s3, bucket, ResponseContentDisposition='attachment; filename="b.txt"')
    assert send("GET", url).headers["content-disposition"] == 'attachment; filename="b.txt"'


# X01
@pytest.mark.not_for_moto("moto accepts expired URLs")
def test_a_presigned_url_ends_when_it_said_it_would(s3, bucket, send, backend):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    url = presigned(s3, bucket, expires_s=60)
    assert send("GET", url).status == 200
    backend.clock.ahead_s = 61.0
    try:
        answer = send("GET", url)
    finally:
        backend.clock.ahead_s = 0.0
    assert (answer.status, b"<Code>AccessDenied</Code>" in answer.body) == (403, True)


# X01
@pytest.mark.not_for_moto("moto accepts any signature")
def test_a_presigned_url_opens_nothing_but_what_it_names(s3, bucket, send):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    s3.put_object(Bucket=bucket, Key="b", Body=b"secret")
    url = presigned(s3, bucket)
    tampered = [
        url.replace(f"/{bucket}/a?", f"/{bucket}/b?"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url + "&response-content-type=text%2Fhtml",
        url.replace(f"/{bucket}/a?", f"/{bucket}/..%2F..%2Fetc%2Fpasswd?"),
    ]
    assert [send("GET", one).status for one in tampered] == [403] * len(tampered)
    assert send("DELETE", url).status == 403
    assert send("PUT", url, body=b"gone").status == 403
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


# Signatures


@pytest.mark.not_for_moto("moto accepts any key")
def test_an_unknown_key_and_a_wrong_secret_are_refused(s3, bucket, backend):
    stranger = backend.client(key="AKIAUNKNOWN000000000")
    assert refusal(stranger.list_objects_v2, Bucket=bucket) == ("InvalidAccessKeyId", 403)
    wrong = backend.client(secret="guessed")
    assert refusal(wrong.put_object, Bucket=bucket, Key="a", Body=b"x") == (
        "SignatureDoesNotMatch",
        403,
    )
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_an_unsigned_request_gets_nothing(s3, bucket, send):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert send("GET", presigned(s3, bucket).partition("?")[0]).status == 403


@pytest.mark.not_for_moto("moto has no clock of its own")
def test_a_client_whose_clock_is_wrong_is_told_so(s3, bucket, backend):
    backend.clock.ahead_s = 3600.0
    try:
        found = refusal(s3.get_object, Bucket=bucket, Key="a")
    finally:
        backend.clock.ahead_s = 0.0
    assert found == ("RequestTimeTooSkewed", 403)


# Raw HTTP


def signed(method, url, headers, *, chunked=False):
    request = AWSRequest(method=method, url=url, headers=headers)
    if chunked:
        request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
    S3SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1").add_auth(request)
    return dict(request.headers.items())


def chunks(body, trailers):
    pieces = [body[n : n + 1000] for n in range(0, len(body), 1000)] + [b""]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(p), p) if p else b"0\r\n" for p in pieces)
    return framed + b"".join(b"%b:%b\r\n" % pair for pair in trailers) + b"\r\n"


# trap 3
@pytest.mark.not_for_moto("moto does not look at trailers")
@pytest.mark.parametrize("honest", [True, False])
def test_a_checksum_that_trails_the_body_is_verified(s3, bucket, send, honest):
    body = bytes(range(256)) * 10
    crc = base64.b64encode(zlib.crc32(body if honest else b"other").to_bytes(4, "big"))
    framed = chunks(body, [(b"x-amz-checksum-crc32", crc)])
    url = presigned(s3, bucket).partition("?")[0]
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Trailer": "x-amz-checksum-crc32",
        "X-Amz-Decoded-Content-Length": str(len(body)),
        "Content-Length": str(len(framed)),
    }
    answer = send("PUT", url, signed("PUT", url, headers, chunked=True), framed)
    if honest:
        got = s3.get_object(Bucket=bucket, Key="a")
        assert (answer.status, got["Body"].read(), got.get("ContentEncoding", "")) == (
            200,
            body,
            "",
        )
        assert got["ChecksumCRC32"] == crc.decode()
    else:
        assert (answer.status, b"<Code>BadDigest</Code>" in answer.body) == (400, True)
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.not_for_moto("moto keeps what arrived")
def test_a_body_shorter_than_announced_is_not_an_object(s3, bucket, backend):
    if backend.name != "http":
        pytest.skip("only a socket can break")
    url = presigned(s3, bucket).partition("?")[0]
    headers = signed("PUT", url, {"Content-Length": "1000"})
    with connected(url) as connection:
        connection.sendall(head("PUT", url, headers) + b"x" * 400)
        connection.shutdown(socket.SHUT_WR)
        assert b" 400 " in connection.recv(65536)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


# trap 2
@pytest.mark.not_for_moto("moto in process has no socket")
def test_a_client_that_waits_for_100_continue_gets_it_before_it_sends(s3, bucket, backend):
    if backend.name != "http":
        pytest.skip("only a socket can wait")
    url = presigned(s3, bucket, call="put_object")
    headers = {"Content-Length": "5", "Expect": "100-continue"}
    with connected(url) as connection:
        connection.sendall(head("PUT", url, headers))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"hello"


def connected(url):
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=60)


def head(method, url, headers):
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_metadata_keeps_its_names_in_lower_case_on_the_wire(s3, bucket, send, backend):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", Metadata={"Camera-Model": "X100"})
    assert send("GET", presigned(s3, bucket)).headers["x-amz-meta-camera-model"] == "X100"
