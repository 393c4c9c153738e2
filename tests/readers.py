"""Reads sealed segments with every reader a user may have, and says what each saw."""

import glob
import hashlib
import json
import sqlite3
import sys

import duckdb
import jsonschema
import pandas
import polars
import pyarrow.json


def main():
    work = sys.argv[1]
    paths = sorted(glob.glob(work + "/out/sealed/articles-*.jsonl"))
    lines = [line for path in paths for line in open(path, encoding="utf-8")]
    records = [json.loads(line) for line in lines]
    assert records, "the sample gives records"

    for kind, schema in (("articles", "schema"), ("drops", "drops")):
        validator = jsonschema.Draft202012Validator(json.load(open(f"{work}/{schema}.json", encoding="utf-8")))
        for path in sorted(glob.glob(f"{work}/out/sealed/{kind}-*.jsonl")):
            for line in open(path, encoding="utf-8"):
                validator.validate(json.loads(line))

    for record in records:
        text = record["text"]
        assert record["text_sha256"] == hashlib.sha256(text.encode()).hexdigest()
        for ent in record["ents"]:
            assert text[ent["start"]:ent["end"]] == ent["text"], ent

    count, last = duckdb.sql(f"select count(*), max(seq) from read_json_auto('{work}/out/sealed/articles-*.jsonl')").fetchone()
    assert count == last == len(records), "DuckDB sees every record once"
    frame = polars.read_ndjson(paths[0], infer_schema_length=None)
    assert frame["seq"].to_list() == [r["seq"] for r in records], "Polars sees every record once"
    assert list(pandas.read_json(paths[0], lines=True)["id"]) == [r["id"] for r in records], "pandas too"
    assert pyarrow.json.read_json(paths[0]).num_rows == len(records), "pyarrow too"

    base = sqlite3.connect(":memory:")
    base.execute("create virtual table articles using fts5(id, title, text, tokenize = 'trigram')")
    base.executemany("insert into articles values (?, ?, ?)", [(r["id"], r["title"], r["text"]) for r in records])
    word = records[0]["text"][10:14]
    assert base.execute("select count(*) from articles where articles match ?", (f'"{word}"',)).fetchone()[0] >= 1

    print(f"{len(records)} records read alike by jq, DuckDB, Polars, pandas, pyarrow, SQLite FTS5 and jsonschema")


main()
