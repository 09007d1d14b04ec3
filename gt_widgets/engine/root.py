"""The composition root: one engine over one state folder.

Layer: engine. Everything that reaches outside (clock, randomness, identifiers) comes in here.
"""

from __future__ import annotations

import logging
import random
import threading
from functools import partial
from typing import TYPE_CHECKING

from gt_widgets.engine.apart import Apart
from gt_widgets.engine.automated import MIN_AUTOMATED_OBJECTS
from gt_widgets.engine.automations import Automations
from gt_widgets.engine.busy import refuse_busy
from gt_widgets.engine.clock import Clock, NewId, random_id, system_clock
from gt_widgets.engine.commits import Commits
from gt_widgets.engine.costs import Costs
from gt_widgets.engine.identity import Identity
from gt_widgets.engine.intake import MAX_OBJECTS, Intake
from gt_widgets.engine.jobs import Jobs
from gt_widgets.engine.learners import Learners
from gt_widgets.engine.liquid import Renderer
from gt_widgets.engine.logbook import LogBook
from gt_widgets.engine.meter import Forecasts
from gt_widgets.engine.metrics import Metrics
from gt_widgets.engine.models import Models
from gt_widgets.engine.objects import Objects, ObjectStore
from gt_widgets.engine.outbox import Outbox
from gt_widgets.engine.pictures import thumbnail
from gt_widgets.engine.postgres import PostgresStore
from gt_widgets.engine.requester import RequesterSide
from gt_widgets.engine.segmenting import Segmenting
from gt_widgets.engine.showing import Showing
from gt_widgets.engine.store import open_store
from gt_widgets.engine.streams import Streams
from gt_widgets.engine.tags import Tags
from gt_widgets.engine.task_uis import HumanTaskUis
from gt_widgets.engine.tasks import TaskQueue
from gt_widgets.engine.topics import Topics
from gt_widgets.engine.training import Trainer
from gt_widgets.engine.turns import OnlyServer, SharedTurns, Turns
from gt_widgets.engine.wiring import conductor_of
from gt_widgets.engine.worker import WorkerSide
from gt_widgets.engine.workforce import Workforce
from gt_widgets.errors import StoreError, ValidationError
from gt_widgets.processes import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gt_widgets.engine.store import Store

__all__ = ["DEFAULT_ACCOUNT", "DEFAULT_REGION", "Engine"]

_LOG = logging.getLogger(__name__)
DEFAULT_ACCOUNT = "111122223333"
DEFAULT_REGION = "us-east-1"
_MAX_PAUSE_S = 5.0
_MIN_PAUSE_S = 0.02
"""Between two turns of the conductor, so that many submits share one."""
_MAX_THUMBNAILS = 500
_SEGMENT_S = 20.0
"""One mask proposal may take so long; a labeler who waits for it sees nothing meanwhile."""


