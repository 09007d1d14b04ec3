"""AWS Signature Version 2 in the query of an S3 address, the verifying side.

Layer: services (imports only ``errors`` and ``wire``).

boto3 still makes such addresses wherever nobody asked for ``s3v4``: in us-east-1, and with an
endpoint of one's own. Signed are method, path, the time it ends, ``x-amz-`` headers and
sub-resources (Amazon S3 API Reference, Signing and authenticating REST requests).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import TYPE_CHECKING

from gt_widgets.services.wire.parse import query_pairs, strictly_encoded
from gt_widgets.services.wire.route import resource_path

if TYPE_CHECKING:
    from gt_widgets.services.wire.claims import Claim
    from gt_widgets.services.wire.message import HttpRequest

__all__ = ["signature_fits"]

# fmt: off
_SUB_RESOURCES = frozenset({
    "accelerate", "acl", "analytics", "cors", "delete", "inventory", "lifecycle", "location",
    "logging", "metrics", "notification", "object-lock", "partNumber", "policy", "replication",
    "requestPayment", "response-cache-control", "response-content-disposition",
    "response-content-encoding", "response-content-language", "response-content-type",
    "response-expires", "restore", "select", "select-type", "storageClass", "tagging",
    "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
})
# fmt: on
"""Parameters of the query that are signed."""


def signature_fits(request: HttpRequest, claim: Claim, secret: str) -> bool:
    """Whether the signature in the query is that of the secret key, compared in constant time."""
    sent = claim.signature.encode()
    fitting = [
        hmac.compare_digest(b64encode(hmac.digest(secret.encode(), text, "sha1")), sent)
        for text in _texts(request, claim)
    ]
    return any(fitting)


def _texts(request: HttpRequest, claim: Claim) -> list[bytes]:
    """What was signed, with the path as it was sent and strictly encoded."""
    query = query_pairs(request.query)
    fields = {name.lower(): value for name, value in query} | {
        name.lower(): value for name, value in request.headers
    }
    head = [
        request.method,
        fields.get("content-md5", ""),
        fields.get("content-type", ""),
        str(claim.ends_at),
        *(f"{name}:{fields[name].strip()}" for name in sorted(fields) if name.startswith("x-amz-")),
    ]
    asked = sorted((name, value) for name, value in query if name in _SUB_RESOURCES)
    more = "&".join(f"{name}={value}" if value else name for name, value in asked)
    path = resource_path(request)
    paths = dict.fromkeys([path, strictly_encoded(path, "/")])
    return ["\n".join([*head, f"{each}?{more}" if more else each]).encode() for each in paths]
