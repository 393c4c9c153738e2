"""Reads sealed segments with every reader a user may have, as `wenliu schema --for` teaches it, and compares.

usage: readers.py FOLDER, with out/ in it and the schemas under schema/
"""

import glob
import hashlib
import json
import sqlite3
import subprocess
import sys

import duckdb
import jsonschema
import pandas
import pglast
import polars
import pyarrow.json


def python(work, reader):
    """What the generated Python code calls `articles`."""
    scope = {}
    exec(open(f"{work}/schema/articles.{reader}", encoding="utf-8").read(), scope)
    return scope["articles"]


def main():
    work = sys.argv[1]
    paths = sorted(glob.glob(work + "/out/sealed/articles-*.jsonl"))
    records = [json.loads(line) for path in paths for line in open(path, encoding="utf-8")]
    assert records, "the pages give records"
    validate(work)
    for record in records:
        text = record["text"]
        assert record["text_sha256"] == hashlib.sha256(text.encode()).hexdigest()
        for ent in record["ents"]:
            assert text[ent["start"]:ent["end"]] == ent["text"], ent
    ids = [r["id"] for r in records]
    people = sum(len(r["people"]) for r in records)

    # Guessing readers, as most people will call them.
    count, last = duckdb.sql(f"select count(*), max(seq) from read_json_auto('{work}/out/sealed/articles-*.jsonl')").fetchall()[0]
    assert count == last == len(records), "DuckDB sees every record once"
    assert polars.read_ndjson(paths[0], infer_schema_length=None)["id"].to_list() == ids[:len(open(paths[0]).readlines())]

    # Readers that were told the types.
    base = duckdb.connect()
    base.execute(open(f"{work}/schema/articles.duckdb", encoding="utf-8").read())
    base.execute(open(f"{work}/schema/drops.duckdb", encoding="utf-8").read())
    assert base.sql("select id from articles order by seq").fetchall() == [(i,) for i in ids]
    assert base.sql("select sum(len(people)) from articles").fetchall()[0][0] == people
    assert base.sql("select count(*) from articles a join drops d on a.metadata.drop.sha256 = d.sha256 where d.outcome = 'done'").fetchall()[0][0] == len(records)
    spans = "select e.text, a.text[e.start + 1:e.end] from (select text, unnest(ents) e from articles) a"
    assert all(a == b for a, b in base.sql(spans).fetchall()), "DuckDB counts as the record does"
    frame = python(work, "polars").collect()
    assert frame["id"].to_list() == ids and frame["people"].list.len().sum() == people
    assert all(frame["created"].str.to_date().is_not_null())
    table = python(work, "pandas")
    assert list(table["id"]) == ids and str(table["seq"].dtype) == "uint64"
    assert str(table["created"].dtype).startswith("datetime64")
    arrow = python(work, "pyarrow")
    assert arrow["id"].to_pylist() == ids and arrow.schema.field("seq").type == pyarrow.uint64()

    for _ in range(2):  # a second load adds nothing
        script = open(f"{work}/schema/articles.sqlite", encoding="utf-8").read()
        subprocess.run(["sqlite3", "-bail", f"{work}/press.db"], input=script, text=True, check=True)
    lite = sqlite3.connect(f"{work}/press.db")
    assert [r[0] for r in lite.execute("select id from articles order by seq")] == ids
    word = records[0]["text"][10:14].replace('"', "")
    assert lite.execute("select count(*) from articles_text where articles_text match ?", (f'"{word}"',)).fetchone()[0] >= 1
    assert lite.execute("select sum(json_array_length(people)) from articles").fetchone()[0] == people

    for stream in ("articles", "drops"):
        script = open(f"{work}/schema/{stream}.postgres", encoding="utf-8").read()
        pglast.parse_sql("\n".join(line for line in script.splitlines() if not line.startswith("\\")))
        mapping = json.load(open(f"{work}/schema/{stream}.elasticsearch", encoding="utf-8"))
        named = set(mapping["mappings"]["properties"])
        index = json.load(open(f"{work}/schema/{stream}.quickwit", encoding="utf-8"))
        assert {f["name"] for f in index["doc_mapping"]["field_mappings"]} == named
        assert stream == "drops" or named == set(records[0])
    exports(work, records)
    print(f"{len(records)} records read alike by jq, DuckDB, Polars, pandas, pyarrow, SQLite FTS5 and jsonschema")


def validate(work):
    for kind in ("articles", "drops"):
        validator = jsonschema.Draft202012Validator(json.load(open(f"{work}/schema/{kind}.json", encoding="utf-8")), format_checker=jsonschema.FormatChecker())
        for path in sorted(glob.glob(f"{work}/out/sealed/{kind}-*.jsonl")):
            for line in open(path, encoding="utf-8"):
                validator.validate(json.loads(line))


def exports(work, records):
    table = pandas.read_csv(f"{work}/export/csv", dtype=str, keep_default_na=False)
    assert list(table["id"]) == [r["id"] for r in records]
    assert list(table["text"]) == [r["text"] for r in records], "CSV keeps every character"
    lines = lambda name: [json.loads(line) for line in open(f"{work}/export/{name}", encoding="utf-8")]
    for document, record in zip(lines("dolma"), records, strict=True):
        assert all(document[key] == record[key] for key in ("id", "text", "source", "added", "created"))
    for doc, record in zip(lines("spacy"), records, strict=True):
        text, last = record["text"], 0
        for token in doc["tokens"]:
            assert text[last:token["start"]] in ("", " ") and token["end"] > token["start"], token
            last = token["end"]
        assert text[last:] in ("", " ")
        starts, ends = {t["start"] for t in doc["tokens"]}, {t["end"] for t in doc["tokens"]}
        assert all(e["start"] in starts and e["end"] in ends for e in doc["ents"] + doc["spans"]["wenliu"])
    by_id = {f"urn:wenliu:{r['id']}": r for r in records}
    for annotation in lines("webanno"):
        place, quote = annotation["target"]["selector"]
        text = by_id[annotation["target"]["source"]]["text"]
        assert text[place["start"]:place["end"]] == quote["exact"]
    for item, record in zip(lines("ninjs"), records, strict=True):
        assert item["uri"].endswith(record["id"]) and item["bodies"][0]["value"] in record["text"]


main()
