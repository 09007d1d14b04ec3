"""What workers are shown of a data object, and their answers held against it.

Layer: engine. Pictures are measured, texts are read, earlier labels are found on the manifest
line. What decodes bytes from outside runs in a process of its own.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.browsers import buckets_closed_to_pages, words_about_closed
from gt_widgets.engine.intake import location_of
from gt_widgets.engine.unreadable import unreadable_as
from gt_widgets.errors import AnswerError, DataObjectError, GroundTruthError
from gt_widgets.kinds import Seen, check_answer, kind_of
from gt_widgets.kinds.earlier import earlier_answer, find_earlier, kind_of_earlier
from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.limits import ATTRIBUTE_CHARACTERS

if TYPE_CHECKING:
    from gt_widgets.engine.apart import Apart
    from gt_widgets.engine.intake import Intake
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.objects import Objects
    from gt_widgets.engine.pictures import Picture
    from gt_widgets.kinds.earlier import Earlier

__all__ = ["Showing"]

_MOST_BYTES = 4 * ATTRIBUTE_CHARACTERS
"""A character takes at most four bytes of UTF-8."""


class Showing:
    """Reads data objects as workers see them."""

    def __init__(self, intake: Intake, objects: Objects, apart: Apart) -> None:
        self._intake, self._objects, self._apart = intake, objects, apart

    def prepare(self, job: Job, object_id: int) -> Picture | None:
        """Look at one object before workers do; None for a text.

        Raises
        ------
        GroundTruthError
            With the reason why it cannot be shown (2.7, M09): it fails, the job goes on.
        StoreUnreachableError
            If no object can be read for now: nothing fails.
        """
        if job.task_type.media == "text":
            seen, found = self._text(job, object_id), None
        else:
            found = self._intake.picture(job, object_id)
            seen = Seen(job.categories.labels, found.width, found.height)
        self.earlier(job, object_id, seen)
        return found

    def faults(self, job: Job) -> dict[str, str]:
        """Return what the log of a job should warn of: event names and sentences."""
        closed = self.closed_to_pages(job)
        return {"CORS_RULE_MISSING": closed} if closed else {}

    def closed_to_pages(self, job: Job) -> str:
        """Say which bucket of the job's pictures browsers may not read (M12); ``""`` if none.

        The first object stands for all: others are looked at when workers get them.
        """
        if job.task_type.media == "text" or not job.total:
            return ""
        try:
            bucket, _ = s3_parts(location_of(self._intake.data_object(job, 0)))
        except GroundTruthError:  # that object fails by itself, with its reason
            return ""
        return words_about_closed(buckets_closed_to_pages(self._objects, [bucket]))

    def seen(self, job: Job, object_id: int, width: int | None, height: int | None) -> Seen:
        """Return what a worker sees of one object.

        Parameters
        ----------
        width, height : int or None
            Size of the picture as stored, in pixels; None for a text, which is read.

        Raises
        ------
        DataObjectError
            If a text cannot be read or is too long.
        """
        if job.task_type.media == "text":
            return self._text(job, object_id)
        return Seen(job.categories.labels, width, height)

    def earlier(self, job: Job, object_id: int, seen: Seen) -> dict[str, Any] | None:
        """Return the label to verify or adjust; None for other jobs.

        Raises
        ------
        DataObjectError
            If the object has none, or none that can be shown.
        """
        task_type = job.task_type
        if not task_type.earlier:
            return None
        line = json.loads(self._intake.read_object(job, object_id)[1])
        try:
            earlier = find_earlier(
                line, task_type, named=job.categories.earlier_attribute, own=job.label_attribute
            )
            return self._shown(job, earlier, seen)
        except AnswerError as error:
            raise DataObjectError(f"object {object_id}: {error}") from error

    def _shown(self, job: Job, earlier: Earlier, seen: Seen) -> dict[str, Any]:
        if not kind_of_earlier(job.task_type).decodes:
            return earlier_answer(earlier, job.task_type, seen)
        name = str(earlier.label)
        with unreadable_as(AnswerError, name):
            data = self._objects.read(*s3_parts(name))
        return self._apart.run(name, earlier_answer, earlier, job.task_type, seen, data)

    def check(
        self, job: Job, object_id: int, content: Any, width: int | None, height: int | None
    ) -> dict[str, Any]:
        """Check an answer and return it in the stored form.

        Raises
        ------
        AnswerError
            With what is wrong and where.
        """
        seen = self.seen(job, object_id, width, height)
        if kind_of(job.task_type).decodes:
            name = f"the answer to object {object_id}"
            checked = self._apart.run(name, check_answer, job.task_type, content, seen)
        else:
            checked = check_answer(job.task_type, content, seen)
        if job.task_type.purpose == "adjust":  # not what the page says, which may be anything
            earlier = self.earlier(job, object_id, seen)
            value, before = checked[job.task_type.element], (earlier or {"value": {}})["value"]
            after = {key: value.get(key) for key in before}
            value["initialValueModified"] = _in_order(after) != _in_order(before)
        return checked

    def _text(self, job: Job, object_id: int) -> Seen:
        """Read the text: it stands in ``source``, or in the file of ``source-ref`` (M04)."""
        found = self._intake.data_object(job, object_id)
        if found.source is not None:
            return Seen(job.categories.labels, text=found.source)
        uri = location_of(found)
        with unreadable_as(DataObjectError, uri):
            info, body = self._objects.open(*s3_parts(uri))
            with body:
                data = body.read(_MOST_BYTES + 1)
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataObjectError(f"{uri} is not UTF-8 text ({error}).") from error
        if len(data) > _MOST_BYTES or len(text) > ATTRIBUTE_CHARACTERS:
            raise DataObjectError(
                f"{uri} has {info.size} bytes; a text may have {ATTRIBUTE_CHARACTERS} characters."
            )
        return Seen(job.categories.labels, text=text)


def _in_order(value: dict[str, Any]) -> dict[str, Any]:
    """Put the things of an answer in one order: which came first says nothing."""
    return {
        key: sorted(part, key=partial(json.dumps, sort_keys=True))
        if isinstance(part, list)
        else part
        for key, part in value.items()
    }
