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

__all__ = ["Page", "page_of"]

T = TypeVar("T")


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
        If the token is not one of ours.
    """
    if token:
        last = _read(token)
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
    return Page(shown, _write([end[by], end[tie]]))


def _write(last: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(last).encode()).decode()


def _read(token: str) -> list[Any]:
    try:
        by, tie = json.loads(base64.urlsafe_b64decode(token.encode()))
        if not (isinstance(by, str | int | float) and isinstance(tie, str | int)):
            raise TypeError("a key of a row is a text or a number")
    except (ValueError, TypeError, RecursionError) as error:
        raise ValidationError(
            f"NextToken {token[:40]!r} is not a token of this list; pass on the one that the "
            "page before gave, or none."
        ) from error
    return [by, tie]
