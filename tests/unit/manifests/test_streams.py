"""Manifests of any length: counted, validated, sampled, filtered, written."""

import io
import json
import random

import pytest

from gt_widgets.errors import ManifestLineError, ValidationError
from gt_widgets.manifests import (
    count_objects,
    filter_lines,
    pick_lines,
    sample_lines,
    validate,
    write_lines,
)
from gt_widgets.manifests.streams import LONGEST_LINE

LINES = [b'{ "source" : "%d" }\r\n' % number for number in range(1000)]
DATA = b"".join(LINES)


def test_a_sample_has_the_count_asked_for_no_duplicates_and_the_order_of_the_manifest(
    opener,
):  # M05
    found = list(sample_lines(opener(DATA), rng=random.Random(1), count=100))
    numbers = [int(json.loads(line)["source"]) for line in found]
    assert len(set(numbers)) == 100
    assert numbers == sorted(numbers)
    assert set(found) <= set(LINES)  # byte for byte, carriage returns and spaces included


def test_the_same_seed_draws_the_same_sample_and_another_seed_another(opener):  # M05
    draw = [list(sample_lines(opener(DATA), rng=random.Random(s), share=0.1)) for s in (7, 7, 8)]
    assert draw[0] == draw[1] != draw[2]


@pytest.mark.parametrize(("share", "count"), [(1.0, 1000), (0.0004, 1), (0.2505, 251)])
def test_a_share_is_rounded_half_up_and_is_at_least_one_object(opener, share, count):  # M05
    assert len(list(sample_lines(opener(DATA), rng=random.Random(0), share=share))) == count


@pytest.mark.parametrize(
    "size",
    [{"count": 1001}, {"count": 0}, {"share": 0.0}, {"share": 1.5}, {}, {"count": 1, "share": 1.0}],
)
def test_a_sample_that_cannot_be_drawn_is_refused(opener, size):
    with pytest.raises(ValidationError):
        sample_lines(opener(DATA), rng=random.Random(0), **size)


def test_every_object_is_drawn_equally_often(opener):
    data = b"".join(LINES[:10])
    rng = random.Random(3)
    drawn = [line for _ in range(2000) for line in sample_lines(opener(data), rng=rng, count=3)]
    assert all(abs(drawn.count(line) - 600) < 100 for line in LINES[:10])


def test_blank_lines_are_no_objects(opener):
    data = b'\n{"source":"a"}\n  \r\n{"source":"b"}'
    assert count_objects(opener(data)) == 2
    assert list(pick_lines(opener(data), [1])) == [b'{"source":"b"}']


def test_a_manifest_is_written_with_a_line_break_behind_each_line():
    out = io.BytesIO()
    assert write_lines([b'{"source":"a"}\r\n', b'{"source":"b"}'], out) == 2
    assert out.getvalue() == b'{"source":"a"}\r\n{"source":"b"}\n'


def test_a_valid_manifest_says_what_it_holds():
    data = b'{"source":"a","n":1}\n{"source-ref":"s3://a/b","n":2,"m":3}\n'
    found = validate(io.BytesIO(data))
    assert (found.objects, found.texts, found.attributes) == (2, 1, {"n": 2, "m": 1})


def test_a_manifest_where_each_line_has_keys_of_its_own_is_counted_in_bounded_memory(monkeypatch):
    from gt_widgets.manifests import streams

    monkeypatch.setattr(streams, "_SHAPES", 3)
    data = b"".join(b'{"source":"a","k%d":1,"n":1}\n' % number for number in range(20))
    assert validate(io.BytesIO(data)).attributes["n"] == 20


def test_more_objects_than_a_job_takes_are_refused_unless_the_limit_is_lifted():  # M08
    line = b'{"source":"a"}\n'
    with pytest.raises(ValidationError, match="more than 100000 data objects"):
        validate(io.BytesIO(line * 100_001))
    with pytest.raises(ValidationError, match="more than 20000 data objects"):
        validate(io.BytesIO(line * 20_001), max_objects=20_000)
    assert validate(io.BytesIO(line * 100_001), max_objects=None).objects == 100_001


def test_a_fault_is_refused_with_the_number_of_its_line_in_the_file():
    with pytest.raises(ManifestLineError, match="line 4: expected one JSON object"):
        validate(io.BytesIO(b'{"source":"a"}\n\n\n{"source":'))
    with pytest.raises(ValidationError, match="no data object"):
        validate(io.BytesIO(b"\n\n"))


def test_a_file_that_is_one_endless_line_is_not_read_to_its_end():
    with pytest.raises(ManifestLineError, match="line 1: the line has more than"):
        validate(io.BytesIO(b"x" * (LONGEST_LINE + 2)))


def test_a_python_function_filters_as_well():
    data = b'{"source":"a", "n":1}\n{"source":"b","n":2.50}\n'
    assert list(filter_lines(io.BytesIO(data), lambda line: line["n"] > 2)) == [
        b'{"source":"b","n":2.50}\n'
    ]
    with pytest.raises(ManifestLineError, match="line 1"):
        list(filter_lines(io.BytesIO(b"[1]\n"), bool))
