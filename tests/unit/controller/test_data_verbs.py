"""Selecting, setting up, checking, exporting and importing data sets, on a real engine."""

import io
import json
from datetime import UTC, datetime

import pandas as pd
import pytest
import yaml
from PIL import Image

import gt_widgets.query as gq
from gt_widgets.cli import main
from gt_widgets.controller.manifests import select, set_up
from gt_widgets.errors import FormatError, ValidationError

WHEN = datetime(2026, 11, 20, 10, 3, 5, tzinfo=UTC)


def body(session, uri):
    bucket, key = uri.removeprefix("s3://").split("/", 1)
    return session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def put(session, key, data):
    session.client("s3").put_object(Bucket=session.bucket, Key=key, Body=data)
    return f"s3://{session.bucket}/{key}"


@pytest.fixture(scope="module")
def done(session, team, data):
    job = session.create_labeling_job("chosen", data, team=team, workers_per_object=3)
    job.simulate(accuracy=1.0, box_jitter_px=0.0, seed=1)
    assert job.wait(timeout_s=120) == "Completed"
    return job


def test_a_random_sample_is_a_manifest_next_to_its_input_that_a_job_takes(
    session, team, data
):  # M05
    some = session.select(data, count=5, seed=3)
    assert some.manifest_uri.startswith(data.manifest_uri.removesuffix(".manifest") + "-subset-2")
    assert len(some) == len(body(session, some.manifest_uri).splitlines()) == 5
    again = session.select(data.manifest_uri, share=5 / 12, seed=3)
    assert body(session, again.manifest_uri) == body(session, some.manifest_uri)
    assert again.manifest_uri != some.manifest_uri
    job = session.create_labeling_job("of-a-sample", some, team=team)
    job.simulate()  # the truth goes along
    assert job.wait(timeout_s=120) == "Completed"
    assert len(job.output_manifest()) == 5


def test_an_output_manifest_is_filtered_by_sql_and_is_input_again(session, team, done):  # M06 O13
    sure = session.select(
        done.manifest_uri, where="""s."chosen-metadata"."human-annotated" = 'yes'"""
    )
    assert body(session, sure.manifest_uri) == body(session, done.manifest_uri)
    some = session.select(done.manifest_uri, where="s.chosen.annotations[0].class_id = 1", count=1)
    assert json.loads(body(session, some.manifest_uri))["chosen"]["annotations"][0]["class_id"] == 1
    job = session.create_labeling_job("next", some, team=team, categories=["a", "b"])
    job.stop()
    assert job.wait(timeout_s=120) == "Stopped"
    [line] = job.results.lines()
    assert line["chosen"]


def test_pandas_reads_an_output_manifest(session, done):  # O13
    frame = pd.read_json(io.BytesIO(body(session, done.manifest_uri)), lines=True)
    assert list(frame.columns) == ["source-ref", "chosen", "chosen-metadata"]
    assert len(frame) == 12


def test_a_selection_that_is_empty_or_asks_for_nothing_is_refused(session, data):
    with pytest.raises(ValidationError, match="no line of"):
        session.select(data, where="s.x = 1")
    with pytest.raises(ValidationError, match="where=, count= or share="):
        session.select(data)


def test_two_subsets_of_one_second_have_names_of_their_own(session, data):
    uris = [select(session.client("s3"), data, count=1, now=WHEN).manifest_uri for _ in range(3)]
    assert [uri.rsplit("-subset-", 1)[1] for uri in uris] == [
        "20261120T100305.manifest", "20261120T100305-2.manifest", "20261120T100305-3.manifest",
    ]  # fmt: skip


