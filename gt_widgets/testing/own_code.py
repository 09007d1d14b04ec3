"""Learners, a detector and features as a user might write them: no import of ours but `FoundBoxes`.

Layer: testing. `gt_widgets.testing.own_models.code_file` copies this file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from gt_widgets.autolabel.boxes import FoundBoxes


class NearestMean:
    """Classes by the nearest mean of rows."""

    def __init__(self, n_classes):
        self.n_classes = n_classes

    def fit(self, x, y):
        whole = x.mean(axis=0)
        self.means = np.stack(
            [x[y == k].mean(axis=0) if (y == k).any() else whole for k in range(self.n_classes)]
        )

    def predict(self, x):
        near = -((x[:, None, :] - self.means) ** 2).sum(axis=2)
        near = np.exp((near - near.max(axis=1, keepdims=True)) * 20)
        return near / near.sum(axis=1, keepdims=True)

    def save(self, path):
        with Path(path).open("wb") as file:
            np.save(file, self.means, allow_pickle=False)

    @classmethod
    def load(cls, path):
        means = np.load(path, allow_pickle=False)
        found = cls(len(means))
        found.means = means
        return found


class Brightest:
    """One box around what is bright."""

    def __init__(self, n_classes):
        self.n_classes = n_classes

    def fit(self, pictures, boxes):
        return self

    def predict(self, picture):
        rows, columns = np.nonzero(picture.max(axis=2) > 200)
        box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
        return FoundBoxes(np.array([box], float), np.zeros(1, np.intp), np.array([0.9]))

    def save(self, path):
        Path(path).write_bytes(b"there is nothing to keep")

    @classmethod
    def load(cls, path):
        return cls(1)


class BrightPixels(Brightest):
    """Masks of what is bright; the margin is learned."""

    def fit(self, pictures, masks):
        inside = [
            p.max(axis=2)[m == 1].min()
            for p, m in zip(pictures, masks, strict=True)
            if (m == 1).any()
        ]
        self.line = float(min(inside))

    def predict(self, picture):
        on = picture.max(axis=2) >= self.line - 20
        return np.stack([np.where(on, 0.02, 0.98), np.where(on, 0.98, 0.02)], axis=2)

    def save(self, path):
        Path(path).write_text(str(self.line))

    @classmethod
    def load(cls, path):
        found = cls(2)
        found.line = float(Path(path).read_text())
        return found


class Letters:
    """Features of texts: how often each word of a few occurs, hashed."""

    id = "letters-1"
    dim = 64

    def embed(self, texts):
        rows = np.zeros((len(texts), self.dim), np.float32)
        for place, text in enumerate(texts):
            for word in text.split():
                column = hashlib.sha256(word.encode()).digest()[0] % self.dim
                rows[place, column] += 1
        return rows


class Stubborn(NearestMean):
    """Learns, and then will not say."""

    def predict(self, x):
        raise ArithmeticError("I would rather not")


class Careless(NearestMean):
    """Gives what is no probability."""

    def predict(self, x):
        return np.ones((len(x), self.n_classes))
