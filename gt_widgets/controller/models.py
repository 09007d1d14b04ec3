"""The model of an automated job, fetched as any AWS client would: DescribeModel, then S3.

Layer: controller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.controller.data import read_object
from gt_widgets.errors import ValidationError
from gt_widgets.schema.tasks import task_type_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.training.sources import Source
    from gt_widgets.training.trained import TrainedModel

__all__ = ["trained_model"]


def trained_model(
    sagemaker: Any,
    s3: Any,
    described: dict[str, Any],
    categories: Sequence[str],
    *,
    known: Mapping[str, Source],
) -> TrainedModel:
    """Read the model that a job has left.

    Parameters
    ----------
    sagemaker, s3 : boto3 clients
    described : dict
        DescribeLabelingJob's answer, of now.
    categories : sequence of str
        The job's label categories.
    known : mapping of name to Source
        What the owner of the engine has named for machines to learn with.

    Raises
    ------
    ValidationError
        If it has left none.
    """
    from gt_widgets.training.trained import TrainedModel  # with all that learns

    arn = described["LabelingJobOutput"].get("FinalActiveLearningModelArn")
    if not arn:
        raise ValidationError(
            f"Job {described['LabelingJobName']!r} ({described['LabelingJobStatus']}) has left no "
            "model. A job leaves one when it was created with automated=True, its machine could "
            "learn, and it has ended."
        )
    model = sagemaker.describe_model(ModelName=arn.rsplit("/", 1)[1])
    return TrainedModel(
        read_object(s3, model["PrimaryContainer"]["ModelDataUrl"]),
        task=task_type_of(described["HumanTaskConfig"]["PreHumanTaskLambdaArn"]).name,
        categories=categories,
        made_by=described["LabelingJobName"],
        known=known,
    )
