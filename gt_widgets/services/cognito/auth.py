"""cognito-idp: signing in through an app client.

Layer: services. Access and refresh tokens are opaque here; the identity token is a JSON web
token signed (HS256) with a secret of this state folder, so nothing outside should rely on it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.identity.sessions import ACCESS, REFRESH
from gt_widgets.engine.identity.signin import NEW_PASSWORD_REQUIRED
from gt_widgets.engine.identity.users import FORCE_CHANGE_PASSWORD
from gt_widgets.errors import ServiceError, SignInError
from gt_widgets.services.cognito.shapes import attribute_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gt_widgets.engine.identity import Identity, Pool, PoolClient, User
    from gt_widgets.services.call import Call

__all__ = [
    "admin_initiate_auth",
    "admin_respond_to_auth_challenge",
    "admin_user_global_sign_out",
    "get_user",
    "global_sign_out",
    "initiate_auth",
    "respond_to_auth_challenge",
]

_REFRESH = {"REFRESH_TOKEN_AUTH": "ALLOW_REFRESH_TOKEN_AUTH", "REFRESH_TOKEN": ""}
_USER_FLOWS = {"USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH", **_REFRESH}
_ADMIN_FLOWS = {
    "ADMIN_USER_PASSWORD_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    **_REFRESH,
}


def initiate_auth(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Sign a user in; the call needs no AWS credentials."""
    client = call.engine.identity.pools.client(params["ClientId"])
    return _initiate(call, client, params, _USER_FLOWS)


