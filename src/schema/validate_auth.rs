//! The options of an auth collection: what they may be (contract §4.4).

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::schema::fields::Password;
use crate::schema::index::Index;
use crate::schema::validate::{RuleCheck, check};
use crate::schema::{
    AuthOptions, Collection, EmailTemplate, OAuth2Provider, PasswordPolicy, SessionOptions,
    TokenOptions, checks, oauth2_services, url_text,
};

/// Longest life of a token: three years.
const MAX_TOKEN_SECS: i64 = 94_670_856;
/// Shortest and longest life of what is proved in two steps.
const STEP_SECS: (i64, i64) = (10, 86_400);
/// Longest time in which a spent refresh token may come again.
const MAX_GRACE_SECS: i64 = 300;

/// Notes what is wrong with the options.
pub(super) fn options(
    collection: &Collection,
    options: &AuthOptions,
    old: Option<&Collection>,
    check_rule: RuleCheck<'_>,
    errors: &mut FieldErrors,
) {
    rules(options, old, check_rule, errors);
    for (name, token) in options.tokens() {
        errors.nest(name, token_faults(token));
    }
    for (name, template) in [
        ("verificationTemplate", &options.verification_template),
        ("resetPasswordTemplate", &options.reset_password_template),
        ("confirmEmailChangeTemplate", &options.confirm_email_change_template),
    ] {
        errors.nest(name, template_faults(template));
    }
    let mut alert = FieldErrors::default();
    alert.nest("emailTemplate", template_faults(&options.auth_alert.email_template));
    errors.nest("authAlert", alert);
    errors.nest("otp", otp_faults(options));
    errors.nest("mfa", mfa_faults(options));
    errors.nest("passwordAuth", password_faults(collection, options));
    errors.nest("oauth2", oauth2_faults(options));
    errors.nest("session", session_faults(&options.session));
    errors.nest("passwordPolicy", policy_faults(&options.password_policy));
    if options.mfa.enabled && errors.is_empty() {
        // What two steps need is judged where each step is sound.
        errors.nest("mfa", steps_faults(options, check_rule));
    }
}

fn rules(
    options: &AuthOptions,
    old: Option<&Collection>,
    check_rule: RuleCheck<'_>,
    errors: &mut FieldErrors,
) {
    if options.manage_rule.as_deref() == Some("") {
        errors.add("manageRule", Issue::new(Code::NilOrNotEmptyRequired));
    }
    if let Some(before) = old.filter(|old| old.system).and_then(Collection::auth) {
        let pairs = [
            ("authRule", &before.auth_rule, &options.auth_rule),
            ("manageRule", &before.manage_rule, &options.manage_rule),
        ];
        for (name, _, _) in pairs.iter().filter(|(_, before, after)| before != after) {
            errors.add(*name, Issue::new(Code::CollectionSystemRuleChange));
        }
    }
    check("authRule", options.auth_rule.as_deref(), check_rule, errors);
    check("manageRule", options.manage_rule.as_deref(), check_rule, errors);
}

fn token_faults(token: &TokenOptions) -> FieldErrors {
    let mut faults = FieldErrors::default();
    checks::required(&mut faults, "secret", token.secret.reveal());
    checks::length(&mut faults, "secret", token.secret.reveal(), 30, 255);
    checks::within(&mut faults, "duration", token.duration, 10, MAX_TOKEN_SECS);
    faults
}

fn template_faults(template: &EmailTemplate) -> FieldErrors {
    let mut faults = FieldErrors::default();
    checks::required(&mut faults, "subject", &template.subject);
    checks::required(&mut faults, "body", &template.body);
    faults
}

fn otp_faults(options: &AuthOptions) -> FieldErrors {
    let otp = &options.otp;
    let mut faults = FieldErrors::default();
    if otp.enabled {
        checks::within(&mut faults, "duration", otp.duration, STEP_SECS.0, STEP_SECS.1);
        checks::within(&mut faults, "length", otp.length, 4, i64::MAX);
    }
    faults.nest("emailTemplate", template_faults(&otp.email_template));
    faults
}

fn mfa_faults(options: &AuthOptions) -> FieldErrors {
    let mut faults = FieldErrors::default();
    if options.mfa.enabled {
        let duration = options.mfa.duration;
        checks::within(&mut faults, "duration", duration, STEP_SECS.0, STEP_SECS.1);
    }
    faults
}

