"""Labels that are there already: what they tell of a job that is to be planned.

Layer: controller.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.pilot import pilot_of
from gt_widgets.controller.data import read_object
from gt_widgets.errors import ImageError, ValidationError
from gt_widgets.training.sheets import sheet_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.autolabel.pilot import Pilot
    from gt_widgets.controller.jobs import LabelingJob

__all__ = ["KnownPilot", "Labeled", "judged", "labeled_classes", "pilot_job"]

_MOST_PILOT = 1_000


@dataclass(frozen=True, slots=True)
class Labeled:
    """Labeled objects of a manifest: their lines, class ids, and how many classes there are."""

    lines: Sequence[Mapping[str, Any]]
    classes: tuple[int, ...]
    n_classes: int


@dataclass(frozen=True, slots=True)
class KnownPilot:
    """What is known from labels that are there: classes, or a mean IoU of so many objects."""

    found: Labeled | float | None
    objects: int = 0
    seconds_per_task: float | None = None


def pilot_job(job: LabelingJob, attribute: str | None) -> KnownPilot:
    """What a job tells of the next one: its classes by people, or its machine's mean IoU.

    Raises
    ------
    ValidationError
        If it tells neither.
    """
    card = job.card()
    machine, seconds = job.automation if card.get("automation") else None, card["seconds_per_task"]
    if machine is not None and machine.found["task"] != "classes":
        if machine.rounds.empty:
            raise ValidationError(
                f"The machine of {job.name!r} has not trained yet, so there is no mean IoU to plan "
                "with. Wait for its first round (job.automation), or assume one: accuracy=0.7."
            )
        sample = len(machine.found["calibration_objects"])
        return KnownPilot(float(machine.rounds["accuracy"].iloc[-1]), sample, seconds)
    lines = job.results.lines()
    if machine is not None:  # what was asked because it is hard says too little of the rest
        lines = [lines[place] for place in machine.found["calibration_objects"]]
    name = attribute or str(job.describe()["LabelAttributeName"])
    return KnownPilot(labeled_classes(lines, name), len(lines), seconds)


def labeled_classes(lines: Sequence[Mapping[str, Any]], attribute: str | None) -> Labeled:
    """Find the objects of a manifest that have a class by people.

    Parameters
    ----------
    attribute : str, optional
        Key of the label; the first that has a class unless given.

    Raises
    ------
    ValidationError
        If there are none.
    """
    found, classes = [], []
    for line in lines:
        names = [attribute] if attribute else [key for key in line if f"{key}-metadata" in line]
        for name in names:
            metadata = line.get(f"{name}-metadata", {})
            mine = metadata.get("human-annotated") == "yes" and "class-name" in metadata
            if mine and isinstance(line.get(name), int):
                found.append(line)
                classes.append(int(line[name]))
                break
    if not found:
        raise ValidationError(
            "The pilot has no object with a class by people; give a job of one class per object, "
            "or a manifest that such a job wrote."
        )
    return Labeled(found, tuple(classes), max(classes) + 1)


def judged(pilot: Labeled, s3: Any, *, seed: int) -> Pilot:
    """See the pilot's objects as a job's machine would, and judge its models by them.

    Parameters
    ----------
    pilot : Labeled
        Of many, 1,000 drawn at random.
    s3 : boto3 client
        Where its pictures lie.
    seed : int

    Raises
    ------
    ValidationError
        If they are too few to learn from.
    """
    rng = np.random.default_rng([seed, 8])
    chosen = np.sort(rng.permutation(len(pilot.lines))[:_MOST_PILOT])
    lines = [pilot.lines[int(place)] for place in chosen]
    media = "image" if "source-ref" in lines[0] else "text"
    with TemporaryDirectory() as folder:
        sheet = sheet_of(Path(folder), media, len(lines), _Items(s3, lines), seed=seed)
    good = np.setdiff1d(np.arange(len(lines)), np.array(sheet.unreadable, dtype=np.intp))
    classes = np.array([pilot.classes[int(place)] for place in chosen], dtype=np.intp)
    return pilot_of(
        sheet.features[good],
        classes[good],
        n_classes=pilot.n_classes,
        groups=sheet.groups[good],
        seed=seed,
    )


class _Items:
    """Objects of manifest lines, read from S3."""

    def __init__(self, s3: Any, lines: Sequence[Mapping[str, Any]]) -> None:
        self._s3, self._lines = s3, lines

    def read(self, object_id: int) -> bytes:
        """Return a picture's file or a text's UTF-8."""
        line = self._lines[object_id]
        if "source" in line:
            return str(line["source"]).encode()
        return read_object(self._s3, str(line["source-ref"]))

    def mask(self, object_id: int) -> bytes:
        """Refuse: a pilot of masks is an automated job.

        Raises
        ------
        ImageError
            Always.
        """
        raise ImageError(f"the mask of object {object_id} is not part of a plan.")
