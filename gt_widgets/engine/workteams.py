"""Work teams: private ones, and the way to the simulated crowds.

Layer: engine. What a request gave is kept as one JSON document in AWS's keys and echoed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.engine.crowds import Crowds, group_of
from gt_widgets.engine.identity import as_worker
from gt_widgets.engine.identity.pools import CROWD_POOL
from gt_widgets.engine.members import check_members, cognito_groups
from gt_widgets.engine.pages import Page, page_of
from gt_widgets.errors import (
    ResourceInUseError,
    ResourceLimitExceededError,
    ValidationError,
)
from gt_widgets.schema.arns import crowd_of, workteam_arn
from gt_widgets.schema.limits import WORKTEAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.identity import Identity, Worker
    from gt_widgets.engine.store import Store

__all__ = ["Workteam", "Workteams"]

_TEAMS = tables.workteams


@dataclass(frozen=True, slots=True)
class Workteam:
    """One private work team.

    Parameters
    ----------
    name, arn : str
        As AWS writes them.
    document : dict
        ``MemberDefinitions``, ``Description``, ``WorkforceArn`` and, if given,
        ``NotificationConfiguration`` and ``WorkerAccessConfiguration``.
    created_at, modified_at : float
        Epoch seconds.
    """

    name: str
    arn: str
    document: dict[str, Any]
    created_at: float
    modified_at: float


class Workteams:
    """Creates, finds and changes work teams.

    Parameters
    ----------
    store : Store
        Where they are kept.
    identity : Identity
        Where their members are.
    clock : callable
        Epoch seconds.
    region, account_id : str
        For ARNs.
    workforce_for : callable
        ``workforce_for(workforce_name or None, cognito or None)`` finds, or makes, the workforce
        of a new team and returns its ARN.
    """

    def __init__(
        self,
        store: Store,
        identity: Identity,
        *,
        clock: Clock,
        region: str,
        account_id: str,
        workforce_for: Callable[[str | None, dict[str, str] | None], str],
    ) -> None:
        self._store, self._identity, self._clock = store, identity, clock
        self._region, self._account_id = region, account_id
        self._workforce_for = workforce_for
        self.crowds = Crowds(identity, region=region)
        self.before_delete: list[Callable[[str], None]] = []
        """Called with the ARN of a team about to be deleted; may raise ResourceInUseError."""

    def create(
        self,
        name: str,
        *,
        members: Sequence[Mapping[str, Any]],
        workforce_name: str | None = None,
        **settings: Any,
    ) -> Workteam:
        """Create a team.

        Parameters
        ----------
        name : str
            One to 63 letters, digits and hyphens.
        members : sequence of mapping
            ``MemberDefinitions`` in AWS's keys.
        workforce_name : str, optional
            The workforce, if there is one of that name.
        **settings
            ``Description`` and further members of CreateWorkteam in AWS's keys.

        Raises
        ------
        ResourceInUseError
            If there is a team of that name.
        ResourceLimitExceededError
            If there are 25 teams.
        ValidationError
            If a member or the workforce does not exist, or kinds of members are mixed.
        """
        arn, now = workteam_arn(self._region, self._account_id, name), self._clock()
        with self._store.begin() as connection:
            if self._find(_TEAMS.c.name == name):
                raise ResourceInUseError(
                    f"The work team {name} exists already. Choose another name, or change it "
                    "with UpdateWorkteam."
                )
            count = connection.scalar(sa.select(sa.func.count()).select_from(_TEAMS)) or 0
            if count >= WORKTEAMS:
                raise ResourceLimitExceededError(
                    f"There are {count} work teams in {self._region}; {WORKTEAMS} are allowed. "
                    "Delete one with DeleteWorkteam first."
                )
            cognito = check_members(members, self._identity)
            document = {
                "MemberDefinitions": list(members),
                "WorkforceArn": self._workforce_for(workforce_name, cognito),
                **settings,
            }
            connection.execute(
                sa.insert(_TEAMS).values(
                    name=name,
                    arn=arn,
                    document=json.dumps(document),
                    created_at=now,
                    modified_at=now,
                )
            )
        return Workteam(name, arn, document, now, now)

    def get(self, name: str) -> Workteam:
        """Find a team by name.

        Raises
        ------
        ValidationError
            If there is none, as on AWS.
        """
        found = self._find(_TEAMS.c.name == name)
        if found is None:
            raise ValidationError(
                f"The work team {name} does not exist in {self._region}. ListWorkteams shows "
                "those that do."
            )
        return found

    def check(self, arn: str) -> None:
        """Refuse an ARN that is not the ARN of a team that can label here.

        Raises
        ------
        ValidationError
            If it is malformed, or names no team of this engine, no sample vendor and not the
            public crowd.
        """
        crowd, name = crowd_of(arn)
        if crowd != "private":
            self.crowds.check(arn)
            return
        if self._find(_TEAMS.c.arn == arn) is None:
            raise ValidationError(
                f"WorkteamArn: the work team {arn} does not exist; this engine is account "
                f"{self._account_id} in {self._region}. Create team {name!r} with CreateWorkteam."
            )

    def update(
        self, name: str, *, members: Sequence[Mapping[str, Any]] | None = None, **settings: Any
    ) -> Workteam:
        """Change members or settings; what is not given stays as it is."""
        with self._store.begin() as connection:
            team = self.get(name)
            document = team.document | settings
            if members is not None:
                cognito = check_members(members, self._identity)
                workforce = team.document["WorkforceArn"].rpartition("/")[2]
                self._workforce_for(workforce, cognito)
                document["MemberDefinitions"] = list(members)
            connection.execute(
                sa.update(_TEAMS)
                .where(_TEAMS.c.name == name)
                .values(document=json.dumps(document), modified_at=self._clock())
            )
            return self.get(name)

    def delete(self, name: str) -> None:
        """Delete a team; its workers stay in the workforce."""
        with self._store.begin() as connection:
            team = self.get(name)
            for hook in self.before_delete:
                hook(team.arn)
            connection.execute(sa.delete(_TEAMS).where(_TEAMS.c.name == name))

    def page(
        self,
        *,
        name_contains: str = "",
        by_name: bool = False,
        descending: bool = False,
        token: str | None = None,
        size: int = 100,
    ) -> Page[Workteam]:
        """One page of teams, by name or by time of creation.

        Raises
        ------
        ValidationError
            If ``token`` is not from an earlier page.
        """
        query = sa.select(_TEAMS).where(_TEAMS.c.name.icontains(name_contains, autoescape=True))
        with self._store.reading() as connection:
            found = page_of(
                connection,
                query,
                by=_TEAMS.c.name if by_name else _TEAMS.c.created_at,
                tie=_TEAMS.c.name,
                descending=descending,
                token=token,
                size=size,
            )
        return Page([_team(row) for row in found.rows], found.next_token)

    def all(self) -> list[Workteam]:
        """All teams, by name; there are at most 25."""
        with self._store.reading() as connection:
            rows = connection.execute(sa.select(_TEAMS).order_by(_TEAMS.c.name)).all()
        return [_team(row) for row in rows]

    def members(self, arn: str) -> list[Worker]:
        """List the enabled workers of a team or crowd, by user name."""
        team = self._find(_TEAMS.c.arn == arn)
        if team is None or not cognito_groups(team.document):
            return self.crowds.members(arn)
        found = {
            user.sub: as_worker(user)
            for pool_id, group in cognito_groups(team.document)
            for user in self._identity.users.all(pool_id, group=group)
            if user.enabled
        }
        return sorted(found.values(), key=lambda worker: worker.user_name)

    def of(self, sub: str) -> list[str]:
        """ARNs of the teams that a worker is in, by name; none of a disabled one."""
        user = self._identity.users.by_sub(sub)
        if user is None or not user.enabled:
            return []
        groups = self._identity.groups.of(sub)
        if user.pool_id == CROWD_POOL:
            everywhere = [*self.crowds.arns(), *(team.arn for team in self.all())]
            return [arn for arn in everywhere if (CROWD_POOL, group_of(arn)) in groups]
        return [team.arn for team in self.all() if cognito_groups(team.document) & groups]

    def simulated_worker(self, arn: str, user_name: str) -> Worker:
        """Find or create a simulated worker of a team or crowd.

        The workers of an identity provider of one's own are not known here, so the simulated ones
        of its teams are kept with those of the crowds.

        Raises
        ------
        ValidationError
            If there is no such team.
        ServiceError
            If a person has that name.
        """
        self.check(arn)
        team = self._find(_TEAMS.c.arn == arn)
        groups = cognito_groups(team.document) if team else set()
        if not groups:
            return self.crowds.simulated_worker(arn, user_name)
        return self._identity.simulated_worker(*min(groups), user_name)

    def with_group(self, pool_id: str, group: str) -> list[str]:
        """Names of the teams that a Cognito group is part of."""
        wanted = (pool_id, group)
        return [team.name for team in self.all() if wanted in cognito_groups(team.document)]

    def _find(self, condition: sa.ColumnElement[bool]) -> Workteam | None:
        with self._store.reading() as connection:
            row = connection.execute(sa.select(_TEAMS).where(condition)).one_or_none()
        return None if row is None else _team(row)


def _team(row: Any) -> Workteam:
    return Workteam(row.name, row.arn, json.loads(row.document), row.created_at, row.modified_at)
