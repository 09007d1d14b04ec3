"""What an automated job learns with, given in a notebook: paths and classes become names.

Layer: controller. A request carries names alone; what they mean is written into the state folder,
which only its owner can do.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gt_widgets.engine.learners import Learners
from gt_widgets.errors import ValidationError
from gt_widgets.training.choices import BUILT_IN
from gt_widgets.training.sources import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gt_widgets.controller.places import Place

__all__ = ["named_settings"]

_OTHER = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80


def named_settings(place: Place, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of automated labeling with names for ``features`` and ``learner``.

    Parameters
    ----------
    place : Place
    settings : mapping
        ``features`` and ``learner`` may be a name that is known here, one of ours, or what
        `gt_widgets.training.sources.source_of` understands; ``learner`` also a list of these.

    Raises
    ------
    ValidationError
        On AWS, or if there is no such thing.
    ModelFileError
        If a file is missing or not what it should be.
    """
    given = {key: settings[key] for key in ("features", "learner") if key in settings}
    if not given:
        return dict(settings)
    if place.name == "AWS":
        raise ValidationError(
            f"AWS takes no {', '.join(given)}: its machines learn with its own algorithms."
        )
    learners = Learners(place.only_here("A learner of your own").root)
    told = {}
    for key, value in given.items():
        each = list(value) if isinstance(value, list | tuple) else [value]
        told[key] = "+".join(_name(learners, one) for one in each)
    return {**settings, **told}


def _name(learners: Learners, given: Any) -> str:
    """Find the name of what is given, or give it one."""
    ours = {name for names in BUILT_IN.values() for name in names}
    known = learners.known
    if isinstance(given, str) and (given in ours or given in known):
        return given
    source = source_of(given)
    same = [name for name, other in known.items() if other == source]
    if same:
        return same[0]
    stem = source.what.replace(":", "-") or Path(source.path).stem
    told = source.sha256 or (
        hashlib.sha256(source.path.encode()).hexdigest() if source.path else ""
    )
    digest = f"-{told[:8]}" if told else ""
    name = _OTHER.sub("-", stem).strip("-._")[:_LONGEST] + digest
    learners.name(name or "learner", source)
    return name
