//! Figures for Prometheus: who sees them, and that they tell what happened.

use std::net::SocketAddr;

use greenroom::config::{Config, MetricsConfig};
use serde_json::json;

use crate::support::{TestApp, config};

const PATH: &str = "/metrics";

async fn spawn(path: Option<&str>, address: Option<SocketAddr>) -> TestApp {
    let metrics = MetricsConfig { path: path.map(str::to_owned), address };
    TestApp::spawn_with(|dir| Config { metrics, ..config(dir) }).await
}

/// The value of the line that begins like this.
fn figure(text: &str, line: &str) -> Option<f64> {
    let found = text.lines().find_map(|found| found.strip_prefix(line));
    found.and_then(|rest| rest.trim().parse().ok())
}

async fn plain(address: SocketAddr, path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("http://{address}{path}")).await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a text"))
}

#[tokio::test]
async fn figures_are_off_unless_asked_for() {
    let app = TestApp::spawn().await;
    let root = app.superuser().await;
    assert_eq!(root.get(PATH).await.status, 404);
    assert_eq!(app.figures, None);
}

#[tokio::test]
async fn figures_tell_what_happened_and_only_to_superusers() {
    let app = spawn(Some(PATH), None).await;
    let root = app.superuser().await;
    let ada = app.user("ada").await;
    for (caller, status) in [(app.guest(), 401), (ada, 403)] {
        assert_eq!(caller.get(PATH).await.status, status);
    }
    for id in ["one", "two", "three"] {
        let path = format!("/api/collections/users/records/{id}");
        assert_eq!(root.get(&path).await.status, 404);
    }
    assert_eq!(root.get("/nowhere/at/all").await.status, 404);
    let token = [("Authorization", root.token.as_str())];
    let text = String::from_utf8(root.fetch(PATH, &token).await.bytes).expect("a text");
    let record = "{method=\"GET\",route=\"/api/collections/{collection}/records/{id}\"";
    let answers = format!("greenroom_http_requests_total{record},status=\"404\"}}");
    assert_eq!(figure(&text, &answers), Some(3.0), "{text}");
    let durations = format!("greenroom_http_request_duration_seconds_count{record}}}");
    assert_eq!(figure(&text, &durations), Some(3.0), "{text}");
    assert!(!text.contains("nowhere"), "what clients write is no label");
    for (line, least) in [
        ("greenroom_database_commits_total", 1.0),
        ("greenroom_database_bytes{database=\"data\",part=\"file\"}", 4096.0),
        ("greenroom_database_bytes{database=\"auxiliary\",part=\"file\"}", 4096.0),
        ("greenroom_queue_length{queue=\"writer\"}", 0.0),
        ("greenroom_queue_length{queue=\"mail\"}", 0.0),
        ("greenroom_realtime_connections", 0.0),
        ("greenroom_password_passes", 2.0),
        ("greenroom_http_requests_in_flight", 1.0),
        ("greenroom_build_info{version=\"0.1.0\"}", 1.0),
    ] {
        assert!(figure(&text, line).is_some_and(|n| n >= least), "{line} in {text}");
    }
    if cfg!(target_os = "linux") {
        let resident = figure(&text, "greenroom_process_resident_memory_bytes");
        assert!(resident.is_some_and(|bytes| bytes > 1e6), "{text}");
        let cpu = figure(&text, "greenroom_process_cpu_seconds_total");
        assert!(cpu.is_some_and(|seconds| seconds > 0.0), "{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn figures_have_an_address_of_their_own() {
    let here = "127.0.0.1:0".parse().expect("an address");
    let app = spawn(None, Some(here)).await;
    let figures = app.figures.expect("an address");
    assert_eq!(app.guest().get("/api/health").await.status, 200);
    let (status, text) = plain(figures, PATH).await;
    assert_eq!(status, 200);
    let health =
        "greenroom_http_requests_total{method=\"GET\",route=\"/api/health\",status=\"200\"}";
    assert_eq!(figure(&text, health), Some(1.0), "{text}");
    assert_eq!(plain(figures, "/api/health").await.0, 404, "nothing else is there");
    assert_eq!(app.superuser().await.get(PATH).await.status, 404, "nor here");
    assert_eq!(app.guest().post("/api/health", json!({})).await.status, 404);
}
