//! The output's types in the words of those who read it; one file a family of readers.
//!
//! Every dialect is written from the JSON Schema, and that is generated from the types: there is no second list.

mod duckdb;
mod python;
mod search;
mod sql;

use std::path::Path;

use serde_json::Value;

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Dialect {
    Duckdb,
    Polars,
    Pandas,
    Pyarrow,
    Elasticsearch,
    Quickwit,
    Sqlite,
    Postgres,
}

/// What is read: one of the two streams.
#[derive(Clone, Copy, Debug)]
pub struct Stream<'a> {
    /// `articles` or `drops`: the front of the file names, and the name of the table.
    pub name: &'a str,
    /// The folder of sealed segments.
    pub sealed: &'a Path,
}

impl Stream<'_> {
    /// The glob of the stream's sealed segments.
    fn glob(&self) -> String {
        format!("{}/{}-*.jsonl", self.sealed.display(), self.name)
    }
}

/// The type of a value, as far as readers tell types apart.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Text,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339.
    Time,
    Int,
    Float,
    Bool,
    List(Box<Shape>),
    Object(Vec<Field>),
}

/// A key and its type.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    name: String,
    shape: Shape,
    /// What the key means, "" if its name says it.
    meaning: String,
}

/// The text that teaches a reader the stream's types.
pub fn write(dialect: Dialect, schema: &Value, stream: Stream<'_>) -> String {
    let fields = match shape(schema, schema) {
        Shape::Object(fields) => fields,
        other => unreachable!("a line is an object, not {other:?}"),
    };
    match dialect {
        Dialect::Duckdb => duckdb::view(&fields, stream),
        Dialect::Polars => python::polars(&fields, stream),
        Dialect::Pandas => python::pandas(&fields, stream),
        Dialect::Pyarrow => python::pyarrow(&fields, stream),
        Dialect::Elasticsearch => search::elasticsearch(&fields),
        Dialect::Quickwit => search::quickwit(&fields, stream),
        Dialect::Sqlite => sql::sqlite(&fields, stream),
        Dialect::Postgres => sql::postgres(&fields, stream),
    }
}

fn shape(node: &Value, root: &Value) -> Shape {
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).expect("a schema's references lead somewhere");
        return shape(target, root);
    }
    let word = |key: &str| node.get(key).and_then(Value::as_str).unwrap_or_default();
    match (word("type"), word("format")) {
        ("string", "date") => Shape::Date,
        ("string", "date-time") => Shape::Time,
        ("integer", _) => Shape::Int,
        ("number", _) => Shape::Float,
        ("boolean", _) => Shape::Bool,
        ("array", _) => Shape::List(Box::new(node.get("items").map_or(Shape::Text, |items| shape(items, root)))),
        ("object", _) => Shape::Object(fields(node, root)),
        _ => Shape::Text,
    }
}

fn fields(node: &Value, root: &Value) -> Vec<Field> {
    let names = node.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    names
        .filter_map(|name| {
            let property = node.get("properties")?.get(name)?;
            let meaning = property.get("description").and_then(Value::as_str).unwrap_or_default();
            let meaning = meaning.split_whitespace().collect::<Vec<_>>().join(" ");
            Some(Field { name: name.into(), shape: shape(property, root), meaning })
        })
        .collect()
}

/// Lines `indent` deep, joined by commas.
fn listed(lines: impl Iterator<Item = String>, indent: usize) -> String {
    let lead = " ".repeat(indent);
    lines.map(|line| format!("{lead}{line}")).collect::<Vec<_>>().join(",\n")
}

/// A text in single quotes, as SQL has it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::record::schema;

    #[test]
    fn every_dialect_names_every_key_of_both_streams() {
        let sealed = Path::new("out/sealed");
        for dialect in Dialect::value_variants() {
            for (name, schema) in [("articles", schema::articles()), ("drops", schema::drops())] {
                let text = write(*dialect, &schema, Stream { name, sealed });
                for key in schema["properties"].as_object().expect("an object").keys() {
                    assert!(text.contains(key.as_str()), "{dialect:?} does not name {name}.{key}");
                }
            }
        }
    }

    #[test]
    fn keys_stand_in_the_order_of_the_record() {
        let schema = schema::articles();
        let names: Vec<String> = fields(&schema, &schema).into_iter().map(|f| f.name).collect();
        assert_eq!(names[..4], ["seq", "id", "schema_version", "type"]);
        assert_eq!(names.last().map(String::as_str), Some("metadata"));
    }
}
