"""The private workforce, and the way to its work teams.

Layer: engine. One workforce per account and region, as on AWS. There the console makes it when
the first team is made; here CreateWorkteam does, from the team's own Cognito pool and client,
under the console's name "default".
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.identity.pools import CROWD_POOL
from gt_widgets.engine.pages import Page, page_of
from gt_widgets.engine.workteams import Workteams
from gt_widgets.errors import (
    ConflictError,
    ResourceInUseError,
    ResourceLimitExceededError,
    ServiceError,
    ValidationError,
)
from gt_widgets.schema.arns import workforce_arn
from gt_widgets.schema.limits import CIDRS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gt_widgets.engine.clock import Clock, NewId
    from gt_widgets.engine.identity import Identity, Worker
    from gt_widgets.engine.store import Store

__all__ = ["Workforce", "WorkforceRecord"]

_FORCES = tables.workforces
_DEFAULT_NAME = "default"
_NETWORK_S = 60.0
"""Setting a private network (VPC) up takes minutes on AWS; nothing is set up here, but told so."""
_CHANGING = "changing"


@dataclass(frozen=True, slots=True)
class WorkforceRecord:
    """One workforce.

    Parameters
    ----------
    name, arn : str
        As AWS writes them.
    document : dict
        ``CognitoConfig`` or ``OidcConfig`` (its client secret is never kept), and, if given,
        ``SourceIpConfig``, ``WorkforceVpcConfig`` and ``IpAddressType``.
    status : str
        ``Active``, or ``Initializing`` and ``Updating`` while its private network is set up.
    created_at, modified_at : float
        Epoch seconds.
    """

    name: str
    arn: str
    document: dict[str, Any]
    status: str
    created_at: float
    modified_at: float


class Workforce:
    """Creates, finds and changes the workforce; ``teams`` holds its work teams.

    Parameters
    ----------
    store : Store
        Where it is kept.
    identity : Identity
        Where its people are.
    clock, new_id : callable
        Time and identifiers.
    region, account_id : str
        For ARNs.
    sub_domain : callable
        Address of the labeling portal, without a scheme.
    """

    def __init__(
        self,
        store: Store,
        identity: Identity,
        *,
        clock: Clock,
        new_id: NewId,
        region: str,
        account_id: str,
        sub_domain: Callable[[], str],
    ) -> None:
        self._store, self._identity, self._clock, self._new_id = store, identity, clock, new_id
        self._region, self._account_id = region, account_id
        self._sub_domain = sub_domain
        self.teams = Workteams(
            store,
            identity,
            clock=clock,
            region=region,
            account_id=account_id,
            workforce_for=self._workforce_for,
        )

    @property
    def sub_domain(self) -> str:
        """Address of the labeling portal, without a scheme."""
        return self._sub_domain()

    def create(self, name: str, **settings: Any) -> WorkforceRecord:
        """Create the workforce.

        Parameters
        ----------
        name : str
            One to 63 letters, digits and hyphens.
        **settings
            ``CognitoConfig`` or ``OidcConfig``, and further members of CreateWorkforce, in
            AWS's keys.

        Raises
        ------
        ResourceInUseError
            If it exists under that name.
        ResourceLimitExceededError
            If it exists under another name.
        ValidationError
            If the pool or client does not exist, or not exactly one of the two is given.
        """
        now = self._clock()
        document = self._checked(settings)
        if "WorkforceVpcConfig" in document:
            document[_CHANGING] = ["Initializing", now + _NETWORK_S]
        with self._store.begin() as connection:
            existing = self._first()
            if existing and existing.name == name:
                raise ResourceInUseError(
                    f"The workforce {name!r} exists already. Change it with UpdateWorkforce."
                )
            if existing:
                raise ResourceLimitExceededError(
                    f"One workforce is allowed per account and region, and {existing.name!r} "
                    f"exists in {self._region}. Use it, or delete its teams and then itself."
                )
            connection.execute(
                sa.insert(_FORCES).values(
                    name=name, document=json.dumps(document), created_at=now, modified_at=now
                )
            )
        return self.get(name)

    def get(self, name: str) -> WorkforceRecord:
        """Find the workforce by name.

        Raises
        ------
        ValidationError
            If there is none of that name, as on AWS.
        """
        found = self._first(_FORCES.c.name == name)
        if found is None:
            raise ValidationError(
                f"No workforce {name!r} in {self._region}. ListWorkforces shows what there is; "
                "CreateWorkforce makes one."
            )
        return found

    def update(self, name: str, **settings: Any) -> WorkforceRecord:
        """Change settings; what is not given stays as it is.

        Raises
        ------
        ConflictError
            If its private network is being set up by an earlier call.
        ResourceInUseError
            If ``OidcConfig`` is changed while there are teams.
        ValidationError
            If a Cognito workforce is given an ``OidcConfig``, or a CIDR cannot be read.
        """
        with self._store.begin() as connection:
            record = self.get(name)
            if record.status != "Active":
                raise ConflictError(
                    f"Workforce {name!r} is {record.status}: an earlier change of its network is "
                    "not finished. Describe it until its Status is Active, then update it again."
                )
            if "OidcConfig" in settings:
                if "CognitoConfig" in record.document:
                    raise ValidationError(
                        f"Workforce {name!r} is a Cognito workforce; OidcConfig cannot be set."
                    )
                self._refuse_with_teams("The OIDC configuration can be changed only")
            document = self._checked(record.document | settings)
            if "WorkforceVpcConfig" in settings:
                document[_CHANGING] = ["Updating", self._clock() + _NETWORK_S]
            connection.execute(
                sa.update(_FORCES)
                .where(_FORCES.c.name == name)
                .values(document=json.dumps(document), modified_at=self._clock())
            )
            return self.get(name)

    def delete(self, name: str) -> None:
        """Delete the workforce; the user pool and its users stay.

        Raises
        ------
        ResourceInUseError
            If it has teams.
        """
        with self._store.begin() as connection:
            self.get(name)
            self._refuse_with_teams(f"Workforce {name!r} can be deleted only")
            connection.execute(sa.delete(_FORCES).where(_FORCES.c.name == name))

    def page(
        self,
        *,
        name_contains: str = "",
        by_name: bool = False,
        descending: bool = False,
        token: str | None = None,
        size: int = 100,
    ) -> Page[WorkforceRecord]:
        """One page of workforces, by name or by time of creation; there is at most one.

        Raises
        ------
        ValidationError
            If ``token`` is not from an earlier page.
        """
        query = sa.select(_FORCES).where(_FORCES.c.name.icontains(name_contains, autoescape=True))
        with self._store.reading() as connection:
            found = page_of(
                connection,
                query,
                by=_FORCES.c.name if by_name else _FORCES.c.created_at,
                tie=_FORCES.c.name,
                descending=descending,
                token=token,
                size=size,
            )
        return Page([self._record(row) for row in found.rows], found.next_token)

    def identity_of(self, sub: str) -> dict[str, str]:
        """Who a private worker is, as ``identityData`` of worker responses says it (5.2)."""
        pool = self._identity.pool_of(sub)
        record = self._first() if pool == CROWD_POOL else None
        if record and "OidcConfig" in record.document:
            issuer = record.document["OidcConfig"]["Issuer"]
            return {"identityProviderType": "Oidc", "issuer": issuer, "sub": sub}
        issuer = f"https://cognito-idp.{self._region}.amazonaws.com/{pool}"
        return {"identityProviderType": "Cognito", "issuer": issuer, "sub": sub}

    def members(self, workteam_arn: str) -> list[Worker]:
        """List the enabled workers of a team, by user name."""
        return self.teams.members(workteam_arn)

    def teams_of(self, sub: str) -> list[str]:
        """ARNs of the teams that a worker is in."""
        return self.teams.of(sub)

    def check_team(self, workteam_arn: str) -> None:
        """Refuse an ARN no team here has; see ``Workteams.check``."""
        self.teams.check(workteam_arn)

    def admits(self, address: str) -> bool:
        """Tell whether a worker at this IP address may use the portal.

        Parameters
        ----------
        address : str
            IPv4 or IPv6; anything else is admitted only where nothing is restricted.
        """
        record = self._first()
        cidrs = record.document.get("SourceIpConfig", {}).get("Cidrs", []) if record else []
        if not cidrs:
            return True
        try:
            here = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(here in ipaddress.ip_network(cidr, strict=False) for cidr in cidrs)

    def _workforce_for(self, name: str | None, cognito: dict[str, str] | None) -> str:
        record = self.get(name) if name else self._first()
        if record is None:
            if cognito is None:
                raise ValidationError(
                    "A team of OIDC groups needs a workforce: call CreateWorkforce with "
                    "OidcConfig first."
                )
            record = self.create(_DEFAULT_NAME, CognitoConfig=cognito)
        pool = record.document.get("CognitoConfig", {}).get("UserPool")
        wanted = cognito["UserPool"] if cognito else None
        if pool != wanted:
            raise ValidationError(
                f"MemberDefinitions: the groups must come from workforce {record.name!r}, whose "
                f"people are in {_place(pool)}; found groups of {_place(wanted)}."
            )
        return record.arn

    def _checked(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        document = dict(settings)
        kinds = [kind for kind in ("CognitoConfig", "OidcConfig") if kind in document]
        if len(kinds) != 1:
            raise ValidationError(
                "Expected exactly one of CognitoConfig and OidcConfig; found "
                f"{' and '.join(kinds) or 'none'}."
            )
        if kinds == ["OidcConfig"]:
            document["OidcConfig"] = {
                key: value for key, value in document["OidcConfig"].items() if key != "ClientSecret"
            }
        else:
            self._check_cognito(document["CognitoConfig"])
        vpc = document.pop("WorkforceVpcConfig", {})
        if vpc:
            endpoint = f"vpce-{self._new_id()[:17]}"
            document["WorkforceVpcConfig"] = {"VpcEndpointId": endpoint, **vpc}
        cidrs = document.get("SourceIpConfig", {}).get("Cidrs", [])
        if len(cidrs) > CIDRS:
            raise ValidationError(
                f"SourceIpConfig.Cidrs has {len(cidrs)} blocks; at most {CIDRS} are allowed. "
                "Join neighbouring ones."
            )
        for cidr in cidrs:
            _check_cidr(cidr)
        return document

    def _check_cognito(self, config: Mapping[str, str]) -> None:
        try:
            self._identity.pools.client(config["ClientId"], pool_id=config["UserPool"])
        except ServiceError as error:
            raise ValidationError(
                f"CognitoConfig: {error} Create it with the cognito-idp client first."
            ) from error

    def _refuse_with_teams(self, what: str) -> None:
        teams = [team.name for team in self.teams.all()]
        if teams:
            raise ResourceInUseError(
                f"{what} while it has no work teams; it has {', '.join(teams)}. Delete them "
                "with DeleteWorkteam first."
            )

    def _first(self, *conditions: sa.ColumnElement[bool]) -> WorkforceRecord | None:
        with self._store.reading() as connection:
            row = connection.execute(sa.select(_FORCES).where(*conditions).limit(1)).one_or_none()
        return None if row is None else self._record(row)

    def _record(self, row: Any) -> WorkforceRecord:
        arn = workforce_arn(self._region, self._account_id, row.name)
        document = json.loads(row.document)
        status, until = document.pop(_CHANGING, ("Active", 0.0))
        status = status if self._clock() < until else "Active"
        return WorkforceRecord(row.name, arn, document, status, row.created_at, row.modified_at)


def _place(pool_id: str | None) -> str:
    return f"user pool {pool_id}" if pool_id else "an identity provider of its own"


def _check_cidr(cidr: str) -> None:
    try:
        ipaddress.ip_network(cidr, strict=False)
    except ValueError as error:
        raise ValidationError(
            f"SourceIpConfig: {cidr!r} is not a CIDR block: {error}. Expected for example "
            "'203.0.113.0/24'."
        ) from error
