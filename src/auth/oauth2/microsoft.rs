//! Microsoft: which claim of its id token is a proved address depends on the tenant, so the
//! collection says which to believe (`extra.idTokenEmailClaim`). The token came straight from the
//! token endpoint over TLS, which proves it (OpenID Connect Core 3.1.3.7).

use serde_json::Value as Json;

use crate::auth::oauth2::id_token;
use crate::auth::oauth2::profile::{Profile, at, is_true, text};
use crate::auth::oauth2::provider::Answered;
use crate::auth::oauth2::setup::Setup;

/// The name of its row.
pub const NAME: &str = "microsoft";

/// Whether an id token must be asked for.
pub fn wants_id_token(setup: &Setup) -> bool {
    !setup.extra("idTokenEmailClaim").is_empty()
}

/// Takes the address from where the collection says; the default is the one of the directory.
pub fn pick_email(profile: &mut Profile, answered: &Answered<'_>) {
    let wanted = answered.setup.extra("idTokenEmailClaim");
    if wanted.is_empty() {
        return;
    }
    let claims = id_token::peek(&answered.grant.id_token).unwrap_or_default();
    let is_ours = text(&claims, "aud") == answered.setup.client_id;
    profile.email = if is_ours { email(&claims, wanted) } else { String::new() };
}

fn email(claims: &Json, wanted: &str) -> String {
    let by_domain_owner = || {
        if is_true(at(claims, "xms_edov")) { text(claims, "email") } else { String::new() }
    };
    let primary = || {
        let single = text(claims, "verified_primary_email");
        if single.is_empty() { text(claims, "verified_primary_email.0") } else { single }
    };
    match wanted {
        "email" => text(claims, "email"),
        "email_and_xms_edov" => by_domain_owner(),
        "verified_primary_email" => primary(),
        "any_verified" => {
            let primary = primary();
            if primary.is_empty() { by_domain_owner() } else { primary }
        }
        // A word that means nothing proves nothing.
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::email;

    #[test]
    fn only_the_chosen_claim_proves_an_address() {
        let all =
            json!({"email": "e@x.com", "xms_edov": true, "verified_primary_email": ["v@x.com"]});
        let unowned = json!({"email": "e@x.com", "xms_edov": "0"});
        let primary = json!({"verified_primary_email": "v@x.com"});
        for (wanted, expected) in [
            ("email", ["e@x.com", "e@x.com", ""]),
            ("email_and_xms_edov", ["e@x.com", "", ""]),
            ("verified_primary_email", ["v@x.com", "", "v@x.com"]),
            ("any_verified", ["v@x.com", "", "v@x.com"]),
            ("something", ["", "", ""]),
        ] {
            let found = [&all, &unowned, &primary].map(|claims| email(claims, wanted));
            assert_eq!(found, expected, "{wanted}");
        }
    }
}
