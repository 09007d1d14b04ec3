"""Texts as numbers: hashed TF-IDF n-grams, or a sentence model from a folder of the user's.

Layer: autolabel (imports only ``errors``). Hashing needs no vocabulary, so there is nothing to
save but one weight per bucket.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gt_widgets.autolabel.features.folders import check_sentence_folder
from gt_widgets.errors import ModelFileError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["SentenceFolder", "TextFeatures"]

_WORD = re.compile(r"\w+", re.UNICODE)
_BUCKETS = 2**17
_MAX_CHARACTERS = 20_000
_LEARN_FROM = 4_000


class TextFeatures:
    """TF-IDF of word 1-2-grams, sublinear, hashed, projected on its strongest directions.

    Parameters
    ----------
    columns : int >= 1
        Length of a row; fewer when the texts do not have that many directions.
    seed : int
    """

    def __init__(self, *, columns: int = 256, seed: int = 0) -> None:
        self.columns, self.seed = columns, seed
        self.weights = np.zeros(0, dtype=np.float32)
        self.axes = np.zeros((0, 0), dtype=np.float32)
        self.used = np.zeros(0, dtype=np.intp)

    @property
    def id(self) -> str:
        """Name of these features, for a cache key."""
        self._check_learned()
        digest = hashlib.sha256(self.weights.tobytes() + self.axes.tobytes())
        return f"text-tfidf-1-{digest.hexdigest()[:16]}"

    @property
    def dim(self) -> int:
        """Length of one row."""
        return int(self.axes.shape[1])

    def learn(self, texts: Sequence[str]) -> Self:
        """Learn bucket weights and directions from the job's own texts, without labels."""
        if len(texts) == 0:
            raise ValidationError("features are learned from at least one text; found none")
        step = max(len(texts) // _LEARN_FROM, 1)
        counts = _counts(texts[::step])
        documents = np.bincount(counts.indices, minlength=_BUCKETS)
        least = 2 if counts.shape[0] >= 50 else 1  # noqa: PLR2004
        self.used = np.flatnonzero(documents >= least)
        if self.used.size == 0:
            self.used = np.flatnonzero(documents > 0)[:1] if documents.any() else np.array([0])
        n = counts.shape[0]
        idf = np.log((1 + n) / (1 + documents[self.used])) + 1.0
        self.weights = idf.astype(np.float32)
        self.axes = self._directions(self._weighted(counts))
        return self

    def _directions(self, rows: csr_matrix) -> NDArray[np.float32]:
        """Leading right singular vectors by a randomised range finder (Halko et al. 2011)."""
        rng = np.random.default_rng(self.seed)
        k = min(self.columns, *rows.shape)
        guess = rng.standard_normal((rows.shape[1], min(k + 20, rows.shape[1])))
        for _ in range(3):
            guess, _ = np.linalg.qr(rows.T @ (rows @ guess))
        small = np.asarray(rows @ guess)
        _, _, right = np.linalg.svd(small, full_matrices=False)
        return np.asarray(guess @ right[:k].T, dtype=np.float32)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features of shape (n, dim)."""
        self._check_learned()
        return np.asarray(self._weighted(_counts(texts)) @ self.axes, dtype=np.float32)

    def _weighted(self, counts: csr_matrix) -> csr_matrix:
        from scipy.sparse import csr_matrix

        rows = csr_matrix(counts[:, self.used], dtype=np.float32, copy=True)
        rows.data = (1.0 + np.log(rows.data)) * self.weights[rows.indices]
        lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        rows.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(rows.indptr))
        return rows

    def _check_learned(self) -> None:
        if self.axes.size == 0:
            raise ValidationError("these features have not seen a text yet; call learn(texts)")


def _counts(texts: Sequence[str]) -> csr_matrix:
    """Occurrences of hashed 1- and 2-grams; shape (n, 2 ** 17)."""
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    ends = [0]
    for text in texts:
        words = _WORD.findall(text[:_MAX_CHARACTERS].casefold())
        pairs = [f"{a} {b}" for a, b in pairwise(words)]
        indices.extend(zlib.crc32(gram.encode()) % _BUCKETS for gram in (*words, *pairs))
        ends.append(len(indices))
    ones = np.ones(len(indices), dtype=np.float32)
    found = csr_matrix((ones, np.array(indices, dtype=np.int32), ends), (len(texts), _BUCKETS))
    found.sum_duplicates()
    return found


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
        check_sentence_folder(self.folder)
        weights = sorted(self.folder.rglob("*.safetensors"))
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as problem:
            raise ModelFileError(
                "sentence models need the package sentence-transformers; install it, or leave "
                "the folder out and TF-IDF is used"
            ) from problem
        try:
            self._model: Any = SentenceTransformer(
                str(self.folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, RuntimeError, ValueError, KeyError, TypeError) as problem:
            raise ModelFileError(f"{self.folder}: no sentence model: {problem}") from problem
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in weights))
        self._id = f"sentences-1-{digest.hexdigest()[:16]}"

    @property
    def id(self) -> str:
        """Name of these features, for a cache key."""
        return self._id

    @property
    def dim(self) -> int:
        """Length of one row."""
        return int(self._model.get_embedding_dimension())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features of shape (n, dim)."""
        cut = [text[:_MAX_CHARACTERS] for text in texts]
        rows = self._model.encode(cut, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, dtype=np.float32)
