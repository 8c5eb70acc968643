//! From where a request comes, as far as the settings trust a proxy in front (contract §7.8), and
//! whether a superuser may come from there (§7.7).

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::error::{Error, Result};
use crate::query::Caller;
use crate::settings::{Settings, TrustedProxy, networks_contain};

/// The other end of the connection.
pub fn peer(http: &HttpRequest) -> Option<IpAddr> {
    http.peer_addr().map(|address| address.ip())
}

/// The client's address: what the first trusted header tells, else the other end.
pub fn real(http: &HttpRequest, trusted: &TrustedProxy) -> Option<IpAddr> {
    let told = trusted.headers.iter().find_map(|name| {
        // A proxy adds its line last; those before it come from who knows where.
        let line = http.headers().get_all(name.as_str()).last()?.to_str().ok()?;
        let mut addresses = line.split(',').filter_map(|text| text.trim().parse().ok());
        if trusted.use_leftmost_ip { addresses.next() } else { addresses.next_back() }
    });
    told.or_else(|| peer(http))
}

/// The address as the wire shows it: IPv6 in full.
pub fn shown(address: Option<IpAddr>) -> String {
    match address {
        None => String::new(),
        Some(IpAddr::V4(v4)) => v4.to_string(),
        Some(IpAddr::V6(v6)) => v6.segments().map(|segment| format!("{segment:04x}")).join(":"),
    }
}

/// # Errors
/// 403 for a superuser whose address is not on the list, while there is one.
pub fn require_allowed(http: &HttpRequest, caller: &Caller, settings: &Settings) -> Result<()> {
    if settings.superuser_ips.is_empty() || !caller.is_superuser() {
        return Ok(());
    }
    let address = real(http, &settings.trusted_proxy);
    if address.is_some_and(|address| networks_contain(&settings.superuser_ips, address)) {
        return Ok(());
    }
    Err(Error::forbidden("You are not allowed to perform this request."))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::test::TestRequest;

    use super::*;
    use crate::query::AuthRecord;

    fn request(headers: &[(&str, &str)]) -> HttpRequest {
        let peer = "127.0.0.1:5000".parse().unwrap();
        let mut request = TestRequest::default().peer_addr(peer);
        for (name, value) in headers {
            request = request.append_header((*name, *value));
        }
        request.to_http_request()
    }

    #[test]
    fn a_trusted_header_tells_the_address() {
        let trusted = |left: bool| TrustedProxy {
            headers: vec!["X-Forwarded-For".into(), "X-Real-IP".into()],
            use_leftmost_ip: left,
        };
        let xff = "x-forwarded-for";
        for (headers, right, left) in [
            (vec![], "127.0.0.1", "127.0.0.1"),
            (vec![(xff, "1.1.1.1")], "1.1.1.1", "1.1.1.1"),
            (vec![(xff, "1.1.1.1, 2.2.2.2")], "2.2.2.2", "1.1.1.1"),
            (vec![(xff, "1.1.1.1, bad")], "1.1.1.1", "1.1.1.1"),
            (vec![(xff, "1.1.1.1"), (xff, "2.2.2.2")], "2.2.2.2", "2.2.2.2"),
            (vec![(xff, "bad"), ("x-real-ip", "3.3.3.3")], "3.3.3.3", "3.3.3.3"),
            (vec![("cf-connecting-ip", "4.4.4.4")], "127.0.0.1", "127.0.0.1"),
            (
                vec![(xff, "2001:db8::1")],
                "2001:0db8:0000:0000:0000:0000:0000:0001",
                "2001:0db8:0000:0000:0000:0000:0000:0001",
            ),
        ] {
            let http = request(&headers);
            assert_eq!(shown(real(&http, &trusted(false))), right, "{headers:?}");
            assert_eq!(shown(real(&http, &trusted(true))), left, "{headers:?}");
            assert_eq!(shown(real(&http, &TrustedProxy::default())), "127.0.0.1");
        }
    }

    #[test]
    fn superusers_come_only_from_the_list() {
        let mut settings = Settings::fresh();
        let superuser = Caller::Superuser(Arc::new(AuthRecord::default()));
        let http = request(&[("x-real-ip", "10.1.2.3")]);
        assert!(require_allowed(&http, &superuser, &settings).is_ok());
        settings.superuser_ips = vec!["10.0.0.0/8".into()];
        assert!(require_allowed(&http, &superuser, &settings).is_err());
        assert!(require_allowed(&http, &Caller::Guest, &settings).is_ok());
        settings.trusted_proxy.headers = vec!["X-Real-IP".into()];
        assert!(require_allowed(&http, &superuser, &settings).is_ok());
    }
}