def admin_initiate_auth(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Sign a user in for a caller who has AWS credentials."""
    pools = call.engine.identity.pools
    client = pools.client(params["ClientId"], pool_id=params["UserPoolId"])
    return _initiate(call, client, params, _ADMIN_FLOWS)


def respond_to_auth_challenge(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer the challenge to choose a password."""
    return _respond(call, call.engine.identity.pools.client(params["ClientId"]), params)


def admin_respond_to_auth_challenge(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer the challenge to choose a password, with AWS credentials."""
    pools = call.engine.identity.pools
    return _respond(call, pools.client(params["ClientId"], pool_id=params["UserPoolId"]), params)


def get_user(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe the user whom an access token belongs to."""
    user = _user_of(call.engine.identity, params["AccessToken"])
    return {"Username": user.user_name, "UserAttributes": attribute_list(user)}


def global_sign_out(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Close all sessions of the user whom an access token belongs to."""
    identity = call.engine.identity
    identity.sessions.close_all(_user_of(identity, params["AccessToken"]).sub)
    return {}


def admin_user_global_sign_out(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Close all sessions of a user."""
    identity = call.engine.identity
    user = identity.users.get(params["UserPoolId"], params["Username"])
    identity.sessions.close_all(user.sub)
    return {}


def _initiate(
    call: Call, client: PoolClient, params: Mapping[str, Any], flows: Mapping[str, str]
) -> dict[str, Any]:
    identity, flow = call.engine.identity, params["AuthFlow"]
    _check_flow(client, flow, flows)
    given = params.get("AuthParameters", {})
    if flow in _REFRESH:
        return _refresh(call, client, given)
    user_name = _given(given, "USERNAME")
    _check_secret_hash(client, user_name, given)
    pool = identity.pools.get(client.pool_id)
    with _as_cognito_says_it():
        user = identity.sign_ins.authenticate(pool, user_name, _given(given, "PASSWORD"))
    if user.status != FORCE_CHANGE_PASSWORD:
        return {"ChallengeParameters": {}, "AuthenticationResult": _tokens(call, client, user)}
    session = identity.sign_ins.challenge(
        user, client_id=client.client_id, lifetime_s=client.challenge_s
    )
    return {
        "ChallengeName": NEW_PASSWORD_REQUIRED,
        "Session": session,
        "ChallengeParameters": {
            "USER_ID_FOR_SRP": user.user_name,
            "requiredAttributes": "[]",
            "userAttributes": json.dumps(user.attributes),
        },
    }


def _respond(call: Call, client: PoolClient, params: Mapping[str, Any]) -> dict[str, Any]:
    identity, challenge = call.engine.identity, params["ChallengeName"]
    if challenge != NEW_PASSWORD_REQUIRED:
        raise ServiceError(
            "InvalidParameterException",
            f"ChallengeName {challenge!r}: this engine gives only {NEW_PASSWORD_REQUIRED}.",
        )
    given = params.get("ChallengeResponses", {})
    user_name = _given(given, "USERNAME")
    _check_secret_hash(client, user_name, given)
    prefix = "userAttributes."
    attributes = {
        name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)
    }
    pool: Pool = identity.pools.get(client.pool_id)
    with _as_cognito_says_it():
        user = identity.sign_ins.answer_challenge(
            pool,
            user_name,
            params.get("Session", ""),
            _given(given, "NEW_PASSWORD"),
            client_id=client.client_id,
        )
    if attributes:
        identity.users.set_attributes(user, attributes)
        user = identity.users.get(pool.pool_id, user.sub)
    return {"ChallengeParameters": {}, "AuthenticationResult": _tokens(call, client, user)}


def _refresh(call: Call, client: PoolClient, given: Mapping[str, str]) -> dict[str, Any]:
    identity = call.engine.identity
    session = identity.sessions.find(_given(given, "REFRESH_TOKEN"), REFRESH)
    user = session and identity.users.by_sub(session.sub)
    if not user or session.client_id != client.client_id:
        raise _refused("Invalid Refresh Token")
    _check_secret_hash(client, user.user_name, given)
    result = _tokens(call, client, user, refresh=False)
    return {"ChallengeParameters": {}, "AuthenticationResult": result}


def _tokens(call: Call, client: PoolClient, user: User, *, refresh: bool = True) -> dict[str, Any]:
    sessions = call.engine.identity.sessions

    def issue(kind: str, name: str) -> str:
        token: str = sessions.open(
            user.sub, kind, lifetime_s=client.lifetime_s(name), client_id=client.client_id
        )
        return token

    result = {
        "AccessToken": issue(ACCESS, "Access"),
        "ExpiresIn": int(client.lifetime_s("Access")),
        "TokenType": "Bearer",
        "IdToken": _id_token(call, client, user),
    }
    return result | ({"RefreshToken": issue(REFRESH, "Refresh")} if refresh else {})


def _id_token(call: Call, client: PoolClient, user: User) -> str:
    identity, now = call.engine.identity, int(call.engine.clock())
    groups = sorted(name for _, name in identity.groups.of(user.sub))
    claims = {
        **user.attributes,
        "sub": user.sub,
        "iss": f"https://cognito-idp.{identity.region}.amazonaws.com/{user.pool_id}",
        "aud": client.client_id,
        "token_use": "id",
        "cognito:username": user.user_name,
        "auth_time": now,
        "iat": now,
        "exp": now + int(client.lifetime_s("Id")),
    }
    if groups:
        claims["cognito:groups"] = groups
    secret = call.engine.store.fact("id_token_secret") or call.engine.store.fact(
        "id_token_secret", secrets.token_hex(32)
    )
    signed = f"{_base64url({'alg': 'HS256', 'typ': 'JWT'})}.{_base64url(claims)}"
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _base64url(claims: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def _user_of(identity: Identity, token: str) -> User:
    session = identity.sessions.find(token, ACCESS)
    user = session and identity.users.by_sub(session.sub)
    if not user:
        raise _refused("Invalid Access Token")
    return user


def _check_flow(client: PoolClient, flow: str, flows: Mapping[str, str]) -> None:
    if flow not in flows:
        raise ServiceError(
            "InvalidParameterException",
            f"AuthFlow {flow!r} is not supported for this method; these are: "
            f"{', '.join(sorted(flows))}.",
        )
    enabled = client.settings.get("ExplicitAuthFlows") or ["ALLOW_REFRESH_TOKEN_AUTH"]
    if flow not in _REFRESH and not {flow, flows[flow]} & set(enabled):
        raise ServiceError(
            "InvalidParameterException",
            f"{flow} flow not enabled for this client. Put {flows[flow]!r} into the "
            "ExplicitAuthFlows of the app client.",
        )


def _check_secret_hash(client: PoolClient, user_name: str, given: Mapping[str, str]) -> None:
    found = given.get("SECRET_HASH")
    if client.secret is None:
        return
    if found is None:
        raise _refused(
            f"Client {client.client_id} is configured with secret but SECRET_HASH was not received"
        )
    message = (user_name + client.client_id).encode()
    mac = hmac.new(client.secret.encode(), message, hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(mac), found.encode()):
        raise _refused(f"Unable to verify secret hash for client {client.client_id}")


def _given(parameters: Mapping[str, str], name: str) -> str:
    if name not in parameters:
        raise ServiceError("InvalidParameterException", f"Missing required parameter {name}")
    return parameters[name]


def _refused(message: str) -> ServiceError:
    return ServiceError("NotAuthorizedException", message)


@contextmanager
def _as_cognito_says_it() -> Iterator[None]:
    # the worker protocol refuses with HTTP 403, Cognito with 400
    try:
        yield
    except SignInError as error:
        raise _refused(str(error)) from error
