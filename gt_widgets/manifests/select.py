"""Dataset selection by an SQL expression: DuckDB says which lines, we copy the lines.

Layer: manifests. DuckDB (extra ``query``) sees the text of lines and gives their numbers; what it
would write itself differs from what it read. It runs without file system, network or extensions.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from gt_widgets.errors import ManifestLineError, QueryError
from gt_widgets.manifests.streams import numbered_lines
from gt_widgets.manifests.where import parse_where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gt_widgets.manifests.where import Where

__all__ = ["matching_lines", "open_duckdb", "select_lines"]

_BATCH_BYTES = 8 << 20
_BATCH_LINES = 20_000
_CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "200MB",
    "threads": "1",
}
_is_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def open_duckdb() -> Any:
    """Open a DuckDB in memory that can reach nothing but what it is given.

    Raises
    ------
    QueryError
        If DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise QueryError(
            "Filtering by SQL needs DuckDB: pip install 'gt-widgets[query]'. Without it, filter "
            "with a Python function: gt_widgets.manifests.filter_lines."
        ) from error
    connection = duckdb.connect(":memory:", config=_CONFIGURATION)
    connection.execute("SET lock_configuration = true")
    return connection


def select_lines(file: BinaryIO, expression: str, *, uri: str = "manifest") -> Iterator[bytes]:
    """Copy the lines that an S3 Select expression matches, byte for byte (M06).

    Parameters
    ----------
    file : binary file
    expression : str
        ``SELECT * FROM S3Object s WHERE s."logos-metadata"."human-annotated" = 'no'``, or the
        condition alone. A missing key and JSON null are NULL. A number compared with a path
        reads a number written as text as well; other values are no numbers and match nothing.
    uri : str
        Where the manifest lies, for messages.

    Raises
    ------
    QueryError
        If the expression is no such filter, or DuckDB is not installed.
    ManifestLineError
        If a line is not a JSON object.
    """
    connection = open_duckdb()
    where = parse_where(expression, connection)
    return (line for _, line in matching_lines(file, where, connection, uri))


def matching_lines(
    file: BinaryIO, where: Where, connection: Any, uri: str = "manifest"
) -> Iterator[tuple[int, bytes]]:
    """Read line number and line of what a predicate matches."""
    lines = numbered_lines(file, uri)
    left = where.limit
    while left is None or left > 0:
        batch = _batch(lines)
        if not batch:
            return
        for place in islice(_matches(batch, where, connection, uri), left):
            yield batch[place]
            left = None if left is None else left - 1


def _batch(lines: Iterator[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    batch: list[tuple[int, bytes]] = []
    size = 0
    for each in islice(lines, _BATCH_LINES):
        batch.append(each)
        size += len(each[1])
        if size >= _BATCH_BYTES:
            break
    return batch


def _matches(
    batch: Sequence[tuple[int, bytes]], where: Where, connection: Any, uri: str
) -> Iterator[int]:
    import duckdb

    if not where.sql:
        return iter(range(len(batch)))
    connection.register("lines", _frame(batch, uri))
    try:
        found = connection.execute(
            f"SELECT n FROM lines WHERE {where.sql} ORDER BY n",  # noqa: S608 - our own words
            where.parameters,
        ).fetchall()
    except duckdb.Error as error:
        _refuse_bad_line(batch, uri)
        raise QueryError(f"the filter cannot be run: {str(error).splitlines()[0]}") from error
    finally:
        connection.unregister("lines")
    return (int(row[0]) for row in found)


def _frame(batch: Sequence[tuple[int, bytes]], uri: str) -> Any:
    import pandas as pd

    try:
        texts = [line.decode() for _, line in batch]
    except UnicodeDecodeError:
        _refuse_bad_line(batch, uri)
        raise
    if not all(line.lstrip().startswith(b"{") for _, line in batch):
        _refuse_bad_line(batch, uri)
    return pd.DataFrame({"n": range(len(texts)), "j": pd.Series(texts, dtype=object)})


def _refuse_bad_line(batch: Sequence[tuple[int, bytes]], uri: str) -> None:
    """Name the line that is no JSON object, if there is one."""
    for number, line in batch:
        try:
            line.decode()
            _is_object(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ManifestLineError(
                uri, number, f"expected one JSON object on one line; {error}"
            ) from error
