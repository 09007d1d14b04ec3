"""What the machine of an automated job does and promises, in plain words and in numbers.

Layer: engine (pure).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.commits import foreseen_machine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.autolabel import Certificate, LoopState
    from gt_widgets.engine.automations import Automation
    from gt_widgets.engine.commits import Wish
    from gt_widgets.engine.jobs import Job
    from gt_widgets.engine.meter import Forecast

__all__ = [
    "batch_name",
    "described",
    "machine_line",
    "machine_words",
    "meter_of",
    "phase_of",
    "step_words",
    "training_words",
]

_LAST_TRAINING = (
    "People are asked no further. The machine trains once more, on all answers, and labels what "
    "it can be held to."
)


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


def machine_words(found: Automation, wish: Wish | None = None) -> str:
    """Say what the machine can promise now and what comes next."""
    state = found.state
    rest = "nobody labels" if wish and wish.rest == "unlabeled" else "people label"
    if found.refusal is not None:
        done = f" It had labeled {found.machine} objects." if found.machine else ""
        return f"The machine takes no further part, {rest} the rest: {found.refusal}{done}"
    if found.committed:
        return f"The machine labeled {found.machine} objects; {rest} the rest."
    if state.last is None:
        return "" if wish else _first_words(state)
    head = f"Round {state.last.round}: {_verdict(state.last.certificate, state.last.machine)}"
    if state.done:
        return f"{head} Its labels are being written."
    return head if wish else f"{head} The machine trains again when this batch is labeled."


def _first_words(state: LoopState) -> str:
    if state.pending.purpose == "adjudication":
        return "Then the first training is judged by these labels."
    return (
        f"The machine trains when {len(state.calibration)} random objects are labeled: they "
        "decide what it may be trusted with."
    )


def training_words(found: Automation, wish: Wish | None = None) -> str:
    """Say what the machine is at while nobody has a task."""
    state = found.state
    people = len(state.labels)
    if found.refusal is not None or state.done:
        return f"The machine's labels are being written. {machine_words(found, wish)}"
    if wish is not None:
        return _LAST_TRAINING
    asked = sum(object_id not in state.labels for object_id in state.pending.objects)
    return (
        f"The machine is training (round {len(state.history) + 1}, with "
        f"{people + asked} labels by people); the next batch follows when it is done."
    )


def step_words(state: LoopState) -> str:
    """Sum up a step for the job's log."""
    said = f"next: {state.pending.purpose}, {len(state.pending.objects)} objects"
    last = state.last
    if last is None:
        return said
    found = last.certificate
    verdict = (
        f"certified at error <= {found.target:g}, bound {found.bound:.4g}"
        if found.granted and found.bound is not None
        else f"nothing certified: {found.reason}"
    )
    return (
        f"round {last.round}: {last.people} labels by people, {last.machine} objects could be "
        f"labeled by machine ({verdict}); {said}"
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


def meter_of(
    job: Job, found: Automation, forecast: Forecast | None, wish: Wish | None = None
) -> dict[str, Any] | None:
    """What the requester would have if nobody were asked any more; None when that is settled.

    Returns
    -------
    dict or None
        ``machine`` (objects), ``share`` (of all), ``people`` (labels that it is drawn from),
        ``left`` (to people), ``total``, ``source`` ("look", "round", or "none" before anything
        could be seen), ``sampled`` and ``sample``, ``reason`` where it is nothing, ``words``.
    """
    state = found.state
    if found.committed or found.refusal is not None or state.done:
        return None
    last = state.last
    if forecast is not None:
        machine, people, source = forecast.machine, forecast.people, "look"
        certificate = forecast.certificate or {}
        reason = "" if certificate.get("threshold") is not None else certificate.get("reason", "")
    else:
        machine = foreseen_machine(found, None)
        people, source = (last.people, "round") if last else (job.human_labeled, "none")
        reason = last.certificate.reason if last else ""
    sample = len(state.calibration)
    made = {
        "machine": machine,
        "share": round(machine / max(state.n, 1), 4),
        "people": people,
        "left": max(state.n - people - machine - len(state.failed), 0),
        "total": state.n,
        "source": source,
        "sampled": forecast.sampled if forecast else min(job.human_labeled - job.kept, sample),
        "sample": sample,
        "reason": reason,
    }
    return made | {"words": _meter_words(found, made) if wish is None else _LAST_TRAINING}


def _meter_words(found: Automation, made: Mapping[str, Any]) -> str:
    if made["machine"]:
        of = f"a forecast from {made['people']:,} labels"
        if made["source"] == "round":
            of = f"the forecast of round {len(found.state.history)}"
            if found.state.task != "classes":
                of += f"; for {found.state.task} it is made anew with the next training"
        return (
            f"If you stop now, {made['share']:.0%} is labeled for you: {made['machine']:,} "
            f"objects, and {made['left']:,} are left ({of}; the promise is made at the commit)."
        )
    if not found.state.history and made["sampled"] < made["sample"]:
        return (
            "If you stop now, nothing is labeled for you yet: of the random sample of "
            f"{made['sample']:,}, {made['sampled']:,} labels count so far."
        )
    return "If you stop now, nothing is labeled for you: no part can be promised yet."


def machine_line(
    job: Job,
    found: Automation,
    forecast: Forecast | None = None,
    wish: Wish | None = None,
) -> dict[str, Any]:
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
        "words": machine_words(found, wish),
        "meter": meter_of(job, found, forecast, wish),
        "asked": wish.rest if wish else None,
        "version": _version(job, found, forecast, wish),
    }


def _version(job: Job, found: Automation, forecast: Forecast | None, wish: Wish | None) -> str:
    """Differs from the one before when there is something new to draw."""
    counted = found.committed or found.refusal is not None or not found.state.history
    seen = (found.step, forecast.people if forecast else 0, found.machine)
    asked = f"{wish.rest}." if wish else ""
    return (
        f"{asked}{phase_of(found)}.{'.'.join(map(str, seen))}.{job.human_labeled if counted else 0}"
    )


def described(
    job: Job,
    found: Automation,
    forecast: Forecast | None = None,
    wish: Wish | None = None,
) -> dict[str, Any]:
    """Everything that is known of a loop: settings, rounds with certificates, the last report."""
    state = found.state
    return {
        **machine_line(job, found, forecast, wish),
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
        "look": forecast.report if forecast else None,
        "look_certificate": forecast.certificate if forecast else None,
    }
