//! Hidden fields are written by superusers only, whatever the key that names them.

use serde_json::json;

use crate::support::TestApp;

const ACCOUNTS: &str = "/api/collections/accounts/records";

#[tokio::test]
async fn no_modifier_reaches_a_hidden_field() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let made = root
        .post(
            "/api/collections",
            json!({
                "name": "accounts", "listRule": "", "createRule": "", "updateRule": "",
                "fields": [
                    {"name": "name", "type": "text"},
                    {"name": "credits", "type": "number", "hidden": true},
                    {"name": "roles", "type": "select", "hidden": true, "maxSelect": 2,
                        "values": ["staff", "owner"]},
                    {"name": "code", "type": "text", "hidden": true,
                        "autogeneratePattern": "[a-z]{4}"},
                ],
            }),
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    let attack = json!({
        "id": "account00000001", "name": "mine", "credits": 1, "credits+": 100, "credits-": -5,
        "roles": ["owner"], "roles+": ["owner"], "+roles": ["staff"], "code": "mine",
        "code:autogenerate": "mine",
    });
    let made = app.guest().post(ACCOUNTS, attack.clone()).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let own = format!("{ACCOUNTS}/account00000001");
    let stored = root.get(&own).await.body;
    assert_eq!((&stored["credits"], &stored["roles"]), (&json!(0), &json!([])), "{stored}");
    let changed = app.guest().patch(&own, attack).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(root.get(&own).await.body, stored);
    let changed = root.patch(&own, json!({"credits+": 100, "roles+": "owner"})).await.body;
    assert_eq!((&changed["credits"], &changed["roles"]), (&json!(100), &json!(["owner"])));
}
