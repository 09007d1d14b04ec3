"""Texts as counts of hashed word and character n-grams.

Layer: autolabel (pure functions; imports only ``errors``). Words say what a text is about; pieces
of words join "refund" and "refunded", survive slips of the pen, and need no spaces between words,
as Japanese has none. Hashing needs no vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["BUCKETS", "plain", "word_and_piece_counts"]

BUCKETS = 2**17
"""Buckets of the words and, after them, of the pieces."""

_MAX_CHARACTERS = 20_000
_LONGEST = 5
_TOKEN = re.compile(r"\w+|[!?$£€¥%@#]|[\u2190-\u2bff\U0001f000-\U0001faff]")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_SPACE = 32
_MIX, _SPREAD = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - 17)  # the 17 highest bits, which depend on all others


def plain(text: str) -> list[str]:
    """Tokens of a text: one case and width, a link just a link.

    Examples
    --------
    >>> plain("Order 17 is LATE! See https://example.com/17")
    ['order', '17', 'is', 'late', '!', 'see', 'httplink']
    """
    # Folding may make a text a few times longer, so it is cut first.
    folded = unicodedata.normalize("NFKC", text[:_MAX_CHARACTERS]).casefold()
    return _TOKEN.findall(_LINK.sub(" httplink ", folded))


def word_and_piece_counts(texts: Sequence[str]) -> csr_matrix:
    """Occurrences of words, of pairs of words, and of pieces of 2 to 5 characters within words.

    Parameters
    ----------
    texts : sequence of str
        Of each, the first 20,000 characters count.

    Returns
    -------
    csr_matrix of float32, shape (len(texts), 2 * BUCKETS)
        Words and pairs hashed to the first half of the columns, pieces to the second. A piece may
        begin or end with the space beside its word.
    """
    from scipy.sparse import csr_matrix

    rows: list[NDArray[np.int64]] = []
    for text in texts:
        tokens = plain(text)
        pairs = (f"{a} {b}" for a, b in pairwise(tokens))
        words = [zlib.crc32(gram.encode()) % BUCKETS for gram in (*tokens, *pairs)]
        rows.append(np.concatenate([np.array(words, dtype=np.int64), _pieces(tokens)]))
    ends = np.cumsum([0, *(len(row) for row in rows)])
    indices = np.concatenate([np.zeros(0, dtype=np.int64), *rows]).astype(np.int32)
    ones = np.ones(len(indices), dtype=np.float32)
    found = csr_matrix((ones, indices, ends), (len(texts), 2 * BUCKETS))
    found.sum_duplicates()
    return found


def _pieces(tokens: list[str]) -> NDArray[np.int64]:
    """Buckets of all pieces, by a polynomial hash of the code points."""
    line = f" {' '.join(tokens)} ".encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(line, dtype="<u4").astype(np.uint64)
    hashed, crossing = codes, np.zeros(len(codes), dtype=bool)
    found = [np.zeros(0, dtype=np.uint64)]
    for length in range(2, min(_LONGEST, len(codes)) + 1):
        # A space in the middle makes it a piece of two words: the pairs see to those.
        space = codes[length - 2 : -1] == _SPACE if length > 2 else False  # noqa: PLR2004
        crossing = crossing[:-1] | space
        hashed = hashed[:-1] * _MIX + codes[length - 1 :]
        found.append((hashed[~crossing] * _SPREAD) >> _SHIFT)
    return np.concatenate(found).astype(np.int64) + BUCKETS
