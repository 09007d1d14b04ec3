"""Teams at work: a team is not deleted while it has jobs that nobody else could finish.

Layer: engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from gt_widgets.engine.tables import jobs
from gt_widgets.errors import ResourceInUseError
from gt_widgets.schema.jobs import TRANSITIONS

if TYPE_CHECKING:
    from gt_widgets.engine.store import Store

__all__ = ["refuse_busy"]

_MOVING = [status for status, following in TRANSITIONS.items() if following]
_SHOWN = 5


def refuse_busy(store: Store, workteam_arn: str) -> None:
    """Object to the deletion of a team that labels.

    Raises
    ------
    ResourceInUseError
        With its jobs that are not finished, if there are any.
    """
    busy = sa.select(jobs.c.name).where(
        jobs.c.workteam_arn == workteam_arn, jobs.c.status.in_(_MOVING)
    )
    with store.reading() as connection:
        names = connection.scalars(busy.order_by(jobs.c.job_id).limit(_SHOWN)).all()
    if names:
        raise ResourceInUseError(
            f"The work team {workteam_arn} has labeling jobs that are not finished: "
            f"{', '.join(names)}. Stop them with StopLabelingJob, or wait for them."
        )
