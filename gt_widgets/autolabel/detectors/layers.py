"""Layers of a small convolutional network, forwards and backwards, in numpy or by torch.

Layer: autolabel (pure functions; imports only ``errors``). Arrays are float32 of shape
(pictures, rows, columns, channels). Only the 3 x 3 convolution, where the time goes, has two
engines; both give the same numbers up to rounding, so a model trained by one runs on the other.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Array", "Convolution", "Engine", "convolution", "fold_space", "unfold_space"]

Array: TypeAlias = "NDArray[np.float32]"
Engine = Literal["auto", "numpy", "torch"]
Convolution: TypeAlias = "tuple[Callable[..., Array], Callable[..., tuple[Array, Array]]]"
"""``forward(x, w, dilation)`` and ``backward(x, w, gradient, dilation)``, which gives the
gradients of x and w; ``w`` has shape (3, 3, channels in, channels out)."""

_MOST_THREADS = 2


def convolution(engine: Engine = "auto") -> Convolution:
    """Choose who convolves: torch where it is installed, else numpy.

    Raises
    ------
    ValidationError
        If torch is asked for by name and missing.
    """
    if engine not in ("auto", "numpy", "torch"):
        raise ValidationError(f"engine is 'auto', 'numpy' or 'torch'; found {engine!r}")
    there = find_spec("torch") is not None
    if engine == "torch" and not there:
        raise ValidationError(
            "the torch engine needs torch: pip install 'gt-widgets[torch]'; engine='numpy' "
            "finds the same boxes, about three times slower"
        )
    return _torch() if there and engine != "numpy" else (_forward, _backward)


def _columns(x: Array, dilation: int) -> Array:
    """3 x 3 neighbourhoods as rows of a matrix; zeros outside."""
    n, h, w, c = x.shape
    padded = np.pad(x, ((0, 0), (dilation, dilation), (dilation, dilation), (0, 0)))
    out = np.empty((n, h, w, 9, c), dtype=np.float32)
    for place in range(9):
        down, across = (place // 3) * dilation, (place % 3) * dilation
        out[:, :, :, place] = padded[:, down : down + h, across : across + w]
    return out.reshape(n * h * w, 9 * c)


def _forward(x: Array, w: Array, dilation: int) -> Array:
    found = _columns(x, dilation) @ w.reshape(-1, w.shape[3])
    return found.reshape(*x.shape[:3], w.shape[3])


def _backward(x: Array, w: Array, gradient: Array, dilation: int) -> tuple[Array, Array]:
    flat = gradient.reshape(-1, gradient.shape[3])
    of_w = (_columns(x, dilation).T @ flat).reshape(w.shape)
    turned = np.ascontiguousarray(w[::-1, ::-1].transpose(0, 1, 3, 2))
    return _forward(gradient, turned, dilation), of_w


@cache
def _torch() -> Convolution:
    import torch

    torch.set_num_threads(min(_MOST_THREADS, os.cpu_count() or 1, torch.get_num_threads()))

    def seen(x: Array) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(x)).permute(0, 3, 1, 2)

    def kernel(w: Array) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(w)).permute(3, 2, 0, 1)

    def forward(x: Array, w: Array, dilation: int) -> Array:
        with torch.no_grad():
            found = torch.nn.functional.conv2d(
                seen(x), kernel(w), padding=dilation, dilation=dilation
            )
        return np.asarray(found.permute(0, 2, 3, 1).contiguous().numpy(), dtype=np.float32)

    def backward(x: Array, w: Array, gradient: Array, dilation: int) -> tuple[Array, Array]:
        with torch.no_grad():
            of_x, of_w, _ = torch.ops.aten.convolution_backward(
                seen(gradient),
                seen(x),
                kernel(w),
                bias_sizes=None,
                stride=[1, 1],
                padding=[dilation, dilation],
                dilation=[dilation, dilation],
                transposed=False,
                output_padding=[0, 0],
                groups=1,
                output_mask=[True, True, False],
            )
        return (
            np.asarray(of_x.permute(0, 2, 3, 1).contiguous().numpy(), dtype=np.float32),
            np.asarray(of_w.permute(2, 3, 1, 0).contiguous().numpy(), dtype=np.float32),
        )

    return forward, backward


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
