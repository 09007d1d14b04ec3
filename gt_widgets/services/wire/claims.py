"""Who a request says it is from: the fields of a signature, header or presigned URL.

Layer: services (imports only ``errors`` and ``wire``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.parse import query_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.services.wire.message import HttpRequest

__all__ = ["ALGORITHM", "MAX_EXPIRES_S", "Claim", "read_claim"]

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_EXPIRES_S = 7 * 24 * 3600

_AUTHORIZATION = re.compile(r"\s*(\w+)=([^,\s]+)\s*(?:,|$)")
_SCOPE_PARTS = 5
_EPOCH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a request says it is from, not verified yet.

    Parameters
    ----------
    access_key : str
    date, region, service : str
        The credential scope; ``date`` is ``YYYYMMDD``.
    timestamp : str
        ``YYYYMMDDTHHMMSSZ``.
    signed_headers : tuple of str
        Lower case, in the order sent.
    signature : str
        64 hexadecimal characters.
    expires_s : int or None
        Lifetime of a presigned URL; None for a signature in a header.
    ends_at : int or None
        Epoch seconds, of a presigned URL of version 2; it has neither date nor region, and its
        signature is 28 characters of base64.
    """

    access_key: str
    date: str
    region: str
    service: str
    timestamp: str
    signed_headers: tuple[str, ...]
    signature: str
    expires_s: int | None = None
    ends_at: int | None = None

    @property
    def presigned(self) -> bool:
        """Whether it is an address that somebody else may have been given."""
        return self.expires_s is not None or self.ends_at is not None

    @property
    def scope(self) -> str:
        """Return ``date/region/service/aws4_request``."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read_claim(request: HttpRequest) -> Claim | None:
    """Read the signature's own fields from the header or the query; None if unsigned.

    Raises
    ------
    ServiceError
        ``AuthorizationHeaderMalformed``, ``AuthorizationQueryParametersError``, or
        ``InvalidRequest`` for version 2 in a header.
    """
    header = request.headers.get("authorization")
    query = {name.lower(): value for name, value in query_pairs(request.query)}
    if header is not None:
        return _header_claim(header, request)
    if "x-amz-signature" in query or "x-amz-credential" in query:
        return _query_claim(query)
    if "signature" in query and "awsaccesskeyid" in query:
        return _version_2_claim(query)
    return None


def _version_2_claim(query: Mapping[str, str]) -> Claim:
    ends_at = query.get("expires", "")
    if not (ends_at.isascii() and ends_at.isdecimal() and len(ends_at) <= _EPOCH_DIGITS):
        raise ServiceError(
            "AccessDenied",
            "Invalid date (should be seconds since epoch) in Expires of the presigned URL; found "
            f"{ends_at[:40]!r}.",
            403,
        )
    return Claim(
        access_key=query["awsaccesskeyid"],
        date="",
        region="",
        service="s3",
        timestamp="",
        signed_headers=(),
        signature=query["signature"],
        ends_at=int(ends_at),
    )


def _version_2_header() -> ServiceError:
    return ServiceError(
        "InvalidRequest",
        "This is signature version 2, which is accepted in presigned URLs only; use "
        "AWS4-HMAC-SHA256: pass config=botocore.config.Config(signature_version='s3v4') to the "
        "client, or set signature_version = s3v4 under s3 in its profile.",
        400,
    )


def _header_claim(header: str, request: HttpRequest) -> Claim:
    scheme, _, rest = header.strip().partition(" ")
    if scheme == "AWS":
        raise _version_2_header()
    fields = dict(_AUTHORIZATION.findall(rest))
    if scheme != ALGORITHM or not {"Credential", "SignedHeaders", "Signature"} <= fields.keys():
        raise ServiceError(
            "AuthorizationHeaderMalformed",
            f"The authorization header must read '{ALGORITHM} Credential=..., "
            f"SignedHeaders=..., Signature=...'; it starts with {scheme[:40]!r}.",
            400,
        )
    access_key, date, region, service = _scope(fields["Credential"])
    return Claim(
        access_key=access_key,
        date=date,
        region=region,
        service=service,
        timestamp=request.headers.get("x-amz-date") or "",
        signed_headers=tuple(fields["SignedHeaders"].lower().split(";")),
        signature=fields["Signature"],
    )


def _query_claim(query: Mapping[str, str]) -> Claim:
    if query.get("x-amz-algorithm") != ALGORITHM:
        raise _query_error(f"X-Amz-Algorithm only supports {ALGORITHM!r}")
    expires = query.get("x-amz-expires", "")
    if not expires.isdecimal() or not 0 < int(expires) <= MAX_EXPIRES_S:
        raise _query_error(
            f"X-Amz-Expires must be a number of seconds from 1 to {MAX_EXPIRES_S}, "
            f"found {expires!r}"
        )
    access_key, date, region, service = _scope(query.get("x-amz-credential", ""))
    return Claim(
        access_key=access_key,
        date=date,
        region=region,
        service=service,
        timestamp=query.get("x-amz-date", ""),
        signed_headers=tuple(query.get("x-amz-signedheaders", "").lower().split(";")),
        signature=query.get("x-amz-signature", ""),
        expires_s=int(expires),
    )


def _query_error(problem: str) -> ServiceError:
    return ServiceError("AuthorizationQueryParametersError", f"{problem}.", 400)


def _scope(credential: str) -> tuple[str, str, str, str]:
    parts = credential.rsplit("/", _SCOPE_PARTS - 1)
    if len(parts) != _SCOPE_PARTS or parts[-1] != "aws4_request":
        raise ServiceError(
            "AuthorizationHeaderMalformed",
            "The credential must read <access key>/YYYYMMDD/<region>/<service>/aws4_request; "
            f"found {'/'.join(['<access key>', *parts[1:]])!r}.",
            400,
        )
    access_key, date, region, service, _ = parts
    return access_key, date, region, service
