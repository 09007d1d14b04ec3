"""XML in and out by botocore shapes: S3 bodies and the answers of the query services.

Layer: services (imports only ``errors`` and ``wire``).

Names, flattened lists, attributes and time forms come from the shape. Document type
declarations are refused, so no entity is ever expanded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn
from xml.etree import ElementTree as ET  # no DOCTYPE gets through: see _Builder
from xml.sax.saxutils import escape, quoteattr

from gt_widgets.errors import ServiceError
from gt_widgets.services.wire.values import scalar_from_text, scalar_to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.model import ListShape, MapShape, Shape, StructureShape

__all__ = ["element", "read_xml", "structure_members", "value_elements"]

_XSI = "http://www.w3.org/2001/XMLSchema-instance"


class _Builder(ET.TreeBuilder):
    """Refuses document types: entities are the way to blow up or to leak through XML."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> NoReturn:
        raise ServiceError("MalformedXML", "The XML has a document type; remove it.", 400)


def read_xml(body: bytes, shape: StructureShape) -> dict[str, Any]:
    """Read an XML document as a structure.

    Raises
    ------
    ServiceError
        ``MalformedXML`` if it is not well-formed, ``SerializationException`` if a value is
        not of its shape's type.
    """
    parser = ET.XMLParser(target=_Builder())  # noqa: S314 -- DOCTYPE is refused above
    try:
        parser.feed(body)
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise ServiceError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our "
            f"published schema: {error}.",
            400,
        ) from error
    return _read_structure(root, shape)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _wire_name(member: str, shape: Shape) -> str:
    """Name of a member's element; a flattened list is named by its entries."""
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        entry = shape.member.serialization.get("name")
        return str(shape.serialization.get("name") or entry or member)
    return str(shape.serialization.get("name", member))


def _read_value(nodes: list[ET.Element], shape: Shape) -> Any:
    if shape.type_name == "structure":
        return _read_structure(nodes[0], shape)
    if shape.type_name == "list":
        entries = nodes if shape.serialization.get("flattened") else list(nodes[0])
        return [_read_value([entry], shape.member) for entry in entries]
    if shape.type_name == "map":
        return _read_map(nodes, shape)
    return scalar_from_text(nodes[0].text or "", shape, f"element {_local(nodes[0].tag)}")


def _read_structure(node: ET.Element, shape: StructureShape) -> dict[str, Any]:
    found: dict[str, list[ET.Element]] = {}
    for child in node:
        found.setdefault(_local(child.tag), []).append(child)
    result: dict[str, Any] = {}
    for name, member in shape.members.items():
        wire_name = _wire_name(name, member)
        if member.serialization.get("xmlAttribute"):
            text = node.get(f"{{{_XSI}}}{wire_name.rpartition(':')[2]}") or node.get(wire_name)
            if text is not None:
                result[name] = text
        elif wire_name in found:
            result[name] = _read_value(found[wire_name], member)
    return result


def _read_map(nodes: list[ET.Element], shape: MapShape) -> dict[str, Any]:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    entries = nodes if shape.serialization.get("flattened") else list(nodes[0])
    result = {}
    for entry in entries:
        parts = {_local(child.tag): child for child in entry}
        if key_name in parts and value_name in parts:
            key = parts[key_name].text or ""
            result[key] = _read_value([parts[value_name]], shape.value)
    return result


def element(name: str, content: str, attributes: dict[str, str] | None = None) -> str:
    """Write one element around content that is XML already."""
    written = "".join(f" {key}={quoteattr(text)}" for key, text in (attributes or {}).items())
    return f"<{name}{written}>{content}</{name}>"


def structure_members(value: dict[str, Any], shape: StructureShape) -> str:
    """Write a structure's members, without an element around them, in the shape's order."""
    return "".join(
        value_elements(value[name], member, _wire_name(name, member))
        for name, member in shape.members.items()
        if value.get(name) is not None and not member.serialization.get("xmlAttribute")
    )


def value_elements(value: Any, shape: Shape, name: str) -> str:
    """Write a value as one element, or as many for a flattened list."""
    writer = _WRITERS.get(shape.type_name)
    if writer is not None:
        return "".join(writer(value, shape, name))
    text = scalar_to_text(value, shape, time_form="iso8601")
    # a bare carriage return would be read back as a line feed
    return element(name, escape(text, {"\r": "&#13;"}))


def _write_structure(value: dict[str, Any], shape: StructureShape, name: str) -> Iterator[str]:
    attributes: dict[str, str] = {}
    for member_name, member in shape.members.items():
        if member.serialization.get("xmlAttribute") and value.get(member_name) is not None:
            attributes["xmlns:xsi"] = _XSI
            attributes[_wire_name(member_name, member)] = str(value[member_name])
    yield element(name, structure_members(value, shape), attributes)


def _write_list(value: list[Any], shape: ListShape, name: str) -> Iterator[str]:
    if shape.serialization.get("flattened"):
        yield from (value_elements(entry, shape.member, name) for entry in value)
        return
    entry_name = shape.member.serialization.get("name", "member")
    content = "".join(value_elements(entry, shape.member, entry_name) for entry in value)
    yield element(name, content)


def _write_map(value: dict[str, Any], shape: MapShape, name: str) -> Iterator[str]:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    entries = [
        value_elements(key, shape.key, key_name) + value_elements(item, shape.value, value_name)
        for key, item in value.items()
    ]
    if shape.serialization.get("flattened"):
        yield from (element(name, entry) for entry in entries)
        return
    yield element(name, "".join(element("entry", entry) for entry in entries))


_WRITERS: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "structure": _write_structure,
    "list": _write_list,
    "map": _write_map,
}
