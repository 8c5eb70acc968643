//! Templates: placeholders, and that nothing slips in through them.

use serde_json::json;

use super::support::{ask, mail, server, write_template};

#[tokio::test]
async fn placeholders_are_filled_once_and_values_stay_text() {
    let (_app, root, ada) = server().await;
    let name = "<b>Ada</b> & {TOKEN} {APP_NAME}";
    let path = format!("/api/collections/users/records/{}", ada.id);
    assert_eq!(ada.patch(&path, json!({"name": name})).await.status, 200);
    let body = "<p>{RECORD:name}|{RECORD:verified}|{RECORD:tokenKey}|{RECORD:nope}|{NOPE}|{</p>";
    let subject = "{APP_NAME} {RECORD:name}";
    write_template(&root, "users", "verificationTemplate", subject, body).await;
    assert_eq!(ask(&root, "request-verification", "ada@example.com").await.0, 204);
    let mail = mail(&root, 1).await;
    let html = mail["html"].as_str().unwrap();
    let shown = "<p>&lt;b&gt;Ada&lt;/b&gt; &amp; {TOKEN} {APP_NAME}|false|{RECORD:tokenKey}\
        |{RECORD:nope}|{NOPE}|{</p>";
    assert!(html.contains(shown), "{html}");
    assert_eq!(mail["subject"], "Acme <b>Ada</b> & {TOKEN} {APP_NAME}");
    assert_eq!(mail["to"], "ada@example.com");
    assert_eq!(mail["from"], "Support <support@example.com>");
}

#[tokio::test]
async fn s9_links_lead_to_the_configured_address_only() {
    let (app, root, _) = server().await;
    let settings = json!({"meta": {"appURL": "https://app.example.org"}});
    assert_eq!(root.patch("/api/settings", settings).await.status, 200);
    let client = reqwest::Client::new();
    for what in ["request-verification", "request-password-reset"] {
        let url = format!("http://{}/api/collections/users/{what}", app.address);
        let sent = client
            .post(url)
            .header("host", "evil.example.net")
            .header("x-forwarded-host", "evil.example.net")
            .header("x-forwarded-proto", "http")
            .header("forwarded", "host=evil.example.net")
            .header("origin", "https://evil.example.net")
            .header("referer", "https://evil.example.net/")
            .json(&json!({"email": "ada@example.com"}))
            .send();
        assert_eq!(sent.await.unwrap().status(), 204, "{what}");
    }
    let mails = [mail(&root, 2).await, root.get("/api/gr/mails").await.body];
    let text = format!("{mails:?}");
    assert!(!text.contains("evil"), "{text}");
    assert!(text.contains("https://app.example.org/_/#/auth/"), "{text}");
}

#[tokio::test]
async fn a_subject_cannot_carry_a_second_header() {
    let (_app, root, ada) = server().await;
    let path = format!("/api/collections/users/records/{}", ada.id);
    let name = "Ada\r\nBcc: eve@example.com";
    assert_eq!(ada.patch(&path, json!({"name": name})).await.status, 200);
    write_template(&root, "users", "verificationTemplate", "Hi {RECORD:name}", "<p>x</p>").await;
    assert_eq!(ask(&root, "request-verification", "ada@example.com").await.0, 204);
    assert_eq!(mail(&root, 1).await["subject"], "Hi Ada Bcc: eve@example.com");
}
