"""A worker's page for one job whose canvas is a widget of ipyannotations, mended.

Layer: widgets. Everything goes through this kernel, so it waits while a cell computes, and what is
drawn and not submitted is lost with the kernel: our own page has neither fault.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from gt_widgets.errors import GroundTruthError, LeaseError, SignInError, ValidationError
from gt_widgets.exchange.ipyannotations import from_ipyannotations, to_ipyannotations
from gt_widgets.schema.tasks import task_type_named
from gt_widgets.widgets.mended import mended

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gt_widgets.schema.tasks import TaskType
    from gt_widgets.widgets.protocol import Portal

__all__ = ["TheirWorkerPage"]

_SHAPES = {
    "boxes": "images.BoxAnnotator",
    "polygons": "images.PolygonAnnotator",
    "keypoints": "images.PointAnnotator",
    "entities": "text.TextTagger",
}
_CLASSES = {"class": "ClassLabeller", "classes": "MulticlassLabeller"}


class TheirWorkerPage(widgets.VBox):  # type: ignore[misc]
    """Sign in, and label the tasks of one job with ipyannotations' widget for it.

    Parameters
    ----------
    portal : Portal
        The engine's.
    job_name, user_name : str
    clock : callable
        Seconds.
    new_id : callable
        One key per attempt to answer a task.

    Raises
    ------
    ValidationError
        If ipyannotations is not installed, or has no widget for what the job asks.
    """

    def __init__(
        self,
        portal: Portal,
        *,
        job_name: str,
        user_name: str = "",
        clock: Callable[[], float] = time.monotonic,
        new_id: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._portal, self._job_name = portal, job_name
        self._clock, self._new_id = clock, new_id
        card = portal.requester("card", {"job_name": job_name})
        self._kind, self._make = _widget_for(task_type_named(card["task_type"]))
        self._session: str | None = None
        self._challenge: str | None = None
        self._task: dict[str, Any] | None = None
        self._key, self._since = "", 0.0
        self.annotator: Any = None
        self._form(user_name)
        super().__init__(children=(self.form, self.again, self.message))

    # --- signing in ------------------------------------------------------------------------------

    def _form(self, user_name: str) -> None:
        self.message = widgets.Label()
        self.user_name = widgets.Text(value=user_name, description="User name:")
        self.password = widgets.Password(description="Password:")
        self.new_password = widgets.Password(description="New:", layout={"display": "none"})
        enter = widgets.Button(description="Sign in", button_style="primary")
        enter.on_click(lambda _button: self._guarded(self.sign_in))
        self.form = widgets.VBox((self.user_name, self.password, self.new_password, enter))
        self.again = widgets.Button(description="Look again", layout={"display": "none"})
        self.again.on_click(lambda _button: self._guarded(self.next_task))

    def sign_in(self) -> None:
        """Sign in with what the form holds; passwords do not stay in it."""
        user_name, password = self.user_name.value, self.password.value
        new_password, self.password.value, self.new_password.value = self.new_password.value, "", ""
        name = {"user_name": user_name}
        if self._challenge and new_password:
            chosen = {"challenge_session": self._challenge, "new_password": new_password}
            answer = self._portal.worker("set_new_password", {**name, **chosen})
        else:
            answer = self._portal.worker("sign_in", {**name, "password": password})
        if "challenge" in answer:
            self._challenge = answer["challenge_session"]
            self.new_password.layout.display = ""
            self.message.value = f"Choose a password of your own: {answer['password_policy']}"
            return
        self._challenge, self._session = None, answer["session"]
        self.form.layout.display = "none"
        self.next_task()

    # --- working ---------------------------------------------------------------------------------

    def next_task(self) -> None:
        """Take the next task, or say why there is none."""
        wanted = {"job_name": self._job_name, "count": 1, "holding": []}
        found = self._call("claim", wanted)
        self._task = found["tasks"][0] if found["tasks"] else None
        self.again.layout.display = "none" if self._task else ""
        self.message.value = "" if self._task else found["message"]
        if self._task:
            self._show(self._task)
        elif self.annotator is not None:
            self.annotator.layout.display = "none"

    def _show(self, task: Mapping[str, Any]) -> None:
        if self.annotator is None:
            self.annotator = self._make(list(task["categories"]))
            self.annotator.on_submit(lambda data: self._guarded(lambda: self._answer(data)))
            self.children = (self.annotator, self.again, self.message)
        self.annotator.layout.display = ""
        self._call("begin", _held(task))
        text = task["text"]
        self.annotator.display(self._call("picture", _held(task)).data if text is None else text)
        if task["earlier"]:
            self.annotator.data = to_ipyannotations(self._kind, task["earlier"]["value"])
        self._key, self._since = self._new_id(), self._clock()
        self.message.value = task["instructions"]["short"] or task["description"]

    def _answer(self, data: Any) -> None:
        task = self._task
        if task is None:
            return
        if data is None:
            self._call("skip", _held(task))
        else:
            content = {task["element"]: from_ipyannotations(self._kind, data)}
            spent = round(self._clock() - self._since, 2)
            answer = {"content": content, "time_spent_s": spent, "key": self._key}
            self._call("submit", {**_held(task), **answer})
        self.next_task()

    def _call(self, operation: str, args: Mapping[str, Any]) -> Any:
        return self._portal.worker(operation, args, self._session)

    def _guarded(self, step: Callable[[], None]) -> None:
        """Do one step of the labeler's; what goes wrong is said, and can be tried again."""
        try:
            step()
        except SignInError as error:
            self.form.layout.display = ""
            self._refused(error)
        except LeaseError:
            self.next_task()
            self.message.value = "The last task's time was up; this is the next one."
        except GroundTruthError as error:
            self._refused(error)

    def _refused(self, error: GroundTruthError) -> None:
        self.message.value = str(error)
        if self.annotator is not None:
            self.annotator.reopen()


def _held(task: Mapping[str, Any]) -> dict[str, str]:
    return {"task_id": task["task_id"], "lease": task["lease"]}


def _widget_for(task_type: TaskType) -> tuple[str, Callable[[list[str]], Any]]:
    """Return what the labeler gives, and what makes the widget for it from the categories."""
    kind = task_type.kind
    if task_type.purpose == "verify" or kind not in {*_SHAPES, *_CLASSES}:
        raise ValidationError(
            f"ipyannotations has no widget for {task_type.name!r}; leave backend= out to label it "
            "on our own page."
        )
    if kind in _CLASSES:
        home = "text" if task_type.media == "text" else "images"
        made = mended(f"{home}.{_CLASSES[kind]}")
        return kind, lambda labels: made(options=labels, allow_freetext=False)
    made = mended(_SHAPES[kind])
    if kind == "entities":
        return kind, lambda labels: made(classes=labels)
    return kind, lambda labels: made(options=labels)
