//! JSON text -> values of the engine.
//!
//! Not the engine's own reader: it takes an object whose first key is a private one of serde_json for a
//! number written as text, and expands it, `1e2000000000` into two thousand million digits. Claims hold
//! keys that a guest chose.

use std::collections::BTreeMap;
use std::fmt;

use regorus::Value;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Any JSON; of equal keys the last one counts, nesting ends at serde_json's 128 levels.
pub fn value_of(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).map(|Read(value)| value)
}

struct Read(Value);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Read)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(Read(value)) = elements.next_element()? {
            out.push(value);
        }
        Ok(Value::from(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = BTreeMap::new();
        while let Some((Read(key), Read(value))) = members.next_entry()? {
            out.insert(key, value);
        }
        Ok(Value::from(out))
    }
}
