"""Before a job is created: every object encrypted, and pictures that pages may read.

Layer: controller. Both work through boto3 alone, so they are the same here and on AWS.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gt_widgets.engine.browsers import lets_pages_read, words_about_closed
from gt_widgets.schema.arns import s3_parts

if TYPE_CHECKING:
    import boto3

    from gt_widgets.controller.data import Dataset

__all__ = ["encrypt_with", "warn_of_closed_bucket"]

_WRITES = ("PutObject", "CreateMultipartUpload", "CopyObject")
_NO_RULE = "NoSuchCORSConfiguration"


def encrypt_with(boto_session: boto3.Session, kms_key_id: str) -> None:
    """Let every object that clients of this session write be encrypted with one KMS key (S07).

    Parameters
    ----------
    boto_session : boto3.Session
        Clients made before are not changed.
    kms_key_id : str
        Key id, alias or ARN. A request that names another key keeps it.
    """
    for operation in _WRITES:
        boto_session.events.register(
            f"provide-client-params.s3.{operation}", partial(_with_key, kms_key_id)
        )


def _with_key(kms_key_id: str, params: dict[str, Any], **_event: Any) -> dict[str, Any]:
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id, **params}


def warn_of_closed_bucket(s3: Any, data: Dataset) -> None:
    """Warn if the bucket of the data's pictures has no CORS rule for worker pages (M12).

    A bucket whose rules one may not read is left to the service.
    """
    first = data.lines[0] if len(data.lines) else {}
    if "source-ref" not in first:
        return
    bucket, _ = s3_parts(str(first["source-ref"]))
    try:
        rules = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_RULE:
            return
        rules = None
    if not lets_pages_read(rules):
        warnings.warn(words_about_closed([bucket]), stacklevel=3)
