"""Results into responses, by the operation's output shape.

Layer: services (imports only ``errors`` and ``wire``).

A result may carry ``ResponseMetadata`` as boto3 shows it: its ``HTTPStatusCode`` replaces the
model's status, its ``HTTPHeaders`` are added. A ``ContentRange`` means 206 by itself.
"""

from __future__ import annotations

import base64
import json
import logging
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from xml.sax.saxutils import escape

from gt_widgets.services.wire import cbor
from gt_widgets.services.wire.eventstream import encode_events
from gt_widgets.services.wire.message import HttpResponse
from gt_widgets.services.wire.values import format_time, scalar_to_text
from gt_widgets.services.wire.xmltext import element, structure_members, value_elements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel, Shape, StructureShape

__all__ = ["S3_NAMESPACE", "XML_DECLARATION", "serialise", "serialise_headers"]

XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

_LOG = logging.getLogger(__name__)

# botocore ignores the names of root elements and its model has lost them; readers in other
# languages, and people, look for these.
_S3_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectTagging": "Tagging",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}


def serialise(
    operation: OperationModel,
    result: Mapping[str, Any] | None,
    request_id: str,
    *,
    protocol: str | None = None,
) -> HttpResponse:
    """Write the result of one operation as boto3 will read it.

    Parameters
    ----------
    operation : botocore operation model
    result : mapping or None
        Output-shape members; None values are left out, unknown ones too, with a warning.
    request_id : str
    protocol : str, optional
        As the route found it; the service's own unless given.

    Raises
    ------
    TypeError
        If a value is not of its shape's type: a fault of ours, not of the caller.
    """
    values = dict(result or {})
    metadata = values.pop("ResponseMetadata", {})
    shape = operation.output_shape
    unknown = values.keys() - (shape.members.keys() if shape else set())
    if unknown:
        _LOG.warning("%s: members %s are not of its output", operation.name, sorted(unknown))
    writer = _WRITERS[protocol or operation.service_model.metadata["protocol"]]
    response = writer(operation, values, request_id)
    extra = [(name, str(text)) for name, text in metadata.get("HTTPHeaders", {}).items()]
    status = metadata.get("HTTPStatusCode", response.status)
    return HttpResponse(status, [*response.headers, *extra], response.body)


# --- JSON ------------------------------------------------------------------------------


def _write_json(operation: OperationModel, values: dict[str, Any], request_id: str) -> HttpResponse:
    shape = operation.output_shape
    document = _to_json(values, shape, operation.name) if shape else {}
    version = operation.service_model.metadata["jsonVersion"]
    headers = [
        ("x-amzn-RequestId", request_id),
        ("Content-Type", f"application/x-amz-json-{version}"),
    ]
    # AWS answers operations without an output shape with an empty body
    body = json.dumps(document, separators=(",", ":")).encode() if shape else b""
    return HttpResponse(200, headers, body)


_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "char": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
}


def _to_json(value: Any, shape: Shape, where: str) -> Any:
    if shape.serialization.get("jsonvalue") or getattr(shape, "is_document_type", False):
        return json.dumps(value) if shape.serialization.get("jsonvalue") else value
    writer = _JSON_WRITERS.get(shape.type_name)
    if writer is not None:
        return writer(value, shape, where)
    expected = _JSON_TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        raise TypeError(
            f"{where}: expected {shape.type_name}, found {type(value).__name__} {value!r}"
        )
    return value


def _json_structure(value: dict[str, Any], shape: Any, where: str) -> dict[str, Any]:
    return {
        member.serialization.get("name", name): _to_json(value[name], member, f"{where}.{name}")
        for name, member in shape.members.items()
        if value.get(name) is not None
    }


def _json_list(value: list[Any], shape: Any, where: str) -> list[Any]:
    return [_to_json(item, shape.member, f"{where}[{n}]") for n, item in enumerate(value)]


def _json_map(value: dict[str, Any], shape: Any, where: str) -> dict[str, Any]:
    return {key: _to_json(item, shape.value, f"{where}.{key}") for key, item in value.items()}


def _json_time(value: Any, shape: Any, _where: str) -> str | float:
    return format_time(value, shape.serialization.get("timestampFormat", "unixTimestamp"))


