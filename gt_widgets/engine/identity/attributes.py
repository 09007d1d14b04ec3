"""Attributes of users: the standard ones, and what a pool's schema adds.

Layer: engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.engine.identity.pools import Pool

__all__ = ["STANDARD_ATTRIBUTES", "check_attributes", "kind_of"]

STANDARD_ATTRIBUTES = frozenset(
    {
        "address",
        "birthdate",
        "email",
        "email_verified",
        "family_name",
        "gender",
        "given_name",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "phone_number",
        "phone_number_verified",
        "picture",
        "preferred_username",
        "profile",
        "updated_at",
        "website",
        "zoneinfo",
    }
)


def kind_of(pool: Pool, user_name: str) -> str:
    """Tell which attribute a user name is, in a pool whose names are attributes.

    Returns
    -------
    str
        ``email`` or ``phone_number``.

    Raises
    ------
    ServiceError
        ``InvalidParameterException`` if it is neither, or not the one that the pool wants.
    """
    kinds = pool.settings["UsernameAttributes"]
    if "@" in user_name and "email" in kinds:
        return "email"
    if user_name.startswith("+") and "phone_number" in kinds:
        return "phone_number"
    wanted = " or a ".join({"email": "an email", "phone_number": "phone number"}[k] for k in kinds)
    raise ServiceError("InvalidParameterException", f"Username should be {wanted}.")


def check_attributes(pool: Pool, attributes: Mapping[str, str], *, complete: bool = False) -> None:
    """Refuse attributes that the pool's schema does not have.

    Parameters
    ----------
    pool : Pool
        Whose schema.
    attributes : mapping
        Name to value.
    complete : bool
        Whether required attributes have to be among them.

    Raises
    ------
    ServiceError
        ``InvalidParameterException``.
    """
    schema = pool.settings.get("Schema", [])
    own = {_schema_name(entry) for entry in schema}
    unknown = set(attributes) - STANDARD_ATTRIBUTES - own
    if "sub" in unknown:
        raise ServiceError(
            "InvalidParameterException",
            "Cannot modify the non-mutable attribute sub: Cognito chooses it.",
        )
    if unknown:
        raise ServiceError(
            "InvalidParameterException",
            f"Attributes did not conform to the schema: {min(unknown)}: Attribute does not "
            "exist in the schema.",
        )
    required = {entry["Name"] for entry in schema if entry.get("Required")}
    missing = required - set(attributes) - {"sub"}
    if complete and missing:
        raise ServiceError(
            "InvalidParameterException",
            f"Attributes did not conform to the schema: {min(missing)}: The attribute is required",
        )


def _schema_name(entry: Mapping[str, Any]) -> str:
    name: str = entry["Name"]
    if name in STANDARD_ATTRIBUTES or ":" in name:
        return name
    return f"dev:custom:{name}" if entry.get("DeveloperOnlyAttribute") else f"custom:{name}"
