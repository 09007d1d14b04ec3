"""Exports and imports of COCO, VOC, YOLO, CSV, Hugging Face folders and augmented manifests."""

import contextlib
import csv
import io
import json
from datetime import UTC, datetime

import numpy as np
import pytest
import yaml
from PIL import Image

from gt_widgets.errors import FormatError
from gt_widgets.exchange import (
    augmented_lines,
    class_ids,
    export_labels,
    import_coco,
    import_voc,
    import_yolo,
    read_labels,
    write_sets,
    yolo_categories,
)
from gt_widgets.manifests import check

WHEN = datetime(2026, 11, 20, 10, 18, 13, 527256, tzinfo=UTC)


@pytest.fixture
def labeled(boxes):
    return list(read_labels(boxes, "x"))


def as_lines(imported, **options):
    categories = {name: index for index, name in enumerate(imported.categories)}
    found = augmented_lines(
        imported.objects, "x", categories=categories, created=WHEN, job_name="x",
        uri_of=lambda each: f"s3://demo-gt/{each.source}", **options,
    )  # fmt: skip
    return [json.loads(line) for line in found]


def annotations(line):
    names = line["x-metadata"]["class-map"]
    return [
        (names[str(b["class_id"])], b["left"], b["top"], b["width"], b["height"])
        for b in line["x"]["annotations"]
    ]


def test_coco_is_read_by_pycocotools(labeled, boxes, tmp_path, read):
    from pycocotools.coco import COCO

    export_labels({"train": labeled}, tmp_path, "coco", categories=class_ids(boxes, "x"), read=read)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(tmp_path / "annotations" / "instances_train.json")
    [first, second] = coco.loadImgs(coco.getImgIds())
    assert [i["file_name"] for i in (first, second)] == ["1.png", "1-2.png"]
    found = coco.loadAnns(coco.getAnnIds(first["id"]))
    assert [(a["bbox"], a["area"], a["category_id"]) for a in found] == [
        ([12, 8, 30, 20], 600, 1),
        ([0, 0, 60, 40], 2400, 3),
    ]
    assert coco.getAnnIds(second["id"]) == []
    assert (tmp_path / "train" / "1-2.png").read_bytes() == read("s3://demo-gt/b/1.png")


@pytest.mark.parametrize("form", ["coco", "voc", "yolo"])
def test_boxes_come_back_from_each_format_as_they_were(form, labeled, boxes, tmp_path, read):
    export_labels({"train": labeled}, tmp_path, form, categories=class_ids(boxes, "x"), read=read)
    if form == "coco":
        imported = import_coco(tmp_path / "annotations" / "instances_train.json")
    elif form == "voc":
        imported = import_voc(sorted((tmp_path / "Annotations").iterdir(), reverse=True))
    else:
        labels = {
            f"{p.stem}.png": p for p in sorted((tmp_path / "labels/train").iterdir(), reverse=True)
        }
        names = yolo_categories(tmp_path / "data.yaml")
        assert names == ("DHL", "class_1", "Größe & <b>")
        imported = import_yolo(labels, categories=names, size_of=lambda name: (60, 40))
    lines = as_lines(imported)
    assert annotations(lines[0]) == [("DHL", 12, 8, 30, 20), ("Größe & <b>", 0, 0, 60, 40)]
    assert (lines[1]["x"]["annotations"], imported.skipped) == ([], ())
    data = "\n".join(map(json.dumps, lines)).encode()
    assert check(io.BytesIO(data)).ok  # a job can adjust it


def test_an_imported_line_is_what_a_job_writes_to_the_key_order(labeled, boxes):
    categories = {name: i for i, name in enumerate(class_ids(boxes, "x"))}
    lines = augmented_lines(labeled, "x", categories=categories, created=WHEN, job_name="x")
    assert [json.loads(line) for line in lines] == boxes[:2]


def test_every_kind_goes_through_an_augmented_manifest_unchanged(others):
    for kind, line in others.items():
        categories = {name: i for i, name in enumerate(class_ids([line], "x"))}
        [found] = augmented_lines(
            read_labels([line], "x"), "x", categories=categories, created=WHEN, job_name="x"
        )
        again = json.loads(found)
        assert again["x"] == line["x"], kind
        assert again["x-metadata"]["type"] == line["x-metadata"]["type"]
        assert check(io.BytesIO(found)).ok


