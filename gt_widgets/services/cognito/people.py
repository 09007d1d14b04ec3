"""cognito-idp: groups and users.

Layer: services. One function per operation, AWS's keys in and out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.engine.identity.filters import user_filter
from gt_widgets.engine.identity.sessions import WORKER
from gt_widgets.errors import ServiceError
from gt_widgets.services.cognito.listing import page
from gt_widgets.services.cognito.shapes import attribute_map, group_shape, user_shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gt_widgets.engine.identity import User
    from gt_widgets.services.call import Call

__all__ = [
    "admin_add_user_to_group",
    "admin_create_user",
    "admin_delete_user",
    "admin_disable_user",
    "admin_enable_user",
    "admin_get_user",
    "admin_list_groups_for_user",
    "admin_remove_user_from_group",
    "admin_set_user_password",
    "admin_update_user_attributes",
    "create_group",
    "delete_group",
    "get_group",
    "list_groups",
    "list_users",
    "list_users_in_group",
    "update_group",
]

_MOST = 60


def create_group(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Create a group."""
    group = call.engine.identity.groups.create(
        params["UserPoolId"], params["GroupName"], **_group_values(params)
    )
    return {"Group": group_shape(group)}


def get_group(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe a group."""
    group = call.engine.identity.groups.get(params["UserPoolId"], params["GroupName"])
    return {"Group": group_shape(group)}


def list_groups(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the groups of a pool, by name."""
    groups, token = page(
        call.engine.identity.groups.all(params["UserPoolId"]),
        key=lambda group: (group.name,),
        limit=params.get("Limit") or _MOST,
        token=params.get("NextToken"),
    )
    return {
        "Groups": [group_shape(group) for group in groups],
        **({"NextToken": token} if token else {}),
    }


def update_group(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Change a group."""
    group = call.engine.identity.groups.update(
        params["UserPoolId"], params["GroupName"], **_group_values(params)
    )
    return {"Group": group_shape(group)}


def delete_group(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete a group that no work team is made of.

    Raises
    ------
    ServiceError
        ``InvalidParameterException`` for the group of a work team.
    """
    pool_id, name = params["UserPoolId"], params["GroupName"]
    teams = call.engine.workforce.teams.with_group(pool_id, name)
    if teams:
        raise ServiceError(
            "InvalidParameterException",
            f"Group {name!r} is part of the work teams {', '.join(teams)}. Delete them, or "
            "give them other members with UpdateWorkteam, first.",
        )
    call.engine.identity.groups.delete(pool_id, name)
    return {}


def admin_create_user(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Create a user and write the invitation into the outbox, or write it again."""
    users = call.engine.identity.users
    action = params.get("MessageAction")
    password = params.get("TemporaryPassword")
    if action == "RESEND":
        user = users.resend(params["UserPoolId"], params["Username"], temporary_password=password)
    else:
        user = users.create(
            params["UserPoolId"],
            params["Username"],
            attributes=attribute_map(params.get("UserAttributes", [])),
            temporary_password=password,
            invite=action != "SUPPRESS",
        )
    return {"User": user_shape(user)}


def admin_get_user(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe a user."""
    return user_shape(_user(call, params), attributes="UserAttributes")


def admin_update_user_attributes(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Add or change attributes of a user."""
    attributes = attribute_map(params["UserAttributes"])
    call.engine.identity.users.set_attributes(_user(call, params), attributes)
    return {}


def admin_set_user_password(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Give a user a password, temporary unless it is said to be permanent."""
    call.engine.identity.users.set_password(
        _user(call, params), params["Password"], permanent=params.get("Permanent", False)
    )
    return {}


def admin_enable_user(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Let a user sign in again."""
    call.engine.identity.users.set_enabled(_user(call, params), enabled=True)
    return {}


def admin_disable_user(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Disable a user: signed out, and refused from then on."""
    call.engine.identity.users.set_enabled(_user(call, params), enabled=False)
    return {}


def admin_delete_user(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete a user."""
    call.engine.identity.users.delete(_user(call, params))
    return {}


def admin_add_user_to_group(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Put a user into a group."""
    user = _user(call, params)
    call.engine.identity.groups.add(user.pool_id, params["GroupName"], user.sub)
    return {}


def admin_remove_user_from_group(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Take a user out of a group, and out of the labeling portal."""
    user, identity = _user(call, params), call.engine.identity
    with call.engine.store.begin():
        identity.groups.remove(user.pool_id, params["GroupName"], user.sub)
        identity.sessions.close_all(user.sub, kind=WORKER)
    return {}


def admin_list_groups_for_user(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the groups of a user, by name."""
    user, groups = _user(call, params), call.engine.identity.groups
    found, token = page(
        [groups.get(pool_id, name) for pool_id, name in groups.of(user.sub)],
        key=lambda group: (group.name,),
        limit=params.get("Limit") or _MOST,
        token=params.get("NextToken"),
    )
    return {
        "Groups": [group_shape(group) for group in found],
        **({"NextToken": token} if token else {}),
    }


def list_users(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the users of a pool that pass a filter, by name."""
    passes = user_filter(params.get("Filter", ""))
    users = call.engine.identity.users.all(params["UserPoolId"])
    found, token = _page(
        filter(passes, users), limit=params.get("Limit"), token=params.get("PaginationToken")
    )
    shapes = [user_shape(user) for user in found]
    if "AttributesToGet" in params:
        wanted = params["AttributesToGet"] or []
        for shape in shapes:
            shape["Attributes"] = [a for a in shape["Attributes"] if a["Name"] in wanted]
    return {"Users": shapes, **({"PaginationToken": token} if token else {})}


def list_users_in_group(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the users in a group, by name."""
    identity = call.engine.identity
    group = identity.groups.get(params["UserPoolId"], params["GroupName"])
    found, token = _page(
        identity.users.all(group.pool_id, group=group.name),
        limit=params.get("Limit"),
        token=params.get("NextToken"),
    )
    return {
        "Users": [user_shape(user) for user in found],
        **({"NextToken": token} if token else {}),
    }


def _user(call: Call, params: dict[str, Any]) -> User:
    user: User = call.engine.identity.users.get(params["UserPoolId"], params["Username"])
    return user


def _page(
    users: Iterable[User], *, limit: int | None, token: str | None
) -> tuple[list[User], str | None]:
    return page(users, key=lambda user: (user.user_name,), limit=limit or _MOST, token=token)


def _group_values(params: dict[str, Any]) -> dict[str, Any]:
    names = {"Description": "description", "RoleArn": "role_arn", "Precedence": "precedence"}
    return {name: params[key] for key, name in names.items() if key in params}
