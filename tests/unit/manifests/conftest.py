"""Manifests to work on."""

import io
import json

import pytest


@pytest.fixture
def opener():
    """Turn bytes into a function that opens them anew."""
    return lambda data: lambda: io.BytesIO(data)


@pytest.fixture
def box_line():
    """Make a line with a box label; members of the metadata and the boxes can be given."""

    def make(boxes=None, *, source="s3://demo-gt/1.jpg", name="logos", **metadata):
        boxes = (
            [{"class_id": 0, "left": 1, "top": 1, "width": 10, "height": 10}]
            if boxes is None
            else boxes
        )
        size = {"width": 100, "height": 50, "depth": 3}
        known = {
            "objects": [{"confidence": 0.5}] * len(boxes),
            "class-map": {"0": "DHL"},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2026-11-20T10:18:13.527256",
            "job-name": "labeling-job/logos",
        } | {key.replace("_", "-"): value for key, value in metadata.items()}
        line = {
            "source-ref": source,
            name: {"image_size": [size], "annotations": boxes},
            f"{name}-metadata": known,
        }
        return json.dumps(line, separators=(",", ":")).encode()

    return make
