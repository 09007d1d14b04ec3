"""The checksums of S3: computed while bytes pass, combined for multipart, compared.

Layer: engine (pure; imports only ``errors``). CRC32C, CRC64NVME and the xxHash family need
native code to be of use and no Python client sends them unasked, so they are refused by name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from typing import TYPE_CHECKING, Protocol

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gt_widgets.engine.objects.records import Expected

__all__ = ["ALGORITHMS", "Digests", "combine", "known_algorithm", "verify"]

ALGORITHMS = ("CRC32", "SHA1", "SHA256", "SHA512", "MD5")
"""The algorithms computed here, by AWS's names."""

_LENGTHS = {"CRC32": 4, "SHA1": 20, "SHA256": 32, "SHA512": 64, "MD5": 16}
_CRC32_POLYNOMIAL = 0xEDB88320


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


def _new(algorithm: str) -> _Hash:
    if algorithm == "CRC32":
        return _Crc32()
    return hashlib.new(algorithm.lower(), usedforsecurity=False)


def known_algorithm(name: str) -> str:
    """Return ``name`` in AWS's spelling.

    Raises
    ------
    ServiceError
        ``InvalidRequest`` when the local store does not compute this algorithm.
    """
    if (algorithm := name.upper()) in ALGORITHMS:
        return algorithm
    raise ServiceError(
        "InvalidRequest",
        f"Checksum algorithm {name!r} is not computed by the local store; it has "
        f"{', '.join(ALGORITHMS)}. Pass ChecksumAlgorithm='CRC32', or leave it out.",
    )


class Digests:
    """Several digests of one passing stream, and its length.

    Parameters
    ----------
    algorithms : iterable of str
        Names from `ALGORITHMS`; MD5 is always computed besides, it is the ETag.
    """

    def __init__(self, algorithms: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(algorithms))
        self._hashes = {name: _new(name) for name in {*self.names, "MD5"}}
        self.size = 0

    def update(self, data: bytes) -> None:
        """Take in the next bytes."""
        self.size += len(data)
        for one in self._hashes.values():
            one.update(data)

    @property
    def md5(self) -> bytes:
        """The 16 bytes of MD5."""
        return self._hashes["MD5"].digest()

    def checksums(self) -> dict[str, str]:
        """Return the algorithms asked for, each in AWS's Base64 form."""
        return {name: _base64(self._hashes[name].digest()) for name in self.names}


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")


def _raw(algorithm: str, value: str) -> bytes:
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _LENGTHS[algorithm]:
        raise ServiceError(
            "InvalidRequest",
            f"Value for x-amz-checksum-{algorithm.lower()} header is invalid: expected the "
            f"Base64 of {_LENGTHS[algorithm]} bytes, found {value!r}.",
        )
    return raw


def verify(where: str, found: Digests, expected: Expected) -> None:
    """Refuse bytes that are not those the sender spoke of.

    Parameters
    ----------
    where : str
        The object, for the message: ``s3://bucket/key``.
    found : Digests
        What arrived; computed with at least the algorithms of ``expected.checksums``.
    expected : Expected
        What the sender announced.

    Raises
    ------
    ServiceError
        ``IncompleteBody``, ``BadDigest`` or, for a value that is no digest, ``InvalidRequest``.
    """
    if expected.size is not None and expected.size != found.size:
        raise ServiceError(
            "IncompleteBody",
            f"{where}: expected {expected.size} bytes, {found.size} arrived. Send it again.",
        )
    if expected.md5 is not None and expected.md5 != found.md5:
        raise ServiceError(
            "BadDigest",
            f"{where}: the Content-MD5 you specified did not match what we received.",
        )
    computed = found.checksums()
    for algorithm, value in expected.checksums.items():
        if _raw(algorithm, value) != _raw(algorithm, computed[algorithm]):
            raise ServiceError(
                "BadDigest",
                f"{where}: the {algorithm} you specified did not match the calculated "
                f"checksum: expected {value}, found {computed[algorithm]}.",
            )


def combine(
    algorithm: str, checksum_type: str, parts: Sequence[tuple[int, Mapping[str, str]]]
) -> str | None:
    """Return the checksum of a multipart object from those of its parts.

    Parameters
    ----------
    algorithm : str
        One of `ALGORITHMS`.
    checksum_type : str
        ``"COMPOSITE"`` (digest of digests, with ``-n``) or ``"FULL_OBJECT"`` (CRC32 only).
    parts : sequence of (size in bytes, checksums)
        In part order.

    Returns
    -------
    str or None
        None when a part has no checksum of this algorithm.
    """
    values = [(size, sums[algorithm]) for size, sums in parts if algorithm in sums]
    if len(values) != len(parts):
        return None
    raws = [(size, _raw(algorithm, value)) for size, value in values]
    if checksum_type == "FULL_OBJECT":
        total = 0
        for size, raw in raws:
            total = _append_crc32(total, int.from_bytes(raw, "big"), size)
        return _base64(total.to_bytes(4, "big"))
    outer = _new(algorithm)
    outer.update(b"".join(raw for _, raw in raws))
    return f"{_base64(outer.digest())}-{len(raws)}"


def _append_crc32(first: int, second: int, second_size: int) -> int:
    """CRC32 of two pieces from the CRC32 of each: shift the first by the second's length."""
    shift = [_CRC32_POLYNOMIAL] + [1 << bit for bit in range(31)]  # one zero bit
    for _ in range(3):  # squared thrice: one zero byte
        shift = _squared(shift)
    while second_size:
        if second_size & 1:
            first = _times(shift, first)
        shift = _squared(shift)
        second_size >>= 1
    return first ^ second


def _times(matrix: Sequence[int], vector: int) -> int:
    total = 0
    for column in matrix:
        if vector & 1:
            total ^= column
        vector >>= 1
        if not vector:
            break
    return total


def _squared(matrix: Sequence[int]) -> list[int]:
    return [_times(matrix, column) for column in matrix]
