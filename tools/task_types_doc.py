"""Write docs/reference/task-types.md from the one description of each task type.

Usage: python tools/task_types_doc.py [--write]
"""

from __future__ import annotations

import sys
from pathlib import Path

from gt_widgets.kinds import KINDS
from gt_widgets.schema.tasks import TASK_TYPES, TaskType

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "task-types.md"
_HEAD = """# Task types

Made by `python tools/task_types_doc.py --write` from `gt_widgets/schema/tasks.py` (one row per task
type) and `gt_widgets/kinds/` (one file per kind of answer).

A job's task type is told by `PreHumanTaskLambdaArn`, as AWS's clients tell it; a job without one is
a custom job, told by the crowd element of its template. `session.create_labeling_job(task=...)`
takes the names in the first column.

"""
_TABLE = """| task | function | kind | label attribute | labels | objects | `type` in the metadata |
| --- | --- | --- | --- | --- | --- | --- |
"""
_FAMILIES = (
    (
        "Built in, as on AWS",
        "Functions `PRE-<function>` and `ACS-<function>` of AWS's account in the job's region.",
        lambda each: not each.local and each.purpose == "label",
    ),
    (
        "Verification and adjustment, as on AWS",
        (
            "The input manifest carries the earlier label (the output of the earlier job "
            "does). Which key it has is said by `auditLabelAttributeName` in the label file, "
            "or by the first `task.input.manifestLine.<key>` in the template; else it is the "
            "last key whose metadata has the right `type`. An object without such a label "
            "fails by itself."
        ),
        lambda each: not each.local and each.purpose != "label",
    ),
    (
        "Polygons, lines, points and instances: custom jobs, as on AWS",
        (
            "AWS has no built-in job for them on images. Leave `PreHumanTaskLambdaArn` and "
            "`AnnotationConsolidationConfig` out and give a template with the crowd element: "
            "the label is `{}` and `worker-response-ref` in its metadata names the answers. "
            "Here, and only here, there is a consolidation function for each, in your own "
            "account's name: "
            "`arn:aws:lambda:<region>:<account>:function:SageMaker-GtWidgets-ACS-<function>`. "
            "`session.create_labeling_job` names it for all but instances, whose consolidated "
            'label is a file: ask for it with `consolidation="majority"`.'
        ),
        lambda each: each.local and each.purpose == "label",
    ),
    (
        "Verification and adjustment of other labels: ours",
        (
            "AWS has functions for boxes and masks only. For classes, entities and shapes the"
            " engine has its own, in your own account's name: "
            "`SageMaker-GtWidgets-PRE-<function>` and `SageMaker-GtWidgets-ACS-<function>`. "
            "On AWS you would have to bring such functions."
        ),
        lambda each: each.local and each.purpose != "label",
    ),
)
_TAIL = """## Custom jobs with the elements of built-in ones

A custom job whose template has `crowd-bounding-box`, `crowd-image-classifier`,
`crowd-image-classifier-multi-select`, `crowd-semantic-segmentation`, `crowd-classifier`,
`crowd-classifier-multi-select` or `crowd-entity-annotation` asks workers for the same, and is
consolidated only by `SageMaker-GtWidgets-ACS-<function>`. Its labels come from the label file, or
from a list that stands in the element: `labels="['a', 'b']"`. Functions of your own, before or
after the work, are not run.

## Not run here

Video and 3D jobs are refused with a sentence that says so: {refused}. Label files with
`frameAttributes`, `categoryGlobalAttributes`, `categoryAttributes` or `annotationType` belong to
them and are refused too.

## Verification

Workers see the earlier label read-only and choose one of the label file's verdicts; they may say
what is wrong. The earlier label stays as it is; `worker-feedback` holds the comments, and is
absent when there are none.

## Adjustment

Workers start from the earlier label. The new label has the earlier one's form; its metadata ends
in `"adjustment-status": "adjusted"` when at least one worker changed something, else
`"unadjusted"`. The engine compares answer and earlier label itself and writes
`initialValueModified` into the worker response: what the page says is not asked. The label file
must hold every class that the earlier labels use, and may add new ones: a job whose file lacks
one is refused (or, where it shows only further down in a long manifest, fails). A manifest of
masks without `hex-color` is refused.

## Texts

A text stands in `source`, or in a UTF-8 file that `source-ref` names; where a line has both,
`source` is shown. At most 20,000 characters. Offsets of entities count Unicode code points and
the end is exclusive: in `"\U0001f69a Oslo"` the word Oslo begins at 2 and ends at 6. Named
entities may use AWS's own page (`HumanTaskUiArn .../human-task-ui/NamedEntityRecognition`); its
instructions then come from the label file, whose labels may have a `shortDisplayName`.

## To add a task type

1. its row in `schema/tasks.py`; a new kind of answer needs, besides:
2. `kinds/<kind>.py` and 3. its line in `kinds/__init__.py`;
4. `consolidation/<method>.py` and 5. its line there;
6. its simulated worker in `simulation/`;
7. its page in `labextension/src/views/` and 8. its line in `views/bodies.ts`;
9. its samples in `testing/task_types.py`, which the contract class of `tests/contract/task_types`
   runs from job creation to output manifest, on every task type of the kind;
10. its default page in `controller/templates.py`, if its element takes other attributes.

This page and the tests follow from the description.
"""


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD]
    known = [each for each in TASK_TYPES if each.supported]
    for title, words, belongs in _FAMILIES:
        rows = "".join(_row(each) for each in known if belongs(each))
        parts.append(f"## {title}\n\n{words}\n\n{_TABLE}{rows}\n")
    parts.append("## Kinds of answer\n\n")
    parts += [_kind(name) for name in KINDS]
    refused = ", ".join(
        f"`PRE-{each.function}`"
        for each in TASK_TYPES
        if not each.supported and each.media in {"video", "3d"}
    )
    parts.append(_TAIL.replace("{refused}", refused))
    return "".join(parts)


def _row(each: TaskType) -> str:
    suffix = "must end in `-ref`" if each.ref_suffix else "any" if each.custom else "not `-ref`"
    most = f"{each.min_labels} to {each.max_labels}" if each.max_labels else f"{each.min_labels} up"
    kind = f"[{each.kind}](#{each.kind})" + (" (verdict)" if each.purpose == "verify" else "")
    return (
        f"| `{each.name}` | `{each.function}` | {kind} | {suffix} | {most} | "
        f"{each.max_objects:,} | `{each.metadata_type}` |\n"
    )


def _kind(name: str) -> str:
    kind = KINDS[name]
    tags = sorted({each.tag for each in TASK_TYPES if each.kind == name and each.tag})
    keys = ", ".join(f"`{key}`" for key in kind.metadata_keys) or "`internal-color-map`"
    together = (
        "A label depends on the other objects of its batch (at most 50)."
        if kind.batched
        else "Each object is labeled by itself."
    )
    return (
        f"### {name}\n\n"
        f"Elements: {', '.join(f'`{tag}`' for tag in tags)}. {together}\n\n"
        f"- answer: `{kind.answer}`\n"
        f"- label: `{kind.label}`\n"
        f"- metadata, in this order: {keys}\n"
        f"- consolidation: {', '.join(f'`{method}`' for method in kind.methods)}\n"
        f"- truth, for simulated workers: {kind.truth}\n\n"
    )


def main() -> None:
    """Write the page, or print it."""
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())


if __name__ == "__main__":
    main()
