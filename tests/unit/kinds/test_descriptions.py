"""One description per task type: complete, and what the reference page says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from gt_widgets.controller.templates import worker_template
from gt_widgets.kinds import KINDS
from gt_widgets.schema.pages import earlier_attributes_of
from gt_widgets.schema.tasks import TASK_TYPES, custom_type_of, task_type_named, task_type_of
from gt_widgets.testing.task_types import REFUSED

ROOT = Path(__file__).parents[3]
RUN = [each for each in TASK_TYPES if each.supported]
named = pytest.mark.parametrize("task_type", RUN, ids=lambda each: each.name)


def test_the_reference_page_is_what_the_descriptions_say():
    path = ROOT / "tools" / "task_types_doc.py"
    spec = importlib.util.spec_from_file_location("task_types_doc", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run it with --write"


def test_names_and_functions_are_each_told_apart():
    names = [each.name for each in TASK_TYPES]
    functions = [name for each in TASK_TYPES for name in each.function_names()]
    assert len(set(names)) == len(names)
    assert len(set(functions)) == len(functions)


@named
def test_a_description_is_complete(task_type):
    assert task_type.kind in KINDS
    assert task_type.title
    assert task_type.instruction
    assert task_type.element
    before, _ = task_type.function_arns("eu-west-1", "111122223333")
    assert task_type_of(before) is task_type
    assert task_type_named(task_type.name) is task_type


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_samples_and_examples(kind):
    assert REFUSED[kind]
    assert KINDS[kind].answer
    assert KINDS[kind].label
    assert KINDS[kind].truth


@named
def test_the_default_page_has_the_element_and_names_the_earlier_label(task_type):
    page = worker_template(
        task_type,
        header='Tom & "Jo"',
        short_instruction="<script>",
        full_instruction="full",
        labels=("a", 'b"'),
        earlier_attribute="first" if task_type.earlier else "",
    ).decode()
    assert f"<{task_type.tag} name=" in page
    assert 'header="Tom &amp; &quot;Jo&quot;"' in page
    assert "<p>&lt;script&gt;</p>" in page
    assert page.count("<script") == 1
    assert earlier_attributes_of(page) == (("first",) if task_type.earlier else ())
    assert ("<crowd-form>" in page) is (task_type.kind != "entities")
    if task_type.custom and task_type.purpose == "label":
        assert custom_type_of(page) is task_type
        assert "task.input.source-ref" in page
