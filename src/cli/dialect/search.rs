//! Elasticsearch and Quickwit: index settings for full-text search over Chinese.

use serde_json::{Map, Value, json};

use super::{Field, Shape, Stream};

/// Columns of text that people search, rather than filter by.
const PROSE: &[&str] = &["text", "title", "headline", "summary"];

/// Columns of offsets: kept in the document, never searched.
const OFFSETS: &[&str] = &["paras", "sents", "tokens", "source_map", "set_aside", "body"];

/// The body of `PUT /articles`.
pub(super) fn elasticsearch(fields: &[Field]) -> String {
    let body = json!({
        "settings": { "index.mapping.total_fields.limit": 500 },
        "mappings": { "dynamic": false, "properties": properties(fields, true) },
    });
    format!("{body:#}\n")
}

fn properties(fields: &[Field], top: bool) -> Value {
    let pairs = fields.iter().map(|f| (f.name.clone(), mapping(f, top)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn mapping(field: &Field, top: bool) -> Value {
    let name = field.name.as_str();
    if top && OFFSETS.contains(&name) {
        return json!({ "type": "object", "enabled": false });
    }
    match &field.shape {
        // The cjk analyzer is built in and cuts Chinese into pairs of characters.
        Shape::Text if top && PROSE.contains(&name) => json!({ "type": "text", "analyzer": "cjk" }),
        Shape::Text => json!({ "type": "keyword", "ignore_above": 1024 }),
        Shape::Date => json!({ "type": "date", "format": "strict_date" }),
        Shape::Time => json!({ "type": "date", "format": "strict_date_time_no_millis" }),
        Shape::Int => json!({ "type": "long" }),
        Shape::Float => json!({ "type": "double" }),
        Shape::Bool => json!({ "type": "boolean" }),
        // Every field of a document database may hold a list.
        Shape::List(item) => {
            mapping(&Field { name: String::new(), shape: (**item).clone(), meaning: String::new() }, false)
        }
        Shape::Object(fields) => json!({ "properties": properties(fields, false) }),
    }
}

/// The file for `quickwit index create`.
pub(super) fn quickwit(fields: &[Field], stream: Stream<'_>) -> String {
    let time = fields.iter().find(|f| f.shape == Shape::Time).map_or("added", |f| f.name.as_str());
    let mut search: Vec<&str> = PROSE.to_vec();
    search.retain(|name| fields.iter().any(|f| f.name == *name));
    let body = json!({
        "version": "0.8",
        "index_id": stream.name,
        "doc_mapping": {
            "mode": "lenient",
            "timestamp_field": time,
            "field_mappings": fields.iter().map(quickwit_field).collect::<Vec<_>>(),
        },
        "search_settings": { "default_search_fields": search },
    });
    format!("{body:#}\n")
}

fn quickwit_field(field: &Field) -> Value {
    let name = field.name.as_str();
    let prose = PROSE.contains(&name);
    let mut mapping = match &field.shape {
        // Cuts Chinese into characters; with positions, a phrase query finds words.
        Shape::Text if prose => json!({ "type": "text", "tokenizer": "chinese_compatible", "record": "position" }),
        Shape::Text => json!({ "type": "text", "tokenizer": "raw", "fast": true }),
        Shape::Date => json!({ "type": "datetime", "input_formats": ["%Y-%m-%d"], "fast": true }),
        Shape::Time => {
            json!({ "type": "datetime", "input_formats": ["rfc3339"], "fast": true, "fast_precision": "seconds" })
        }
        Shape::Int => json!({ "type": "u64", "fast": true }),
        Shape::Float => json!({ "type": "f64", "fast": true }),
        Shape::Bool => json!({ "type": "bool", "fast": true }),
        Shape::List(item) => match **item {
            Shape::Text => json!({ "type": "array<text>", "tokenizer": "raw" }),
            Shape::Int => json!({ "type": "array<u64>", "indexed": false }),
            Shape::Float => json!({ "type": "array<f64>", "indexed": false }),
            _ => json!({ "type": "array<json>", "tokenizer": "raw", "indexed": !OFFSETS.contains(&name) }),
        },
        Shape::Object(_) => json!({ "type": "json", "tokenizer": "raw", "indexed": !OFFSETS.contains(&name) }),
    };
    if let Some(object) = mapping.as_object_mut() {
        object.insert("name".into(), name.into());
    }
    mapping
}
