"""One page of a Cognito listing, and the opaque token that continues it.

Layer: services. A token holds the sort key of the last item of its page, so that items created or
deleted between two pages neither repeat nor hide others.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, TypeVar

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["page"]

T = TypeVar("T")


def page(
    items: Iterable[T],
    *,
    key: Callable[[T], tuple[str | float, ...]],
    limit: int,
    token: str | None = None,
) -> tuple[list[T], str | None]:
    """Sort ``items`` and cut out one page.

    Parameters
    ----------
    items : iterable
        The whole listing, in any order.
    key : callable
        The sort key of an item; no two items have the same.
    limit : int >= 1
        Items on the page, at most.
    token : str, optional
        Where the page before this one ended.

    Returns
    -------
    tuple of list and str or None
        The page, and the token of the next one, None after the last.

    Raises
    ------
    ServiceError
        ``InvalidParameterException`` if ``token`` is not one that this listing gave out.
    """
    ordered = sorted(items, key=key)
    if token is not None:
        last = _read(token)
        try:
            ordered = [item for item in ordered if key(item) > last]
        except TypeError:
            raise _refused(token) from None
    cut = ordered[:limit]
    return cut, _write(key(cut[-1])) if len(ordered) > limit else None


def _write(key: tuple[str | float, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _read(token: str) -> tuple[Any, ...]:
    try:
        found = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, binascii.Error):
        raise _refused(token) from None
    if not isinstance(found, list):
        raise _refused(token)
    return tuple(found)


def _refused(token: str) -> ServiceError:
    return ServiceError(
        "InvalidParameterException",
        f"Invalid pagination token {token[:40]!r}: pass on the token of the last answer to the "
        "same listing, or none to start over.",
    )
