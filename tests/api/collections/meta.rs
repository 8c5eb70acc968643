//! `/api/collections/meta/…`

use serde_json::json;

use super::{add, make, spawn};

const DRY_RUN: &str = "/api/collections/meta/dry-run-view";
const PROVIDERS: &str = "/api/collections/meta/oauth2-providers";

#[tokio::test]
async fn services_to_sign_in_with_have_a_name_and_a_sign() {
    let (test, root) = spawn().await;
    let all = root.get(PROVIDERS).await;
    let all = all.body.as_array().expect("a list");
    assert_eq!(all.len(), 32);
    assert_eq!((&all[0]["name"], &all[0]["displayName"]), (&json!("apple"), &json!("Apple")));
    for one in all {
        let keys: Vec<&str> = one.as_object().expect("an object").keys().map(|k| &**k).collect();
        assert_eq!(keys.len(), 3, "{one}");
        assert!(one["logo"].as_str().is_some_and(|logo| logo.starts_with("<svg ")), "{one}");
    }
    assert_eq!(test.guest().get(PROVIDERS).await.status, 401);
}

#[tokio::test]
async fn a_dry_run_shows_fields_and_rows_without_what_is_hidden() {
    let (test, root) = spawn().await;
    let fields = json!([{"name": "a", "type": "text"},
        {"name": "h", "type": "text", "hidden": true}]);
    make(&root, json!({"name": "t", "fields": fields})).await;
    for n in 1..=12 {
        add(&root, "t", json!({"id": format!("t{n:014}"), "a": "x", "h": "secret"})).await;
    }
    let query = json!({"query": "select id, a, h, count(*) over () as n from t;"});
    let answer = root.post(DRY_RUN, query.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let sample = answer.body["sample"].as_array().expect("rows");
    assert_eq!(sample.len(), 10);
    assert_eq!((&sample[0]["a"], sample[0].get("h")), (&json!("x"), None));
    assert!(sample[0]["collectionName"].as_str().is_some_and(|n| n.starts_with("temp_view_")));
    assert_eq!(answer.body["fields"][2]["hidden"], true);
    assert_eq!(test.guest().post(DRY_RUN, query).await.status, 401);
    for bad in ["", "select a from t", "select * from t", "delete from t", "select id from nope"] {
        let refused = root.post(DRY_RUN, json!({"query": bad})).await;
        assert_eq!(refused.status, 400, "{bad}");
    }
    let left = root.get("/api/collections?filter=(name~'temp')").await;
    assert_eq!(left.body["totalItems"], 0);
}