class Engine:
    """Ground Truth over one folder.

    Parameters
    ----------
    folder : Path
        The state folder; made if it is not there. One process may own it at a time
        (``services.daemon`` sees to that).
    clock, new_id, rng
        Time, identifiers and randomness.
    account_id, region : str
        What ARNs say.
    store_url : str, optional
        ``postgresql://...`` of a store that several servers share; SQLite in the folder if absent.
    objects : callable, optional
        ``(store, clock)`` to what keeps S3's objects; the folder does if absent.
    portal_url : str
        Link in invitation mails, and without its scheme the teams' ``SubDomain``.

    Raises
    ------
    StoreError
        If the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock = system_clock,
        new_id: NewId = random_id,
        rng: random.Random | None = None,
        account_id: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        portal_url: str = "http://127.0.0.1/portal",
        store_url: str | None = None,
        objects: Callable[[Store, Clock], Objects] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder, self.portal_url = folder, portal_url
        self.clock, self.new_id = clock, new_id
        self.account_id, self.region = account_id, region
        self.store = open_store(folder, store_url)
        self.store_id = str(self.store.fact("store_id", new_id()))
        self.objects: Objects = (
            objects(self.store, clock)
            if objects
            else ObjectStore(folder / "objects", clock=clock, new_id=new_id)
        )
        self._check_same()
        self.logs, self.metrics = LogBook(self.store), Metrics(self.store)
        self.tags = Tags(self.store)
        self.outbox = Outbox(self.store, clock=clock, portal_url=lambda: self.portal_url)
        self.topics = self._make_topics()
        self.identity = self._make_identity()
        self.workforce = self._make_workforce()
        self.workforce.teams.before_delete.append(partial(refuse_busy, self.store))
        self.learners = Learners(folder)
        self.models = Models(self.store, region=region, account_id=account_id)
        self.jobs = self._make_jobs(rng or random.SystemRandom())
        self.tasks = TaskQueue(self.store, clock=clock, new_id=new_id)
        self.costs = Costs(self.store, self.tasks.tallies, self.workforce.teams.crowds)
        self.intake = Intake(self.store, self.objects, self._jobs_folder())
        self.streams = Streams(self.store, self.topics, self.intake, clock=clock)
        self.apart, self._slow = Apart(), Apart(timeout_s=_SEGMENT_S)
        self.showing = Showing(self.intake, self.objects, self.apart)
        self.segmenting = Segmenting(folder / "models" / "segment", self.intake, self._slow)
        self._awake, self._news = threading.Event(), False
        self.automations, self.trainer = Automations(self.store), Trainer(self._awake.set)
        self.forecasts, self.commits = Forecasts(self.store), Commits(self.store)
        self._turns = self._make_turns()
        self.conductor = conductor_of(self, turns=self._turns, jobs_folder=self._jobs_folder())
        self.task_uis = HumanTaskUis(self.store, clock=clock, region=region, account_id=account_id)
        self.renderer = Renderer(end_with_parent)
        self.worker, self.requester = WorkerSide(self), RequesterSide(self)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._thumbnails: dict[tuple[int, int], bytes] = {}

    def _make_topics(self) -> Topics:
        return Topics(
            self.store,
            clock=self.clock,
            new_id=self.new_id,
            region=self.region,
            account_id=self.account_id,
            outbox=self.outbox,
            logs=self.logs,
        )

    def _make_identity(self) -> Identity:
        return Identity(
            self.store,
            clock=self.clock,
            new_id=self.new_id,
            region=self.region,
            account_id=self.account_id,
            outbox=self.outbox,
        )

    def _make_workforce(self) -> Workforce:
        return Workforce(
            self.store,
            self.identity,
            clock=self.clock,
            new_id=self.new_id,
            region=self.region,
            account_id=self.account_id,
            sub_domain=lambda: self.portal_url.split("://", 1)[-1],
        )

    def _make_jobs(self, rng: random.Random) -> Jobs:
        return Jobs(
            self.store,
            self.objects,
            clock=self.clock,
            rng=rng,
            region=self.region,
            account_id=self.account_id,
            check_team=self.workforce.check_team,
            check_topic=self.topics.get,
            check_model=self.models.check,
            check_learner=self.learners.check,
        )

    def _make_turns(self) -> Turns:
        if isinstance(self.store, PostgresStore):
            return SharedTurns(self.store, server_id=self.new_id())
        return OnlyServer()

    def _check_same(self) -> None:
        """Refuse to write other ARNs than before, or to miss the files of the store's jobs."""
        if self.store.shared:
            here = f"{self.account_id} in {self.region}"
            known = self.store.fact("place", here)
            if known != here:
                raise StoreError(
                    f"{self.store.place} belongs to account {known}, this server is {here}. Give "
                    "--account-id and --region as before."
                )
        known = self.store.fact("objects", self.objects.identity)
        if known != self.objects.identity:
            hint = (
                "Give --s3 as before"
                if str(known).startswith("s3://")
                else "Several servers need --s3 s3://bucket/prefix from the first start on; one "
                "server needs the folder it began with"
            )
            raise StoreError(
                f"{self.store.place} has its objects in {known}, not in "
                f"{self.objects.identity}. {hint}."
            )

    def start(self) -> None:
        """Run the conductor in a thread of its own until ``close``."""
        self._thread = threading.Thread(target=self._conduct, name="conductor", daemon=True)
        self._thread.start()
        self._turns.listen(self._awake.set)

    def wake(self) -> None:
        """Tell the conductor, and those of other servers, that something happened."""
        self._news = True
        self._awake.set()

    def step(self) -> float:
        """One turn of the conductor, for tests and for places without threads."""
        return self.conductor.step()

    def close(self) -> None:
        """Stop the conductor and close the files."""
        self._closing.set()
        self._awake.set()
        if self._thread:
            self._thread.join(timeout=30)
        self._turns.close()
        self.trainer.close()
        self.apart.close()
        self._slow.close()
        self.renderer.close()
        self.objects.close()
        self.store.close()

    def set_max_objects(self, most: int) -> None:
        """Let jobs of this store have up to ``most`` objects; 0: the service's limit again.

        Raises
        ------
        ValidationError
            If it is negative.
        """
        if most < 0:
            raise ValidationError(f"max_objects must be 0 or more, not {most}.")
        self.store.set_fact(MAX_OBJECTS, str(most) if most else "")

    def set_min_automated_objects(self, least: int) -> None:
        """Let automated jobs of this store have as few as ``least`` objects; 0: as the service.

        Raises
        ------
        ValidationError
            If it is negative.
        """
        if least < 0:
            raise ValidationError(f"min_automated_objects must be 0 or more, not {least}.")
        self.store.set_fact(MIN_AUTOMATED_OBJECTS, str(least) if least else "")

    def _jobs_folder(self) -> Path:
        """Where snapshots of manifests lie; copies, where another store may be used next time."""
        jobs = self.folder / "jobs"
        return jobs / self.store_id if self.store.shared else jobs

    def thumbnail(self, job_name: str, object_id: int) -> bytes:
        """Return a small JPEG of one data object, decoded in a process of its own.

        Raises
        ------
        ImageError
            If the picture cannot be decoded; the decoder may die of it, the engine does not.
        """
        job = self.jobs.get(job_name)
        key = (job.job_id, object_id)
        if key not in self._thumbnails:
            data = self.intake.read_picture(job, object_id)
            small = self.apart.run(f"object {object_id} of {job_name}", thumbnail, data)
            if len(self._thumbnails) >= _MAX_THUMBNAILS:
                self._thumbnails.clear()
            self._thumbnails[key] = small
        return self._thumbnails[key]

    def _conduct(self) -> None:
        while not self._closing.is_set():
            self._awake.clear()
            news, self._news = self._news, False
            try:
                due = self.conductor.step(news=news)
            except Exception:  # noqa: BLE001  the thread must outlive any fault of one turn
                _LOG.exception("the conductor stumbled; it goes on")
                due = 1.0
            self._awake.wait(min(due, _MAX_PAUSE_S))
            self._closing.wait(_MIN_PAUSE_S)
