//! The crons of the program: listed, started by hand, and what they do.

use std::time::Duration;

use serde_json::json;

use crate::support::{Caller, TestApp};

const OTPS: &str = "/api/collections/_otps/records";
const MFAS: &str = "/api/collections/_mfas/records";

#[tokio::test]
async fn the_list_is_that_of_the_reference() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let list = root.get("/api/crons").await;
    let expected = json!([
        {"id": "__pbDBOptimize__", "expression": "0 0 * * *"},
        {"id": "__pbMFACleanup__", "expression": "0 * * * *"},
        {"id": "__pbOTPCleanup__", "expression": "0 * * * *"},
        {"id": "__pbLogsCleanup__", "expression": "0 */6 * * *"},
    ]);
    assert_eq!((list.status, list.body), (200, expected.clone()));
    let picked = root.get("/api/crons?fields=id").await;
    assert_eq!(picked.body[3], json!({"id": "__pbLogsCleanup__"}));
    for entry in expected.as_array().unwrap() {
        let path = format!("/api/crons/{}", entry["id"].as_str().unwrap());
        assert_eq!(root.post(&path, json!({})).await.status, 204, "{path}");
    }
}

#[tokio::test]
async fn only_superusers_see_and_start_crons() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let answer = root.post("/api/crons/nope", json!({})).await;
    let message = "Missing or invalid cron job.";
    assert_eq!((answer.status, answer.message()), (404, message));
    for (caller, status) in [(app.guest(), 401), (app.user("ada").await, 403)] {
        assert_eq!(caller.get("/api/crons").await.status, status);
        assert_eq!(caller.post("/api/crons/__pbOTPCleanup__", json!({})).await.status, status);
    }
}

/// A first half of a sign-in and a one-time code of the superuser.
async fn half_done(app: &TestApp) -> Caller {
    let root = app.superuser().await;
    let owner = json!({"collectionRef": "pbc_3142635823", "recordRef": root.id,
        "method": "password", "password": "12345678"});
    for path in [OTPS, MFAS] {
        let made = root.post(path, owner.clone()).await;
        assert_eq!(made.status, 200, "{path}: {}", made.body);
    }
    root
}

#[tokio::test]
async fn expired_halves_of_sign_ins_go() {
    let app = TestApp::spawn().await;
    let root = half_done(&app).await;
    let gone = async || {
        let mfas = app.app.auth.delete_expired_mfas().await.unwrap();
        (app.app.auth.delete_expired_otps().await.unwrap(), mfas)
    };
    assert_eq!(gone().await, (0, 0));
    // Codes last three minutes, first halves ten.
    app.clock.advance(Duration::from_secs(200));
    assert_eq!(gone().await, (1, 0));
    app.clock.advance(Duration::from_secs(500));
    assert_eq!(gone().await, (0, 1));
    for path in [OTPS, MFAS] {
        assert_eq!(root.get(path).await.body["totalItems"], 0, "{path}");
    }
}

#[tokio::test]
async fn a_cron_started_by_hand_does_its_work() {
    let app = TestApp::spawn().await;
    let root = half_done(&app).await;
    app.clock.advance(Duration::from_secs(200));
    assert_eq!(root.post("/api/crons/__pbOTPCleanup__", json!({})).await.status, 204);
    for _ in 0..500 {
        if root.get(OTPS).await.body["totalItems"] == 0 {
            return;
        }
    }
    panic!("the expired code stays");
}

#[tokio::test]
async fn no_statistics_mislead_the_plans() {
    let app = TestApp::spawn().await;
    app.user("ada").await;
    let analyze = |tx: &greenroom::store::Tx<'_>| Ok(tx.execute_script("ANALYZE")?);
    app.app.store.write_exclusive(Duration::from_secs(9), analyze).await.unwrap();
    let count = async || {
        let statement = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'";
        let read = move |tx: &greenroom::store::Tx<'_>| {
            let statement = greenroom::sql::Statement::new(statement, vec![]);
            tx.query_one(&statement, |row| Ok(row.get(0).is_true()))
        };
        app.app.store.read(greenroom::store::Cost::Bounded, read).await.unwrap()
    };
    assert_eq!(count().await, Some(true));
    app.app.store.tend_statistics().await.unwrap();
    assert_eq!(count().await, Some(false));
}
