"""Identity's data in the shapes of the cognito-idp API.

Layer: services.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gt_widgets.engine.identity import Group, Identity, Pool, PoolClient, User

__all__ = [
    "attribute_list",
    "attribute_map",
    "client_shape",
    "group_shape",
    "pool_shape",
    "user_shape",
]

_TEXT = {"MinLength": "0", "MaxLength": "2048"}
_STRINGS = (
    "name given_name family_name middle_name nickname preferred_username profile picture website "
    "email gender zoneinfo locale phone_number address"
)


def _attribute(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "AttributeDataType": kind,
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        **more,
    }


_STANDARD = [
    _attribute(
        "sub",
        "String",
        Mutable=False,
        Required=True,
        StringAttributeConstraints={"MinLength": "1", "MaxLength": "2048"},
    ),
    *(_attribute(name, "String", StringAttributeConstraints=_TEXT) for name in _STRINGS.split()),
    _attribute(
        "birthdate",
        "String",
        StringAttributeConstraints={"MinLength": "10", "MaxLength": "10"},
    ),
    _attribute("email_verified", "Boolean"),
    _attribute("phone_number_verified", "Boolean"),
    _attribute("updated_at", "Number", NumberAttributeConstraints={"MinValue": "0"}),
]


def pool_shape(identity: Identity, pool: Pool) -> dict[str, Any]:
    """``UserPoolType``: what was given, and Cognito's defaults for the rest."""
    settings = {key: value for key, value in pool.settings.items() if key != "Schema"}
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    admin = {
        "AllowAdminCreateUserOnly": False,
        "UnusedAccountValidityDays": pool.policy.temporary_days,
    }
    domain = {"Domain": pool.domain} if pool.domain else {}
    return {
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": []},
        "MfaConfiguration": "OFF",
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "UserPoolTags": {},
        "UserPoolTier": "ESSENTIALS",
        **settings,
        **domain,
        "Id": pool.pool_id,
        "Name": pool.name,
        "Arn": identity.pool_arn(pool.pool_id),
        "Policies": {
            **policies,
            **settings.get("Policies", {}),
            "PasswordPolicy": {
                **pool.policy.to_aws(),
                **settings.get("Policies", {}).get("PasswordPolicy", {}),
            },
        },
        "AdminCreateUserConfig": admin | settings.get("AdminCreateUserConfig", {}),
        "SchemaAttributes": _schema(pool.settings.get("Schema", [])),
        "EstimatedNumberOfUsers": len(identity.users.all(pool.pool_id)),
        "CreationDate": pool.created_at,
        "LastModifiedDate": pool.modified_at,
    }


def client_shape(client: PoolClient) -> dict[str, Any]:
    """``UserPoolClientType``."""
    secret = {"ClientSecret": client.secret} if client.secret else {}
    return {
        "RefreshTokenValidity": 30,
        "TokenValidityUnits": {},
        "AllowedOAuthFlowsUserPoolClient": False,
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
        "AuthSessionValidity": 3,
        **client.settings,
        **secret,
        "UserPoolId": client.pool_id,
        "ClientId": client.client_id,
        "ClientName": client.name,
        "CreationDate": client.created_at,
        "LastModifiedDate": client.modified_at,
    }


def group_shape(group: Group) -> dict[str, Any]:
    """``GroupType``; members that were not given are absent."""
    shape = {
        "GroupName": group.name,
        "UserPoolId": group.pool_id,
        "Description": group.description,
        "RoleArn": group.role_arn,
        "Precedence": group.precedence,
        "LastModifiedDate": group.modified_at,
        "CreationDate": group.created_at,
    }
    return {key: value for key, value in shape.items() if value is not None}


def user_shape(user: User, *, attributes: str = "Attributes") -> dict[str, Any]:
    """``UserType``; ``attributes`` is ``UserAttributes`` in the answer of AdminGetUser."""
    return {
        "Username": user.user_name,
        attributes: attribute_list(user),
        "UserCreateDate": user.created_at,
        "UserLastModifiedDate": user.modified_at,
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def attribute_list(user: User) -> list[dict[str, str]]:
    """``[{"Name", "Value"}]``, ``sub`` first."""
    named = {"sub": user.sub, **user.attributes}
    return [{"Name": name, "Value": value} for name, value in named.items()]


def attribute_map(attributes: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return ``{name: value}`` of a list of ``{"Name", "Value"}``."""
    return {entry["Name"]: entry.get("Value", "") for entry in attributes}


def _schema(own: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    merged = {entry["Name"]: entry for entry in _STANDARD}
    for entry in own:
        name = entry["Name"]
        if name not in merged and ":" not in name:
            name = f"custom:{name}"
        kind = entry.get("AttributeDataType", "String")
        merged[name] = {**merged.get(name, _attribute(name, kind)), **entry, "Name": name}
    return list(merged.values())
