"""S3 Select's subset of SQL over manifests, against pandas."""

import io
import json
import random

import pandas as pd
import pytest

from gt_widgets.errors import ManifestLineError, QueryError
from gt_widgets.manifests import select_lines
from gt_widgets.manifests.select import open_duckdb

NAMES = ["DHL", "Red Bull", "it's", "Größe"]


def manifest():
    rng = random.Random(5)
    for number in range(300):
        line = {"source-ref": f"s3://demo-gt/{number}.jpg", "customer id": number % 7}
        if number % 3:
            name = rng.choice(NAMES)
            line["species"] = NAMES.index(name)
            line["species-metadata"] = {
                "confidence": round(rng.random(), 2),
                "class-name": name,
                "human-annotated": rng.choice(["yes", "no"]),
                "creation-date": f"2026-11-{rng.randint(1, 28):02d}T10:00:00.000001",
                "boxes": [{"left": rng.randint(0, 9)} for _ in range(rng.randint(0, 3))],
                "flag": rng.choice([True, False, None]),
            }
        yield line


ROWS = list(manifest())
LINES = [json.dumps(row, ensure_ascii=bool(i % 2)).encode() + b"\n" for i, row in enumerate(ROWS)]
FRAME = pd.json_normalize(ROWS)
CONFIDENCE, HUMAN = FRAME["species-metadata.confidence"], FRAME["species-metadata.human-annotated"]
NAME, DATE = FRAME["species-metadata.class-name"], FRAME["species-metadata.creation-date"]
LEFT = FRAME["species-metadata.boxes"].map(
    lambda boxes: boxes[0]["left"] if isinstance(boxes, list) and boxes else float("nan")
)
QUERIES = {
    """SELECT * FROM S3Object s WHERE s."species-metadata"."human-annotated" = 'no'""": HUMAN == "no",
    'SELECT * FROM S3Object[*] s WHERE s."species-metadata"."confidence" >= 0.5': CONFIDENCE >= 0.5,
    """select s.* from s3object as s where s."species-metadata"."class-name" IN ('DHL','it''s')""": NAME.isin(["DHL", "it's"]),
    "s.species IS NULL": FRAME["species"].isna(),
    """s."species-metadata"."class-name" LIKE 'Gr__e' AND s."customer id" = 3""": (NAME == "Größe") & (FRAME["customer id"] == 3),
    """NOT (s."species-metadata"."confidence" BETWEEN 0.2 AND 0.8)""": CONFIDENCE.notna() & ~CONFIDENCE.between(0.2, 0.8),
    """s."species-metadata"."creation-date" >= '2026-11-15'""": DATE.fillna("") >= "2026-11-15",
    """CAST(s."species-metadata"."confidence" AS FLOAT) * 100 < 25 OR LOWER(s."species-metadata"."class-name") = 'dhl'""": (CONFIDENCE * 100 < 25) | (NAME == "DHL"),
    's."species-metadata".boxes[0]."left" > 4': LEFT > 4,
    's."species-metadata".flag = TRUE AND species <> 1': (FRAME["species-metadata.flag"] == True) & FRAME["species"].notna() & (FRAME["species"] != 1),  # noqa: E712
    """COALESCE(s."species-metadata"."human-annotated", 'none') = 'none'""": HUMAN.isna(),
    """CHAR_LENGTH("species-metadata"."class-name") = 5 and s."species" = '3'""": NAME == "Größe",
    """CAST(s."species-metadata"."creation-date" AS TIMESTAMP) < CAST('2026-11-10' AS TIMESTAMP)""": pd.to_datetime(DATE) < pd.Timestamp("2026-11-10"),
}  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_an_expression_selects_the_lines_that_pandas_selects_byte_for_byte(query):  # M06
    expected = [line for line, wanted in zip(LINES, QUERIES[query], strict=True) if wanted]
    assert expected
    assert list(select_lines(io.BytesIO(b"".join(LINES)), query)) == expected


