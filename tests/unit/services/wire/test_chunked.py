"""Bodies that check themselves, against the examples AWS has published."""

from __future__ import annotations

import hashlib
import io

import pytest

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.chunked import ChunkSigner, checked_body
from gt_widgets.services.wire.message import Headers, HttpRequest
from gt_widgets.services.wire.sigv4 import signing_key

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
DATA = b"a" * (65536 + 1024)
PLAIN_CHAIN = [
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
]
TRAILER_CHAIN = [
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
]
TRAILER = (
    b"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
    b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n"
)


def signer(chain):
    key = signing_key(SECRET, "20130524", "us-east-1", "s3")
    return ChunkSigner(key, "20130524T000000Z", "20130524/us-east-1/s3/aws4_request", chain[0])


def encoded(chain, trailer=b"", data=DATA):
    parts = [data[:65536], data[65536:], b""]
    chunks = b"".join(
        b"%x;chunk-signature=%s\r\n%b" % (len(part), link.encode(), part)
        + (b"\r\n" if part else b"")
        for part, link in zip(parts, chain[1:], strict=True)
    )
    return chunks + trailer + b"\r\n"


def request(body, length=66_560, **fields):
    headers = {"x-amz-decoded-content-length": str(length), "Content-Encoding": "aws-chunked"}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    return HttpRequest("PUT", "/logos/a", Headers(headers.items()), io.BytesIO(body))


def refusal(received, declared, signing=None):
    with pytest.raises(ServiceError) as caught:
        checked_body(received, declared, signing).body.read()
    return caught.value.code


def test_the_documented_signed_chunks_decode():
    decoded = checked_body(request(encoded(PLAIN_CHAIN)), SIGNED, signer(PLAIN_CHAIN))
    assert decoded.body.read() == DATA
    assert decoded.headers.get("content-length") == "66560"
    assert decoded.headers.get("content-encoding") is None


def test_the_documented_trailer_becomes_a_header():
    received = request(encoded(TRAILER_CHAIN, TRAILER), x_amz_trailer="x-amz-checksum-crc32c")
    decoded = checked_body(received, SIGNED + "-TRAILER", signer(TRAILER_CHAIN))
    assert decoded.headers.get("x-amz-checksum-crc32c") == "sOO8/Q=="
    assert decoded.body.read() == DATA


def test_one_changed_byte_breaks_its_chunk():
    body = encoded(PLAIN_CHAIN).replace(b"\r\naa", b"\r\nab", 1)
    assert refusal(request(body), SIGNED, signer(PLAIN_CHAIN)) == "SignatureDoesNotMatch"


def test_a_changed_trailer_breaks_its_signature():
    body = encoded(TRAILER_CHAIN, TRAILER.replace(b"sOO8", b"sOO9"))
    received = request(body, x_amz_trailer="x-amz-checksum-crc32c")
    assert refusal(received, SIGNED + "-TRAILER", signer(TRAILER_CHAIN)) == (
        "SignatureDoesNotMatch"
    )


def test_signed_chunks_without_their_signatures_are_refused():
    assert refusal(request(b"3\r\nabc\r\n0\r\n\r\n", 3), SIGNED, signer(PLAIN_CHAIN)) == (
        "IncompleteBody"
    )


# engine trap 3: uploads over https arrive like this
def test_an_unsigned_body_gives_its_trailing_checksum():
    body = b"3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"
    received = request(body, 5, x_amz_trailer="x-amz-checksum-crc32")
    decoded = checked_body(received, UNSIGNED, None)
    assert decoded.body.read() == b"abcde"
    assert decoded.headers.get("x-amz-checksum-crc32") == "NSRBwg=="


@pytest.mark.parametrize(
    "trailer",
    [b"", b"x-amz-copy-source:secret/plan\r\n", b"x-amz-checksum-crc32:a\r\nhost:b\r\n"],
)
def test_a_trailer_brings_the_announced_checksum_and_nothing_else(trailer):
    received = request(b"0\r\n" + trailer + b"\r\n", 0, x_amz_trailer="x-amz-checksum-crc32")
    assert refusal(received, UNSIGNED) == "MalformedTrailerError"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"3",
        b"3\r\n",
        b"3\r\nab",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"zz\r\n",
        b"-3\r\nabc\r\n",
        b"9\r\nabcdefghi\r\n0\r\n\r\n",
        b"2\r\nab\r\n0\r\n\r\n",
        b"3\r\nabc\r\n0\r\n",
    ],
)
def test_a_damaged_body_is_refused(body):
    assert refusal(request(body, 3), UNSIGNED) == "IncompleteBody"


def test_other_encodings_stay():
    received = request(b"0\r\n\r\n", 0, Content_Encoding="aws-chunked, gzip")
    assert checked_body(received, UNSIGNED, None).headers.get("content-encoding") == "gzip"


def test_a_body_is_checked_before_its_last_bytes_are_handed_out():
    headers = Headers([("Content-Length", "4")])
    received = HttpRequest("PUT", "/logos/a", headers, io.BytesIO(b"evil"))
    declared = hashlib.sha256(b"good").hexdigest()
    body = checked_body(received, declared, None).body
    with pytest.raises(ServiceError) as caught:
        body.read(4)
    assert caught.value.code == "XAmzContentSHA256Mismatch"


def test_a_content_hash_that_is_none_is_refused():
    assert refusal(request(b""), "sha") == "InvalidRequest"
    assert refusal(request(b""), "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD") == "NotImplemented"
