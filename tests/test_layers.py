"""Imports point down; data text never goes through an HTML widget; nobody unpickles."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "gt_widgets"
LAYERS = [
    {"errors", "processes"},
    {"schema", "geometry", "tree", "charts"},
    {
        "consolidation",
        "autolabel",
        "pricing",
        "query",
        "datasets",
        "simulation",
        "manifests",
        "exchange",
    },
    {"quality", "kinds", "segmentation", "training"},
    {"engine"},
    {"services"},
    {"controller"},
    {"widgets", "server"},
    {"notebook", "cli", "annotate"},
    {"__init__", "__main__", "testing"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
FILES = sorted(ROOT.rglob("*.py"))


def room_of(path):
    return path.relative_to(ROOT).with_suffix("").parts[0]


def modules_imported_by(path):
    """Rooms of gt_widgets that a file imports, outside of TYPE_CHECKING blocks too."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "gt_widgets":
                names = [f"gt_widgets.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("gt_widgets."):
                yield name.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path):
    here = room_of(path)
    for target in modules_imported_by(path):
        assert target == here or RANK[target] < RANK[here], f"{path}: {target}"


@pytest.mark.parametrize(
    "room", ["engine", "schema", "consolidation", "autolabel", "kinds", "segmentation", "training"]
)
def test_the_engine_runs_without_jupyter_boto3_or_a_browser(room):
    forbidden = re.compile(
        r"^\s*(?:import|from) (boto3|botocore|jupyter\w*|ipywidgets|anywidget)", re.MULTILINE
    )
    for path in (ROOT / room).rglob("*.py"):
        assert not forbidden.search(path.read_text()), path


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_data_text_never_goes_through_html_and_nothing_is_unpickled(path):
    text = path.read_text()
    assert not re.search(r"widgets\.HTML|HTMLMath|display\.(?:HTML|Markdown)|_repr_html_", text)
    assert not re.search(
        r"^\s*(?:import|from) (?:pickle|joblib|dill|shelve|marshal)\b", text, re.MULTILINE
    )
