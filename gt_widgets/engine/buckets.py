"""Which buckets there are, where objects lie on a remote S3 and buckets are prefixes there.

Layer: engine.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.objects import BucketInfo
from gt_widgets.engine.tables import buckets

if TYPE_CHECKING:
    from gt_widgets.engine.store import Store

__all__ = ["BucketRegister"]

_NAME: Any = buckets.c["name"]
_INFO = sa.select(_NAME, buckets.c.region, buckets.c.created_at)


class BucketRegister:
    """The names of buckets and what is set for them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, bucket: str) -> BucketInfo | None:
        """Return one bucket."""
        with self._store.reading() as connection:
            row = connection.execute(_INFO.where(bucket == _NAME)).one_or_none()
        return None if row is None else BucketInfo(*row)

    def all(self) -> list[BucketInfo]:
        """Return all buckets by name."""
        with self._store.reading() as connection:
            return [BucketInfo(*row) for row in connection.execute(_INFO.order_by(_NAME))]

    def add(self, bucket: BucketInfo) -> bool:
        """Note a new bucket; False if there is one of that name."""
        with self._store.begin() as connection:
            if self.get(bucket.name):
                return False
            row = {"name": bucket.name, "region": bucket.region, "created_at": bucket.created}
            connection.execute(sa.insert(buckets), row)
        return True

    def drop(self, bucket: str) -> None:
        """Forget a bucket."""
        with self._store.begin() as connection:
            connection.execute(sa.delete(buckets).where(bucket == _NAME))

    def cors(self, bucket: str) -> list[dict[str, Any]] | None:
        """Return the CORS rules of a bucket, None if it has none set."""
        with self._store.reading() as connection:
            text = connection.scalar(sa.select(buckets.c.cors).where(bucket == _NAME))
        rules: list[dict[str, Any]] | None = json.loads(text) if text else None
        return rules

    def set_cors(self, bucket: str, rules: list[dict[str, Any]] | None) -> None:
        """Replace the CORS rules of a bucket; None removes them."""
        text = None if rules is None else json.dumps(rules)
        with self._store.begin() as connection:
            connection.execute(sa.update(buckets).where(bucket == _NAME).values(cors=text))
