"""cognito-idp: user pools, app clients and domains.

Layer: services. One function per operation, AWS's keys in and out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError
from gt_widgets.services.cognito.listing import page
from gt_widgets.services.cognito.shapes import client_shape, pool_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.services.call import Call

__all__ = [
    "create_user_pool",
    "create_user_pool_client",
    "create_user_pool_domain",
    "delete_user_pool",
    "delete_user_pool_client",
    "delete_user_pool_domain",
    "describe_user_pool",
    "describe_user_pool_client",
    "describe_user_pool_domain",
    "get_user_pool_mfa_config",
    "list_user_pool_clients",
    "list_user_pools",
    "update_user_pool",
    "update_user_pool_client",
]

_FIXED = ("Schema", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
"""Settings of a pool that UpdateUserPool cannot touch."""
_MOST = 60


def create_user_pool(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Create a user pool."""
    settings = _without(params, "PoolName")
    _refuse_what_we_have_not(settings)
    identity = call.engine.identity
    return {"UserPool": pool_shape(identity, identity.pools.create(params["PoolName"], settings))}


def describe_user_pool(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe a user pool."""
    identity = call.engine.identity
    return {"UserPool": pool_shape(identity, identity.pools.get(params["UserPoolId"]))}


def list_user_pools(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List user pools, oldest first."""
    pools, token = page(
        call.engine.identity.pools.all(),
        key=lambda pool: (pool.created_at, pool.pool_id),
        limit=params["MaxResults"],
        token=params.get("NextToken"),
    )
    shown = [
        {
            "Id": pool.pool_id,
            "Name": pool.name,
            "LambdaConfig": {},
            "LastModifiedDate": pool.modified_at,
            "CreationDate": pool.created_at,
        }
        for pool in pools
    ]
    return {"UserPools": shown, **({"NextToken": token} if token else {})}


def update_user_pool(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Replace the settings of a pool: as on AWS, what is not given goes back to its default."""
    pools = call.engine.identity.pools
    pool = pools.get(params["UserPoolId"])
    settings = _without(params, "UserPoolId", "PoolName")
    _refuse_what_we_have_not(settings)
    kept = {key: pool.settings[key] for key in _FIXED if key in pool.settings}
    pools.update(pool.pool_id, name=params.get("PoolName"), settings=settings | kept)
    return {}


def delete_user_pool(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete a user pool with everyone in it."""
    pools = call.engine.identity.pools
    pools.delete(pools.get(params["UserPoolId"]).pool_id)
    return {}


def get_user_pool_mfa_config(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Tell that multi-factor authentication is off."""
    pool = call.engine.identity.pools.get(params["UserPoolId"])
    return {"MfaConfiguration": pool.settings.get("MfaConfiguration", "OFF")}


def create_user_pool_client(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Create an app client."""
    client = call.engine.identity.pools.create_client(
        params["UserPoolId"],
        params["ClientName"],
        settings=_client_settings(params),
        with_secret=params.get("GenerateSecret", False),
        secret=params.get("ClientSecret"),
    )
    return {"UserPoolClient": client_shape(client)}


def describe_user_pool_client(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe an app client, secret included."""
    pools = call.engine.identity.pools
    client = pools.client(params["ClientId"], pool_id=params["UserPoolId"])
    return {"UserPoolClient": client_shape(client)}


def list_user_pool_clients(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the app clients of a pool, oldest first."""
    clients, token = page(
        call.engine.identity.pools.clients(params["UserPoolId"]),
        key=lambda client: (client.created_at, client.client_id),
        limit=params.get("MaxResults", _MOST),
        token=params.get("NextToken"),
    )
    shown = [
        {"ClientId": c.client_id, "UserPoolId": c.pool_id, "ClientName": c.name} for c in clients
    ]
    return {"UserPoolClients": shown, **({"NextToken": token} if token else {})}


def update_user_pool_client(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Replace the settings of an app client; what is not given goes back to its default."""
    client = call.engine.identity.pools.update_client(
        params["UserPoolId"],
        params["ClientId"],
        name=params.get("ClientName"),
        settings=_client_settings(params),
    )
    return {"UserPoolClient": client_shape(client)}


def delete_user_pool_client(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete an app client."""
    call.engine.identity.pools.delete_client(params["UserPoolId"], params["ClientId"])
    return {}


def create_user_pool_domain(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Give a pool its domain prefix."""
    call.engine.identity.pools.set_domain(params["UserPoolId"], params["Domain"])
    return {}


def describe_user_pool_domain(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe a domain; as on AWS, one that does not exist has an empty description."""
    pool = call.engine.identity.pools.with_domain(params["Domain"])
    if pool is None:
        return {"DomainDescription": {}}
    return {
        "DomainDescription": {
            "UserPoolId": pool.pool_id,
            "AWSAccountId": call.account_id,
            "Domain": pool.domain,
            "Status": "ACTIVE",
            "CustomDomainConfig": {},
        }
    }


def delete_user_pool_domain(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Take the domain prefix away from a pool.

    Raises
    ------
    ServiceError
        ``InvalidParameterException`` for a domain that the pool does not have.
    """
    pools = call.engine.identity.pools
    pool = pools.get(params["UserPoolId"])
    if pool.domain != params["Domain"]:
        raise ServiceError(
            "InvalidParameterException",
            f"No such domain or user pool exists: {params['Domain']!r} is not the domain of "
            f"{pool.pool_id}.",
        )
    pools.set_domain(pool.pool_id, None)
    return {}


def _without(params: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key not in keys}


def _client_settings(params: Mapping[str, Any]) -> dict[str, Any]:
    return _without(
        params, "UserPoolId", "ClientId", "ClientName", "GenerateSecret", "ClientSecret"
    )


def _refuse_what_we_have_not(settings: Mapping[str, Any]) -> None:
    # to accept these and then not do them would let a pool look safer than it is
    if settings.get("MfaConfiguration") == "ON":
        raise ServiceError(
            "InvalidParameterException",
            "MfaConfiguration ON: multi-factor authentication is not part of the local engine. "
            "Leave it OFF.",
        )
    if settings.get("LambdaConfig"):
        raise ServiceError(
            "InvalidParameterException",
            "LambdaConfig: the local engine runs no triggers "
            f"({', '.join(sorted(settings['LambdaConfig']))}). Leave it out.",
        )
