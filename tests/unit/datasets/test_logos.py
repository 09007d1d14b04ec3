"""Photographs with logos, and the truth about them."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from PIL import Image

from gt_widgets.datasets import BRANDS, brand_logos, logo_pictures
from gt_widgets.datasets.brands import Brand
from gt_widgets.datasets.carriers import draw_carrier
from gt_widgets.datasets.photographs import PHOTOGRAPHS, view_of
from gt_widgets.datasets.scene import place
from gt_widgets.datasets.shapes import draw_look
from gt_widgets.errors import ValidationError

LOOKS = [pytest.param(look, id=f"{b.name}-{look.name}") for b in BRANDS for look in b.looks]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    return brand_logos(tmp_path_factory.mktemp("data") / "logos")


def test_the_workshop_gets_thirty_pictures_of_three_brands(workshop):
    assert len(workshop.paths) == len(workshop.truth) == 30
    assert workshop.categories == ("Kabuzo", "Plinqua", "Tundrix")
    with Image.open(workshop.paths[0]) as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (640, 480), "RGB")


def test_the_truth_lies_outside_the_folder_of_pictures(workshop):
    assert sorted(workshop.folder.iterdir()) == sorted(workshop.paths)
    assert workshop.truth_path.parent == workshop.folder.parent
    assert json.loads(workshop.truth_path.read_text()) == workshop.truth


def test_every_brand_appears_several_times_and_some_pictures_have_no_logo(workshop):
    labels = [box["label"] for boxes in workshop.truth.values() for box in boxes]
    assert min(labels.count(category) for category in workshop.categories) >= 8
    assert {len(boxes) for boxes in workshop.truth.values()} == {0, 1, 2, 3}


def test_true_boxes_lie_inside_the_picture_and_can_be_drawn_with_a_mouse(workshop):
    for box in (box for boxes in workshop.truth.values() for box in boxes):
        assert 0 <= box["left"] <= 640 - box["width"]
        assert 0 <= box["top"] <= 480 - box["height"]
        assert min(box["width"], box["height"]) >= 14


def test_the_same_seed_gives_the_same_bytes(workshop, tmp_path):
    again = brand_logos(tmp_path / "again", count=4)
    assert [p.read_bytes() for p in again.paths] == [p.read_bytes() for p in workshop.paths[:4]]
    assert list(again.truth.values()) == list(workshop.truth.values())[:4]


def test_another_seed_gives_other_pictures():
    (one, _), (two, _) = (next(logo_pictures(count=1, seed=s)) for s in (0, 1))
    assert one.tobytes() != two.tobytes()


def test_all_six_brands_and_other_sizes_can_be_had():
    pictures = list(logo_pictures(count=12, seed=3, size=(320, 200), brands=6))
    assert {picture.size for picture, _ in pictures} == {(320, 200)}
    assert len({box["label"] for _, boxes in pictures for box in boxes}) >= 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"count": 1, "seed": -1},
        {"count": 1, "brands": 7},
        {"count": 1, "size": (640, 9)},
    ],
)
def test_impossible_wishes_are_refused_before_any_picture_is_made(wrong):
    with pytest.raises(ValidationError):
        logo_pictures(**wrong)


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_touches_all_four_sides_of_its_canvas(look):
    art = draw_look(look, height_px=80)
    assert art.mode == "RGBA"
    assert art.getchannel("A").point(lambda a: 255 * (a > 20)).getbbox() == (0, 0, *art.size)


def test_names_are_unique_and_every_brand_has_several_looks():
    assert all(isinstance(brand, Brand) and len(brand.looks) >= 3 for brand in BRANDS)
    assert len({brand.name for brand in BRANDS}) == len(BRANDS) == 6


@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda p: p.file)
def test_every_photograph_ships_and_has_room_for_a_logo(photograph):
    rng = np.random.default_rng(0)
    view = view_of(photograph, size=(640, 480), surfaces=1, rng=rng)
    assert view.pixels.shape == (480, 640, 3)
    assert len(view.surfaces) >= 1


def test_a_mirrored_view_still_has_its_corners_in_order():
    rng = np.random.default_rng(0)
    for _ in range(20):
        for surface in view_of(PHOTOGRAPHS[0], size=(640, 480), surfaces=3, rng=rng).surfaces:
            corners = np.asarray(surface.quad).reshape(4, 2)
            assert corners[0, 0] < corners[1, 0]  # left before right: nothing is mirrored
            assert corners[0, 1] < corners[3, 1]


def test_a_carrier_laid_flat_covers_exactly_its_corners():
    rng = np.random.default_rng(0)
    flat = draw_carrier(BRANDS[0].looks[0], kind="card", size=(100, 60), rng=rng)
    quad = np.array([(20, 30), (120, 30), (120, 90), (20, 90)], dtype=float)
    placed = place(flat, quad, size=(200, 150))
    rows, columns = np.nonzero(placed.alpha > 0.5)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (20, 119, 30, 89)
    assert math.isclose(placed.logo.sum(), placed.logo_area, rel_tol=0.02)


def test_the_box_of_an_upright_logo_is_where_its_ink_is():
    rng = np.random.default_rng(0)
    flat = draw_carrier(BRANDS[0].looks[0], kind="card", size=(100, 60), rng=rng)
    quad = np.array([(20, 30), (120, 30), (120, 90), (20, 90)], dtype=float)
    placed = place(flat, quad, size=(200, 150))
    left, top, right, bottom = flat.logo.point(lambda a: 255 * (a > 127)).getbbox()
    rows, columns = np.nonzero(placed.logo >= 0.5)
    assert (columns.min() - 20, rows.min() - 30) == (left, top)
    assert (columns.max() - 19, rows.max() - 29) == (right, bottom)


def test_masks_hold_the_pixels_of_the_logos_inside_their_boxes(tmp_path):
    found = brand_logos(tmp_path / "logos", count=6, seed=5, masks=True)
    assert sorted(found.folder.iterdir()) == sorted(found.paths)
    for name, mask in found.mask_truth().items():
        assert mask.shape == (480, 640)
        for box in found.truth[name]:
            number = found.categories.index(box["label"]) + 1
            rows, columns = np.nonzero(mask == number)
            assert columns.min() <= box["left"] <= columns.max()
            assert rows.min() <= box["top"] <= rows.max()
        assert set(np.unique(mask).tolist()) - {0} == {
            found.categories.index(box["label"]) + 1 for box in found.truth[name]
        }


def test_masks_that_were_not_asked_for_are_said_to_be_missing(tmp_path):
    found = brand_logos(tmp_path / "logos", count=1)
    with pytest.raises(ValidationError, match=r"masks=True\) writes them"):
        found.mask_truth()
