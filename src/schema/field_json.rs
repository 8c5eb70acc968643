//! A field as the wire and the disk write it: one flat object with sorted keys (contract §4.5).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::schema::fields;
use crate::schema::{Field, FieldType, date_text};

/// Why a definition could not be read.
pub type Malformed = serde_json::Error;

impl Field {
    /// Reads a field. Names match in any case, absent keys and nulls are defaults, unknown keys
    /// are ignored.
    ///
    /// # Errors
    /// No object, an unknown kind, or a value of the wrong type.
    pub fn from_json(json: &Json) -> Result<Self, Malformed> {
        let object = json.as_object().ok_or_else(|| malformed("a field must be an object"))?;
        let type_name: String = read(object, "type")?;
        let kind = FieldType::from_options(&type_name, object)?;
        Ok(Self {
            id: read(object, "id")?,
            name: read(object, "name")?,
            system: read(object, "system")?,
            hidden: read(object, "hidden")?,
            presentable: read(object, "presentable")?,
            required: read(object, "required")?,
            help: read(object, "help")?,
            kind,
        })
    }

    /// The object of the wire and the disk.
    pub fn to_json(&self) -> Map<String, Json> {
        let mut object = self.kind.options();
        let mut put = |name: &str, value: Json| object.insert(name.to_owned(), value);
        put("id", self.id.as_str().into());
        put("name", self.name.as_str().into());
        put("type", self.kind.name().into());
        put("system", self.system.into());
        put("hidden", self.hidden.into());
        put("presentable", self.presentable.into());
        // The server fills these in, so nobody is asked for them.
        if !matches!(self.kind, FieldType::Autodate(_)) {
            put("required", self.required.into());
            put("help", self.help.as_str().into());
        }
        object
    }
}

impl FieldType {
    /// Reads the options of one kind out of a field's object.
    ///
    /// # Errors
    /// An unknown kind, or an option of the wrong type.
    pub fn from_options(name: &str, object: &Map<String, Json>) -> Result<Self, Malformed> {
        Ok(match name {
            "autodate" => Self::Autodate(options(object)?),
            "bool" => Self::Bool(options(object)?),
            "date" => {
                let date: fields::Date = options(object)?;
                Self::Date(fields::Date {
                    min: date_text::normalize(&date.min),
                    max: date_text::normalize(&date.max),
                })
            }
            "editor" => Self::Editor(options(object)?),
            "email" => Self::Email(options(object)?),
            "file" => Self::File(options(object)?),
            "geoPoint" => Self::GeoPoint(options(object)?),
            "json" => Self::Json(options(object)?),
            "number" => Self::Number(options(object)?),
            "password" => Self::Password(options(object)?),
            "relation" => Self::Relation(options(object)?),
            "select" => Self::Select(options(object)?),
            "text" => {
                let text: fields::Text = options(object)?;
                Self::Text(fields::Text { collation: read(object, "collation")?, ..text })
            }
            "url" => Self::Url(options(object)?),
            _ => return Err(malformed("unknown field type")),
        })
    }

    /// The kind's own options, without what all fields share.
    fn options(&self) -> Map<String, Json> {
        match self {
            Self::Autodate(kind) => object_of(kind),
            Self::Bool(kind) => object_of(kind),
            Self::Date(kind) => object_of(kind),
            Self::Editor(kind) => object_of(kind),
            Self::Email(kind) => object_of(kind),
            Self::File(kind) => object_of(kind),
            Self::GeoPoint(kind) => object_of(kind),
            Self::Json(kind) => object_of(kind),
            Self::Number(kind) => object_of(kind),
            Self::Password(kind) => object_of(kind),
            Self::Relation(kind) => object_of(kind),
            Self::Select(kind) => object_of(kind),
            Self::Text(kind) => object_of(kind),
            Self::Url(kind) => object_of(kind),
        }
    }
}

/// An error in the words of serde.
pub fn malformed(reason: &str) -> Malformed {
    serde::de::Error::custom(reason)
}

/// The value of `name`, spelt in any case; absent and null are the default.
///
/// # Errors
/// A value of another type.
pub fn read<T: DeserializeOwned + Default>(
    object: &Map<String, Json>,
    name: &str,
) -> Result<T, Malformed> {
    match lookup(object, name) {
        None | Some(Json::Null) => Ok(T::default()),
        Some(value) => serde_json::from_value(value.clone()),
    }
}

/// The value of `name`, in its own spelling or in any case.
pub fn lookup<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    object.get(name).or_else(|| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

fn options<T>(object: &Map<String, Json>) -> Result<T, Malformed>
where
    T: DeserializeOwned + Serialize + Default,
{
    let known = object_of(&T::default());
    let given = known.keys().filter_map(|name| {
        let value = lookup(object, name).filter(|value| !value.is_null())?;
        Some((name.clone(), value.clone()))
    });
    serde_json::from_value(Json::Object(given.collect()))
}

fn object_of<T: Serialize>(options: &T) -> Map<String, Json> {
    match serde_json::to_value(options) {
        Ok(Json::Object(object)) => object,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json;
    use crate::schema::fields::FIELD_KINDS;

    #[test]
    fn every_kind_survives_the_way_there_and_back() {
        for kind in FIELD_KINDS {
            let field = Field::from_json(&json!({"type": kind, "name": "f", "id": "x"})).unwrap();
            assert_eq!(field.kind.name(), *kind);
            let again = Field::from_json(&Json::Object(field.to_json())).unwrap();
            assert_eq!(again, field, "{kind}");
        }
    }

    #[test]
    fn a_field_is_written_as_the_contract_shows() {
        let input = json!({"name": "title", "id": "text724990059", "type": "text", "MAX": 5});
        let field = Field::from_json(&input).unwrap();
        assert_eq!(
            json::to_string(&Json::Object(field.to_json())),
            concat!(
                r#"{"autogeneratePattern":"","help":"","hidden":false,"id":"text724990059","#,
                r#""max":5,"min":0,"name":"title","pattern":"","presentable":false,"#,
                r#""primaryKey":false,"required":false,"system":false,"type":"text"}"#
            )
        );
    }

    #[test]
    fn a_collation_is_written_only_where_it_is_set() {
        let input = json!({"type": "text", "name": "title", "collation": "unicode"});
        assert_eq!(Field::from_json(&input).unwrap().to_json()["collation"], "unicode");
        for none in [json!(""), json!(null)] {
            let input = json!({"type": "text", "name": "title", "collation": none});
            assert_eq!(Field::from_json(&input).unwrap().to_json().get("collation"), None);
        }
        let unknown = json!({"type": "text", "name": "title", "collation": "klingon"});
        assert!(Field::from_json(&unknown).is_err());
    }

    #[test]
    fn the_dates_of_options_take_the_form_of_the_disk() {
        let field = Field::from_json(&json!({"type": "date", "min": "2020-01-01"})).unwrap();
        assert_eq!(field.to_json()["min"], "2020-01-01 00:00:00.000Z");
    }

    #[test]
    fn nulls_of_older_folders_are_defaults() {
        let old = json!({"type": "email", "onlyDomains": null, "exceptDomains": null});
        assert_eq!(Field::from_json(&old).unwrap().to_json()["onlyDomains"], json!([]));
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for input in [
            json!([]),
            json!({}),
            json!({"type": "nope"}),
            json!({"type": "text", "max": "5"}),
            json!({"type": "text", "max": 1.5}),
            json!({"type": "text", "name": 5}),
        ] {
            assert!(Field::from_json(&input).is_err(), "{input}");
        }
    }
}
