"""What holds for all manifests, all filters and all damage."""

from __future__ import annotations

import io
import json
import random
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from gt_widgets.errors import QueryError, ValidationError
from gt_widgets.manifests import (
    check,
    join_by_source,
    repair,
    sample_lines,
    select_lines,
    validate,
)
from gt_widgets.manifests.select import open_duckdb
from gt_widgets.manifests.where import parse_where

DUCKDB = open_duckdb()
WORDS = [
    *("s", ".", '"', "'", "(", ")", "[", "]", ",", "=", "<", ">", "<>", "*", "/", "%", "+", "-", ";"),
    *("AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "BETWEEN", "CAST", "AS", "FLOAT", "LIMIT"),
    *("SELECT", "FROM", "WHERE", "S3Object", "UNION", "JOIN", "CASE", "WHEN", "END", "EXISTS"),
    *("a", '"b-c"', "'x'", "1", "0.5", "TRUE", "lower", "coalesce", "read_csv", "--", "/*", "$1", "?"),
]  # fmt: skip
numbers = st.integers(-20, 120) | st.floats(-20, 120) | st.text(max_size=2) | st.none()
boxes = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("class_id", "left", "top", "width", "height"), numbers)
)
metadata = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["groundtruth/object-detection", "groundtruth/image-classification", "groundtruth/text-span", 3]),
        "human-annotated": st.sampled_from(["yes", "no", "true"]),
        "creation-date": st.sampled_from(["2026-11-20T10:18:13.527256", None]),
        "class-map": st.dictionaries(st.sampled_from("0123"), st.just("DHL")) | st.none(),
        "class-name": st.just("DHL"),
        "confidence": numbers,
        "objects": st.lists(st.fixed_dictionaries({}, optional={"confidence": numbers}), max_size=4),
        "entities": st.none() | st.lists(st.none(), max_size=2),
    },
)  # fmt: skip
labels = (
    numbers
    | st.fixed_dictionaries(
        {"annotations": st.lists(boxes | numbers, max_size=4)},
        optional={"image_size": st.just([{"width": 100, "height": 50}]) | st.just([]) | st.none()},
    )
    | st.fixed_dictionaries({"annotations": st.dictionaries(st.just("entities"), st.lists(boxes))})
)
lines = st.builds(
    lambda **members: json.dumps({k.replace("_", "-"): v for k, v in members.items()}).encode(),
    source_ref=st.sampled_from(["s3://a/1.jpg", "S3://a/1.jpg", "http://a/1.jpg", 3]),
    x=labels,
    x_metadata=metadata,
) | st.binary(max_size=40).map(lambda data: data.replace(b"\n", b""))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=40))
def test_a_filter_is_understood_or_refused_with_one_kind_of_error(expression):
    try:
        where = parse_where(expression, DUCKDB)
    except QueryError:
        return
    assert "'" not in where.sql  # no text of the user's is in it
    data = b'{"source":"a","a":1,"b-c":"x"}\n'
    found = list(select_lines(io.BytesIO(data), expression))
    assert found in ([], [data])


@settings(deadline=None)
@given(st.lists(lines, max_size=5), st.sampled_from(["labeling-job", "rekognition-custom-labels"]))
def test_whatever_a_manifest_holds_it_is_checked_and_its_repaired_copy_has_no_faulty_line(
    data, target
):
    whole, out = b"\n".join(data), io.BytesIO()
    report = repair(io.BytesIO(whole), out, target=target)
    again = check(io.BytesIO(out.getvalue()), target=target)
    assert not [p for p in again.problems if p.line and not p.is_warning]
    assert again.lines == report.lines - report.removed
    assert check(io.BytesIO(whole), target=target).counts == report.counts
    repair(io.BytesIO(whole), io.BytesIO(), target=target, annotate=True)


@given(st.lists(lines, max_size=4))
def test_a_manifest_without_errors_is_one_that_a_job_reads(data):
    whole = b"\n".join(data)
    if check(io.BytesIO(whole)).ok:
        validate(io.BytesIO(whole))


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_manifest_or_one_kind_of_error(data):
    for read in (validate, lambda file: list(select_lines(file, "s.a = 1 OR s.source = 'x'"))):
        with suppress(ValidationError):
            read(io.BytesIO(data))


@given(st.integers(1, 60), st.data())
def test_a_sample_is_a_part_of_its_manifest_in_its_order(total, data):
    whole = [b'{"source":"%d"}\n' % number for number in range(total)]
    count = data.draw(st.integers(1, total))
    rng = random.Random(data.draw(st.integers(0, 99)))
    found = list(sample_lines(lambda: io.BytesIO(b"".join(whole)), rng=rng, count=count))
    assert len(found) == len(set(found)) == count
    assert found == sorted(found, key=whole.index)


@given(st.permutations([f"{n}é" for n in range(6)]), st.lists(st.integers(0, 5), max_size=8))
def test_a_join_by_source_gives_each_line_its_own_label(order, asked):
    right = "".join(
        json.dumps({"source": s, "k": s}, ensure_ascii=bool(i % 2)) + "\n"
        for i, s in enumerate(order)
    )
    left = "".join(json.dumps({"source": f"{n}é"}) + "\n" for n in asked)
    found = join_by_source(io.BytesIO(left.encode()), io.BytesIO(right.encode()))
    assert [json.loads(line) for line in found] == [
        {"source": f"{n}é", "k": f"{n}é"} for n in asked
    ]
