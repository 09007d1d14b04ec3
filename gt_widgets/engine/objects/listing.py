"""Pages of a bucket: prefix, delimiter, place to go on from.

Layer: engine (imports only its own package). A common prefix costs one index seek, however
many keys lie under it, and so does whatever ``start_after`` skips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.engine.objects.records import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gt_widgets.engine.objects.records import ObjectInfo

    Scan = Callable[[bytes, bytes | None], Iterator[ObjectInfo]]

__all__ = ["list_page", "successor"]


def successor(prefix: bytes) -> bytes | None:
    """Return the first byte string after all that begin with ``prefix``, None if none is.

    Examples
    --------
    >>> successor(b"logos/")
    b'logos0'
    """
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


def list_page(scan: Scan, *, prefix: str, delimiter: str, after: str, limit: int) -> Listing:
    """Collect one page.

    Parameters
    ----------
    scan : callable
        Yields objects with ``low <= key < high`` in UTF-8 order, lazily.
    prefix, delimiter : str
        As in ListObjectsV2; ``""`` for none.
    after : str
        Only what lies after this. A common prefix given here is passed over whole.
    limit : int
        At most this many objects and common prefixes together, >= 0.

    Returns
    -------
    Listing
        ``next_after`` is the last thing on the page when there is more, else ``""``.
    """
    low, high = _first(prefix, delimiter, after), successor(prefix.encode())
    objects: list[ObjectInfo] = []
    prefixes: list[str] = []
    last = ""
    while limit and low is not None:
        for info in scan(low, high):
            if len(objects) + len(prefixes) == limit:
                return Listing(tuple(objects), tuple(prefixes), last)
            if group := _common_prefix(info.key, prefix, delimiter):
                prefixes.append(group)
                last, low = group, successor(group.encode())
                break
            objects.append(info)
            last = info.key
        else:
            break
    return Listing(tuple(objects), tuple(prefixes))


def _first(prefix: str, delimiter: str, after: str) -> bytes | None:
    low = prefix.encode()
    if not after:
        return low
    is_group = delimiter and after.startswith(prefix) and after.endswith(delimiter)
    if is_group and _common_prefix(after, prefix, delimiter) == after:
        skipped = successor(after.encode())
        return None if skipped is None else max(low, skipped)
    return max(low, after.encode() + b"\x00")


def _common_prefix(key: str, prefix: str, delimiter: str) -> str:
    if not delimiter:
        return ""
    at = key.find(delimiter, len(prefix))
    return key[: at + len(delimiter)] if at >= 0 else ""
