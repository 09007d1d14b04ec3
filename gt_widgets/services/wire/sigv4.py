"""AWS Signature Version 4, the verifying side; version 2 where an S3 address was signed by it.

Layer: services (imports only ``errors`` and ``wire``).

Header signatures and presigned URLs. A signature of version 4 covers method, path, query, the
signed headers and a hash of the body; every comparison takes constant time.
"""

from __future__ import annotations

import hashlib
import hmac
from calendar import timegm
from datetime import UTC, datetime
from functools import lru_cache
from time import strptime
from typing import TYPE_CHECKING

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.claims import ALGORITHM
from gt_widgets.services.wire.parse import strictly_encoded
from gt_widgets.services.wire.sigv2 import signature_fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gt_widgets.services.wire.claims import Claim
    from gt_widgets.services.wire.message import HttpRequest

    Credentials = Mapping[str, str]

__all__ = [
    "EMPTY_SHA256",
    "MAX_SKEW_S",
    "UNSIGNED_PAYLOAD",
    "signing_key",
    "verify",
]

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
MAX_SKEW_S = 15 * 60


def verify(
    request: HttpRequest,
    claim: Claim,
    credentials: Credentials,
    *,
    now: float,
    payload_hash: str,
    insecure_any_key: bool = False,
) -> None:
    """Check a claim against the request it came with.

    Parameters
    ----------
    request : HttpRequest
        Its body is not read here.
    claim : Claim
    credentials : mapping of access key to secret key
    now : float
        Epoch seconds.
    payload_hash : str
        What the client put in the place of the body's hash.
    insecure_any_key : bool
        Accept keys we do not know, whose signatures nobody can verify. Keys we do know are
        verified all the same.

    Raises
    ------
    ServiceError
        ``RequestTimeTooSkewed``, ``AccessDenied`` (expired, or a header outside the
        signature), ``InvalidAccessKeyId`` or ``SignatureDoesNotMatch``.
    """
    _check_time(claim, now)
    secret = credentials.get(claim.access_key)
    if secret is None and insecure_any_key:
        return
    if secret is None:
        raise ServiceError(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            403,
            AWSAccessKeyId=claim.access_key,
        )
    if claim.ends_at is not None:
        fits = signature_fits(request, claim, secret)
    else:
        _check_coverage(request, claim)
        fits = _fits(request, claim, secret, payload_hash)
    if not fits:
        raise ServiceError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
            403,
            AWSAccessKeyId=claim.access_key,
        )


def _fits(request: HttpRequest, claim: Claim, secret: str, payload_hash: str) -> bool:
    key = signing_key(secret, claim.date, claim.region, claim.service)
    sent = claim.signature.encode()
    # no early exit: which form a client signed is nobody's secret, the signature is
    matches = [
        hmac.compare_digest(_sign(key, claim, canonical).encode(), sent)
        for canonical in _canonical_requests(request, claim, payload_hash)
    ]
    return any(matches)


def _check_time(claim: Claim, now: float) -> None:
    if claim.ends_at is not None:
        _check_end(claim.ends_at, now)
        return
    try:
        signed_at = timegm(strptime(claim.timestamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise ServiceError(
            "AccessDenied",
            "A signed request must carry X-Amz-Date in the form YYYYMMDDTHHMMSSZ; found "
            f"{claim.timestamp!r}.",
            403,
        ) from None
    if claim.timestamp[:8] != claim.date:
        raise ServiceError(
            "SignatureDoesNotMatch",
            f"Date in Credential scope {claim.date!r} does not match {claim.timestamp!r}.",
            403,
        )
    if claim.expires_s is not None:
        _check_lifetime(signed_at, claim.expires_s, now)
    elif abs(now - signed_at) > MAX_SKEW_S:
        raise ServiceError(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large. "
            f"Signed at {claim.timestamp}, here it is {_compact(now)}; at most "
            f"{MAX_SKEW_S // 60} minutes are allowed. Set the clock of the machine that "
            "sends the request.",
            403,
            RequestTime=claim.timestamp,
            ServerTime=_compact(now),
            MaxAllowedSkewMilliseconds=str(MAX_SKEW_S * 1000),
        )


def _check_end(ends_at: int, now: float) -> None:
    if now > ends_at:
        raise ServiceError(
            "AccessDenied",
            "Request has expired",
            403,
            Expires=_compact(ends_at),
            ServerTime=_compact(now),
        )


def _check_lifetime(signed_at: int, expires_s: int, now: float) -> None:
    _check_end(signed_at + expires_s, now)
    if signed_at - now > MAX_SKEW_S:
        raise ServiceError(
            "AccessDenied",
            f"Request is not valid before {_compact(signed_at)}",
            403,
            ServerTime=_compact(now),
        )


def _compact(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%SZ")


def _check_coverage(request: HttpRequest, claim: Claim) -> None:
    """Everything S3 acts upon must be signed, or a proxy could add it."""
    names = {name.lower() for name, _ in request.headers}
    acted_upon = {"host"} | {name for name in names if name.startswith("x-amz-")}
    unsigned = sorted(acted_upon - set(claim.signed_headers))
    if unsigned:
        raise ServiceError(
            "AccessDenied",
            f"There were headers present in the request which were not signed: {unsigned}.",
            403,
            HeadersNotSigned=", ".join(unsigned),
        )


@lru_cache(maxsize=64)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """Derive the key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _sign(key: bytes, claim: Claim, canonical: bytes) -> str:
    digest = hashlib.sha256(canonical).hexdigest()
    text = f"{ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()


def _canonical_requests(request: HttpRequest, claim: Claim, payload_hash: str) -> Iterator[bytes]:
    """Yield the forms clients sign: strictly encoded, or the target just as it was sent."""
    normal = strictly_encoded(request.path, "/"), _canonical_query(request.query)
    as_sent = request.path, "&".join(_unsigned_part(request.query))
    for path, query in dict.fromkeys([normal, as_sent]):
        for encoding in ("utf-8", "latin-1"):  # header bytes are not always text
            yield "\n".join(
                [
                    request.method,
                    path or "/",
                    query,
                    *(f"{n}:{_header_value(request, n)}" for n in claim.signed_headers),
                    "",
                    ";".join(claim.signed_headers),
                    payload_hash,
                ]
            ).encode(encoding, "replace")


def _unsigned_part(query: str) -> list[str]:
    parts = (part for part in query.split("&") if part)
    kept = (part for part in parts if part.partition("=")[0].lower() != "x-amz-signature")
    return sorted(part if "=" in part else f"{part}=" for part in kept)


def _canonical_query(query: str) -> str:
    pairs = (part.replace("+", " ").partition("=") for part in _unsigned_part(query))
    encoded = (
        (strictly_encoded(name, ""), strictly_encoded(value, "")) for name, _, value in pairs
    )
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _header_value(request: HttpRequest, name: str) -> str:
    return " ".join((request.headers.get(name) or "").split())
