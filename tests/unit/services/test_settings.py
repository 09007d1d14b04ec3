"""How an engine was served is remembered for the next start, which may be one after a kill."""

from __future__ import annotations

import pytest

from gt_widgets.services.settings import Settings, read_settings, write_settings

SHARED = Settings(
    region="eu-west-1",
    account_id="444455556666",
    store="postgresql://ana:secret@db/labeling",
    s3="s3://bucket/prefix",
    s3_endpoint="http://10.0.0.7:7480",
)


def test_what_was_written_is_read_and_only_the_owner_can(tmp_path):
    assert read_settings(tmp_path) == Settings()
    write_settings(tmp_path, SHARED)
    assert read_settings(tmp_path) == SHARED
    assert (tmp_path / "serve.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"colour": "red"}'])
def test_a_file_that_is_not_whole_counts_as_none(tmp_path, text):
    (tmp_path / "serve.json").write_text(text)
    assert read_settings(tmp_path) == Settings()


def test_what_is_not_given_is_as_before_and_what_is_given_is_not():
    assert Settings().after(SHARED) == SHARED
    assert Settings(region="us-east-2").after(SHARED).region == "us-east-2"
    assert Settings(region="us-east-2").after(SHARED).store == SHARED.store


def test_another_s3_does_not_inherit_the_endpoint_of_the_one_before():
    assert Settings(s3="s3://other").after(SHARED).s3_endpoint is None


def test_sqlite_and_folder_lead_back():
    back = Settings(store="sqlite", s3="folder").after(SHARED)
    assert (back.store_url, back.s3_url) == (None, None)
    assert (SHARED.store_url, SHARED.s3_url) == (SHARED.store, SHARED.s3)
