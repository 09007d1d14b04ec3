"""One small story for every task type: data, good answers, answers that must be refused.

Layer: testing. A new kind of answer gets its samples here; the contract class of
``tests/contract/task_types`` then runs on every task type that has the kind.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.schema.labels import label_file
from gt_widgets.schema.masks import answer_of_mask, tool_colors
from gt_widgets.schema.tasks import TASK_TYPES, TaskType, custom_type_of, task_type_named
from gt_widgets.testing.workbench import ACCOUNT, BRANDS, REGION, Workbench, job_request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gt_widgets.testing.carriers import Clients
    from gt_widgets.testing.workbench import ScriptedWorker

__all__ = [
    "REFUSED",
    "RUN_HERE",
    "TEXTS",
    "VERDICTS",
    "Story",
    "changed_value",
    "good_value",
    "template_of",
]

TEXTS = (
    "Norda sent 2 parcels \U0001f69a to Kivi Oy in Turku.",
    "Halo opened a caf\u00e9 in Oslo \U0001f1f3\U0001f1f4, says Norda.",
    "Nothing arrived; \u201cKivi\u201d wrote twice.",
)
VERDICTS = ("good", "bad")
SIZE = (64, 48)

_CUSTOM_TAGS = (
    "crowd-bounding-box",
    "crowd-image-classifier",
    "crowd-image-classifier-multi-select",
    "crowd-semantic-segmentation",
    "crowd-classifier",
    "crowd-classifier-multi-select",
    "crowd-entity-annotation",
)
RUN_HERE: tuple[TaskType, ...] = (
    *(each for each in TASK_TYPES if each.supported),
    *(custom_type_of(f"<{tag} >") for tag in _CUSTOM_TAGS),
)
"""Every task type that the engine runs, custom jobs with the elements of built-in ones included."""


def template_of(task_type: TaskType, *, labels: tuple[str, ...] = (), reads: str = "") -> bytes:
    """Write a worker task template with the element of a task type.

    Parameters
    ----------
    labels : tuple of str
        Written into the element; else it takes ``task.input.labels``.
    reads : str
        The manifest key of the label to verify or adjust.
    """
    listed = "{{ task.input.labels | to_json | escape }}"
    if labels:
        listed = "[" + ", ".join(f"'{label}'" for label in labels) + "]"
    earlier = f' initial-value="{{{{ task.input.manifestLine.{reads} }}}}"' if reads else ""
    return f"""<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <{task_type.tag} name="{task_type.element}" labels="{listed}"{earlier}>
  </{task_type.tag}>
