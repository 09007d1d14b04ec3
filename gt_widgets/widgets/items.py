"""One item at a time, with no engine behind it: the worker protocol answered in this process.

Layer: widgets. A labeler's page (the same front end as a job's) asks what it always asks, see
``docs/reference/worker-protocol.md``; here there is one task or none, nobody signs in, no time
runs, and an answer goes to a callback.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import LeaseError, OperationNotImplementedError
from gt_widgets.kinds import Seen, check_answer
from gt_widgets.schema.masks import label_colors
from gt_widgets.widgets.drafts import draft_of, value_of_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gt_widgets.schema.tasks import TaskType
    from gt_widgets.services.portal_client import Picture

__all__ = ["Item", "ItemPortal"]

_NO_LIMIT_S = 30 * 86_400.0
_KEYS_KEPT = 256
_NOBODY = {"user_name": "notebook", "sub": "notebook"}
WAITING = "Nothing to label: the notebook shows the next item with display(...)."


@dataclass(frozen=True, slots=True)
class Item:
    """What a labeler looks at: a picture of ``width`` x ``height`` stored pixels, or a text."""

    picture: Picture | None = None
    width: int | None = None
    height: int | None = None
    text: str | None = None


class ItemPortal:
    """Answers a page's calls about one item; what happens is told by `settle`.

    Parameters
    ----------
    task_type : TaskType
        What the labeler gives.
    name : str
        Stands on the page where a job's name stands.
    clock : callable
        Seconds.
    new_id : callable
        A fresh id for each item: the browser keeps drafts by it.
    on_draft : callable
        Takes the value of an answer on its way, or None.
    on_submit : callable
        Takes the value of an answer.
    on_skip : callable
    """

    def __init__(
        self,
        task_type: TaskType,
        *,
        name: str,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        on_draft: Callable[[dict[str, Any] | None], None],
        on_submit: Callable[[dict[str, Any]], None],
        on_skip: Callable[[], None],
    ) -> None:
        self.task_type, self.name = task_type, name
        self.message = WAITING
        self._clock, self._new_id = clock, new_id
        self._on_draft, self._on_submit, self._on_skip = on_draft, on_submit, on_skip
        self._item: Item | None = None
        self._labels: tuple[str, ...] = ()
        self._task_id, self._shown = "", 0
        self._draft: Any = None
        self._keys: deque[str] = deque(maxlen=_KEYS_KEPT)
        self._happened: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()

    def show(self, item: Item, labels: Sequence[str], value: Mapping[str, Any] | None) -> None:
        """Give the page this item from now on; what was drawn on another one is refused.

        Parameters
        ----------
        item : Item
        labels : sequence of str, length >= 1
        value : mapping or None
            Work to begin with, as the value of an answer.
        """
        with self._lock:
            if item is not self._item:
                self._shown += 1
            self._item, self._labels = item, tuple(labels)
            self._task_id = self._new_id()
            self._draft = None if value is None else draft_of(self.task_type.kind, value)
            self.message = WAITING

    def settle(self) -> None:
        """Tell what happened since; to be called when the page has its answer."""
        while self._happened:
            self._happened.popleft()()

    def requester(self, operation: str, args: Mapping[str, Any] | None = None) -> Any:
        """Refuse: there is no job behind this page."""
        del args
        raise OperationNotImplementedError(f"There is no job here to ask for {operation!r}.")

    def worker(
        self, operation: str, args: Mapping[str, Any] | None = None, session: str | None = None
    ) -> Any:
        """Answer one operation of the worker protocol.

        Raises
        ------
        LeaseError
            If the page speaks of an item that is no longer shown.
        AnswerError
            If the answer breaks its rules.
        """
        del session
        given = dict(args or {})
        with self._lock:
            if operation in _OF_NOBODY:
                return _OF_NOBODY[operation]
            if operation == "jobs":
                return {"worker": _NOBODY, "jobs": [self._job()]}
            if operation == "claim":
                return self._claim(given)
            if operation == "submit" and given.get("key") in self._keys:
                return {"accepted": True, "duplicate": True}
            if self._item is None or given.get("task_id") != self._task_id:
                raise LeaseError("The notebook has gone on to another item.")
            return self._about(self._item, operation, given)

    def _about(self, item: Item, operation: str, given: dict[str, Any]) -> Any:
        if operation == "begin":
            now = self._clock()
            return {"lease_until": now + _NO_LIMIT_S, "now": now}
        if operation == "picture" and item.picture:
            return item.picture
        if operation in {"save_draft", "stop"}:
            self._draft = given.get("draft")
            value = value_of_draft(self.task_type.kind, self._draft)
            self._happened.append(lambda: self._on_draft(value))
            return {}
        if operation == "submit":
            return self._submit(item, given)
        if operation in {"skip", "decline"}:
            self._item = None
            self._happened.append(self._on_skip)
            return {}
        if operation == "release":
            return {}
        raise OperationNotImplementedError(f"There is no {operation!r} where there is no job.")

    def _submit(self, item: Item, given: dict[str, Any]) -> dict[str, Any]:
        seen = Seen(self._labels, item.width, item.height, item.text)
        checked = check_answer(self.task_type, given.get("content"), seen)
        value = checked[self.task_type.element]
        self._keys.append(str(given.get("key")))
        self._item = None
        self._happened.append(lambda: self._on_submit(value))
        return {"accepted": True, "duplicate": False}

    def _claim(self, given: dict[str, Any]) -> dict[str, Any]:
        if self._item is None or self._task_id in given.get("holding", ()):
            return {"tasks": [], "state": "waiting", "message": self.message}
        return {"tasks": [self._task(self._item)], "state": "tasks", "message": ""}

    def _task(self, item: Item) -> dict[str, Any]:
        task_type, now = self.task_type, self._clock()
        colors = label_colors(self._labels)
        size = {"width": item.width, "height": item.height}
        return {
            "task_id": self._task_id,
            "lease": self._task_id,
            "job_name": self.name,
            "object_id": str(self._shown),
            "task_type": task_type.name,
            "kind": task_type.kind,
            "purpose": "label",
            "element": task_type.element,
            "title": task_type.title,
            "description": task_type.instruction,
            "categories": list(self._labels),
            "labels": [{"label": label, "color": colors[label]} for label in self._labels],
            "segment": [],
            "earlier": None,
            "problem": None,
            "instructions": {"short": task_type.instruction, "full": ""},
            "picture": {**size, "content_type": item.picture.content_type}
            if item.picture
            else None,
            "text": item.text,
            "time_limit_s": _NO_LIMIT_S,
            "lease_until": now + _NO_LIMIT_S,
            "now": now,
            "draft": self._draft,
        }

    def _job(self) -> dict[str, Any]:
        return {
            "job_name": self.name,
            "title": self.task_type.title,
            "description": self.task_type.instruction,
            "task_type": self.task_type.name,
            "available": int(self._item is not None),
            "done": 0,
            "status": "InProgress",
            "message": "" if self._item else self.message,
        }


_SIGNED_IN = {"session": "notebook", "worker": _NOBODY}
_OF_NOBODY: Mapping[str, dict[str, Any]] = {
    "sign_in": _SIGNED_IN,
    "set_new_password": _SIGNED_IN,
    "sign_out": {},
}
"""Whoever has the notebook has the item: there is no account to ask for."""