def test_a_limit_ends_the_selection_and_no_condition_selects_all():
    data = b"".join(LINES)
    whole = list(select_lines(io.BytesIO(data), "SELECT * FROM S3Object"))
    assert whole == LINES
    assert list(select_lines(io.BytesIO(data), "select * from s3object s limit 3")) == LINES[:3]
    assert list(select_lines(io.BytesIO(data), "s.species = 1 LIMIT 0")) == []


def test_batches_do_not_show(monkeypatch):
    from gt_widgets.manifests import select

    whole = list(select_lines(io.BytesIO(b"".join(LINES)), "s.species > 1"))
    monkeypatch.setattr(select, "_BATCH_LINES", 7)
    assert list(select_lines(io.BytesIO(b"".join(LINES)), "s.species > 1")) == whole


@pytest.mark.parametrize("key", ["a/b", "a~b", 'a"b', "0", "é", "", "SELECT", "a.b"])
def test_a_key_of_any_characters_can_be_named(key):
    data = json.dumps({"source": "a", "m": {key: "x"}}).encode()
    quoted = key.replace('"', '""')
    if key:
        assert list(select_lines(io.BytesIO(data), f"s.m.\"{quoted}\" = 'x'")) == [data]
    else:
        with pytest.raises(QueryError):
            select_lines(io.BytesIO(data), "s.m.\"\" = 'x'")


FORBIDDEN = [
    "1 = 1; DROP TABLE lines",
    "s.a = (SELECT 1)",
    "EXISTS (SELECT * FROM read_csv('/etc/passwd'))",
    "s.a = read_text('/etc/passwd')",
    "s.a = getenv('HOME')",
    "1 = 1 UNION SELECT * FROM duckdb_settings()",
    "SELECT * FROM S3Object s, '/etc/passwd' t",
    "SELECT * FROM '/etc/passwd'",
    "SELECT s.a FROM S3Object s",
    "s.a = 1 ORDER BY s.b",
    "s.a = 1 LIMIT 1 OFFSET 2",
    "s.a = 1 LIMIT -1",
    "COUNT(*) > 1",
    "s.a SIMILAR TO '(a+)+b'",
    "s.a = ?",
    "s.a = [1]",
    "s.a IS MISSING",
    "CAST(s.a AS BLOB) = 'x'",
    "s = 1",
    "s.a = 'x",
    "lower(s.a, s.b) = 'x'",
    "nullif(s.a) = 'x'",
    "(" * 5000,
    "NOT " * 5000 + "s.a = 1",
    "s.a = 1 AND " * 30_000 + "TRUE",
]


@pytest.mark.parametrize("expression", FORBIDDEN, ids=lambda words: words[:40])
def test_what_is_no_filter_is_refused_before_a_line_is_read(expression):
    with pytest.raises(QueryError) as caught:
        select_lines(None, expression)
    assert caught.value.code == "InvalidQuery"
    assert len(str(caught.value)) < 1500


@pytest.mark.parametrize(
    "statement",
    ["COPY (SELECT 1) TO '/tmp/x'", "SELECT * FROM read_csv('/etc/passwd')", "INSTALL httpfs",
     "ATTACH '/tmp/x.db'", "SET enable_external_access = true", "SET memory_limit = '9GB'"],
)  # fmt: skip
def test_duckdb_itself_is_locked(statement):
    import duckdb

    with pytest.raises(duckdb.Error):
        open_duckdb().execute(statement).fetchall()


@pytest.mark.parametrize("bad", [b"{bad\n", b"[1]\n", b'{"source":"\xff"}\n'])
def test_a_line_that_is_no_object_is_named(bad):
    with pytest.raises(ManifestLineError, match="line 3: expected one JSON object"):
        list(select_lines(io.BytesIO(b"".join(LINES[:2]) + bad), "s.species = 1"))


def test_values_of_other_types_match_nothing_and_fail_nothing():
    data = b'{"source":"a","n":"x"}\n{"source":"b","n":[1]}\n{"source":"c","n":null}\n{"source":"d","n":"7"}\n'
    assert list(select_lines(io.BytesIO(data), "s.n > 1")) == [b'{"source":"d","n":"7"}\n']
