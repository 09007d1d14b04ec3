"""Bodies in the form their signature says: plain, hashed or ``aws-chunked``.

Layer: services (imports only ``errors`` and ``wire``).

A body is checked while it is read, and the reader raises before it hands out the last piece
of a body that is not the one signed; so an upload that fails is never stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.message import BUFFER_SIZE, buffered
from gt_widgets.services.wire.sigv4 import EMPTY_SHA256, UNSIGNED_PAYLOAD

if TYPE_CHECKING:
    from gt_widgets.services.wire.message import HttpRequest

__all__ = ["ChunkSigner", "checked_body"]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_STREAMING = "STREAMING-"
_SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_TRAILER = "-TRAILER"
_MAX_LINE = 8 * 1024
_MAX_TRAILERS = 32
_MAX_CHUNK = 64 * 1024 * 1024
_SPOOL_BYTES = 4 * 1024 * 1024
_KNOWN = {
    _SIGNED_CHUNKS,
    _SIGNED_CHUNKS + _TRAILER,
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
}


@dataclass(slots=True)
class ChunkSigner:
    """The chain of signatures over the chunks of one body.

    Parameters
    ----------
    key : bytes
        Signing key of the request.
    timestamp, scope : str
        Of the request.
    previous : str
        The request's own signature first, then that of the last chunk.
    """

    key: bytes
    timestamp: str
    scope: str
    previous: str

    def check(self, kind: str, digests: list[str], signature: str) -> None:
        """Verify the next link of the chain.

        Raises
        ------
        ServiceError
            ``SignatureDoesNotMatch``.
        """
        parts = [f"AWS4-HMAC-SHA256-{kind}", self.timestamp, self.scope, self.previous]
        text = "\n".join(parts + digests)
        expected = hmac.digest(self.key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise ServiceError(
                "SignatureDoesNotMatch",
                f"The signature of a {kind.lower()} chunk does not match its bytes.",
                403,
            )
        self.previous = expected


def checked_body(request: HttpRequest, declared: str, signer: ChunkSigner | None) -> HttpRequest:
    """Return the request with a body that checks itself while it is read.

    Parameters
    ----------
    request : HttpRequest
        As it came in.
    declared : str
        Its ``x-amz-content-sha256``: a SHA-256, ``UNSIGNED-PAYLOAD`` or ``STREAMING-...``.
    signer : ChunkSigner or None
        None where the key is not known and signatures cannot be verified.

    Returns
    -------
    HttpRequest
        For ``aws-chunked`` bodies the decoded bytes, their length as ``Content-Length``, and
        the trailing headers (checksums) among the headers.

    Raises
    ------
    ServiceError
        ``InvalidRequest`` for a content hash that is none; trailing headers come after the
        bytes, so such a body is read (to a temporary file when large) and checked here.
    """
    if declared.startswith(_STREAMING):
        return _decoded(request, declared, signer)
    if declared == UNSIGNED_PAYLOAD:
        return request
    if not _SHA256.fullmatch(declared):
        raise ServiceError(
            "InvalidRequest",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- value or a SHA-256 "
            f"in lower-case hexadecimal; found {declared[:80]!r}.",
            400,
        )
    length = request.headers.get("content-length")
    reader = _HashingReader(request.body, declared, int(length) if length else None)
    return replace(request, body=buffered(reader))


class _HashingReader:
    """A ``read(n)`` that refuses to finish a body whose SHA-256 is not the declared one."""

    def __init__(self, body: BinaryIO, declared: str, length: int | None) -> None:
        self._body, self._declared, self._left = body, declared, length
        self._hash = hashlib.sha256()

    def __call__(self, size: int) -> bytes:
        data = self._body.read(size)
        self._hash.update(data)
        if self._left is not None:
            self._left -= len(data)
        # a consumer that knows the length may never read as far as the end
        if not data or self._left == 0:
            self._check()
        return data

    def _check(self) -> None:
        computed = self._hash.hexdigest()
        if not hmac.compare_digest(computed, self._declared):
            raise ServiceError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                400,
                ClientComputedContentSHA256=self._declared,
                S3ComputedContentSHA256=computed,
            )


# --- aws-chunked -----------------------------------------------------------------------


def _decoded(request: HttpRequest, declared: str, signer: ChunkSigner | None) -> HttpRequest:
    if declared not in _KNOWN:
        raise ServiceError("NotImplemented", f"{declared!r} is not among {sorted(_KNOWN)}.", 501)
    length = request.headers.get("x-amz-decoded-content-length")
    if length is None or not length.isdecimal():
        raise ServiceError(
            "MissingContentLength",
            f"An aws-chunked body needs x-amz-decoded-content-length; found {length!r}.",
            411,
        )
    encoding = request.headers.get("content-encoding") or ""
    others = [part.strip() for part in encoding.split(",") if part.strip() != "aws-chunked"]
    headers = request.headers.replaced(
        {
            "Content-Length": length,
            "Content-Encoding": ", ".join(filter(None, others)) or None,
            "Transfer-Encoding": None,
        }
    )
    signed = declared.startswith(_SIGNED_CHUNKS)
    reader = _ChunkReader(request.body, int(length), signer if signed else None, signed=signed)
    if not declared.endswith(_TRAILER):
        return replace(request, headers=headers, body=buffered(reader))
    body = _spooled(reader)
    trailers = _announced(request, dict(reader.trailers))
    return replace(request, headers=headers.replaced(trailers), body=body)


def _announced(request: HttpRequest, trailers: dict[str, str]) -> dict[str, str]:
    """Let through the checksums that ``x-amz-trailer`` announced, and nothing else."""
    announced = (request.headers.get("x-amz-trailer") or "").lower().split(",")
    names = {name.strip() for name in announced} - {""}
    if names != trailers.keys() or not all(n.startswith("x-amz-checksum-") for n in names):
        raise ServiceError(
            "MalformedTrailerError",
            f"x-amz-trailer announced {sorted(names)}, the body ended in {sorted(trailers)}; "
            "both must name the same x-amz-checksum- headers.",
            400,
        )
    return trailers


def _spooled(reader: _ChunkReader) -> BinaryIO:
    spool = SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115 -- the body's owner closes
    while data := reader(BUFFER_SIZE):
        spool.write(data)
    spool.seek(0)
    return cast("BinaryIO", spool)


def _malformed(problem: str) -> ServiceError:
    return ServiceError("IncompleteBody", f"The aws-chunked body is damaged: {problem}.", 400)


class _ChunkReader:
    """A ``read(n)`` over an aws-chunked body; whole chunks are verified before they leave."""

    def __init__(
        self, body: BinaryIO, length: int, signer: ChunkSigner | None, *, signed: bool
    ) -> None:
        self._body = buffered(body.read)
        self._left, self._signer, self._signed = length, signer, signed
        self._rest = memoryview(b"")
        self._done = False
        self.trailers: list[tuple[str, str]] = []

    def __call__(self, size: int) -> bytes:
        if not self._rest and not self._done:
            self._rest = memoryview(self._next_chunk())
        data, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return data

    def _line(self) -> str:
        line = self._body.readline(_MAX_LINE)
        if not line.endswith(b"\n"):
            raise _malformed(f"a line ends at {line[-40:]!r}")
        return line.rstrip(b"\r\n").decode("latin-1")

    def _next_chunk(self) -> bytes:
        header = self._line()
        size_text, _, extension = header.partition(";")
        try:
            size = int(size_text, 16)
        except ValueError:
            raise _malformed(f"a chunk starts with {header[:40]!r}") from None
        if size > _MAX_CHUNK:
            raise _malformed(f"a chunk of {size} bytes; at most {_MAX_CHUNK} are read at once")
        if not 0 <= size <= self._left:
            raise _malformed(f"a chunk of {size} bytes where {self._left} are left")
        data = self._body.read(size)
        if len(data) != size:
            raise _malformed(f"{size - len(data)} bytes of a chunk are missing")
        self._verify(data, extension)
        self._left -= size
        if size == 0:
            self._finish()
        elif self._line():
            raise _malformed("a chunk is longer than its size")
        return data

    def _verify(self, data: bytes, extension: str) -> None:
        name, _, signature = extension.strip().partition("=")
        if self._signed and name != "chunk-signature":
            raise _malformed("a chunk has no chunk-signature")
        if self._signer is not None:
            digest = hashlib.sha256(data).hexdigest()
            self._signer.check("PAYLOAD", [EMPTY_SHA256, digest], signature)

    def _finish(self) -> None:
        self._done = True
        if self._left:
            raise _malformed(f"{self._left} bytes fewer than x-amz-decoded-content-length")
        while len(self.trailers) <= _MAX_TRAILERS and (line := self._line()):
            name, _, value = line.partition(":")
            self.trailers.append((name.strip().lower(), value.strip()))
        signature = dict(self.trailers).get("x-amz-trailer-signature")
        named = [pair for pair in self.trailers if pair[0] != "x-amz-trailer-signature"]
        self.trailers = named
        if self._signer is not None and named:
            text = "".join(f"{name}:{value}\n" for name, value in named)
            digest = hashlib.sha256(text.encode("latin-1")).hexdigest()
            self._signer.check("TRAILER", [digest], signature or "")
