"""The files a job writes below ``<S3OutputPath>/<job>/``.

Layer: engine. Reference section 5. Every name follows from stored facts (object, iteration, time of
the consolidation), so that a step repeated after a crash writes the same files again.
"""

from __future__ import annotations

import json
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import sqlalchemy as sa

from gt_widgets.engine.clock import answer_time, file_time
from gt_widgets.engine.labels import worker_id
from gt_widgets.engine.tables import data_objects
from gt_widgets.schema.arns import crowd_of, s3_parts
from gt_widgets.schema.manifest import compact, splice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.labels import Answered
    from gt_widgets.engine.objects import Objects
    from gt_widgets.engine.store import Store

__all__ = ["Outputs"]

_PAGE = 2000
_SPOOL = 1 << 22


class Outputs:
    """Writer of the S3 tree of labeling jobs.

    Parameters
    ----------
    identity_of : callable
        ``sub -> identityData`` of ``workerMetadata``.
    """

    def __init__(
        self,
        store: Store,
        objects: Objects,
        *,
        region: str,
        identity_of: Callable[[str], dict[str, str]],
    ) -> None:
        self._store, self._objects = store, objects
        self._region, self._identity_of = region, identity_of

    def put(self, uri: str, body: bytes, content_type: str = "application/json") -> None:
        """Write one object by its location."""
        bucket, key = s3_parts(uri)
        self._objects.put(bucket, key, body, content_type=content_type)

    def get(self, uri: str) -> bytes:
        """Read one object by its location."""
        return self._objects.read(*s3_parts(uri))

    def auto_annotations(self, job: Job, iteration: int, lines: Iterable[bytes]) -> None:
        """Write what the machine has labeled: object id, space, JSON (8.3)."""
        uri = (
            f"{job.output_folder}/activelearning/{iteration}/auto-annotation/"
            "auto_annotator_output.txt"
        )
        self._put_lines(uri, lines, "text/plain")

    def worker_response(self, job: Job, iteration: int, found: Answered) -> str:
        """Write the answers of one object, all workers inside, and return its location (S02)."""
        uri = (
            f"{job.output_folder}/annotations/worker-response/iteration-{iteration}/"
            f"{found.object_id}/{file_time(found.finished_at)}.json"
        )
        answers = [
            {
                "acceptanceTime": answer_time(answer.accepted_at),
                "answerContent": answer.content,
                "submissionTime": answer_time(answer.submitted_at),
                "timeSpentInSeconds": round(answer.time_spent_s, 3),
                **self._who(job, answer.sub),
            }
            for answer in found.answers
        ]
        self.put(uri, compact({"answers": answers}))
        return uri

    def consolidation_request(
        self,
        job: Job,
        iteration: int,
        created_at: float,
        batch: Sequence[tuple[Answered, Mapping[str, str]]],
    ) -> None:
        """Write what a consolidation function is given: at most 50 objects (S04, 4.8)."""
        payload = [
            {
                "datasetObjectId": str(found.object_id),
                "dataObject": dict(data_object),
                "annotations": [
                    {
                        "workerId": self._who(job, answer.sub)["workerId"],
                        "annotationData": {"content": compact(answer.content).decode()},
                    }
                    for answer in found.answers
                ],
            }
            for found, data_object in batch
        ]
        self.put(self._consolidation_uri(job, "request", iteration, created_at), compact(payload))

    def consolidation_response(
        self, job: Job, iteration: int, created_at: float, labels: Mapping[int, dict[str, Any]]
    ) -> None:
        """Write what the consolidation gave (S05, 5.3)."""
        payload = [
            {"datasetObjectId": str(object_id), "consolidatedAnnotation": {"content": content}}
            for object_id, content in labels.items()
        ]
        self.put(self._consolidation_uri(job, "response", iteration, created_at), compact(payload))

    def intermediate(self, job: Job, iteration: int, lines: Iterable[bytes]) -> None:
        """Write the labels of one iteration so far, one line per object (5.1); nothing for none."""
        uri = f"{job.output_folder}/annotations/intermediate/{iteration}/annotations.json"
        self._put_lines(uri, lines, "application/json")

    def _put_lines(self, uri: str, lines: Iterable[bytes], content_type: str) -> None:
        """Write lines as they come: a job of a million objects has as many."""
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as out:
            for line in lines:
                out.write(line)
                out.write(b"\n")
            if out.tell():
                out.seek(0)
                bucket, key = s3_parts(uri)
                self._objects.put(bucket, key, cast("BinaryIO", out), content_type=content_type)

    def manifest(self, job: Job, snapshot: Path) -> None:
        """Write the output manifest: one line per input line, in input order (S06).

        The input is streamed from the job's own snapshot; a label is spliced in where there
        is one.
        """
        with snapshot.open("rb") as source:
            lines = (self._joined(source, *row) for row in self._labels(job))
            self._put_lines(job.manifest_uri, lines, "application/x-json-lines")

    @staticmethod
    def _joined(source: BinaryIO, position: int, length: int, label: str | None) -> bytes:
        source.seek(position)
        line = source.read(length)
        return line if label is None else splice(line, json.loads(label))

    def _labels(self, job: Job) -> Iterator[tuple[int, int, str | None]]:
        last = -1
        while True:
            with self._store.reading() as connection:
                rows = connection.execute(
                    sa.select(
                        data_objects.c.object_id,
                        data_objects.c.position,
                        data_objects.c.length,
                        data_objects.c.label,
                    )
                    .where(data_objects.c.job_id == job.job_id, data_objects.c.object_id > last)
                    .order_by(data_objects.c.object_id)
                    .limit(_PAGE)
                ).all()
            if not rows:
                return
            last = rows[-1].object_id
            yield from ((row.position, row.length, row.label) for row in rows)

    def _consolidation_uri(self, job: Job, kind: str, iteration: int, created_at: float) -> str:
        return (
            f"{job.output_folder}/annotations/consolidated-annotation/consolidation-{kind}/"
            f"iteration-{iteration}/{file_time(created_at)}.json"
        )

    def _who(self, job: Job, sub: str) -> dict[str, Any]:
        """Name a worker; who it is stands beside it for the private workforce only (5.2)."""
        crowd = crowd_of(job.human["WorkteamArn"])[0]
        named: dict[str, Any] = {"workerId": worker_id(self._region, sub, crowd=crowd)}
        if crowd == "private":
            named["workerMetadata"] = {"identityData": self._identity_of(sub)}
        return named
