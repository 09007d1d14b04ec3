"""Labels of one manifest copied into the lines of another."""

import io

import pytest

from gt_widgets.errors import ManifestLineError
from gt_widgets.manifests import join_by_line, join_by_source

LEFT = b'{"source-ref":"s3://a/1.jpg", "x":1.50}\n{"source-ref":"s3://a/2.jpg","y":2}\r\n{"source":"3"}\n'
RIGHT = b'{"source":"3","k":[3]}\n\n{"source-ref":"s3:\\/\\/a\\/1.jpg","k":"\\u00e9", "x":9}\n'


def test_by_source_finds_the_line_wherever_it_stands_and_however_it_is_escaped():
    found = list(join_by_source(io.BytesIO(LEFT), io.BytesIO(RIGHT)))
    assert found == [
        b'{"source-ref":"s3://a/1.jpg", "x":1.50,"k":"\\u00e9"}\n',
        b'{"source-ref":"s3://a/2.jpg","y":2}\r\n',
        b'{"source":"3","k":[3]}\n',
    ]


def test_attributes_that_are_named_replace_those_that_are_there():
    [first, *_] = join_by_source(io.BytesIO(LEFT), io.BytesIO(RIGHT), attributes=["x"])
    assert first == b'{"source-ref":"s3://a/1.jpg","x":9}\n'


def test_of_several_lines_of_one_source_the_last_counts():
    right = b'{"source":"3","k":1}\n{"source":"3","k":2}\n'
    assert list(join_by_source(io.BytesIO(b'{"source":"3"}\n'), io.BytesIO(right))) == [
        b'{"source":"3","k":2}\n'
    ]


def test_two_sources_with_one_hash_are_told_apart(monkeypatch):
    from gt_widgets.manifests import join

    monkeypatch.setattr(join, "_hash", lambda source: 7)
    found = list(join_by_source(io.BytesIO(LEFT), io.BytesIO(RIGHT)))
    assert [b'"k"' in line for line in found] == [True, False, True]


def test_by_line_joins_the_outputs_of_two_jobs_with_one_input():
    right = b'{"source-ref":"s3://a/1.jpg","k":1}\n{"source-ref":"s3://a/2.jpg"}\n{"source":"3","k":3}\n'
    found = list(join_by_line(io.BytesIO(LEFT), io.BytesIO(right)))
    assert found[0] == b'{"source-ref":"s3://a/1.jpg", "x":1.50,"k":1}\n'
    assert found[1:] == [b'{"source-ref":"s3://a/2.jpg","y":2}\r\n', b'{"source":"3","k":3}\n']


def test_by_line_refuses_lines_of_different_objects_and_a_manifest_that_is_longer():
    with pytest.raises(ManifestLineError, match="line 1: both lines must tell of one source"):
        list(join_by_line(io.BytesIO(LEFT), io.BytesIO(RIGHT)))
    with pytest.raises(ManifestLineError, match="line 2: the left manifest goes on"):
        list(join_by_line(io.BytesIO(LEFT), io.BytesIO(LEFT.split(b"\n")[0])))
