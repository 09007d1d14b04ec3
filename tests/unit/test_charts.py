"""Charts are figures with the right marks in them."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from gt_widgets.charts import (
    Picture,
    accuracy_intervals,
    agreement_heat_map,
    confusion_heat_map,
    gallery,
    label_bars,
    worker_bars,
)

GREY = np.full((48, 64, 3), 128, dtype=np.uint8)
BOX = {"label": "DHL", "left": 10, "top": 30, "width": 20, "height": 10, "confidence": 0.83}


def words_of(figure):
    figure.draw_without_rendering()
    return [t.get_text() for ax in figure.axes for t in ax.texts]


def test_a_gallery_frames_each_box_and_writes_its_label_and_confidence():
    figure = gallery([Picture(GREY, [BOX], "1.jpg"), Picture(GREY, [], "2.jpg")])
    frames = [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]
    assert [(f.get_x(), f.get_y(), f.get_width()) for f in frames] == [(9.5, 29.5, 20)]
    assert words_of(figure) == ["DHL 0.83"]


def test_a_label_keeps_its_colour_whichever_pictures_are_shown():
    def colour(boxes):
        figure = gallery([Picture(GREY, boxes)], categories=["Kilo", "DHL"])
        return figure.axes[0].patches[0].get_edgecolor()

    assert colour([BOX]) == colour([BOX, BOX | {"label": "Kilo"}])


def test_words_from_the_data_are_not_read_as_mathematics():
    figure = gallery([Picture(GREY, [BOX | {"label": r"$\frac{$"}], r"$\bad{$.jpg")])
    assert figure._repr_png_().startswith(b"\x89PNG")
    counts = pd.DataFrame({"human": [1], "machine": [0]}, index=[r"$\frac{$"])
    assert label_bars(counts)._repr_png_().startswith(b"\x89PNG")


def test_people_and_machine_stand_side_by_side_in_one_bar():
    counts = pd.DataFrame({"human": [3, 1], "machine": [2, 0]}, index=["DHL", "Kilo"])
    figure = label_bars(counts)
    assert [b.get_width() for b in figure.axes[0].patches] == [3, 1, 2, 0]
    assert words_of(figure) == ["5", "1"]


def test_a_worker_without_times_is_shown_with_a_dash():
    times = pd.DataFrame({"tasks": [8, 2], "median_s": [12.04, np.nan]}, index=["ana", "ben"])
    assert words_of(worker_bars(times)) == ["8", "2", "12.0", "-"]


def test_the_heat_map_writes_every_value():
    table = pd.DataFrame([[1, np.nan], [np.nan, 1]], index=["a", "b"], columns=["a", "b"])
    assert words_of(agreement_heat_map(table)) == ["1.00", "-", "-", "1.00"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: gallery([]),
        lambda: label_bars(pd.DataFrame()),
        lambda: worker_bars(pd.DataFrame()),
        lambda: agreement_heat_map(pd.DataFrame()),
    ],
)
def test_nothing_to_show_is_said_in_words(draw):
    assert len(words_of(draw())) == 1


def test_pyplot_is_not_needed_and_no_figure_is_kept():
    pyplot = sys.modules.get("matplotlib.pyplot")
    gallery([Picture(GREY, [BOX])])
    assert pyplot is None or pyplot.get_fignums() == []


def quality(**columns):
    names = ["estimated_accuracy", "estimated_low", "estimated_high"]
    names += ["accuracy", "accuracy_low", "accuracy_high"]
    return pd.DataFrame(columns, index=["ana", "ben"]).reindex(columns=names).astype(float)


def test_measured_and_estimated_accuracy_are_drawn_apart_and_named():
    table = quality(
        estimated_accuracy=[0.9, 0.8], estimated_low=[0.8, 0.7], estimated_high=[0.95, 0.9],
        accuracy=[0.85, None], accuracy_low=[0.7, None], accuracy_high=[0.92, None],
    )  # fmt: skip
    figure = accuracy_intervals(table)
    (ax,) = figure.axes
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "measured on gold objects",
        "estimated from agreement, not measured",
    ]
    points = [line.lines[0].get_data() for line in ax.containers]
    assert [(float(x[0]), int(y[0])) for x, y in points] == [(0.85, 0), (0.8, 1)]
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_without_anything_to_judge_by_the_accuracy_chart_says_so():
    assert "Nothing to judge by" in words_of(accuracy_intervals(quality()))[0]


def test_a_confusion_map_writes_numbers_and_says_what_the_rows_are():
    names = pd.Index(["Kilo", "Norda"], name="consensus")
    figure = confusion_heat_map(pd.DataFrame([[8.0, 2.0], [0.0, 0.0]], names, names))
    assert words_of(figure) == ["8", "2", "0", "0"]
    assert figure.axes[0].get_ylabel() == "consensus"
    assert words_of(confusion_heat_map(pd.DataFrame())) == ["No answers to compare."]
