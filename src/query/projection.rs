//! The `fields` parameter: which members of a JSON answer are kept, and how (contract §1.14).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::query::excerpt::Excerpt;
use crate::query::{QueryError, limits};

/// A parsed `fields` parameter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Projection {
    root: Level,
}

/// What is picked of an object.
#[derive(Debug, Clone, PartialEq, Default)]
struct Level {
    /// `*`: every member that is not named.
    rest: Option<Whole>,
    named: BTreeMap<String, Pick>,
}

/// What is picked of a member.
#[derive(Debug, Clone, PartialEq, Default)]
struct Pick {
    /// The member was named itself: all of it stays.
    whole: Option<Whole>,
    /// Members of it were named.
    part: Level,
}

/// A member that stays, with what is done to it when it is a text.
type Whole = Option<Excerpt>;

impl Projection {
    /// Reads `id,expand.author.name,body:excerpt(200,true)`; `None` when everything is kept.
    ///
    /// # Errors
    /// An unknown modifier, or one with wrong arguments.
    pub fn parse(text: &str) -> Result<Option<Self>, QueryError> {
        let mut root = Level::default();
        let mut any = false;
        for item in split_outside_brackets(text)? {
            let item = item.trim();
            if item.is_empty() {
                continue;
            }
            any = true;
            let (path, modifier) = match item.split_once(':') {
                Some((path, modifier)) => (path, Some(Excerpt::parse(modifier)?)),
                None => (item, None),
            };
            root.add(path.strip_suffix('.').unwrap_or(path), modifier);
        }
        Ok(any.then_some(Self { root }))
    }

    /// Leaves only what was asked for; every element of a list is treated alike. A page of a list
    /// stays whole but for its items.
    pub fn apply(&self, value: &mut Value) {
        match page_items(value) {
            Some(items) => self.root.apply(items),
            None => self.root.apply(value),
        }
    }

    /// True when a member of this name is kept at the top.
    pub fn keeps(&self, name: &str) -> bool {
        self.root.rest.is_some() || self.root.named.contains_key(name)
    }
}

impl Level {
    fn add(&mut self, path: &str, modifier: Whole) {
        let mut level = self;
        let mut names = path.split('.').take(limits::PROJECTION_LEVELS).peekable();
        while let Some(name) = names.next() {
            if names.peek().is_some() {
                level = &mut level.named.entry(name.to_owned()).or_default().part;
            } else if name == "*" {
                level.rest = Some(modifier);
                return;
            } else {
                level.named.entry(name.to_owned()).or_default().whole = Some(modifier);
                return;
            }
        }
    }

    fn apply(&self, value: &mut Value) {
        match value {
            Value::Object(object) => object.retain(|name, member| self.keep(name, member)),
            Value::Array(items) => items.iter_mut().for_each(|item| self.apply(item)),
            // A path that goes on below a plain value leaves the value as it is.
            _ => {}
        }
    }

    fn keep(&self, name: &str, member: &mut Value) -> bool {
        let whole = match (self.named.get(name), self.rest) {
            (Some(Pick { whole: Some(whole), .. }), _) => *whole,
            (Some(pick), _) => {
                pick.part.apply(member);
                return true;
            }
            (None, Some(whole)) => whole,
            (None, None) => return false,
        };
        if let (Some(excerpt), Value::String(text)) = (whole, member) {
            *text = excerpt.apply(text);
        }
        true
    }
}

/// The items of a page of a list, which is known by its members.
fn page_items(value: &mut Value) -> Option<&mut Value> {
    const MEMBERS: [&str; 5] = ["items", "page", "perPage", "totalItems", "totalPages"];
    let page = value.as_object_mut()?;
    let is_page = page.len() == MEMBERS.len() && MEMBERS.iter().all(|key| page.contains_key(*key));
    if is_page { page.get_mut("items").filter(|items| items.is_array()) } else { None }
}

