"""Looking at what a job made: tables, pictures, charts, files.

Layer: controller. Everything is read from S3, so it works on the output of AWS as well.
"""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.controller.data import read_manifest
from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import s3_parts
from gt_widgets.schema.masks import read_palette_png
from gt_widgets.schema.shown import as_shown
from gt_widgets.schema.tasks import task_type_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.figure import Figure

    from gt_widgets.autolabel.report import Audit
    from gt_widgets.charts import Picture
    from gt_widgets.quality import HumanLevel
    from gt_widgets.tree import Tree

__all__ = ["Results"]

_RESPONSE = re.compile(r"/worker-response/iteration-(\d+)/(\d+)/[^/]+\.json\Z")


class Results:
    """What one labeling job wrote below ``<S3OutputPath>/<job>/``.

    Parameters
    ----------
    s3, cognito : boto3 clients
    described : dict
        DescribeLabelingJob's answer.
    known : sequence of str
        The label categories the data came with, in ``class_id`` order; may be empty.
    """

    def __init__(
        self, s3: Any, cognito: Any, described: dict[str, Any], known: Sequence[str] = ()
    ) -> None:
        self._s3, self._cognito, self._known = s3, cognito, tuple(known)
        self._manifest_uri = str(described["LabelingJobOutput"]["OutputDatasetS3Uri"])
        self._label_attribute = str(described["LabelAttributeName"])
        function = described["HumanTaskConfig"].get("PreHumanTaskLambdaArn", "")
        self._of_texts = task_type_of(function).media == "text"
        self._label_file = str(described.get("LabelCategoryConfigS3Uri", ""))
        bucket, key = s3_parts(self._manifest_uri)
        self._bucket, self._prefix = bucket, key.removesuffix("manifests/output/output.manifest")

    def lines(self) -> list[dict[str, Any]]:
        """Return the parsed lines of the output manifest, in input order."""
        return list(read_manifest(self._s3, self._manifest_uri))

    def manifest(self) -> pd.DataFrame:
        """One row per data object; see ``gt_widgets.query.manifest_frame``."""
        from gt_widgets.query import manifest_frame

        return manifest_frame(self.lines(), self._label_attribute)

    def boxes(self) -> pd.DataFrame:
        """One row per box; see ``gt_widgets.query.boxes_frame``."""
        from gt_widgets.query import boxes_frame

        return boxes_frame(self.lines(), self._label_attribute)

    def entities(self) -> pd.DataFrame:
        """One row per entity of a text; see ``gt_widgets.query.entities_frame``."""
        from gt_widgets.query import entities_frame

        return entities_frame(self.lines(), self._label_attribute)

    def shapes(self) -> pd.DataFrame:
        """One row per polygon, line or point; see ``gt_widgets.query.shapes_frame``."""
        from gt_widgets.query import shapes_frame

        return shapes_frame(self.lines(), self._label_attribute)

    def responses(self) -> pd.DataFrame:
        """One row per worker response; see ``gt_widgets.query.worker_frame``."""
        from gt_widgets.query import worker_frame

        latest: dict[str, tuple[int, str]] = {}
        for entry in self._objects():
            found = _RESPONSE.search(entry["Key"])
            if found:  # iteration 10 comes after iteration 9
                latest[found[2]] = max(latest.get(found[2], (0, "")), (int(found[1]), entry["Key"]))
        keys = sorted(latest, key=int)
        with ThreadPoolExecutor(8) as pool:
            bodies = list(pool.map(self._read, (latest[object_id][1] for object_id in keys)))
        documents = {
            object_id: json.loads(body) for object_id, body in zip(keys, bodies, strict=True)
        }
        return worker_frame(documents, names=self._names(documents))

    def tree(self) -> Tree:
        """Show the job's files as a tree."""
        from gt_widgets.tree import Tree

        entries = (
            (
                entry["Key"].removeprefix(self._prefix),
                entry["Size"],
                entry["LastModified"].timestamp(),
            )
            for entry in self._objects()
        )
        return Tree(entries, title=f"s3://{self._bucket}/{self._prefix}")

    def export(self, folder: str | Path, format: str, **options: Any) -> dict[str, int]:  # noqa: A002
        """Write the labels as COCO, VOC, YOLO, CSV, Hugging Face or SageMaker files.

        Takes the options of ``gt_widgets.controller.exchange.export_manifest``; label attribute
        and categories are the job's unless given.
        """
        from gt_widgets.controller.exchange import export_manifest

        own = {"label_attribute": self._label_attribute, "categories": self.categories}
        return export_manifest(self._s3, self._manifest_uri, folder, format, **(own | options))

    @property
    def categories(self) -> list[str] | None:
        """Labels of the job's label category file, in ``class_id`` order."""
        if not self._label_file:
            return None
        bucket, key = s3_parts(self._label_file)
        document = json.loads(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        return [str(entry["label"]) for entry in document["labels"]]

    def gallery(self, count: int = 8, *, columns: int = 4) -> Figure:
        """Draw objects with their labels; failed and unlabeled ones are left out."""
        from gt_widgets.charts import gallery
        from gt_widgets.query import manifest_frame

        lines = self.lines()
        manifest = manifest_frame(lines, self._label_attribute)
        shown = self._pictures(manifest[manifest["status"] == "labeled"].head(count), lines)
        return gallery(shown, columns=columns, categories=self._categories(manifest))

    def pictures(self, object_ids: Sequence[str]) -> list[Picture]:
        """Return labeled objects as a gallery shows them, in the order of their ids."""
        from gt_widgets.query import manifest_frame

        lines = self.lines()
        rows = manifest_frame(lines, self._label_attribute).set_index("object_id", drop=False)
        return self._pictures(rows.loc[list(object_ids)], lines)

    def audited(self, *, right: str = "good") -> Audit:
        """Sum up a verification job: how many of the labels it was shown are right.

        Parameters
        ----------
        right : str
            The verdict that means right.

        Returns
        -------
        Audit
            Its interval speaks of the machine's labels if the job's data was a random sample of
            them: ``job.audit_data()``.
        """
        from gt_widgets.controller.audits import verdicts

        return verdicts(self.manifest(), right=right)

    def _pictures(self, rows: pd.DataFrame, lines: list[dict[str, Any]]) -> list[Picture]:
        """Rows of the manifest as pictures; ``lines`` are all of its lines, read once."""
        from gt_widgets.query import boxes_frame, entities_frame, shapes_frame

        things = {
            "boxes": boxes_frame(lines, self._label_attribute),
            "shapes": shapes_frame(lines, self._label_attribute),
            "entities": entities_frame(lines, self._label_attribute).rename(
                columns={"start_offset": "startOffset", "end_offset": "endOffset"}
            ),
        }
        with ThreadPoolExecutor(8) as pool:
            return list(
                pool.map(
                    lambda row: self._shown(row, lines[int(row["object_id"])], things),
                    rows.to_dict("records"),
                )
            )

    def _shown(
        self, row: Mapping[Any, Any], line: Mapping[str, Any], things: Mapping[str, pd.DataFrame]
    ) -> Picture:
        """One object of the gallery; decoding is capped at a picture's size by Pillow."""
        from PIL import Image

        from gt_widgets.charts import Picture

        own: dict[str, Any] = {
            name: tuple(frame[frame["object_id"] == row["object_id"]].to_dict("records"))
            for name, frame in things.items()
        }
        several = ", ".join(row["labels"]) if not any(own.values()) and not row["mask"] else ""
        words = (row["object_id"], row["label"] or several)
        caption = ": ".join(str(word) for word in words if word)
        if "source" in line or self._of_texts:
            text = str(line["source"]) if "source" in line else self._text(row["source"])
            return Picture(None, caption=caption, text=text, entities=own["entities"])
        image = Image.open(io.BytesIO(self._file(row["source"])), formats=("JPEG", "PNG"))
        mask = read_palette_png(self._file(row["mask"])) if row["mask"] else None
        return Picture(as_shown(image), own["boxes"], caption, shapes=own["shapes"], mask=mask)

    def _text(self, uri: Any) -> str:
        """A text that lies in a file of its own (M04), as workers saw it."""
        return self._file(uri).decode("utf-8-sig", errors="replace")

    def _file(self, uri: Any) -> bytes:
        bucket, key = s3_parts(str(uri))
        body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def label_counts(self) -> Figure:
        """Draw how often each label was given."""
        from gt_widgets.charts import label_bars
        from gt_widgets.query import label_counts

        return label_bars(label_counts(self.manifest()))

    def workers(self) -> Figure:
        """Draw tasks and time per task of each worker."""
        from gt_widgets.charts import worker_bars
        from gt_widgets.query import time_per_task

        return worker_bars(time_per_task(self.responses()))

    def agreement(self) -> Figure:
        """Draw how far each two workers agree. Agreement is not accuracy."""
        from gt_widgets.charts import agreement_heat_map
        from gt_widgets.query import agreement

        return agreement_heat_map(agreement(self.responses()))

    def worker_quality(self, gold: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Sum up every worker; see ``gt_widgets.quality.worker_quality``.

        Parameters
        ----------
        gold : mapping to settled labels, optional
            A class, or all boxes of the picture, by object id, by file name or by URI.

        Raises
        ------
        ValidationError
            If a key names no data object of the job, or several.
        """
        from gt_widgets.quality import worker_quality

        return worker_quality(self.responses(), gold=self._by_object(gold or {}))

    def human_level(self, gold: Mapping[str, Any], *, seed: int = 0) -> HumanLevel:
        """Error of one worker and of teams; see ``gt_widgets.quality.human_level``.

        Parameters
        ----------
        gold : mapping to classes
            As in `worker_quality`.
        seed : int
            The same seed draws the same teams.
        """
        from gt_widgets.quality import human_level

        rng = np.random.default_rng(seed)
        return human_level(self.responses(), self._by_object(gold), rng=rng)

    def accuracy(self, gold: Mapping[str, Any] | None = None) -> Figure:
        """Draw each worker's accuracy with its interval."""
        from gt_widgets.charts import accuracy_intervals

        return accuracy_intervals(self.worker_quality(gold))

    def confusion(
        self, gold: Mapping[str, Any] | None = None, *, worker: str | None = None
    ) -> Figure:
        """Draw what is mistaken for what, against gold or else against the consensus."""
        from gt_widgets.charts import confusion_heat_map
        from gt_widgets.quality import confusion_matrix

        known = None if gold is None else self._by_object(gold)
        return confusion_heat_map(confusion_matrix(self.responses(), gold=known, worker_id=worker))

    def _by_object(self, gold: Mapping[str, Any]) -> dict[str, Any]:
        """Find the object id of each key."""
        places: dict[str, list[str]] = {}
        for number, line in enumerate(self.lines()):
            source = str(line.get("source-ref", line.get("source", "")))
            for name in {str(number), source, source.rsplit("/", 1)[-1]}:
                places.setdefault(name, []).append(str(number))
        found = {}
        for key, truth in gold.items():
            objects = places.get(str(key), [])
            if len(objects) != 1:
                what = "no data object" if not objects else f"{len(objects)} data objects"
                raise ValidationError(
                    f"gold: {key!r} names {what} of this job. Use object ids ('0' is the first "
                    "line of the manifest), file names or URIs."
                )
            found[objects[0]] = truth
        return found

    def _names(self, documents: dict[str, Any]) -> dict[str, str]:
        """User names by Cognito ``sub``, for the people this account can look up."""
        identities = {
            (entry["identityData"]["issuer"].rsplit("/", 1)[-1], entry["identityData"]["sub"])
            for document in documents.values()
            for answer in document.get("answers", ())
            if "identityData" in (entry := answer.get("workerMetadata", {}))
        }
        return {sub: name for pool, sub in identities for name in self._user_names(pool, sub)}

    def _user_names(self, pool_id: str, sub: str) -> list[str]:
        from botocore.exceptions import ClientError

        try:
            found = self._cognito.list_users(UserPoolId=pool_id, Filter=f'sub = "{sub}"')
        except ClientError:
            return []
        return [user["Username"] for user in found["Users"]]

    def _categories(self, manifest: pd.DataFrame) -> list[str]:
        seen = {name for names in manifest["labels"] for name in names}
        return [*self._known, *sorted(seen - set(self._known))]

    def _objects(self) -> Iterator[dict[str, Any]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        for page in pages:
            yield from page.get("Contents", ())

    def _read(self, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body
