"""Pages of a list, by key and not by offset: a page costs the same wherever it lies.

Layer: engine.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import sqlalchemy as sa

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Page", "page_of", "page_of_items"]

T = TypeVar("T")
_MAX_INTEGER = 2**63
_COUNT: sa.ColumnElement[int] = sa.literal_column("count", sa.Integer())


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the token of the page behind them (None on the last)."""

    rows: Sequence[T]
    next_token: str | None


def page_of(
    connection: sa.Connection,
    query: sa.Select[Any],
    *,
    by: sa.ColumnElement[Any],
    tie: sa.ColumnElement[Any],
    descending: bool = False,
    token: str | None = None,
    size: int = 100,
) -> Page[sa.Row[Any]]:
    """Run ``query`` from behind ``token``, in the order of ``by`` and then ``tie``.

    Parameters
    ----------
    by, tie : column
        ``tie`` is unique, so that rows with equal ``by`` are neither lost nor doubled. Both must
        be among the selected columns.
    token : str, optional
        ``next_token`` of the page before.
    size : int
        Rows per page, at most.

    Raises
    ------
    ValidationError
        If the token is not one of this list in this order.
    """
    order_of = [str(by), str(tie), descending]
    if token:
        last = _read(token, order_of, (by, tie))
        behind = (
            sa.tuple_(by, tie) < sa.tuple_(*last)
            if descending
            else (sa.tuple_(by, tie) > sa.tuple_(*last))
        )
        query = query.where(behind)
    order = (by.desc(), tie.desc()) if descending else (by.asc(), tie.asc())
    rows = connection.execute(query.order_by(*order).limit(size + 1)).all()
    if len(rows) <= size:
        return Page(rows, None)
    shown = rows[:size]
    end = shown[-1]._mapping  # noqa: SLF001  (SQLAlchemy's public name for it)
    return Page(shown, _write([*order_of, end[by], end[tie]]))


def page_of_items(items: Sequence[T], *, token: str | None = None, size: int = 100) -> Page[T]:
    """One page of a list that is never long; its token counts the items before.

    Raises
    ------
    ValidationError
        If the token is not one of this list.
    """
    start = 0
    if token:
        last = _read(token, ["items"], (_COUNT, _COUNT))
        start = min(last[0], len(items))
    shown = items[start : start + size]
    end = start + len(shown)
    return Page(shown, _write(["items", end, end]) if end < len(items) else None)


def _write(token: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode()


def _read(token: str, order_of: list[Any], columns: tuple[sa.ColumnElement[Any], ...]) -> list[Any]:
    """Open a token: the order it was made for, then the last row's keys in that order."""
    try:
        *order, by, tie = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, RecursionError) as error:
        raise _foreign(token) from error
    last = [by, tie]
    if order != order_of or not all(map(_fits, last, columns)):
        raise _foreign(token)
    return last


def _fits(value: Any, column: sa.ColumnElement[Any]) -> bool:
    """Tell whether a value can stand in a column: a token may have been written by anybody."""
    kind = column.type.python_type
    if kind is str:
        return isinstance(value, str) and value.isprintable()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < _MAX_INTEGER and (kind is float or isinstance(value, int))


def _foreign(token: str) -> ValidationError:
    return ValidationError(
        f"NextToken {token[:40]!r} is not a token of this list in this order; pass on the one "
        "that the page before gave, with the same SortBy and SortOrder, or none."
    )
