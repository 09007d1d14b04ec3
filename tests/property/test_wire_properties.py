"""The wire against botocore's own serialisers, parsers and signers, over generated values."""

from __future__ import annotations

import hashlib
import io
import string
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import urlsplit

import botocore.auth
import botocore.parsers
import botocore.serialize
import pytest
from botocore.awsrequest import AWSRequest, HeadersDict
from botocore.credentials import Credentials
from botocore.utils import percent_encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.chunked import checked_body
from gt_widgets.services.wire.claims import Claim, read_claim
from gt_widgets.services.wire.dispatcher import Dispatcher
from gt_widgets.services.wire.message import Headers, HttpRequest
from gt_widgets.services.wire.models import service_model
from gt_widgets.services.wire.parse import parse_request
from gt_widgets.services.wire.route import find_route
from gt_widgets.services.wire.serialise import serialise
from gt_widgets.services.wire.sigv4 import UNSIGNED_PAYLOAD, verify

LABELING = sorted(
    name
    for name in service_model("sagemaker").operation_names
    if any(
        word in name
        for word in ("Labeling", "Workteam", "Workforce", "HumanTaskUi", "RenderUiTemplate", "Tags")
    )
)
XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
)
MOMENTS = st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
FEW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def values(shape, text=XML_TEXT, depth=0):
    """Values of a botocore shape; recursion ends by leaving optional members out."""
    kind = shape.type_name
    if kind == "structure":
        required = {n: values(shape.members[n], text, depth + 1) for n in shape.required_members}
        optional = {
            n: values(m, text, depth + 1)
            for n, m in shape.members.items()
            if n not in required and depth < 6
        }
        return st.fixed_dictionaries(required, optional=optional)
    if kind == "list":
        return st.lists(values(shape.member, text, depth + 1), min_size=1, max_size=2)
    if kind == "map":
        keys, items = values(shape.key, text, depth + 1), values(shape.value, text, depth + 1)
        return st.dictionaries(keys, items, min_size=1, max_size=2)
    if kind == "string" and shape.enum:
        return st.sampled_from(shape.enum)
    return {
        "string": text.filter(bool),
        "integer": st.integers(-(2**31), 2**31 - 1),
        "long": st.integers(-(2**63), 2**63 - 1),
        "float": st.floats(allow_nan=False, allow_infinity=False),
        "double": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "timestamp": MOMENTS,
        "blob": st.binary(min_size=1, max_size=8),
    }[kind]


def read_by_botocore(model, response):
    protocol = model.service_model.metadata["protocol"]
    parser = botocore.parsers.create_parser(protocol)
    headers = HeadersDict(response.headers)
    received = {"status_code": response.status, "headers": headers, "body": response.read()}
    parsed = parser.parse(received, model.output_shape)
    metadata = parsed.pop("ResponseMetadata")
    return parsed, metadata


# C02
@pytest.mark.parametrize("operation", LABELING)
@FEW
@given(data=st.data())
def test_what_a_labeling_operation_answers_is_what_botocore_reads(operation, data):
    model = service_model("sagemaker").operation_model(operation)
    if model.output_shape is None:
        return
    result = data.draw(values(model.output_shape))
    parsed, metadata = read_by_botocore(model, serialise(model, result, "r-1"))
    assert parsed == result
    assert metadata["RequestId"] == "r-1"


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sts", "GetCallerIdentity"),
        ("sts", "AssumeRole"),
        ("iam", "GetRole"),
        ("iam", "ListRoles"),
        ("logs", "FilterLogEvents"),
        ("cognito-idp", "AdminCreateUser"),
        ("cognito-idp", "ListUsers"),
        ("s3", "ListBuckets"),
        ("s3", "ListObjectsV2"),
        ("s3", "ListParts"),
        ("s3", "DeleteObjects"),
        ("s3", "GetBucketCors"),
        ("s3", "GetObjectTagging"),
        ("s3", "GetObjectAttributes"),
        ("s3", "CompleteMultipartUpload"),
        ("s3", "CopyObject"),
    ],
)
@FEW
@given(data=st.data())
def test_what_other_services_answer_is_what_botocore_reads(service, operation, data):
    model = service_model(service).operation_model(operation)
    headers = st.text(string.ascii_letters + string.digits + "/-_=", min_size=1)
    located = {
        name: values(member, headers)
        for name, member in model.output_shape.members.items()
        if member.serialization.get("location")
    }
    inside = {
        name: values(member)
        for name, member in model.output_shape.members.items()
        if name not in located
    }
    result = data.draw(st.fixed_dictionaries(inside, optional=located))
    assert read_by_botocore(model, serialise(model, result, "r-1"))[0] == result


