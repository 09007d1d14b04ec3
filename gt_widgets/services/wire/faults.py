"""Errors into responses, in the form each protocol's clients read.

Layer: services (imports only ``errors`` and ``wire``).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from gt_widgets.errors import GroundTruthError, ValidationError
from gt_widgets.services.wire import cbor
from gt_widgets.services.wire.message import HttpResponse
from gt_widgets.services.wire.route import resource_path
from gt_widgets.services.wire.serialise import XML_DECLARATION, serialise_headers
from gt_widgets.services.wire.xmltext import element

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import OperationModel

    from gt_widgets.services.wire.message import HttpRequest
    from gt_widgets.services.wire.route import Route

__all__ = ["serialise_error"]

_NO_BODY = {204, 304}
_SERVER_ERROR = 500
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# S3's names for what goes wrong before an operation runs, as the other protocols call it
_JSON_CODES = {
    "SignatureDoesNotMatch": ("InvalidSignatureException", 400),
    "InvalidAccessKeyId": ("UnrecognizedClientException", 400),
    "AuthorizationHeaderMalformed": ("IncompleteSignatureException", 400),
    "RequestEntityTooLarge": ("RequestEntityTooLargeException", 413),
}
_QUERY_CODES = {
    "InvalidAccessKeyId": ("InvalidClientTokenId", 403),
    "AuthorizationHeaderMalformed": ("IncompleteSignature", 400),
    "SerializationException": ("MalformedInput", 400),
    "ValidationException": ("ValidationError", 400),
    "AccessDeniedException": ("AccessDenied", 403),
}
_REST_CODES = {
    "SerializationException": ("InvalidArgument", 400),
    "AccessDeniedException": ("AccessDenied", 403),
}
_CODES = {"json": _JSON_CODES, "query": _QUERY_CODES, "rest-xml": _REST_CODES, "cbor": {}}


def serialise_error(
    error: GroundTruthError, route: Route, request: HttpRequest, request_id: str
) -> HttpResponse:
    """Write an error as the clients of the route's protocol read it.

    Parameters
    ----------
    error : GroundTruthError
        ``code`` and ``status`` travel; ``members`` of a `ServiceError` become members of
        the body. Members that the operation answers in headers (``ETag`` of a 304) become
        headers, and ``ResponseMetadata`` adds others, as in results.
    route : Route
    request : HttpRequest
        HEAD requests are answered without a body.
    request_id : str
    """
    code, status = _code(error, route)
    members = dict(getattr(error, "members", {}))
    metadata = members.pop("ResponseMetadata", {})
    headers = [(name, str(text)) for name, text in metadata.get("HTTPHeaders", {}).items()]
    shape = route.operation.output_shape if route.operation else None
    if status in _NO_BODY and route.protocol == "rest-xml" and shape is not None:
        headers += serialise_headers(members, shape)
    fault = _Fault(code, status, str(error), members, resource_path(request), request_id)
    own_headers, body = _WRITERS[route.protocol](fault)
    if request.method == "HEAD" or status in _NO_BODY:
        own_headers = [pair for pair in own_headers if pair[0] != "Content-Type"]
        body = b""
    return HttpResponse(status, own_headers + headers, body)


def _code(error: GroundTruthError, route: Route) -> tuple[str, int]:
    """Return the code as this service and this operation name it, and its HTTP status."""
    modelled = _modelled(route.operation)
    if isinstance(error, ValidationError) and error.code == "ValidationException":
        if route.protocol == "rest-xml":
            return "InvalidArgument", 400
        if "InvalidParameterException" in modelled and route.service != "sagemaker":
            return "InvalidParameterException", 400
    if error.code not in modelled and f"{error.code}Exception" in modelled:
        return f"{error.code}Exception", error.status
    return _CODES[route.protocol].get(error.code, (error.code, error.status))


def _modelled(operation: OperationModel | None) -> set[str]:
    return {shape.error_code for shape in operation.error_shapes} if operation else set()


@dataclass(frozen=True, slots=True)
class _Fault:
    code: str
    status: int
    message: str
    members: dict[str, Any]
    path: str
    request_id: str


Written = tuple[list[tuple[str, str]], bytes]


def _json(fault: _Fault) -> Written:
    document = {"__type": fault.code, "Message": fault.message, **fault.members}
    headers = [
        ("x-amzn-RequestId", fault.request_id),
        ("x-amzn-ErrorType", fault.code),
        ("Content-Type", "application/x-amz-json-1.1"),
    ]
    return headers, json.dumps(document, default=str).encode()


def _texts(members: dict[str, Any]) -> str:
    return "".join(element(name, _text(value)) for name, value in members.items())


def _text(value: Any) -> str:
    """Escape, and replace what XML cannot hold: an error may quote any bytes it was sent."""
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(value)))


def _query(fault: _Fault) -> Written:
    blame = "Sender" if fault.status < _SERVER_ERROR else "Receiver"
    fields = {"Type": blame, "Code": fault.code, "Message": fault.message}
    inner = _texts(fields | fault.members)
    document = element("Error", inner) + element("RequestId", _text(fault.request_id))
    headers = [("x-amzn-RequestId", fault.request_id), ("Content-Type", "text/xml")]
    return headers, (XML_DECLARATION + element("ErrorResponse", document)).encode()


def _rest_xml(fault: _Fault) -> Written:
    fields = {"Code": fault.code, "Message": fault.message, "Resource": fault.path}
    fields |= fault.members | {"RequestId": fault.request_id, "HostId": fault.request_id}
    headers = [
        ("x-amz-request-id", fault.request_id),
        ("x-amz-id-2", fault.request_id),
        ("Content-Type", "application/xml"),
    ]
    return headers, (XML_DECLARATION + element("Error", _texts(fields))).encode()


def _cbor(fault: _Fault) -> Written:
    body = cbor.dumps({"__type": fault.code, "message": fault.message})
    headers = [
        ("x-amzn-RequestId", fault.request_id),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("Content-Type", "application/cbor"),
    ]
    return headers, body


_WRITERS: dict[str, Callable[[_Fault], Written]] = {
    "json": _json,
    "query": _query,
    "rest-xml": _rest_xml,
    "cbor": _cbor,
}
