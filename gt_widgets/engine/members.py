"""The members of a work team: which kinds there are, and what has to exist.

Layer: engine. A team is made of Cognito groups or of groups of an identity provider of one's own
(OIDC), never of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ServiceError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.engine.identity import Identity

__all__ = ["check_members", "cognito_groups"]

_COGNITO, _OIDC = "CognitoMemberDefinition", "OidcMemberDefinition"


def cognito_groups(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Pool id and name of the Cognito groups in a team's document, empty for OIDC teams."""
    return {
        (definition[_COGNITO]["UserPool"], definition[_COGNITO]["UserGroup"])
        for definition in document["MemberDefinitions"]
        if _COGNITO in definition
    }


def check_members(
    definitions: Sequence[Mapping[str, Any]], identity: Identity
) -> dict[str, str] | None:
    """Check the member definitions of a team.

    Parameters
    ----------
    definitions : sequence of mapping, length 1-10
        ``MemberDefinitions`` in AWS's keys.
    identity : Identity
        Where pools, clients and groups are looked up.

    Returns
    -------
    dict or None
        ``{"UserPool", "ClientId"}`` of a Cognito team, None for an OIDC team.

    Raises
    ------
    ValidationError
        If kinds or pools are mixed, or a pool, client or group does not exist.
    """
    kinds = {kind for definition in definitions for kind in definition}
    if len(kinds) != 1 or any(len(definition) != 1 for definition in definitions):
        found = ", ".join(sorted(kinds)) or "none"
        raise ValidationError(
            "MemberDefinitions: expected one kind, CognitoMemberDefinition or "
            f"OidcMemberDefinition, in every definition; found {found}."
        )
    if kinds == {_OIDC}:
        return None
    members = [definition[_COGNITO] for definition in definitions]
    places = {(member["UserPool"], member["ClientId"]) for member in members}
    if len(places) != 1:
        raise ValidationError(
            "MemberDefinitions: all groups of a team must have the same UserPool and ClientId; "
            f"found {sorted(places)}."
        )
    ((pool_id, client_id),) = places
    try:
        identity.pools.client(client_id, pool_id=pool_id)
        for member in members:
            identity.groups.get(pool_id, member["UserGroup"])
    except ServiceError as error:
        raise ValidationError(
            f"MemberDefinitions: {error} Create it with the cognito-idp client first."
        ) from error
    return {"UserPool": pool_id, "ClientId": client_id}
