//! What the client refuses, and how it reads answers.

use tokio::net::TcpListener;

use super::*;

fn post(url: &str) -> Post {
    let (url, limit) = (url.to_owned(), Duration::from_secs(10));
    Post { url, headers: Vec::new(), body: "{}".to_owned(), limit }
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "localhost",
        "user:password@127.0.0.1",
        "0",
    ] {
        let url = format!("http://{host}:{port}/hook");
        let refused = Outgoing::new(false).post(post(&url), 10).await.unwrap_err();
        assert!(refused.to_string().contains("not allowed"), "{host}: {refused}");
    }
    // Nobody came.
    let came = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(came.is_err());
}

#[tokio::test]
async fn what_is_no_web_address_is_refused() {
    for url in ["", "hook", "ftp://example.com", "file:///etc/passwd", "http://"] {
        let refused = Outgoing::new(true).post(post(url), 10).await.unwrap_err();
        assert!(matches!(refused, OutgoingError::Refused(_)), "{url}: {refused}");
    }
}

#[tokio::test]
async fn an_error_does_not_tell_the_url() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("http://localhost:{port}/hook?token=secret");
    let failed = Outgoing::new(true).post(post(&url), 10).await.unwrap_err();
    assert!(matches!(failed, OutgoingError::Failed(_)), "{failed}");
    assert!(!failed.to_string().contains("secret"), "{failed}");
}
