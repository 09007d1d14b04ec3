"""The composition root: one engine over one state folder.

Layer: engine. Everything that reaches outside (clock, randomness, identifiers) comes in here.
"""

from __future__ import annotations

import logging
import random
import threading
from functools import partial
from typing import TYPE_CHECKING

from gt_widgets.engine.active_learning import ActiveLearning
from gt_widgets.engine.apart import Apart
from gt_widgets.engine.automated import MIN_AUTOMATED_OBJECTS
from gt_widgets.engine.automations import Automations
from gt_widgets.engine.busy import refuse_busy
from gt_widgets.engine.choosing import Chooser
from gt_widgets.engine.clock import Clock, NewId, random_id, system_clock
from gt_widgets.engine.commits import Commits
from gt_widgets.engine.conductor import Conductor
from gt_widgets.engine.costs import Costs
from gt_widgets.engine.gather import Gatherer
from gt_widgets.engine.identity import Identity
from gt_widgets.engine.intake import MAX_OBJECTS, Intake
from gt_widgets.engine.jobs import Jobs
from gt_widgets.engine.learners import Learners
from gt_widgets.engine.lessons import Lessons
from gt_widgets.engine.liquid import Renderer
from gt_widgets.engine.logbook import LogBook
from gt_widgets.engine.machine_labels import MachineLabels
from gt_widgets.engine.meter import Forecasts, Meter
from gt_widgets.engine.metrics import Metrics
from gt_widgets.engine.models import Models
from gt_widgets.engine.notices import Notices
from gt_widgets.engine.objects import Objects, ObjectStore
from gt_widgets.engine.outbox import Outbox
from gt_widgets.engine.outputs import Outputs
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
from gt_widgets.engine.votes import Votes
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
"""A labeler does not wait longer for a mask proposal."""


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
        self.folder = folder
        self.clock, self.new_id = clock, new_id
        self.account_id, self.region = account_id, region
        self.portal_url = portal_url
        rng = rng or random.SystemRandom()
        self.store = open_store(folder, store_url)
        self.store_id = str(self.store.fact("store_id", new_id()))
        self.objects: Objects = (
            objects(self.store, clock)
            if objects
            else ObjectStore(folder / "objects", clock=clock, new_id=new_id)
        )
        self._check_same()
        self.logs = LogBook(self.store)
        self.metrics = Metrics(self.store)
        self.tags = Tags(self.store)
        self.outbox = Outbox(self.store, clock=clock, portal_url=lambda: self.portal_url)
        self.topics = Topics(
            self.store,
            clock=clock,
            new_id=new_id,
            region=region,
            account_id=account_id,
            outbox=self.outbox,
            logs=self.logs,
        )
        self.identity = Identity(
            self.store,
            clock=clock,
            new_id=new_id,
            region=region,
            account_id=account_id,
            outbox=self.outbox,
        )
        self.workforce = Workforce(
            self.store,
            self.identity,
            clock=clock,
            new_id=new_id,
            region=region,
            account_id=account_id,
            sub_domain=lambda: self.portal_url.split("://", 1)[-1],
        )
        self.workforce.teams.before_delete.append(partial(refuse_busy, self.store))
        self.learners = Learners(folder)
        self.models = Models(self.store, region=region, account_id=account_id)
        self.jobs = Jobs(
            self.store,
            self.objects,
            clock=clock,
            rng=rng,
            region=region,
            account_id=account_id,
            check_team=self.workforce.check_team,
            check_topic=self.topics.get,
            check_model=self.models.check,
            check_learner=self.learners.check,
        )
        self.tasks = TaskQueue(self.store, clock=clock, new_id=new_id)
        self.costs = Costs(self.store, self.tasks.tallies, self.workforce.teams.crowds)
        self.intake = Intake(self.store, self.objects, self._jobs_folder())
        outputs = Outputs(
            self.store, self.objects, region=region, identity_of=self.workforce.identity_of
        )
        self.streams = Streams(self.store, self.topics, self.intake, clock=clock)
        self.apart = Apart()
        self.showing = Showing(self.intake, self.objects, self.apart)
        self._slow = Apart(timeout_s=_SEGMENT_S)
        models = folder / "models" / "segment"
        self.segmenting = Segmenting(models, self.intake, self._slow)
        self._turns: Turns = (
            SharedTurns(self.store, server_id=new_id())
            if isinstance(self.store, PostgresStore)
            else OnlyServer()
        )
        self._awake, self._news = threading.Event(), False
        self.automations = Automations(self.store)
        self.trainer = Trainer(self._awake.set)
        chooser = Chooser(self.store)
        gatherer = Gatherer(self.store, self.intake, outputs)
        lessons = Lessons(
            self.store,
            gatherer=gatherer,
            intake=self.intake,
            showing=self.showing,
            outputs=outputs,
            models=self.models,
            learners=self.learners,
            folder=self._jobs_folder(),
        )
        self.forecasts, self.commits = Forecasts(self.store), Commits(self.store)
        self.conductor = Conductor(
            self.store,
            self.jobs,
            self.intake,
            self.showing,
            clock=clock,
            new_id=new_id,
            chooser=chooser,
            gatherer=gatherer,
            streams=self.streams,
            turns=self._turns,
            machine=self._active_learning(chooser, gatherer, outputs, lessons),
            meter=Meter(self.forecasts, self.automations, self.trainer, prepared=lessons.look),
            commits=self.commits,
            notices=Notices(self.topics, self.workforce.teams, portal_url=lambda: self.portal_url),
        )
        self.task_uis = HumanTaskUis(self.store, clock=clock, region=region, account_id=account_id)
        self.renderer = Renderer(end_with_parent)
        self.worker = WorkerSide(self)
        self.requester = RequesterSide(self)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._thumbnails: dict[tuple[int, int], bytes] = {}

    def _active_learning(
        self, chooser: Chooser, gatherer: Gatherer, outputs: Outputs, lessons: Lessons
    ) -> ActiveLearning:
        return ActiveLearning(
            self.store,
            self.automations,
            reread=self.jobs.by_id,
            chooser=chooser,
            gatherer=gatherer,
            intake=self.intake,
            outputs=outputs,
            models=self.models,
            trainer=self.trainer,
            votes=Votes(
                self.store,
                self.tasks.tallies,
                members=lambda arn: {worker.sub for worker in self.workforce.members(arn)},
            ),
            machine_labels=MachineLabels(self.store, outputs, chooser, self.intake),
            commits=self.commits,
            lessons=lessons,
        )

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
