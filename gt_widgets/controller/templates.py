"""Worker task templates, as AWS's console writes them for its task types.

Layer: controller. The local canvas does not render them; AWS does. The engine reads two things in
them: the crowd element of a custom job, and the key of the label to verify or adjust.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from gt_widgets.errors import ValidationError
from gt_widgets.schema.tasks import task_type_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gt_widgets.schema.tasks import TaskType

__all__ = ["worker_template"]

_SCRIPT = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
_LABELS = "{{ task.input.labels | to_json | escape }}"
_LIST_NAMES = {"class": "categories", "classes": "categories"}


@dataclass(frozen=True, slots=True)
class _Page:
    """What goes into a page: words are plain text; ``earlier`` is a manifest key."""

    task_type: TaskType
    header: str
    short: str
    full: str
    labels: tuple[str, ...]
    earlier: str
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def line(self) -> str:
        """How the template reaches the manifest line."""
        plain = self.task_type.custom and self.task_type.purpose == "label"
        return "task.input" if plain else "task.input.manifestLine"


def worker_template(
    task_type: TaskType,
    *,
    header: str,
    short_instruction: str,
    full_instruction: str,
    labels: Sequence[str] = (),
    earlier_attribute: str = "",
    examples: Sequence[tuple[str, str]] = (),
) -> bytes:
    """Write the page that AWS shows to workers.

    Parameters
    ----------
    task_type : TaskType
    header, short_instruction, full_instruction : str
        Plain text.
    labels : sequence of str
        Written into the page of a custom job, which gets none from a function.
    earlier_attribute : str
        Manifest key of the label to verify or adjust.
    examples : sequence of (str, str)
        "good" or "bad", and the ``s3://`` URI of a picture.

    Raises
    ------
    ValidationError
        If there is no page for the task type.
    """
    if not task_type.tag:
        raise ValidationError(
            f"There is no worker template for {task_type.name!r} jobs; write one, and create the "
            "job by CreateLabelingJob with its UiTemplateS3Uri."
        )
    page = _Page(
        task_type,
        header,
        short_instruction,
        full_instruction,
        tuple(labels),
        earlier_attribute,
        tuple(examples),
    )
    element = _element(page)
    if task_type.kind == "entities":  # it submits by itself
        return f"{_SCRIPT}\n{element}\n".encode()
    return f"{_SCRIPT}\n<crowd-form>\n{element}\n</crowd-form>\n".encode()


def _element(page: _Page) -> str:
    kind, tag = page.task_type.kind, page.task_type.tag
    inner = _instructions(page)
    listed = _LABELS
    if page.line == "task.input":
        listed = escape(json.dumps(page.labels, ensure_ascii=False))
    attributes = [
        f'name="{page.task_type.element}"',
        f'header="{escape(page.header)}"',
        f'{_LIST_NAMES.get(kind, "labels")}="{listed}"',
    ]
    if page.task_type.media == "text":
        attributes += [f'text="{_text(page)}"'] if kind == "entities" else []
        if kind != "entities":
            inner = _target(page) + inner
    else:
        attributes.append(f'src="{_picture(page)}"')
    attributes += _start(page)
    if page.task_type.purpose == "verify" and page.task_type.media == "image":
        inner += _COMMENT
    lines = "\n      ".join(attributes)
    return f"  <{tag} {lines}>\n{inner}  </{tag}>"


def _picture(page: _Page) -> str:
    key = "task.input.source-ref" if page.line == "task.input" else "task.input.taskObject"
    return f"{{{{ {key} | grant_read_access }}}}"


def _text(page: _Page) -> str:
    key = "task.input.source" if page.line == "task.input" else "task.input.taskObject"
    return f"{{{{ {key} }}}}"


def _target(page: _Page) -> str:
    """The text, and in a verification or adjustment what it was labeled before."""
    shown = f"<p>{_text(page)}</p>"
    if page.earlier:
        shown += f"\n      <p>{{{{ {page.line}.{page.earlier} | to_json }}}} "
        shown += f"{{{{ {page.line}.{page.earlier}-metadata | to_json }}}}</p>"
    return f"    <classification-target>\n      {shown}\n    </classification-target>\n"


def _instructions(page: _Page) -> str:
    shown = ""
    if page.earlier and page.task_type.media == "image" and not _start(page):
        label = f"{page.line}.{page.earlier}"
        shown = f"<p>{{{{ {label} | to_json }}}} {{{{ {label}-metadata | to_json }}}}</p>"
    return f"""    <full-instructions header="{escape(page.header)}"><p>{_html(page.full)}</p>
    {"".join(map(_example, page.examples))}</full-instructions>
    <short-instructions><p>{_html(page.short)}</p>{shown}</short-instructions>
