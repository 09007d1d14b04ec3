"""The state of a loop as plain data: what a killed engine reads back to go on.

Layer: autolabel (pure data; imports only ``errors``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from gt_widgets.autolabel.certificate import Certificate
from gt_widgets.autolabel.config import AutoLabelConfig
from gt_widgets.errors import StateError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gt_widgets.autolabel.config import Task

__all__ = [
    "Decision",
    "LoopState",
    "MachineBox",
    "MachineLabel",
    "Purpose",
    "RoundSummary",
    "record",
    "relabeled",
]

VERSION = 2

Purpose = Literal["calibration", "query", "adjudication", "commit"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the loop wants next.

    Attributes
    ----------
    purpose : {"calibration", "query", "adjudication", "commit"}
        ``commit`` is the last: `LoopState.machine` holds and ``objects`` lists what people label
        themselves, after which the job is done.
    objects : tuple of int
        Objects people are asked about, first things first.
    votes : int
        Further votes per object: 1, or 2 for an adjudication. Where an adjudication leaves no
        class with more than half of the votes, ask for one more at a time.
    """

    purpose: Purpose
    objects: tuple[int, ...]
    votes: int = 1


@dataclass(frozen=True, slots=True)
class MachineBox:
    """A box given by the machine, in image pixels; ``score`` in [0, 1] is the detector's."""

    class_id: int
    left: float
    top: float
    width: float
    height: float
    score: float


@dataclass(frozen=True, slots=True)
class MachineLabel:
    """A label given by the machine, of one of three kinds.

    Attributes
    ----------
    class_id : int or None
        None for boxes and masks.
    confidence : float in [0, 1]
        Calibrated: the chance that a class is right, the expected IoU of boxes or a mask.
    score : float
        What the threshold was applied to.
    boxes : tuple of MachineBox or None
        An empty tuple says that there is nothing on the picture.
    mask : str or None
        A PNG in base64: one byte per pixel, 0 for the background, else ``class_id + 1``.
    """

    class_id: int | None
    confidence: float
    score: float
    boxes: tuple[MachineBox, ...] | None = None
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """One round, for charts and the live meter.

    ``machine`` is what would be labeled by machine were the loop stopped here; ``accuracy`` is
    held-out, on the calibration sample; ``disagreed`` of ``asked_again`` adjudicated labels
    changed.
    """

    round: int
    people: int
    machine: int
    accuracy: float
    log_loss: float
    asked_again: int
    changed: int
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class LoopState:
    """Everything the loop knows; `to_dict` gives JSON values.

    Attributes
    ----------
    n, n_classes : int
        Objects of the job, numbered 0..n - 1; label categories.
    config : AutoLabelConfig
    calibration : tuple of int
        The random sample, in the order of the draw.
    labels : dict of int to int
        People's labels; 0 for every object whose boxes or mask people have given.
    known : tuple of int
        Objects that had a label before the job; never in the calibration sample.
    adjudicated : dict of int to int
        Calibration objects that got further votes, with the label before.
    failed : tuple of int
        Objects people could not label; left out of everything.
    pending : Decision
    machine : dict of int to MachineLabel
        Committed machine labels; empty until the commit.
    proposal : dict of int to MachineLabel
        What the best round would commit.
    proposal_round : int
        0 before the first, and after one that was dropped.
    choice, chosen_at : int or None, int
        Place of the learner in its family, and the number of labels it was chosen with.
    stale : int
        Rounds since the proposal grew.
    history : tuple of RoundSummary
    done : bool
        Committed, or nothing left to do.
    task : {"classes", "boxes", "masks"}
    """

    n: int
    n_classes: int
    config: AutoLabelConfig
    calibration: tuple[int, ...]
    pending: Decision
    labels: dict[int, int] = field(default_factory=dict)
    known: tuple[int, ...] = ()
    adjudicated: dict[int, int] = field(default_factory=dict)
    failed: tuple[int, ...] = ()
    machine: dict[int, MachineLabel] = field(default_factory=dict)
    proposal: dict[int, MachineLabel] = field(default_factory=dict)
    proposal_round: int = 0
    choice: int | None = None
    chosen_at: int = 0
    stale: int = 0
    history: tuple[RoundSummary, ...] = ()
    done: bool = False
    task: Task = "classes"

    @property
    def waiting(self) -> tuple[int, ...]:
        """Objects of the pending decision that people have not answered yet."""
        answered = self.adjudicated if self.pending.purpose == "adjudication" else self.labels
        gone = set(self.failed)
        return tuple(o for o in self.pending.objects if o not in answered and o not in gone)

    @property
    def last(self) -> RoundSummary | None:
        """The latest round."""
        return self.history[-1] if self.history else None

    def to_dict(self) -> dict[str, Any]:
        """JSON values; equal states give equal ones."""
        values = asdict(self)
        for name in ("labels", "adjudicated", "machine", "proposal"):
            values[name] = {str(key): values[name][key] for key in sorted(values[name])}
        return {"version": VERSION, **values}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LoopState:
        """Read what `to_dict` wrote, also after a journey through JSON.

        Raises
        ------
        ValidationError
            If it is of another version or damaged.
        """
        if values.get("version") != VERSION:
            raise ValidationError(
                f"expected the state of an automated labeling loop, version {VERSION}; "
                f"found version {values.get('version')!r}"
            )
        try:
            return _read(cls, values)
        except (KeyError, TypeError, ValueError) as problem:
            raise ValidationError(f"the loop's state is damaged: {problem}") from problem


