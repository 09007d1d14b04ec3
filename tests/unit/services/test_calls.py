"""The body of one call, with and without an attachment."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.errors import WorkerError
from gt_widgets.services.calls import MAX_BODY_BYTES, decode_call, encode_call

FRAMED = "application/vnd.gt-widgets.call"


def test_without_an_attachment_the_body_is_plain_json():
    assert encode_call("jobs", {"a": 1}) == ("application/json", b'{"a": 1}')


@given(st.binary(max_size=50), st.dictionaries(st.sampled_from("abc"), st.integers()))
def test_an_attachment_arrives_as_it_was_sent(attached, args):
    content_type, body = encode_call("submit", {**args, "attached": attached})
    assert decode_call(content_type, body) == {**args, "attached": attached}


def test_json_cannot_pretend_to_be_an_attachment():
    assert decode_call("application/json", b'{"attached": "x", "a": 1}') == {"a": 1}
    text = json.dumps({"attached": [1]}).encode()
    framed = len(text).to_bytes(4, "big") + text + b"real"
    assert decode_call(f"{FRAMED}; charset=x", framed) == {"attached": b"real"}


@pytest.mark.parametrize("body", [b"", b"\0\0", b"\0\0\0\x05{}", b"\xff\xff\xff\xff{}"])
def test_a_frame_shorter_than_it_says_is_refused(body):
    with pytest.raises(WorkerError, match="shorter than it says"):
        decode_call(FRAMED, body)


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(body):
    with pytest.raises(WorkerError):
        decode_call("application/json", body)


def test_a_body_has_a_limit_both_ways():
    with pytest.raises(WorkerError, match=str(MAX_BODY_BYTES)):
        encode_call("submit", {"attached": bytes(MAX_BODY_BYTES)})
    with pytest.raises(WorkerError, match=str(MAX_BODY_BYTES)) as caught:
        decode_call("", bytes(MAX_BODY_BYTES + 1))
    assert caught.value.status == 413
