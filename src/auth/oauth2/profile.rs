//! Somebody as a service describes them, read out of its answer by paths.

use serde_json::{Map, Value as Json};

/// Longest value of an answer that is kept.
const MAX_TEXT: usize = 2048;

/// A person of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// Never empty, and never given to somebody else.
    pub id: String,
    /// For people.
    pub name: String,
    /// For machines.
    pub username: String,
    /// A picture.
    pub avatar_url: String,
    /// Empty unless the service vouches for it.
    pub email: String,
    /// All that the service sent.
    pub raw: Map<String, Json>,
}

/// Where an answer has what: paths with dots, numbers for places in lists; an empty one is nowhere.
pub struct Shape {
    /// The id.
    pub id: &'static str,
    /// Parts of the name.
    pub name: &'static [&'static str],
    /// The user name.
    pub username: &'static str,
    /// The picture.
    pub avatar: &'static str,
    /// The address.
    pub email: &'static str,
    /// The address counts only if all these are true.
    pub proofs: &'static [&'static str],
    /// Without one of these nobody signs in.
    pub demands: &'static [(&'static str, Demand)],
}

/// What must be in an answer.
pub enum Demand {
    /// `true`.
    True,
    /// This number.
    Number(i64),
    /// This text.
    Text(&'static str),
}

impl Shape {
    /// All nowhere.
    pub const EMPTY: Self =
        Self { id: "", name: &[], username: "", avatar: "", email: "", proofs: &[], demands: &[] };

    /// Reads a person; `None` when a demand is not met. Who has no id is caught by the caller, for
    /// a row may still find one.
    pub fn read(&self, user: &Json) -> Option<Profile> {
        let raw = user.as_object()?.clone();
        if !self.demands.iter().all(|(path, demand)| demand.is_met(at(user, path))) {
            return None;
        }
        let names: Vec<String> =
            self.name.iter().map(|path| text(user, path)).filter(|part| !part.is_empty()).collect();
        let is_proved = self.proofs.iter().all(|path| is_true(at(user, path)));
        Some(Profile {
            id: text(user, self.id),
            name: names.join(" "),
            username: text(user, self.username),
            avatar_url: text(user, self.avatar),
            email: if is_proved { text(user, self.email) } else { String::new() },
            raw,
        })
    }
}

impl Demand {
    fn is_met(&self, value: Option<&Json>) -> bool {
        match (self, value) {
            (Self::True, Some(value)) => *value == Json::Bool(true),
            (Self::Number(wanted), Some(value)) => value.as_i64() == Some(*wanted),
            (Self::Text(wanted), Some(value)) => value.as_str() == Some(wanted),
            (_, None) => false,
        }
    }
}

/// What stands at a path.
pub fn at<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    let mut here = json;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        here = match here {
            Json::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            other => other.get(step)?,
        };
    }
    Some(here)
}

/// The text or number at a path; else nothing. Zero is no id.
pub fn text(json: &Json, path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    match at(json, path) {
        Some(Json::String(text)) if text.len() <= MAX_TEXT => text.trim().to_owned(),
        Some(Json::Number(number)) if number.as_i64() != Some(0) => number.to_string(),
        _ => String::new(),
    }
}

/// True for `true`, and for what services write instead: `"true"`, `"1"`, 1, a moment.
pub fn is_true(value: Option<&Json>) -> bool {
    match value {
        Some(Json::Bool(is_true)) => *is_true,
        Some(Json::Number(number)) => number.as_i64() == Some(1),
        Some(Json::String(text)) => {
            matches!(text.as_str(), "true" | "1") || crate::schema::date_text::parse(text).is_some()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_through_objects_and_lists() {
        let user = json!({"data": [{"id": 7, "name": " Ada "}], "zero": 0, "list": [1]});
        assert_eq!(text(&user, "data.0.id"), "7");
        assert_eq!(text(&user, "data.0.name"), "Ada");
        for path in ["", "data", "data.1.id", "data.x", "zero", "list", "none.at.all"] {
            assert_eq!(text(&user, path), "", "{path}");
        }
    }

    #[test]
    fn an_address_counts_only_if_the_service_vouches_for_it() {
        let shape = Shape { id: "id", email: "mail", proofs: &["a", "b"], ..Shape::EMPTY };
        for (a, b, expected) in [
            (json!(true), json!(true), "x@example.com"),
            (json!("true"), json!(1), "x@example.com"),
            (json!("2020-01-01T00:00:00.000Z"), json!("1"), "x@example.com"),
            (json!(true), json!(false), ""),
            (json!(true), json!(null), ""),
            (json!("false"), json!(true), ""),
            (json!(true), json!("yes"), ""),
            (json!(0), json!(true), ""),
            (json!(""), json!(true), ""),
            (json!([]), json!(true), ""),
        ] {
            let user = json!({"id": "1", "mail": "x@example.com", "a": a, "b": b});
            assert_eq!(shape.read(&user).unwrap().email, expected, "{user}");
        }
        assert_eq!(shape.read(&json!({"id": "1", "mail": "x@example.com"})).unwrap().email, "");
    }

    #[test]
    fn a_demand_that_is_not_met_lets_nobody_in() {
        let shape = Shape {
            id: "id",
            demands: &[
                ("active", Demand::True),
                ("state", Demand::Text("on")),
                ("level", Demand::Number(1)),
            ],
            ..Shape::EMPTY
        };
        let good = json!({"id": "1", "active": true, "state": "on", "level": 1});
        assert_eq!(shape.read(&good).unwrap().id, "1");
        for (key, value) in [
            ("active", json!(false)),
            ("active", json!("true")),
            ("active", json!(null)),
            ("state", json!("off")),
            ("state", json!(null)),
            ("level", json!(0)),
            ("level", json!(true)),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            assert!(shape.read(&bad).is_none(), "{bad}");
        }
        assert!(shape.read(&json!([])).is_none());
    }
}
