"""What turns objects into rows of numbers.

Layer: autolabel (types only).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Embedder"]


class Embedder(Protocol):
    """Objects to numbers: pure, deterministic, and row by row (a batch changes nothing)."""

    @property
    def id(self) -> str:
        """Name for cache keys: equal ids give equal numbers."""
        ...

    @property
    def dim(self) -> int:
        """Length of one row."""
        ...

    def embed(self, items: Sequence[Any], /) -> NDArray[np.float32]:
        """Rows of shape (len(items), dim), of the bytes of pictures or of texts."""
        ...
