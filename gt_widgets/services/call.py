"""What an operation is told about the call it answers.

Layer: services (imports ``errors``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import AccessDeniedError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Call"]


def _no_key(bucket: str, key: str) -> str:
    raise AccessDeniedError(f"s3://{bucket}/{key}: the call is not signed, so nothing is granted.")


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call of one AWS operation.

    Parameters
    ----------
    engine : Any
        The composition root: ``objects``, ``clock``, ``new_id``, ``account_id``, ``region``
        and what else the operation's service needs.
    access_key : str
        The key that signed the call; empty for operations AWS leaves unsigned.
    account_id : str
        Twelve digits.
    region : str
        The region the client signed for, for example ``"us-east-1"``.
    request_id : str
        Comes back to the client as ``ResponseMetadata.RequestId``.
    base_url : str
        The endpoint as the caller reached it, for example ``"http://127.0.0.1:8123"``.
    presign : callable
        ``presign(bucket, key)`` is an address of that S3 object, signed with the caller's key.
    """

    engine: Any
    access_key: str
    account_id: str
    region: str
    request_id: str
    base_url: str
    presign: Callable[[str, str], str] = _no_key
