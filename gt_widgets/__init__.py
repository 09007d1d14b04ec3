"""Amazon SageMaker Ground Truth that lives in a notebook.

The public names, and nothing else. They are imported when first used, so that the Jupyter server
and the engine process, which import this package too, load only what they need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gt_widgets import errors

if TYPE_CHECKING:
    from gt_widgets.controller import LabelingJob, Session
    from gt_widgets.datasets import LogoSet, TextSet, brand_logos, delivery_messages
    from gt_widgets.manifests import check
    from gt_widgets.notebook import connect
    from gt_widgets.training.trained import load_model

    __version__: str

__all__ = [
    "LabelingJob",
    "LogoSet",
    "Session",
    "TextSet",
    "__version__",
    "brand_logos",
    "check",
    "connect",
    "delivery_messages",
    "errors",
    "load_model",
]

_HOMES = {
    "LabelingJob": "gt_widgets.controller",
    "LogoSet": "gt_widgets.datasets",
    "Session": "gt_widgets.controller",
    "TextSet": "gt_widgets.datasets",
    "brand_logos": "gt_widgets.datasets",
    "check": "gt_widgets.manifests",
    "connect": "gt_widgets.notebook",
    "delivery_messages": "gt_widgets.datasets",
    "load_model": "gt_widgets.training.trained",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        found: Any = version("gt-widgets")
    elif name in _HOMES:
        found = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
