"""Task types: one description each, read by every part that treats them differently.

Layer: schema. Rows of reference section 1.4. ``supported`` tells which of them the local engine
runs; the others are known so that their names, suffix rules and refusals are right.
"""

from __future__ import annotations

from dataclasses import dataclass

from gt_widgets.schema.arns import function_name

__all__ = ["CUSTOM", "TASK_TYPES", "TaskType", "task_type_of"]


@dataclass(frozen=True, slots=True)
class TaskType:
    """What the service knows of one kind of task.

    Attributes
    ----------
    name : str
        Our name, as in the worker protocol.
    function : str
        Suffix of both Lambda names: ``PRE-<function>`` and ``ACS-<function>``.
    metadata_type : str
        ``type`` in the output manifest.
    ref_suffix : bool
        Whether the label attribute name must end in ``-ref`` (else it must not).
    element : str
        Name of the answer's element in AWS's own template.
    max_labels, min_labels : int
        How many label categories a job may have; 0 means no upper limit.
    workers : int
        The console's default of workers per data object.
    supported : bool
        Whether the local engine runs it.
    """

    name: str
    function: str
    metadata_type: str
    ref_suffix: bool = False
    element: str = ""
    min_labels: int = 1
    max_labels: int = 0
    workers: int = 3
    supported: bool = False


_VIDEO_AND_3D = [
    ("VideoObjectDetection", "groundtruth/video-object-detection", True),
    ("VideoObjectTracking", "groundtruth/video-object-tracking", True),
    ("3DPointCloudObjectDetection", "groundtruth/point_cloud_object_detection", False),
    ("3DPointCloudObjectTracking", "groundtruth/point_cloud_object_tracking", True),
    (
        "3DPointCloudSemanticSegmentation",
        "groundtruth/point_cloud_single_frame_semantic_segmentation",
        True,
    ),
]

CUSTOM = TaskType("custom", "", "groundTruth/custom")

TASK_TYPES: tuple[TaskType, ...] = (
    TaskType(
        "bounding-box",
        "BoundingBox",
        "groundtruth/object-detection",
        element="boundingBox",
        max_labels=50,
        workers=5,
        supported=True,
    ),
    TaskType(
        "image-classification",
        "ImageMultiClass",
        "groundtruth/image-classification",
        element="crowd-image-classifier",
        min_labels=2,
        supported=True,
    ),
    TaskType(
        "image-classification-multi-label",
        "ImageMultiClassMultiLabel",
        "groundtruth/image-classification-multilabel",
        element="crowd-image-classifier-multi-select",
        min_labels=2,
        max_labels=50,
    ),
    TaskType(
        "semantic-segmentation",
        "SemanticSegmentation",
        "groundtruth/semantic-segmentation",
        ref_suffix=True,
        element="crowd-semantic-segmentation",
    ),
    TaskType(
        "text-classification",
        "TextMultiClass",
        "groundtruth/text-classification",
        element="crowd-classifier",
        min_labels=2,
    ),
    TaskType(
        "text-classification-multi-label",
        "TextMultiClassMultiLabel",
        "groundtruth/text-classification-multilabel",
        element="crowd-classifier-multi-select",
        min_labels=2,
        max_labels=50,
    ),
    TaskType(
        "named-entity-recognition",
        "NamedEntityRecognition",
        "groundtruth/text-span",
        element="crowd-entity-annotation",
    ),
    TaskType("video-classification", "VideoMultiClass", "groundtruth/video-classification"),
    TaskType(
        "bounding-box-verification", "VerificationBoundingBox", "groundtruth/label-verification"
    ),
    TaskType("bounding-box-adjustment", "AdjustmentBoundingBox", "groundtruth/object-detection"),
    TaskType(
        "semantic-segmentation-verification",
        "VerificationSemanticSegmentation",
        "groundtruth/label-verification",
    ),
    TaskType(
        "semantic-segmentation-adjustment",
        "AdjustmentSemanticSegmentation",
        "groundtruth/semantic-segmentation",
        ref_suffix=True,
    ),
    *(
        TaskType(prefix + function, prefix + function, kind, ref_suffix=ref, workers=1)
        for function, kind, ref in _VIDEO_AND_3D
        for prefix in ("", "Adjustment")
    ),
    TaskType("pass-through", "PassThrough", "groundTruth/custom"),
)

_BY_FUNCTION = {task_type.function: task_type for task_type in TASK_TYPES}


def task_type_of(pre_human_task_lambda_arn: str) -> TaskType:
    """Read the task type from ``PreHumanTaskLambdaArn``, as AWS's clients do.

    Anything that is not a built-in ``PRE-`` function is ``CUSTOM``.
    """
    name = function_name(pre_human_task_lambda_arn)
    return _BY_FUNCTION.get(name.removeprefix("PRE-"), CUSTOM) if name[:4] == "PRE-" else CUSTOM