def test_masks_come_back_from_coco_pixel_by_pixel(others, tmp_path, read):
    objects = list(read_labels([others["mask"]], "x"))
    export_labels({"train": objects}, tmp_path, "coco", categories=["road", "car"], read=read)
    imported = import_coco(tmp_path / "annotations" / "instances_train.json", masks=True)
    [one] = imported.objects
    before = Image.open(io.BytesIO(read("s3://out/0.png")))
    after = Image.open(io.BytesIO(one.mask_png))
    assert after.mode == "P"
    assert np.array_equal(np.asarray(before), np.asarray(after))
    [line] = as_lines(imported, put_mask=lambda each: "s3://out/new.png")
    assert line["x"] == "s3://out/new.png"
    assert line["x-metadata"]["internal-color-map"]["0"]["class-name"] == "BACKGROUND"
    with pytest.raises(FormatError, match="put_mask="):
        as_lines(imported)


def test_masks_go_to_voc_and_hugging_face_with_the_class_ids_of_the_job(others, tmp_path, read):
    objects = list(read_labels([others["mask"]], "x"))
    for form, path in (("voc", "SegmentationClass/1.png"), ("huggingface", "train/masks/1.png")):
        export_labels(
            {"train": objects}, tmp_path, form, categories=["lane", "car", "road"], read=read
        )
        mask = np.asarray(Image.open(tmp_path / path))
        assert [int(mask[y, x]) for y, x in ((0, 0), (5, 10), (30, 55))] == [0, 3, 2]


def test_polygons_and_run_lengths_of_coco_become_masks(tmp_path):
    counts = [3, 2, 15]  # columns first: pixels 3 and 4 of a 4 x 5 image
    document = {
        "images": [{"id": 7, "file_name": "a.png", "width": 5, "height": 4}],
        "categories": [{"id": 9, "name": "car"}, {"id": 4, "name": "road"}],
        "annotations": [
            {"image_id": 7, "category_id": 9, "segmentation": {"size": [4, 5], "counts": counts}},
            {"image_id": 7, "category_id": 4, "segmentation": [[2, 0, 5, 0, 5, 4, 2, 4]]},
            {"image_id": 7, "category_id": 4},
        ],
    }  # fmt: skip
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document))
    imported = import_coco(path, masks=True)
    mask = np.asarray(Image.open(io.BytesIO(imported.objects[0].mask_png)))
    assert imported.categories == ("road", "car")
    assert mask.tolist() == [[0, 2, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [2, 0, 1, 1, 1]]
    assert imported.skipped == ("coco.json, a.png: an annotation of 'road' has no segmentation",)


def test_boxes_of_other_tools_are_rounded_cut_and_named_if_left_out(tmp_path):
    boxes = [
        [-3.2, 1.4, 10, 5.2],
        [99.8, 0, 0.1, 1],
        [200, 0, 5, 5],
        [1, 1, 0, 5],
        [1, 2],
        [1, 1, 2, 2],
    ]
    document = {
        "images": [{"id": 1, "file_name": "sub/a.png", "width": 100, "height": 50}],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": box, "score": 0.5} for box in boxes
        ],
    }
    document["annotations"][-1]["iscrowd"] = 1
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(document))
    imported = import_coco(path)
    [each] = imported.objects
    assert [(b.left, b.top, b.width, b.height) for b in each.boxes] == [(0, 1, 7, 6), (99, 0, 1, 1)]
    reasons = " ".join(imported.skipped)
    for words in ("lies outside of the image", "has no area", "not four numbers", "not one box"):
        assert reasons.count(words) == 1
    assert "4 left out" in repr(imported)


def test_voc_counts_pixels_from_one_and_other_tools_from_zero(labeled, tmp_path):
    export_labels({"train": labeled}, tmp_path, "voc")
    text = (tmp_path / "Annotations" / "1.xml").read_text()
    assert "<xmin>13</xmin>" in text
    assert "<xmax>42</xmax>" in text
    assert "Größe &amp; &lt;b&gt;" in text
    [other] = import_voc([tmp_path / "Annotations" / "1.xml"], first_pixel=0).objects
    assert (other.boxes[0].left, other.boxes[0].width) == (13, 29)
    assert (tmp_path / "ImageSets/Main/train.txt").read_text() == "1\n1-2\n"