/// Splits at commas, but not at those between a modifier's brackets.
fn split_outside_brackets(text: &str) -> Result<Vec<&str>, QueryError> {
    let mut items = Vec::new();
    let (mut start, mut open) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => open = true,
            b')' => open = false,
            b',' if !open => {
                items.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if open {
        return Err(QueryError::new("a bracket of fields stays open"));
    }
    items.push(&text[start..]);
    Ok(items)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn picked(fields: &str) -> Value {
        let mut value = json!({
            "id": "p1", "title": "First", "num": 1, "tags": ["t1", "t2"],
            "meta": {"a": {"b": [1, 2]}, "k": "value"},
            "expand": {"author": {"id": "u1", "name": "ada"}, "tags": [{"id": "t1", "label": "L1"}]}
        });
        if let Some(projection) = Projection::parse(fields).unwrap() {
            projection.apply(&mut value);
        }
        value
    }

    #[test]
    fn fields_pick_members() {
        let everything = picked("");
        for (fields, expected) in [
            ("*", everything.clone()),
            (" , ", everything.clone()),
            ("nope", json!({})),
            (",id,", json!({"id": "p1"})),
            ("id.", json!({"id": "p1"})),
            (".id", json!({})),
            (" id , title", json!({"id": "p1", "title": "First"})),
            ("expand.author.name", json!({"expand": {"author": {"name": "ada"}}})),
            ("expand.tags.label", json!({"expand": {"tags": [{"label": "L1"}]}})),
            ("expand.*.name", json!({"expand": {}})),
            ("expand,expand.author.name", json!({"expand": everything["expand"]})),
            ("expand.author.name,expand", json!({"expand": everything["expand"]})),
            ("tags.x,title.y", json!({"tags": ["t1", "t2"], "title": "First"})),
            ("meta..a", json!({"meta": {}})),
            ("meta.*", json!({"meta": everything["meta"]})),
            ("title:excerpt(2)", json!({"title": "Fi"})),
            ("title:excerpt( 2 , true ),id", json!({"title": "Fi...", "id": "p1"})),
            ("tags:excerpt(1)", json!({"tags": ["t1", "t2"]})),
        ] {
            assert_eq!(picked(fields), expected, "{fields}");
        }
    }

    #[test]
    fn a_star_keeps_a_narrower_child_narrow() {
        let value = picked("*,meta.k");
        assert_eq!(value["meta"], json!({"k": "value"}));
        assert_eq!(value["title"], "First");
        assert_eq!(picked("*,meta.zz")["meta"], json!({}));
    }

    #[test]
    fn a_modifier_of_the_star_reaches_the_texts_of_its_level() {
        let value = picked("id,*:excerpt(2)");
        assert_eq!((&value["id"], &value["title"]), (&json!("p1"), &json!("Fi")));
        assert_eq!((&value["num"], &value["meta"]["k"]), (&json!(1), &json!("value")));
    }

    #[test]
    fn the_frame_of_a_page_stays() {
        let page = json!({"page": 1, "perPage": 30, "totalItems": 1, "totalPages": 1,
            "items": [{"id": "p1", "title": "First"}]});
        for (fields, items) in [("id", json!([{"id": "p1"}])), ("items.id", json!([{}]))] {
            let mut value = page.clone();
            Projection::parse(fields).unwrap().unwrap().apply(&mut value);
            assert_eq!((&value["items"], &value["totalItems"]), (&items, &json!(1)), "{fields}");
        }
    }

    #[test]
    fn wrong_modifiers_are_refused() {
        for fields in [
            "title:nope",
            "title:excerpt",
            "title:excerpt()",
            "title:excerpt(0)",
            "title:excerpt(-1)",
            "title:excerpt(a)",
            "title:excerpt(4,true,1)",
            "title:excerpt(5",
            "title:excerpt)5(",
            "title:excerpt[5]",
            "title:excerpt(9223372036854775808)",
            "title:",
        ] {
            assert!(Projection::parse(fields).is_err(), "{fields}");
        }
    }

    #[test]
    fn a_path_of_absurd_length_is_cut() {
        let path = vec!["a"; 50_000].join(".");
        assert!(Projection::parse(&path).unwrap().is_some());
    }
}
