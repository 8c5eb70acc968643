//! Nothing a client writes becomes SQL, and whatever resolves also runs.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Stands in everything a client may choose freely.
const MARK: &str = "zqxj";

fn operand() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("title"),
        Just("num"),
        Just("public"),
        Just("author"),
        Just("author.name"),
        Just("author.team.members.name"),
        Just("tags"),
        Just("tags.label"),
        Just("tags:each"),
        Just("tags:length"),
        Just("opts:each"),
        Just("meta"),
        Just("meta.a.b.0"),
        Just("title:lower"),
        Just("comments_via_post.msg"),
        Just("comments_via_post.by.name"),
        Just("teams_via_posts.members.name"),
        Just("@request.auth.team.name"),
        Just("@request.auth.posts_via_author.tags.label"),
        Just("@now"),
        Just("@year"),
        Just("true"),
        Just("null"),
        Just("strftime('%Y', when)"),
        Just("geoDistance(num, num, 1, tags:length)"),
    ];
    prop_oneof![
        4 => name.prop_map(str::to_owned),
        1 => "[a-z\"'%_;()-]{0,5}".prop_map(|text| {
            format!("'{MARK}{}'", text.replace('\\', "").replace('\'', "\\'"))
        }),
        1 => (-9..9_i32).prop_map(|number| format!("{number}.5")),
        1 => "[a-zA-Z0-9_:]{0,4}x".prop_map(|path| format!("meta.{MARK}{path}")),
        1 => "[a-z0-9]{0,3}".prop_map(|alias| format!("@collection.tags:{MARK}{alias}.label")),
        1 => "[a-z0-9]{0,3}".prop_map(|name| format!("@request.query.{MARK}{name}")),
        1 => "[a-z0-9]{0,3}".prop_map(|name| format!("@request.body.{MARK}{name}.x")),
    ]
}

fn filter() -> impl Strategy<Value = String> {
    let op = prop_oneof![
        Just("="),
        Just("!="),
        Just(">"),
        Just("<="),
        Just("~"),
        Just("!~"),
        Just("?="),
        Just("?!="),
        Just("?>"),
        Just("?~"),
        Just("?!~"),
    ];
    let leaf =
        (operand(), op, operand()).prop_map(|(left, op, right)| format!("{left} {op} {right}"));
    leaf.prop_recursive(4, 24, 4, |inner| {
        (proptest::collection::vec(inner, 1..4), any::<bool>())
            .prop_map(|(parts, and)| format!("({})", parts.join(if and { " && " } else { " || " })))
    })
}

static STAGE: LazyLock<Stage> = LazyLock::new(Stage::new);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_a_client_writes_is_never_sql(
        filter in filter(),
        sort in operand(),
        guest in any::<bool>(),
    ) {
        let sort = if sort.contains(['\'', '(', ',']) { String::new() } else { sort };
        let caller = if guest { "u1" } else { "superuser" };
        let ask = Ask { collection: "posts", caller, rule: None, filter: &filter, sort: &sort };
        if let Ok(Some(statement)) = STAGE.statement(&ask) {
            prop_assert!(!statement.text.contains(MARK), "{}", statement.text);
            prop_assert!(!statement.text.contains("%Y"), "{}", statement.text);
            let ids = STAGE.ids(&statement);
            prop_assert!(ids.is_ok(), "{:?}\n{}", ids, statement.text);
        }
    }
}

#[test]
fn a_rule_may_hold_as_much_as_a_filter_may() {
    let leaf = |i: usize| format!("(comments_via_post.msg ?= 'a{i}' || tags.label ?= 'b{i}')");
    let leaves: Vec<String> = (0..100).map(leaf).collect();
    let nested = leaves.iter().skip(1).fold(leaves[0].clone(), |inner, leaf| {
        format!("({leaf} {} ({inner}))", if inner.len() % 2 == 0 { "&&" } else { "||" })
    });
    for rule in [leaves.join(" && "), leaves.join(" || "), nested] {
        let ask =
            Ask { collection: "posts", caller: "u1", rule: Some(&rule), filter: "", sort: "" };
        assert!(STAGE.list(&ask).is_ok(), "{rule}");
    }
}
