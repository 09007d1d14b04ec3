"""AWS STS: who is calling.

Layer: services (imports only ``services.call``).

The answer is an assumed-role ARN because that is what `sagemaker.get_execution_role` takes
apart to find the role; `services.iam` knows that role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gt_widgets.services.call import Call

__all__ = ["ROLE_NAME", "SESSION_NAME", "get_caller_identity"]

ROLE_NAME = "GroundTruthLocalExecutionRole"
SESSION_NAME = "gt-widgets"

_ROLE_ID = "AROALOCALGROUNDTRUTH"


def get_caller_identity(call: Call, _params: dict[str, Any]) -> dict[str, Any]:
    """Answer GetCallerIdentity: everyone local is one session of the one local role."""
    return {
        "UserId": f"{_ROLE_ID}:{SESSION_NAME}",
        "Account": call.account_id,
        "Arn": f"arn:aws:sts::{call.account_id}:assumed-role/{ROLE_NAME}/{SESSION_NAME}",
    }
