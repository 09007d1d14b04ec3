"""The verbs of a session that work on data sets.

Layer: controller.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from gt_widgets.controller import exchange, manifests
from gt_widgets.controller.data import Dataset, read_manifest, tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from gt_widgets.manifests import Report
    from gt_widgets.tree import Tree

__all__ = ["DataVerbs"]


class DataVerbs(ABC):
    """What a session can do with manifests and labels."""

    @abstractmethod
    def client(self, service: str) -> Any:
        """Return the boto3 client of a service."""

    @property
    @abstractmethod
    def bucket(self) -> str:
        """The bucket of the session."""

    def dataset(
        self,
        manifest_uri: str,
        *,
        categories: Sequence[str] = (),
        truth: Mapping[str, Any] | None = None,
    ) -> Dataset:
        """Use a manifest that lies in S3 already, for example the output of another job."""
        lines = tuple(read_manifest(self.client("s3"), manifest_uri))
        return Dataset(manifest_uri, lines, tuple(categories), truth or {})

    def select(
        self,
        data: Dataset | str,
        *,
        where: str | None = None,
        count: int | None = None,
        share: float | None = None,
        seed: int = 0,
    ) -> Dataset:
        """Write a part of a manifest as a new one next to it.

        Parameters
        ----------
        data : Dataset or s3:// location
        where : str, optional
            A filter in SQL as S3 Select has it, for example
            ``s."logos-metadata"."human-annotated" = 'no'``; needs the extra ``query``.
        count, share : optional
            A random sample of what is left: so many objects, or a share in (0, 1].
        seed : int
            The same seed draws the same sample.
        """
        s3 = self.client("s3")
        return manifests.select(s3, data, where=where, count=count, share=share, seed=seed)

    def set_up(
        self,
        source: str | Path,
        *,
        kind: str | None = None,
        column: str | None = None,
        name: str = "data",
    ) -> Dataset:
        """Make an input manifest from a folder of images, a text file or a CSV.

        Parameters
        ----------
        source : s3:// location or local path
            The manifest goes to the same folder, as ``dataset-<time>.manifest``. What is local
            is uploaded below ``name`` in the session's bucket.
        kind : {"image", "text", "csv"}, optional
        column : str, optional
            The column of a CSV to label; the others go along as keys.
        name : str
        """
        return manifests.set_up(
            self.client("s3"),
            source,
            bucket="" if str(source).startswith("s3://") else self.bucket,
            prefix=name.strip("/"),
            kind=kind,
            column=column,
        )

    def check(
        self, data: Dataset | str, *, target: str = "labeling-job", images: bool = False
    ) -> Report:
        """Check a manifest line by line; see ``gt_widgets.manifests.check``.

        Parameters
        ----------
        data : Dataset or s3:// location
        target : {"labeling-job", "rekognition-custom-labels"}
            Who reads it next.
        images : bool
            Also look at the size and header of every image, which reads a part of each.
        """
        return manifests.check_manifest(self.client("s3"), data, target=target, images=images)

    def repair(
        self, data: Dataset | str, *, target: str = "labeling-job", images: bool = False
    ) -> tuple[Dataset, Report]:
        """Write a repaired copy next to a manifest: boxes cut at the border, no line that is wrong.

        Parameters
        ----------
        data, target, images
            As in `check`.

        Returns
        -------
        (Dataset, Report)
            The copy, and what was found in the original.
        """
        return manifests.repair_manifest(self.client("s3"), data, target=target, images=images)

    def labels(self, prefix: str = "", *, bucket: str | None = None) -> pd.DataFrame:
        """Read the labels of all jobs of a bucket as one table.

        Parameters
        ----------
        prefix : str
            Only output manifests below it.
        bucket : str, optional
            The session's unless given.

        Returns
        -------
        pandas.DataFrame
            Of ``gt_widgets.query.objects_frame``.

        Notes
        -----
        Ask it with ``gt_widgets.query``: ``filter_objects``, ``join_attributes``,
        ``label_statistics``.
        """
        return exchange.labels_of_bucket(self.client("s3"), bucket or self.bucket, prefix)

    def export(
        self,
        manifest_uri: str,
        folder: str | Path,
        format: str,  # noqa: A002 - its name everywhere
        **options: Any,
    ) -> dict[str, int]:
        """Write labels as COCO, VOC, YOLO, CSV, Hugging Face or SageMaker files.

        Takes the options of ``gt_widgets.controller.exchange.export_manifest``: label_attribute,
        categories, shares, group, seed, images.
        """
        s3 = self.client("s3")
        return exchange.export_manifest(s3, manifest_uri, folder, format, **options)

    def import_labels(
        self,
        source: str | Path,
        format: str,  # noqa: A002
        *,
        images: str | Path,
        label_attribute: str,
        name: str = "imported",
        categories: Sequence[str] | None = None,
        masks: bool = False,
    ) -> Dataset:
        """Upload images with labels of COCO, VOC or YOLO files, for a job to adjust or verify.

        Parameters
        ----------
        source : path
            COCO: the JSON file. VOC: the folder of XML files. YOLO: the folder of text files.
        format : {"coco", "voc", "yolo"}
        images : path
            The folder of the images.
        label_attribute : str
            Manifest key of the labels; ends in ``-ref`` for masks.
        name : str
            Key prefix in the session's bucket.
        categories : sequence of str, optional
            In ``class_id`` order. YOLO needs them, or ``data.yaml`` in the folder above the labels.
        masks : bool
            Read COCO's segmentations in place of its boxes.

        Raises
        ------
        FormatError
            If a file is not of this format, or an image is missing.
        """
        return exchange.import_labels(
            self.client("s3"),
            source,
            format,
            images=images,
            label_attribute=label_attribute,
            bucket=self.bucket,
            prefix=name.strip("/"),
            categories=categories,
            masks=masks,
        )

    def tree(self, prefix: str = "", *, bucket: str | None = None) -> Tree:
        """Show what lies in a bucket as a tree."""
        return tree_of(self.client("s3"), bucket or self.bucket, prefix)
