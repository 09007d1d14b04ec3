"""A job made from an earlier one: its clone, or the next link of a chain.

Layer: controller (pure functions on AWS's own shapes). The rules are those of the console
(reference 2.7): a clone has the same settings and the same input manifest; a chained job has the
earlier job's output manifest as its input.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError
from gt_widgets.schema.jobs import TRANSITIONS, JobStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["chained_label_attribute", "chained_request", "cloned_request", "merged"]

_ATTRIBUTE = "LabelAttributeName"
_SETTINGS = (
    _ATTRIBUTE,
    "InputConfig",
    "OutputConfig",
    "RoleArn",
    "LabelCategoryConfigS3Uri",
    "StoppingConditions",
    "LabelingJobAlgorithmsConfig",
    "HumanTaskConfig",
    "Tags",
)


def cloned_request(
    described: Mapping[str, Any], name: str, changes: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the CreateLabelingJob request of a clone.

    Parameters
    ----------
    described : mapping
        DescribeLabelingJob's answer for the earlier job.
    name : str
        Of the new job.
    changes : mapping, optional
        Members of the request in AWS's keys that are to be different; a mapping is merged into
        what is there, so that ``{"HumanTaskConfig": {"TaskTitle": "..."}}`` changes the title,
        and None removes a member.
    """
    request = {key: deepcopy(described[key]) for key in _SETTINGS if described.get(key)}
    # what Describe fills in and Create does not take back
    request["OutputConfig"] = {key: v for key, v in request["OutputConfig"].items() if v != ""}
    tags = [tag for tag in request.pop("Tags", []) if not tag["Key"].startswith("aws:")]
    algorithms = request.get("LabelingJobAlgorithmsConfig", {})
    if not algorithms.get("LabelingJobResourceConfig", True):
        del algorithms["LabelingJobResourceConfig"]
    request |= {"LabelingJobName": name} | ({"Tags": tags} if tags else {})
    return merged(request, changes or {})


def chained_request(
    described: Mapping[str, Any],
    name: str,
    *,
    label_attribute: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build the CreateLabelingJob request of the next link of a chain.

    Parameters
    ----------
    described, name, changes
        As in `cloned_request`.
    label_attribute : str, optional
        See `chained_label_attribute`. With the earlier job's own, only objects without a label
        are labeled, and a machine goes on from the earlier job's model; with another, all are.

    Raises
    ------
    ValidationError
        If the earlier job still runs.
    """
    request = cloned_request(described, name)
    chosen = label_attribute or chained_label_attribute(described, name)
    classifiers = request["InputConfig"].get("DataAttributes")
    output = described["LabelingJobOutput"]
    manifest = output["OutputDatasetS3Uri"]
    request["InputConfig"] = {"DataSource": {"S3DataSource": {"ManifestS3Uri": manifest}}}
    if classifiers:
        request["InputConfig"]["DataAttributes"] = classifiers
    model = output.get("FinalActiveLearningModelArn")
    if model and "LabelingJobAlgorithmsConfig" in request and chosen == request[_ATTRIBUTE]:
        request["LabelingJobAlgorithmsConfig"]["InitialActiveLearningModelArn"] = model
    request[_ATTRIBUTE] = chosen
    return merged(request, changes or {})


def chained_label_attribute(described: Mapping[str, Any], name: str) -> str:
    """Propose the label attribute of a chained job as the console does.

    After a completed job it is the new job's name, so that every object is labeled; after a
    stopped or failed one it stays, so that the rest is done.

    Raises
    ------
    ValidationError
        If the earlier job still runs.
    """
    status = JobStatus(described["LabelingJobStatus"])
    if TRANSITIONS[status]:
        raise ValidationError(
            f"Labeling job {described['LabelingJobName']!r} is {status}; a job is chained to one "
            "that has completed, stopped or failed. Wait for it: job.wait()."
        )
    earlier = str(described[_ATTRIBUTE])
    if status is not JobStatus.COMPLETED:
        return earlier
    return f"{name}-ref" if earlier.endswith("-ref") else name


def merged(into: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change members of a request, in place: mappings are merged, None removes."""
    for key, value in changes.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict) and isinstance(into.get(key), dict):
            merged(into[key], value)
        else:
            into[key] = value
    return into
