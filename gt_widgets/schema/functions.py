"""Consolidation functions: AWS's, and ours, whose alias names a method.

Layer: schema. Each task type has one function of AWS's (``ACS-ImageMultiClass``), which this engine
plays by the method AWS uses. A requester who wants another one names the engine's own function in
the account's number, with the method as its alias:
``arn:aws:lambda:...:<account>:function:SageMaker-GtWidgets-ACS-ImageMultiClass:hierarchical``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_widgets.schema.arns import function_alias, function_arn, function_name
from gt_widgets.schema.tasks import LOCAL_PREFIX

if TYPE_CHECKING:
    from gt_widgets.schema.tasks import TaskType

__all__ = ["consolidates", "consolidation_method", "method_arn", "own_function"]


def consolidates(function_arn: str, task_type: TaskType) -> bool:
    """Tell whether ``function_arn`` is a consolidation function of a task type, AWS's or ours."""
    return function_name(function_arn) in {task_type.function_names()[1], own_function(task_type)}


def method_arn(task_type: TaskType, method: str, region: str, account: str) -> str:
    """ARN of our consolidation function for a task type; its alias names the method."""
    return f"{function_arn(region, own_function(task_type), account)}:{method}"


def consolidation_method(function_arn: str) -> str:
    """Return the method that a consolidation function's alias names; ``""`` for the usual one.

    Functions of AWS's have one method and no such alias.
    """
    ours = function_name(function_arn).startswith(LOCAL_PREFIX)
    return function_alias(function_arn) if ours else ""


def own_function(task_type: TaskType) -> str:
    """Name our consolidation function for a task type."""
    return f"{LOCAL_PREFIX}ACS-{task_type.function}"