def test_a_folder_in_s3_is_set_up_in_place_and_other_files_are_named(session):  # M07
    for key in ("b.jpg", "a.PNG", "notes.pdf", "empty.jpg", "sub/c.jpg"):
        put(session, f"in/{key}", b"" if key == "empty.jpg" else b"x")
    data = set_up(session.client("s3"), f"s3://{session.bucket}/in", bucket="", prefix="", now=WHEN)
    assert data.manifest_uri == f"s3://{session.bucket}/in/dataset-20261120T100305.manifest"
    assert [line["source-ref"][-5:] for line in data.lines] == ["a.PNG", "b.jpg"]
    assert {each.name.rsplit("/", 1)[1] for each in data.skipped.skipped} == {
        "notes.pdf",
        "empty.jpg",
    }
    assert "notes.pdf" in repr(data)
    again = session.set_up(f"s3://{session.bucket}/in/")  # its own manifest is not an input
    assert len(again) == 2


def test_a_local_folder_a_text_file_and_a_table_are_uploaded_and_set_up(session, tmp_path):  # M07
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "pictures" / "1.png")
    (tmp_path / "texts.txt").write_text("one\n\ntwo\n")
    (tmp_path / "table.csv").write_text("id,text\n7,one\n")
    pictures = session.set_up(tmp_path / "pictures", name="local")
    assert body(session, pictures.lines[0]["source-ref"]).startswith(b"\x89PNG")
    texts = session.set_up(tmp_path / "texts.txt", name="texts")
    assert list(texts.lines) == [{"source": "one"}, {"source": "two"}]
    assert texts.skipped.skipped_count == 1
    table = session.set_up(tmp_path / "table.csv", column="text", name="table")
    assert table.lines[0] == {"source": "one", "id": "7"}
    with pytest.raises(ValidationError, match="kind must be"):
        session.set_up(tmp_path / "texts.txt", kind="video")


def test_lines_are_read_when_they_are_asked_for(session):
    uri = put(session, "long/in.manifest", b"".join(b'{"source":"%d"}\n' % n for n in range(500)))
    data = session.select(uri, count=500)
    assert (len(data), data.lines[0]["source"], data.lines[-1]["source"]) == (500, "0", "499")
    assert [line["source"] for line in data.lines[250:252]] == ["250", "251"]
    assert "... 497 more" in repr(data)
    with pytest.raises(IndexError):
        data.lines[500]


def test_a_manifest_in_s3_is_checked_and_repaired(session, data):
    assert session.check(data, images=True).ok
    line = {"source-ref": f"s3://{session.bucket}/gone.jpg"}
    uri = put(session, "bad/in.manifest", json.dumps(line).encode() + b'\n{"sauce":1}\n')
    report = session.check(uri, images=True)
    assert [problem.code for problem in report.problems] == [
        "ERROR_INVALID_IMAGE",
        "ERROR_MISSING_SOURCE",
    ]
    fixed, _ = session.repair(uri)
    assert (len(fixed), fixed.manifest_uri.endswith("/in-repaired.manifest")) == (1, True)


def test_small_pictures_are_not_fit_for_rekognition(session):
    out = io.BytesIO()
    Image.new("RGB", (63, 100)).save(out, "PNG")
    source = put(session, "small/1.png", out.getvalue())
    uri = put(session, "small/in.manifest", json.dumps({"source-ref": source}).encode())
    found = session.check(uri, images=True, target="rekognition-custom-labels")
    assert any("63 x 100 pixels" in problem.message for problem in found.problems)


def test_the_labels_of_all_jobs_of_a_bucket_are_one_table(session, done):
    objects = session.labels("output/")
    mine = gq.filter_objects(objects, job="chosen", by="human")
    mine = mine[mine["manifest"] == done.manifest_uri]  # a chained job carries its labels on
    assert len(mine) == 12
    assert gq.label_statistics(mine)["labels"].sum() == mine["n_boxes"].sum()


