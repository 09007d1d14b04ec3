"""What AWS clients are refused with, as a pair that a test can compare.

Layer: testing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["refusal"]


def refusal(call: Callable[..., Any], *args: Any, **params: Any) -> tuple[str, int]:
    """Make a call that is refused: AWS's error code and the HTTP status.

    Raises
    ------
    AssertionError
        If it is answered.
    """
    try:
        answer = call(*args, **params)
    except ClientError as error:
        said: dict[str, Any] = dict(error.response)
        return said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"the call was to be refused; it was answered with {answer!r}")