fn steps_faults(options: &AuthOptions, check_rule: RuleCheck<'_>) -> FieldErrors {
    let mut faults = FieldErrors::default();
    let methods = [options.password_auth.enabled, options.oauth2.enabled, options.otp.enabled];
    if methods.iter().filter(|&&enabled| enabled).count() < 2 {
        faults.add("enabled", Issue::new(Code::MfaNotEnoughAuths));
    }
    check("rule", Some(&options.mfa.rule), check_rule, &mut faults);
    faults
}

fn password_faults(collection: &Collection, options: &AuthOptions) -> FieldErrors {
    let mut faults = FieldErrors::default();
    if !options.password_auth.enabled {
        return faults;
    }
    let indexes: Vec<Index> =
        collection.indexes.iter().filter_map(|text| Index::parse(text)).collect();
    if options.password_auth.identity_fields.is_empty() {
        faults.add("identityFields", Issue::new(Code::Required));
    }
    for name in &options.password_auth.identity_fields {
        if name.is_empty() {
            faults.add("identityFields", Issue::new(Code::Required));
            continue;
        }
        let is_on = |index: &Index| {
            index.unique_column().is_some_and(|column| column.eq_ignore_ascii_case(name))
        };
        let issue = if collection.field(name).is_none() {
            let message = format!("Invalid or missing field {name}.");
            Issue::with_message(Code::MissingField, message)
        } else if !indexes.iter().any(is_on) {
            let message = format!("The field {name} doesn't have a UNIQUE constraint.");
            Issue::with_message(Code::MissingUniqueConstraint, message)
        } else {
            continue;
        };
        faults.add("identityFields", issue.param("fieldName", name.as_str()));
    }
    faults
}

fn oauth2_faults(options: &AuthOptions) -> FieldErrors {
    let mut faults = FieldErrors::default();
    if !options.oauth2.enabled {
        return faults;
    }
    let providers = &options.oauth2.providers;
    let mut inner = FieldErrors::default();
    for (at, provider) in providers.iter().enumerate() {
        inner.nest(at.to_string(), provider_faults(provider, &providers[..at]));
    }
    faults.nest("providers", inner);
    faults
}

fn session_faults(session: &SessionOptions) -> FieldErrors {
    let SessionOptions { access_duration, idle_duration, absolute_duration, .. } = *session;
    let mut faults = FieldErrors::default();
    checks::within(&mut faults, "accessDuration", access_duration, 10, STEP_SECS.1);
    checks::within(&mut faults, "idleDuration", idle_duration, access_duration, MAX_TOKEN_SECS);
    let absolute = ("absoluteDuration", absolute_duration);
    checks::within(&mut faults, absolute.0, absolute.1, idle_duration, MAX_TOKEN_SECS);
    if session.grace < 0 {
        faults.add("grace", Issue::at_least(0));
    }
    checks::at_most(&mut faults, "grace", session.grace, MAX_GRACE_SECS);
    faults
}

fn policy_faults(policy: &PasswordPolicy) -> FieldErrors {
    let mut faults = FieldErrors::default();
    checks::at_least(&mut faults, "minLength", policy.min_length, 1);
    checks::at_most(&mut faults, "minLength", policy.min_length, Password::DEFAULT_MAX);
    faults
}

fn provider_faults(provider: &OAuth2Provider, before: &[OAuth2Provider]) -> FieldErrors {
    let name = provider.name.as_str();
    let mut faults = FieldErrors::default();
    checks::required(&mut faults, "name", name);
    if oauth2_services::find(name).is_none() {
        let message = format!("Invalid or missing provider with name {name}.");
        let issue = Issue::with_message(Code::MissingProvider, message);
        faults.add("name", issue.param("name", name));
    }
    if before.iter().any(|other| other.name == name) {
        let message = format!("The provider {name} is already registered.");
        let issue = Issue::with_message(Code::DuplicatedProvider, message);
        faults.add("name", issue.param("name", name));
    }
    checks::required(&mut faults, "clientId", &provider.client_id);
    checks::required(&mut faults, "clientSecret", provider.client_secret.reveal());
    for (key, url) in [
        ("authURL", &provider.auth_url),
        ("tokenURL", &provider.token_url),
        ("userInfoURL", &provider.user_info_url),
    ] {
        if !url.is_empty() && !url_text::is_url(url) {
            faults.add(key, Issue::new(Code::IsUrl));
        }
    }
    faults
}
