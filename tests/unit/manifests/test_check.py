"""The checker: published error names, line numbers, and a repaired copy."""

import io
import json

import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.manifests import check, repair
from gt_widgets.manifests.problems import CODES, OURS

REKOGNITION = "rekognition-custom-labels"
BOX = {"class_id": 0, "left": 1, "top": 1, "width": 10, "height": 10}


def codes(data, target=REKOGNITION, **options):
    report = check(io.BytesIO(data), target=target, **options)
    return {problem.code for problem in report.problems if problem.line}


def repaired(data, target=REKOGNITION, **options):
    out = io.BytesIO()
    report = repair(io.BytesIO(data), out, target=target, **options)
    return report, out.getvalue()


FAULTS = {
    "ERROR_INVALID_JSON_LINE": lambda line: b'{"source-ref":',
    "ERROR_MISSING_SOURCE_REF": lambda line: b'{"source":"a text"}',
    "ERROR_INVALID_SOURCE_REF_FORMAT": lambda line: line(source="https://demo-gt/1.jpg"),
    "ERROR_NO_LABEL_ATTRIBUTES": lambda line: b'{"source-ref":"s3://demo-gt/1.jpg","logos":1}',
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": lambda line: line().replace(b"image_size", b"size"),
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": lambda line: line(human_annotated="true"),
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": lambda line: line(type="groundtruth/text-span"),
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": lambda line: line(objects=[]),
    "ERROR_MISSING_CLASS_MAP_ID": lambda line: line([BOX, BOX | {"class_id": 1}]),
    "ERROR_INVALID_BOUNDING_BOX": lambda line: line([BOX, BOX | {"left": -1}]),
    "ERROR_BOUNDING_BOX_TOO_SMALL": lambda line: line([BOX, BOX | {"width": 1}]),
    "ERROR_TOO_MANY_BOUNDING_BOXES": lambda line: line([BOX] * 51),
    "ERROR_NO_VALID_ANNOTATIONS": lambda line: line([BOX | {"height": 1}]),
    "WARNING_UNANNOTATED_RECORD": lambda line: b'{"source-ref":"s3://demo-gt/1.jpg"}',
    "WARNING_NO_ANNOTATIONS": lambda line: line([]),
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": lambda line: line([]),
}


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_of_a_line_has_its_published_name_and_its_line_number(code, box_line):
    report = check(io.BytesIO(box_line() + b"\n\n" + FAULTS[code](box_line)), target=REKOGNITION)
    found = {problem.code: problem.line for problem in report.problems}
    assert found[code] == 3
    assert code in CODES
    assert report.ok == code.startswith("WARNING")


@pytest.mark.parametrize("code", FAULTS)
def test_a_repaired_copy_has_no_errors_left_and_keeps_good_lines_byte_for_byte(code, box_line):
    good = box_line().replace(b'":', b'" :') + b"\r\n"
    report, data = repaired(good * 4 + FAULTS[code](box_line) + b"\n" + good)
    assert report.lines == 6
    assert data.startswith(good * 4)
    assert data.endswith(good)
    assert check(io.BytesIO(data), target=REKOGNITION).ok


def test_an_image_that_cannot_be_used_is_named(box_line):
    def fault(uri):
        return "it is a GIF" if uri.endswith("2.jpg") else ""

    data = box_line() + b"\n" + box_line(source="s3://demo-gt/2.jpg")
    assert codes(data, image_fault=fault) == {"ERROR_INVALID_IMAGE"}
    assert repaired(data, image_fault=fault)[1] == box_line() + b"\n"


def test_faults_of_the_whole_file_have_their_names(box_line, monkeypatch):
    def whole(data):
        return {p.code for p in check(io.BytesIO(data), target=REKOGNITION).problems if not p.line}

    assert whole(b"\n") == {"ERROR_EMPTY_MANIFEST"}
    assert whole(b"{\n" + box_line()) == {"ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"}
    two = box_line() + b"\n" + box_line(source="s3://other/1.jpg")
    assert whole(two) == {"ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"}
    many = {str(i): f"brand {i}" for i in range(251)}
    assert whole(box_line(class_map=many)) == {"ERROR_TOO_MANY_LABELS_IN_MANIFEST"}
    assert whole(b'{"source-ref":"s3://a/1.jpg"}') == {"ERROR_INSUFFICIENT_LABELS_IN_MANIFEST"}
    assert set().union(*map(whole, [b"", two])) <= CODES.keys()


def test_boxes_are_cut_at_the_border_and_the_most_confident_fifty_stay(box_line):
    _, data = repaired(
        box_line([BOX, BOX | {"left": 95}], objects=[{"confidence": 0.1}, {"confidence": 0.9}])
    )
    assert json.loads(data)["logos"]["annotations"][1] == BOX | {"left": 95, "width": 5}
    objects = [{"confidence": i / 60} for i in range(60)]
    line = json.loads(
        repaired(box_line([BOX | {"left": i} for i in range(60)], objects=objects))[1]
    )
    assert [box["left"] for box in line["logos"]["annotations"]] == list(range(10, 60))
    assert line["logos-metadata"]["objects"] == objects[10:]