"""


def _html(words: str) -> str:
    return escape(words).replace("\n", "<br>")


def _example(example: tuple[str, str]) -> str:
    """A picture under its heading, as AWS's console writes them."""
    kind, uri = example
    source = escape(f"{{{{ '{uri}' | grant_read_access }}}}", quote=False)
    return f'<h2>{kind.capitalize()} example</h2>\n    <p><img src="{source}"></p>\n    '


_COMMENT = """    <worker-comment header="What is wrong?" link-text="Say what is wrong"
        placeholder="For example: the right edge is cut"></worker-comment>
"""

# --- what a verification shows and an adjustment starts from -------------------------------------


def _start(page: _Page) -> list[str]:
    if not page.earlier:
        return []
    kind = task_type_named(page.task_type.earlier).kind
    if page.task_type.purpose == "adjust" and kind in _INITIAL:
        return [f'initial-value="{_INITIAL[kind].format(**_names(page))}"']
    if page.task_type.purpose == "verify" and kind in _OVERLAYS:
        return [f'overlay="{_OVERLAYS[kind].format(**_names(page))}"']
    return []


def _names(page: _Page) -> dict[str, str]:
    label = f"{page.line}.{page.earlier}"
    return {"label": label, "metadata": f"{label}-metadata"}


_EACH_CLASS = """{{% for each in {label}.annotations %}}
          {{% capture class_id %}}{{{{ each.class_id }}}}{{% endcapture %}}
          {{% assign label = {metadata}.class-map[class_id] %}}"""
_BOXES = (
    "["
    + _EACH_CLASS
    + """
          {{label: {{{{ label | to_json | escape }}}}, left: {{{{ each.left }}}},
           top: {{{{ each.top }}}}, width: {{{{ each.width }}}}, height: {{{{ each.height }}}}}},
        {{% endfor %}}]"""
)
_SHAPES = (
    "["
    + _EACH_CLASS
    + """
          {{label: {{{{ label | to_json | escape }}}},
           vertices: {{{{ each.vertices | to_json | escape }}}}}},
        {{% endfor %}}]"""
)
_POINTS = (
    "["
    + _EACH_CLASS
    + """
          {{label: {{{{ label | to_json | escape }}}}, x: {{{{ each.vertices[0].x }}}},
           y: {{{{ each.vertices[0].y }}}}}},
        {{% endfor %}}]"""
)
_COLORS = """{{% for each in {metadata}.internal-color-map %}}
          {{% if each[1]['class-name'] != 'BACKGROUND' %}}
          {{{{ each[1]['class-name'] | to_json | escape }}}}:
            {{color: {{{{ each[1]['hex-color'] | to_json | escape }}}}}},
          {{% endif %}}{{% endfor %}}"""
_MASK = "{{labelMappings: {{" + _COLORS + "}}, src: '{{{{ {label} | grant_read_access }}}}'}}"
_INITIAL = {
    "boxes": _BOXES,
    "mask": _MASK,
    "entities": "{{{{ {label}.annotations.entities | to_json | escape }}}}",
    "polygons": _SHAPES,
    "polylines": "{{polylines: " + _SHAPES + "}}",
    "lines": "{{lines: " + _SHAPES + "}}",
    "keypoints": _POINTS,
}
_OVERLAYS = {
    "boxes": "{{boundingBox: {{labels: [{{% for each in {metadata}.class-map %}}"
    "{{{{ each[1] | to_json | escape }}}},{{% endfor %}}], value: " + _BOXES + "}}}}",
    "mask": "{{semanticSegmentation: {{labels: [], labelMappings: {{"
    + _COLORS
    + "}}, src: '{{{{ {label} | grant_read_access }}}}'}}}}",
}
