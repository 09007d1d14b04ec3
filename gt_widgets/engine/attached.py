"""What travels beside a call put back into its place, and kept as text where only text is kept.

Layer: engine. A page writes ``"mask_runs": "attached"`` into an answer or a draft and sends the
packed mask (``schema.runs``) beside the JSON.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from gt_widgets.errors import AnswerError, WorkerError
from gt_widgets.kinds.base import only_value
from gt_widgets.kinds.masks import RUNS

__all__ = ["answer_with", "draft_with"]

_MARK = "attached"


def answer_with(content: Any, attached: object) -> Any:
    """Return an answer with the mask's bytes in it, from beside the call or from base64.

    Raises
    ------
    AnswerError
        If it says that a mask is attached and none is.
    """
    if not isinstance(content, dict) or not any(_names_runs(each) for each in content.values()):
        return content
    value = only_value(content)
    [element] = content
    return {element: {**value, RUNS: _bytes_of(value[RUNS], attached)}}


def draft_with(draft: Any, attached: object) -> Any:
    """Return a draft as it is kept: the mask's bytes as base64.

    Raises
    ------
    WorkerError
        If it says that a mask is attached and none is.
    """
    if not _names_runs(draft) or draft[RUNS] != _MARK:
        return draft
    if not isinstance(attached, bytes):
        raise WorkerError("The draft says that a mask is attached; nothing was.")
    return {**draft, RUNS: base64.b64encode(attached).decode()}


def _names_runs(value: object) -> bool:
    return isinstance(value, dict) and RUNS in value


def _bytes_of(runs: Any, attached: object) -> bytes:
    if runs == _MARK and isinstance(attached, bytes):
        return attached
    if not isinstance(runs, str) or runs == _MARK:
        raise AnswerError(f'{RUNS} must be "attached", with the bytes beside the call, or base64.')
    try:
        return base64.b64decode(runs, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AnswerError(f"{RUNS} is not base64 ({error}).") from error
