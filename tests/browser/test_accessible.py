"""axe-core finds nothing to complain of, whatever is on the page and whichever theme it has."""

from pathlib import Path

import pytest

from gt_widgets.testing import picture

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "labextension/node_modules/axe-core/axe.min.js"
THEMED = """async name => {
  await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name});
}"""
FOUND = """async () => {
  const options = {resultTypes: ['violations'], rules: {region: {enabled: false}}};
  const {violations} = await axe.run('.gt-root', options);
  return violations.map(({id, nodes}) => `${id}: ${nodes.map(node => node.html).join(' ')}`);
}"""
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture
def complaints(page):
    """Call it with a name: what axe finds in JupyterLab's light and dark theme; takes pictures."""

    def find(name):
        page.evaluate("source => void (0, eval)(source)", AXE.read_text())
        found = []
        for theme, light in (("JupyterLab Dark", "false"), ("JupyterLab Light", "true")):
            page.evaluate(THEMED, theme)
            page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
            found += [f"{theme}, {name}: {each}" for each in page.evaluate(FOUND)]
            shot = SHOTS / f"{name}-{'light' if light == 'true' else 'dark'}.png"
            page.locator(".gt-root").first.screenshot(path=shot)
        return found

    return find


MESSAGE = "Kivi Cargo promised Monday; today it still sits in Tromsø.\nThe driver rang Søren twice."


def test_marking_entities_is_accessible(studio, at_work, complaints):
    job = studio.text_job(
        [MESSAGE], ("carrier", "place", "person"), task="named-entity-recognition"
    )
    notebook, worker = at_work(job)
    text = worker.passage()
    text.drag("Kivi Cargo")
    notebook.page.keyboard.press("1")
    text.drag("Cargo promised")
    notebook.page.keyboard.press("2")
    text.drag("Tromsø")
    assert complaints("entities") == []
    notebook.page.keyboard.press("?")
    assert complaints("entities-keys") == []


def test_classification_is_accessible(studio, at_work, complaints):
    labels = tuple(f"topic {number}" for number in range(20))
    task = "text-classification-multi-label"
    _, worker = at_work(studio.text_job([MESSAGE], labels, task=task))
    worker.passage()
    assert complaints("classes") == []


def test_verification_is_accessible(studio, at_work, complaints):
    box = {"label": "Kivi", "left": 50, "top": 60, "width": 200, "height": 100}
    size = {"width": 500, "height": 400}
    content = {"boundingBox": {"boundingBoxes": [box], "inputImageProperties": size}}
    done = studio.answer(studio.job([picture(500, 400)]), content)
    _, worker = at_work(studio.follow_up(done, "bounding-box-verification"))
    worker.canvas()
    assert complaints("verification") == []


@pytest.mark.parametrize("task", ["semantic-segmentation", "instance-segmentation"])
def test_painting_is_accessible(studio, at_work, complaints, task):
    options = {"consolidate": False} if task.startswith("instance") else {}
    notebook, worker = at_work(studio.job([picture(500, 400)], task=task, **options))
    worker.cell.locator('[data-gt-mask="open"]').wait_for()
    canvas = worker.canvas()
    canvas.element.focus()
    notebook.page.keyboard.press("a")
    notebook.page.keyboard.press("h")
    worker.cell.locator('[data-gt-steps="1"]').wait_for()
    assert complaints(task) == []
    canvas.element.focus()
    for tool in "pfg":
        notebook.page.keyboard.press(tool)
        assert complaints(f"{task}-{tool}") == []
    canvas.element.focus()
    notebook.page.keyboard.press("?")
    assert complaints(f"{task}-keys") == []