@pytest.mark.parametrize("form", ["coco", "voc", "yolo", "csv", "huggingface", "sagemaker"])
def test_a_finished_job_is_exported_in_exact_stratified_sets(session, done, data, tmp_path, form):
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25}
    found = session.export(
        done.manifest_uri, tmp_path, form, shares=shares, seed=2, categories=data.categories
    )
    assert found == {"train": 6, "validation": 3, "test": 3}
    assert any(tmp_path.rglob("*"))
    if form == "sagemaker":
        lines = [line for path in tmp_path.iterdir() for line in path.read_bytes().splitlines()]
        assert sorted(lines) == sorted(body(session, done.manifest_uri).splitlines())


def test_pictures_of_one_group_stay_in_one_set(session, done, tmp_path):
    found = session.export(
        done.manifest_uri, tmp_path, "csv", shares={"train": 0.5, "test": 0.5},
        group=lambda each: each.source[-5], label_attribute="chosen",
    )  # fmt: skip
    assert sum(found.values()) == 12


@pytest.mark.parametrize("form", ["coco", "voc", "yolo"])
def test_labels_of_another_tool_become_a_manifest_that_a_job_can_take(
    session, team, done, data, tmp_path, form
):
    session.export(done.manifest_uri, tmp_path, form, categories=data.categories)
    source = {
        "coco": tmp_path / "annotations/instances_train.json",
        "voc": tmp_path / "Annotations",
        "yolo": tmp_path / "labels/train",
    }[form]
    images = {
        "coco": tmp_path / "train",
        "voc": tmp_path / "JPEGImages",
        "yolo": tmp_path / "images/train",
    }[form]
    found = session.import_labels(
        source, form, images=images, label_attribute="before", name=f"from-{form}",
        categories=None if form == "yolo" else data.categories,
    )  # fmt: skip
    assert found.categories == data.categories
    assert session.check(found, images=True).ok
    before = {
        line["source-ref"].rsplit("/", 1)[1]: line["chosen"]["annotations"]
        for line in done.results.lines()
    }
    after = {
        line["source-ref"].rsplit("/", 1)[1]: line["before"]["annotations"] for line in found.lines
    }
    assert after == before
    job = session.create_labeling_job(f"adjusts-{form}", found, team=team)
    job.stop()
    assert job.wait(timeout_s=120) == "Stopped"
    assert [line["before"] for line in job.results.lines()] == [
        line["before"] for line in found.lines
    ]


def test_an_import_without_its_images_is_refused(session, tmp_path):
    (tmp_path / "coco.json").write_text(
        '{"images":[{"id":1,"file_name":"a.png","width":9,"height":9}],"categories":[]}'
    )
    with pytest.raises(FormatError, match=r"first 'a\.png'"):
        session.import_labels(tmp_path / "coco.json", "coco", images=tmp_path, label_attribute="x")
    with pytest.raises(FormatError, match="coco, voc, yolo"):
        session.import_labels(tmp_path, "x", images=tmp_path, label_attribute="x")


def test_the_command_line_checks_a_file_and_writes_a_repaired_copy(tmp_path, capsys):
    path, fixed = tmp_path / "in.manifest", tmp_path / "out.manifest"
    path.write_bytes(b'{"source":"a"}\n{"sauce":"b"}\n')
    with pytest.raises(SystemExit) as caught:
        main(["check", str(path), "--repair", str(fixed)])
    assert caught.value.code == 1
    assert "line 2: ERROR_MISSING_SOURCE" in capsys.readouterr().out
    assert fixed.read_bytes() == b'{"source":"a"}\n'
    main(["check", str(fixed)])
    assert "no errors" in capsys.readouterr().out
    for arguments in ([str(tmp_path / "gone")], [str(path), "--repair", str(path)]):
        with pytest.raises(SystemExit) as caught:
            main(["check", *arguments])
        assert caught.value.code == 2
    assert path.read_bytes().startswith(b'{"source"')


def test_a_job_exports_with_its_own_label_categories(session, done, data, tmp_path):
    attached = session.labeling_job(done.name)
    attached.results.export(tmp_path, "yolo", images=False)
    document = yaml.safe_load((tmp_path / "data.yaml").read_text())
    assert tuple(document["names"].values()) == data.categories
