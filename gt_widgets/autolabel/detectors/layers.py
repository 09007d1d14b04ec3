"""Layers of a small convolutional network in numpy, forwards and backwards, and who computes them.

Layer: autolabel (pure functions; imports only ``errors``). Arrays are float32 of shape
(pictures, rows, columns, channels).
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Array", "Engine", "by_torch", "convolve", "convolve_back", "fold_space", "unfold_space"]

Array: TypeAlias = "NDArray[np.float32]"
Engine = Literal["auto", "numpy", "torch"]


def by_torch(engine: Engine = "auto") -> bool:
    """Choose who computes: torch where it is installed, else numpy.

    Raises
    ------
    ValidationError
        If torch is asked for by name and missing.
    """
    if engine not in ("auto", "numpy", "torch"):
        raise ValidationError(f"engine is 'auto', 'numpy' or 'torch'; found {engine!r}")
    there = engine != "numpy" and find_spec("torch") is not None
    if engine == "torch" and not there:
        raise ValidationError(
            "the torch engine needs torch: pip install 'gt-widgets[torch]'; engine='numpy' "
            "finds the same boxes, several times slower"
        )
    return there


def _columns(x: Array, dilation: int) -> Array:
    """3 x 3 neighbourhoods as rows of a matrix; zeros outside."""
    n, h, w, c = x.shape
    padded = np.pad(x, ((0, 0), (dilation, dilation), (dilation, dilation), (0, 0)))
    out = np.empty((n, h, w, 9, c), dtype=np.float32)
    for place in range(9):
        down, across = (place // 3) * dilation, (place % 3) * dilation
        out[:, :, :, place] = padded[:, down : down + h, across : across + w]
    return out.reshape(n * h * w, 9 * c)


def convolve(x: Array, w: Array, dilation: int) -> Array:
    """Convolve by ``w`` of shape (3, 3, channels in, channels out); zeros outside."""
    found = _columns(x, dilation) @ w.reshape(-1, w.shape[3])
    return found.reshape(*x.shape[:3], w.shape[3])


def convolve_back(x: Array, w: Array, gradient: Array, dilation: int) -> tuple[Array, Array]:
    """Gradients of ``x`` and ``w``, from that of what `convolve` gave."""
    flat = gradient.reshape(-1, gradient.shape[3])
    of_w = (_columns(x, dilation).T @ flat).reshape(w.shape)
    turned = np.ascontiguousarray(w[::-1, ::-1].transpose(0, 1, 3, 2))
    return convolve(gradient, turned, dilation), of_w


def fold_space(x: Array, block: int) -> Array:
    """Squares of ``block`` pixels become channels: (n, h, w, c) to (n, h/b, w/b, b b c)."""
    n, h, w, c = x.shape
    cut = x.reshape(n, h // block, block, w // block, block, c).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(cut).reshape(n, h // block, w // block, block * block * c)


def unfold_space(x: Array, block: int) -> Array:
    """Undo `fold_space`."""
    n, h, w, c = x.shape
    cut = x.reshape(n, h, w, block, block, c // (block * block)).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(cut).reshape(n, h * block, w * block, c // (block * block))
