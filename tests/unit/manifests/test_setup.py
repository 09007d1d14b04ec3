"""Automated manifest set-up from images, texts and tables."""

import io
import json
from datetime import UTC, datetime

import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.manifests import (
    csv_manifest,
    image_manifest,
    manifest_name,
    text_manifest,
    validate,
)


def run(make, data, **options):
    out = io.BytesIO()
    setup = make(data, out, **options)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert not lines or validate(io.BytesIO(out.getvalue())).objects == setup.objects == len(lines)
    return setup, lines


def test_the_manifest_has_the_name_that_the_console_gives():  # M07
    assert (
        manifest_name(datetime(2026, 11, 20, 10, 3, 5, tzinfo=UTC))
        == "dataset-20261120T100305.manifest"
    )


def test_a_folder_becomes_a_line_per_picture_in_the_order_of_their_keys():  # M07
    uris = [("s3://b/é.PNG", 1), ("s3://b/b.jpg", 1), ("s3://b/B.jpeg", 1), ("s3://b/sub/", 0)]
    setup, lines = run(image_manifest, uris)
    assert [line["source-ref"] for line in lines] == [
        "s3://b/B.jpeg",
        "s3://b/b.jpg",
        "s3://b/é.PNG",
    ]
    assert setup.skipped == []


def test_files_that_are_left_out_are_named_with_the_reason():  # M07
    uris = [
        ("s3://b/a.gif", 9),
        ("s3://b/b.jpg", 0),
        ("s3://b/c.jpg", 41 * 2**20),
        ("s3://b/d.jpg", 9),
    ]
    setup, lines = run(image_manifest, uris)
    assert len(lines) == 1
    reasons = {each.name[-5:]: each.reason for each in setup.skipped}
    assert reasons["a.gif"].startswith("its name does not end in .jpg")
    assert (reasons["b.jpg"], "42,991,616 bytes" in reasons["c.jpg"]) == ("it is empty", True)
    assert "1 data object(s), 3 left out" in repr(setup)


def test_a_text_file_becomes_a_line_per_line():  # M07
    setup, lines = run(text_manifest, io.BytesIO('\ufeffeins\r\n\nzwei \u2028 "drei"\n'.encode()))
    assert lines == [{"source": "eins"}, {"source": 'zwei \u2028 "drei"'}]
    assert [(each.name, each.reason) for each in setup.skipped] == [("line 2", "it is blank")]


def test_a_text_that_is_too_long_for_the_service_is_left_out():  # M02
    setup, lines = run(text_manifest, io.BytesIO(b"a" * 20_001 + b"\n" + b"b" * 20_000 + b"\n"))
    assert (len(lines), setup.skipped[0].reason) == (1, "'source' has more than 20,000 characters")


def test_a_table_becomes_a_line_per_row_and_other_columns_go_along():  # M07
    data = b'id,text\r\n1,"two\nlines"\r\n2\r\n3,\r\n4,"=a, b"\r\n'
    setup, lines = run(csv_manifest, io.BytesIO(data), column="text")
    assert lines == [{"source": "two\nlines", "id": "1"}, {"source": "=a, b", "id": "4"}]
    assert [each.name for each in setup.skipped] == ["row 2", "row 3"]


def test_a_table_of_locations_needs_s3_locations():
    data = b"source-ref,n\ns3://a/b.jpg,1\nhttp://a/b.jpg,2\n"
    setup, lines = run(csv_manifest, io.BytesIO(data))
    assert lines == [{"source-ref": "s3://a/b.jpg", "n": "1"}]
    assert "is not an S3 location" in setup.skipped[0].reason


@pytest.mark.parametrize(
    ("data", "column", "words"),
    [
        (b"", None, "must begin with a header"),
        (b"a,b\n", "c", "no column 'c'"),
        (b"a,a\n", None, "several columns"),
        (b"$a,b\n", None, "cannot become keys"),
        (b"text,source\n", "text", "cannot become keys"),
        (b"a\n\xff\n", None, "line 2 is not UTF-8"),
        (b'a\n"x', None, "line 2 of the CSV file"),
        (b"\xef\xbb\xbfsource;topic\r\nlate again;late\r\n", None, "one column, 'source;topic'"),
        (b"source\ttopic\nlate again\tlate\n", None, "with commas between"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(data, column, words):
    with pytest.raises(ValidationError, match=words):
        csv_manifest(io.BytesIO(data), io.BytesIO(), column=column)


def test_rows_with_semicolons_are_texts_where_that_is_said():
    _, lines = run(csv_manifest, io.BytesIO(b"a;b\r\nx;y\r\n"), column="a;b")
    assert lines == [{"source": "x;y"}]
