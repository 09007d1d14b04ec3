"""Task types: one row each, read by every part that treats them differently.

Layer: schema. Rows of reference section 1.4, and our own. ``kind`` names what a worker gives
(``gt_widgets.kinds``: its check, consolidation, manifest line and earlier label); a row without a
kind is known, so that its names, suffix rule and refusal are right, but is not run here.

AWS has three families: built-in functions, custom jobs whose page is a crowd element of the
requester's template, and (here only) functions of ours in the account's own name, for what the
service has no built-in function for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from gt_widgets.schema.arns import function_arn, function_name

__all__ = [
    "CUSTOM",
    "LOCAL_PREFIX",
    "TASK_TYPES",
    "TaskType",
    "custom_type_of",
    "task_type_named",
    "task_type_of",
]

LOCAL_PREFIX = "SageMaker-GtWidgets-"
"""How functions of ours are called; they live under the account's own number."""
MASK_CLASSES = 254
"""A palette PNG has 256 entries; entry 0 is BACKGROUND and one stays free."""


@dataclass(frozen=True, slots=True)
class TaskType:
    """What is known of one kind of task.

    Attributes
    ----------
    name : str
        Our name, as in the worker protocol.
    function : str
        Suffix of both Lambda names: ``PRE-<function>`` and ``ACS-<function>``.
    metadata_type : str
        ``type`` in the output manifest.
    kind : str
        What a worker gives; ``""`` if the local engine does not run it.
    media : {"image", "text", "video", "3d"}
        What a worker sees.
    purpose : {"label", "verify", "adjust"}
        What the worker does with it; the last two start from an earlier label.
    earlier : str
        Name of the task type that made the earlier label.
    ref_suffix : bool
        Whether the label attribute name must end in ``-ref`` (else it must not).
    tag, element : str
        The crowd element of AWS's own template, and its name: the key of the answer.
    ui : str
        Name of the built-in worker UI that may stand in place of a template.
    min_labels, max_labels : int
        How many label categories a job may have; 0 means no upper limit.
    max_objects : int
        How many data objects a job may have.
    workers : int
        The console's default of workers per data object.
    algorithm : str
        Name of the automated labeling algorithm; ``""`` for none.
    local : bool
        Whether its functions are ours and not AWS's.
    title, instruction : str
        What workers are told unless the requester says it.
    """

    name: str
    function: str
    metadata_type: str
    kind: str = ""
    media: Literal["image", "text", "video", "3d"] = "image"
    purpose: Literal["label", "verify", "adjust"] = "label"
    earlier: str = ""
    ref_suffix: bool = False
    tag: str = ""
    element: str = ""
    ui: str = ""
    min_labels: int = 1
    max_labels: int = 0
    max_objects: int = 100_000
    workers: int = 3
    algorithm: str = ""
    local: bool = False
    title: str = ""
    instruction: str = ""

    @property
    def supported(self) -> bool:
        """Whether the local engine runs it."""
        return bool(self.kind)

    @property
    def custom(self) -> bool:
        """Whether its manifest lines are those of a custom job (6.11)."""
        return self.metadata_type == CUSTOM.metadata_type

    def function_names(self) -> tuple[str, str]:
        """Names of the functions before and after people work on it."""
        prefix = LOCAL_PREFIX if self.local else ""
        return f"{prefix}PRE-{self.function}", f"{prefix}ACS-{self.function}"

    def function_arns(self, region: str, account: str) -> tuple[str, str]:
        """ARNs of both functions; those of ours lie in ``account``."""
        owner = account if self.local else None
        before, after = self.function_names()
        return function_arn(region, before, owner), function_arn(region, after, owner)


CUSTOM = TaskType("custom", "", "groundTruth/custom")

