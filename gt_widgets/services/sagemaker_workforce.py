"""sagemaker: work teams, workforces and tags.

Layer: services. One function per operation, AWS's keys in and out; ``services.sagemaker`` has
them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.pages import page_of_items
from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from gt_widgets.engine.pages import Page
    from gt_widgets.engine.workforce import WorkforceRecord
    from gt_widgets.engine.workteams import Workteam
    from gt_widgets.pricing import Vendor
    from gt_widgets.services.call import Call

__all__ = [
    "add_tags",
    "create_workforce",
    "create_workteam",
    "delete_tags",
    "delete_workforce",
    "delete_workteam",
    "describe_subscribed_workteam",
    "describe_workforce",
    "describe_workteam",
    "list_subscribed_workteams",
    "list_tags",
    "list_workforces",
    "list_workteams",
    "update_workforce",
    "update_workteam",
]

_PAGE_SIZE = 100
_TEAM_SETTINGS = ("Description", "NotificationConfiguration", "WorkerAccessConfiguration")
_FORCE_SETTINGS = (
    "CognitoConfig",
    "OidcConfig",
    "SourceIpConfig",
    "WorkforceVpcConfig",
    "IpAddressType",
)


def create_workteam(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Create a work team, and the workforce with it if there is none."""
    with call.engine.store.begin():
        team = call.engine.workforce.teams.create(
            params["WorkteamName"],
            members=params["MemberDefinitions"],
            workforce_name=params.get("WorkforceName"),
            **_given(params, _TEAM_SETTINGS),
        )
        call.engine.tags.add(team.arn, params.get("Tags", []))
    return {"WorkteamArn": team.arn}


def describe_workteam(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe a work team."""
    return {"Workteam": _team(call, call.engine.workforce.teams.get(params["WorkteamName"]))}


def update_workteam(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Change members or settings of a work team."""
    team = call.engine.workforce.teams.update(
        params["WorkteamName"],
        members=params.get("MemberDefinitions"),
        **_given(params, _TEAM_SETTINGS),
    )
    return {"Workteam": _team(call, team)}


def delete_workteam(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete a work team; its workers stay in the workforce."""
    teams = call.engine.workforce.teams
    with call.engine.store.begin():
        team = teams.get(params["WorkteamName"])
        teams.delete(team.name)
        call.engine.tags.forget(team.arn)
    return {"Success": True}


def list_workteams(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List work teams."""
    found: Page[Workteam] = call.engine.workforce.teams.page(**_listing(params))
    return {
        "Workteams": [_team(call, team) for team in found.rows],
        **({"NextToken": found.next_token} if found.next_token else {}),
    }


def create_workforce(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Create the workforce."""
    with call.engine.store.begin():
        record = call.engine.workforce.create(
            params["WorkforceName"], **_given(params, _FORCE_SETTINGS)
        )
        call.engine.tags.add(record.arn, params.get("Tags", []))
    return {"WorkforceArn": record.arn}


def describe_workforce(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe the workforce."""
    return {"Workforce": _workforce(call, call.engine.workforce.get(params["WorkforceName"]))}


def update_workforce(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Change settings of the workforce."""
    record = call.engine.workforce.update(
        params["WorkforceName"], **_given(params, _FORCE_SETTINGS)
    )
    return {"Workforce": _workforce(call, record)}


def delete_workforce(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete the workforce when its teams are gone."""
    workforce = call.engine.workforce
    with call.engine.store.begin():
        record = workforce.get(params["WorkforceName"])
        workforce.delete(record.name)
        call.engine.tags.forget(record.arn)
    return {}


def list_workforces(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List workforces."""
    found: Page[WorkforceRecord] = call.engine.workforce.page(**_listing(params))
    return {
        "Workforces": [_workforce(call, record) for record in found.rows],
        **({"NextToken": found.next_token} if found.next_token else {}),
    }


def list_subscribed_workteams(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the vendor teams that the account is subscribed to: the sample vendors."""
    part = params.get("NameContains", "").lower()
    found = [
        _subscribed(arn, vendor)
        for arn, vendor in call.engine.workforce.teams.crowds.vendors().items()
        if part in vendor.title.lower() or part in vendor.vendor_id
    ]
    page = page_of_items(
        found, token=params.get("NextToken"), size=params.get("MaxResults", _PAGE_SIZE)
    )
    listed: dict[str, Any] = {"SubscribedWorkteams": list(page.rows)}
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


def describe_subscribed_workteam(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe one vendor team."""
    arn = params["WorkteamArn"]
    return {"SubscribedWorkteam": _subscribed(arn, call.engine.workforce.teams.crowds.vendor(arn))}


def add_tags(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Add or overwrite tags of a labeling job, work team or workforce."""
    with call.engine.store.begin():
        _check_taggable(call, params["ResourceArn"])
        return {"Tags": call.engine.tags.add(params["ResourceArn"], params["Tags"])}


def list_tags(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List the tags of a resource; 50 at most, so one page holds them."""
    _check_taggable(call, params["ResourceArn"])
    return {"Tags": call.engine.tags.of(params["ResourceArn"])}


def delete_tags(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete tags of a resource by key."""
    _check_taggable(call, params["ResourceArn"])
    call.engine.tags.delete(params["ResourceArn"], params["TagKeys"])
    return {}


def _subscribed(arn: str, vendor: Vendor) -> dict[str, Any]:
    return {
        "WorkteamArn": arn,
        "MarketplaceTitle": vendor.title,
        "SellerName": vendor.seller,
        "MarketplaceDescription": vendor.description,
        "ListingId": vendor.listing_id,
    }


def _team(call: Call, team: Workteam) -> dict[str, Any]:
    return {
        "WorkteamName": team.name,
        "WorkteamArn": team.arn,
        **team.document,
        "SubDomain": call.engine.workforce.sub_domain,
        "CreateDate": team.created_at,
        "LastUpdatedDate": team.modified_at,
    }


def _workforce(call: Call, record: WorkforceRecord) -> dict[str, Any]:
    return {
        "WorkforceName": record.name,
        "WorkforceArn": record.arn,
        "SourceIpConfig": {"Cidrs": []},
        "IpAddressType": "ipv4",
        **record.document,
        "SubDomain": call.engine.workforce.sub_domain,
        "CreateDate": record.created_at,
        "LastUpdatedDate": record.modified_at,
        "Status": record.status,
    }


def _given(params: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: params[name] for name in names if name in params}


def _listing(params: dict[str, Any]) -> dict[str, Any]:
    return {
        "name_contains": params.get("NameContains", ""),
        "by_name": params.get("SortBy") == "Name",
        "descending": params.get("SortOrder") == "Descending",
        "token": params.get("NextToken"),
        "size": params.get("MaxResults", 100),
    }


def _check_taggable(call: Call, arn: str) -> None:
    workforce = call.engine.workforce
    known = {team.arn for team in workforce.teams.all()}
    known |= {record.arn for record in workforce.page().rows}
    if arn in known:
        return
    with call.engine.store.begin() as connection:
        for table in (tables.jobs, tables.human_task_uis):
            if connection.scalar(sa.select(table.c.arn).where(table.c.arn == arn)) is not None:
                return
    raise ValidationError(
        f"ResourceArn {arn}: no such labeling job, work team, workforce or human task UI; tags "
        "are kept for these."
    )
