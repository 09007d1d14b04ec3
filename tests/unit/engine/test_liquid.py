"""Worker task templates: Ground Truth's filters and Liquid as its templates use it."""

from __future__ import annotations

import pytest

from gt_widgets.engine.liquid import render

TOM = 'Tom & "Jo"'
ADJUSTMENT = """<crowd-bounding-box name="boundingBox" initial-value="[
{%- for box in task.input.manifestLine.logos.annotations %}
{%- capture class_id %}{{ box.class_id }}{% endcapture %}
{%- assign label = task.input.manifestLine.logos-metadata.class-map[class_id] -%}
{label: {{ label | to_json }}, left: {{ box.left }}},
{%- endfor -%}
]">"""


@pytest.mark.parametrize(  # P02
    ("expression", "shown"),
    [
        ("task.input.name", "Tom &amp; &quot;Jo&quot;"),
        ("task.input.name | escape", "Tom &amp; &quot;Jo&quot;"),
        ("task.input.name | escape | escape", "Tom &amp; &quot;Jo&quot;"),
        ("task.input.name | skip_autoescape", TOM),
        ("task.input.done | escape_once", "Tom &amp; Jo &lt;3"),
        ("task.input.labels | to_json | escape", "[&quot;DHL&quot;, &quot;Ö&quot;]"),
        ("task.input.labels | to_json | skip_autoescape", '["DHL", "Ö"]'),
        ("task.input.none | to_json", "null"),
        ("task.input.number | plus: 1", "4"),
        ("task.input.nothing", ""),
    ],
)
def test_a_filter_writes_what_ground_truths_does(expression, shown):
    given = {
        "name": TOM,
        "done": "Tom &amp; Jo <3",
        "labels": ["DHL", "Ö"],
        "none": None,
        "number": 3,
    }
    found = render("{{ " + expression + " }}", given)
    assert (found.content, found.errors) == (shown, ())


def test_a_template_that_builds_boxes_from_an_earlier_label_is_rendered():  # P03
    line = {
        "logos": {"annotations": [{"class_id": 1, "left": 3}, {"class_id": 0, "left": 5}]},
        "logos-metadata": {"class-map": {"0": "DHL", "1": "A&B"}},
    }
    assert render(ADJUSTMENT, {"manifestLine": line}).content == (
        '<crowd-bounding-box name="boundingBox" initial-value="['
        "{label: &quot;A&amp;B&quot;, left: 3},{label: &quot;DHL&quot;, left: 5},"
        ']">'
    )


def test_an_object_is_walked_in_pairs_and_keys_may_have_hyphens():  # P03
    template = (
        "{{ task.input.source-ref }}"
        "{% for e in task.input.o %};{{ e[0] }}={{ e[1]['class-name'] }}{% endfor %}"
    )
    given = {"source-ref": "s3://a/b", "o": {"x": {"class-name": "DHL"}}}
    assert render(template, given).content == "s3://a/b;x=DHL"


@pytest.mark.parametrize("filter_", ["grant_read_access", "s3_presign"])
def test_an_s3_location_is_asked_for_and_other_addresses_pass(filter_):  # P02
    template = '<img src="{{ task.input.a | FILTER }}"><img src="{{ task.input.b | FILTER }}">'
    template = template.replace("FILTER", filter_)
    given = {"a": "s3://logos/a b.jpg", "b": "https://example.com/b.jpg"}
    assert render(template, given).wanted == ("s3://logos/a b.jpg",)
    granted = {"s3://logos/a b.jpg": "http://127.0.0.1/a?x=1&y=2"}
    shown = render(template, given, granted)
    assert shown.wanted == ()
    assert shown.content == (
        '<img src="http://127.0.0.1/a?x=1&amp;y=2"><img src="https://example.com/b.jpg">'
    )


@pytest.mark.parametrize(  # P05
    ("template", "code"),
    [
        ("{% if %}", "LiquidSyntax"),
        ("{% for x in task.input %}", "LiquidSyntax"),
        ("{{ task.input | no_such }}", "UnknownFilter"),
        ("{{ task.input | safe }}", "UnknownFilter"),
        ("{% include 'other' %}", "TemplateNotFound"),
        ("{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}", "Loop"),
    ],
)
def test_what_is_wrong_with_a_template_is_an_entry_and_not_an_exception(template, code):
    found = render(template, {})
    assert found.content == ""
    [(said, message)] = found.errors
    assert said.startswith(code)
    assert message
