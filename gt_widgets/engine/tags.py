"""Tags of resources, by ARN.

Layer: engine. The rules are those of SageMaker's AddTags: equal keys are overwritten, at most
50 tags, keys that begin with ``aws:`` belong to AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine import tables
from gt_widgets.errors import ResourceLimitExceededError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gt_widgets.engine.store import Store

__all__ = ["TAGS_PER_RESOURCE", "Tags"]

TAGS_PER_RESOURCE = 50
_TAGS = tables.tags


class Tags:
    """Reads and writes the tags of any resource.

    Parameters
    ----------
    store : Store
        Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, arn: str, tags: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
        """Add or overwrite tags.

        Parameters
        ----------
        arn : str
            The resource.
        tags : iterable of ``{"Key", "Value"}``
            Each key at most once.

        Returns
        -------
        list of ``{"Key", "Value"}``
            All tags that the resource now has, in the order they were first added.

        Raises
        ------
        ValidationError
            If a key is given twice or begins with ``aws:``.
        ResourceLimitExceededError
            If the resource would have more than 50 tags.
        """
        wanted = _checked(tags)
        with self._store.begin() as connection:
            merged = {tag["Key"]: tag["Value"] for tag in self.of(arn)} | wanted
            if len(merged) > TAGS_PER_RESOURCE:
                raise ResourceLimitExceededError(
                    f"{arn} would have {len(merged)} tags; {TAGS_PER_RESOURCE} are allowed. "
                    "Delete some with DeleteTags first."
                )
            connection.execute(sa.delete(_TAGS).where(_TAGS.c.arn == arn))
            for position, (key, value) in enumerate(merged.items()):
                connection.execute(
                    sa.insert(_TAGS).values(arn=arn, key=key, value=value, position=position)
                )
        return [{"Key": key, "Value": value} for key, value in merged.items()]

    def of(self, arn: str) -> list[dict[str, str]]:
        """All tags of a resource, in the order they were first added."""
        query = sa.select(_TAGS).where(_TAGS.c.arn == arn).order_by(_TAGS.c.position)
        with self._store.reading() as connection:
            return [{"Key": row.key, "Value": row.value} for row in connection.execute(query).all()]

    def delete(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags by key; keys that are not there are passed over."""
        gone = sa.delete(_TAGS).where(_TAGS.c.arn == arn, _TAGS.c.key.in_(list(keys)))
        with self._store.begin() as connection:
            connection.execute(gone)

    def forget(self, arn: str) -> None:
        """Remove all tags of a resource that is being deleted."""
        with self._store.begin() as connection:
            connection.execute(sa.delete(_TAGS).where(_TAGS.c.arn == arn))


def _checked(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for tag in tags:
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise ValidationError(
                f"Tag key {key!r} begins with 'aws:', which is reserved. Choose another key."
            )
        if key in wanted:
            raise ValidationError(f"Tag key {key!r} is given twice. Give each key once.")
        wanted[key] = tag["Value"]
    return wanted
