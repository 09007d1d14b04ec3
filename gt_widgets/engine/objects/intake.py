"""The door every body comes in by: written, measured, verified, or refused without a trace.

Layer: engine (imports only its own package).
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from gt_widgets.engine.objects.checksums import Digests, known_algorithm, verify
from gt_widgets.engine.objects.faults import no_such_key, precondition_failed
from gt_widgets.engine.objects.records import Expected, PartInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.objects.blobs import BlobFolder
    from gt_widgets.engine.objects.records import Condition, ObjectInfo

__all__ = ["check_condition", "duplicate", "receive"]


def receive(
    blobs: BlobFolder,
    body: bytes | BinaryIO,
    *,
    where: str,
    number: int,
    algorithm: str,
    expected: Expected,
    clock: Clock,
) -> PartInfo:
    """Store one body as a blob that nothing refers to yet.

    Parameters
    ----------
    blobs : BlobFolder
        Where the bytes go.
    body : bytes or binary file
        Read to its end in small pieces; the length need not be known.
    where : str
        ``s3://bucket/key``, for messages.
    number : int
        The part number, 0 for an object in one piece.
    algorithm : str
        The checksum to compute, besides those of ``expected``.
    expected : Expected
        Verified before this returns; on a mismatch the blob is removed.
    clock : Clock
        Gives ``last_modified``.
    """
    names = [known_algorithm(name) for name in (algorithm, *expected.checksums)]
    digests = Digests(names)
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    blob = blobs.write(stream, digests)
    try:
        verify(where, digests, expected)
    except BaseException:
        blobs.discard([blob])
        raise
    return PartInfo(
        number=number,
        blob=blob,
        size=digests.size,
        etag=digests.md5.hex(),
        last_modified=clock(),
        checksums=digests.checksums(),
    )


def duplicate(
    blobs: BlobFolder,
    info: ObjectInfo,
    parts: Sequence[PartInfo],
    *,
    algorithm: str,
    clock: Clock,
) -> PartInfo:
    """Store the bytes of an object again, in one piece.

    No byte is written where the file system has hard links and the digests stay the same.
    """
    if not info.parts and algorithm in info.checksums:
        with suppress(OSError):
            return replace(
                parts[0], blob=blobs.link(parts[0].blob), number=0, last_modified=clock()
            )
    with blobs.reader(parts) as body:
        return receive(
            blobs,
            body,
            where=f"s3://{info.bucket}/{info.key}",
            number=0,
            algorithm=algorithm,
            expected=Expected(size=info.size),
            clock=clock,
        )


def check_condition(
    condition: Condition, current: ObjectInfo | None, *, bucket: str, key: str
) -> None:
    """Refuse a write whose condition the object now there does not meet.

    Raises
    ------
    ServiceError
        ``PreconditionFailed``; ``NoSuchKey`` where ``If-Match`` meets no object.
    """
    if condition.if_none_match is not None and current is not None:
        raise precondition_failed("If-None-Match")
    if condition.if_match is None:
        return
    if current is None:
        raise no_such_key(bucket, key)
    if condition.if_match.strip('"') not in {"*", current.etag}:
        raise precondition_failed("If-Match")
