"""A private team in one verb: pool, client, group, users, workforce, team.

Layer: controller. The API calls that the console makes in "Create private team" (reference 9.2),
all by boto3, so that the same code makes the team on AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.controller.places import Place

__all__ = ["Team", "create_private_team"]

_POOL = "gt-widgets-labelers"


@dataclass(frozen=True, slots=True)
class Team:
    """A private work team. ``workers`` are user names, as the workers sign in."""

    name: str
    arn: str
    workers: tuple[str, ...]
    portal_url: str
    place: str

    def __repr__(self) -> str:
        return (
            f"Team {self.name!r} ({self.place}), {len(self.workers)} worker(s): "
            f"{', '.join(self.workers) or 'none'}\n  {self.arn}\n  portal {self.portal_url}"
        )


def create_private_team(
    session: Any, place: Place, name: str, workers: Sequence[str], description: str
) -> Team:
    """Create a team, or bring an existing one up to date.

    Parameters
    ----------
    session : boto3.Session
    place : Place
    name : str
        1-63 letters, digits and hyphens.
    workers : sequence of str
        User names, or e-mail addresses (AWS needs addresses: it sends the invitations).
    description : str

    Raises
    ------
    ValidationError
        If ``workers`` is one text, or a name without an address is given on AWS.
    """
    if isinstance(workers, str):
        raise ValidationError(f"workers must be a list: workers=[{workers!r}].")
    if place.name == "AWS":
        _check_addresses(workers)
    sagemaker, cognito = session.client("sagemaker"), session.client("cognito-idp")
    pool_id, client_id = _workforce(sagemaker, cognito)
    _once(cognito.create_group, "GroupExistsException", UserPoolId=pool_id, GroupName=name)
    for worker in workers:
        _invite(cognito, pool_id, name, worker)
    member = {"UserPool": pool_id, "UserGroup": name, "ClientId": client_id}
    _once(
        sagemaker.create_workteam,
        "ResourceInUse",
        WorkteamName=name,
        WorkforceName=_workforce_name(sagemaker),
        Description=description,
        MemberDefinitions=[{"CognitoMemberDefinition": member}],
    )
    found = sagemaker.describe_workteam(WorkteamName=name)["Workteam"]
    listed = cognito.list_users_in_group(UserPoolId=pool_id, GroupName=name)["Users"]
    scheme = "https" if place.name == "AWS" else "http"
    return Team(
        name=name,
        arn=found["WorkteamArn"],
        workers=tuple(sorted(user["Username"] for user in listed)),
        portal_url=f"{scheme}://{found.get('SubDomain', '')}",
        place=place.name,
    )


def _workforce_name(sagemaker: Any) -> str:
    return str(sagemaker.list_workforces()["Workforces"][0]["WorkforceName"])


def _workforce(sagemaker: Any, cognito: Any) -> tuple[str, str]:
    """Find the private workforce's pool and client, or make them (one per account)."""
    for workforce in sagemaker.list_workforces()["Workforces"]:
        config = workforce.get("CognitoConfig")
        if config:
            return config["UserPool"], config["ClientId"]
        raise ValidationError(
            f"The private workforce {workforce['WorkforceName']!r} signs in by OpenID Connect; "
            "its members are managed there. Create the team with create_workteam and its groups."
        )
    invitation = {
        "EmailSubject": "You're invited to work on a labeling project",
        "EmailMessage": (
            "You're invited to work on a labeling project. Your user name is {username}, your "
            "temporary password is {####}. You will choose a new password at your first sign-in."
        ),
    }
    pool_id = cognito.create_user_pool(
        PoolName=_POOL,
        AdminCreateUserConfig={
            "AllowAdminCreateUserOnly": True,
            "InviteMessageTemplate": invitation,
        },
    )["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="labeling-portal", GenerateSecret=True
    )["UserPoolClient"]["ClientId"]
    domain = "gt-" + pool_id.partition("_")[2].lower()
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain=domain)
    sagemaker.create_workforce(
        WorkforceName="default", CognitoConfig={"UserPool": pool_id, "ClientId": client_id}
    )
    return pool_id, client_id


def _invite(cognito: Any, pool_id: str, team: str, worker: str) -> None:
    """Create a user, who then gets the invitation mail, and put him into the team's group."""
    address = worker if "@" in worker else f"{worker}@example.com"
    _once(
        cognito.admin_create_user,
        "UsernameExistsException",
        UserPoolId=pool_id,
        Username=worker,
        UserAttributes=[
            {"Name": "email", "Value": address},
            {"Name": "email_verified", "Value": "true"},
        ],
        DesiredDeliveryMediums=["EMAIL"],
    )
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=worker, GroupName=team)


def _check_addresses(workers: Sequence[str]) -> None:
    names = [worker for worker in workers if "@" not in worker]
    if names:
        raise ValidationError(
            f"workers {names} are no e-mail addresses; on AWS each worker is invited by mail. "
            "Write workers=['ana@your-company.com']."
        )


def _once(call: Any, exists: str, **params: Any) -> None:
    """Make a call; that the thing exists already is fine, so a notebook can run again."""
    try:
        call(**params)
    except ClientError as error:
        if error.response["Error"]["Code"] != exists:
            raise
