"""Manifests in S3 as verbs: select, set up, check, repair.

Layer: controller. A manifest is copied to a temporary file, worked on as a stream, and uploaded
next to where it came from, so that a million lines need little memory.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, BinaryIO, overload

from gt_widgets.controller.data import Dataset, picture_paths
from gt_widgets.errors import ImageError, ValidationError
from gt_widgets.manifests import (
    Report,
    check,
    count_objects,
    csv_manifest,
    image_manifest,
    manifest_name,
    repair,
    sample_lines,
    select_lines,
    text_manifest,
    write_lines,
)
from gt_widgets.schema.arns import s3_parts, s3_uri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gt_widgets.manifests import Setup

__all__ = ["ManifestLines", "check_manifest", "repair_manifest", "select", "set_up"]

_HEAD = 100
_IMAGE_HEAD = 1 << 20
_KINDS = {".txt": "text", ".csv": "csv"}
_TARGET = "labeling-job"


class ManifestLines(Sequence["Mapping[str, Any]"]):
    """The parsed lines of a manifest in S3, read when they are asked for.

    Parameters
    ----------
    s3 : boto3 client
    uri : str
    count : int
        Lines.
    """

    def __init__(self, s3: Any, uri: str, count: int) -> None:
        self._s3, self._uri, self._count = s3, uri, count
        self._lines: tuple[Mapping[str, Any], ...] = ()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> Any:
        """Read a line; the first hundred without reading the others."""
        wanted = range(self._count)[place]
        places = wanted if isinstance(wanted, range) else [wanted]
        need = max(places, default=-1) + 1
        if need > len(self._lines):
            self._lines = self._read(_HEAD if need <= _HEAD else None)
        return (
            self._lines[place]
            if need and isinstance(place, int)
            else tuple(self._lines[each] for each in places)
        )

    def _read(self, most: int | None) -> tuple[Mapping[str, Any], ...]:
        bucket, key = s3_parts(self._uri)
        body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
        with body:
            lines = (json.loads(line) for line in body.iter_lines() if line.strip())
            return tuple(islice(lines, most))


@contextmanager
def _workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gt-widgets-") as folder:
        yield Path(folder)


def _download(s3: Any, uri: str, path: Path) -> Path:
    bucket, key = s3_parts(uri)
    s3.download_file(bucket, key, str(path))
    return path


def _upload(s3: Any, path: Path, uri: str) -> None:
    bucket, key = s3_parts(uri)
    kind = {"ContentType": "application/x-json-lines"}
    s3.upload_file(str(path), bucket, key, ExtraArgs=kind)


def select(
    s3: Any,
    data: Dataset | str,
    *,
    where: str | None = None,
    count: int | None = None,
    share: float | None = None,
    seed: int = 0,
    now: datetime | None = None,
) -> Dataset:
    """Write a part of a manifest as a new one next to it; lines stay byte for byte.

    Parameters
    ----------
    data : Dataset or s3:// location
    where : str, optional
        A filter as S3 Select has it; see ``gt_widgets.manifests.select_lines``.
    count, share : optional
        A random sample of what the filter leaves: so many objects, or a share in (0, 1].
    seed : int
        The same seed draws the same sample.
    now : datetime, optional
        For the new name.

    Raises
    ------
    ValidationError
        If nothing is asked for, or no line is left.
    """
    if where is None and count is None and share is None:
        raise ValidationError(
            "nothing says what to select: give where=, count= or share=, for example share=0.1, "
            "a random tenth."
        )
    uri = data if isinstance(data, str) else data.manifest_uri
    stem = uri.removesuffix(".manifest")
    new_uri = _free(s3, f"{stem}-subset-{now or datetime.now(UTC):%Y%m%dT%H%M%S}")
    with _workplace() as folder:
        part, written = _download(s3, uri, folder / "whole"), 0
        if where is not None:
            part, written = _filtered(part, where, uri)
        if count is not None or share is not None:
            drawn = folder / "drawn"
            source = part  # bound now: the name goes on
            lines = sample_lines(
                lambda: source.open("rb"), rng=Random(seed), count=count, share=share
            )
            with drawn.open("wb") as out:
                written = write_lines(lines, out)
            part = drawn
        _upload(s3, part, new_uri)
    known = data if isinstance(data, Dataset) else Dataset(uri, ())
    return Dataset(new_uri, ManifestLines(s3, new_uri, written), known.categories, known.truth)


def _filtered(whole: Path, where: str, uri: str) -> tuple[Path, int]:
    path = whole.with_name("filtered")
    with whole.open("rb") as file, path.open("wb") as out:
        written = write_lines(select_lines(file, where, uri=uri), out)
    if not written:
        raise ValidationError(
            f"no line of {uri} matches {where!r}. A key with a hyphen stands in double quotes, "
            """a text in single ones: s."logos-metadata"."human-annotated" = 'no'."""
        )
    return path, written


def _free(s3: Any, stem: str) -> str:
    """Return a location that is not taken: two subsets can be made in one second."""
    bucket, key = s3_parts(stem)
    found = s3.list_objects_v2(Bucket=bucket, Prefix=key)
    taken = {entry["Key"] for entry in found.get("Contents", ())}
    number = 1
    while (name := f"{key}{'' if number == 1 else f'-{number}'}.manifest") in taken:
        number += 1
    return s3_uri(bucket, name)


def set_up(
    s3: Any,
    source: str | Path,
    *,
    bucket: str,
    prefix: str,
    kind: str | None = None,
    column: str | None = None,
    now: datetime | None = None,
) -> Dataset:
    """Make an input manifest from a folder of images, a text file or a CSV (M07).

    It is called ``dataset-<YYYYMMDDTHHmmSS>.manifest`` and lies in the input folder.

    Parameters
    ----------
    source : s3:// location or local path
        A folder of images, a text file with an item per line, or a CSV with an item per row.
        What is local is uploaded to ``s3://<bucket>/<prefix>/`` first.
    kind : {"image", "text", "csv"}, optional
        Read from the name unless given.
    column : str, optional
        Of the CSV; see ``gt_widgets.manifests.csv_manifest``.
    now : datetime, optional
        For the name.

    Returns
    -------
    Dataset
        With ``skipped``: what was left out, by name and reason.

    Raises
    ------
    ValidationError
        If nothing in it can become a data object.
    """
    where = str(source)
    chosen = kind or _KINDS.get(Path(where).suffix.lower(), "image")
    if chosen not in {"image", "text", "csv"}:
        raise ValidationError(f"kind must be 'image', 'text' or 'csv', not {kind!r}.")
    if not where.startswith("s3://"):
        where = _uploaded(s3, Path(where).expanduser(), chosen, bucket, prefix)
    folder = where.rstrip("/") if chosen == "image" else where.rsplit("/", 1)[0]
    uri = f"{folder}/{manifest_name(now or datetime.now(UTC))}"
    with _workplace() as place:
        path = place / "new"
        with path.open("wb") as out:
            made = _made(s3, where, chosen, column, out, place)
        if not made.objects:
            raise ValidationError(
                f"{where} has nothing to label, read as kind={chosen!r} (there are image, text and "
                f"csv): {made!r}"
            )
        _upload(s3, path, uri)
    return Dataset(uri, ManifestLines(s3, uri, made.objects), skipped=made)


def _made(s3: Any, where: str, kind: str, column: str | None, out: BinaryIO, place: Path) -> Setup:
    if kind == "image":
        return image_manifest(_listed(s3, where.rstrip("/") + "/"), out)
    with _download(s3, where, place / "source").open("rb") as file:
        if kind == "text":
            return text_manifest(file, out)
        return csv_manifest(file, out, column=column)


def _listed(s3: Any, where: str) -> Iterator[tuple[str, int]]:
    """List a folder, without the folders in it and without manifests made before."""
    bucket, key = s3_parts(where)
    key = key.lstrip("/")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key, Delimiter="/")
    for page in pages:
        for entry in page.get("Contents", ()):
            if not entry["Key"].endswith(".manifest"):
                yield s3_uri(bucket, entry["Key"]), entry["Size"]


def _uploaded(s3: Any, source: Path, kind: str, bucket: str, prefix: str) -> str:
    """Upload what is local and return its location; of a folder the pictures and what is not."""
    if kind != "image":
        if not source.is_file():
            raise ValidationError(
                f"{source} is not a file; a set-up of kind {kind!r} reads one file. Give its path, "
                "or kind='image' for a folder of pictures."
            )
        s3.upload_file(str(source), bucket, f"{prefix}/{source.name}")
        return s3_uri(bucket, f"{prefix}/{source.name}")
    picture_paths(source)  # refuses a folder without pictures, before anything is uploaded
    for path in sorted(source.iterdir()):
        if path.is_file():
            s3.upload_file(str(path), bucket, f"{prefix}/{path.name}")
    return s3_uri(bucket, f"{prefix}/")


def check_manifest(
    s3: Any, data: Dataset | str, *, target: str = _TARGET, images: bool = False
) -> Report:
    """Check a manifest in S3; see ``gt_widgets.manifests.check``.

    Parameters
    ----------
    images : bool
        Read the beginning of every image too.
    """
    uri = data if isinstance(data, str) else data.manifest_uri
    fault = _image_faults(s3, target) if images else None
    with _workplace() as folder, _download(s3, uri, folder / "whole").open("rb") as file:
        return check(file, uri, target=target, image_fault=fault)


def repair_manifest(
    s3: Any,
    data: Dataset | str,
    *,
    target: str = _TARGET,
    images: bool = False,
    annotate: bool = False,
) -> tuple[Dataset, Report]:
    """Write a repaired copy next to a manifest; see ``gt_widgets.manifests.repair``."""
    uri = data if isinstance(data, str) else data.manifest_uri
    fault = _image_faults(s3, target) if images else None
    end = "checked" if annotate else "repaired"
    new_uri = _free(s3, f"{uri.removesuffix('.manifest')}-{end}")
    with _workplace() as folder:
        path = folder / "new"
        with _download(s3, uri, folder / "whole").open("rb") as file, path.open("wb") as out:
            report = repair(file, out, uri, target=target, image_fault=fault, annotate=annotate)
        count = count_objects(lambda: path.open("rb"))
        _upload(s3, path, new_uri)
    known = data if isinstance(data, Dataset) else Dataset(uri, ())
    lines = ManifestLines(s3, new_uri, count)
    return Dataset(new_uri, lines, known.categories, known.truth), report


def _image_faults(s3: Any, target: str) -> Callable[[str], str]:
    """Return a function that looks at an image's size and header."""
    from botocore.exceptions import ClientError

    from gt_widgets.engine.pictures import measure

    strict = target != _TARGET

    def fault(uri: str) -> str:
        try:
            bucket, key = s3_parts(uri)
            size = int(s3.head_object(Bucket=bucket, Key=key)["ContentLength"])
            head = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{_IMAGE_HEAD - 1}")
            picture = measure(uri, head["Body"].read())
        except (ClientError, ImageError) as error:
            return str(error)
        return _beyond(picture.width, picture.height, size) if strict else ""

    return fault


def _beyond(width: int, height: int, size: int) -> str:
    """Say what Rekognition Custom Labels does not take: its page of quotas."""
    least, most = 64, 4096
    if min(width, height) < least or max(width, height) > most:
        return f"{width} x {height} pixels; each side must have {least} to {most}"
    if max(width, height) >= 20 * min(width, height):
        return f"{width} x {height} pixels; the sides must be nearer than 20:1"
    limit = 15 * 1024 * 1024
    return f"{size:,} bytes; at most {limit:,}" if size > limit else ""
