"""What the machine of an automated job does and promises, in plain words and in numbers.

Layer: engine (pure).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gt_widgets.autolabel import Certificate
    from gt_widgets.engine.automations import Automation
    from gt_widgets.engine.jobs import Job

__all__ = ["batch_name", "described", "machine_line", "machine_words", "phase_of", "training_words"]


def phase_of(found: Automation) -> str:
    """Where a loop is: calibration, adjudication, query, commit, rest or people only."""
    if found.refusal is not None:
        return "people-only"
    if found.committed:
        return "rest"
    return found.state.pending.purpose


def batch_name(found: Automation, job: Job) -> str:
    """What the objects with workers are for."""
    if job.iteration == 1:
        return "probe batch"
    return {
        "calibration": "random calibration sample",
        "adjudication": "second look at labels that the machine contradicts",
        "query": f"batch for training round {len(found.state.history) + 1}",
    }.get(phase_of(found), "batch")


def machine_words(found: Automation) -> str:
    """Say what the machine can promise now and what comes next."""
    state = found.state
    if found.refusal is not None:
        done = f" It had labeled {found.machine} objects." if found.machine else ""
        return f"The machine takes no further part, people label the rest: {found.refusal}{done}"
    if found.committed:
        return f"The machine labeled {found.machine} objects; people label the rest."
    last = state.last
    if last is None:
        if state.pending.purpose == "adjudication":
            return "Then the first training is judged by these labels."
        return (
            f"The machine trains when {len(state.calibration)} random objects are labeled: they "
            "decide what it may be trusted with."
        )
    head = f"Round {last.round}: {_verdict(last.certificate, last.machine)}"
    if state.done:
        return f"{head} Its labels are being written."
    return f"{head} The machine trains again when this batch is labeled."


def training_words(found: Automation) -> str:
    """Say what the machine is at while nobody has a task."""
    state = found.state
    people = len(state.labels)
    if found.refusal is not None or state.done:
        return f"The machine's labels are being written. {machine_words(found)}"
    asked = sum(object_id not in state.labels for object_id in state.pending.objects)
    return (
        f"The machine is training (round {len(state.history) + 1}, with "
        f"{people + asked} labels by people); the next batch follows when it is done."
    )


def _verdict(found: Certificate, machine: int) -> str:
    sure = f"{1.0 - found.delta:.0%}"
    if found.granted and found.bound is not None:
        what = "mean IoU" if found.kind == "iou" else "accuracy"
        return (
            f"{machine} objects could be labeled by machine, certified at {what} of at least "
            f"{1.0 - found.bound:.1%} with {sure} probability (target {1.0 - found.target:.1%})."
        )
    more = f" About {found.labels_needed} more random labels." if found.labels_needed else ""
    said = found.explanation
    return f"nothing is labeled by machine yet. {said}{'' if 'about' in said else more}"


def machine_line(job: Job, found: Automation) -> dict[str, Any]:
    """Sum up a loop for the job card."""
    last = found.state.last
    certificate = last.certificate if last else None
    return {
        "phase": phase_of(found),
        "batch": batch_name(found, job),
        "round": len(found.state.history),
        "calibration": len(found.state.calibration),
        "target": round(1.0 - found.state.config.target, 6),
        "could_label": last.machine if last else 0,
        "machine_labeled": found.machine,
        "certified": None
        if certificate is None or certificate.bound is None or not certificate.granted
        else round(1.0 - certificate.bound, 4),
        "refused": certificate.reason if certificate else "",
        "words": machine_words(found),
    }


def described(job: Job, found: Automation) -> dict[str, Any]:
    """Everything that is known of a loop: settings, rounds with certificates, the last report."""
    state = found.state
    return {
        **machine_line(job, found),
        "task": state.task,
        "objects": state.n,
        "categories": list(job.categories.labels),
        "settings": state.config.to_dict(),
        "calibration_objects": list(state.calibration),
        "adjudicated": {str(key): label for key, label in state.adjudicated.items()},
        "rounds": [asdict(past) for past in state.history],
        "done": state.done,
        "committed": found.committed,
        "refusal": found.refusal,
        "report": found.report,
    }