def written_by_botocore(model, params):
    protocol = model.service_model.metadata["protocol"]
    serialised = botocore.serialize.create_serializer(protocol, False).serialize_to_request(
        params, model
    )
    url = f"http://localhost{serialised['url_path']}"
    data = serialised["body"]
    request = AWSRequest(
        serialised["method"],
        url,
        headers=serialised["headers"],
        data=data,
        params=serialised["query_string"],
    ).prepare()
    parts = urlsplit(request.url)
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    headers = Headers(
        (k, v.decode() if isinstance(v, bytes) else v) for k, v in request.headers.items()
    )
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return HttpRequest(request.method, target, headers, io.BytesIO(body))


def received(service, request):
    claim = Claim("AK", "20261120", "us-east-1", service, "", (), "")
    route, request = find_route(request, claim, {service})
    return route, parse_request(route.operation, request, route.labels)


@pytest.mark.parametrize("operation", LABELING)
@FEW
@given(data=st.data())
def test_what_boto3_sends_of_a_labeling_operation_is_what_the_engine_gets(operation, data):
    model = service_model("sagemaker").operation_model(operation)
    params = data.draw(values(model.input_shape))
    route, got = received("sagemaker", written_by_botocore(model, params))
    assert (route.operation.name, got) == (operation, params)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sts", "AssumeRole"),
        ("iam", "GetRole"),
        ("iam", "CreateRole"),
        ("s3", "ListObjectsV2"),
        ("s3", "DeleteObjects"),
        ("s3", "PutBucketCors"),
        ("s3", "PutObjectTagging"),
        ("s3", "CompleteMultipartUpload"),
        ("s3", "CreateMultipartUpload"),
        ("s3", "CopyObject"),
        ("s3", "UploadPartCopy"),
        ("s3", "GetObject"),
        ("s3", "SelectObjectContent"),
    ],
)
@FEW
@given(data=st.data())
def test_what_boto3_sends_of_other_services_is_what_the_engine_gets(service, operation, data):
    model = service_model(service).operation_model(operation)
    token = st.text(string.ascii_lowercase + string.digits, min_size=1)
    members = model.input_shape.members
    drawn = {}
    for name, member in members.items():
        location = member.serialization.get("location")
        text = token if location in {"header", "headers"} or name == "Bucket" else XML_TEXT
        drawn[name] = values(member, text)
    required = {name: drawn[name] for name in model.input_shape.required_members}
    optional = {name: item for name, item in drawn.items() if name not in required}
    params = data.draw(st.fixed_dictionaries(required, optional=optional))
    route, got = received(service, written_by_botocore(model, params))
    if any(m.serialization.get("location") == "headers" for m in members.values()):
        params.setdefault("Metadata", {})
    if route.protocol == "query":
        params = pruned(params)
    assert (route.operation.name, got) == (operation, params)


def pruned(value):
    """Without empty structures and lists: a query form has no way to write them."""
    if isinstance(value, dict):
        inner = {name: pruned(item) for name, item in value.items()}
        return {name: item for name, item in inner.items() if item not in ({}, [])}
    if isinstance(value, list):
        return [item for item in map(pruned, value) if item not in ({}, [])]
    return value


# --- signatures ------------------------------------------------------------------------

KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
METHODS = st.sampled_from(["GET", "PUT", "DELETE"])
ACCESS, SECRET = "AKIALOCALEXAMPLE", "local+secret/key"


