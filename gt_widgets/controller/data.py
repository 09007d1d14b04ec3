"""Pictures in S3, or texts, and the input manifest that lists them.

Layer: controller.
"""

from __future__ import annotations

import json
import mimetypes
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ManifestLineError, ValidationError
from gt_widgets.schema.arns import s3_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Dataset", "open_bucket", "picture_paths", "read_manifest", "upload"]

_KINDS = (".jpg", ".jpeg", ".png")
_SHOWN = 3
_CORS = {
    "CORSRules": [
        {
            "AllowedHeaders": [],
            "AllowedMethods": ["GET"],
            "AllowedOrigins": ["*"],
            "ExposeHeaders": ["Access-Control-Allow-Origin"],
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """An input manifest in S3 and what it lists.

    Attributes
    ----------
    manifest_uri : str
    lines : sequence of dict
        Its lines, parsed; of a long manifest they are read when they are asked for.
    categories : tuple of str
        The label categories the data came with; empty if it came with none.
    truth : mapping of file name, or of the text itself, to truth
        Kept apart from what workers see: for judging, and for simulated workers.
    skipped : object
        What an automated set-up or an import left out, with the reasons.
    """

    manifest_uri: str
    lines: Sequence[Mapping[str, Any]]
    categories: tuple[str, ...] = ()
    truth: Mapping[str, Any] = field(default_factory=dict)
    skipped: Any = ()

    def __len__(self) -> int:
        return len(self.lines)

    def __repr__(self) -> str:
        shown = [json.dumps(line, ensure_ascii=False) for line in self.lines[:_SHOWN]]
        rest = [f"... {len(self) - _SHOWN} more"] if len(self) > _SHOWN else []
        head = f"{self.manifest_uri}: {len(self)} data object(s)"
        left_out = [repr(self.skipped)] if self.skipped else []
        return "\n  ".join([head, *shown, *rest, *left_out])

    def truth_of(self, object_id: int) -> Any:
        """Return the truth of one data object.

        Raises
        ------
        ValidationError
            If there is none for it.
        """
        if not 0 <= object_id < len(self.lines):
            raise ValidationError(
                f"There is no data object {object_id}: {self.manifest_uri} has {len(self)}."
            )
        line = self.lines[object_id]
        name = str(line.get("source", str(line.get("source-ref", "")).rsplit("/", 1)[-1]))
        if name not in self.truth:
            raise ValidationError(
                f"There is no truth for data object {object_id} ({name[:60]!r}). Simulated workers "
                "need it: session.upload(source, truth={file name or text: boxes, label ...})."
            )
        return self.truth[name]


def open_bucket(s3: Any, name: str, region: str) -> str:
    """Create a bucket if it is not there, with the CORS rule that AWS's workers' pages need."""
    owned = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    if name not in owned:
        place = {} if region == "us-east-1" else {"LocationConstraint": region}
        s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
    s3.put_bucket_cors(Bucket=name, CORSConfiguration=_CORS)
    return name


def picture_paths(source: str | Path | Sequence[str | Path]) -> list[Path]:
    """List the pictures of a folder by name, or the given files as they come.

    Raises
    ------
    ValidationError
        If a file is missing, or there is no JPEG or PNG.
    """
    if isinstance(source, str | Path):
        folder = Path(source).expanduser()
        if not folder.is_dir():
            raise ValidationError(f"{folder} is not a folder. Give a folder or a list of files.")
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _KINDS)
        if not found:
            raise ValidationError(f"{folder} holds no picture ({', '.join(_KINDS)}).")
        return found
    paths = [Path(path).expanduser() for path in source]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not paths:
        raise ValidationError(f"not there: {', '.join(missing[:5]) or 'no file was given'}.")
    return paths


def upload(
    s3: Any,
    source: Any,
    *,
    bucket: str,
    prefix: str,
    truth: Mapping[str, Any] | None = None,
) -> Dataset:
    """Upload pictures and write the input manifest next to them, or write texts into it.

    Parameters
    ----------
    source : folder, list of files, or a set with ``paths`` or ``texts``
        Such as ``gt_widgets.brand_logos(...)`` or ``gt_widgets.delivery_messages(...)``; its
        ``categories`` and ``truth`` come along.
    prefix : str
        Key prefix; the manifest becomes ``<prefix>/input.manifest``.

    Raises
    ------
    ValidationError
        If two files have one name.
    """
    known = truth if truth is not None else getattr(source, "truth", {})
    texts = getattr(source, "texts", None)
    lines = _texts(texts) if texts is not None else _pictures(s3, source, bucket, prefix)
    key = f"{prefix}/input.manifest"
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
    return Dataset(f"s3://{bucket}/{key}", lines, tuple(getattr(source, "categories", ())), known)


def _texts(texts: Sequence[str]) -> tuple[dict[str, str], ...]:
    return tuple({"source": text} for text in texts)


def _pictures(s3: Any, source: Any, bucket: str, prefix: str) -> tuple[dict[str, str], ...]:
    paths = list(getattr(source, "paths", ())) or picture_paths(source)
    names = [path.name for path in paths]
    if len(set(names)) != len(names):
        raise ValidationError("two of the files have the same name; rename one of them.")
    with ThreadPoolExecutor(8) as pool:
        uris = list(pool.map(partial(_put, s3, bucket, f"{prefix}/images"), paths))
    return tuple({"source-ref": uri} for uri in uris)


def read_manifest(s3: Any, uri: str) -> Iterator[dict[str, Any]]:
    """Stream the parsed lines of a manifest in S3.

    Raises
    ------
    ManifestLineError
        If a line is not a JSON object.
    """
    bucket, key = s3_parts(uri)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    for number, line in enumerate(body.iter_lines(), 1):
        if line.strip():
            yield _parsed(uri, number, line)


def _parsed(uri: str, number: int, line: bytes) -> dict[str, Any]:
    expected = "expected one JSON object on one line"
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ManifestLineError(uri, number, f"{expected}; {error}") from error
    if not isinstance(found, dict):
        raise ManifestLineError(uri, number, f"{expected}; found {line[:40]!r}")
    return found


def _put(s3: Any, bucket: str, prefix: str, path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "binary/octet-stream"
    s3.upload_file(str(path), bucket, f"{prefix}/{path.name}", ExtraArgs={"ContentType": kind})
    return f"s3://{bucket}/{prefix}/{path.name}"
