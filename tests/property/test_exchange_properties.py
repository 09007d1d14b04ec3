"""Labels survive their way to another tool's files and back."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_widgets.exchange import (
    Box,
    Labeled,
    augmented_lines,
    export_labels,
    import_coco,
    import_voc,
    import_yolo,
    read_labels,
    tool_colours,
    yolo_categories,
)
from gt_widgets.exchange.masks import decode_segmentation, encode_rle

WHEN = datetime(2026, 11, 20, tzinfo=UTC)
LABELS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=12
).filter(lambda label: label == label.strip())


@st.composite
def labeled(draw):
    """An image with boxes of whole pixels inside of it."""
    width, height = draw(st.integers(1, 5000)), draw(st.integers(1, 5000))
    boxes = []
    for _ in range(draw(st.integers(0, 4))):
        left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        wide, high = draw(st.integers(1, width - left)), draw(st.integers(1, height - top))
        boxes.append(Box(draw(LABELS), left, top, wide, high))
    return Labeled(
        "s3://demo-gt/a.png", "boxes", width=width, height=height, depth=3, boxes=tuple(boxes)
    )


@settings(max_examples=60, deadline=None)
@given(labeled(), st.sampled_from(["coco", "voc", "yolo"]))
def test_boxes_come_back_exactly(each, form):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        categories = export_labels({"train": [each]}, folder, form)
        if form == "coco":
            [found] = import_coco(folder / "annotations/instances_train.json").objects
        elif form == "voc":
            [found] = import_voc([folder / "Annotations/a.xml"]).objects
        else:
            names = yolo_categories(folder / "data.yaml")
            assert list(names) == sorted(categories)
            paths = {"a.png": folder / "labels/train/a.txt"}
            size = (each.width, each.height)
            [found] = import_yolo(paths, categories=names, size_of=lambda _: size).objects
    assert found.boxes == each.boxes
    assert found.size() == each.size()


@given(st.lists(labeled(), max_size=3))
def test_an_augmented_manifest_is_read_as_it_was_written(objects):
    categories = {n: i for i, n in enumerate(sorted({n for each in objects for n in each.labels}))}
    lines = augmented_lines(objects, "x", categories=categories, created=WHEN, job_name="x")
    found = [each.boxes for each in read_labels(map(json.loads, lines), "x")]
    expected = [
        tuple(Box(b.label, b.left, b.top, b.width, b.height, 0.0) for b in each.boxes)
        for each in objects
    ]
    assert found == expected


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_run_lengths_are_decoded_to_the_mask_they_were_made_of(width, height, seed):
    mask = np.random.default_rng(seed).random((height, width)) < 0.4
    segmentation, area, _ = encode_rle(mask)
    found = decode_segmentation(segmentation, width=width, height=height, where="test")
    assert np.array_equal(found, mask)
    assert area == mask.sum()


@given(st.text(max_size=30), st.integers(1, 8), st.integers(1, 8))
def test_any_text_is_run_lengths_that_fit_or_is_refused(counts, width, height):
    from gt_widgets.errors import FormatError

    try:
        segmentation = {"size": [height, width], "counts": counts}
        found = decode_segmentation(segmentation, width=width, height=height, where="test")
    except FormatError:
        return
    assert found.shape == (height, width)


def test_the_tools_colours_begin_behind_the_background():
    assert tool_colours(["a"])[0] == ("BACKGROUND", "#ffffff")
    assert tool_colours(["a"])[1] == ("a", "#2ca02c")