def _read(cls: type[LoopState], values: Mapping[str, Any]) -> LoopState:
    pending = values["pending"]
    return cls(
        n=int(values["n"]),
        n_classes=int(values["n_classes"]),
        config=AutoLabelConfig.from_dict(values["config"]),
        calibration=tuple(values["calibration"]),
        pending=Decision(pending["purpose"], tuple(pending["objects"]), pending["votes"]),
        labels={int(key): int(label) for key, label in values["labels"].items()},
        known=tuple(values["known"]),
        adjudicated={int(key): int(label) for key, label in values["adjudicated"].items()},
        failed=tuple(values["failed"]),
        machine={int(key): _label(found) for key, found in values["machine"].items()},
        proposal={int(key): _label(found) for key, found in values["proposal"].items()},
        proposal_round=int(values["proposal_round"]),
        choice=values["choice"],
        chosen_at=int(values["chosen_at"]),
        stale=int(values["stale"]),
        history=tuple(
            RoundSummary(**{**past, "certificate": Certificate(**past["certificate"])})
            for past in values["history"]
        ),
        done=bool(values["done"]),
        task=values["task"],
    )


def _label(values: Mapping[str, Any]) -> MachineLabel:
    boxes = values["boxes"]
    drawn = None if boxes is None else tuple(MachineBox(**box) for box in boxes)
    return MachineLabel(**{**values, "boxes": drawn})


def record(state: LoopState, labels: Mapping[int, int], *, failed: Iterable[int] = ()) -> LoopState:
    """Take people's answers to the pending decision, all at once or a few at a time.

    Parameters
    ----------
    state : LoopState
    labels : mapping of object to class
        Consolidated labels. After an adjudication: the label of all votes together. For boxes
        and masks 0, whatever they are: the answers themselves go to the sight.
    failed : iterable of int
        Objects of the decision that people could not label.

    Returns
    -------
    LoopState
        Answering twice the same way changes nothing.

    Raises
    ------
    StateError
        If an object was not asked about.
    ValidationError
        If a class is out of range.
    """
    asked = set(state.pending.objects)
    gone = tuple(sorted(set(failed)))
    strangers = sorted((set(labels) | set(gone)) - asked)
    if strangers:
        raise StateError(
            f"object {strangers[0]} is not part of the pending {state.pending.purpose}; answers "
            "are taken for the objects that were asked about"
        )
    _check_classes(state, labels)
    adjudicated = dict(state.adjudicated)
    if state.pending.purpose == "adjudication":
        for index in (*labels, *gone):
            adjudicated.setdefault(index, state.labels[index])
        gone = ()
    return replace(
        state,
        labels={**state.labels, **labels},
        adjudicated=adjudicated,
        failed=tuple(sorted({*state.failed, *gone})),
    )


def relabeled(state: LoopState, labels: Mapping[int, int]) -> LoopState:
    """Take labels of earlier decisions as they stand now, where later answers taught better ones.

    A consolidation that learns how workers err may label an object anew because of what they
    said of others. It has never seen the model, so the sample stays a fair judge of the next
    round; what an earlier round proposed was held to labels that no longer are, and is dropped
    where one of the sample has changed.

    Parameters
    ----------
    state : LoopState
    labels : mapping of object to class
        Objects of the pending decision, and those that people have not labeled in this job, are
        passed over. Boxes and masks are not in the state: all that are named count as changed.

    Raises
    ------
    ValidationError
        If a class is out of range.
    """
    ours = state.labels.keys() - {*state.known, *state.pending.objects}
    newer = {index: class_id for index, class_id in labels.items() if index in ours}
    _check_classes(state, newer)
    hidden = state.task != "classes"
    changed = {index for index in newer if hidden or newer[index] != state.labels[index]}
    state = replace(state, labels={**state.labels, **newer})
    fair = changed.isdisjoint(state.calibration)
    return state if fair else replace(state, proposal={}, proposal_round=0)


def _check_classes(state: LoopState, labels: Mapping[int, int]) -> None:
    for index, class_id in labels.items():
        if not 0 <= class_id < state.n_classes:
            raise ValidationError(
                f"object {index}: classes are 0..{state.n_classes - 1}; found {class_id}"
            )
