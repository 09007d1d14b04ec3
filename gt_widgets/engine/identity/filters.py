"""The filter language of Cognito's ListUsers.

Layer: engine. ``attribute = "value"`` or ``attribute ^= "value"`` (begins with), one attribute.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.engine.identity.users import User

__all__ = ["user_filter"]

_SEARCHABLE = (
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "cognito:user_status",
    "status",
    "sub",
)
_FORM = re.compile(r'\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*\Z', re.DOTALL)


def user_filter(expression: str) -> Callable[[User], bool]:
    r"""Compile a filter expression.

    Parameters
    ----------
    expression : str
        For example ``email ^= "ana@"``; a quotation mark in the value is written ``\"``.
        An empty expression lets everyone through.

    Returns
    -------
    callable
        Tells whether a user passes.

    Raises
    ------
    ServiceError
        ``InvalidParameterException`` if it cannot be read or names another attribute.
    """
    if not expression.strip():
        return lambda _user: True
    found = _FORM.match(expression)
    if not found:
        raise ServiceError(
            "InvalidParameterException",
            f"Error while parsing filter {expression!r}: expected one comparison such as "
            'email = "ana@example.com" or name ^= "An".',
        )
    name, operator, value = found[1], found[2], re.sub(r"\\(.)", r"\1", found[3])
    if name not in _SEARCHABLE:
        raise ServiceError(
            "InvalidParameterException",
            f"Error while parsing filter: attribute {name!r} is not searchable; these are: "
            f"{', '.join(_SEARCHABLE)}.",
        )
    if name == "status":
        value = value.lower()
    if operator == "=":
        return lambda user: _value(user, name) == value
    return lambda user: (_value(user, name) or "").startswith(value)


def _value(user: User, name: str) -> str | None:
    own = {
        "username": user.user_name,
        "sub": user.sub,
        "cognito:user_status": user.status,
        "status": "enabled" if user.enabled else "disabled",
    }
    return own[name] if name in own else user.attributes.get(name)
