"""Every answer of an AWS client, checked against the service's own output shape.

Layer: testing. botocore's parser takes what it finds: a missing required member, an unknown one or
a status that AWS does not have goes through it unseen (C02).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import regex

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

__all__ = ["check_answers", "check_shape"]

_KINDS: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "char": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "timestamp": datetime,
}
_OK = range(200, 300)
# what AWS sends although its own model has no room for it
_TOO_LONG = "phone_number_verified"
_MAY_BE_EMPTY = "CustomDomainConfigType"


def check_answers(session: Any) -> list[str]:
    """Check every answer that clients made from ``session`` from now on are given.

    Parameters
    ----------
    session : boto3.Session or botocore.session.Session

    Returns
    -------
    list of str
        Grows by the name of each operation that was answered well.
    """
    answered: list[str] = []

    def check(http_response: Any, parsed: dict[str, Any], model: OperationModel, **_: Any) -> None:
        if http_response.status_code not in _OK:
            return
        assert parsed["ResponseMetadata"].get("RequestId"), f"{model.name}: no request id"
        found = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        if model.output_shape is not None:
            check_shape(found, model.output_shape, model.name)
        answered.append(model.name)

    core = getattr(session, "_session", session)
    core.get_component("event_emitter").register_first("after-call", check)
    return answered


def check_shape(value: Any, shape: Shape, where: str = "") -> None:
    """Check one parsed value: kind, required and unknown members, enum, bounds and pattern.

    Raises
    ------
    AssertionError
        With the path of the member, what its shape asks for and what was found.
    """
    if shape.type_name == "blob":
        assert isinstance(value, bytes) or hasattr(value, "read"), f"{where}: no bytes: {value!r}"
        return
    fits = isinstance(value, _KINDS[shape.type_name])
    assert fits, f"{where}: expected {shape.type_name}, found {value!r}"
    assert shape.type_name == "boolean" or not isinstance(value, bool), f"{where}: a truth value"
    if shape.type_name == "structure":
        _check_members(value, shape, where)
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            check_shape(item, shape.member, f"{where}[{index}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            check_shape(key, shape.key, f"{where} key {key!r}")
            check_shape(item, shape.value, f"{where}[{key!r}]")
    elif shape.type_name == "timestamp":
        assert value.tzinfo is not None, f"{where}: {value!r} has no time zone"
    _check_bounds(value, shape, where)


def _check_members(value: dict[str, Any], shape: Any, where: str) -> None:
    if not value and shape.name == _MAY_BE_EMPTY:
        return
    missing = [name for name in shape.required_members if value.get(name) is None]
    assert not missing, f"{where}: required members {missing} are missing"
    unknown = value.keys() - shape.members.keys()
    assert not unknown, f"{where}: {sorted(unknown)} are no members of {shape.name}"
    for name, member in value.items():
        check_shape(member, shape.members[name], f"{where}.{name}")


def _check_bounds(value: Any, shape: Any, where: str) -> None:
    rules = shape.metadata
    if value == _TOO_LONG:
        return
    if rules.get("enum"):
        assert value in rules["enum"], f"{where}: {value!r} is none of {rules['enum']}"
    if "pattern" in rules and isinstance(value, str):
        fits = regex.fullmatch(rules["pattern"], value)
        assert fits, f"{where}: {value!r} does not fit {rules['pattern']}"
    if "min" in rules or "max" in rules:
        size = value if isinstance(value, int | float) else len(value)
        low, high = rules.get("min", size), rules.get("max", size)
        assert low <= size <= high, f"{where}: {size} is not in {low} to {high}"
