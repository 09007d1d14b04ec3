"""Which operation of which service a request asks for.

Layer: services (imports only ``errors`` and ``wire``).

The service comes from the credential scope, the operation from ``X-Amz-Target``, ``Action``
or, for S3, from method, path and sub-resources. A sub-resource that no operation of the model
knows matches nothing: falling back to PutObject would overwrite the object.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from botocore.exceptions import UnknownServiceError

from gt_widgets.services.wire.models import (
    json_target_prefix,
    operation_names,
    protocol_of,
    service_model,
)
from gt_widgets.services.wire.parse import query_pairs, read_body

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from botocore.model import OperationModel

    from gt_widgets.services.wire.claims import Claim
    from gt_widgets.services.wire.message import HttpRequest

__all__ = ["Route", "find_route", "resource_path"]

_VIRTUAL_HOST = re.compile(r"(?P<bucket>.+)\.s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")

_SIGNATURES_OWN = frozenset(
    {"AWSAccessKeyId", "Signature", "Expires", "content-type", "content-md5"}
)
"""Parameters of an address signed by version 2; the last two are headers that it covers."""

_RPC_PATH = re.compile(r"/service/\w+/operation/(?P<operation>\w+)")
_SIGNED_AS = {"monitoring": "cloudwatch"}
"""Services that sign by another name than botocore's."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a request asks for.

    Parameters
    ----------
    service : str
        As botocore names it, for example ``"cognito-idp"``; may be one we do not carry.
    protocol : str
        ``"json"``, ``"query"``, ``"rest-xml"`` or ``"cbor"`` (AWS's RPC v2). Decides the form of
        the answer, an error's too.
    name : str
        What was asked for, for messages: an operation, or method and path.
    operation : botocore operation model or None
        None if AWS has no such operation.
    labels : mapping
        Path labels, percent-encoded.
    """

    service: str
    protocol: str
    name: str
    operation: OperationModel | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


def find_route(
    request: HttpRequest, claim: Claim | None, served: Collection[str]
) -> tuple[Route, HttpRequest]:
    """Find service and operation; never raises for what a client may send.

    Parameters
    ----------
    request : HttpRequest
    claim : Claim or None
        None for unsigned requests.
    served : collection of str
        The services we carry.

    Returns
    -------
    Route
    HttpRequest
        The same request; its body can be read again where finding the way needed a look.
    """
    service = claim.service if claim else _unsigned_service(request, served)
    service = _SIGNED_AS.get(service, service)
    if service not in served:
        return _foreign(service, request), request
    protocol = protocol_of(service)
    if protocol == "smithy-rpc-v2-cbor":
        return _rpc_route(service, request), request
    if protocol == "json":
        return _json_route(service, request), request
    if protocol == "query":
        return _query_route(service, request)
    return _rest_route(service, request), request


def _unsigned_service(request: HttpRequest, served: Collection[str]) -> str:
    target = request.headers.get("x-amz-target")
    if target is not None:
        prefix = target.partition(".")[0]
        matches = [service for service in served if json_target_prefix(service) == prefix]
        return matches[0] if matches else prefix
    action = dict(query_pairs(request.query)).get("Action")
    if action is not None:
        speaking = [s for s in sorted(served) if protocol_of(s) == "query"]
        matches = [service for service in speaking if action in operation_names(service)]
        return matches[0] if matches else "unknown"
    return "s3"


def _foreign(service: str, request: HttpRequest) -> Route:
    """Name a service we do not carry, in the protocol its client can read."""
    content_type = request.headers.get("content-type") or ""
    target = request.headers.get("x-amz-target")
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return Route(service, "cbor", request.path.rpartition("/")[2])
    if target is not None:
        return Route(service, "json", target.rpartition(".")[2])
    if content_type.startswith("application/x-www-form-urlencoded"):
        return Route(service, "query", "a query action")
    try:
        xml = protocol_of(service) == "rest-xml"
    except UnknownServiceError:
        xml = False
    return Route(service, "rest-xml" if xml else "json", f"{request.method} {request.path}")


def _json_route(service: str, request: HttpRequest) -> Route:
    target = request.headers.get("x-amz-target") or ""
    prefix, _, name = target.rpartition(".")
    shown = target or f"{request.method} {request.path} without X-Amz-Target"
    known = prefix == json_target_prefix(service) and name in operation_names(service)
    if request.method != "POST" or not known:
        return Route(service, "json", name if prefix and not known else shown)
    return Route(service, "json", name, service_model(service).operation_model(name))


def _rpc_route(service: str, request: HttpRequest) -> Route:
    """Read the operation off the path; older clients of such a service speak JSON."""
    if request.headers.get("x-amz-target") is not None:
        return _json_route(service, request)
    found = _RPC_PATH.fullmatch(request.path)
    name = found["operation"] if found else f"{request.method} {request.path}"
    if request.method != "POST" or name not in operation_names(service):
        return Route(service, "cbor", name)
    return Route(service, "cbor", name, service_model(service).operation_model(name))


def _query_route(service: str, request: HttpRequest) -> tuple[Route, HttpRequest]:
    body = read_body(request)
    fields = dict(query_pairs(request.query))
    fields.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    name = fields.get("Action", "")
    known = name in operation_names(service)
    operation = service_model(service).operation_model(name) if known else None
    route = Route(service, "query", name or "a request without Action", operation)
    return route, replace(request, body=BytesIO(body))


# --- REST ------------------------------------------------------------------------------


def resource_path(request: HttpRequest) -> str:
    """Return ``/bucket/key``, percent-encoded, wherever the bucket stood.

    Without an endpoint URL of ours (the hook's case) boto3 puts the bucket into the host
    name: ``logos.s3.amazonaws.com``.
    """
    virtual = _VIRTUAL_HOST.fullmatch(request.headers.get("host") or "")
    return f"/{virtual['bucket']}{request.path}" if virtual else request.path or "/"


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One operation's method, path and query, as its model gives them."""

    operation: str
    method: str
    path: re.Pattern[str]
    literals: frozenset[tuple[str, str]]
    required_query: frozenset[str]
    required_headers: frozenset[str]
    known_query: frozenset[str]
    rank: tuple[bool, int]

    def score(
        self, query: Mapping[str, str], headers: frozenset[str]
    ) -> tuple[int, tuple[bool, int]] | None:
        """Return how closely this fits, or None if it does not."""
        if not all(query.get(name) == value for name, value in self.literals):
            return None
        if not (self.required_query <= query.keys() and self.required_headers <= headers):
            return None
        literal_names = {name for name, _ in self.literals}
        unexplained = query.keys() - literal_names - self.known_query
        if unexplained:
            return None
        asked = len(self.literals) + len(self.required_query) + len(self.required_headers)
        return asked, self.rank


@cache
def _patterns(service: str) -> tuple[_Pattern, ...]:
    model = service_model(service)
    names = sorted(model.operation_names)
    return tuple(_pattern(model.operation_model(name)) for name in names)


def _pattern(operation: OperationModel) -> _Pattern:
    path, _, query = operation.http["requestUri"].partition("?")
    shape = operation.input_shape
    members = shape.members if shape else {}
    required = set(shape.required_members) if shape else set()
    placed = {
        (member.serialization.get("location"), member.serialization.get("name", name)): name
        for name, member in members.items()
    }
    in_query = {wire: name for (place, wire), name in placed.items() if place == "querystring"}
    in_header = {wire: name for (place, wire), name in placed.items() if place == "header"}
    return _Pattern(
        operation=operation.name,
        method=operation.http["method"],
        path=_path_pattern(path),
        literals=frozenset(pair for pair in query_pairs(query) if pair[0] != "x-id"),
        required_query=frozenset(wire for wire, name in in_query.items() if name in required),
        required_headers=frozenset(
            wire.lower() for wire, name in in_header.items() if name in required
        ),
        known_query=frozenset(in_query),
        # GetBucketLifecycle and ListDirectoryBuckets have the address of another operation
        rank=(not operation.deprecated, -len(operation.static_context_parameters)),
    )


def _path_pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+\+?)\}", template)
    for n in range(0, len(pieces), 2):
        pieces[n] = re.escape(pieces[n])
    for n in range(1, len(pieces), 2):
        name = pieces[n]
        pieces[n] = f"(?P<{name[:-1]}>.+)" if name.endswith("+") else f"(?P<{name}>[^/]+)"
    trailing_slash = "" if template.endswith(("+}", "/")) else "/?"
    return re.compile("".join(pieces) + trailing_slash, re.DOTALL)