</crowd-form>
""".encode()


# --- answers ------------------------------------------------------------------------------------


def good_value(kind: str, labels: tuple[str, ...] = BRANDS, text: str = TEXTS[0]) -> dict[str, Any]:
    """Return one good answer of a kind, for a picture of 64 x 48 pixels or a text."""
    one, two = labels[0], labels[1]
    points: list[dict[str, Any]] = [{"x": 4, "y": 6}, {"x": 30, "y": 8}, {"x": 22.5, "y": 40}]
    shapes: dict[str, list[dict[str, Any]]] = {
        "polygons": [{"label": one, "vertices": points}],
        "polylines": [{"label": one, "vertices": points}],
        "lines": [{"label": two, "vertices": points[:2]}],
        "keypoints": [{"label": one, **points[0]}, {"label": two, **points[1]}],
    }
    if kind in shapes:
        return {kind: shapes[kind]}
    mask = np.zeros((48, 64), dtype=np.uint8)
    mask[6:20, 4:30], mask[24:40, 34:60] = 1, 2
    word = text.index("Norda") if "Norda" in text else 0
    values: dict[str, dict[str, Any]] = {
        "boxes": {
            "boundingBoxes": [
                {"label": one, "left": 4, "top": 6, "width": 26, "height": 14},
                {"label": two, "left": 34, "top": 24, "width": 26, "height": 16},
            ]
        },
        "class": {"label": two, "workerComment": "the right edge is cut"},
        "classes": {"labels": [one, two]},
        "mask": answer_of_mask(mask, labels),
        "entities": {"entities": [{"label": one, "startOffset": word, "endOffset": word + 5}]},
        "instances": {
            **answer_of_mask(mask, labels),
            "instances": [{"label": two, "color": color} for color in tool_colors(2)],
        },
    }
    return values[kind]


def changed_value(kind: str, labels: tuple[str, ...] = BRANDS) -> dict[str, Any]:
    """Return another good answer of a kind."""
    if kind == "class":
        return {"label": labels[0]}
    if kind == "mask":
        return answer_of_mask(np.ones((48, 64), dtype=np.uint8), labels)
    value = good_value(kind, labels)
    if kind == "entities":
        value["entities"].append({"label": labels[1], "startOffset": 0, "endOffset": 2})
        return value
    lists = {"boxes": "boundingBoxes", "classes": "labels"}
    value[lists.get(kind, kind)].pop()
    return value


def _refused_shapes(form: str) -> list[Any]:
    far = {"label": BRANDS[0], "vertices": [{"x": 1, "y": 1}] * 2 + [{"x": 65, "y": 1}]}
    return [
        {form: [far]},
        {form: [{**far, "vertices": [{"x": 1, "y": float("nan")}] * 3}]},
        {form: [{**far, "vertices": [{"x": "1", "y": 1}] * 3}]},
        {form: [{**far, "vertices": [1, 2, 3]}]},
        {form: [{**far, "vertices": []}]},
        {form: [{"label": "DHL", "vertices": [{"x": 1, "y": 1}] * 2}]},
        {form: [{"label": BRANDS[0], "x": -1, "y": 3}]},
        {form: "all"},
        {},
    ]


_BOX = {"label": BRANDS[0], "left": 4, "top": 6, "width": 26, "height": 14}
_SPAN = {"label": BRANDS[0], "startOffset": 0, "endOffset": 2}
_PAINTED = answer_of_mask(np.ones((48, 64), dtype=np.uint8), BRANDS)
_SMALL = answer_of_mask(np.ones((4, 6), dtype=np.uint8), BRANDS)
REFUSED: dict[str, list[Any]] = {
    "boxes": [
        {"boundingBoxes": [_BOX | {"left": 60}]},
        {"boundingBoxes": [_BOX | {"width": 0}]},
        {"boundingBoxes": [_BOX | {"top": True}]},
        {"boundingBoxes": [_BOX | {"top": 10**400}]},
        {"boundingBoxes": [_BOX | {"label": "<img src=x onerror=alert(1)>"}]},
        {"boundingBoxes": {}},
    ],
    "class": [
        {"label": "DHL"},
        {"label": ["Norda"]},
        {"label": None},
        {},
        {"label": BRANDS[0], "workerComment": 7},
        {"label": BRANDS[0], "workerComment": "x" * 2_001},
    ],
    "classes": [
        {"labels": ["DHL"]},
        {"labels": [BRANDS[0], BRANDS[0]]},
        {"labels": "Norda"},
        {"labels": [{}]},
        {"labels": [[]] * 100_000},
        {},
    ],
    "mask": [
        {**_PAINTED, "labelMappings": {"DHL": {"color": "#2ca02c"}}},
        {**_PAINTED, "labelMappings": {BRANDS[0]: {"color": "green"}}},
        {**_PAINTED, "labelMappings": {BRANDS[0]: {"color": "#000000"}}},
        {**_PAINTED, "labelMappings": []},
        {**_PAINTED, "labeledImage": {"pngImageData": "AAAA"}},
        {**_PAINTED, "labeledImage": {"pngImageData": "no base64!"}},
        {**_PAINTED, "labeledImage": {"pngImageData": 5}},
        {**_PAINTED, "labeledImage": _SMALL["labeledImage"]},
        {"labelMappings": {}},
        {},
    ],
    "entities": [
        {"entities": [_SPAN | {"label": "DHL"}]},
        {"entities": [_SPAN | {"endOffset": 1_000}]},
        {"entities": [_SPAN | {"startOffset": 2}]},
        {"entities": [_SPAN | {"startOffset": -1}]},
        {"entities": [_SPAN | {"startOffset": 0.5}]},
        {"entities": [_SPAN, _SPAN]},
        {"entities": ["Norda"]},
        {"entities": None},
        {},
    ],
    "polygons": _refused_shapes("polygons"),
    "polylines": _refused_shapes("polylines"),
    "lines": [*_refused_shapes("lines"), {"lines": good_value("polygons")["polygons"]}],
    "keypoints": _refused_shapes("keypoints"),
    "instances": [
        {**_PAINTED, "instances": [{"label": "DHL", "color": "#2ca02c"}]},
        {**_PAINTED, "instances": [{"label": BRANDS[0], "color": "#2ca02c"}] * 2},
        {**_PAINTED, "instances": []},
        {**_PAINTED, "instances": [7]},
        {**_PAINTED, "instances": [{"label": BRANDS[0], "color": "#2ca02c"}] * 300},
        {"instances": []},
        {},
    ],
}
"""By kind: values that no worker may get away with."""


# --- the story ----------------------------------------------------------------------------------


class Story:
    """Three data objects, three workers, and jobs of one task type over them.

    Parameters
    ----------
    folder : Path
        The state folder.
    task_type : TaskType
    """

    def __init__(self, folder: Path, task_type: TaskType) -> None:
        self.bench = Workbench(folder)
        self.workers: list[ScriptedWorker] = self.bench.team("ana", "ben", "cem")
        self.task_type = task_type
        self.bench.bucket(3, lines=self._lines() if task_type.media == "text" else None)
        self.manifest = "s3://demo-gt/input.manifest"
        self.earlier: list[dict[str, Any]] = []
        if task_type.earlier:
            base = task_type_named(task_type.earlier)
            self.run("original", task_type=base, attribute=_attribute("first", base))
            self.earlier = self.bench.output("original")
            self.manifest = self.bench.engine.jobs.get("original").manifest_uri
            if task_type.purpose == "verify":
                self.put("labels.json", label_file(VERDICTS))

    @staticmethod
    def _lines() -> list[str]:
        return [json.dumps({"source": text, "number": n}) for n, text in enumerate(TEXTS)]

    @property
    def labels(self) -> tuple[str, ...]:
        """What workers choose from."""
        return VERDICTS if self.task_type.purpose == "verify" else BRANDS

    @property
    def attribute(self) -> str:
        """The key that the jobs write their labels under."""
        return _attribute("found", self.task_type)

    def put(self, key: str, data: bytes) -> None:
        """Write one file of the bucket."""
        self.bench.engine.objects.put("demo-gt", key, data)

    def request(
        self,
        name: str,
        *,
        workers: int = 1,
        task_type: TaskType | None = None,
        attribute: str | None = None,
        functions: bool = True,
    ) -> dict[str, Any]:
        """Build a CreateLabelingJob request; without ``functions`` it is a custom job's."""
        chosen = task_type or self.task_type
        request = job_request(name, workers=workers)
        human = request["HumanTaskConfig"]
        before, after = chosen.function_arns(REGION, ACCOUNT)
        human["PreHumanTaskLambdaArn"] = before
        human["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"] = after
        if not functions or chosen.kind == "instances":
            del human["PreHumanTaskLambdaArn"], human["AnnotationConsolidationConfig"]
        self.put("page.template", template_of(chosen))
        request["LabelAttributeName"] = attribute or self.attribute
        request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] = self.manifest
        return request

    def run(
        self,
        name: str,
        *,
        workers: int = 1,
        value: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        clients: Clients | None = None,
        **request: Any,
    ) -> list[dict[str, Any]]:
        """Create a job, let workers answer all of it, and return its output manifest."""
        wanted = self.request(name, workers=workers, **request)
        if clients:
            clients("sagemaker").create_labeling_job(**wanted)
        else:
            self.bench.engine.jobs.create(wanted)
        self.bench.engine.step()
        self.bench.finish(lambda task: _content(task, value), name=name)
        return self.bench.output(name)

    def close(self) -> None:
        """Close the engine."""
        self.bench.engine.close()


def _attribute(name: str, task_type: TaskType) -> str:
    return f"{name}-ref" if task_type.ref_suffix else name


def _content(
    task: dict[str, Any], value: Callable[[dict[str, Any]], dict[str, Any]] | None
) -> dict[str, Any]:
    """Answer under a name of our own: the engine must not depend on it (4.6)."""
    if value:
        return {"given": value(task)}
    text = task["text"] or ""
    return {"given": good_value(task["kind"], tuple(task["categories"]), text)}
