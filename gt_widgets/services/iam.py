"""AWS IAM: the one execution role there is.

Layer: services (imports ``errors`` and ``services``).

The local engine checks no policies, so the role exists to be named: in ``RoleArn`` of a
labeling job, and by `sagemaker.get_execution_role`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gt_widgets.errors import ServiceError
from gt_widgets.services.sts import ROLE_NAME

if TYPE_CHECKING:
    from gt_widgets.services.call import Call

__all__ = ["get_role", "list_roles"]

_CREATED = 1_546_300_800.0  # a fixed day, so that two runs print the same
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def get_role(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer GetRole.

    Raises
    ------
    ServiceError
        ``NoSuchEntity``, 404, for every other name.
    """
    name = params["RoleName"]
    if name != ROLE_NAME:
        raise ServiceError(
            "NoSuchEntity",
            f"The role with name {name} cannot be found. The local engine has the one role "
            f"{ROLE_NAME}; a labeling job accepts any RoleArn of the right form.",
            404,
        )
    return {"Role": _role(call)}


def list_roles(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    """Answer ListRoles."""
    role = _role(call)
    matches = role["Path"].startswith(params.get("PathPrefix", "/"))
    return {"Roles": [role] if matches else [], "IsTruncated": False}


def _role(call: Call) -> dict[str, Any]:
    return {
        "Path": "/service-role/",
        "RoleName": ROLE_NAME,
        "RoleId": "AROALOCALGROUNDTRUTH",
        "Arn": f"arn:aws:iam::{call.account_id}:role/service-role/{ROLE_NAME}",
        "CreateDate": _CREATED,
        "AssumeRolePolicyDocument": quote(json.dumps(_TRUST)),
        "Description": "Stands for the execution role of Ground Truth in the local engine.",
        "MaxSessionDuration": 3600,
    }
