"""Texts as numbers: TF-IDF of words and their pieces, or a sentence model from a user's folder.

Layer: autolabel (imports only ``errors``). A row says how a text relates to some of the job's own
texts, in the directions in which those differ most; no label is seen.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gt_widgets.autolabel.features.grams import BUCKETS, word_and_piece_counts
from gt_widgets.errors import ModelFileError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["SentenceFolder", "TextFeatures"]

_COLUMNS = 500
_MAX_CHARACTERS = 20_000
_LANDMARKS = 1_500
_BATCH = 500


class TextFeatures:
    """TF-IDF of words, pairs of words and pieces of words, sublinear, on its strongest directions.

    The directions are those of the texts learned from, at most 1,500; for so many a row loses
    nothing of what sets them apart.

    Parameters
    ----------
    columns : int >= 1
        Length of a row; fewer when the texts do not have that many directions.
    """

    def __init__(self, *, columns: int = _COLUMNS) -> None:
        self.columns = columns
        self.weights = np.zeros(0, dtype=np.float32)
        self.used = np.zeros(0, dtype=np.intp)
        self.landmarks: csr_matrix | None = None
        self.axes = np.zeros((0, 0), dtype=np.float32)

    @property
    def id(self) -> str:
        """Name of these features, for a cache key."""
        digest = hashlib.sha256(self.weights.tobytes() + self.known_texts.data.tobytes())
        digest.update(self.used.tobytes() + self.axes.tobytes())
        return f"text-tfidf-2-{digest.hexdigest()[:16]}"

    @property
    def dim(self) -> int:
        """Length of one row."""
        return int(self.axes.shape[1])

    @property
    def known_texts(self) -> csr_matrix:
        """The weighted counts of the texts learned from, one row each.

        Raises
        ------
        ValidationError
            Before `learn`.
        """
        if self.landmarks is None:
            raise ValidationError("these features have not seen a text yet; call learn(texts)")
        return self.landmarks

    def learn(self, texts: Sequence[str]) -> Self:
        """Learn bucket weights and directions from the job's own texts, without labels."""
        if len(texts) == 0:
            raise ValidationError("features are learned from at least one text; found none")
        places = np.unique(np.linspace(0, len(texts) - 1, _LANDMARKS).astype(np.intp))
        counts = word_and_piece_counts([texts[int(place)] for place in places])
        documents = np.bincount(counts.indices, minlength=2 * BUCKETS)
        least = 2 if counts.shape[0] >= 50 else 1  # noqa: PLR2004
        self.used = np.flatnonzero(documents >= least)
        if self.used.size == 0:
            self.used = np.flatnonzero(documents > 0)[:1] if documents.any() else np.array([0])
        n = counts.shape[0]
        idf = np.log((1 + n) / (1 + documents[self.used])) + 1.0
        self.weights = idf.astype(np.float32)
        self.landmarks = self._weighted(counts)
        self.axes = _directions((self.landmarks @ self.landmarks.T).toarray(), self.columns)
        return self

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features of shape (n, dim); the same text gives the same row in any batch."""
        landmarks = self.known_texts
        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = self._weighted(word_and_piece_counts(texts[start : start + _BATCH]))
            rows[start : start + _BATCH] = (batch @ landmarks.T).toarray() @ self.axes
        return rows

    def _weighted(self, counts: csr_matrix) -> csr_matrix:
        """Words and pieces get equal weight, each with rows of length 1."""
        from scipy.sparse import csr_matrix, hstack

        rows = csr_matrix(counts[:, self.used], dtype=np.float32, copy=True)
        rows.data = (1.0 + np.log(rows.data)) * self.weights[rows.indices]
        words = int(np.searchsorted(self.used, BUCKETS))
        views = [_unit(rows[:, :words]), _unit(rows[:, words:])]
        return csr_matrix(hstack(views), dtype=np.float32)


def _unit(rows: csr_matrix) -> csr_matrix:
    """Scale to a squared length of one half."""
    lengths = np.sqrt(2.0 * np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    rows.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(rows.indptr)).astype(np.float32)
    return rows


def _directions(products: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """Turn products with landmarks into coordinates on the landmarks' principal axes.

    The coordinates are not divided by the axes' lengths, as principal components would be: a row
    says how alike a text is to each landmark, and what many texts share counts most.

    References
    ----------
    Balcan, Blum and Srebro, A Theory of Learning with Similarity Functions, Machine Learning 2008.
    """
    mean = products.mean(axis=0)
    centred = products - mean - mean[:, None] + mean.mean()
    values, vectors = np.linalg.eigh(centred)
    keep = np.argsort(values)[::-1][:columns]
    keep = keep[values[keep] > 1e-4 * max(float(values[keep[0]]), 1e-9)]
    if keep.size == 0:  # all texts are alike
        return np.full((len(products), 1), 1 / len(products), dtype=np.float32)
    return np.asarray(vectors[:, keep], dtype=np.float32)


class SentenceFolder:
    """Sentence embeddings of a model folder on this disk (for example MiniLM's).

    Parameters
    ----------
    folder : str or Path
        As `sentence_transformers.SentenceTransformer.save` wrote it. Only ``safetensors``
        weights are read, never pickled ones; nothing is downloaded.

    Raises
    ------
    ModelFileError
        If the folder or the ``sentence-transformers`` package is missing.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        weights = sorted(self.folder.rglob("*.safetensors"))
        if not weights:
            raise ModelFileError(
                f"{self.folder}: expected a sentence model with .safetensors weights; found none"
            )
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as problem:
            raise ModelFileError(
                "sentence models need the package sentence-transformers; install it, or leave "
                "the folder out and TF-IDF is used"
            ) from problem
        self._model: Any = SentenceTransformer(
            str(self.folder),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in weights))
        self._id = f"sentences-1-{digest.hexdigest()[:16]}"

    @property
    def id(self) -> str:
        """Name of these features, for a cache key."""
        return self._id

    @property
    def dim(self) -> int:
        """Length of one row."""
        return int(self._model.get_sentence_embedding_dimension())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features of shape (n, dim)."""
        cut = [text[:_MAX_CHARACTERS] for text in texts]
        rows = self._model.encode(cut, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, dtype=np.float32)
