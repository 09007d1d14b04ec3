"""Mask proposals for a task somebody holds, made in a process of their own within a time limit.

Layer: engine. A promptable model of the user's is used if its two files lie in the state folder:
``models/segment/encoder.onnx`` and ``decoder.onnx``.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.pictures import measure
from gt_widgets.errors import WorkerError
from gt_widgets.segmentation import ModelFiles, propose, read_prompt

if TYPE_CHECKING:
    from pathlib import Path

    from gt_widgets.engine.apart import Apart
    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.jobs import Job

__all__ = ["Segmenting"]

_KINDS = frozenset({"mask", "instances"})


class Segmenting:
    """Answers ``segment`` of the worker protocol."""

    def __init__(self, folder: Path, intake: Intake, apart: Apart) -> None:
        self._folder, self._intake, self._apart = folder, intake, apart

    def prompts(self, job: Job) -> list[str]:
        """Name the hints that a page may give in tasks of a job."""
        if job.task_type.kind not in _KINDS or job.task_type.purpose == "verify":
            return []
        return ["box", "extreme", *(["clicks"] if self._model() else [])]

    def propose(self, job: Job, object_id: int, prompt: Any) -> dict[str, Any]:
        """Propose a mask: a region, and a packed mask of 0 and 1 for it as base64.

        Raises
        ------
        WorkerError
            If the job has no masks, or the hint is none.
        ImageError
            If the picture or the model cannot be read, or it took too long.
        """
        if not self.prompts(job):
            raise WorkerError(f"Tasks of {job.task_type.name} paint no masks.")
        data = self._intake.read_picture(job, object_id)
        size = measure(f"object {object_id}", data)
        hint = read_prompt(prompt, width=size.width, height=size.height)
        found = self._apart.run(
            f"a mask for object {object_id} of {job.name}", propose, data, hint, self._model()
        )
        return {
            "left": found.region.left,
            "top": found.region.top,
            "width": found.region.width,
            "height": found.region.height,
            "mask_runs": base64.b64encode(found.packed).decode(),
            "method": found.method,
        }

    def _model(self) -> ModelFiles | None:
        encoder, decoder = self._folder / "encoder.onnx", self._folder / "decoder.onnx"
        return ModelFiles(encoder, decoder) if encoder.exists() and decoder.exists() else None
