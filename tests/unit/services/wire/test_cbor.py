"""CBOR, against the examples of RFC 8949 and botocore's own reader and writer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.parsers import RpcV2CBORParser
from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.services.wire.cbor import dumps, loads

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("written", "value"),
    [  # RFC 8949, appendix A
        ("1818", 24),
        ("1903e8", 1000),
        ("3903e7", -1000),
        ("f93c00", 1.0),
        ("fa47c35000", 100000.0),
        ("fb3ff199999999999a", 1.1),
        ("f5", True),
        ("f6", None),
        ("4401020304", b"\x01\x02\x03\x04"),
        ("63e6b0b4", "\u6c34"),
        ("8301820203820405", [1, [2, 3], [4, 5]]),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("c11a514b67b0", datetime(2013, 3, 21, 20, 4, tzinfo=UTC)),
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf6346756ef563416d7421ff", {"Fun": True, "Amt": -2}),
    ],
)
def test_the_examples_of_the_standard_are_read(written, value):
    assert loads(bytes.fromhex(written)) == value


@given(VALUES)
def test_what_is_written_is_read_again(value):
    assert loads(dumps(value)) == value


def test_botocore_reads_what_we_write():
    value = {
        "Label": "TimeSpent",
        "Values": [1.5, -3, 2**40],
        "At": datetime(2026, 11, 21, tzinfo=UTC),
        "Yes": True,
    }
    parser = RpcV2CBORParser()
    stream = parser.get_peekable_stream_from_bytes(dumps(value))
    assert parser.parse_data_item(stream) == value


@given(st.binary(max_size=200))
def test_whatever_is_sent_is_read_or_refused(data):
    try:
        loads(data)
    except ValueError:
        return


@pytest.mark.parametrize(
    "data", [b"", b"\x18", b"\x81" * 5000, b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"\x01\x02"]
)
def test_what_is_not_one_whole_item_is_refused(data):
    with pytest.raises(ValueError, match=r"CBOR|deep|fit|follow|expected"):
        loads(data)
