"""Masks on the wire."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from gt_widgets.errors import AnswerError, ValidationError
from gt_widgets.schema import runs
from gt_widgets.schema.runs import pack_runs, unpack_runs

MASK = np.array([[0, 1, 1], [1, 0, 2]], dtype=np.uint8)


def packed(*pairs):
    """Runs of count and value as a page writes them."""
    words = [count << 8 | value for count, value in pairs]
    return zlib.compress(struct.pack(f"<{len(words)}I", *words))


def test_a_run_is_one_little_endian_word_of_count_and_value():
    assert zlib.decompress(pack_runs(MASK)) == zlib.decompress(
        packed((1, 0), (3, 1), (1, 0), (1, 2))
    )


@given(npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, max_side=20)))
def test_a_mask_survives_being_packed_and_unpacked(mask):
    height, width = mask.shape
    found = unpack_runs(pack_runs(mask), width=width, height=height, highest=255)
    assert np.array_equal(found, mask)


def test_a_run_longer_than_its_24_bits_becomes_several():
    mask = np.full((4100, 4100), 7, dtype=np.uint8)
    data = pack_runs(mask)
    assert len(zlib.decompress(data)) == 8
    assert np.array_equal(unpack_runs(data, width=4100, height=4100, highest=7), mask)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (packed((5, 0)), "cover 5 pixels"),
        (packed((7, 0)), "cover 7 pixels"),
        (packed((6, 0), (0, 1)), "none of them empty"),
        (packed((6, 3)), "value 3"),
        (b"", "cut short"),
        (b"no zlib", "not compressed"),
        (packed((6, 0))[:-3], "cut short"),
        (packed((6, 0)) + b"more", "go on behind"),
        (zlib.compress(b"12345"), "cut short"),
        (packed(*[((1 << 24) - 1, 0)] * 600), "cover"),
    ],
)
def test_what_is_no_mask_of_this_picture_is_refused(data, why):
    with pytest.raises(AnswerError, match=why):
        unpack_runs(data, width=3, height=2, highest=2)


def test_a_small_message_cannot_become_a_large_one(monkeypatch):
    monkeypatch.setattr(runs, "MAX_RUNS", 1000)
    with pytest.raises(AnswerError, match="more than 1000 runs"):
        unpack_runs(packed(*[(1, 0)] * 1001), width=1001, height=1, highest=0)
    with pytest.raises(AnswerError, match="bytes; at most"):
        unpack_runs(bytes(runs.MAX_PACKED_BYTES + 1), width=1, height=1, highest=0)


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_a_mask_or_a_refusal(data):
    try:
        found = unpack_runs(data, width=3, height=2, highest=2)
    except AnswerError:
        return
    assert found.shape == (2, 3)


def test_only_a_two_dimensional_array_of_bytes_is_packed():
    with pytest.raises(ValidationError, match="uint8 array"):
        pack_runs(np.zeros(4, dtype=np.uint8))
