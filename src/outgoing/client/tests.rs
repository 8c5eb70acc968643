//! What the client refuses, and how it reads answers.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

fn post(url: &str) -> Post {
    let (url, limit) = (url.to_owned(), Duration::from_secs(10));
    Post { url, headers: Vec::new(), body: "{}".to_owned(), limit }
}

#[tokio::test]
async fn s5_private_addresses_are_refused_however_they_are_written() {
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

fn get(url: &str) -> Fetch {
    let (url, limit) = (url.to_owned(), Duration::from_secs(10));
    let headers = vec![("authorization".to_owned(), "secret".to_owned())];
    Fetch { url, headers, body: None, limit, max_size: 100 }
}

/// Answers every request with these bytes, and counts them; tells what came.
async fn server(answer: String) -> (String, Arc<parking_lot::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let came = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let log = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await.unwrap() > 0 {}
            log.lock().push(String::from_utf8(head).unwrap());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, came)
}

fn answer(head: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn an_answer_is_read_whole_or_not_at_all() {
    let outgoing = Outgoing::new(true);
    let (url, _) = server(answer("200 OK\r\ncontent-type: text/x", "whole")).await;
    let fetched = outgoing.fetch(get(&url)).await.unwrap();
    assert_eq!((fetched.status, &*fetched.content_type), (200, "text/x"));
    assert_eq!(fetched.bytes, b"whole");
    let (url, _) = server(answer("200 OK", &"x".repeat(101))).await;
    let refused = outgoing.fetch(get(&url)).await.unwrap_err();
    assert_eq!(refused, OutgoingError::Refused("the answer is too long".to_owned()));
    let (url, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf".to_owned()).await;
    let mut short = get(&url);
    short.limit = Duration::from_millis(300);
    assert!(matches!(outgoing.fetch(short).await, Err(OutgoingError::Failed(_))));
}

#[tokio::test]
async fn redirects_are_followed_only_where_asked_for_and_not_for_ever() {
    let outgoing = Outgoing::new(true);
    let (there, came) = server(answer("200 OK", "there")).await;
    let (url, _) = server(answer(&format!("302 Found\r\nlocation: {there}/x"), "")).await;
    let stopped = outgoing.fetch(get(&url)).await.unwrap();
    assert_eq!((stopped.status, stopped.location), (302, format!("{there}/x")));
    assert!(came.lock().is_empty());
    let followed = outgoing.follow(get(&url), 1).await.unwrap();
    assert_eq!(followed.bytes, b"there");
    let head = came.lock().remove(0);
    assert!(head.starts_with("GET /x ") && !head.contains("secret"), "{head}");
    let (round, came) = server(answer("302 Found\r\nlocation: /again", "")).await;
    assert!(outgoing.follow(get(&round), 3).await.is_err());
    assert_eq!(came.lock().len(), 4);
    let (nowhere, _) = server(answer("302 Found\r\nlocation: file:///etc/passwd", "")).await;
    assert!(outgoing.follow(get(&nowhere), 3).await.is_err());
}

/// What leads to a public address first may lead inside with its next answer.
#[tokio::test]
async fn s5_a_redirect_to_a_private_address_is_refused() {
    let (inside, came) = server(answer("200 OK", "secret")).await;
    let port = inside.rsplit(':').next().unwrap();
    let guarded = Outgoing::new(false);
    let public = get("https://example.com/me.png");
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "2130706433", "127.1"] {
        let hop = next_hop(&public, &format!("http://{host}:{port}/")).unwrap();
        let refused = guarded.follow(hop, 3).await.unwrap_err();
        assert!(refused.to_string().contains("not allowed"), "{host}: {refused}");
    }
    let hop = next_hop(&public, &format!("//127.0.0.1:{port}/")).unwrap();
    assert_eq!(hop.url, format!("https://127.0.0.1:{port}/"));
    assert!(guarded.follow(hop, 3).await.is_err());
    assert!(came.lock().is_empty());
}

/// A name is looked up once, by the guard, and what it found is what is connected to: a name that
/// is public at the check and private at the connection does not get in.
#[tokio::test]
async fn s5_a_name_is_judged_by_the_addresses_that_are_connected_to() {
    let (inside, came) = server(answer("200 OK", "secret")).await;
    let name: Name = "localhost".parse().unwrap();
    let guarded = Resolver { allows_private: false, lookup: by_the_system() }.resolve(name).await;
    assert!(guarded.is_err_and(|error| error.to_string().contains("not allowed")));
    let name: Name = "localhost".parse().unwrap();
    let open = Resolver { allows_private: true, lookup: by_the_system() }.resolve(name).await;
    assert!(open.is_ok_and(|mut found| found.any(|address| address.ip().is_loopback())));
    let by_name = inside.replace("127.0.0.1", "localhost");
    assert!(Outgoing::new(false).fetch(get(&by_name)).await.is_err());
    assert_eq!(Outgoing::new(true).fetch(get(&by_name)).await.unwrap().bytes, b"secret");
    assert_eq!(came.lock().len(), 1);
}

/// A name whose owner moves it: public when it is looked at first, then this machine. Only what was
/// looked at is connected to, and nothing is looked up between the two.
#[tokio::test]
async fn s5_a_name_that_moves_to_this_machine_is_not_followed() {
    // Public, and nobody's: a sink for reverse lookups (RFC 7535).
    const PUBLIC: &str = "192.31.196.250:0";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let turns = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let answers: [&[&str]; 4] = [
        &[PUBLIC],
        &["127.0.0.1:0"],
        &["[::ffff:127.0.0.1]:0", "[::1]:0"],
        &[PUBLIC, "127.0.0.1:0"],
    ];
    let count = Arc::clone(&turns);
    let lookup: Lookup = Arc::new(move |_| {
        let turn = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let found = answers[turn % answers.len()].iter().map(|text| text.parse().unwrap());
        let found: Vec<SocketAddr> = found.collect();
        Box::pin(async move { Ok(found) })
    });
    let url = format!("http://moving.example:{port}/hook");
    let outgoing = Outgoing::looking_up(false, Arc::clone(&lookup));
    for turn in 0..answers.len() {
        let request = Post { limit: Duration::from_millis(300), ..post(&url) };
        let failed = outgoing.post(request, 10).await.unwrap_err();
        assert_eq!(failed.to_string().contains("not allowed"), turn == 1 || turn == 2, "{failed}");
        assert_eq!(turns.load(std::sync::atomic::Ordering::SeqCst), turn + 1);
    }
    let came = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(came.is_err());
    // Where private addresses are allowed the same name leads here.
    turns.store(1, std::sync::atomic::Ordering::SeqCst);
    let allowed = Outgoing::looking_up(true, lookup);
    let (_, ()) = tokio::join!(allowed.post(post(&url), 10), async {
        let came = tokio::time::timeout(Duration::from_secs(10), listener.accept()).await;
        drop(came.expect("in time").expect("a connection"));
    });
}
