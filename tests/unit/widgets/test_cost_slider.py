"""The cost slider: every target in words and in a picture."""

import pandas as pd
import pytest

from gt_widgets.errors import ValidationError
from gt_widgets.widgets import CostSlider


@pytest.fixture
def points():
    return pd.DataFrame(
        {"machine": [900, 700], "people": [100, 300], "cost_usd": [11.0, 33.5], "hours": [1, 3]},
        index=[0.9, 0.95],
    )


def test_the_slider_begins_at_the_jobs_own_target_and_tells_of_each(browser, points):
    slider = CostSlider(points, chosen=0.94)
    assert slider.words.value == (
        "At 95% the machine would label 700 of the rest; people 300 in 3.0 hours. "
        "The whole job: 33.50 USD."
    )
    before = bytes(slider.picture.value)
    slider.slider.value = 0.9
    assert slider.words.value.startswith("At 90% the machine would label 900")
    assert before != bytes(slider.picture.value)
    assert bytes(slider.picture.value).startswith(b"\x89PNG")


def test_before_the_first_round_there_is_nothing_to_slide(browser, points):
    with pytest.raises(ValidationError, match="has not trained yet"):
        CostSlider(points.head(0), chosen=0.95)
