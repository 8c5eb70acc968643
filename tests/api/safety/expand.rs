//! What an expansion multiplies has an end.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_path_back_and_forth_is_refused_before_it_fills_the_memory() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    let hubs = json!({"name": "hubs", "viewRule": "", "fields": []});
    let hubs = root.post("/api/collections", hubs).await.body["id"].clone();
    let spokes = json!({
        "name": "spokes", "listRule": "", "viewRule": "",
        "fields": [{"name": "hub", "type": "relation", "collectionId": hubs}],
    });
    assert_eq!(root.post("/api/collections", spokes).await.status, 200);
    let hub = root.post("/api/collections/hubs/records", json!({})).await.body["id"].clone();
    assert_eq!(root.patch("/api/settings", json!({"batch": {"enabled": true}})).await.status, 200);
    let spoke = json!({
        "method": "POST", "url": "/api/collections/spokes/records", "body": {"hub": hub},
    });
    for _ in 0..2 {
        let made = root.post("/api/batch", json!({"requests": vec![&spoke; 50]})).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let list = "/api/collections/spokes/records?perPage=1&expand=";
    let there_and_back = app.guest().get(&format!("{list}hub.spokes_via_hub")).await;
    let spokes = &there_and_back.body["items"][0]["expand"]["hub"]["expand"]["spokes_via_hub"];
    assert_eq!(spokes.as_array().map(Vec::len), Some(100));
    let path = ["hub.spokes_via_hub"; 3].join(".");
    let refused = app.guest().get(&format!("{list}{path}")).await;
    assert_eq!(refused.status, 400);
    let message = "The expanded records are too many or too large for one answer.";
    assert_eq!(refused.message(), message);
}
