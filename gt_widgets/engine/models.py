"""Models that automated jobs have learned: by ARN, with the file that holds each.

Layer: engine. A job has one model, the newest; ``FinalActiveLearningModelArn`` names it, and a
later job of the same task takes it as ``InitialActiveLearningModelArn``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from gt_widgets.engine.tables import models
from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import model_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.store import Store
    from gt_widgets.schema.labels import LabelCategories
    from gt_widgets.schema.tasks import TaskType

__all__ = ["Model", "Models", "initial_model_of"]


@dataclass(frozen=True, slots=True)
class Model:
    """One model; ``uri`` is where its file lies."""

    name: str
    arn: str
    algorithm: str
    categories: tuple[str, ...]
    uri: str
    created_at: float


def initial_model_of(request: Mapping[str, Any]) -> str:
    """``InitialActiveLearningModelArn`` of a request; empty if it names none."""
    config = request.get("LabelingJobAlgorithmsConfig", {})
    return str(config.get("InitialActiveLearningModelArn", ""))


class Models:
    """The models of one store.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store, *, region: str, account_id: str) -> None:
        self._store, self._region, self._account_id = store, region, account_id

    def of_job(self, job_id: int) -> Model | None:
        """Return the newest model of a job; None if it has none."""
        return self._one(models.c.job_id == job_id)

    def of_arn(self, arn: str) -> Model | None:
        """Return a model by its ARN; None if there is none here."""
        return self._one(models.c.arn == arn)

    def named(self, name: str) -> Model:
        """Return a model by its name.

        Raises
        ------
        ValidationError
            If there is none; in the words of AWS.
        """
        found = self._one(models.c.name == name)
        if found is None:
            raise ValidationError(
                f'Could not find model "{name}". An automated labeling job leaves one when it '
                "ends: LabelingJobOutput.FinalActiveLearningModelArn names it."
            )
        return found

    def _one(self, which: sa.ColumnElement[bool]) -> Model | None:
        with self._store.reading() as connection:
            row = connection.execute(sa.select(models).where(which)).one_or_none()
        if row is None:
            return None
        return Model(
            name=row.name,
            arn=row.arn,
            algorithm=row.algorithm,
            categories=tuple(json.loads(row.categories)),
            uri=row.uri,
            created_at=row.created_at,
        )

    def keep(self, connection: sa.Connection, job: Job, uri: str, now: float) -> None:
        """Name the file of a job's newest model, in the caller's transaction."""
        name = job.name.lower()
        connection.execute(sa.delete(models).where(models.c.job_id == job.job_id))
        connection.execute(
            sa.insert(models).values(
                name=name,
                arn=model_arn(self._region, self._account_id, name),
                job_id=job.job_id,
                algorithm=job.task_type.algorithm,
                categories=json.dumps(job.categories.labels),
                uri=uri,
                created_at=now,
            )
        )

    def check(
        self, request: Mapping[str, Any], task_type: TaskType, categories: LabelCategories
    ) -> None:
        """Refuse a request whose initial model is not here, or was made for another task (D04).

        Raises
        ------
        ValidationError
            With the models that would do.
        """
        arn = initial_model_of(request)
        if not arn:
            return
        found = self.of_arn(arn)
        if found is None:
            raise ValidationError(
                f"InitialActiveLearningModelArn {arn!r} names no model of this engine. Give "
                "LabelingJobOutput.FinalActiveLearningModelArn of an earlier automated job"
                f"{self._known(task_type)}."
            )
        if found.algorithm != task_type.algorithm:
            raise ValidationError(
                f"InitialActiveLearningModelArn {arn!r} was learned by {found.algorithm}; "
                f"{task_type.name} jobs need one of {task_type.algorithm}{self._known(task_type)}."
            )
        same_order = task_type.kind == "class"  # its learner sees what the model says, by name
        alike = sorted if same_order else list
        if alike(found.categories) != alike(categories.labels):
            raise ValidationError(
                f"InitialActiveLearningModelArn {arn!r} knows {_some(found.categories)}; this job "
                f"has the label categories {_some(categories.labels)}. Both must be the same."
            )

    def _known(self, task_type: TaskType) -> str:
        query = sa.select(models.c.arn).filter_by(algorithm=task_type.algorithm)
        with self._store.reading() as connection:
            arns = connection.scalars(query.order_by(models.c.created_at.desc()).limit(5)).all()
        return f"; of this task there are {', '.join(arns)}" if arns else ""


def _some(labels: tuple[str, ...]) -> str:
    more = f" and {len(labels) - 10} more" if len(labels) > 10 else ""  # noqa: PLR2004
    return ", ".join(labels[:10]) + more
