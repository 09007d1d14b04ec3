"""The files of a CreateLabelingJob request: there, readable, and fitting each other.

Layer: engine. The manifest's lines are read later, by the conductor; only of an adjustment job its
beginning is looked at, so that a label file that lacks a class is refused at once (L03).
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gt_widgets.errors import AnswerError, LabelCategoryError, ServiceError, ValidationError
from gt_widgets.kinds import kind_of
from gt_widgets.kinds.earlier import find_earlier, missing_classes
from gt_widgets.schema.arns import function_alias, s3_parts
from gt_widgets.schema.functions import consolidation_method, own_function
from gt_widgets.schema.instructions import instructions_of_template
from gt_widgets.schema.jobs import check_custom
from gt_widgets.schema.labels import LabelCategories, parse_label_file
from gt_widgets.schema.pages import earlier_attributes_of, labels_of_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gt_widgets.engine.objects import Objects
    from gt_widgets.schema.labels import LabelCategories
    from gt_widgets.schema.tasks import TaskType

__all__ = ["check_files", "check_method", "read_page_and_labels", "refuse_missing_classes"]

_BEGINNING = 1 << 20


def check_files(objects: Objects, request: dict[str, Any]) -> None:
    """Check that manifest, template and output bucket exist.

    Raises
    ------
    ValidationError
        With the field and the location of what is missing.
    """
    source = request["InputConfig"]["DataSource"].get("S3DataSource")
    page = request["HumanTaskConfig"]["UiConfig"].get("UiTemplateS3Uri")
    named = {}
    if source:
        named["InputConfig.DataSource.S3DataSource.ManifestS3Uri"] = source["ManifestS3Uri"]
    if page:
        named["HumanTaskConfig.UiConfig.UiTemplateS3Uri"] = page
    for field, uri in named.items():
        try:
            objects.info(*s3_parts(uri))
        except ServiceError as error:
            raise ValidationError(f"{field}: {uri} does not exist ({error})") from error
    bucket, _ = s3_parts(request["OutputConfig"]["S3OutputPath"])
    if bucket not in {found.name for found in objects.buckets()}:
        raise ValidationError(
            f"OutputConfig.S3OutputPath: bucket {bucket!r} does not exist. Create it first."
        )


def read_page_and_labels(
    objects: Objects, request: dict[str, Any], task_type: TaskType
) -> tuple[TaskType, LabelCategories]:
    """Read template and label file: what the task is, and what workers choose from.

    Parameters
    ----------
    task_type : TaskType
        As ``check_request`` gave it; a custom job's is told by its template.

    Raises
    ------
    ValidationError
        If they do not fit the task type or each other.
    """
    page_uri = request["HumanTaskConfig"]["UiConfig"].get("UiTemplateS3Uri", "")
    template = _file(objects, "UiTemplateS3Uri", page_uri) if page_uri else b""
    page = template.decode(errors="replace")
    task_type = check_custom(request, task_type, page)
    label_uri = request.get("LabelCategoryConfigS3Uri")
    told = instructions_of_template(page)
    if label_uri is None:
        return task_type, _with(labels_of_template(page_uri, page, task_type), told)
    data = _file(objects, "LabelCategoryConfigS3Uri", label_uri)
    found = parse_label_file(label_uri, data, task_type, needs_instructions=not page_uri)
    found = _with(found, told)
    if task_type.earlier:
        lines = _first_lines(objects, request)
        named = found.earlier_attribute or _named_by(page, lines, task_type)
        _refuse_own_label(request["LabelAttributeName"], named, lines, task_type)
        found = replace(found, earlier_attribute=named)
        refuse_missing_classes(label_uri, lines, task_type, found)
    return task_type, found


def _named_by(page: str, lines: Iterable[bytes], task_type: TaskType) -> str:
    """Return the key of the label that a template shows; ``""`` if it names no key at all.

    It may show other keys as well, so the first that holds a label of the right type is taken.
    """
    keys = earlier_attributes_of(page)
    for line in _parsed(lines if len(keys) > 1 else ()):
        for key in keys:
            try:
                return find_earlier(line, task_type, named=key).attribute
            except AnswerError:
                continue
    return next(iter(keys), "")


def _refuse_own_label(own: str, named: str, lines: Iterable[bytes], task_type: TaskType) -> None:
    """Refuse a job that would write its label where the label to look at lies (1.5)."""
    for line in _parsed(() if named else lines):
        try:
            find_earlier(line, task_type, own=own)
            break
        except AnswerError:
            with suppress(AnswerError):
                named = find_earlier(line, task_type, named=own).attribute
                break
    if named == own:
        raise ValidationError(
            f"LabelAttributeName {own!r} is the label to {task_type.purpose}, which stays as it "
            "is. Choose another name for the job's own label."
        )


def check_method(request: dict[str, Any], task_type: TaskType) -> None:
    """Check the consolidation method that the job's own function names by its alias.

    Raises
    ------
    ValidationError
        With the methods of the task type; or if AWS's function is given such an alias.
    """
    config = request["HumanTaskConfig"].get("AnnotationConsolidationConfig", {})
    arn = config.get("AnnotationConsolidationLambdaArn", "")
    alias, known = function_alias(arn), kind_of(task_type).methods
    if not alias or consolidation_method(arn) in known:
        return
    raise ValidationError(
        f"AnnotationConsolidationLambdaArn: {task_type.name} jobs have no consolidation {alias!r}. "
        f"Methods of this engine: {', '.join(known)}; they are aliases of its own function "
        f"{own_function(task_type)}. AWS's function ACS-{task_type.function} takes no "
        "alias."
    )


def _with(found: LabelCategories, told: tuple[str, str]) -> LabelCategories:
    """Instructions of the template, where there are some; else those of the label file."""
    short, full = told
    return replace(
        found,
        short_instruction=short or found.short_instruction,
        full_instruction=full or found.full_instruction,
    )


def _first_lines(objects: Objects, request: dict[str, Any]) -> list[bytes]:
    source = request["InputConfig"]["DataSource"].get("S3DataSource")
    if source is None:
        return []
    _, body = objects.open(*s3_parts(source["ManifestS3Uri"]))
    with body:
        beginning = body.read(_BEGINNING)
    lines = beginning.split(b"\n")
    return lines[:-1] if len(beginning) == _BEGINNING else lines


def _file(objects: Objects, field: str, uri: str) -> bytes:
    try:
        return objects.read(*s3_parts(uri))
    except ServiceError as error:
        raise ValidationError(f"{field}: {uri} does not exist ({error})") from error


def refuse_missing_classes(
    uri: str, lines: Iterable[bytes], task_type: TaskType, categories: LabelCategories
) -> None:
    """Refuse an adjustment whose label file lacks a class of the original job.

    Parameters
    ----------
    uri : str
        Where the label file lies.
    lines : iterable of bytes
        Manifest lines; those that cannot be read are left to whoever reads the manifest.

    Raises
    ------
    LabelCategoryError
        With the classes that are missing.
    ValidationError
        If an earlier mask has no colours, in a verification too (6.5).
    """
    missing = missing_classes(
        _parsed(lines), task_type, categories.labels, named=categories.earlier_attribute
    )
    if missing and task_type.purpose == "adjust":
        raise LabelCategoryError(
            f"{uri} lacks {missing}, which labels to adjust use. Add them: an adjustment job needs "
            "every class of the original job, and may add new ones."
        )


def _parsed(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            yield found