def _json_blob(value: Any, _shape: Any, _where: str) -> str:
    data = value.encode() if isinstance(value, str) else bytes(value)
    return base64.b64encode(data).decode("ascii")


_JSON_WRITERS: dict[str, Callable[[Any, Any, str], Any]] = {
    "structure": _json_structure,
    "list": _json_list,
    "map": _json_map,
    "timestamp": _json_time,
    "blob": _json_blob,
}


# --- CBOR (CloudWatch) ------------------------------------------------------------------


def _write_cbor(
    _operation: OperationModel, values: dict[str, Any], request_id: str
) -> HttpResponse:
    body = cbor.dumps({name: value for name, value in values.items() if value is not None})
    headers = [
        ("x-amzn-RequestId", request_id),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("Content-Type", "application/cbor"),
    ]
    return HttpResponse(200, headers, body)


# --- query (STS, IAM) ------------------------------------------------------------------


def _write_query(
    operation: OperationModel, values: dict[str, Any], request_id: str
) -> HttpResponse:
    shape = operation.output_shape
    content = structure_members(values, shape) if shape else ""
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    if wrapper:
        content = element(wrapper, content)
    content += element("ResponseMetadata", element("RequestId", escape(request_id)))
    namespace = operation.service_model.metadata["xmlNamespace"]
    document = element(f"{operation.name}Response", content, {"xmlns": namespace})
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", "text/xml")]
    return HttpResponse(200, headers, (XML_DECLARATION + document).encode())


# --- REST-XML (S3) ---------------------------------------------------------------------


def _write_rest(operation: OperationModel, values: dict[str, Any], request_id: str) -> HttpResponse:
    headers = [("x-amz-request-id", request_id), ("x-amz-id-2", request_id)]
    status = operation.http.get("responseCode", 200)
    if operation.output_shape is None:
        return HttpResponse(status, headers)
    headers += serialise_headers(values, operation.output_shape)
    body = _rest_body(operation, values)
    if isinstance(body, str):
        headers.append(("Content-Type", "application/xml"))
        body = (XML_DECLARATION + body).encode()
    if values.get("ContentRange"):
        status = 206
    return HttpResponse(status, headers, body)


def serialise_headers(values: dict[str, Any], shape: StructureShape) -> list[tuple[str, str]]:
    """Write the members that travel in headers."""
    headers: list[tuple[str, str]] = []
    for name, member in shape.members.items():
        value = values.get(name)
        location = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        if value is None:
            continue
        if location == "headers":
            headers += [(wire_name + key, text) for key, text in value.items()]
        elif location == "header":
            headers.append((wire_name, scalar_to_text(value, member, time_form="rfc822")))
    return headers


def _rest_body(operation: OperationModel, values: dict[str, Any]) -> str | bytes | BinaryIO:
    """Return XML as str, and anything already on its way as bytes or a file."""
    shape = operation.output_shape
    payload = shape.serialization.get("payload")
    if payload is not None:
        return _rest_payload(values.get(payload), shape.members[payload], payload)
    if operation.name == "GetBucketLocation":  # its one member is the root element's text
        text = escape(values.get("LocationConstraint") or "")
        return element("LocationConstraint", text, {"xmlns": S3_NAMESPACE})
    if all(member.serialization.get("location") for member in shape.members.values()):
        return b""
    located = {k for k, m in shape.members.items() if m.serialization.get("location")}
    inner = {name: value for name, value in values.items() if name not in located}
    root = _S3_ROOTS.get(operation.name, f"{operation.name}Result")
    return element(root, structure_members(inner, shape), {"xmlns": S3_NAMESPACE})


def _rest_payload(value: Any, member: Shape, name: str) -> str | bytes | BinaryIO:
    if value is None:
        return b""
    if member.serialization.get("eventstream"):
        return encode_events(value, member)
    if member.type_name == "structure":
        return value_elements(value, member, member.serialization.get("name", name))
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return cast("BinaryIO", value)


_WRITERS: dict[str, Callable[[OperationModel, dict[str, Any], str], HttpResponse]] = {
    "json": _write_json,
    "cbor": _write_cbor,
    "query": _write_query,
    "rest-xml": _write_rest,
}
