"""What holds for all manifests and all label files."""

from __future__ import annotations

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from gt_widgets.errors import LabelCategoryError, ManifestLineError
from gt_widgets.schema.labels import label_file, parse_label_file
from gt_widgets.schema.manifest import compact, parse_line, parse_manifest, read_lines, splice
from gt_widgets.schema.tasks import TASK_TYPES

URI = "s3://demo-gt/input.manifest"
BOXES = next(found for found in TASK_TYPES if found.function == "BoundingBox")
CLASSES = next(found for found in TASK_TYPES if found.function == "ImageMultiClass")

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | text
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=8,
)
keys = text.filter(lambda key: not key.startswith("$"))
data_objects = st.builds(
    lambda others, at, source: dict(
        [*(pairs := list(others.items()))[:at], ("source", source), *pairs[at:]]
    ),
    st.dictionaries(keys.filter(lambda key: key != "source"), values, max_size=5),
    st.integers(0, 5),
    text,
)


@st.composite
def lines(draw):
    """One manifest line, in one of the ways in which JSON can be written."""
    return json.dumps(
        draw(data_objects),
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")])),
    ).encode()


@given(st.lists(lines(), min_size=1, max_size=4), st.sampled_from([b"\n", b"\r\n"]), st.data())
def test_a_manifest_reads_the_same_wherever_its_chunks_end(written, end, data):  # M01
    whole = end.join(written) + data.draw(st.sampled_from([b"", end, end * 3, end + b"  "]))
    expected = [found.source for found in parse_manifest(URI, [whole])]
    assert expected == [json.loads(line)["source"] for line in written]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert list(read_lines(chunks)) == list(read_lines([whole]))


def test_a_manifest_reads_the_same_cut_at_every_byte():  # M01
    whole = '{"source":"é🙂"}\r\n\t{"source":"b"}\n{"source":"c"} \r\n\r\n'.encode()
    expected = list(read_lines([whole]))
    assert len(expected) == 3
    for cut in range(len(whole) + 1):
        assert list(read_lines([whole[:cut], whole[cut:]])) == expected
    assert list(read_lines(whole[i : i + 1] for i in range(len(whole)))) == expected


@given(st.lists(lines(), max_size=5), st.sampled_from([b"\n", b"\r\n", b" \n\t"]))
def test_a_line_is_found_again_at_its_position(written, between):
    whole = between.join(written)
    for line in read_lines([whole]):
        assert whole[line.position : line.position + line.length] == line.data


@given(lines(), st.dictionaries(keys, values, min_size=1, max_size=3))
def test_splicing_adds_the_attributes_at_the_end_and_changes_nothing_else(line, attributes):  # M03
    before, after = json.loads(line), json.loads(splice(line, attributes))
    kept = {key: value for key, value in before.items() if key not in attributes}
    assert list(after.items()) == [*kept.items(), *attributes.items()]
    if not before.keys() & attributes.keys():
        assert splice(line, attributes).startswith(line[:-1].rstrip())


@given(lines(), st.dictionaries(keys, values, max_size=3))
def test_splicing_twice_is_splicing_once(line, attributes):
    once = splice(line, attributes)
    assert json.loads(splice(once, attributes)) == json.loads(once)


@given(lines(), st.data())
def test_a_key_written_twice_does_not_hide_the_label(line, data):
    key = data.draw(st.sampled_from(sorted(json.loads(line))))
    doubled = line[:-1] + b"," + compact(key) + b':"again"}'
    found = json.loads(splice(doubled, {"logos": 1}))
    assert found == json.loads(doubled) | {"logos": 1}


@given(st.binary(max_size=80) | lines(), st.data())
def test_a_line_is_read_or_refused_and_nothing_else_ever_happens(line, data):  # M02
    mutated = bytearray(line)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, 79), st.integers(0, 255)), max_size=4)
    ):
        mutated[at : at + 1] = bytes([byte])
    with suppress(ManifestLineError):
        found = parse_line(URI, 6, bytes(mutated))
        spliced = splice(bytes(mutated), {"logos": 1})
        assert json.loads(spliced)["logos"] == 1
        assert found.source is not None or found.source_ref is not None


@given(st.lists(text, max_size=6))
def test_a_label_file_gives_back_its_labels_in_order_or_is_refused(labels):  # L02
    with suppress(LabelCategoryError):
        assert list(parse_label_file(URI, label_file(labels), BOXES).labels) == labels


@given(st.binary(max_size=60) | values.map(lambda value: json.dumps({"labels": value}).encode()))
def test_a_label_file_is_read_or_refused_and_nothing_else_ever_happens(data):
    with suppress(LabelCategoryError):
        assert parse_label_file(URI, data, CLASSES).labels
