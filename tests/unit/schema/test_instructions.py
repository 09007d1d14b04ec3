"""Instructions of a template are plain words and pictures; markup never reaches a worker."""

from __future__ import annotations

import pytest

from gt_widgets.schema.instructions import (
    Example,
    instructions_of_template,
    read_instructions,
    s3_of,
)

CONSOLE = """<crowd-form><crowd-bounding-box name="boundingBox">
  <Full-Instructions header="Logos"><ol><li>Look   twice.</li><li>Box <b>each</b> logo.</li></ol>
    <h2>Good example</h2><p><img src="{{ 's3://demo/a b.png' | grant_read_access }}"></p>
    <h2>Bad example</h2><p>Too wide.</p><img src='https://demo.s3.eu-west-1.amazonaws.com/b%20c.png'>
  </Full-Instructions>
  <short-instructions><p>Tight &lt;boxes&gt;.</p></short-instructions>
</crowd-bounding-box></crowd-form>"""


def told(page):
    return read_instructions(*instructions_of_template(page))


def test_words_of_a_template_keep_their_lines_and_lose_their_markup():
    found = told(CONSOLE)
    assert found.short == "Tight <boxes>."
    assert found.full == "• Look twice.\n• Box each logo.\n\nBad example\n\nToo wide."


def test_example_pictures_are_good_or_bad_by_the_heading_above_them():
    assert told(CONSOLE).examples == (
        Example("s3://demo/a b.png", "Good example", "good"),
        Example("s3://demo/b c.png", "Bad example", "bad"),
    )


def test_crowd_instructions_have_examples_by_their_slots():
    page = """<crowd-instructions><short-summary>Be quick.</short-summary>
      <detailed-instructions>Be exact.</detailed-instructions>
      <positive-example><img src="s3://demo/yes.png" alt="Like this"></positive-example>
      <negative-example><img src="s3://demo/no.png"></negative-example></crowd-instructions>"""
    found = told(page)
    assert (found.short, found.full) == ("Be quick.", "Be exact.")
    assert [(each.kind, each.caption) for each in found.examples] == [
        ("good", "Like this"),
        ("bad", ""),
    ]


def test_plain_text_stays_as_it_is():
    assert read_instructions("a < b\n\n  indented", "").short == "a < b\n\n  indented"


def test_a_script_says_nothing_and_a_picture_from_elsewhere_is_only_named():
    found = read_instructions(
        '<p>Look.</p><script>alert("1")</script><img src="https://evil.example/x.png" alt="a map">',
        "",
    )
    assert found.short == "Look.\n[a map]"
    assert found.examples == ()


def test_the_same_picture_in_both_is_one_and_eight_are_enough():
    pictures = "".join(f'<img src="s3://demo/{n}.png" alt="{n}">' for n in range(12))
    assert len(read_instructions(pictures, pictures).examples) == 8


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("s3://demo/a/b.png", "s3://demo/a/b.png"),
        ("https://demo.s3.amazonaws.com/a%2Bb.png?x=1", "s3://demo/a+b.png"),
        ("https://s3.eu-west-1.amazonaws.com/demo/a.png", "s3://demo/a.png"),
        ("https://example.com/demo/a.png", None),
        ("file:///etc/passwd", None),
        ("s3://", None),
    ],
)
def test_only_pictures_in_s3_are_found(source, uri):
    assert s3_of(source) == uri


@pytest.mark.parametrize("page", ["", "<short-instructions>open", "</short-instructions>", "<<<p"])
def test_a_template_without_instructions_has_none(page):
    assert told(page).short == ""
