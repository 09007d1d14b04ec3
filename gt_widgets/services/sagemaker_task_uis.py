"""sagemaker: human task UIs and the rendering of worker task templates.

Layer: services. One function per operation; ``services.sagemaker`` has them too.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import ValidationError
from gt_widgets.schema.arns import s3_parts

if TYPE_CHECKING:
    from gt_widgets.services.call import Call

__all__ = [
    "TASK_UI_PATH",
    "create_human_task_ui",
    "delete_human_task_ui",
    "describe_human_task_ui",
    "list_human_task_uis",
    "render_ui_template",
]

TASK_UI_PATH = "/_gt/human-task-ui/"
"""Where a template can be read, by its SHA-256: who knows that knows what it says."""


def create_human_task_ui(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Keep a template under a name."""
    with call.engine.store.begin():
        made = call.engine.task_uis.create(
            params["HumanTaskUiName"], params["UiTemplate"]["Content"]
        )
        call.engine.tags.add(made.arn, params.get("Tags", []))
    return {"HumanTaskUiArn": made.arn}


def describe_human_task_ui(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Describe a template: where it can be read, and its SHA-256."""
    found = call.engine.task_uis.get(params["HumanTaskUiName"])
    return {
        "HumanTaskUiArn": found.arn,
        "HumanTaskUiName": found.name,
        "HumanTaskUiStatus": "Active",
        "CreationTime": found.created_at,
        "UiTemplate": {
            "Url": f"{call.base_url}{TASK_UI_PATH}{found.sha256}",
            "ContentSha256": found.sha256,
        },
    }


def list_human_task_uis(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """List templates by time of creation."""
    page = call.engine.task_uis.page(
        after=_epoch(params.get("CreationTimeAfter")),
        before=_epoch(params.get("CreationTimeBefore")),
        descending=params.get("SortOrder") == "Descending",
        token=params.get("NextToken"),
        size=params.get("MaxResults", 100),
    )
    listed: dict[str, Any] = {
        "HumanTaskUiSummaries": [
            {
                "HumanTaskUiName": found.name,
                "HumanTaskUiArn": found.arn,
                "CreationTime": found.created_at,
            }
            for found in page.rows
        ]
    }
    return listed | ({"NextToken": page.next_token} if page.next_token else {})


def delete_human_task_ui(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Delete a template."""
    with call.engine.store.begin():
        gone = call.engine.task_uis.delete(params["HumanTaskUiName"])
        call.engine.tags.forget(gone.arn)
    return {}


def render_ui_template(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Render a template, given or kept, for one task (P05).

    Raises
    ------
    ValidationError
        If it names no page, or two.
    """
    given, arn = params.get("UiTemplate"), params.get("HumanTaskUiArn")
    if (given is None) == (arn is None):
        raise ValidationError("Give exactly one of UiTemplate and HumanTaskUiArn.")
    content = given["Content"] if given else call.engine.task_uis.by_arn(arn).content
    found = call.engine.renderer.render(content, params["Task"]["Input"], partial(_granted, call))
    return {
        "RenderedContent": found.content,
        "Errors": [{"Code": code, "Message": message} for code, message in found.errors],
    }


def _granted(call: Call, uri: str) -> str:
    return call.presign(*s3_parts(uri))


def _epoch(moment: Any) -> float | None:
    if moment is None:
        return None
    return float(moment.timestamp() if hasattr(moment, "timestamp") else moment)
