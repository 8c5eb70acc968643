//! Columns of views, as the reference infers them.

use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::schema::{Draft, normalize};

fn schema() -> Schema {
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let mut schema = Schema::default();
    for body in [
        json!({"name": "users", "fields": [field("name", "text"), field("email", "email")]}),
        json!({"name": "posts", "fields": [
            field("title", "text"),
            field("num", "number"),
            {"name": "author", "type": "relation", "collectionId": "x", "maxSelect": 3},
            field("public", "bool"),
            field("meta", "json"),
        ]}),
    ] {
        let mut draft = Draft::create(body.as_object().unwrap()).unwrap();
        normalize::normalize(&mut draft.collection, None, &schema);
        schema = schema.with(Arc::new(draft.collection));
    }
    schema
}

/// Names and types, with what a type stands out by.
fn columns(query: &str) -> Vec<String> {
    ViewQuery::parse(query)
        .unwrap_or_else(|reason| panic!("{query}: {reason}"))
        .fields(&schema())
        .iter()
        .map(|field| {
            let clone = if field.id.starts_with("_clone_") { " clone" } else { "" };
            let more = match &field.kind {
                FieldType::Number(number) if number.only_int => " int",
                FieldType::Text(text) if text.primary_key => " key",
                _ => "",
            };
            format!("{} {}{more}{clone}", field.name, field.kind.name())
        })
        .collect()
}

#[test]
fn columns_are_inferred_as_observed() {
    let query = "select posts.id, posts.title as t, posts.num, posts.author, \
                 count(posts.id) as total, cast(posts.num as int) as ci, \
                 cast(posts.num as text) ct, cast(num as real) cr, \
                 cast(posts.public as bool) as cb, \
                 (posts.num*2) as expr, posts.meta, max(posts.num) as mx, \
                 total(posts.num) as tt, u.id as uid, u.email \
                 from posts left join users as u on u.id = posts.author where num > 1";
    assert_eq!(
        columns(query),
        [
            "id text key",
            "t text clone",
            "num number clone",
            "author relation clone",
            "total number int",
            "ci number int",
            "ct text",
            "cr number",
            "cb bool",
            "expr json",
            "meta json clone",
            "mx json",
            "tt number",
            "uid relation",
            "email email clone",
        ]
    );
}

#[test]
fn names_without_table_are_of_the_first_one() {
    assert_eq!(
        columns("SELECT DISTINCT id, Title, email -- c\n FROM `posts` p, users /* x */"),
        ["id text key", "Title text clone", "email json"]
    );
}

#[test]
fn what_comes_from_other_queries_is_opaque() {
    let expected = ["id text key", "title json"];
    assert_eq!(
        columns("with a as (select id, title from posts) select id, title from a"),
        expected
    );
    assert_eq!(columns("select a.id, a.title from (select id, title from posts) a"), expected);
}

#[test]
fn what_is_no_query_of_a_view_is_refused() {
    for (query, reason) in [
        ("select id from posts; select 1", "multiple statements"),
        ("select * from posts", "wildcard"),
        ("select id, posts.* from posts", "wildcard"),
        ("select title from posts", "missing required id"),
        ("insert into posts values (1)", "not a SELECT"),
        ("select id from posts) x; drop table posts; select (1", "unexpected closing"),
        ("select id, 'a from posts", "unclosed"),
        ("select id /* from posts", "unclosed comment"),
    ] {
        let error = ViewQuery::parse(query).unwrap_err();
        assert!(error.contains(reason), "{query}: {error}");
    }
    assert!(ViewQuery::parse(&"(".repeat(1000)).is_err());
}

#[test]
fn one_semicolon_and_texts_with_semicolons_are_fine() {
    assert_eq!(ViewQuery::parse("select id from posts; ").unwrap().text, "select id from posts");
    assert_eq!(columns("select id, ';' as s, count(*) c from posts").len(), 3);
}

#[test]
fn ids_that_are_no_texts_are_found() {
    let is_foreign = |query: &str| ViewQuery::parse(query).unwrap().has_foreign_id(&schema());
    assert!(!is_foreign("select id from posts") && !is_foreign("select title as id from posts"));
    assert!(is_foreign("select num as id from posts"));
    assert!(is_foreign("select (row_number() over()) as id from posts"));
}
