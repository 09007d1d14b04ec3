"""Automated jobs for tests: objects that a machine can learn, and people who label until the end.

Layer: testing.
"""

from __future__ import annotations

import json
import random
import zlib
from typing import TYPE_CHECKING, Any

from gt_widgets.schema.jobs import FINAL
from gt_widgets.testing.workbench import job_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gt_widgets.engine.jobs import Job
    from gt_widgets.testing.workbench import ScriptedWorker, Workbench

__all__ = [
    "ALGORITHMS",
    "Notes",
    "automated_request",
    "label_until_done",
    "notes",
    "work_until_training",
]

ALGORITHMS = "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/"
_SUBJECTS = ("harbour", "orchard", "railway", "bakery")
_OWN = (
    ("crane", "tide", "pier", "anchor", "gull", "mooring"),
    ("apple", "ladder", "blossom", "basket", "wasp", "pruning"),
    ("signal", "platform", "whistle", "points", "carriage", "sleeper"),
    ("oven", "dough", "crust", "flour", "apron", "yeast"),
)
_COMMON = ("morning", "old", "near", "water", "people", "walked", "quiet", "wind", "again", "small")


class Notes:
    """Short texts with the subject that each is about.

    Attributes
    ----------
    texts, subjects : tuple of str
    """

    categories = _SUBJECTS

    def __init__(self, texts: Sequence[str], subjects: Sequence[str]) -> None:
        self.texts, self.subjects = tuple(texts), tuple(subjects)
        self.truth: Mapping[str, str] = dict(zip(texts, subjects, strict=True))

    def lines(self) -> list[str]:
        """Input manifest lines."""
        return [json.dumps({"source": text}) for text in self.texts]

    def answer(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """What somebody answers who is always right."""
        return {"crowd-classifier": {"label": self.truth[task["text"]]}}


def notes(count: int, *, seed: int = 0, doubtful: float = 0.0, spread: int = 1) -> Notes:
    """Make texts; a share of them says little about its subject.

    Parameters
    ----------
    count : int
    seed : int
    doubtful : float in [0, 1]
        Share of texts without a word of their subject: anybody's guess for a machine.
    spread : int >= 1
        Each subject has six times as many words of its own: the more, the more there is to learn.
    """
    rng = random.Random(seed)
    texts, subjects = [], []
    for number in range(count):
        subject = rng.randrange(len(_SUBJECTS))
        own = [] if rng.random() < doubtful else rng.choices(_OWN[subject], k=3)
        own = [_variant(word, rng.randrange(spread)) for word in own]
        words = [*own, *rng.choices(_COMMON, k=6)]
        rng.shuffle(words)
        texts.append(f"{' '.join(words)} {_name(number)}")
        subjects.append(_SUBJECTS[subject])
    return Notes(texts, subjects)


def _variant(word: str, number: int) -> str:
    """Another word for the same: nothing in its letters tells what it stands for."""
    return _name(zlib.crc32(f"{word}{number}".encode())) if number else word


def _name(number: int) -> str:
    """A made-up word that no other text has, so that none is a near-duplicate."""
    letters = "bdfgklmnprst"
    syllables = []
    for _ in range(4):
        number, place = divmod(number, len(letters))
        syllables.append(letters[place] + "aeiou"[place % 5])
    return "".join(syllables)


def automated_request(
    name: str = "logos",
    *,
    task: str = "TextMultiClass",
    algorithm: str = "text-classification",
    initial_model: str = "",
    tags: Mapping[str, str] | None = None,
    stopping: Mapping[str, int] | None = None,
    **human: Any,
) -> dict[str, Any]:
    """Build a CreateLabelingJob request with automated data labeling.

    ``tags`` are those of ours, by the name behind ``gt-widgets:``.
    """
    config = {"LabelingJobAlgorithmSpecificationArn": ALGORITHMS + algorithm}
    if initial_model:
        config["InitialActiveLearningModelArn"] = initial_model
    given = {"MaxConcurrentTaskCount": 100, **human}
    made = job_request(name, task=task, **given) | {"LabelingJobAlgorithmsConfig": config}
    if stopping:
        made["StoppingConditions"] = dict(stopping)
    if tags:
        made["Tags"] = [{"Key": f"gt-widgets:{key}", "Value": tags[key]} for key in tags]
    return made


def label_until_done(
    bench: Workbench,
    workers: Sequence[ScriptedWorker],
    answer: Any,
    *,
    name: str = "logos",
    rounds: int = 200,
) -> Job:
    """Let people, one task each in turn, and the machine work until the job ends.

    Raises
    ------
    AssertionError
        After ``rounds`` turns of the machine.
    """
    for _ in range(rounds):
        bench.engine.step()
        job = bench.engine.jobs.get(name)
        if job.status in FINAL:
            return job
        while sum(worker.work(answer, job_name=name, most=1) for worker in workers):
            pass
        bench.settle()
        bench.engine.trainer.wait(timeout_s=300)
    raise AssertionError(f"job {name!r} has not ended after {rounds} rounds")


def work_until_training(bench: Workbench, worker: ScriptedWorker, answer: Any) -> None:
    """Let a worker label until the machine has enough to be asked for a training."""
    while not bench.engine.trainer.busy:
        bench.engine.step()
        worker.work(answer)
        bench.settle()
