"""Calls to the remote S3, and what its refusals mean here.

Layer: services (imports ``errors`` and ``engine.objects``).
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    ParamValidationError,
)

from gt_widgets.engine.objects.faults import no_such_key, no_such_upload, precondition_failed
from gt_widgets.errors import (
    GroundTruthError,
    ServiceError,
    StoreError,
    StoreUnreachableError,
)
from gt_widgets.schema.arns import s3_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

__all__ = ["Remote", "connect"]

_GONE = {"NoSuchKey", "NotFound", "404"}
_OURS_TO_MEND = {"AccessDenied", "SignatureDoesNotMatch"}
_NOT_NOW = {
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "NoSuchBucket",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TokenRefreshRequired",
}
"""What concerns every object alike, and may be over in a moment or when somebody has seen to it."""
_FORBIDDEN, _NOT_FOUND, _FAILED, _TOO_MANY, _SERVER, _NOT_THERE = 403, 404, 412, 429, 500, 501
_CONFIG = Config(
    # checksums by trailer are newer than many S3 servers; bodies carry a Content-MD5 instead
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=64,
    connect_timeout=10,
    signature_version="s3v4",
)


@dataclass(frozen=True, slots=True)
class Remote:
    """A bucket on some S3 and the prefix below which everything lies.

    ``prefix`` is empty or ends with a slash.
    """

    client: Any
    bucket: str
    prefix: str

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"s3://{self.bucket}/{self.prefix} at {self.client.meta.endpoint_url}"

    def key(self, bucket: str, key: str) -> str:
        """Key there of an object that is ``s3://bucket/key`` here."""
        return f"{self.prefix}{bucket}/{key}"

    def ask(self, operation: str, bucket: str, key: str, **members: Any) -> dict[str, Any]:
        """Make one call about an object.

        Raises
        ------
        ServiceError
            ``NoSuchKey``, ``NoSuchUpload``, ``PreconditionFailed`` and whatever else concerns the
            caller's own request.
        StoreUnreachableError
            If the remote S3 does not answer, or answers nobody for now.
        StoreError
            If it refuses us this object.
        """
        with self.explained(bucket, key):
            found: dict[str, Any] = getattr(self.client, operation)(
                Bucket=self.bucket, Key=self.key(bucket, key), **members
            )
            return found

    def pages(self, operation: str, **members: Any) -> Iterator[dict[str, Any]]:
        """All pages of a listing."""
        with self.explained("", ""):
            paginator = self.client.get_paginator(operation)
            yield from paginator.paginate(Bucket=self.bucket, **members)

    @contextmanager
    def explained(self, bucket: str, key: str) -> Iterator[None]:
        """Turn the remote's refusals into ours."""
        try:
            yield
        except GroundTruthError:
            raise
        except ClientError as error:
            raise self._meaning(error, bucket, key) from error
        except ParamValidationError as error:
            raise StoreError(f"{self.place} cannot be asked for that: {error}") from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise StoreUnreachableError(
                f"{self.place} does not answer: {error}. Nothing was changed that is not said to "
                "be; repeat the call."
            ) from error

    def _meaning(self, error: ClientError, bucket: str, key: str) -> Exception:
        told = error.response.get("Error", {})
        code, text = str(told.get("Code", "")), str(told.get("Message", error))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER))
        if code == "NoSuchUpload":
            return no_such_upload(str(told.get("UploadId", "")))
        not_now = code in _NOT_NOW or status == _TOO_MANY
        not_now = not_now or (status >= _SERVER and status != _NOT_THERE)
        if not_now or code in _OURS_TO_MEND or status in {_FORBIDDEN, _NOT_THERE}:
            kind = StoreUnreachableError if not_now else StoreError
            return kind(
                f"{self.place} refuses: {code}: {text}. Check the bucket, the keys the server "
                "was started with and what they may do."
            )
        if code in _GONE or status == _NOT_FOUND:
            return no_such_key(bucket, key)
        if status == _FAILED:
            return precondition_failed(str(told.get("Condition", "If-Match or If-None-Match")))
        return ServiceError(code, text, status)

    def reader(self, body: Any, bucket: str, key: str) -> io.BufferedReader:
        """Read a body as it comes, its faults in our words."""
        return io.BufferedReader(_Body(self, body, bucket, key), 1 << 18)


class _Body(io.RawIOBase):
    def __init__(self, remote: Remote, body: Any, bucket: str, key: str) -> None:
        self._remote, self._body, self._where = remote, body, (bucket, key)
        self._position = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        with self._remote.explained(*self._where):
            data = self._body.read(len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


def connect(url: str, *, endpoint_url: str | None = None, region: str | None = None) -> Remote:
    """Reach a bucket; keys come from where boto3 looks for them.

    Parameters
    ----------
    url : str
        ``s3://bucket`` or ``s3://bucket/prefix``.
    endpoint_url : str, optional
        Of an S3 that is not AWS's.

    Raises
    ------
    StoreError
        If it is no such URL, the bucket is not there, or the keys do not open it.
    """
    try:
        bucket, prefix = s3_parts(url)
    except ValueError as error:
        raise StoreError(f"--s3 must be s3://bucket/prefix: {error}") from error
    style = {"addressing_style": "path"} if endpoint_url else {}
    client = boto3.client(
        "s3", endpoint_url=endpoint_url, region_name=region, config=_CONFIG.merge(Config(s3=style))
    )
    stem = prefix.strip("/")
    remote = Remote(client, bucket, f"{stem}/" if stem else "")
    with remote.explained(bucket, ""):
        try:
            client.head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != _NOT_FOUND:
                raise
            raise StoreError(
                f"{remote.place}: there is no bucket {bucket!r}. Create it first."
            ) from error
    return remote
