"""Following a job from the kernel: a thread asks whether something is new, and shows it.

Layer: widgets. The thread goes on while a cell computes or waits for the job, so what it shows
keeps up then too. It ends with the job, or with the widget.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import GroundTruthError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gt_widgets.controller.automation import Automation, Following

__all__ = ["Follower", "Follows"]

_EVERY_S = 1.0
_MOST_S = 30.0


class Follower:
    """Shows an automated job anew whenever its record has changed.

    Parameters
    ----------
    job : Following
        Whom to ask.
    show : callable
        Called with the job's `Automation`, in the follower's thread.
    every_s : float > 0
        How often to ask; less often while no engine answers.
    """

    def __init__(
        self, job: Following, show: Callable[[Automation], Any], *, every_s: float = _EVERY_S
    ) -> None:
        self._job, self._show, self._every_s = job, show, every_s
        self._ended = threading.Event()
        self._known = ""
        self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)

    def start(self) -> Follower:
        """Begin to follow."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End, at once for whoever asks; the thread after its present question."""
        self._ended.set()

    def step(self) -> bool:
        """Ask once and show what is new; False when the job is over."""
        version, over = self._job.version()
        if version != self._known:
            found = self._job.automation()
            if found is not None and not self._ended.is_set():
                self._show(found)
                self._known = version
        return not over

    def _follow(self) -> None:
        pause_s = self._every_s
        while not self._ended.wait(pause_s):
            try:
                if not self.step():
                    return
                pause_s = self._every_s
            except GroundTruthError:  # the engine restarts, or is gone for good
                pause_s = min(2 * pause_s, _MOST_S)


class Follows:
    """Mixed into a widget that has ``show(found)``: it follows its job until it is closed."""

    _follower: Follower | None = None

    def follow(self, found: Automation) -> None:
        """Begin to follow a job that goes on."""
        if found.open:
            show: Callable[[Automation], Any] = self.show  # type: ignore[attr-defined]
            self._follower = Follower(found.job, show).start()

    def close(self) -> None:
        """Follow no more."""
        if self._follower is not None:
            self._follower.stop()
        super().close()  # type: ignore[misc]
