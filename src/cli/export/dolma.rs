//! Dolma documents and attributes, as corpora for language models are kept.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::record::line::Record;

/// The keys that Dolma gives a meaning; every other key of the record goes into `metadata`.
const KEYS: &[&str] = &["id", "text", "source", "added", "created"];

/// The record as a document.
pub(super) fn document(record: &Record<'_>) -> Value {
    let mut document = serde_json::to_value(record).expect("a record is plain data");
    let object = document.as_object_mut().expect("a record is an object");
    let mut metadata = std::mem::take(object);
    for key in KEYS {
        if let Some(value) = metadata.remove(*key) {
            object.insert((*key).into(), value);
        }
    }
    // The record's own `metadata` becomes the front of the document's.
    if let Some(Value::Object(own)) = metadata.remove("metadata") {
        metadata.extend(own);
    }
    object.insert("metadata".into(), Value::Object(metadata));
    document
}

/// The record's spans as attributes of the document: `[start, end, score]` in code points.
pub(super) fn attributes(record: &Record<'_>) -> Value {
    let mut attributes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut add = |name: String, start: u64, end: u64| {
        attributes.entry(name).or_default().push(json!([start, end, 1.0]));
    };
    for sent in &record.sents {
        add("wenliu__sentence".into(), sent.start, sent.end);
    }
    for para in &record.paras {
        add(format!("wenliu__paragraph_{}", para.role), para.start, para.end);
    }
    for ent in &record.ents {
        add(format!("wenliu__{}", ent.label.to_lowercase()), ent.start, ent.end);
    }
    json!({ "id": record.id, "source": record.source, "attributes": attributes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::tests::sample;

    #[test]
    fn a_document_has_dolmas_keys_and_loses_none_of_ours() {
        let record = sample();
        let document = document(&record);
        let keys: Vec<&String> = document.as_object().expect("an object").keys().collect();
        assert_eq!(keys.len(), KEYS.len() + 1);
        let all = serde_json::to_value(&record).expect("plain data");
        for key in all.as_object().expect("an object").keys().filter(|k| *k != "metadata") {
            assert!(document.get(key).is_some() || document["metadata"].get(key).is_some(), "{key} is lost");
        }
        assert!(document["metadata"]["drop"].is_object());
    }

    #[test]
    fn attributes_are_spans_by_label() {
        assert_eq!(attributes(&sample())["attributes"]["wenliu__person"], json!([[0, 2, 1.0]]));
    }
}
