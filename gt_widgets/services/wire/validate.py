"""What the server checks of a request's parameters, in AWS's words.

Layer: services (imports only ``errors``).

boto3 checks types, required and unknown members and lower bounds before it sends; upper
bounds, patterns and enums reach the server, and other clients check nothing.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import regex

from gt_widgets.errors import ServiceError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.model import Shape

__all__ = ["validate"]

_PATTERN_TIMEOUT_S = 1.0
_MAX_SHOWN = 256
_TYPE_NAMES = {
    "string": "a String",
    "char": "a Character",
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "boolean": "a Boolean",
    "timestamp": "a Timestamp",
    "blob": "a Blob",
    "list": "a List",
    "map": "a Map",
    "structure": "a Structure",
}


def validate(params: dict[str, Any], shape: Shape | None) -> None:
    """Check parameters against an input shape, types first, then every constraint.

    Parameters
    ----------
    params : dict
        As boto3 takes them.
    shape : botocore structure shape or None
        None for operations without input.

    Raises
    ------
    ServiceError
        ``SerializationException`` for the first value of a wrong type.
    ValidationError
        All violations, in the shape's order: ``2 validation errors detected: Value 'X' at
        'labelingJobName' failed to satisfy constraint: Member must ...; Value ...``.
    """
    if shape is None:
        return
    _check_types(params, shape, "")
    problems = list(_problems(params, shape, ""))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise ValidationError(
            f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}"
        )


def _member_path(where: str, name: str) -> str:
    lowered = name[:1].lower() + name[1:]
    return f"{where}.{lowered}" if where else lowered


# --- types -----------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any, bits: int) -> bool:
    return _is_number(value) and isinstance(value, int) and -(1 << bits) <= value < (1 << bits)


_TYPE_CHECKS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "char": lambda value: isinstance(value, str),
    "integer": lambda value: _is_integer(value, 31),
    "long": lambda value: _is_integer(value, 63),
    "float": _is_number,
    "double": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "timestamp": lambda value: isinstance(value, datetime) or _is_number(value),
    "blob": lambda value: isinstance(value, bytes | bytearray) or hasattr(value, "read"),
    "list": lambda value: isinstance(value, list | tuple),
    "map": lambda value: isinstance(value, dict),
    "structure": lambda value: isinstance(value, dict),
}


def _check_types(value: Any, shape: Any, where: str) -> None:
    if getattr(shape, "is_document_type", False):
        return
    if not _TYPE_CHECKS[shape.type_name](value):
        raise ServiceError(
            "SerializationException",
            f"{_json_kind(value)} can not be converted to {_TYPE_NAMES[shape.type_name]}"
            f" at '{where}'",
            400,
        )
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _check_types(value[name], member, _member_path(where, name))
    elif shape.type_name == "list":
        for number, item in enumerate(value, 1):
            _check_types(item, shape.member, f"{where}.{number}.member")
    elif shape.type_name == "map":
        for key, item in value.items():
            _check_types(key, shape.key, f"{where}.{key}")
            _check_types(item, shape.value, f"{where}.{key}")


def _json_kind(value: Any) -> str:
    if isinstance(value, bool):
        return f"{'TRUE' if value else 'FALSE'}_VALUE"
    if isinstance(value, int | float):
        return f"NUMBER_VALUE {value}"
    kinds = {"str": "STRING_VALUE", "dict": "START_OBJECT", "list": "START_ARRAY"}
    name = type(value).__name__
    return "NULL_VALUE" if value is None else kinds.get(name, name)


# --- constraints -----------------------------------------------------------------------


def _problems(value: Any, shape: Any, where: str) -> Iterator[str]:
    """Yield every violation at and below a value, as AWS words it."""
    yield from (_sentence(value, shape, where, reason) for reason in _reasons(value, shape))
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        yield from _structure_problems(value, shape, where)
    elif shape.type_name == "list":
        yield from _list_problems(value, shape, where)
    elif shape.type_name == "map":
        yield from _map_problems(value, shape, where)


def _sentence(value: Any, shape: Any, where: str, reason: str) -> str:
    shown = "Value" if shape.metadata.get("sensitive") else f"Value '{_shown(value)}'"
    return f"{shown} at '{where}' failed to satisfy constraint: {reason}"


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        text = f"[{', '.join(_shown(item) for item in value)}]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key}={_shown(item)}" for key, item in value.items()) + "}"
    else:
        text = str(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."


def _structure_problems(value: dict[str, Any], shape: Any, where: str) -> Iterator[str]:
    missing = [name for name in shape.required_members if value.get(name) is None]
    for name in missing:
        path = _member_path(where, name)
        yield f"Value null at '{path}' failed to satisfy constraint: Member must not be null"
    for name in value.keys() - shape.members.keys():
        path = _member_path(where, name)
        yield (
            f"Value at '{path}' failed to satisfy constraint: Member must be one of "
            f"[{', '.join(shape.members)}]"
        )
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _problems(value[name], member, _member_path(where, name))


def _list_problems(value: list[Any], shape: Any, where: str) -> Iterator[str]:
    if shape.member.type_name in {"structure", "list", "map"}:
        for number, item in enumerate(value, 1):
            yield from _problems(item, shape.member, f"{where}.{number}.member")
    elif any(reasons := [_reasons(item, shape.member) for item in value]):
        inner = _all_constraints(shape.member)
        failing = [item for item, reason in zip(value, reasons, strict=True) if reason]
        reason = f"Member must satisfy constraint: [{', '.join(inner)}]"
        yield _sentence(failing, shape.member, where, reason)


def _map_problems(value: dict[str, Any], shape: Any, where: str) -> Iterator[str]:
    if any(_reasons(key, shape.key) for key in value):
        inner = ", ".join(_all_constraints(shape.key))
        reason = f"Map keys must satisfy constraint: [{inner}]"
        yield _sentence(value, shape.value, where, reason)
    if shape.value.type_name in {"structure", "list", "map"}:
        for key, item in value.items():
            yield from _problems(item, shape.value, f"{where}.{key}.member")
    elif any(_reasons(item, shape.value) for item in value.values()):
        inner = ", ".join(_all_constraints(shape.value))
        reason = f"Map value must satisfy constraint: [{inner}]"
        yield _sentence(value, shape.value, where, reason)


def _reasons(value: Any, shape: Any) -> list[str]:
    """Return what is wrong with one value by itself."""
    return [text for text, holds in _constraints(shape) if not holds(value)]


def _all_constraints(shape: Any) -> list[str]:
    return [text for text, _ in _constraints(shape)]


def _constraints(shape: Any) -> list[tuple[str, Callable[[Any], bool]]]:
    """Return each constraint of a shape: its text and its test."""
    metadata = shape.metadata
    kind = shape.type_name
    rules: list[tuple[str, Callable[[Any], bool]]] = []
    if kind in {"integer", "long", "float", "double"}:
        rules += _bounds(metadata, "value", lambda value: value)
    elif kind in {"string", "list", "map"} or (kind == "blob" and _sized(shape)):
        rules += _bounds(metadata, "length", len)
    if kind == "string" and "pattern" in metadata:
        compiled = _compiled(metadata["pattern"])
        text = f"Member must satisfy regular expression pattern: {metadata['pattern']}"
        rules.append((text, lambda value: _matches(compiled, value)))
    if kind == "string" and metadata.get("enum"):
        allowed = metadata["enum"]
        text = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        rules.append((text, lambda value: value in allowed))
    return rules


def _sized(shape: Any) -> bool:
    return not shape.serialization.get("streaming")


def _bounds(
    metadata: dict[str, Any], what: str, measure: Callable[[Any], float]
) -> list[tuple[str, Callable[[Any], bool]]]:
    rules: list[tuple[str, Callable[[Any], bool]]] = []
    if "max" in metadata:
        top = metadata["max"]
        text = f"Member must have {what} less than or equal to {top}"
        rules.append((text, lambda value: measure(value) <= top))
    if "min" in metadata:
        bottom = metadata["min"]
        text = f"Member must have {what} greater than or equal to {bottom}"
        rules.append((text, lambda value: measure(value) >= bottom))
    return rules


@cache
def _compiled(pattern: str) -> Any:
    return regex.compile(pattern)


def _matches(compiled: Any, value: str) -> bool:
    try:
        return compiled.fullmatch(value, timeout=_PATTERN_TIMEOUT_S) is not None
    except TimeoutError:
        return False
