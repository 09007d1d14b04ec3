"""ipyannotations 0.5.1, imported when asked for, with the faults mended that break it here.

Layer: widgets. Each class is a subclass of theirs with mixins of ours in front; nothing of the
package itself is changed. ``docs/guides/ipyannotations.md`` lists the faults.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VERSION", "mended"]

VERSION = "0.5.1"
"""The one version that is mended: the mixins know its insides."""

_SHAPES = "gt_widgets.widgets.mended.shapes"
_CLASSES = "gt_widgets.widgets.mended.classes"
_MIXINS: Mapping[str, tuple[str, str]] = {
    "images.BoxAnnotator": (_SHAPES, "MendedBoxes"),
    "images.PolygonAnnotator": (_SHAPES, "MendedPolygons"),
    "images.PointAnnotator": (_SHAPES, "MendedShapes"),
    "images.ClassLabeller": (_CLASSES, "MendedPictureClasses"),
    "images.MulticlassLabeller": (_CLASSES, "MendedPictureClasses"),
    "images.FreetextAnnotator": (_CLASSES, "MendedCaption"),
    "text.ClassLabeller": (_CLASSES, "MendedTextClasses"),
    "text.MulticlassLabeller": (_CLASSES, "MendedTextClasses"),
    "text.SentimentLabeller": (_CLASSES, "MendedTextClasses"),
    "text.FreetextAnnotator": (_CLASSES, "MendedSummary"),
    "text.TextTagger": ("gt_widgets.widgets.mended.tagger", "MendedTagger"),
}


@cache
def mended(name: str) -> Any:
    """Return a class of ipyannotations, mended.

    Parameters
    ----------
    name : str
        Module and class, for example ``"images.BoxAnnotator"``.

    Raises
    ------
    ValidationError
        If ipyannotations 0.5.1 is not installed, or has no such class that is mended.
    """
    if name not in _MIXINS:
        raise ValidationError(f"{name!r} is not one of {', '.join(sorted(_MIXINS))}.")
    try:
        version = import_module("ipyannotations").__version__
    except ImportError as error:
        raise ValidationError(
            f"ipyannotations is not installed ({error}): pip install 'gt-widgets[ipyannotations]'."
        ) from error
    if version != VERSION:
        raise ValidationError(
            f"ipyannotations {version} is installed, and {VERSION} is the one that is mended: "
            "pip install 'gt-widgets[ipyannotations]'."
        )
    module, _, class_name = name.partition(".")
    theirs = getattr(import_module(f"ipyannotations.{module}"), class_name)
    home, mixin = _MIXINS[name]
    return type(f"Mended{class_name}", (getattr(import_module(home), mixin), theirs), {})
