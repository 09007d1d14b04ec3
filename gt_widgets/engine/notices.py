"""What a work team is told on its notification topic: that there is a new job.

Layer: engine. Reference section 9.6. Who wants a mail subscribes to the topic; a topic that is not
there tells nobody, and that is no reason for a job to fail.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gt_widgets.errors import GroundTruthError
from gt_widgets.schema.arns import crowd_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.topics import Topics
    from gt_widgets.engine.workteams import Workteams

__all__ = ["Notices"]

_LOG = logging.getLogger(__name__)


class Notices:
    """Tells teams.

    Parameters
    ----------
    topics, teams : Topics, Workteams
    portal_url : callable
        Where the team works.
    """

    def __init__(self, topics: Topics, teams: Workteams, *, portal_url: Callable[[], str]) -> None:
        self._topics, self._teams, self._portal_url = topics, teams, portal_url

    def new_job(self, job: Job) -> None:
        """Tell a private team that a job has begun, if it has a topic."""
        crowd, name = crowd_of(job.human["WorkteamArn"])
        if crowd != "private":
            return
        try:
            settings = self._teams.get(name).document.get("NotificationConfiguration", {})
            if topic := settings.get("NotificationTopicArn"):
                self._topics.publish(topic, self._words(job, name), subject="New labeling job")
        except GroundTruthError as error:
            _LOG.info("labeling job %r: team %r is not told: %s", job.name, name, error)

    def _words(self, job: Job, team: str) -> str:
        title = job.human["TaskTitle"]
        return (
            f"A new labeling job is available to work team {team!r}: {title!r} ({job.name}), "
            f"{job.unlabeled} object(s). Sign in at {self._portal_url()}"
        )
