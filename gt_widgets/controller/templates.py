"""Worker task templates, as AWS's console writes them for the built-in task types.

Layer: controller. The local canvas does not render them; AWS does.
"""

from __future__ import annotations

from html import escape

from gt_widgets.errors import ValidationError

__all__ = ["worker_template"]

_ELEMENTS = {
    "bounding-box": ("crowd-bounding-box", "boundingBox", "labels"),
    "image-classification": ("crowd-image-classifier", "crowd-image-classifier", "categories"),
}


def worker_template(
    task_type: str, *, header: str, short_instruction: str, full_instruction: str
) -> bytes:
    """Write the page that AWS shows to workers.

    Parameters
    ----------
    task_type : {"bounding-box", "image-classification"}
    header, short_instruction, full_instruction : str
        Plain text.

    Raises
    ------
    ValidationError
        If there is no template for the task type.
    """
    if task_type not in _ELEMENTS:
        raise ValidationError(
            f"There is no worker template for {task_type!r}; there are {', '.join(_ELEMENTS)}."
        )
    element, name, labels = _ELEMENTS[task_type]
    return f"""<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <{element} name="{name}" src="{{{{ task.input.taskObject | grant_read_access }}}}"
      header="{escape(header)}" {labels}="{{{{ task.input.labels | to_json | escape }}}}">
    <full-instructions header="{escape(header)}"><p>{escape(full_instruction)}</p>
    </full-instructions>
    <short-instructions><p>{escape(short_instruction)}</p></short-instructions>
  </{element}>
</crowd-form>
""".encode()
