"""Arguments of the worker protocol, read with care: they come from a page.

Layer: engine (pure).
"""

from __future__ import annotations

from typing import Any

from gt_widgets.engine.attached import draft_with
from gt_widgets.errors import LeaseError, WorkerError

__all__ = ["draft_in", "key_in", "lease_in", "text_in", "whole"]

_MAX_KEY_CHARACTERS = 64


def lease_in(args: dict[str, Any]) -> tuple[str, str]:
    """Return task id and lease."""
    return text_in(args, "task_id"), text_in(args, "lease")


def draft_in(args: dict[str, Any], draft: Any) -> Any:
    """Return a draft with what came beside the call put into it."""
    return draft_with(draft, args.get("attached"))


def key_in(args: dict[str, Any]) -> str:
    """Return the key by which a submit that is said twice counts once.

    Raises
    ------
    WorkerError
        If it has no characters, or too many.
    TypeError
        If it is no text.
    """
    key = text_in(args, "key")
    if not 0 < len(key) <= _MAX_KEY_CHARACTERS:
        raise WorkerError(
            f"submit: key must have 1 to {_MAX_KEY_CHARACTERS} characters; it has {len(key)}."
        )
    return key


def whole(value: Any) -> int:
    """Return a whole number; TypeError if it is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"count must be a whole number, not {value!r}")
    return value


def text_in(args: dict[str, Any], name: str) -> str:
    """Return a text by its name; TypeError if it is none."""
    value = args[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text")
    if name == "lease" and not value:
        raise LeaseError("The lease is empty; fetch the task again.")
    return value
