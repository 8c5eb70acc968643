//! The truth table of tokens: one wrong attribute is enough to be refused.

use std::time::Duration;

use super::*;
use crate::auth::claims::Seconds;
use crate::schema::{AuthOptions, CollectionKind, TokenOptions};

const TOKEN_KEY: &str = "token-key-of-the-record-0123456789-0123456789-0123";
const NOW: DateTime = DateTime::from_unix_ms(1_700_000_000_000);

fn collection(id: &str) -> Collection {
    let options = |name: &str| TokenOptions {
        secret: Secret::new(format!("{name}-secret-of-{id}-0123456789")),
        duration: 60,
    };
    let auth = AuthOptions {
        auth_token: options("auth"),
        file_token: options("file"),
        verification_token: options("verification"),
        password_reset_token: options("passwordReset"),
        email_change_token: options("emailChange"),
        ..AuthOptions::default()
    };
    Collection {
        id: id.to_owned(),
        name: id.to_owned(),
        system: false,
        kind: CollectionKind::Auth(Box::new(auth)),
        rules: Default::default(),
        keeps_changes: true,
        fields: Vec::new(),
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
    }
}

fn claims(token_type: TokenType) -> Claims {
    Claims::new(token_type, "pbc_1", "record000000001", NOW.after(Duration::from_secs(60)))
}

fn check(token: &str, token_type: TokenType, now: DateTime) -> Result<Claims, TokenError> {
    install_provider();
    verify(token, token_type, &collection("pbc_1"), "record000000001", TOKEN_KEY, now)
}

fn signed(claims: &Claims) -> String {
    install_provider();
    sign(claims, &collection("pbc_1"), TOKEN_KEY).unwrap()
}

