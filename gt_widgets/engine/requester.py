"""The requester side: what a job card, an outbox and a gallery ask.

Layer: engine. The operations of the requester protocol (``docs/reference/worker-protocol.md``):
summaries that AWS has no call for. Everything that AWS has a call for goes through that.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.automated import automated
from gt_widgets.engine.commits import foreseen_machine
from gt_widgets.engine.leasing import WITH_WORKERS
from gt_widgets.engine.machine_words import described, machine_line
from gt_widgets.engine.tables import consolidations, data_objects, users
from gt_widgets.engine.words import next_words
from gt_widgets.engine.worker import PictureBytes
from gt_widgets.errors import GroundTruthError, WorkerError
from gt_widgets.schema.jobs import TRANSITIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.root import Engine

__all__ = ["RequesterSide"]

_RECENT = 12
_VERSION = "1"
_INVITATION = (
    "user_name",
    "temporary_password",
    "portal_url",
    "sub",
    "expires_at",
    "password_state",
)
"""What a mail has that invites a worker; null in other mail."""

_LAST_CONSOLIDATIONS = (
    sa.select(consolidations.c.consolidation_id)
    .where(consolidations.c.job_id == sa.bindparam("job"))
    .order_by(consolidations.c.iteration.desc(), consolidations.c.created_at.desc())
    .limit(_RECENT)
)
# with the state among the conditions, the planner begins with all labeled objects of the job
_CONSOLIDATED_BY = (
    sa.select(data_objects)
    .where(data_objects.c.consolidation_id.in_(sa.bindparam("numbers", expanding=True)))
    .order_by(data_objects.c.consolidation_id.desc(), data_objects.c.object_id)
)


class RequesterSide:
    """Answers one operation of the requester protocol."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._operations: dict[str, Callable[[dict[str, Any]], Any]] = {
            "hello": self._hello,
            "cost": self._cost,
            "metrics": self._metrics,
            "card": lambda args: self.card(str(args["job_name"])),
            "thumbnail": self._thumbnail,
            "outbox": self._outbox,
            "simulated_worker": self._simulated_worker,
            "set_max_objects": self._set_max_objects,
            "set_min_automated_objects": self._set_min_automated_objects,
            "automation": self._automation,
            "commit_automation": self._commit_automation,
        }

    @property
    def operations(self) -> tuple[str, ...]:
        """Names of what can be asked."""
        return tuple(self._operations)

    def call(self, operation: str, args: dict[str, Any]) -> Any:
        """Answer one operation: a dict, or ``PictureBytes`` for ``thumbnail``.

        Raises
        ------
        WorkerError
            If there is no such operation or an argument is missing.
        """
        if operation not in self._operations:
            raise WorkerError(
                f"There is no requester operation {operation[:40]!r}; there are "
                f"{', '.join(sorted(self._operations))}."
            )
        try:
            return self._operations[operation](args)
        except GroundTruthError:
            raise
        except (KeyError, TypeError, ValueError) as error:
            raise WorkerError(
                f"{operation}: an argument is missing or wrong ({error!r}); "
                "docs/reference/worker-protocol.md lists them."
            ) from error

    def _hello(self, _args: dict[str, Any]) -> dict[str, Any]:
        return {"store_id": self._engine.store_id, "version": _VERSION}

    def _thumbnail(self, args: dict[str, Any]) -> PictureBytes:
        data = self._engine.thumbnail(str(args["job_name"]), int(args["object_id"]))
        return PictureBytes(data, "image/jpeg")

    def _outbox(self, _args: dict[str, Any]) -> dict[str, Any]:
        return {
            "mails": [
                {
                    "mail_id": str(mail.mail_id),
                    "to": mail.recipient,
                    "subject": mail.subject,
                    "sent_at": mail.sent_at,
                    "body": mail.body,
                    **{key: mail.details.get(key) for key in _INVITATION},
                }
                for mail in self._engine.outbox.mails()
            ]
        }

    def _set_max_objects(self, args: dict[str, Any]) -> dict[str, Any]:
        self._engine.set_max_objects(int(args["most"]))
        return {}

    def _set_min_automated_objects(self, args: dict[str, Any]) -> dict[str, Any]:
        self._engine.set_min_automated_objects(int(args["least"]))
        return {}

    def _automation(self, args: dict[str, Any]) -> dict[str, Any]:
        """The loop of an automated job: its rounds, and the numbers of the last for charts."""
        job = self._engine.jobs.get(str(args["job_name"]))
        found = self._engine.automations.of(job.job_id)
        if found is None:
            return {"automation": None}
        own, bill = job.total - job.kept, self._engine.costs.billing(job)
        forecast = self._engine.forecasts.of(found)
        newest = forecast.report if forecast and forecast.report else found.report
        said = {
            "usd": [bill(max(own - past.machine, 0)) for past in found.state.history],
            "usd_people": sum(bill(own)),
            "targets": self._targets(job, newest, bill),
            "counted": {"people": job.human_labeled, "left": job.unlabeled},
            "status": job.status,
        }
        made = {**described(job, found, forecast, self._engine.commits.of(job.job_id)), **said}
        if made["meter"] is not None:
            made["meter"] |= self._if_stopped(job, made["meter"], bill)
        return {"automation": made}

    def _if_stopped(
        self, job: Job, meter: dict[str, Any], bill: Callable[[int], tuple[float, float]]
    ) -> dict[str, Any]:
        """What the job would cost if people were asked no further now, and the hours left."""
        own = job.total - job.kept
        each_s = self._engine.costs.of(job).seconds_per_task * job.workers_per_object
        whole, alone = (sum(bill(max(own - each, 0))) for each in (meter["machine"], 0))
        return {
            "hours": round(meter["left"] * each_s / 3600.0, 3),
            "cost_usd": round(whole, 2),
            "saved_usd": round(alone - whole, 2),
        }

    def _targets(
        self, job: Job, report: dict[str, Any] | None, bill: Callable[[int], tuple[float, float]]
    ) -> list[dict[str, Any]]:
        """Other targets: the bill of the job, what of it is to come, hours people would still sit.

        With a band: what the machine could label with other luck in the calibration sample.
        """
        cost, own = self._engine.costs.of(job), job.total - job.kept
        each_h = cost.seconds_per_task * job.workers_per_object / 3600.0
        points = []
        for point in (report or {}).get("targets", ()):
            pool = point["machine"] + point["people"]
            band = [point["machine"], point.get("low", 0), point.get("high", pool)]
            bills = [sum(bill(max(own - machine, 0))) for machine in band]
            hours = [round((pool - machine) * each_h, 3) for machine in band]
            ends = {"low": band[1], "high": band[2]}
            ends |= {"hours_low": hours[2], "hours_high": hours[1]}
            rest = [round(max(each - cost.so_far.total_usd, 0.0), 2) for each in bills]
            ends |= {"rest_usd": rest[0], "rest_low": rest[2], "rest_high": rest[1]}
            points.append({**point, "cost_usd": round(bills[0], 2), "hours": hours[0], **ends})
        return points

    def _commit_automation(self, args: dict[str, Any]) -> dict[str, Any]:
        """Ask people no further: the machine commits what it can be held to."""
        engine = self._engine
        job = engine.jobs.get(str(args["job_name"]))
        found = engine.automations.of(job.job_id)
        forecast = engine.forecasts.of(found) if found else None
        engine.commits.ask(
            job,
            found,
            foreseen_machine(found, forecast),
            engine.clock(),
            rest=str(args.get("rest", "people")),
            anyway=bool(args.get("anyway", False)),
        )
        engine.wake()
        return {}

    def _simulated_worker(self, args: dict[str, Any]) -> dict[str, Any]:
        """Open a session for a simulated worker of a team; made if there is none of that name.

        A person's session cannot be had this way (T08).
        """
        teams = self._engine.workforce.teams
        worker = teams.simulated_worker(str(args["workteam_arn"]), str(args["user_name"]))
        session = self._engine.identity.session_for(worker.sub)
        return {"user_name": worker.user_name, "session": session}

    # --- the card -------------------------------------------------------------------------------

    def card(self, job_name: str) -> dict[str, Any]:
        """Sum up one job: status, counters, the batch, workers, cost, what happens next."""
        job = self._engine.jobs.get(job_name)
        batch = self._batch(job)
        cost = self._engine.costs.of(job)
        found = self._engine.automations.of(job.job_id) if automated(job) else None
        forecast = self._engine.forecasts.of(found) if found else None
        team_size, closed = self._team_size(job), self._closed(job)
        wish = self._engine.commits.of(job.job_id) if found else None
        line = machine_line(job, found, forecast, wish) if found else None
        return {
            "job_name": job.name,
            "status": job.status,
            "task_type": job.task_type.name,
            "team": job.human["WorkteamArn"].rsplit("/", 1)[-1],
            "counters": {
                "total": job.total,
                "human_labeled": job.human_labeled,
                "machine_labeled": job.machine_labeled,
                "failed": job.failed,
                "unlabeled": job.unlabeled,
                "foreseen": line["meter"]["machine"] if line and line["meter"] else 0,
            },
            "batch": batch,
            "workers": self._workers(job),
            "cost": {
                "so_far_usd": cost.so_far.total_usd,
                "estimate_usd": cost.whole.total_usd,
                "explanation": cost.whole.explanation,
            },
            "automation": line,
            "next": next_words(
                job, batch, team_size, found, forecast=forecast, wish=wish, closed=closed
            ),
            "failure_reason": job.failure_reason,
            "manifest_uri": job.manifest_uri,
            "created_at": job.created_at,
            "now": self._engine.clock(),
            "seconds_per_task": self._seconds_per_task(job),
            "recent": self._recent(job),
            "categories": list(job.categories.labels),
        }

    def _metrics(self, args: dict[str, Any]) -> dict[str, Any]:
        job = self._engine.jobs.get(str(args["job_name"]))
        arn = job.human["WorkteamArn"]
        return {"series": self._engine.metrics.of_job(job.name, arn, job.created_at)}

    def _cost(self, args: dict[str, Any]) -> dict[str, Any]:
        job = self._engine.jobs.get(str(args["job_name"]))
        month = args.get("account_month")
        cost = self._engine.costs.of(job, account_month=None if month is None else int(month))
        return {"so_far": asdict(cost.so_far), "whole": asdict(cost.whole)}

    def _closed(self, job: Job) -> str:
        return "" if not TRANSITIONS[job.status] else self._engine.showing.closed_to_pages(job)

    def _team_size(self, job: Job) -> int:
        return len(self._engine.workforce.members(job.human["WorkteamArn"]))

    def _batch(self, job: Job) -> dict[str, Any]:
        """Count the tasks of the objects that are with workers now.

        What is not open counts as done: answered, or closed because its object expired.
        """
        with self._engine.store.reading(together=True) as connection:
            objects = int(connection.scalar(WITH_WORKERS, {"job": job.job_id}) or 0)
            waiting = self._engine.tasks.open(job)
        total = objects * job.workers_per_object
        return {
            "iteration": job.iteration,
            "objects": objects,
            "tasks_done": total - sum(waiting.values()),
            "tasks_total": total,
            "leased": waiting["leased"],
        }

    def _workers(self, job: Job) -> list[dict[str, Any]]:
        tallies = self._engine.tasks.tallies.of_job(job.job_id)
        with self._engine.store.reading() as connection:
            rows = connection.execute(
                sa.select(users.c.sub, users.c.user_name, users.c.simulated)
                .where(users.c.sub.in_(tallies))
                .order_by(users.c.user_name)
            ).all()
        return [
            {"user_name": name, "answers": tallies[sub].answers, "simulated": bool(simulated)}
            for sub, name, simulated in rows
        ]

    def _seconds_per_task(self, job: Job) -> float | None:
        tallies = self._engine.tasks.tallies.of_job(job.job_id).values()
        answers = sum(tally.answers for tally in tallies)
        return round(sum(tally.seconds for tally in tallies) / answers, 1) if answers else None

    def _recent(self, job: Job) -> list[dict[str, Any]]:
        with self._engine.store.reading() as connection:
            last = connection.scalars(_LAST_CONSOLIDATIONS, {"job": job.job_id}).all()
            rows = connection.execute(_CONSOLIDATED_BY, {"numbers": last}).all()
        # a text has no thumbnail
        labeled = [row for row in rows if row.state == "labeled" and row.width is not None]
        return [_recent_entry(job, row) for row in labeled[:_RECENT]]


def _recent_entry(job: Job, row: sa.Row[Any]) -> dict[str, Any]:
    attributes = json.loads(row.label)
    label = attributes[job.label_attribute]
    metadata = attributes[f"{job.label_attribute}-metadata"]
    kind = job.task_type.kind if job.consolidated else ""
    confidences = [
        *(entry["confidence"] for entry in metadata.get("objects", metadata.get("entities", []))),
        *metadata.get("confidence-map", {}).values(),
        *(entry["confidence"] for entry in metadata.get("internal-color-map", {}).values()),
    ]
    mean = sum(confidences) / len(confidences) if confidences else 0.0
    return {
        "object_id": str(row.object_id),
        "width": row.width,
        "height": row.height,
        "boxes": label["annotations"] if kind == "boxes" else [],
        "class_id": label if kind == "class" else None,
        "confidence": metadata.get("confidence", mean),
    }
