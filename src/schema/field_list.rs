//! The list of fields of a collection: what happens when one is added, and what it must hold.

use crate::schema::fields::{Bool, Email, Password, Text};
use crate::schema::patterns::ID_PATTERN;
use crate::schema::{Field, FieldType, names};

/// Puts `field` at the end, or in the place of the one with its id. Without an id it takes the
/// place and the id of the one with its exact name, or a fresh id made from its name.
pub fn add(fields: &mut Vec<Field>, mut field: Field) {
    let twin = if field.id.is_empty() {
        fields.iter().position(|other| !field.name.is_empty() && other.name == field.name)
    } else {
        fields.iter().position(|other| other.id == field.id)
    };
    if let Some(at) = twin {
        field.id.clone_from(&fields[at].id);
        fields[at] = field;
        return;
    }
    if field.id.is_empty() {
        let id = names::field_id(field.kind.name(), &field.name);
        field.id = names::first_free(id, |id| fields.iter().any(|other| other.id == id));
    }
    fields.push(field);
}

/// The list that adding one after the other makes.
pub fn collect(fields: impl IntoIterator<Item = Field>) -> Vec<Field> {
    let mut list = Vec::new();
    for field in fields {
        add(&mut list, field);
    }
    list
}

/// A field with the id of its name.
pub fn named(name: &str, kind: FieldType) -> Field {
    let id = names::field_id(kind.name(), name);
    Field { id, name: name.to_owned(), ..Field::of(kind) }
}

/// The `id` of every record.
pub fn id_field() -> Field {
    let text = Text {
        autogenerate_pattern: "[a-z0-9]{15}".to_owned(),
        min: 15,
        max: 15,
        pattern: ID_PATTERN.to_owned(),
        primary_key: true,
        ..Text::default()
    };
    Field { system: true, required: true, ..named("id", FieldType::Text(text)) }
}

/// Puts the `id` field first when there is none, and keeps what makes it one.
pub fn ensure_id(fields: &mut Vec<Field>) {
    let is_id = |field: &Field| field.name == "id" && matches!(field.kind, FieldType::Text(_));
    let Some(field) = fields.iter_mut().find(|field| is_id(field)) else {
        let all = std::iter::once(id_field()).chain(std::mem::take(fields));
        *fields = collect(all);
        return;
    };
    field.system = true;
    field.required = true;
    field.hidden = false;
    if let FieldType::Text(text) = &mut field.kind {
        text.primary_key = true;
        if text.pattern.is_empty() {
            ID_PATTERN.clone_into(&mut text.pattern);
        }
    }
}

/// The fields every auth collection has, `id` apart.
pub fn auth_fields() -> Vec<Field> {
    let password = Password { min: 8, ..Password::default() };
    let token_key = Text {
        autogenerate_pattern: "[a-zA-Z0-9]{50}".to_owned(),
        min: 30,
        max: 60,
        ..Text::default()
    };
    let system = |name: &str, kind: FieldType| Field { system: true, ..named(name, kind) };
    let required = |field: Field| Field { required: true, ..field };
    let hidden = |field: Field| Field { hidden: true, ..field };
    vec![
        required(hidden(system("password", FieldType::Password(password)))),
        required(hidden(system("tokenKey", FieldType::Text(token_key)))),
        required(system("email", FieldType::Email(Email::default()))),
        system("emailVisibility", FieldType::Bool(Bool::default())),
        system("verified", FieldType::Bool(Bool::default())),
    ]
}

/// Adds the auth fields that are absent or of another kind, and keeps what makes them ones.
pub fn ensure_auth(fields: &mut Vec<Field>) {
    for wanted in auth_fields() {
        let found = fields
            .iter_mut()
            .find(|field| field.name == wanted.name && field.kind.name() == wanted.kind.name());
        match found {
            None => add(fields, Field { id: String::new(), ..wanted }),
            Some(field) => {
                field.system = true;
                if wanted.hidden {
                    field.hidden = true;
                    field.required = true;
                } else if wanted.name == "email" {
                    // Who sees an address is for its owner to say, record by record.
                    field.hidden = false;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::fields::Number;

    fn text(id: &str, name: &str) -> Field {
        let field = named(name, FieldType::Text(Text::default()));
        Field { id: id.to_owned(), ..field }
    }

    fn ids(fields: &[Field]) -> Vec<&str> {
        fields.iter().map(|field| field.id.as_str()).collect()
    }

    #[test]
    fn a_field_takes_the_place_of_its_id_or_else_of_its_name() {
        let fields = collect([text("x", "a"), text("x", "b"), text("", "b"), text("", "c")]);
        assert_eq!(ids(&fields), ["x", "text112844655"]);
        assert_eq!(fields[0].name, "b");
        let number =
            Field { id: String::new(), ..named("a", FieldType::Number(Number::default())) };
        let fields = collect([text("", "a"), number]);
        assert_eq!(ids(&fields), ["text3904355907"]);
        assert_eq!(fields[0].kind.name(), "number");
    }

    #[test]
    fn a_taken_id_is_numbered() {
        let fields = collect([text("text3904355907", "b"), text("", "a")]);
        assert_eq!(ids(&fields), ["text3904355907", "text39043559072"]);
    }

    #[test]
    fn the_id_field_is_put_first_or_kept_in_shape() {
        let mut fields = vec![text("text3904355907", "a")];
        ensure_id(&mut fields);
        assert_eq!(fields[0], id_field());
        let mut fields = vec![text("foo", "id")];
        ensure_id(&mut fields);
        assert_eq!(ids(&fields), ["foo"]);
        assert!(fields[0].system && fields[0].required);
        assert_eq!(fields[0].kind.column(), crate::sql::ColumnType::PrimaryKey);
    }

    #[test]
    fn auth_fields_are_added_and_kept_in_shape() {
        let mut fields = vec![text("text2504183744", "tokenKey"), text("t", "email")];
        ensure_auth(&mut fields);
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["tokenKey", "email", "password", "emailVisibility", "verified"]);
        assert!(fields[0].system && fields[0].hidden && fields[0].required);
        assert_eq!((fields[1].id.as_str(), fields[1].kind.name()), ("t", "email"));
    }
}
