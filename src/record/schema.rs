//! The JSON Schema of the output, generated from the types.

use serde_json::Value;

use crate::record::line::{Receipt, Record};

/// The schema of a line of the articles stream.
pub fn articles() -> Value {
    closed(schemars::schema_for!(Record<'static>).to_value())
}

/// The schema of a line of the drops stream.
pub fn drops() -> Value {
    closed(schemars::schema_for!(Receipt).to_value())
}

/// Every key of every object is required: a key of the record is always present. The order is that of the record.
fn closed(mut schema: Value) -> Value {
    fn walk(node: &mut Value) {
        if let Some(object) = node.as_object_mut() {
            let keys = object.get("properties").and_then(Value::as_object).map(|p| p.keys().cloned().collect());
            if let Some(keys) = keys {
                let keys: Vec<String> = keys;
                let required = object.entry("required").or_insert_with(|| Value::Array(Vec::new()));
                if let Some(listed) = required.as_array_mut() {
                    listed.extend(
                        keys.into_iter().map(Value::String).filter(|k| !listed.contains(k)).collect::<Vec<_>>(),
                    );
                }
            }
            object.values_mut().for_each(walk);
        } else if let Some(list) = node.as_array_mut() {
            list.iter_mut().for_each(walk);
        }
    }
    walk(&mut schema);
    schema
}
