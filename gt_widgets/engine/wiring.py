"""Whom the conductor works with: parts of an engine that only it calls, and how they are joined.

Layer: engine. What others call too (jobs, tasks, people, files) stands in ``root.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.engine.active_learning import ActiveLearning
from gt_widgets.engine.choosing import Chooser
from gt_widgets.engine.conductor import Conductor
from gt_widgets.engine.gather import Gatherer
from gt_widgets.engine.lessons import Lessons
from gt_widgets.engine.machine_labels import MachineLabels
from gt_widgets.engine.meter import Meter
from gt_widgets.engine.notices import Notices
from gt_widgets.engine.outputs import Outputs
from gt_widgets.engine.votes import Votes

if TYPE_CHECKING:
    from pathlib import Path

    from gt_widgets.engine.root import Engine
    from gt_widgets.engine.turns import Turns

__all__ = ["conductor_of"]


def conductor_of(engine: Engine, *, turns: Turns, jobs_folder: Path) -> Conductor:
    """Join the parts that move the jobs of an engine.

    Parameters
    ----------
    engine : Engine
        Its store, jobs, people and files are there.
    turns : Turns
        Which jobs are this server's to conduct.
    jobs_folder : Path
        Where snapshots of manifests and the machine's rows lie.
    """
    identity_of = engine.workforce.identity_of
    outputs = Outputs(engine.store, engine.objects, region=engine.region, identity_of=identity_of)
    chooser = Chooser(engine.store)
    gatherer = Gatherer(engine.store, engine.intake, outputs)
    lessons = Lessons(
        engine.store,
        gatherer=gatherer,
        intake=engine.intake,
        showing=engine.showing,
        outputs=outputs,
        models=engine.models,
        learners=engine.learners,
        folder=jobs_folder,
    )
    return Conductor(
        engine.store,
        engine.jobs,
        engine.intake,
        engine.showing,
        clock=engine.clock,
        new_id=engine.new_id,
        chooser=chooser,
        gatherer=gatherer,
        streams=engine.streams,
        turns=turns,
        machine=_active_learning(engine, chooser, gatherer, outputs, lessons),
        meter=Meter(engine.forecasts, engine.automations, engine.trainer, prepared=lessons.look),
        commits=engine.commits,
        notices=Notices(
            engine.topics, engine.workforce.teams, portal_url=lambda: engine.portal_url
        ),
    )


def _active_learning(
    engine: Engine, chooser: Chooser, gatherer: Gatherer, outputs: Outputs, lessons: Lessons
) -> ActiveLearning:
    return ActiveLearning(
        engine.store,
        engine.automations,
        reread=engine.jobs.by_id,
        chooser=chooser,
        gatherer=gatherer,
        intake=engine.intake,
        outputs=outputs,
        models=engine.models,
        trainer=engine.trainer,
        votes=Votes(
            engine.store,
            engine.tasks.tallies,
            members=lambda arn: {worker.sub for worker in engine.workforce.members(arn)},
        ),
        machine_labels=MachineLabels(engine.store, outputs, chooser, engine.intake),
        commits=engine.commits,
        lessons=lessons,
    )
