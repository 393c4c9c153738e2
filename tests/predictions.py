"""Turns records of wenliu (on standard input) into predictions for the corpus scorer (on standard output)."""

import json
import sys


def article(record):
    """One record as the scorer wants it: the body's paragraphs and sentences, without headline and byline."""
    text = record["text"]
    body = [i for i, p in enumerate(record["paras"]) if p["role"] in ("lead", "body", "subhead", "caption")]
    paragraphs, sentences = [], []
    for index in body:
        para = record["paras"][index]
        paragraphs.append(text[para["start"]:para["end"]])
        inside = [text[s["start"]:s["end"]] for s in record["sents"] if s["para"] == index]
        sentences.extend(inside or [paragraphs[-1]])
    byline = "、".join(c["name"] for c in record["credits"]) or None
    return {"headline": record["headline"] or None, "byline": byline, "paragraphs": paragraphs, "sentences": sentences}


def main():
    drops = {}
    for line in sys.stdin:
        record = json.loads(line)
        drops.setdefault(record["metadata"]["drop"]["name"], []).append(article(record))
    for name in sorted(drops):
        print(json.dumps({"drop": name, "articles": drops[name]}, ensure_ascii=False))


main()
