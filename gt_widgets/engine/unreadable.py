"""One object that cannot be read, told from a store that answers for none of them.

Layer: engine.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gt_widgets.errors import GroundTruthError, StoreUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["unreadable_as"]


@contextmanager
def unreadable_as(kind: type[GroundTruthError], uri: str) -> Iterator[None]:
    """Say of the object at ``uri`` that it is missing or damaged, in an error of this ``kind``.

    Raises
    ------
    kind
        It fails the object, and the job goes on.
    OSError
        Where the disk or the whole store is at fault: the step is taken again later.
    """
    try:
        yield
    except (StoreUnreachableError, kind):
        raise
    except (GroundTruthError, FileNotFoundError) as error:
        raise kind(f"{uri} cannot be read: {error}") from error