_IMAGE_AND_TEXT = (
    TaskType(
        "bounding-box",
        "BoundingBox",
        "groundtruth/object-detection",
        kind="boxes",
        tag="crowd-bounding-box",
        element="boundingBox",
        max_labels=50,
        workers=5,
        algorithm="object-detection",
        title="Draw a box around each object",
        instruction="Draw a tight box around each object and choose its label.",
    ),
    TaskType(
        "image-classification",
        "ImageMultiClass",
        "groundtruth/image-classification",
        kind="class",
        tag="crowd-image-classifier",
        element="crowd-image-classifier",
        min_labels=2,
        algorithm="image-classification",
        title="Choose a label",
        instruction="Choose the label that fits the picture best.",
    ),
    TaskType(
        "image-classification-multi-label",
        "ImageMultiClassMultiLabel",
        "groundtruth/image-classification-multilabel",
        kind="classes",
        tag="crowd-image-classifier-multi-select",
        element="crowd-image-classifier-multi-select",
        min_labels=2,
        max_labels=50,
        title="Choose all labels that fit",
        instruction="Choose every label that fits the picture.",
    ),
    TaskType(
        "semantic-segmentation",
        "SemanticSegmentation",
        "groundtruth/semantic-segmentation",
        kind="mask",
        ref_suffix=True,
        tag="crowd-semantic-segmentation",
        element="crowd-semantic-segmentation",
        max_labels=MASK_CLASSES,
        max_objects=20_000,
        algorithm="semantic-segmentation",
        title="Paint each class",
        instruction="Paint every pixel of each class; leave the rest unpainted.",
    ),
    TaskType(
        "text-classification",
        "TextMultiClass",
        "groundtruth/text-classification",
        kind="class",
        media="text",
        tag="crowd-classifier",
        element="crowd-classifier",
        min_labels=2,
        algorithm="text-classification",
        title="Choose a label",
        instruction="Choose the label that fits the text best.",
    ),
    TaskType(
        "text-classification-multi-label",
        "TextMultiClassMultiLabel",
        "groundtruth/text-classification-multilabel",
        kind="classes",
        media="text",
        tag="crowd-classifier-multi-select",
        element="crowd-classifier-multi-select",
        min_labels=2,
        max_labels=50,
        title="Choose all labels that fit",
        instruction="Choose every label that fits the text.",
    ),
    TaskType(
        "named-entity-recognition",
        "NamedEntityRecognition",
        "groundtruth/text-span",
        kind="entities",
        media="text",
        tag="crowd-entity-annotation",
        element="crowd-entity-annotation",
        ui="NamedEntityRecognition",
        title="Mark each name",
        instruction="Mark every span of the text that a label fits, and nothing around it.",
    ),
)

_SHAPES = tuple(
    TaskType(
        name,
        function,
        CUSTOM.metadata_type,
        kind=kind,
        tag=f"crowd-{name}",
        element=f"crowd-{name}",
        max_labels=MASK_CLASSES if kind == "instances" else 0,
        local=True,
        title=title,
        instruction=instruction,
    )
    for name, function, kind, title, instruction in (
        (
            "polygon",
            "Polygon",
            "polygons",
            "Outline each object",
            "Click along the outline of each object and choose its label.",
        ),
        (
            "polyline",
            "Polyline",
            "polylines",
            "Trace each line",
            "Click along each line from one end to the other and choose its label.",
        ),
        (
            "line",
            "Line",
            "lines",
            "Draw each line",
            "Draw a straight line over each one you see and choose its label.",
        ),
        (
            "keypoint",
            "Keypoint",
            "keypoints",
            "Mark each point",
            "Put a point of the right label on each place you are asked for.",
        ),
        (
            "instance-segmentation",
            "InstanceSegmentation",
            "instances",
            "Paint each object",
            "Paint every pixel of each object, each object by itself, and choose its label.",
        ),
    )
)


def _verification(base: TaskType, *, local: bool) -> TaskType:
    """Workers judge an earlier label; they choose a verdict and may say why."""
    text = base.media == "text"
    return TaskType(
        f"{base.name}-verification",
        f"Verification{base.function}",
        "groundtruth/label-verification",
        kind="class",
        media=base.media,
        purpose="verify",
        earlier=base.name,
        tag="crowd-classifier" if text else "crowd-image-classifier",
        element="crowd-classifier" if text else "crowd-image-classifier",
        max_objects=base.max_objects,
        local=local,
        title="Check the labels",
        instruction="Look at the labels that are there and choose your verdict. Say what is wrong.",
    )


