"""Requests into parameters, by the operation's input shape.

Layer: services (imports only ``errors`` and ``wire``).

Values of the wrong JSON type pass through as they are: `wire.validate` refuses them with the
path to the member. Members with a null value count as absent.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, unquote_to_bytes

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire import cbor
from gt_widgets.services.wire.values import parse_time, scalar_from_text
from gt_widgets.services.wire.xmltext import read_xml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel, Shape, StructureShape

    from gt_widgets.services.wire.message import HttpRequest

__all__ = ["MAX_BODY", "parse_request", "query_pairs", "read_body", "strictly_encoded"]

MAX_BODY = 16 * 1024 * 1024
"""Largest JSON, XML or form body in bytes; uploads are streams and have no such limit."""


def parse_request(
    operation: OperationModel,
    request: HttpRequest,
    labels: Mapping[str, str],
    *,
    protocol: str | None = None,
) -> dict[str, Any]:
    """Read the parameters of one operation as boto3 would have taken them.

    Parameters
    ----------
    operation : botocore operation model
    request : HttpRequest
    labels : mapping
        The path labels the route found, still percent-encoded: ``{"Bucket": "logos"}``.
    protocol : str, optional
        As the route found it; the service's own unless given.

    Raises
    ------
    ServiceError
        ``SerializationException``, ``MalformedXML`` or ``RequestEntityTooLarge``.
    """
    if operation.input_shape is None:
        return {}
    reader = _READERS[protocol or operation.service_model.metadata["protocol"]]
    return reader(operation.input_shape, request, labels)


def read_body(request: HttpRequest, limit: int = MAX_BODY) -> bytes:
    """Read a whole body of at most ``limit`` bytes.

    Raises
    ------
    ServiceError
        ``RequestEntityTooLarge``, HTTP 413.
    """
    body = request.body.read(limit + 1)
    if len(body) > limit:
        raise ServiceError(
            "RequestEntityTooLarge", f"The body is larger than the {limit} bytes we read.", 413
        )
    return body


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Split a query string into decoded pairs, keeping empty values and their order."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in parts]


def strictly_encoded(text: str, safe: str) -> str:
    """Percent-encode all but unreserved characters and ``safe`` ones, whatever is encoded now."""
    return quote(unquote_to_bytes(text), safe=safe + "-_.~")


# --- JSON ------------------------------------------------------------------------------


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _read_json(
    shape: StructureShape, request: HttpRequest, _labels: Mapping[str, str]
) -> dict[str, Any]:
    try:
        raw = json.loads(read_body(request) or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            "SerializationException", f"The body is not a JSON document: {error}.", 400
        ) from error
    if not isinstance(raw, dict):
        raise ServiceError(
            "SerializationException",
            f"The body must be one JSON object, found {type(raw).__name__}.",
            400,
        )
    result: dict[str, Any] = _from_json(raw, shape)
    return result


def _from_json(value: Any, shape: Shape) -> Any:
    convert = _JSON.get(shape.type_name)
    return (
        value
        if convert is None or getattr(shape, "is_document_type", False)
        else convert(value, shape)
    )


def _json_structure(value: Any, shape: Any) -> Any:
    if not isinstance(value, dict):
        return value
    names = {item.serialization.get("name", name): name for name, item in shape.members.items()}
    result = {}
    for wire_name, item in value.items():
        name = names.get(wire_name, wire_name)
        if item is not None:
            member = shape.members.get(name)
            result[name] = item if member is None else _from_json(item, member)
    return result


def _json_list(value: Any, shape: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [_from_json(item, shape.member) for item in value]


def _json_map(value: Any, shape: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _from_json(item, shape.value) for key, item in value.items()}


def _json_blob(value: Any, _shape: Any) -> Any:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return value


def _json_time(value: Any, _shape: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        return parse_time(value)
    except (TypeError, ValueError):
        return value


_JSON: dict[str, Callable[[Any, Any], Any]] = {
    "structure": _json_structure,
    "list": _json_list,
    "map": _json_map,
    "blob": _json_blob,
    "timestamp": _json_time,
}


# --- CBOR (CloudWatch) ------------------------------------------------------------------


def _read_cbor(
    _shape: StructureShape, request: HttpRequest, _labels: Mapping[str, str]
) -> dict[str, Any]:
    try:
        raw = cbor.loads(read_body(request) or cbor.dumps({}))
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            "SerializationException", f"The body is not a CBOR document: {error}.", 400
        ) from error
    if not isinstance(raw, dict):
        raise ServiceError(
            "SerializationException", f"The body must be one map, found {type(raw).__name__}.", 400
        )
    return {name: value for name, value in raw.items() if value is not None}


# --- query (STS, IAM) ------------------------------------------------------------------


def _read_query(
    shape: StructureShape, request: HttpRequest, _labels: Mapping[str, str]
) -> dict[str, Any]:
    body = read_body(request).decode("utf-8", "replace")
    fields = dict(query_pairs(request.query))
    fields.update(parse_qsl(body, keep_blank_values=True, max_num_fields=10_000))
    result: dict[str, Any] = _from_fields(fields, shape, "")
    return result


def _below(fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    start = prefix + "."
    return {name[len(start) :]: text for name, text in fields.items() if name.startswith(start)}


def _from_fields(fields: Mapping[str, str], shape: Shape, name: str) -> Any:
    """Read the value called ``name`` out of ``A.member.1.B=...`` fields; None if absent."""
    if shape.type_name == "structure":
        inner = _below(fields, name) if name else fields
        found = {
            key: _from_fields(inner, member, member.serialization.get("name", key))
            for key, member in shape.members.items()
        }
        present = {key: value for key, value in found.items() if value is not None}
        return present if present or not name else None
    if shape.type_name == "list":
        return _list_from_fields(fields, shape, name)
    if shape.type_name == "map":
        return _map_from_fields(fields, shape, name)
    return scalar_from_text(fields[name], shape, name) if name in fields else None


def _list_from_fields(fields: Mapping[str, str], shape: Any, name: str) -> list[Any] | None:
    if fields.get(name) == "":
        return []
    if shape.serialization.get("flattened"):
        inner = _below(fields, name)
    else:
        inner = _below(fields, f"{name}.{shape.member.serialization.get('name', 'member')}")
    numbers = sorted({int(key.partition(".")[0]) for key in inner if key[:1].isdecimal()})
    return [_from_fields(inner, shape.member, str(n)) for n in numbers] or None


def _map_from_fields(fields: Mapping[str, str], shape: Any, name: str) -> dict[str, Any] | None:
    inner = _below(fields, name if shape.serialization.get("flattened") else f"{name}.entry")
    numbers = sorted({int(key.partition(".")[0]) for key in inner if key[:1].isdecimal()})
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    pairs = {
        inner.get(f"{n}.{key_name}", ""): _from_fields(inner, shape.value, f"{n}.{value_name}")
        for n in numbers
    }
    return pairs or None


# --- REST-XML (S3) ---------------------------------------------------------------------


def _read_rest(
    shape: StructureShape, request: HttpRequest, labels: Mapping[str, str]
) -> dict[str, Any]:
    query = dict(reversed(query_pairs(request.query)))
    folded = {name.lower(): value for name, value in query.items()}
    result: dict[str, Any] = {}
    in_body: dict[str, Shape] = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        text: str | None = None
        if location == "uri":
            text = _label(labels[wire_name]) if wire_name in labels else None
        elif location == "querystring":
            text = query.get(wire_name)
        elif location == "header":
            # presigned URLs may carry x-amz- headers as query parameters
            hoisted = wire_name.lower().startswith("x-amz-")
            text = request.headers.get(wire_name)
            text = folded.get(wire_name.lower()) if text is None and hoisted else text
        elif location == "headers":
            result[name] = _prefixed(request, wire_name)
        else:
            in_body[name] = member
        if text is not None:
            result[name] = _read_located(text, member, wire_name)
    result.update(_read_rest_body(shape, request, in_body))
    return result


def _label(encoded: str) -> str:
    try:
        return unquote(encoded, errors="strict")
    except UnicodeDecodeError as error:
        raise ServiceError(
            "InvalidURI", f"Couldn't parse the specified URI: {encoded!r} is not UTF-8.", 400
        ) from error


def _read_located(text: str, member: Any, wire_name: str) -> Any:
    if member.type_name == "list":
        parts = [part.strip() for part in text.split(",")]
        return [scalar_from_text(part, member.member, wire_name) for part in parts]
    return scalar_from_text(text, member, wire_name)


def _prefixed(request: HttpRequest, prefix: str) -> dict[str, str]:
    """Collect ``x-amz-meta-*``: S3 folds the names to lower case and joins repeats."""
    names = {name.lower() for name, _ in request.headers}
    start = prefix.lower()
    return {
        name[len(start) :]: request.headers.get(name) or ""
        for name in sorted(names)
        if name.startswith(start)
    }


def _read_rest_body(
    shape: StructureShape, request: HttpRequest, in_body: Mapping[str, Shape]
) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload is None:
        text = read_body(request) if in_body else b""
        read = read_xml(text, shape) if text.strip() else {}
        return {name: value for name, value in read.items() if name in in_body}
    member = shape.members[payload]
    if member.serialization.get("streaming"):
        return {payload: request.body}
    body = read_body(request)
    if member.type_name == "structure":
        return {payload: read_xml(body, member)} if body.strip() else {}
    return {payload: body if member.type_name == "blob" else body.decode("utf-8", "replace")}


_READERS: dict[str, Callable[[StructureShape, HttpRequest, Mapping[str, str]], dict[str, Any]]] = {
    "json": _read_json,
    "cbor": _read_cbor,
    "query": _read_query,
    "rest-xml": _read_rest,
}