def test_yolo_has_a_file_per_image_and_names_that_any_yaml_reader_reads(labeled, boxes, tmp_path):
    sets = {"train": labeled[:1], "validation": labeled[1:]}
    export_labels(sets, tmp_path, "yolo", categories=class_ids(boxes, "x"))
    document = yaml.safe_load((tmp_path / "data.yaml").read_text())
    assert document["names"] == {0: "DHL", 1: "class_1", 2: "Größe & <b>"}
    assert (document["train"], document["val"]) == ("images/train", "images/val")
    assert (tmp_path / "labels/train/1.txt").read_text() == "0 0.45 0.45 0.5 0.5\n2 0.5 0.5 1 1\n"
    assert (tmp_path / "labels/val/1-2.txt").read_text() == ""


def test_a_table_has_a_row_per_label_and_runs_no_formula(labeled, others, tmp_path):
    objects = [*labeled, *(next(read_labels([line], "x")) for line in others.values())]
    export_labels({"all": objects}, tmp_path, "csv")
    rows = list(csv.DictReader((tmp_path / "all.csv").open(newline="")))
    assert [row["label"] for row in rows[:3]] == ["DHL", "Größe & <b>", ""]
    assert (rows[0]["left"], rows[0]["confidence"], rows[0]["image_width"]) == ("12", "0.83", "60")
    assert "'=wren" in [row["label"] for row in rows]
    assert [row["text"] for row in rows if row["kind"] == "entities"] == ["Oslo"]
    assert len(rows) == 3 + 1 + 2 + 3 + 1


def test_a_hugging_face_folder_has_metadata_beside_its_images(labeled, boxes, tmp_path, read):
    sets = {"train": labeled[:1], "test": labeled[::-1]}
    export_labels(sets, tmp_path, "huggingface", categories=class_ids(boxes, "x"), read=read)
    [row] = map(json.loads, (tmp_path / "train/metadata.jsonl").read_text().splitlines())
    assert row["objects"]["bbox"] == [[12, 8, 30, 20], [0, 0, 60, 40]]
    assert row["objects"]["categories"] == [0, 2]
    assert (tmp_path / "train" / row["file_name"]).read_bytes() == read("s3://demo-gt/a/1.png")
    rows = list(map(json.loads, (tmp_path / "test/metadata.jsonl").read_text().splitlines()))
    assert [len(row["objects"]["bbox"]) for row in rows] == [0, 2]
    with pytest.raises(FormatError, match="read="):
        export_labels(sets, tmp_path, "huggingface")
    with pytest.raises(FormatError, match="'bare' has no label"):
        export_labels({"train": labeled, "bare": labeled[1:]}, tmp_path, "huggingface", read=read)


def test_texts_go_to_hugging_face_as_lines(others, tmp_path):
    objects = list(read_labels([others["entities"]], "x"))
    export_labels({"train": objects}, tmp_path, "huggingface")
    row = json.loads((tmp_path / "train/data.jsonl").read_text())
    assert row == {
        "text": "in Oslo \U0001f600",
        "entities": [{"start": 3, "end": 7, "label": "city"}],
    }


@pytest.mark.parametrize(
    ("form", "kind", "instead"),
    [("coco", "class", "csv"), ("voc", "entities", "huggingface"), ("yolo", "mask", "coco")],
)
def test_a_format_that_cannot_hold_a_label_says_which_can(form, kind, instead, others, tmp_path):
    objects = list(read_labels([others[kind]], "x"))
    with pytest.raises(FormatError, match=f"not {kind}. Use .*{instead}"):
        export_labels({"train": objects}, tmp_path, form)
    with pytest.raises(FormatError, match="coco, voc, yolo, csv, huggingface, sagemaker"):
        export_labels({"train": objects}, tmp_path, "x")


def test_training_manifests_are_copies_of_the_lines_byte_for_byte(tmp_path):
    lines = [b'{"source":"a" , "n":1.50}\r\n', b'{"source":"b"}\n', b'{"source":"c"}']
    assert write_sets(lines, {0: "train", 2: "train", 1: "test"}, tmp_path) == {
        "train": 2,
        "test": 1,
    }
    assert (tmp_path / "train.manifest").read_bytes() == lines[0] + lines[2] + b"\n"


def test_an_image_whose_size_is_not_known_cannot_be_exported_relatively(tmp_path):
    line = {"source-ref": "s3://a/1.png", "x": {"annotations": []}, "x-metadata": {}}
    with pytest.raises(FormatError, match="image's size"):
        export_labels({"train": list(read_labels([line], "x"))}, tmp_path, "yolo")
