"""Labels to and from the data of ipyannotations 0.5.1, in both directions.

Layer: exchange (pure; ipyannotations itself is not needed). Coordinates are pixels of the stored
picture, origin top left. Offsets into a text count Unicode code points, the end is exclusive; what
bare ipyannotations writes counts UTF-16 units, see ``gt_widgets.exchange.utf16``.

===========  =======================================================  ==========================
kind         ipyannotations                                           worker answer
===========  =======================================================  ==========================
boxes        ``[{"type": "box", "label", "xyxy": (x0, y0, x1, y1)}]``  ``{"boundingBoxes": [...]}``
polygons     ``[{"type": "polygon", "label", "points": [(x, y)]}]``,   ``{"polygons": [...]}``
             the first point again at the end
keypoints    ``[{"type": "point", "label", "coordinates": (x, y)}]``   ``{"keypoints": [...]}``
entities     ``[(start, end, label)]``                                 ``{"entities": [...]}``
class        ``"label"``                                               ``{"label"}``
classes      ``["label", ...]``                                        ``{"labels": [...]}``
===========  =======================================================  ==========================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "IPYANNOTATIONS_KINDS",
    "from_ipyannotations",
    "label_from_ipyannotations",
    "label_to_ipyannotations",
    "to_ipyannotations",
]

_MIN_VERTICES = 3


def from_ipyannotations(kind: str, data: Any) -> dict[str, Any]:
    """Turn data of an ipyannotations widget into the value of a worker's answer.

    Parameters
    ----------
    kind : {"boxes", "polygons", "keypoints", "entities", "class", "classes"}
    data : list or str
        As ``on_submit`` or ``data`` give it, and as JSON gives it back: pairs may be lists.

    Returns
    -------
    dict
        For example ``{"boundingBoxes": [{"label", "left", "top", "width", "height"}]}``.

    Raises
    ------
    FormatError
        If an entry is of another type, or a shape has no area.

    Examples
    --------
    >>> from_ipyannotations("boxes", [{"type": "box", "label": "DHL", "xyxy": (3, 4, 10, 9)}])
    {'boundingBoxes': [{'label': 'DHL', 'left': 3, 'top': 4, 'width': 7, 'height': 5}]}
    """
    found: dict[str, Any] = _guarded(kind, _READERS, data)
    return found


def to_ipyannotations(kind: str, value: Mapping[str, Any]) -> Any:
    """Turn the value of a worker's answer into data that an ipyannotations widget shows.

    Parameters
    ----------
    kind : {"boxes", "polygons", "keypoints", "entities", "class", "classes"}
    value : mapping
        As the worker protocol has it, without the element's name around it.

    Raises
    ------
    FormatError
        If the value is not one of this kind.

    Examples
    --------
    >>> to_ipyannotations("entities", {"entities": [
    ...     {"label": "city", "startOffset": 3, "endOffset": 8}]})
    [(3, 8, 'city')]
    """
    return _guarded(kind, _WRITERS, value)


def label_from_ipyannotations(
    kind: str,
    data: Any,
    *,
    categories: Sequence[str],
    size: tuple[int, int] | None = None,
    depth: int = 3,
) -> tuple[Any, dict[str, Any]]:
    """Turn data of an ipyannotations widget into a label of an augmented manifest.

    Parameters
    ----------
    kind : {"boxes", "polygons", "keypoints", "entities", "class", "classes"}
    data : list or str
    categories : sequence of str
        The label categories in ``class_id`` order.
    size : (int, int), optional
        Width and height of the stored picture in pixels; needed for shapes.
    depth : int
        Channels of the picture.

    Returns
    -------
    (label, metadata)
        For the keys ``<attribute>`` and ``<attribute>-metadata`` of a line; the metadata holds
        what belongs to the label itself (``class-map``, ``class-name``, confidences of 0, which is
        what a job with one worker writes), and neither date nor job name.

    Raises
    ------
    FormatError
        If the data cannot be read, a label is no category, or the size is missing.
    """
    value = from_ipyannotations(kind, data)
    ids = {label: index for index, label in enumerate(categories)}
    used = _labels_of(kind, value)
    unknown = sorted(set(used) - ids.keys())
    if unknown:
        raise FormatError(
            f"labels {unknown[:5]} are none of the categories {list(categories)[:20]}."
        )
    named = {str(ids[label]): label for label in sorted(set(used), key=ids.__getitem__)}
    if kind == "class":
        return ids[value["label"]], {"confidence": 0, "class-name": value["label"]}
    if kind == "classes":
        return [ids[label] for label in used], {
            "class-map": named,
            "confidence-map": dict.fromkeys(named, 0),
        }
    sure = [{"confidence": 0} for _ in used]
    if kind == "entities":
        labels = [{"label": label} for label in categories]
        return {"annotations": {"labels": labels, **value}}, {"entities": sure}
    if size is None:
        raise FormatError(f"{kind} need size=(width, height) of the picture in a manifest.")
    image_size = {"width": size[0], "height": size[1], "depth": depth}
    annotations = [_as_annotation(kind, each, ids) for each in _shapes_of(kind, value)]
    return {"image_size": [image_size], "annotations": annotations}, {
        "objects": sure,
        "class-map": named,
    }


def label_to_ipyannotations(kind: str, label: Any, metadata: Mapping[str, Any]) -> Any:
    """Turn a label of an augmented manifest into data that an ipyannotations widget shows.

    Parameters
    ----------
    kind : {"boxes", "polygons", "keypoints", "entities", "class", "classes"}
    label : object
        What stands under the label attribute.
    metadata : mapping
        What stands under ``<attribute>-metadata``.

    Raises
    ------
    FormatError
        If the label is not one of this kind.
    """
    return to_ipyannotations(kind, _guarded(kind, _LABELS, (kind, label, metadata)))


# --- answers -------------------------------------------------------------------------------------


def _guarded(kind: str, table: Mapping[str, Callable[[Any], Any]], given: Any) -> Any:
    if kind not in table:
        raise FormatError(
            f"ipyannotations has no {kind!r}; it has {', '.join(IPYANNOTATIONS_KINDS)}."
        )
    try:
        return table[kind](given)
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise FormatError(f"{str(given)[:120]} cannot be read as {kind} ({error!r}).") from error


def _of_type(data: Any, wanted: str) -> list[Mapping[str, Any]]:
    if isinstance(data, str):
        raise FormatError(f"expected a list of {wanted} entries; found a text.")
    found = list(data)
    for index, each in enumerate(found):
        if each["type"] != wanted:
            raise FormatError(f"entry {index} is a {each['type']!r}; expected a {wanted!r}.")
    return found


def _read_boxes(data: Any) -> dict[str, Any]:
    boxes = []
    for index, each in enumerate(_of_type(data, "box")):
        x0, y0, x1, y1 = each["xyxy"]
        left, top, width, height = min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
        if width == 0 or height == 0:
            raise FormatError(f"box {index} {tuple(each['xyxy'])} has no area; leave it out.")
        sides = {"left": left, "top": top, "width": width, "height": height}
        boxes.append({"label": _named(each["label"]), **sides})
    return {"boundingBoxes": boxes}


def _write_boxes(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "type": "box",
            "label": each["label"],
            "xyxy": (
                each["left"],
                each["top"],
                each["left"] + each["width"],
                each["top"] + each["height"],
            ),
        }
        for each in value["boundingBoxes"]
    ]


def _read_polygons(data: Any) -> dict[str, Any]:
    polygons = []
    for index, each in enumerate(_of_type(data, "polygon")):
        points = [(x, y) for x, y in each["points"]]
        if len(points) > 1 and points[0] == points[-1]:
            points.pop()
        if len(points) < _MIN_VERTICES:
            raise FormatError(f"polygon {index} has {len(points)} points; it needs three.")
        vertices = [{"x": x, "y": y} for x, y in points]
        polygons.append({"label": _named(each["label"]), "vertices": vertices})
    return {"polygons": polygons}


def _write_polygons(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    polygons = []
    for each in value["polygons"]:
        points = [(point["x"], point["y"]) for point in each["vertices"]]
        polygons.append({"type": "polygon", "label": each["label"], "points": [*points, points[0]]})
    return polygons


def _read_points(data: Any) -> dict[str, Any]:
    points = []
    for each in _of_type(data, "point"):
        x, y = each["coordinates"]
        points.append({"label": _named(each["label"]), "x": x, "y": y})
    return {"keypoints": points}


def _write_points(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "point", "label": each["label"], "coordinates": (each["x"], each["y"])}
        for each in value["keypoints"]
    ]


def _read_entities(data: Any) -> dict[str, Any]:
    spans = sorted((start, end, _named(label)) for start, end, label in data)
    return {
        "entities": [
            {"label": label, "startOffset": start, "endOffset": end} for start, end, label in spans
        ]
    }


def _write_entities(value: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    return [(each["startOffset"], each["endOffset"], each["label"]) for each in value["entities"]]


def _named(label: Any) -> str:
    if not isinstance(label, str) or not label:
        raise FormatError(f"a label must be a text; found {label!r}. Was a class chosen?")
    return label


def _read_classes(data: Any) -> dict[str, Any]:
    if isinstance(data, str):
        raise FormatError(f"expected a list of labels; found the text {data!r}.")
    return {"labels": [_named(label) for label in data]}


IPYANNOTATIONS_KINDS = ("boxes", "polygons", "keypoints", "entities", "class", "classes")
"""Kinds of answer that ipyannotations has a widget for."""

_READERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "boxes": _read_boxes,
    "polygons": _read_polygons,
    "keypoints": _read_points,
    "entities": _read_entities,
    "class": lambda data: {"label": _named(data)},
    "classes": _read_classes,
}
_WRITERS: Mapping[str, Callable[[Any], Any]] = {
    "boxes": _write_boxes,
    "polygons": _write_polygons,
    "keypoints": _write_points,
    "entities": _write_entities,
    "class": lambda value: str(value["label"]),
    "classes": lambda value: list(value["labels"]),
}


# --- manifests -----------------------------------------------------------------------------------


_LISTS = {"boxes": "boundingBoxes", "polygons": "polygons", "keypoints": "keypoints"}


def _shapes_of(kind: str, value: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = value[_LISTS[kind]]
    return found


def _labels_of(kind: str, value: Mapping[str, Any]) -> list[str]:
    if kind == "class":
        return [value["label"]]
    if kind == "classes":
        return list(value["labels"])
    things = value["entities"] if kind == "entities" else _shapes_of(kind, value)
    return [each["label"] for each in things]


def _as_annotation(kind: str, shape: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    class_id = {"class_id": ids[shape["label"]]}
    if kind == "boxes":
        return class_id | {side: shape[side] for side in ("top", "left", "height", "width")}
    points = [{"x": shape["x"], "y": shape["y"]}] if kind == "keypoints" else shape["vertices"]
    return class_id | {"vertices": points}


def _names(metadata: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(name) for key, name in metadata.get("class-map", {}).items()}


def _shapes_in(given: tuple[str, Any, Mapping[str, Any]]) -> dict[str, Any]:
    kind, label, metadata = given
    names = _names(metadata)
    shapes = []
    for each in label["annotations"]:
        name = names.get(str(each["class_id"]), str(each["class_id"]))
        rest = {key: each[key] for key in each if key != "class_id"}
        shapes.append({"label": name, **(rest["vertices"][0] if kind == "keypoints" else rest)})
    return {_LISTS[kind]: shapes}


_LABELS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    **dict.fromkeys(_LISTS, _shapes_in),
    "entities": lambda given: {"entities": given[1]["annotations"]["entities"]},
    "class": lambda given: {
        "label": str(given[2].get("class-name", _names(given[2]).get(str(given[1]), given[1])))
    },
    "classes": lambda given: {
        "labels": [_names(given[2]).get(str(each), str(each)) for each in given[1]]
    },
}
