"""The object store's refusals, by S3's own codes.

Layer: engine (imports only ``errors``).
"""

from __future__ import annotations

import re

from gt_widgets.errors import ServiceError

__all__ = [
    "MAX_KEY_BYTES",
    "check_bucket_name",
    "key_bytes",
    "no_such_bucket",
    "no_such_key",
    "no_such_upload",
    "precondition_failed",
]

MAX_KEY_BYTES = 1024
"""Of UTF-8."""

_BUCKET_NAME = re.compile(
    r"(?!xn--|\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]"
)


def no_such_bucket(bucket: str) -> ServiceError:
    """``NoSuchBucket``, 404."""
    message = (
        f"The specified bucket does not exist: {bucket!r}. Create it with create_bucket, or "
        f"see list_buckets for those there are."
    )
    return ServiceError("NoSuchBucket", message, 404, BucketName=bucket)


def no_such_key(bucket: str, key: str) -> ServiceError:
    """``NoSuchKey``, 404."""
    message = f"The specified key does not exist: s3://{bucket}/{key}."
    return ServiceError("NoSuchKey", message, 404, Key=key)


def no_such_upload(upload_id: str) -> ServiceError:
    """``NoSuchUpload``, 404."""
    message = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload "
        "may have been aborted or completed."
    )
    return ServiceError("NoSuchUpload", message, 404, UploadId=upload_id)


def precondition_failed(condition: str) -> ServiceError:
    """``PreconditionFailed``, 412; ``condition`` is the header that did not hold."""
    message = f"At least one of the pre-conditions you specified did not hold: {condition}."
    return ServiceError("PreconditionFailed", message, 412, Condition=condition)


def check_bucket_name(bucket: str) -> None:
    """Refuse a name that S3 would not take for a bucket.

    Raises
    ------
    ServiceError
        ``InvalidBucketName``, 400.
    """
    if _BUCKET_NAME.fullmatch(bucket):
        return
    message = (
        f"The specified bucket is not valid: {bucket!r}. Use 3 to 63 lower-case letters, "
        f"digits, dots and hyphens, beginning and ending with a letter or digit, no two dots "
        f"together, not the form of an IP address."
    )
    raise ServiceError("InvalidBucketName", message, 400, BucketName=bucket)


def key_bytes(key: str) -> bytes:
    """Return a key as S3 orders and measures it: 1 to 1,024 bytes of UTF-8.

    Raises
    ------
    ServiceError
        ``KeyTooLongError`` or, for no key or one that UTF-8 cannot write, ``InvalidURI``.
    """
    try:
        raw = key.encode()
    except UnicodeEncodeError as error:
        raise ServiceError(
            "InvalidURI", f"Couldn't parse the key {key!r}: it is not valid UTF-8."
        ) from error
    if not raw:
        raise ServiceError("InvalidURI", "Couldn't parse the key: it is empty.")
    if len(raw) > MAX_KEY_BYTES:
        raise ServiceError(
            "KeyTooLongError",
            f"Your key is too long: {len(raw)} bytes of UTF-8, at most {MAX_KEY_BYTES}.",
            Size=len(raw),
            MaxSizeAllowed=MAX_KEY_BYTES,
        )
    return raw