def signed_by_botocore(how, key, query, headers):
    signer, method, body = how
    url = f"http://127.0.0.1:8123/logos/{percent_encode(key, safe='/~')}"
    request = AWSRequest(method, url, headers=headers, data=body, params=query)
    getattr(botocore.auth, signer)(Credentials(ACCESS, SECRET), "s3", "eu-west-1").add_auth(request)
    prepared = request.prepare()
    parts = urlsplit(prepared.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    fields = [*prepared.headers.items(), ("Host", parts.netloc)]
    return HttpRequest(method, target, Headers(fields), io.BytesIO(body))


def check(request):
    declared = request.headers.get("x-amz-content-sha256") or UNSIGNED_PAYLOAD
    keys = {ACCESS: SECRET}
    verify(request, read_claim(request), keys, now=time.time(), payload_hash=declared)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.tuples(st.just("S3SigV4Auth"), METHODS, st.binary(max_size=20)),
        st.tuples(st.just("S3SigV4QueryAuth"), METHODS, st.just(b"")),
    ),
    KEYS,
    st.dictionaries(st.sampled_from(["prefix", "a b", "tagging", "é"]), KEYS, max_size=3),
    st.text(string.printable, max_size=20).map(lambda s: " ".join(s.split()) or "x"),
)
def test_whatever_botocore_signs_is_accepted_and_one_changed_byte_is_not(how, key, query, value):
    request = signed_by_botocore(how, key, query, {"x-amz-meta-a": value})
    check(request)
    changed = HttpRequest(
        request.method, request.target.replace("/logos/", "/l0gos/", 1), request.headers
    )
    with pytest.raises(ServiceError) as caught:
        check(changed)
    assert caught.value.code == "SignatureDoesNotMatch"
    headers = request.headers.replaced({"x-amz-meta-a": value + "!"})
    with pytest.raises(ServiceError):
        check(HttpRequest(request.method, request.target, headers))


# --- bodies ----------------------------------------------------------------------------


def chunked_body(pieces):
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece)
    return body + b"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"


def decode(body, length):
    headers = [
        ("x-amz-decoded-content-length", str(length)),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ]
    request = HttpRequest("PUT", "/logos/a", Headers(headers), io.BytesIO(body))
    return checked_body(request, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", None).body.read()


@given(st.lists(st.binary(max_size=50), max_size=5), st.data())
def test_a_chunked_body_decodes_and_no_shorter_one_does(pieces, data):
    whole = b"".join(pieces)
    body = chunked_body(pieces)
    assert decode(body, len(whole)) == whole
    cut = data.draw(st.integers(0, len(body) - 3))
    with pytest.raises(ServiceError):
        decode(body[:cut], len(whole))


@given(st.binary(min_size=1), st.integers(1, 9), st.data())
def test_a_hashed_body_never_ends_well_with_a_wrong_hash(body, size, data):
    declared = hashlib.sha256(body).hexdigest()
    wrong = data.draw(st.binary().filter(lambda other: other != body))
    headers = Headers([("Content-Length", str(len(wrong)))])
    request = HttpRequest("PUT", "/logos/a", headers, io.BytesIO(wrong))
    reader = checked_body(request, declared, None).body
    with pytest.raises(ServiceError):
        list(iter(lambda: reader.read(size), b""))


# --- whatever is sent ------------------------------------------------------------------


class Anything:
    """Has every operation, and no cross-origin rules."""

    cors_headers = cors_preflight = None

    def __getattr__(self, name):
        return lambda call, params: {}


NAMES = st.sampled_from(
    ["Host", "Authorization", "X-Amz-Date", "X-Amz-Target", "Content-Type", "Content-Length",
     "Origin", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-copy-source"]
)  # fmt: skip
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AK/20261120/us-east-1/{}/aws4_request, SignedHeaders=host,"
    " Signature=0"
)
TEXTS = st.one_of(
    st.text(string.printable, max_size=30),
    st.sampled_from(["s3", "sagemaker", "sts"]).map(AUTHORIZATION.format),
    st.sampled_from(["SageMaker.CreateLabelingJob", "20261120T120000Z", "UNSIGNED-PAYLOAD", "7"]),
    st.just("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "BREW"]),
    st.text(string.printable.replace(" ", ""), max_size=30).map(lambda text: "/" + text),
    st.lists(st.tuples(NAMES, TEXTS), max_size=6),
    st.one_of(st.binary(max_size=40), st.sampled_from([b"{}", b"<a/>", b"Action=GetRole"])),
)
def test_no_request_makes_the_handler_raise_or_fail_inside(method, target, headers, body):
    engine = SimpleNamespace(account_id="111122223333", region="us-east-1")
    dispatcher = Dispatcher(
        engine,
        {name: Anything() for name in ("s3", "sagemaker", "sts", "iam", "cognito-idp")},
        {},
        clock=lambda: 1_795_176_000.0,
        new_id=lambda: "0",
        insecure_any_key=True,
    )
    response = dispatcher.handle(HttpRequest(method, target, Headers(headers), io.BytesIO(body)))
    assert response.status != 500