def test_a_box_is_judged_at_the_size_that_training_sees(box_line):
    line = json.loads(box_line([BOX | {"width": 2}, BOX]))
    line["logos"]["image_size"] = [{"width": 3000, "height": 3000, "depth": 3}]
    assert codes(json.dumps(line).encode()) == {"ERROR_BOUNDING_BOX_TOO_SMALL"}
    assert codes(json.dumps(line).encode(), "labeling-job") == set()


def test_a_labeling_job_takes_texts_objects_without_labels_and_failed_ones():
    data = (
        b'{"source":"a"}\n{"source-ref":"s3://a/1.jpg"}\n'
        b'{"source":"b","l-metadata":{"retry-count":1,"failure-reason":"x","human-annotated":"true"}}\n'
    )
    assert check(io.BytesIO(data)).ok


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"sauce":"a"}', "ERROR_MISSING_SOURCE"),
        (b'{"source":"a","$k":1}', "ERROR_ATTRIBUTE_NAME"),
        (b'{"source":"a","k":"' + b"x" * 20_001 + b'"}', "ERROR_ATTRIBUTE_TOO_LONG"),
        (b'{"source":"a"' + b',"k":"%s"' % (b"x" * 19_000) * 6 + b"}", "ERROR_LINE_TOO_LONG"),
        (b'\xef\xbb\xbf{"source":"a"}', "ERROR_INVALID_JSON_LINE"),
    ],
)
def test_the_rules_of_a_labeling_job_are_checked(line, code):  # M02
    assert codes(line, "labeling-job") == {code}
    assert check(io.BytesIO(repaired(line, "labeling-job")[1] or b'{"source":"a"}')).ok
    assert code in CODES | OURS


def entity_line(start, end):
    label = {
        "annotations": {"entities": [{"label": "city", "startOffset": start, "endOffset": end}]}
    }
    metadata = {
        "type": "groundtruth/text-span",
        "human-annotated": "yes",
        "creation-date": "x",
        "entities": [{"confidence": 0}],
    }
    return json.dumps(
        {"source": "in Oslo \U0001f600", "ner": label, "ner-metadata": metadata}
    ).encode()


def test_an_entity_must_lie_in_its_text_counted_in_code_points():
    assert codes(entity_line(3, 9), "labeling-job") == set()
    assert codes(entity_line(3, 10), "labeling-job") == {"ERROR_INVALID_ENTITY"}
    line = json.loads(repaired(entity_line(7, 3), "labeling-job")[1])
    assert line["ner"]["annotations"]["entities"] == line["ner-metadata"]["entities"] == []


def test_a_misspelt_source_ref_is_renamed(box_line):
    _, data = repaired(box_line().replace(b"source-ref", b"source_ref"))
    assert data == box_line() + b"\n"


def test_an_annotated_copy_carries_the_names_where_they_belong(box_line):
    data = box_line() + b"\n" + box_line([BOX, BOX | {"left": -1}], objects=[]) + b"\n{bad\n"
    _, out = repaired(data, annotate=True)
    good, line, bad = out.splitlines()
    assert good == box_line()
    label, metadata = json.loads(line)["logos"], json.loads(line)["logos-metadata"]
    assert label["annotations"][1]["errors"][0]["code"] == "ERROR_INVALID_BOUNDING_BOX"
    assert metadata["errors"][0]["code"] == "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"
    assert json.loads(bad)["errors"][0]["code"] == "ERROR_INVALID_JSON_LINE"


def test_a_report_reads_as_text_and_as_a_table_and_shows_no_control_characters(box_line):
    report = check(io.BytesIO(b'{"source-ref":"\\u001b[31mx"}\n' * 30))
    assert "30  ERROR_INVALID_SOURCE_REF_FORMAT" in repr(report)
    assert "line 1: ERROR_INVALID" in repr(report)
    assert "... 10 more" in repr(report)
    assert "\x1b" not in repr(report)
    assert list(report.table()["line"][:2]) == [1, 2]


def test_an_unknown_target_is_refused():
    with pytest.raises(ValidationError, match="labeling-job, rekognition-custom-labels"):
        check(io.BytesIO(b""), target="x")


def test_a_file_is_checked_by_its_path(tmp_path):
    import gt_widgets as gt

    (tmp_path / "in.manifest").write_bytes(b'{"source":"a"}\n')
    assert gt.check(tmp_path / "in.manifest").ok
    assert repr(gt.check(str(tmp_path / "in.manifest"))).startswith(str(tmp_path))
    with pytest.raises(ValidationError, match=r"session\.check"):
        gt.check(tmp_path / "gone")
