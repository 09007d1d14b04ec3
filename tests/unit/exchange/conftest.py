"""Output manifest lines of each kind of label, and a place to read their images from."""

import io

import numpy as np
import pytest
from PIL import Image

from gt_widgets.exchange import tool_colours
from gt_widgets.exchange.masks import mask_png

COMMON = {
    "human-annotated": "yes",
    "creation-date": "2026-11-20T10:18:13.527256",
    "job-name": "labeling-job/x",
}
MASK = np.zeros((40, 60), np.uint8)
MASK[5:20, 10:30] = 1
MASK[20:, 50:] = 2
COLOURS = tool_colours(["road", "car"])


def png():
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "#abcdef").save(out, "PNG")
    return out.getvalue()


FILES = {
    "s3://demo-gt/a/1.png": png(),
    "s3://demo-gt/b/1.png": png(),
    "s3://out/0.png": mask_png(MASK, {i: code for i, (_, code) in COLOURS.items()}),
}


@pytest.fixture
def read():
    return FILES.__getitem__


@pytest.fixture
def boxes():
    found = [
        {"class_id": 0, "top": 8, "left": 12, "height": 20, "width": 30},
        {"class_id": 2, "top": 0, "left": 0, "height": 40, "width": 60},
    ]
    return [
        {
            "source-ref": "s3://demo-gt/a/1.png",
            "x": {"image_size": [{"width": 60, "height": 40, "depth": 3}], "annotations": found},
            "x-metadata": {
                "objects": [{"confidence": 0.83}, {"confidence": 0.5}],
                "class-map": {"0": "DHL", "2": "Größe & <b>"},
                "type": "groundtruth/object-detection",
                **COMMON,
            },
        },
        {
            "source-ref": "s3://demo-gt/b/1.png",
            "x": {"image_size": [{"width": 60, "height": 40, "depth": 3}], "annotations": []},
            "x-metadata": {"objects": [], "class-map": {}, "type": "groundtruth/object-detection", **COMMON},
        },
        {"source-ref": "s3://demo-gt/c/1.png", "x-metadata": {"failure-reason": "gone"}},
        {"source-ref": "s3://demo-gt/d/1.png"},
    ]  # fmt: skip


@pytest.fixture
def others():
    """One line each of class, classes, mask and entities, by kind."""
    image = {"source-ref": "s3://demo-gt/a/1.png"}
    colours = {
        str(i): {"class-name": name, "hex-color": code, "confidence": 0.8}
        for i, (name, code) in COLOURS.items()
    }
    entity = {"label": "city", "startOffset": 3, "endOffset": 7}
    return {
        "class": image | {"x": 1, "x-metadata": {"confidence": 0.9, "class-name": "=wren", "type": "groundtruth/image-classification", **COMMON}},
        "classes": image | {"x": [2, 0], "x-metadata": {"class-map": {"2": "c", "0": "a"}, "confidence-map": {"2": 0.9, "0": 0.7}, "type": "groundtruth/image-classification-multilabel", **COMMON}},
        "mask": image | {"x": "s3://out/0.png", "x-metadata": {"internal-color-map": colours, "type": "groundtruth/semantic-segmentation", **COMMON}},
        "entities": {"source": "in Oslo \U0001f600", "x": {"annotations": {"labels": [{"label": "person"}, {"label": "city"}], "entities": [entity]}}, "x-metadata": {"entities": [{"confidence": 0.6}], "type": "groundtruth/text-span", **COMMON}},
    }  # fmt: skip
