//! Rules that look at what is about to be written (contract §2.8, §2.3 `@request.body`).

use super::*;
use crate::query::{Source, condition, count};

/// Whether a rule lets `user` write `body` over `stored`, or create it when nothing is stored.
fn allows(stage: &Stage, rule: &str, body: Json, stored: Option<&str>) -> bool {
    let schema = stage.schema("posts", None);
    let posts = schema.find("posts").unwrap();
    let ask = Ask { collection: "posts", caller: "u1", rule: None, filter: "", sort: "" };
    let mut cx = stage.context(&ask);
    let Json::Object(body) = body else { panic!("a body is an object") };
    cx.body = body.clone();
    let mut plan = ReadPlan::new(posts.clone(), vec!["id".to_owned()]);
    plan.predicates = vec![condition(&schema, posts, rule, &cx).unwrap()];
    match stored {
        Some(id) => plan.predicates.push(crate::query::Predicate::by_id(id)),
        None => {
            let value = |field: &crate::schema::Field| {
                let sent = body.get(&field.name).cloned().unwrap_or_default();
                let fresh = if field.name == "id" { "post00000000099".into() } else { sent };
                (field.name.clone(), field.kind.cast(&fresh))
            };
            plan.source = Source::Values(posts.fields.iter().map(value).collect());
        }
    }
    let statement = count(&plan, stage.store.dialect());
    let counted = stage.store.read_blocking(Cost::Unbounded, move |tx| {
        tx.query_one(&statement, |row| Ok(row.get(0) == crate::sql::ValueRef::Int(1)))
    });
    counted.unwrap().unwrap()
}

#[test]
fn a_create_rule_sees_the_row_to_be() {
    let stage = Stage::new();
    let own = serde_json::json!({"title": "x", "author": "user00000000001", "num": 3,
        "tags": ["tag000000000001", "tag000000000002"]});
    for (rule, allowed) in [
        ("author = @request.auth.id", true),
        ("author != @request.auth.id", false),
        ("author.name = 'u1'", true),
        ("author.name = 'u2'", false),
        ("title = 'x' && num = 3 && public = false", true),
        ("id != ''", true),
        ("comments_via_post.id ?!= ''", false),
        ("comments_via_post.msg ?= 'm1'", false),
        ("comments_via_post.msg = ''", true),
        ("tags:each ?= 'tag000000000001'", true),
        ("tags:each = 'tag000000000001'", false),
        ("tags.label ?= 'L2'", true),
        ("tags:length = 2", true),
        ("@collection.tags.id ?= tags.id", true),
        ("@collection.teams.members.id ?= author", true),
        ("@request.body.title = title", true),
        ("author = '' || @request.auth.role = 'admin'", true),
    ] {
        assert_eq!(allows(&stage, rule, own.clone(), None), allowed, "{rule}");
    }
}

#[test]
fn an_update_rule_sees_the_stored_row_and_the_body() {
    let stage = Stage::new();
    let json = |text: &str| serde_json::from_str::<Json>(text).unwrap();
    // Stored: title "First 100%", num 1, author u1, tags L1 and L2, opts x and y.
    for (body, rule, allowed) in [
        ("{}", "@request.body.num:isset = false", true),
        (r#"{"num":0}"#, "@request.body.num:isset = false", false),
        (r#"{"num":2}"#, "@request.body.num > num", true),
        (r#"{"num":"2"}"#, "@request.body.num > num", true),
        (r#"{"num":1}"#, "@request.body.num > num", false),
        (r#"{"num":1}"#, "@request.body.num:changed = false", true),
        (r#"{"num":2}"#, "@request.body.num:changed = true", true),
        ("{}", "@request.body.num:changed = false", true),
        (r#"{"title":"First 100%"}"#, "@request.body.title:changed = false", true),
        (r#"{"title":""}"#, "@request.body.title:changed = false", false),
        (r#"{"title":"SECOND"}"#, "@request.body.title:lower = 'second'", true),
        (r#"{"public":true}"#, "@request.body.public = true", true),
        (r#"{"public":true}"#, "@request.body.public = public", true),
        (r#"{"author":"user00000000002"}"#, "@request.body.author.name = 'u2'", true),
        (r#"{"author":"user00000000002"}"#, "@request.body.author = author", false),
        (r#"{"author":"user00000000002"}"#, "@request.body.author.team.name = 'red'", true),
        (r#"{"tags":["tag000000000001"]}"#, "@request.body.tags.label = 'L1'", true),
        (
            r#"{"tags":["tag000000000001","tag000000000003"]}"#,
            "@request.body.tags.label = 'L1'",
            false,
        ),
        (
            r#"{"tags":["tag000000000001","tag000000000003"]}"#,
            "@request.body.tags.label ?= 'L1'",
            true,
        ),
        (r#"{"tags":["tag000000000001"]}"#, "@request.body.tags:length = 1", true),
        (r#"{"tags":[]}"#, "@request.body.tags:length = 0", true),
        (r#"{"opts":["x","z"]}"#, "@request.body.opts:each != 'y'", true),
        (r#"{"opts":["x","z"]}"#, "@request.body.opts:each = 'x'", false),
        (r#"{"opts":["x","z"]}"#, "@request.body.opts:each ?= 'z'", true),
        (r#"{"opts":["x"]}"#, r#"@request.body.opts = "[\"x\"]""#, true),
        (r#"{"meta":{"a":{"b":[7]}}}"#, "@request.body.meta.a.b.0 = 7", true),
        (r#"{"meta":{"a":1}}"#, "@request.body.meta.zz = null", true),
        (r#"{"nope":"x"}"#, "@request.body.nope = 'x'", true),
    ] {
        let found = allows(&stage, rule, json(body), Some("post00000000001"));
        assert_eq!(found, allowed, "{rule} with {body}");
    }
}
