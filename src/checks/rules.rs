//! Collections that are open to everybody.

use std::sync::Arc;

use crate::checks::{Finding, Level};
use crate::schema::fields::Password;
use crate::schema::{Collection, FieldType, RuleSlot};

const WRITES: [(RuleSlot, &str, &str); 3] = [
    (RuleSlot::Create, "createRule", "make"),
    (RuleSlot::Update, "updateRule", "change"),
    (RuleSlot::Delete, "deleteRule", "delete"),
];
const READS: [(RuleSlot, &str, &str); 2] =
    [(RuleSlot::List, "listRule", "list"), (RuleSlot::View, "viewRule", "see")];

/// Characters below which a password is guessed.
const SHORT: i64 = 8;

pub(super) fn look(collections: &[Arc<Collection>]) -> Vec<Finding> {
    collections.iter().flat_map(|collection| of(collection)).collect()
}

fn of(collection: &Collection) -> Vec<Finding> {
    let name = &collection.name;
    let open = |slot: RuleSlot| collection.rule(slot) == Some("");
    let mut found = Vec::new();
    for (slot, rule, verb) in WRITES.into_iter().filter(|(slot, ..)| open(*slot)) {
        let signs_up = slot == RuleSlot::Create && collection.auth().is_some();
        let finding = if signs_up {
            Finding::new(
                "public_sign_up",
                Level::Note,
                format!("everybody may sign up for {name:?}"),
                "that is what an app for everybody wants, and no other",
                "set the create rule to superusers only where accounts are made by hand",
            )
        } else {
            Finding::new(
                "public_write",
                Level::Warning,
                format!("everybody may {verb} records of {name:?}, without signing in"),
                "the first robot that comes by fills, spoils or empties it",
                format!("ask for a signed-in caller at least: @request.auth.id != \"\" ({rule})"),
            )
        };
        found.push(finding.of_collection(name, rule));
    }
    for (_, rule, verb) in READS.into_iter().filter(|(slot, ..)| open(*slot)) {
        let (level, why) = match collection.auth() {
            Some(_) => (Level::Warning, "it shows who has an account, to everybody"),
            None => (Level::Note, "whatever is in it is published"),
        };
        let what = format!("everybody may {verb} records of {name:?}, without signing in");
        let todo = format!("give it a rule, unless that is what is meant ({rule})");
        found.push(Finding::new("public_read", level, what, why, todo).of_collection(name, rule));
    }
    found.extend(short_password(collection));
    found
}

fn short_password(collection: &Collection) -> Option<Finding> {
    let signs_in = collection.auth().is_some_and(|options| options.password_auth.enabled);
    let field = collection.fields.iter().find(
        |field| matches!(&field.kind, FieldType::Password(Password { min, .. }) if *min < SHORT),
    );
    let field = field.filter(|field| signs_in && field.system)?;
    let name = &collection.name;
    let finding = Finding::new(
        "short_passwords",
        Level::Warning,
        format!("a password of {name:?} may have fewer than {SHORT} characters"),
        "short passwords are guessed, and found out from a stolen database within hours",
        "raise the minimum of the password field to 8 or more",
    );
    Some(finding.of_collection(name, &field.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_rules_are_named_one_by_one() {
        let mut posts = Collection::scaffold("base");
        posts.name = "posts".to_owned();
        assert_eq!(of(&posts), []);
        posts.rules.delete = Some(String::new());
        posts.rules.list = Some(String::new());
        posts.rules.update = Some("@request.auth.id != ''".to_owned());
        let found = of(&posts);
        let shown: Vec<_> =
            found.iter().map(|f| (f.id, f.level, f.field.as_deref().unwrap_or(""))).collect();
        assert_eq!(
            shown,
            [
                ("public_write", Level::Warning, "deleteRule"),
                ("public_read", Level::Note, "listRule"),
            ]
        );
        let mut people = Collection::scaffold("auth");
        people.rules.create = Some(String::new());
        people.rules.view = Some(String::new());
        let levels: Vec<_> = of(&people).iter().map(|f| (f.id, f.level)).collect();
        assert_eq!(levels, [("public_sign_up", Level::Note), ("public_read", Level::Warning)]);
    }
}
