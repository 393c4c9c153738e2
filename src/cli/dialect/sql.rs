//! SQLite with full-text search, and PostgreSQL: a table, and the commands that fill it.

use super::{Field, Shape, Stream, listed, quoted};
use crate::record::line::SCHEMA_VERSION;

/// A script for `sqlite3 FILE`: run it again and only new lines are added.
pub(super) fn sqlite(fields: &[Field], stream: Stream<'_>) -> String {
    let name = stream.name;
    let columns = commented(fields, |f| match f.shape {
        Shape::Text | Shape::Date | Shape::Time => format!("TEXT NOT NULL{}", key(f, "")),
        Shape::Int => format!("INTEGER NOT NULL{}", key(f, "")),
        Shape::Bool => "INTEGER NOT NULL".into(),
        Shape::Float => "REAL NOT NULL".into(),
        Shape::List(_) | Shape::Object(_) => "TEXT NOT NULL".into(),
    });
    let values = listed(fields.iter().map(|f| format!("line->>{}", quoted(&format!("$.{}", f.name)))), 2);
    let mut out = format!(
        "-- wenliu, record version {SCHEMA_VERSION}: `wenliu schema --for sqlite | sqlite3 press.db`, as often as you like.\n\
         -- Nested values are JSON: select json_extract(people, '$[0].name') from articles;\n\
         CREATE TABLE IF NOT EXISTS {name} (\n{columns}\n);\n"
    );
    if fields.iter().any(|f| f.name == "text") {
        out.push_str(&format!(
            "CREATE VIRTUAL TABLE IF NOT EXISTS {name}_text USING fts5(title, text, content = '{name}', content_rowid = 'seq', tokenize = 'trigram');\n\
             CREATE TRIGGER IF NOT EXISTS {name}_text_new AFTER INSERT ON {name} BEGIN\n  \
             INSERT INTO {name}_text(rowid, title, text) VALUES (new.seq, new.title, new.text);\nEND;\n"
        ));
    }
    out.push_str(&format!(
        "CREATE TEMP TABLE line_of_{name} (line TEXT);\n\
         .mode ascii\n.separator \"\\037\" \"\\n\"\n.import \"|cat {}\" line_of_{name}\n\
         INSERT OR IGNORE INTO {name} SELECT\n{values}\nFROM line_of_{name};\nDROP TABLE line_of_{name};\n",
        stream.glob(),
    ));
    out
}

/// A script for `psql`: run it again and only new lines are added.
pub(super) fn postgres(fields: &[Field], stream: Stream<'_>) -> String {
    let name = stream.name;
    let kind = |f: &Field| match f.shape {
        Shape::Text => "text",
        Shape::Date => "date",
        Shape::Time => "timestamptz",
        Shape::Int => "bigint",
        Shape::Float => "double precision",
        Shape::Bool => "boolean",
        Shape::List(_) | Shape::Object(_) => "jsonb",
    };
    let columns = commented(fields, |f| format!("{} NOT NULL{}", kind(f), key(f, "")));
    let value = |f: &Field| match kind(f) {
        "jsonb" => format!("line->{}", quoted(&f.name)),
        kind => format!("(line->>{})::{kind}", quoted(&f.name)),
    };
    let values = listed(fields.iter().map(value), 2);
    let mut out = format!(
        "-- wenliu, record version {SCHEMA_VERSION}: `wenliu schema --for postgres | psql`, as often as you like.\n\
         CREATE TABLE IF NOT EXISTS {name} (\n{columns}\n);\n"
    );
    if fields.iter().any(|f| f.name == "text") {
        out.push_str(&format!(
            "-- Trigrams find any three characters in a row, so Chinese needs no cutting into words.\n\
             CREATE EXTENSION IF NOT EXISTS pg_trgm;\n\
             CREATE INDEX IF NOT EXISTS {name}_text ON {name} USING gin (text gin_trgm_ops);\n"
        ));
    }
    out.push_str(&format!(
        "CREATE TEMP TABLE line_of_{name} (line jsonb);\n\
         \\copy line_of_{name} from program 'cat {}' with (format csv, quote e'\\x01', delimiter e'\\x02')\n\
         INSERT INTO {name} SELECT\n{values}\nFROM line_of_{name} ON CONFLICT DO NOTHING;\nDROP TABLE line_of_{name};\n",
        stream.glob(),
    ));
    out
}

fn key(field: &Field, otherwise: &'static str) -> &'static str {
    match field.name.as_str() {
        "seq" => " PRIMARY KEY",
        "id" => " UNIQUE",
        _ => otherwise,
    }
}

/// Column definitions, each with its meaning.
fn commented(fields: &[Field], kind: impl Fn(&Field) -> String) -> String {
    let last = fields.len().saturating_sub(1);
    let lines = fields.iter().enumerate().map(|(index, field)| {
        let comma = if index == last { "" } else { "," };
        let meaning = if field.meaning.is_empty() { String::new() } else { format!(" -- {}", field.meaning) };
        format!("  \"{}\" {}{comma}{meaning}", field.name, kind(field))
    });
    lines.collect::<Vec<_>>().join("\n")
}
