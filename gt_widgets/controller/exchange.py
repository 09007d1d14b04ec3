"""Labels of many jobs, and their way to and from other tools' files.

Layer: controller. Everything is read from S3, so it works on the output of AWS as well.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from gt_widgets.controller.data import Dataset, read_manifest, read_object
from gt_widgets.errors import FormatError, ValidationError
from gt_widgets.exchange import (
    augmented_lines,
    class_ids,
    export_labels,
    import_coco,
    import_voc,
    import_yolo,
    inside,
    read_labels,
    write_sets,
    yolo_categories,
)
from gt_widgets.query import label_attributes, objects_frame, rarest_labels, split
from gt_widgets.schema.arns import s3_parts, s3_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    import pandas as pd

    from gt_widgets.exchange import Imported, Labeled

__all__ = ["export_manifest", "import_labels", "labels_of_bucket"]

_OUTPUT = "/manifests/output/output.manifest"
_IMAGES = (".jpg", ".jpeg", ".png")


def labels_of_bucket(s3: Any, bucket: str, prefix: str = "") -> pd.DataFrame:
    """Read the output manifests of all jobs below a prefix as one table.

    Returns
    -------
    pandas.DataFrame
        Of ``gt_widgets.query.objects_frame``.
    """
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = (entry["Key"] for page in pages for entry in page.get("Contents", ()))
    uris = [s3_uri(bucket, key) for key in keys if key.endswith(_OUTPUT)]
    return objects_frame({uri: read_manifest(s3, uri) for uri in uris})


def export_manifest(
    s3: Any,
    uri: str,
    folder: str | Path,
    format: str,  # noqa: A002 - its name everywhere
    *,
    label_attribute: str | None = None,
    categories: Sequence[str] | None = None,
    shares: Mapping[str, float] | None = None,
    group: Callable[[Labeled], Hashable] | None = None,
    seed: int = 0,
    images: bool = True,
) -> dict[str, int]:
    """Write the labels of a manifest into a local folder.

    Parameters
    ----------
    uri : str
        Of an output manifest.
    folder : path
    format : {"coco", "voc", "yolo", "csv", "huggingface", "sagemaker"}
    label_attribute : str, optional
        The only one of the manifest unless given.
    categories : sequence of str, optional
        In ``class_id`` order; read from the class maps unless given.
    shares : mapping of set name to share, optional
        For example ``{"train": 0.8, "validation": 0.1, "test": 0.1}``, stratified by label;
        everything goes to ``train`` unless given.
    group : callable, optional
        Objects for which it gives the same value go to the same set.
    seed : int
        The same seed gives the same sets.
    images : bool
        Copy the images too.

    Returns
    -------
    dict of set name to number of objects

    Raises
    ------
    FormatError
        If the format cannot hold these labels.
    """
    place = Path(folder).expanduser()
    attribute = label_attribute or _only_attribute(s3, uri)
    objects = list(read_labels(read_manifest(s3, uri), attribute))
    if not objects:
        raise FormatError(
            f"{uri} has no label under {attribute!r}. Give label_attribute= as the job that wrote "
            "it has it, or wait until that job has labeled something."
        )
    sets = _sets(objects, shares or {"train": 1.0}, group, Random(seed))
    found: dict[str, list[Labeled]] = {name: [] for name in shares or {"train": 1.0}}
    for each, name in zip(objects, sets, strict=True):
        found[name].append(each)
    if format == "sagemaker":
        by_line = {each.object_id: name for each, name in zip(objects, sets, strict=True)}
        return write_sets(_raw_lines(s3, uri), by_line, place)
    names = categories or class_ids(read_manifest(s3, uri), attribute)
    export_labels(found, place, format, categories=names, read=_reader(s3, format, images=images))
    return {name: len(members) for name, members in found.items()}


def _only_attribute(s3: Any, uri: str) -> str:
    names = {name for line in read_manifest(s3, uri) for name in label_attributes(line)}
    if len(names) != 1:
        raise ValidationError(
            f"{uri} has the label attributes {sorted(names)}; say which: label_attribute=."
        )
    return names.pop()


def _sets(
    objects: Sequence[Labeled],
    shares: Mapping[str, float],
    group: Callable[[Labeled], Hashable] | None,
    rng: Random,
) -> list[str]:
    groups = None if group is None else [group(each) for each in objects]
    strata = rarest_labels([each.labels for each in objects])
    return split(len(objects), shares, rng=rng, strata=strata, groups=groups)


def _raw_lines(s3: Any, uri: str) -> Iterator[bytes]:
    bucket, key = s3_parts(uri)
    for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines(keepends=True):
        if line.strip():
            yield line


def _reader(s3: Any, format: str, *, images: bool) -> Callable[[str], bytes] | None:  # noqa: A002
    return partial(read_object, s3) if images and format != "csv" else None


def import_labels(
    s3: Any,
    source: str | Path,
    format: str,  # noqa: A002 - its name everywhere
    *,
    images: str | Path,
    label_attribute: str,
    bucket: str,
    prefix: str,
    categories: Sequence[str] | None = None,
    masks: bool = False,
    now: datetime | None = None,
) -> Dataset:
    """Upload images with labels of another tool, as a manifest that a job can adjust or verify.

    Parameters
    ----------
    source : path
        COCO: the JSON file. VOC: the folder of XML files. YOLO: the folder of text files.
    format : {"coco", "voc", "yolo"}
    images : path
        The folder of the images.
    label_attribute : str
        Of the labels; ends in ``-ref`` for masks.
    bucket, prefix : str
        Where images and manifest go.
    categories : sequence of str, optional
        In ``class_id`` order. YOLO needs them, or ``data.yaml`` in the folder above the labels.
    masks : bool
        Read COCO's segmentations in place of its boxes.
    now : datetime, optional
        The labels' creation date.

    Raises
    ------
    FormatError
        If a file is not of this format, or an image is missing.
    """
    path, folder = Path(source).expanduser(), Path(images).expanduser()
    imported = _imported(path, format, folder, categories, masks=masks)
    created = now or datetime.now(UTC)
    paths = {each.source: inside(folder, each.source) for each in imported.objects}
    missing = [name for name, file in paths.items() if not file.is_file()]
    if missing:
        raise FormatError(
            f"{len(missing)} of {len(paths)} image(s) that {path} names are not in {folder}, first "
            f"{missing[0]!r}. Give images= the folder that has them."
        )
    for name, file in paths.items():
        s3.upload_file(str(file), bucket, f"{prefix}/images/{name}")
    ids = {name: index for index, name in enumerate(imported.categories)}
    lines = list(
        augmented_lines(
            imported.objects,
            label_attribute,
            categories=ids,
            created=created,
            job_name=f"imported-from-{format}",
            uri_of=lambda each: s3_uri(bucket, f"{prefix}/images/{each.source}"),
            put_mask=_mask_store(s3, bucket, prefix) if masks else None,
        )
    )
    key = f"{prefix}/{format}-{created:%Y%m%dT%H%M%S}.manifest"
    s3.put_object(Bucket=bucket, Key=key, Body=b"".join(lines))
    uri = s3_uri(bucket, key)
    return Dataset(
        uri, tuple(read_manifest(s3, uri)), imported.categories, skipped=imported.skipped
    )


def _imported(
    path: Path,
    format: str,  # noqa: A002
    folder: Path,
    categories: Sequence[str] | None,
    *,
    masks: bool,
) -> Imported:
    if format == "coco":
        return import_coco(path, masks=masks)
    if format == "voc":
        return import_voc(sorted(path.glob("*.xml")), categories=categories)
    if format == "yolo":
        names = categories or yolo_categories(_data_yaml(path))
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _IMAGES)
        labels = {file.name: path / f"{file.stem}.txt" for file in files}
        return import_yolo(labels, categories=names, size_of=lambda n: _size(folder / n))
    raise FormatError(f"labels cannot be imported from {format!r}, only from coco, voc, yolo.")


def _data_yaml(path: Path) -> Path:
    places = [above / "data.yaml" for above in (path, *path.parents[:2])]
    return next((place for place in places if place.is_file()), places[1])


def _size(path: Path) -> tuple[int, int]:
    from gt_widgets.engine.pictures import measure

    picture = measure(str(path), path.read_bytes())
    return picture.width, picture.height


def _mask_store(s3: Any, bucket: str, prefix: str) -> Callable[[Labeled], str]:
    def put(each: Labeled) -> str:
        stem = each.source.rpartition(".")[0] or each.source
        key = f"{prefix}/masks/{stem}.png"
        s3.put_object(Bucket=bucket, Key=key, Body=each.mask_png, ContentType="image/png")
        return s3_uri(bucket, key)

    return put
