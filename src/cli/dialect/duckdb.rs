//! A DuckDB view with exact types: none is guessed from a sample.

use super::{Field, Shape, Stream, listed, quoted};
use crate::record::line::SCHEMA_VERSION;

/// The view.
pub(super) fn view(fields: &[Field], stream: Stream<'_>) -> String {
    let columns = listed(fields.iter().map(|f| format!("{}: {}", quoted(&f.name), quoted(&kind(&f.shape)))), 4);
    format!(
        "-- wenliu, record version {SCHEMA_VERSION}: every sealed segment, with exact types.\n\
         CREATE OR REPLACE VIEW {} AS\nSELECT * FROM read_json({},\n  format = 'newline_delimited',\n  columns = {{\n{columns}\n  }});\n",
        stream.name,
        quoted(&stream.glob()),
    )
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Text => "VARCHAR".into(),
        Shape::Date => "DATE".into(),
        Shape::Time => "TIMESTAMP".into(),
        Shape::Int => "UBIGINT".into(),
        Shape::Float => "DOUBLE".into(),
        Shape::Bool => "BOOLEAN".into(),
        Shape::List(item) => format!("{}[]", kind(item)),
        Shape::Object(fields) => {
            let inner: Vec<String> = fields.iter().map(|f| format!("\"{}\" {}", f.name, kind(&f.shape))).collect();
            format!("STRUCT({})", inner.join(", "))
        }
    }
}