def _adjustment(base: TaskType, *, local: bool) -> TaskType:
    """Workers mend an earlier label; the result has its form."""
    return replace(
        base,
        name=f"{base.name}-adjustment",
        function=f"Adjustment{base.function}",
        purpose="adjust",
        earlier=base.name,
        ui="",
        algorithm="",
        local=local,
        title="Mend the labels",
        instruction="Correct the labels that are there: move, add, change and remove.",
    )


_JUDGED_BY_AWS = {"BoundingBox", "SemanticSegmentation"}
_VERIFIED_AND_ADJUSTED = tuple(
    make(base, local=base.function not in _JUDGED_BY_AWS)
    for base in (*_IMAGE_AND_TEXT, *_SHAPES)
    if base.kind != "instances"
    for make in (_verification, _adjustment)
)

_VIDEO_AND_3D = (
    ("VideoObjectDetection", "video-object-detection", True),
    ("VideoObjectTracking", "video-object-tracking", True),
    ("3DPointCloudObjectDetection", "point_cloud_object_detection", False),
    ("3DPointCloudObjectTracking", "point_cloud_object_tracking", True),
    (
        "3DPointCloudSemanticSegmentation",
        "point_cloud_single_frame_semantic_segmentation",
        True,
    ),
)

TASK_TYPES: tuple[TaskType, ...] = (
    *_IMAGE_AND_TEXT,
    *_SHAPES,
    *_VERIFIED_AND_ADJUSTED,
    TaskType(
        "video-classification",
        "VideoMultiClass",
        "groundtruth/video-classification",
        media="video",
        max_labels=30,
    ),
    *(
        TaskType(
            prefix + function,
            prefix + function,
            f"groundtruth/{kind}",
            media="3d" if function.startswith("3D") else "video",
            ref_suffix=ref,
            max_labels=30,
            workers=1,
        )
        for function, kind, ref in _VIDEO_AND_3D
        for prefix in ("", "Adjustment")
    ),
    TaskType("pass-through", "PassThrough", CUSTOM.metadata_type),
)

# a custom job whose page has the element of a built-in type: what workers give is the same
_CUSTOM_TYPES = {
    **{
        base.tag: replace(
            base,
            name=f"custom-{base.name}",
            metadata_type=CUSTOM.metadata_type,
            ref_suffix=False,
            ui="",
            algorithm="",
            local=True,
        )
        for base in _IMAGE_AND_TEXT
    },
    **{base.tag: base for base in _SHAPES},
}
_BY_FUNCTION = {name: each for each in TASK_TYPES for name in each.function_names()}
_BY_NAME = {each.name: each for each in (CUSTOM, *TASK_TYPES, *_CUSTOM_TYPES.values())}
_TAG = re.compile(r"<(crowd-[a-z-]+)[\s>/]")


def task_type_of(pre_human_task_lambda_arn: str) -> TaskType:
    """Read the task type from ``PreHumanTaskLambdaArn``, as AWS's clients do.

    Anything that is not a built-in ``PRE-`` function, of AWS's or ours, is ``CUSTOM``.
    """
    name = function_name(pre_human_task_lambda_arn)
    known = name.removeprefix(LOCAL_PREFIX).startswith("PRE-")
    return _BY_FUNCTION.get(name, CUSTOM) if known else CUSTOM


def task_type_named(name: str) -> TaskType:
    """Return a task type by our name for it; KeyError if there is none."""
    return _BY_NAME[name]


def custom_type_of(template: str) -> TaskType:
    """Read the task type of a custom job from the first crowd element that asks for a label.

    Returns
    -------
    TaskType
        ``CUSTOM`` if the page has no element that the local engine knows.
    """
    known = (_CUSTOM_TYPES[tag] for tag in _TAG.findall(template) if tag in _CUSTOM_TYPES)
    return next(known, CUSTOM)
