//! What a stretch of the log is made of.

use std::time::Duration;

use serde_json::{Value, json};

use super::{entry, fixture, parsed};
use crate::logs::FacetQuery;

fn fold(_: &str, path: &str) -> &'static str {
    if path.starts_with("/posts/") { "/posts/{id}" } else { "/*" }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_are_counted_by_what_they_are() {
    let fixture = fixture();
    for i in 1..=100_u64 {
        let mut one = entry(&format!("/posts/{i}?page={i}"));
        one.took = Duration::from_millis(i);
        one.started = one.started.after(Duration::from_secs(60 * (i % 2)));
        one.status = if i > 98 { 500 } else { 200 };
        fixture.log.record(one);
    }
    let mut other = entry("/elsewhere");
    other.method = "POST".into();
    fixture.log.record(other);
    fixture.log.flush().await;
    let ask = |filter: &str, bucket| FacetQuery {
        filter: filter.into(),
        bucket,
        ..FacetQuery::default()
    };
    let all = parsed(&fixture.log.facets(ask("", None), fold).await.unwrap());
    let counts = |one: &Value| json!([one["ok"], one["client"], one["server"], one["other"]]);
    assert_eq!((counts(&all), &all["bucketSeconds"]), (json!([99, 0, 2, 0]), &json!(60)));
    let facets = &all["facets"];
    let one = |value: &str, count: u64| json!({"value": value, "count": count});
    let two = |a: &str, n: u64, b: &str, m: u64| json!([one(a, n), one(b, m)]);
    assert_eq!(facets["level"], two("0", 99, "8", 2));
    assert_eq!(facets["status"], two("200", 99, "500", 2));
    assert_eq!(facets["method"], two("GET", 100, "POST", 1));
    let route = json!({"value": "GET /posts/{id}", "count": 100, "ok": 98, "client": 0,
        "server": 2, "other": 0, "p50": 50, "p95": 95, "p99": 99, "max": 100});
    assert_eq!(facets["route"][0], route);
    assert_eq!(facets["route"][1]["value"], "POST /*");
    let dates: Vec<_> = all["buckets"].as_array().unwrap().iter().map(|b| &b["date"]).collect();
    assert_eq!(dates, ["2023-11-14 22:13:00.000Z", "2023-11-14 22:14:00.000Z"]);
    let some = fixture.log.facets(ask("data.status = 500", Some(3600)), fold).await.unwrap();
    let some = parsed(&some);
    assert_eq!((&some["total"], &some["bucketSeconds"]), (&json!(2), &json!(3600)));
    assert_eq!((some["buckets"].as_array().unwrap().len(), &some["isCut"]), (1, &json!(false)));
    let later = FacetQuery { from: "2023-11-14 22:14:00.000Z".into(), ..ask("", None) };
    let later = parsed(&fixture.log.facets(later, fold).await.unwrap());
    assert_eq!(later["total"], json!(50));
    let none = parsed(&fixture.log.facets(ask("level = 99", None), fold).await.unwrap());
    assert_eq!((&none["total"], &none["p50"]), (&json!(0), &json!(null)));
    let never = FacetQuery { to: "never".into(), ..ask("", None) };
    for refused in [ask("nope = 1", None), ask("", Some(0)), never] {
        assert!(fixture.log.facets(refused, fold).await.is_err());
    }
}
