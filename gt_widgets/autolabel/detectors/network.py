"""A small network that says for every fourth pixel what is centred there, and how large it is.

Layer: autolabel (pure; imports only ``errors``). 4 x 4 pixels become one cell; two layers see
cells, five see groups of 2 x 2 cells and far around them; the answer is given per cell again.
Written out in numpy; torch computes the same, up to rounding, where it is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gt_widgets.autolabel.detectors.layers import (
    by_torch,
    convolve,
    convolve_back,
    fold_space,
    unfold_space,
)

if TYPE_CHECKING:
    from gt_widgets.autolabel.detectors.layers import Array, Engine

__all__ = [
    "BATCH_EPSILON",
    "BATCH_MOMENTUM",
    "DILATIONS",
    "STRIDE",
    "Adam",
    "backward",
    "forward",
    "new_weights",
]

STRIDE = 4
"""Pixels per cell, each way."""

DILATIONS = (1, 2, 4, 2, 1)
BATCH_EPSILON, BATCH_MOMENTUM = 1e-3, 0.1


def new_weights(n_classes: int, *, width: int, rng: np.random.Generator) -> dict[str, Array]:
    """Random weights; the last layer starts out saying "nothing here".

    Parameters
    ----------
    n_classes : int >= 1
    width : int >= 8
        Channels per cell; groups of cells have twice as many.
    rng : numpy Generator
    """
    wide, out = 2 * width, n_classes + 4

    def normal(*shape: int, gain: float = 2.0) -> Array:
        spread = np.sqrt(gain / np.prod(shape[:-1]))
        return np.asarray(rng.normal(0.0, spread, shape), dtype=np.float32)

    weights = {
        "stem": normal(48, width),
        "near": normal(3, 3, width, width),
        "fold": normal(4 * width, wide),
        "head": normal(wide, 4 * out, gain=0.01),
        "skip": normal(width, out, gain=0.01),
        "skip_b": np.zeros(out, dtype=np.float32),
    }
    weights["skip_b"][:n_classes] = -4.0
    sizes = {"stem": width, "near": width, "fold": wide}
    for place in range(len(DILATIONS)):
        weights[f"far{place}"] = normal(3, 3, wide, wide)
        sizes[f"far{place}"] = wide
    for name, size in sizes.items():
        gain = 0.5 if name.startswith("far") else 1.0
        weights[f"{name}_g"] = np.full(size, gain, dtype=np.float32)
        weights[f"{name}_b"] = np.zeros(size, dtype=np.float32)
        weights[f"{name}_mean"] = np.zeros(size, dtype=np.float32)
        weights[f"{name}_var"] = np.ones(size, dtype=np.float32)
    return weights


def _normal(
    weights: dict[str, Array], kept: dict[str, Array], name: str, x: Array, *, learn: bool
) -> Array:
    """Batch normalisation: by the batch while learning, by what was seen then afterwards."""
    if not learn:
        scale = weights[f"{name}_g"] / np.sqrt(weights[f"{name}_var"] + BATCH_EPSILON)
        shift = weights[f"{name}_b"] - weights[f"{name}_mean"] * scale
        return np.asarray(x * scale + shift, dtype=np.float32)
    mean, var = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    weights[f"{name}_mean"] += BATCH_MOMENTUM * (mean - weights[f"{name}_mean"])
    weights[f"{name}_var"] += BATCH_MOMENTUM * (var - weights[f"{name}_var"])
    inverse = 1 / np.sqrt(var + BATCH_EPSILON)
    kept[f"{name}_inverse"] = inverse
    kept[f"{name}_normal"] = (x - mean) * inverse
    return np.asarray(
        kept[f"{name}_normal"] * weights[f"{name}_g"] + weights[f"{name}_b"], dtype=np.float32
    )


def _of_normal(
    weights: dict[str, Array], kept: dict[str, Array], grads: dict[str, Array], name: str, g: Array
) -> Array:
    """Gradient before batch normalisation, from the one after it."""
    normal, n = kept[f"{name}_normal"], g.size // g.shape[3]
    flat, rows = g.reshape(n, -1), normal.reshape(n, -1)
    grads[f"{name}_b"] = flat.sum(axis=0)
    grads[f"{name}_g"] = np.einsum("ij,ij->j", flat, rows)
    centred = g - grads[f"{name}_b"] / n - normal * (grads[f"{name}_g"] / n)
    return np.asarray(centred * (weights[f"{name}_g"] * kept[f"{name}_inverse"]), dtype=np.float32)


def forward(
    weights: dict[str, Array], pixels: Array, *, engine: Engine = "auto", learn: bool = False
) -> tuple[Array, Any]:
    """Answer per cell, and what `backward` needs.

    Parameters
    ----------
    weights : dict
        While learning, what the layers see on average is kept in them.
    pixels : ndarray of shape (n, h, w, 3)
        Standardised; h and w multiples of 8.
    engine : {"auto", "numpy", "torch"}
    learn : bool

    Returns
    -------
    (ndarray of shape (n, h / 4, w / 4, n_classes + 4), object)
        Logits of the classes; then where the centre is and how large (see ``targets``).
    """
    if by_torch(engine):
        from gt_widgets.autolabel.detectors import tensors

        return tensors.forward(weights, pixels, learn=learn)
    kept = {"cells": fold_space(pixels, STRIDE)}

    def normal(name: str, x: Array) -> Array:
        return _normal(weights, kept, name, x, learn=learn)

    kept["stem"] = np.maximum(normal("stem", kept["cells"] @ weights["stem"]), 0)
    kept["near"] = np.maximum(normal("near", convolve(kept["stem"], weights["near"], 1)), 0)
    kept["folded"] = fold_space(kept["near"], 2)
    x = np.maximum(normal("fold", kept["folded"] @ weights["fold"]), 0)
    for place, dilation in enumerate(DILATIONS):
        kept[f"in{place}"] = x
        far = normal(f"far{place}", convolve(x, weights[f"far{place}"], dilation))
        x = np.maximum(x + far, 0)
    kept["out"] = x
    answer = unfold_space(x @ weights["head"], 2)
    answer += kept["near"] @ weights["skip"] + weights["skip_b"]
    return answer, kept


def backward(
    weights: dict[str, Array], kept: Any, gradient: Array, *, engine: Engine = "auto"
) -> dict[str, Array]:
    """Gradients of all weights, from the gradient of the answer while learning."""
    if by_torch(engine):
        from gt_widgets.autolabel.detectors import tensors

        return tensors.backward(kept, gradient)
    grads: dict[str, Array] = {}

    def before(name: str, g: Array) -> Array:
        return _of_normal(weights, kept, grads, name, g)

    def dense(name: str, x: Array, g: Array) -> Array:
        grads[name] = x.reshape(-1, x.shape[3]).T @ g.reshape(-1, g.shape[3])
        return g @ weights[name].T

    of_near = dense("skip", kept["near"], gradient)
    grads["skip_b"] = gradient.sum(axis=(0, 1, 2))
    g = dense("head", kept["out"], fold_space(gradient, 2))
    after = kept["out"]
    for place in reversed(range(len(DILATIONS))):
        g = g * (after > 0)
        after = kept[f"in{place}"]
        name, added = f"far{place}", before(f"far{place}", g)
        of_x, grads[name] = convolve_back(after, weights[name], added, DILATIONS[place])
        g = g + of_x
    of_fold = before("fold", g * (after > 0))
    of_near = of_near + unfold_space(dense("fold", kept["folded"], of_fold), 2)
    of_near = before("near", of_near * (kept["near"] > 0))
    of_stem, grads["near"] = convolve_back(kept["stem"], weights["near"], of_near, 1)
    dense("stem", kept["cells"], before("stem", of_stem * (kept["stem"] > 0)))
    return grads


class Adam:
    """Adam with decoupled weight decay and clipped gradients; changes the weights in place.

    References
    ----------
    Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019.
    """

    def __init__(self, weights: dict[str, Array], *, decay: float = 1e-3) -> None:
        self.weights, self.decay, self.steps = weights, decay, 0
        self.mean = {name: np.zeros_like(w) for name, w in weights.items()}
        self.square = {name: np.zeros_like(w) for name, w in weights.items()}

    def step(self, grads: dict[str, Array], rate: float, *, largest: float = 5.0) -> None:
        """Take one step of size ``rate``."""
        self.steps += 1
        length = float(np.sqrt(sum(float(np.vdot(g, g)) for g in grads.values())))
        shrink = min(1.0, largest / max(length, 1e-9))
        one, two = 1 - 0.9**self.steps, 1 - 0.99**self.steps
        for name, grad in grads.items():
            g = grad * shrink
            mean, square, w = self.mean[name], self.square[name], self.weights[name]
            mean += 0.1 * (g - mean)
            square += 0.01 * (g * g - square)
            w -= rate * ((mean / one) / (np.sqrt(square / two) + 1e-8) + self.decay * w)
