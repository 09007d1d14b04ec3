"""What all our notebook widgets share: one front-end file, the synced state, the calls.

Layer: widgets.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets as t

from gt_widgets.errors import GroundTruthError
from gt_widgets.widgets.protocol import reply_to

if TYPE_CHECKING:
    from gt_widgets.widgets.protocol import Portal

__all__ = ["GroundTruthWidget", "built"]

_STATIC = Path(__file__).parent / "static"


def built(name: str, folder: Path = _STATIC) -> Path:
    """Return the path of a file of the built front end.

    Raises
    ------
    GroundTruthError
        If it has not been built.
    """
    path = folder / name
    if not path.is_file():
        raise GroundTruthError(
            f"{path} is missing: the front end has not been built. From a checkout run "
            "`make setup`; else install gt-widgets again."
        )
    return path


class GroundTruthWidget(anywidget.AnyWidget):
    """A view of the engine in a notebook cell.

    The synced state is small and may be saved with the notebook: it never holds a session, a
    credential or a presigned URL. Everything that changes is fetched by the page, through the
    Jupyter server where that serves the same store, else through `reply_to` in this kernel.

    Parameters
    ----------
    portal : Portal or None
        Answers the page's calls; None where there is no engine, as on AWS.
    **state
        Values of the traits.
    """

    _esm = built("widget.js")
    _css = built("widget.css")

    kind = t.Enum(["worker", "annotator", "card", "outbox"], default_value="card").tag(sync=True)
    """Which of the views in the one front-end file this is."""

    store_id = t.Unicode().tag(sync=True)
    """Id of the engine's store, by which the page finds out whether the Jupyter server serves
    the same; empty on AWS."""

    job_name = t.Unicode().tag(sync=True)
    """The labeling job shown; empty if it is not about one job."""

    user_name = t.Unicode().tag(sync=True)
    """The worker whom the sign-in form proposes; empty for none."""

    place = t.Enum(["LOCAL", "AWS"], default_value="LOCAL").tag(sync=True)
    """Where the job runs; every view shows it."""

    snapshot = t.Dict().tag(sync=True)
    """A job card as of the cell's run, for readers without a kernel; empty for other kinds."""

    def __init__(self, portal: Portal | None, **state: Any) -> None:
        self._portal = portal
        # the notebook's subshells deliver callbacks on a thread of their own
        self._sending = threading.Lock()
        super().__init__(**state)
        self.on_msg(self._on_message)

    def in_words(self) -> str:
        """Say what the widget shows, for places that cannot show it."""
        return f"Ground Truth {self.kind} ({self.place}); run the cell to see it."

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/plain"] = self.in_words()
        return bundle

    def _on_message(self, _widget: object, content: object, buffers: Any) -> None:
        reply = reply_to(self._portal, content, buffers)
        if reply is not None:
            with self._sending:
                self.send(reply.content, buffers=list(reply.buffers))
