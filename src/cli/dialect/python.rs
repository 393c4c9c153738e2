//! Polars, pandas and pyarrow: a schema as Python code, ready to be imported.

use super::{Field, Shape, Stream, listed};
use crate::record::line::SCHEMA_VERSION;

/// A Polars schema and a lazy frame over the sealed segments.
pub(super) fn polars(fields: &[Field], stream: Stream<'_>) -> String {
    format!(
        "# wenliu, record version {SCHEMA_VERSION}. Dates are texts: `pl.col(\"created\").str.to_date()` makes one.\n\
         import polars as pl\n\nschema = {{\n{},\n}}\n{} = pl.scan_ndjson({:?}, schema=schema)\n",
        listed(fields.iter().map(|f| format!("{:?}: {}", f.name, polars_kind(&f.shape))), 4),
        stream.name,
        stream.glob(),
    )
}

fn polars_kind(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Date | Shape::Time => "pl.String".into(),
        Shape::Int => "pl.UInt64".into(),
        Shape::Float => "pl.Float64".into(),
        Shape::Bool => "pl.Boolean".into(),
        Shape::List(item) => format!("pl.List({})", polars_kind(item)),
        Shape::Object(fields) => {
            let inner: Vec<String> =
                fields.iter().map(|f| format!("{:?}: {}", f.name, polars_kind(&f.shape))).collect();
            format!("pl.Struct({{{}}})", inner.join(", "))
        }
    }
}

/// The pandas types of the columns; nested values stay Python lists and dicts.
pub(super) fn pandas(fields: &[Field], stream: Stream<'_>) -> String {
    let dtype = |f: &Field| match f.shape {
        Shape::Text => Some("string"),
        Shape::Int => Some("uint64"),
        Shape::Float => Some("float64"),
        Shape::Bool => Some("bool"),
        Shape::List(_) | Shape::Object(_) => Some("object"),
        // Converted by their own argument.
        Shape::Date | Shape::Time => None,
    };
    let dates: Vec<String> = fields
        .iter()
        .filter(|f| matches!(f.shape, Shape::Date | Shape::Time))
        .map(|f| format!("{:?}", f.name))
        .collect();
    format!(
        "# wenliu, record version {SCHEMA_VERSION}. Without `dtype` pandas takes numbers out of texts.\n\
         import glob\nimport pandas as pd\n\ndtype = {{\n{},\n}}\n\
         {} = pd.concat(\n    (pd.read_json(path, lines=True, dtype=dtype, convert_dates=[{}]) for path in sorted(glob.glob({:?}))),\n    ignore_index=True,\n)\n",
        listed(fields.iter().filter_map(|f| Some(format!("{:?}: {:?}", f.name, dtype(f)?))), 4),
        stream.name,
        dates.join(", "),
        stream.glob(),
    )
}

/// A pyarrow schema and the table of all sealed segments.
pub(super) fn pyarrow(fields: &[Field], stream: Stream<'_>) -> String {
    format!(
        "# wenliu, record version {SCHEMA_VERSION}.\n\
         import glob\nimport pyarrow as pa\nimport pyarrow.json\n\nschema = pa.schema([\n{},\n])\n\
         options = pyarrow.json.ParseOptions(explicit_schema=schema)\nreading = pyarrow.json.ReadOptions(block_size=16 << 20)\n\
         {} = pa.concat_tables(pyarrow.json.read_json(path, reading, options) for path in sorted(glob.glob({:?})))\n",
        listed(fields.iter().map(|f| format!("({:?}, {})", f.name, arrow_kind(&f.shape))), 4),
        stream.name,
        stream.glob(),
    )
}

fn arrow_kind(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Date => "pa.string()".into(),
        Shape::Time => "pa.timestamp(\"s\")".into(),
        Shape::Int => "pa.uint64()".into(),
        Shape::Float => "pa.float64()".into(),
        Shape::Bool => "pa.bool_()".into(),
        Shape::List(item) => format!("pa.list_({})", arrow_kind(item)),
        Shape::Object(fields) => {
            let inner: Vec<String> =
                fields.iter().map(|f| format!("({:?}, {})", f.name, arrow_kind(&f.shape))).collect();
            format!("pa.struct([{}])", inner.join(", "))
        }
    }
}
