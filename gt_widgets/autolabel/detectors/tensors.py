"""The detector's network by torch (extra ``[torch]``): the same numbers, in half of numpy's time.

Layer: autolabel (pure functions; imports only ``errors``). Tensors are channels last in memory, as
the arrays of ``network`` are, so that nothing is copied on the way in or out.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from gt_widgets.autolabel.detectors.layers import fold_space
from gt_widgets.autolabel.detectors.network import (
    BATCH_EPSILON,
    BATCH_MOMENTUM,
    DILATIONS,
    STRIDE,
)

if TYPE_CHECKING:
    from gt_widgets.autolabel.detectors.layers import Array

    Kept = tuple[dict[str, torch.Tensor], torch.Tensor]

__all__ = ["backward", "forward"]

_MOST_THREADS = 2
_SEEN = ("_mean", "_var")


@cache
def _modestly() -> None:
    torch.set_num_threads(min(_MOST_THREADS, os.cpu_count() or 1, torch.get_num_threads()))


def forward(weights: dict[str, Array], pixels: Array, *, learn: bool) -> tuple[Array, Kept]:
    """See `gt_widgets.autolabel.detectors.network.forward`."""
    _modestly()
    tensors = {
        name: torch.from_numpy(w).requires_grad_(learn and not name.endswith(_SEEN))
        for name, w in weights.items()
    }
    with torch.set_grad_enabled(learn):
        answer = _answer(tensors, torch.from_numpy(fold_space(pixels, STRIDE)), learn=learn)
    return np.ascontiguousarray(answer.detach().numpy()), (tensors, answer)


def _answer(of: dict[str, torch.Tensor], cells: torch.Tensor, *, learn: bool) -> torch.Tensor:
    def normal(name: str, x: torch.Tensor) -> torch.Tensor:
        seen = functional.batch_norm(
            x.permute(0, 3, 1, 2),
            of[f"{name}_mean"],
            of[f"{name}_var"],
            of[f"{name}_g"],
            of[f"{name}_b"],
            training=learn,
            momentum=BATCH_MOMENTUM,
            eps=BATCH_EPSILON,
        )
        return seen.permute(0, 2, 3, 1)

    def convolved(name: str, x: torch.Tensor, dilation: int = 1) -> torch.Tensor:
        seen = functional.conv2d(
            x.permute(0, 3, 1, 2),
            of[name].permute(3, 2, 0, 1),
            padding=dilation,
            dilation=dilation,
        )
        return normal(name, seen.permute(0, 2, 3, 1))

    stem = torch.relu(normal("stem", cells @ of["stem"]))
    near = torch.relu(convolved("near", stem))
    x = torch.relu(normal("fold", _folded(near) @ of["fold"]))
    for place, dilation in enumerate(DILATIONS):
        x = torch.relu(x + convolved(f"far{place}", x, dilation))
    return _unfolded(x @ of["head"]) + near @ of["skip"] + of["skip_b"]


def _folded(x: torch.Tensor) -> torch.Tensor:
    n, h, w, c = x.shape
    cut = x.reshape(n, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 2, 4, 5)
    return cut.reshape(n, h // 2, w // 2, 4 * c)


def _unfolded(x: torch.Tensor) -> torch.Tensor:
    n, h, w, c = x.shape
    cut = x.reshape(n, h, w, 2, 2, c // 4).permute(0, 1, 3, 2, 4, 5)
    return cut.reshape(n, h * 2, w * 2, c // 4)


def backward(kept: Kept, gradient: Array) -> dict[str, Array]:
    """See `gt_widgets.autolabel.detectors.network.backward`."""
    tensors, answer = kept
    learned = {name: w for name, w in tensors.items() if w.requires_grad}
    found = torch.autograd.grad(answer, list(learned.values()), torch.from_numpy(gradient))
    return {name: grad.numpy() for name, grad in zip(learned, found, strict=True)}
