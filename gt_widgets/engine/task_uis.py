"""Human task UIs: worker task templates kept under a name.

Layer: engine. They belong to Augmented AI; a labeling job uses them only through the ARNs of AWS.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.pages import Page, page_of
from gt_widgets.engine.tables import human_task_uis
from gt_widgets.errors import ResourceInUseError, ResourceNotFoundError
from gt_widgets.schema.arns import human_task_ui_arn

if TYPE_CHECKING:
    from gt_widgets.engine.clock import Clock
    from gt_widgets.engine.store import Store

__all__ = ["HumanTaskUi", "HumanTaskUis"]


@dataclass(frozen=True, slots=True)
class HumanTaskUi:
    """One template: its text, and the SHA-256 of that in hexadecimal digits."""

    name: str
    arn: str
    content: str
    sha256: str
    created_at: float


class HumanTaskUis:
    """The templates of one account and region."""

    def __init__(self, store: Store, *, clock: Clock, region: str, account_id: str) -> None:
        self._store, self._clock = store, clock
        self._region, self._account_id = region, account_id

    def create(self, name: str, content: str) -> HumanTaskUi:
        """Keep a template.

        Raises
        ------
        ResourceInUseError
            If there is one of that name.
        """
        made = HumanTaskUi(
            name,
            human_task_ui_arn(self._region, self._account_id, name),
            content,
            hashlib.sha256(content.encode()).hexdigest(),
            self._clock(),
        )
        with self._store.begin() as connection:
            if self._find(human_task_uis.c.name == name):
                raise ResourceInUseError(
                    f"The human task UI {name!r} exists already. Choose another name, or delete "
                    "it with DeleteHumanTaskUi."
                )
            connection.execute(
                sa.insert(human_task_uis).values(
                    name=made.name,
                    arn=made.arn,
                    content=made.content,
                    sha256=made.sha256,
                    created_at=made.created_at,
                )
            )
        return made

    def get(self, name: str) -> HumanTaskUi:
        """Find a template by name.

        Raises
        ------
        ResourceNotFoundError
            If there is none.
        """
        return self._found(self._find(human_task_uis.c.name == name), name)

    def by_arn(self, arn: str) -> HumanTaskUi:
        """Find a template by its ARN; raises as `get` does."""
        return self._found(self._find(human_task_uis.c.arn == arn), arn)

    def by_hash(self, sha256: str) -> HumanTaskUi:
        """Find a template by what it says; raises as `get` does."""
        return self._found(self._find(human_task_uis.c.sha256 == sha256), sha256)

    def delete(self, name: str) -> HumanTaskUi:
        """Delete a template and return it."""
        with self._store.begin() as connection:
            gone = self.get(name)
            connection.execute(sa.delete(human_task_uis).where(human_task_uis.c.name == name))
        return gone

    def page(
        self,
        *,
        after: float | None = None,
        before: float | None = None,
        descending: bool = False,
        token: str | None = None,
        size: int = 100,
    ) -> Page[HumanTaskUi]:
        """One page of templates by time of creation, those made ``after`` and ``before``."""
        created = human_task_uis.c.created_at
        query = sa.select(human_task_uis)
        if after is not None:
            query = query.where(created > after)
        if before is not None:
            query = query.where(created < before)
        with self._store.reading() as connection:
            found = page_of(
                connection,
                query,
                by=created,
                tie=human_task_uis.c.name,
                descending=descending,
                token=token,
                size=size,
            )
        return Page([_ui(row) for row in found.rows], found.next_token)

    def _find(self, condition: sa.ColumnElement[bool]) -> HumanTaskUi | None:
        with self._store.reading() as connection:
            row = connection.execute(
                sa.select(human_task_uis).where(condition).limit(1)
            ).one_or_none()
        return None if row is None else _ui(row)

    def _found(self, found: HumanTaskUi | None, what: str) -> HumanTaskUi:
        if found is None:
            raise ResourceNotFoundError(
                f"There is no human task UI {what!r} in {self._region}. ListHumanTaskUis shows "
                "those there are; the pages of AWS itself are not kept here."
            )
        return found


def _ui(row: Any) -> HumanTaskUi:
    return HumanTaskUi(row.name, row.arn, row.content, row.sha256, row.created_at)
