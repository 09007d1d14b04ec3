"""A session on an engine process of its own, ended after the tests."""

import pytest

from gt_widgets import brand_logos, connect
from gt_widgets.services.daemon import stop


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    root = tmp_path_factory.mktemp("controller") / "state"
    yield connect(root=root)
    stop(root)


@pytest.fixture(scope="module")
def logos(tmp_path_factory):
    return brand_logos(tmp_path_factory.mktemp("pictures") / "logos", count=12, seed=3)


@pytest.fixture(scope="module")
def data(session, logos):
    return session.upload(logos, name="logos")


@pytest.fixture(scope="module")
def team(session):
    return session.create_private_team("brand-logos", workers=["ana", "ben"])
