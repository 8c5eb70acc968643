//! Field kind `geoPoint`: a longitude and a latitude.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::codes::Code;
use crate::error::Issue;
use crate::json;
use crate::schema::field::require;
use crate::schema::{Field, FieldKind};
use crate::sql::{ColumnType, Value, ValueRef};

/// A longitude and a latitude. Options as on the wire; see contract §5.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GeoPoint {}

impl GeoPoint {
    /// The point of a column; `(0, 0)` for what is none. Text that breaks off, or goes on as
    /// something else, gives what it said up to there.
    pub fn point(column: ValueRef<'_>) -> Point {
        let mut point = Point::default();
        let mut deserializer = serde_json::Deserializer::from_str(column.text());
        // What is wrong with the text is no concern here: the point holds what was right.
        let _ = Reading(&mut point).deserialize(&mut deserializer);
        point
    }
}

/// Degrees.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
}

impl Point {
    /// Reads longitude, then latitude, and stops at what is not a number.
    fn of(json: &Json) -> Self {
        let degrees = |key: &str| match &json[key] {
            Json::Null => Some(0.0),
            other => other.as_f64(),
        };
        let mut point = Self::default();
        if let Some(lon) = degrees("lon") {
            point.lon = lon;
            point.lat = degrees("lat").unwrap_or(0.0);
        }
        point
    }

    fn degrees(&mut self, key: &str) -> Option<&mut f64> {
        match key {
            "lon" => Some(&mut self.lon),
            "lat" => Some(&mut self.lat),
            _ => None,
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"lon\":");
        json::write_f64(out, self.lon);
        out.extend_from_slice(b",\"lat\":");
        json::write_f64(out, self.lat);
        out.push(b'}');
    }

    fn to_column(self) -> Value {
        let mut out = Vec::new();
        self.write(&mut out);
        Value::Text(String::from_utf8(out).unwrap_or_default())
    }
}

/// Fills a point member by member.
struct Reading<'a>(&'a mut Point);

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with lon and lat")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen: Vec<String> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let Some(degrees) = self.0.degrees(&key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen.contains(&key) {
                return Err(serde::de::Error::custom("duplicate member"));
            }
            *degrees = map.next_value::<Option<f64>>()?.unwrap_or(0.0);
            seen.push(key);
        }
        Ok(())
    }
}

impl FieldKind for GeoPoint {
    fn column(&self) -> ColumnType {
        ColumnType::GeoPoint
    }

    fn zero(&self) -> Value {
        Point::default().to_column()
    }

    fn cast(&self, input: &Json) -> Value {
        match input {
            Json::Object(_) => Point::of(input).to_column(),
            Json::String(text) => Self::point(ValueRef::Text(text)).to_column(),
            _ => self.zero(),
        }
    }

    fn validate(&self, field: &Field, value: &Value) -> Result<(), Issue> {
        let point = Self::point(value.as_ref());
        require(field, point != Point::default())?;
        if point.lat.abs() > 90.0 {
            return Err(Issue::new(Code::InvalidLatitude));
        }
        if point.lon.abs() > 180.0 {
            return Err(Issue::new(Code::InvalidLongitude));
        }
        Ok(())
    }

    fn write_json(&self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        Self::point(value).write(out);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::FieldType;
    use crate::schema::fields::testing::{code_of, field};

    #[test]
    fn points_are_cast_as_observed() {
        for (input, expected) in [
            (json!({"lon": 1, "lat": 2}), r#"{"lon":1,"lat":2}"#),
            (json!(r#"{"lon":1.5,"lat":2}"#), r#"{"lon":1.5,"lat":2}"#),
            (json!({"lon": "1", "lat": 2}), r#"{"lon":0,"lat":0}"#),
            (json!({"Lon": 1}), r#"{"lon":0,"lat":0}"#),
            (json!({"lon": 1, "lat": "x"}), r#"{"lon":1,"lat":0}"#),
            (json!({"lat": 5, "x": 1}), r#"{"lon":0,"lat":5}"#),
            (json!([1, 2]), r#"{"lon":0,"lat":0}"#),
            (json!("x"), r#"{"lon":0,"lat":0}"#),
            (json!(r#"{"lon":1}x"#), r#"{"lon":1,"lat":0}"#),
            (json!(r#"{"lat":5,"lon":"x"}"#), r#"{"lon":0,"lat":5}"#),
            (json!(r#"{"lon":1,"lon":2}"#), r#"{"lon":1,"lat":0}"#),
            (json!(null), r#"{"lon":0,"lat":0}"#),
        ] {
            assert_eq!(GeoPoint {}.cast(&input), Value::from(expected), "{input}");
        }
    }

    #[test]
    fn a_point_must_lie_on_the_globe() {
        let field = field(FieldType::GeoPoint(GeoPoint {}));
        let code = code_of(&field, &json!({"lon": 200, "lat": 1}));
        assert_eq!(code, Some("validation_invalid_longitude"));
        let code = code_of(&field, &json!({"lon": 1, "lat": -91}));
        assert_eq!(code, Some("validation_invalid_latitude"));
        let required = Field { required: true, ..field };
        assert_eq!(code_of(&required, &json!({})), Some("validation_required"));
    }
}
