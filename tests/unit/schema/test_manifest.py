"""Manifests: which lines are data objects, and what a job adds to them."""

from __future__ import annotations

import json

import pytest

from gt_widgets.errors import ManifestLineError
from gt_widgets.schema.manifest import parse_line, parse_manifest, read_lines, splice

URI = "s3://demo-gt/input.manifest"


def test_both_line_ends_other_alphabets_and_blank_lines_at_the_end_are_read():  # M01
    data = '{"source":"Grüße"}\r\n{"source":"価格 🙂"}\n\r\n\n  \n'.encode()
    found = list(parse_manifest(URI, [data]))
    assert [one.source for one in found] == ["Grüße", "価格 🙂"]
    assert [one.object_id for one in found] == [0, 1]


def test_a_last_line_needs_no_line_end():  # M01
    assert [one.source for one in parse_manifest(URI, [b'{"source":"a"}'])] == ["a"]


def test_a_blank_line_between_objects_is_refused_with_its_number():
    with pytest.raises(ManifestLineError, match=r"input\.manifest line 2: the line is blank"):
        list(parse_manifest(URI, [b'{"source":"a"}\n\n\n{"source":"b"}\n']))


def test_a_position_is_where_the_object_begins_whatever_white_space_is_before_it():
    data = b'  {"source":"a"}\r\n\t{"source":"b"} \n'
    for line in read_lines([data]):
        assert data[line.position : line.position + line.length] == line.data
        assert line.data.startswith(b"{")


def test_source_ref_and_source_are_both_data_objects_and_source_goes_first():  # M04
    line = b'{"source-ref":"s3://demo-gt/1.jpg","source":"a text"}'
    found = parse_line(URI, 0, line)
    assert (found.source_ref, found.source) == ("s3://demo-gt/1.jpg", "a text")
    assert parse_line(URI, 0, b'{"source-ref":"s3://a/b"}').source is None


FAULTS = {
    "not JSON": (b"s3://demo-gt/1.jpg", "expected one JSON object on one line"),
    "a list": (b"[1]", "expected one JSON object on one line"),
    "two objects": (b'{"source":"a"}{"source":"b"}', "expected one JSON object on one line"),
    "cut off": (b'{"source":"a"', "expected one JSON object on one line"),
    "not UTF-8": (b'{"source":"a","k":"\xff"}', "can't decode byte 0xff"),
    "half a surrogate pair": (b'{"source":"\\ud800"}', "expected one JSON object"),
    "NaN": (b'{"source":"a","n":NaN}', "expected one JSON object on one line"),
    "too deep": (b'{"source":"a","n":' + b"[" * 9999 + b"]" * 9999 + b"}", "recursion"),
    "no source": (b'{"source_ref":"s3://a/b"}', "Rename 'source_ref' to 'source-ref'?"),
    "empty": (b"{}", "expected exactly one of 'source-ref' or 'source'"),
    "source is a number": (b'{"source":1}', "'source' must be a text"),
    "source-ref is null": (b'{"source-ref":null}', "'source-ref' must be a text"),
    "a dollar key": (b'{"source":"a","$x":1}', r"attribute '$x' must not begin with '$'"),
    "a long text": (
        b'{"source":"' + b"a" * 20_001 + b'"}',
        "attribute 'source' has 20001 characters; at most 20000 are allowed",
    ),
    "a long attribute": (
        b'{"source":"a","n":[' + b"1," * 10_000 + b"1]}",
        "attribute 'n' has 20003 characters",
    ),
    "a long line": (
        b'{"source":"a"' + b"".join(b',"k%d":"%s"' % (i, b"a" * 19_000) for i in range(6)) + b"}",
        "the line has 114062 characters; at most 100000 are allowed",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_line_with_a_fault_is_refused_with_its_number_and_what_is_wrong(fault):  # M02
    line, words = FAULTS[fault]
    with pytest.raises(ManifestLineError) as caught:
        list(parse_manifest(URI, [b'{"source":"fine"}\n' * 6, line, b"\n"]))
    assert str(caught.value).startswith(f"{URI} line 7: ")
    assert words in str(caught.value)
    assert (caught.value.line, caught.value.code) == (7, "ValidationException")


def test_a_byte_order_mark_is_named():
    with pytest.raises(ManifestLineError, match="begins with a byte order mark"):
        parse_line(URI, 0, b'\xef\xbb\xbf{"source":"a"}')


@pytest.mark.parametrize("text", ["a" * 20_000, "é" * 20_000, '"' * 20_000])
def test_a_text_of_twenty_thousand_characters_is_accepted_however_it_is_escaped(text):
    for escaped in (True, False):
        line = json.dumps({"source": text}, ensure_ascii=escaped).encode()
        if len(line.decode()) <= 100_000:
            assert parse_line(URI, 0, line).source == text


def test_a_line_of_exactly_the_longest_length_is_accepted():
    head = '{"source":"é"' + "".join(f',"k{i}":"{"ü" * 19_000}"' for i in range(5))
    line = head + f',"z":"{"x" * (100_000 - len(head) - 8)}"}}'
    assert len(line) == 100_000
    assert parse_line(URI, 0, line.encode()).source == "é"
    with pytest.raises(ManifestLineError, match="the line has 100001 characters"):
        parse_line(URI, 0, line.encode() + b" ")


def test_a_label_goes_behind_the_untouched_bytes_of_the_line():  # M03
    line = b'{ "source" : "a\\u00e9/b" , "n":1.50, "o":{"b":1,"a":[ ]} }'
    found = splice(line, {"logos": 3, "logos-metadata": {"confidence": 0}})
    assert found == line[:-2] + b',"logos":3,"logos-metadata":{"confidence":0}}'


def test_numbers_that_no_float_can_hold_pass_unchanged():  # M03
    line = b'{"source":"a","big":' + b"9" * 5000 + b',"tiny":1e-400}'
    assert splice(line, {"n": 1}) == line[:-1] + b',"n":1}'


def test_a_label_that_is_there_already_is_replaced_and_goes_to_the_end():
    line = b'{"logos":1,"source":"a","logos-metadata":{"x":1},"n":1.50}'
    found = splice(line, {"logos": 2, "logos-metadata": {"y": 2}})
    assert found == b'{"source":"a","n":1.50,"logos":2,"logos-metadata":{"y":2}}'


def test_a_key_that_stands_there_twice_counts_with_its_last_value_and_both_stay():
    line = b'{"source":"a","source":"b"}'
    assert parse_line(URI, 0, line).source == "b"
    assert splice(line, {"n": 1}) == b'{"source":"a","source":"b","n":1}'


def test_a_very_long_first_line_is_read_in_time_that_grows_with_its_length():
    pieces = (b"x" * 1000 for _ in range(20_000))
    [line] = read_lines(pieces)
    assert line.length == 20_000_000
