"""Pictures as a machine sees them: the stored frame, whatever a tag says."""

import io

import numpy as np
import pytest
from PIL import Image

from gt_widgets.autolabel.pictures import Chosen, open_picture
from gt_widgets.errors import ImageError


def turned(orientation):
    image, out = Image.new("RGB", (80, 40), "red"), io.BytesIO()
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


# M10
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_machine_sees_the_stored_frame_in_which_people_label(orientation):
    assert open_picture(turned(orientation)).shape == (40, 80, 3)


def test_a_picture_of_too_many_pixels_is_an_error_of_that_picture(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ImageError, match="cannot be opened"):
        open_picture(turned(1))


def test_only_the_pictures_of_a_slice_are_read():
    class Files(list):
        read = 0

        def __getitem__(self, place):
            self.read += 1
            return super().__getitem__(place)

    files = Files([b"0", b"1", b"2", b"3", b"4"])
    chosen = Chosen(files, np.array([4, 2, 0]).tolist())
    assert chosen[0:2] == [b"4", b"2"]
    assert (files.read, len(chosen), chosen[2]) == (2, 3, b"0")
