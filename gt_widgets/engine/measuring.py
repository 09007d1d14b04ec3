"""Looking at objects before workers do: how large their pictures are, and what cannot be shown.

Layer: engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.tables import data_objects
from gt_widgets.errors import DataObjectError, ImageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.pictures import Picture
    from gt_widgets.engine.showing import Showing
    from gt_widgets.engine.store import Store

__all__ = ["Measurer"]

_NOT_SHOWN = (ImageError, DataObjectError)
_KEEP_SIZE = (
    sa.update(data_objects)
    .where(data_objects.c.object_id == sa.bindparam("id"))
    .values(
        width=sa.bindparam("width_"), height=sa.bindparam("height_"), depth=sa.bindparam("depth_")
    )
)


class Measurer:
    """Measures the objects of a batch."""

    def __init__(self, store: Store, showing: Showing) -> None:
        self._store, self._showing = store, showing

    def unmeasured(self, job: Job, object_ids: Sequence[int]) -> list[int]:
        """Leave out what was measured for this batch before a kill; ascending object ids."""
        with self._store.reading() as connection:
            return list(
                connection.scalars(
                    sa.select(data_objects.c.object_id)
                    .where(data_objects.c.job_id == job.job_id)
                    .where(data_objects.c.object_id.in_(object_ids))
                    .where(data_objects.c.width.is_(None))
                    .order_by(data_objects.c.object_id)
                )
            )

    def measure(
        self, job: Job, object_ids: Sequence[int]
    ) -> tuple[list[tuple[int, Picture | None]], list[tuple[int, str]]]:
        """Look at objects: those that workers can be shown, and why the others cannot."""
        found, failed = list[tuple[int, "Picture | None"]](), list[tuple[int, str]]()
        for object_id in object_ids:
            try:
                found.append((object_id, self._showing.prepare(job, object_id)))
            except _NOT_SHOWN as error:
                failed.append((object_id, f"ClientError: {error}"))
        return found, failed

    @staticmethod
    def keep_sizes(
        connection: sa.Connection, job: Job, found: Sequence[tuple[int, Picture | None]]
    ) -> None:
        """Remember how large the pictures are; nothing for texts and for no objects."""
        if found:
            connection.execute(
                _KEEP_SIZE.where(data_objects.c.job_id == job.job_id),
                [{"id": object_id, **_size(picture)} for object_id, picture in found],
            )


def _size(found: Picture | None) -> dict[str, int | None]:
    if found is None:
        return {"width_": None, "height_": None, "depth_": None}
    return {"width_": found.width, "height_": found.height, "depth_": found.depth}