def _rest_route(service: str, request: HttpRequest) -> Route:
    path = resource_path(request)
    query = {name: value for name, value in query_pairs(request.query) if not _ignored(name)}
    hoisted = {name.lower() for name, _ in query_pairs(request.query)}
    headers = frozenset({name.lower() for name, _ in request.headers} | hoisted)
    best: tuple[tuple[int, tuple[bool, int]], _Pattern, Mapping[str, str]] | None = None
    for pattern in _patterns(service):
        if pattern.method != request.method:
            continue
        found = pattern.path.fullmatch(path)
        if found is None:
            continue
        score = pattern.score(query, headers)
        if score is not None and (best is None or score > best[0]):
            best = score, pattern, found.groupdict()
    if best is None:
        asked = "&".join(sorted(query))
        shown = f"{request.method} {_kind(path)}" + (f"?{asked}" if asked else "")
        return Route(service, "rest-xml", shown)
    operation = service_model(service).operation_model(best[1].operation)
    return Route(service, "rest-xml", operation.name, operation, best[2])


def _ignored(name: str) -> bool:
    """Signatures, hoisted headers and S3's own room for remarks, ``x-...``, select nothing."""
    return name.lower().startswith("x-") or name in _SIGNATURES_OWN


def _kind(path: str) -> str:
    depth = path.strip("/").count("/") + 1 if path.strip("/") else 0
    return ("/", "/bucket", "/bucket/key")[min(depth, 2)]
