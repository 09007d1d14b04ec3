"""Shapes of a few points: polygons, polylines, lines and key points.

Layer: kinds (imports ``consolidation``, ``schema``, ``simulation``). Reference sections 4.4 and
6.11. AWS has no built-in job for them on images: they are custom jobs. The manifest form of a
consolidated label is ours, and like that of boxes.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from gt_widgets.consolidation import Shape, ShapeResponse, consolidate_shapes
from gt_widgets.errors import AnswerError
from gt_widgets.kinds.base import (
    Kind,
    Labeled,
    check_label,
    class_map,
    number,
    picture_size,
    shown,
    used_names,
)
from gt_widgets.simulation import answer_shapes

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from gt_widgets.kinds.base import Answered, JobFacts, Seen
    from gt_widgets.simulation import SimulatedWorker

__all__ = ["KEYPOINTS", "LINES", "MAX_VERTICES", "POLYGONS", "POLYLINES"]

MAX_VERTICES = 100_000
"""Vertices in one answer, at most (ours: AWS states none)."""
_Form = Literal["polygon", "polyline", "line", "keypoint"]
_VERTICES: dict[_Form, tuple[int, int]] = {
    "polygon": (3, MAX_VERTICES),
    "polyline": (2, MAX_VERTICES),
    "line": (2, 2),
    "keypoint": (1, 1),
}


def _check(form: _Form, value: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    width, height = picture_size(seen, f"{form}s")
    shapes = value.get(f"{form}s")
    if not isinstance(shapes, list):
        raise AnswerError(f"{form}s must be a list; an empty one for nothing to label.")
    checked = [_shape(form, i, each, seen.labels) for i, each in enumerate(shapes)]
    total = 0
    for index, (_, vertices) in enumerate(checked):
        total += len(vertices)
        for x, y in vertices:
            if not (0 <= x <= width and 0 <= y <= height):
                raise AnswerError(
                    f"{form.title()} {index}: the point ({x}, {y}) does not lie inside the picture "
                    f"of {width} x {height} pixels."
                )
    if total > MAX_VERTICES:
        raise AnswerError(f"{total} points in one answer; at most {MAX_VERTICES}.")
    return {
        "inputImageProperties": {"height": height, "width": width},
        f"{form}s": [_as_answer(form, label, vertices) for label, vertices in checked],
    }


def _shape(
    form: _Form, index: int, shape: Any, labels: Sequence[str]
) -> tuple[str, list[tuple[float, float]]]:
    name = f"{form.title()} {index}"
    if not isinstance(shape, dict):
        raise AnswerError(f"{name} must be an object with a label.")
    vertices = [shape] if form == "keypoint" else shape.get("vertices")
    low, high = _VERTICES[form]
    if not isinstance(vertices, list) or not low <= len(vertices) <= high:
        wanted = str(low) if low == high else f"at least {low}"
        raise AnswerError(f"{name}: vertices must be a list of {wanted} points.")
    label = check_label(shape.get("label"), labels)
    return label, [_point(name, vertex) for vertex in vertices]


def _point(name: str, vertex: Any) -> tuple[float, float]:
    if not isinstance(vertex, dict):
        raise AnswerError(f"{name}: a point must be like {{'x': 3, 'y': 4}}.")
    return _place(name, vertex.get("x")), _place(name, vertex.get("y"))


def _place(name: str, value: Any) -> float:
    """Coordinates are pixels; a hundredth of one is kept, whole ones stay whole."""
    try:
        fits = not isinstance(value, bool) and math.isfinite(value)
        rounded = round(float(value), 2)
    except (TypeError, OverflowError):
        fits = False
    if not fits or isinstance(value, str):
        raise AnswerError(f"{name}: a coordinate must be a number, not {shown(value)}.")
    return int(rounded) if rounded == int(rounded) else rounded


def _as_answer(form: _Form, label: str, vertices: Sequence[tuple[float, float]]) -> dict[str, Any]:
    if form == "keypoint":
        return {"label": label, "x": vertices[0][0], "y": vertices[0][1]}
    return {"label": label, "vertices": [{"x": x, "y": y} for x, y in vertices]}


def _vertices(form: _Form, shape: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    points = [shape] if form == "keypoint" else shape["vertices"]
    return tuple((point["x"], point["y"]) for point in points)


def _merge(
    form: _Form, job: JobFacts, batch: Sequence[Answered], _created: str
) -> dict[int, Labeled]:
    return {found.object_id: _merged(form, job, found) for found in batch}


def _merged(form: _Form, job: JobFacts, found: Answered) -> Labeled:
    responses = [
        ShapeResponse(
            answer.sub,
            tuple(Shape(s["label"], _vertices(form, s)) for s in answer.value[f"{form}s"]),
        )
        for answer in found.answers
    ]
    merged = consolidate_shapes(responses, kind=form)
    annotations: list[dict[str, Any]] = [
        {
            "class_id": job.categories.class_id(shape.label),
            "vertices": [{"x": _whole(x), "y": _whole(y)} for x, y in shape.vertices],
        }
        for shape in merged.shapes
    ]
    used = sorted({entry["class_id"] for entry in annotations})
    size = {"width": found.width, "height": found.height, "depth": found.depth}
    return Labeled(
        {"image_size": [size], "annotations": annotations},
        {
            "objects": [{"confidence": number(value)} for value in merged.confidences],
            "class-map": {str(class_id): job.categories.labels[class_id] for class_id in used},
        },
    )


def _whole(coordinate: float) -> float:
    rounded = round(float(coordinate), 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _show(
    form: _Form,
    label: Any,
    metadata: Mapping[str, Any],
    _seen: Seen,
    _data: bytes | None,
) -> dict[str, Any]:
    names = class_map(metadata)
    return {
        f"{form}s": [
            _as_answer(
                form,
                names.get(str(each["class_id"]), str(each["class_id"])),
                [(point["x"], point["y"]) for point in each["vertices"]],
            )
            for each in label["annotations"]
        ]
    }


def _simulate(
    form: _Form, truth: Any, worker: SimulatedWorker, rng: random.Random, seen: Seen
) -> dict[str, Any]:
    size = picture_size(seen, f"{form}s")
    known = [
        (str(shape["label"]), _true_vertices(form, shape))
        for shape in truth
        if shape["label"] in seen.labels
    ]
    drawn = answer_shapes(known, worker=worker, rng=rng, size=size, categories=seen.labels)
    return {f"{form}s": [_as_answer(form, label, vertices) for label, vertices in drawn]}


def _true_vertices(form: _Form, thing: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """Vertices of the truth; of a box its corners, its diagonal or its centre."""
    if "width" not in thing:
        return _vertices(form, thing)
    left, top = thing["left"], thing["top"]
    right, bottom = left + thing["width"], top + thing["height"]
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    centre = ((left + thing["width"] // 2, top + thing["height"] // 2),)
    forms: dict[_Form, tuple[tuple[float, float], ...]] = {
        "polygon": corners,
        "polyline": corners[:3],
        "line": corners[:3:2],
        "keypoint": centre,
    }
    return forms[form]


def _kind(form: _Form, answer: str) -> Kind:
    return Kind(
        f"{form}s",
        check=partial(_check, form),
        merge=partial(_merge, form),
        show=partial(_show, form),
        names=used_names,
        simulate=partial(_simulate, form),
        metadata_keys=("objects", "class-map"),
        answer='{"inputImageProperties": {"height": 533, "width": 800}, ' + answer + "}",
        label='{"image_size": [{"width": 800, "height": 533, "depth": 3}], "annotations": '
        '[{"class_id": 0, "vertices": [{"x": 3, "y": 4}, ...]}]}',
        truth="shapes as in the answer; or boxes: their corners, diagonals or centres",
    )


POLYGONS = _kind(
    "polygon",
    '"polygons": [{"label": "DHL", "vertices": [{"x": 3, "y": 4}, {"x": 9, "y": 4}, '
    '{"x": 9, "y": 8}]}]',
)
POLYLINES = _kind(
    "polyline",
    '"polylines": [{"label": "road", "vertices": [{"x": 3, "y": 4}, {"x": 9, "y": 4}]}]',
)
LINES = _kind(
    "line", '"lines": [{"label": "road", "vertices": [{"x": 3, "y": 4}, {"x": 9, "y": 4}]}]'
)
KEYPOINTS = _kind("keypoint", '"keypoints": [{"label": "left eye", "x": 3, "y": 4}]')
