"""What a job tells its workers: instructions in plain words, and example pictures.

Layer: engine. The words come from the template, else from the label file, else from the request.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import GroundTruthError, ImageError, StoreUnreachableError, WorkerError
from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.instructions import Instructions, read_instructions
from gt_widgets.schema.limits import IMAGE_BYTES

if TYPE_CHECKING:
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.objects import Objects
    from gt_widgets.engine.root import Engine

__all__ = ["instructions_of", "picture_of"]


def instructions_of(job: Job) -> dict[str, Any]:
    """Return the ``instructions`` of a task: words, and kind and caption of each example."""
    told = _told(job)
    return {
        "short": told.short or job.human["TaskDescription"],
        "full": told.full or job.task_type.instruction,
        "examples": [{"kind": each.kind, "caption": each.caption} for each in told.examples],
    }


def picture_of(engine: Engine, job: Job, object_id: int, example: Any) -> bytes:
    """Read the picture of a task; with ``example`` that picture of its instructions, from 0.

    Raises
    ------
    WorkerError
        If the task shows a text, or its instructions have no such picture.
    ImageError
        If it cannot be read.
    """
    if example is not None:
        return _example(engine.objects, job, str(example))
    if job.task_type.media == "text":
        raise WorkerError(f"The task shows a text: {job.task_type.name} has no picture.")
    return engine.intake.read_picture(job, object_id)


def _example(objects: Objects, job: Job, number: str) -> bytes:
    """Out of the template itself, or from S3."""
    examples = _told(job).examples
    if not number.isdecimal() or int(number) >= len(examples):
        raise WorkerError(f"The instructions have {len(examples)} pictures, no number {number!r}.")
    source = examples[int(number)].source
    try:
        if source.startswith("data:"):
            return base64.b64decode(source.partition(",")[2], validate=True)
        info, body = objects.open(*s3_parts(source))
        with body:
            return body.read(min(info.size, IMAGE_BYTES + 1))
    except StoreUnreachableError:
        raise
    except (GroundTruthError, FileNotFoundError, ValueError) as error:
        raise ImageError(f"{source[:200]} cannot be read: {error}") from error


def _told(job: Job) -> Instructions:
    return read_instructions(job.categories.short_instruction, job.categories.full_instruction)
