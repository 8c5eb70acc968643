//! A sign-in service on a port of its own: it answers what a test wants, and remembers what came.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request that came.
#[derive(Debug, Clone)]
pub struct Came {
    /// With the query, if there was one.
    pub target: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Came {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A field of the form that was posted.
    pub fn field(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.body.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Says {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Says {
    pub fn json(value: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status: 200, headers, body: value.to_string().into_bytes() }
    }

    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub fn redirect(to: &str) -> Self {
        Self { headers: vec![("location", to.to_owned())], ..Self::status(302) }
    }
}

type Script = Arc<dyn Fn(&Came) -> Says + Send + Sync>;

/// The service.
#[derive(Clone)]
pub struct Provider {
    pub url: String,
    script: Arc<Mutex<Script>>,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Provider {
    /// One that knows one person, under every code.
    pub async fn of(user: Value) -> Self {
        let provider = Self::start(|_| Says::status(404)).await;
        provider.knows(user);
        provider
    }

    pub async fn start(script: impl Fn(&Came) -> Says + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let script: Script = Arc::new(script);
        let provider = Self { url, script: Arc::new(Mutex::new(script)), came: Arc::default() };
        let serving = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, serving.clone()));
            }
        });
        provider
    }

    /// From now on it answers like this.
    pub fn answers(&self, script: impl Fn(&Came) -> Says + Send + Sync + 'static) {
        *self.script.lock() = Arc::new(script);
    }

    /// From now on whoever comes is this one.
    pub fn knows(&self, user: Value) {
        self.answers(move |came| match came.path() {
            "/token" => Says::json(&token()),
            "/user" => Says::json(&user),
            _ => Says::status(404),
        });
    }

    /// What came since the last look.
    pub fn came(&self) -> Vec<Came> {
        std::mem::take(&mut *self.came.lock())
    }

    /// The options of a collection for it, under a name of the table.
    pub fn options(&self, name: &str) -> Value {
        let url = &self.url;
        json!({
            "name": name, "clientId": "client", "clientSecret": "se cret",
            "authURL": format!("{url}/auth"), "tokenURL": format!("{url}/token"),
            "userInfoURL": format!("{url}/user"),
        })
    }
}

/// The answer to a code.
pub fn token() -> Value {
    json!({"access_token": "AT", "token_type": "Bearer", "refresh_token": "RT", "expires_in": 3600})
}

async fn serve(mut stream: TcpStream, provider: Provider) {
    let mut bytes = Vec::new();
    loop {
        let Some((came, used)) = parse(&bytes) else {
            match stream.read_buf(&mut bytes).await {
                Ok(read) if read > 0 => continue,
                _ => return,
            }
        };
        bytes.drain(..used);
        let script = Arc::clone(&provider.script.lock());
        provider.came.lock().push(came.clone());
        let says = script(&came);
        let mut reply = format!("HTTP/1.1 {} Answer\r\n", says.status);
        for (name, value) in &says.headers {
            reply.push_str(&format!("{name}: {value}\r\n"));
        }
        reply.push_str(&format!("content-length: {}\r\n\r\n", says.body.len()));
        let whole = [reply.as_bytes(), &says.body].concat();
        if stream.write_all(&whole).await.is_err() {
            return;
        }
    }
}

fn parse(bytes: &[u8]) -> Option<(Came, usize)> {
    let head_end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..head_end]).expect("a head of text");
    let target = head.split(' ').nth(1).expect("a target").to_owned();
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers: HashMap<String, String> =
        pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = headers.get("content-length").map_or(0, |l| l.parse().expect("a length"));
    let body = bytes.get(head_end..head_end + length)?;
    let body = String::from_utf8(body.to_vec()).expect("a body of text");
    Some((Came { target, headers, body }, head_end + length))
}