/// A token with any header and any payload, and a signature made with the right key.
fn forged(header: &str, payload: &str, algorithm: Algorithm) -> String {
    install_provider();
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let key = signing_key(TokenType::Auth, &collection("pbc_1"), TOKEN_KEY).unwrap();
    let key = EncodingKey::from_secret(key.reveal().as_bytes());
    let signature = crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn a_token_has_the_header_of_the_contract_and_verifies() {
    let token = signed(&claims(TokenType::Auth));
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    assert_eq!(header, br#"{"alg":"HS256","typ":"JWT"}"#);
    assert!(check(&token, TokenType::Auth, NOW).is_ok());
    assert!(peek(&token).is_some_and(|claims| claims.id == "record000000001"));
}

#[test]
fn types_collections_and_keys_form_a_matrix_with_one_diagonal() {
    install_provider();
    for made_as in TokenType::ALL {
        for (made_in, made_with) in
            [("pbc_1", TOKEN_KEY), ("pbc_2", TOKEN_KEY), ("pbc_1", "another-key")]
        {
            let claims = Claims { collection_id: made_in.into(), ..claims(made_as) };
            let token = sign(&claims, &collection(made_in), made_with).unwrap();
            for read_as in TokenType::ALL {
                let expected = made_as == read_as && made_in == "pbc_1" && made_with == TOKEN_KEY;
                let accepted = check(&token, read_as, NOW).is_ok();
                assert_eq!(accepted, expected, "{made_as:?} {made_in} {made_with} {read_as:?}");
            }
        }
    }
}

#[test]
fn a_token_of_another_purpose_is_refused_even_when_two_types_share_a_secret() {
    let mut shared = collection("pbc_1");
    if let CollectionKind::Auth(auth) = &mut shared.kind {
        auth.file_token.secret = auth.auth_token.secret.clone();
    }
    install_provider();
    let token = sign(&claims(TokenType::File), &shared, TOKEN_KEY).unwrap();
    let read = verify(&token, TokenType::Auth, &shared, "record000000001", TOKEN_KEY, NOW);
    assert!(matches!(read, Err(TokenError::Foreign)));
}

#[test]
fn the_record_must_be_the_one_of_the_claims() {
    let token = signed(&claims(TokenType::Auth));
    install_provider();
    let read = verify(&token, TokenType::Auth, &collection("pbc_1"), "other", TOKEN_KEY, NOW);
    assert!(matches!(read, Err(TokenError::Foreign)));
}

#[test]
fn times_are_checked_when_present() {
    let at = |seconds: i64| DateTime::from_unix_ms(NOW.unix_ms() + seconds * 1000);
    let token = signed(&claims(TokenType::Auth));
    assert!(check(&token, TokenType::Auth, at(59)).is_ok());
    assert!(matches!(check(&token, TokenType::Auth, at(60)), Err(TokenError::Time)));
    let moment = |seconds| Some(Seconds::Whole(at(seconds).unix_secs()));
    for (exp, nbf, iat, accepted) in [
        (None, None, None, true),
        (moment(1), moment(0), moment(-1), true),
        (moment(0), None, None, false),
        (None, moment(1), None, false),
        (None, None, moment(1), false),
    ] {
        let token = signed(&Claims { exp, nbf, iat, ..claims(TokenType::Auth) });
        assert_eq!(
            check(&token, TokenType::Auth, NOW).is_ok(),
            accepted,
            "{exp:?} {nbf:?} {iat:?}"
        );
    }
}

#[test]
fn only_hs256_is_accepted_even_with_the_right_key() {
    let payload = serde_json::to_string(&claims(TokenType::Auth)).unwrap();
    let token = |header: &str, algorithm| forged(header, &payload, algorithm);
    let good = token(r#"{"alg":"HS256"}"#, Algorithm::HS256);
    assert!(check(&good, TokenType::Auth, NOW).is_ok());
    for (header, algorithm) in [
        (r#"{"alg":"none"}"#, Algorithm::HS256),
        (r#"{"alg":"None","typ":"JWT"}"#, Algorithm::HS256),
        (r#"{"alg":"HS384"}"#, Algorithm::HS384),
        (r#"{"alg":"HS512"}"#, Algorithm::HS512),
        (r#"{"alg":"RS256"}"#, Algorithm::HS256),
        (r#"{}"#, Algorithm::HS256),
        ("x", Algorithm::HS256),
    ] {
        assert!(check(&token(header, algorithm), TokenType::Auth, NOW).is_err(), "{header}");
    }
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    assert!(check(&unsigned, TokenType::Auth, NOW).is_err());
}

#[test]
fn broken_payloads_are_refused_whatever_their_signature() {
    for payload in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"id":"record000000001","collectionId":"pbc_1"}"#,
        r#"{"id":"record000000001","collectionId":"pbc_1","type":"AUTH"}"#,
        r#"{"id":["record000000001"],"collectionId":"pbc_1","type":"auth"}"#,
        r#"{"id":"record000000001","collectionId":"pbc_1","type":"auth","exp":"9999999999"}"#,
        r#"{"id":"record000000001","collectionId":"pbc_1","type":"auth","exp":null}"#,
        r#"{"id":"record000000001","collectionId":"pbc_1","type":"auth","nbf":null}"#,
        r#"{"id":"record000000001","collectionId":"pbc_1","type":"auth","iat":null}"#,
        r#"{"id":"x","id":"record000000001","collectionId":"pbc_1","type":"auth"}"#,
    ] {
        let token = forged(r#"{"alg":"HS256"}"#, payload, Algorithm::HS256);
        assert!(check(&token, TokenType::Auth, NOW).is_err(), "{payload}");
    }
}

#[test]
fn a_token_with_any_byte_changed_or_cut_off_is_refused() {
    let token = signed(&claims(TokenType::Auth));
    for end in 0..token.len() {
        assert!(check(&token[..end], TokenType::Auth, NOW).is_err(), "cut at {end}");
    }
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(check(&changed, TokenType::Auth, NOW).is_err(), "changed at {at}");
    }
    let long = format!("{token}{}", "A".repeat(MAX_LENGTH));
    assert!(peek(&long).is_none());
    assert!(check(&long, TokenType::Auth, NOW).is_err());
}

#[test]
fn half_a_key_signs_and_accepts_nothing() {
    install_provider();
    assert!(sign(&claims(TokenType::Auth), &collection("pbc_1"), "").is_err());
    let mut bare = collection("pbc_1");
    if let CollectionKind::Auth(auth) = &mut bare.kind {
        auth.auth_token.secret = Secret::default();
    }
    assert!(sign(&claims(TokenType::Auth), &bare, TOKEN_KEY).is_err());
    let token = signed(&claims(TokenType::Auth));
    assert!(verify(&token, TokenType::Auth, &bare, "record000000001", TOKEN_KEY, NOW).is_err());
}
