//! IPTC ninjs 3.1: a news item in JSON.

use serde_json::{Map, Value, json};

use super::Points;
use crate::record::line::Record;

/// The record as a news item. ninjs has no offsets and no sentences; what it has no place for is left out.
pub(super) fn item(record: &Record<'_>) -> Value {
    let points = Points::new(&record.text);
    let body = points.slice(record.body.start, record.body.end).trim_matches('\n');
    let mut item = Map::new();
    item.insert("uri".into(), urn(&record.id).into());
    item.insert(
        "standard".into(),
        json!({
            "name": "ninjs",
            "version": "3.1",
            "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
        }),
    );
    item.insert("type".into(), "text".into());
    item.insert("representationType".into(), "full".into());
    item.insert("language".into(), record.language.as_ref().into());
    item.insert("versionCreated".into(), record.added.as_str().into());
    item.insert("contentCreated".into(), format!("{}T00:00:00Z", record.created).into());
    item.insert("title".into(), record.title.as_ref().into());
    for (key, value) in [("by", record.by.as_str()), ("located", &record.located)] {
        if !value.is_empty() {
            item.insert(key.into(), value.into());
        }
    }
    if !record.headline.is_empty() {
        item.insert("headlines".into(), json!([{ "role": "main", "value": record.headline }]));
    }
    if !record.summary.is_empty() {
        item.insert("descriptions".into(), json!([{ "role": "summary", "value": record.summary }]));
    }
    item.insert(
        "bodies".into(),
        json!([{
            "role": "main",
            "contentType": "text/plain",
            "charCount": body.chars().count(),
            "value": body,
        }]),
    );
    item.insert("people".into(), record.people.iter().map(|p| named(&p.name, &p.rel, &p.uri, "")).collect());
    item.insert(
        "organisations".into(),
        record.organisations.iter().map(|o| named(&o.name, &o.rel, &o.uri, "")).collect(),
    );
    item.insert("places".into(), record.places.iter().map(|p| named(&p.name, &p.rel, &p.uri, &p.code)).collect());
    item.insert("events".into(), record.events.iter().map(|e| named(&e.name, &e.rel, &e.uri, "")).collect());
    let subjects = record.subjects.iter().map(|s| named(&s.name, "about", &s.uri, ""));
    let keywords = record.keywords.iter().map(|k| named(k, "keyword", "", ""));
    item.insert("subjects".into(), subjects.chain(keywords).collect());
    item.insert("infoSources".into(), json!([{ "name": record.source, "role": "supplier" }]));
    item.insert("altIds".into(), json!([{ "role": "seq", "value": record.seq.to_string() }]));
    Value::Object(item)
}

/// The name by which other formats know a record.
pub(super) fn urn(id: &str) -> String {
    format!("urn:wenliu:{id}")
}

fn named(name: &str, rel: &str, uri: &str, literal: &str) -> Value {
    let mut object = Map::new();
    for (key, value) in [("name", name), ("rel", rel), ("uri", uri), ("literal", literal)] {
        if !value.is_empty() {
            object.insert(key.into(), value.into());
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::tests::sample;

    #[test]
    fn the_body_is_the_text_without_its_headline() {
        let item = item(&sample());
        assert_eq!(item["bodies"][0]["value"], "无锡市北大街新开一店。");
        assert_eq!(item["headlines"][0]["value"], "王𬭎在无锡市");
        assert_eq!(item["people"][0], json!({ "name": "王𬭎", "rel": "mentions" }));
        assert!(item.get("by").is_none(), "an empty key is left out");
    }
}
