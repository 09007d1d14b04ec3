"""The glass box of automated labeling, drawn."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from gt_widgets import charts


@pytest.fixture
def glass_box():
    """Numbers of a round: its report, its certificate, all rounds, the classes."""
    coverage = np.linspace(0.02, 1, 50)
    curve = [
        {"coverage": c, "error": 0.1 * c**4, "low": 0.0, "high": 0.1 * c**4 + 0.03}
        for c in coverage
    ]
    report = {
        "curve": curve,
        "reliability": [[0.55, 0.6, 12], [0.95, 0.97, 140]],
        "confidence": {"edges": [0.0, 0.5, 1.0], "counts": [10, 90], "threshold": 0.5},
    }
    certificate = {
        "target": 0.05,
        "delta": 0.05,
        "kind": "auto",
        "coverage": 0.7,
        "bound": 0.044,
        "threshold": 0.5,
    }
    rounds = pd.DataFrame({"round": [1, 2], "people": [200, 240], "machine": [0, 700]})
    classes = pd.DataFrame(
        {"people": [60, 9], "machine": [300, 0], "guarded": [False, True]}, index=["a $x$", "b"]
    )
    return report, certificate, rounds, classes


def texts_of(figure):
    return " ".join(text.get_text() for text in figure.findobj(Text))


def test_the_certified_point_stands_at_its_coverage_and_its_bound(glass_box):
    report, certificate, *_ = glass_box
    figure = charts.accuracy_by_coverage(report, certificate)
    assert "70% by machine,\nat least 95.6% right" in texts_of(figure)
    assert "target 95%" in texts_of(figure)


def test_a_refusal_draws_the_curve_and_no_certified_point(glass_box):
    report, certificate, *_ = glass_box
    refused = {**certificate, "threshold": None, "bound": 0.2}
    words = texts_of(charts.accuracy_by_coverage(report, refused))
    assert "certified" not in words
    assert "on the calibration sample" in words


def test_the_overview_shows_the_promise_the_rounds_the_scores_and_the_classes(glass_box):
    report, certificate, rounds, classes = glass_box
    words = texts_of(charts.automation_overview(report, certificate, rounds, 1500, classes))
    for said in ("all 1,500 objects", "a $x$", "too rare for the machine", "How sure the machine"):
        assert said in words


def test_before_the_first_training_the_charts_say_so(glass_box):
    *_, rounds, classes = glass_box
    empty = charts.automation_overview({}, None, rounds.head(0), 1500, classes.head(0))
    assert texts_of(empty).count("The machine has not trained yet.") == 2
    assert "has not trained yet" in texts_of(charts.cost_by_round(pd.DataFrame(), 10.0))
    assert "has not trained yet" in texts_of(charts.cost_by_target(pd.DataFrame()))
    assert "has not trained yet" in texts_of(charts.confidence_charts({}))


def test_the_bill_of_people_alone_is_drawn_beside_that_of_every_round():
    costs = pd.DataFrame({"people_usd": [300.0, 120.0], "machine_usd": [0.0, 88.0]}, index=[1, 2])
    assert "people alone: 420.00 USD" in texts_of(charts.cost_by_round(costs, 420.0))


def brightness(colour):
    """Relative luminance (WCAG 2.2) of a colour."""
    lines = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot([0.2126, 0.7152, 0.0722], lines))


def contrast(one, other):
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_every_word_can_be_read_on_light_ground_and_on_dark(glass_box, dark):
    report, certificate, rounds, classes = glass_box
    costs = pd.DataFrame({"people_usd": [300.0], "machine_usd": [0.0]}, index=[1])
    with charts.themed(dark=dark):
        figures = [
            charts.automation_overview(report, certificate, rounds, 1500, classes, foreseen=True),
            charts.automation_overview({}, None, rounds.head(0), 1500, classes.head(0)),
            charts.confidence_charts(report),
            charts.cost_by_round(costs, 420.0),
        ]
        for figure in figures:
            figure._repr_png_()  # ticks are made when they are drawn
    for figure in figures:
        ground = figure.get_facecolor()
        assert (brightness(ground) < 0.1) is dark
        words = [text for text in figure.findobj(Text) if text.get_text().strip()]
        assert len(words) > 5
        for text in words:
            assert contrast(text.get_color(), ground) > 4.5, text


def test_the_theme_ends_with_its_block():
    with charts.themed(dark=True), charts.themed(dark=False):
        assert charts.confidence_charts({}).get_facecolor() == (1, 1, 1, 1)
    assert charts.confidence_charts({}).get_facecolor() == (1, 1, 1, 1)
