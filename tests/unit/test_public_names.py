"""``import gt_widgets``: every name is there, and none costs anything before it is used."""

import gt_widgets


def test_the_public_names_are_sorted_and_all_there():
    assert gt_widgets.__all__ == sorted(gt_widgets.__all__)
    assert dir(gt_widgets) == gt_widgets.__all__
    assert all(getattr(gt_widgets, name) is not None for name in gt_widgets.__all__)


def test_the_version_is_the_installed_one():
    from importlib.metadata import version

    assert gt_widgets.__version__ == version("gt-widgets")


def test_a_name_we_do_not_have_is_an_attribute_error():
    assert not hasattr(gt_widgets, "conect")
