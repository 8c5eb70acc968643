//! Settings that a server for others should have.

use crate::checks::{Finding, Level};
use crate::settings::Settings;

const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// `is_sealed`: the settings are encrypted on the disk.
pub(super) fn look(settings: &Settings, is_sealed: bool) -> Vec<Finding> {
    let found = [
        mail(settings),
        backups(settings),
        app_url(&settings.meta.app_url),
        rate_limits(settings),
        batch(settings),
        secrets(settings, is_sealed),
    ];
    found.into_iter().flatten().collect()
}

fn mail(settings: &Settings) -> Option<Finding> {
    if !settings.smtp.enabled {
        let finding = Finding::new(
            "smtp_off",
            Level::Warning,
            "no mail server is set up",
            "whoever forgets a password cannot get in again, and no address is verified",
            "set up an SMTP server in the settings and send a test mail",
        );
        return Some(finding.of_settings("smtp"));
    }
    if settings.meta.sender_address.ends_with("@example.com") {
        let what = format!("mails are sent as {}", settings.meta.sender_address);
        let why = "mail servers refuse what claims to come from somebody else";
        let todo = "set the sender's address to one of your own domain";
        let finding = Finding::new("sender_default", Level::Warning, what, why, todo);
        return Some(finding.of_settings("meta"));
    }
    None
}

fn backups(settings: &Settings) -> Option<Finding> {
    let finding = Finding::new(
        "backups_off",
        Level::Warning,
        "no backups are made by themselves",
        "what is deleted by mistake or lost with the disk does not come back",
        "give the backups a schedule in the settings",
    );
    settings.backups.cron.is_empty().then(|| finding.of_settings("backups"))
}

fn app_url(url: &str) -> Option<Finding> {
    let rest = url.strip_prefix("http://")?;
    let is_local = LOCAL.iter().any(|host| rest.starts_with(host));
    let (id, level, why) = match is_local {
        true => ("app_url_local", Level::Note, "links in mails lead nobody anywhere but here"),
        false => ("app_url_http", Level::Warning, "links in mails go over a line all can read"),
    };
    let what = format!("the application URL is {url}");
    let todo = "set it to the https:// address under which others reach this server";
    Some(Finding::new(id, level, what, why, todo).of_settings("meta"))
}

fn rate_limits(settings: &Settings) -> Option<Finding> {
    let finding = Finding::new(
        "rate_limits_off",
        Level::Warning,
        "nobody is slowed down who asks too often",
        "one client can take the server's time from all the others",
        "switch the rate limits on; the rules that are there are a good start",
    );
    (!settings.rate_limits.enabled).then(|| finding.of_settings("rateLimits"))
}

fn batch(settings: &Settings) -> Option<Finding> {
    let finding = Finding::new(
        "batch_off",
        Level::Note,
        "several writes cannot come in one request",
        "clients that ask for /api/batch are refused",
        "switch batches on where an app needs them",
    );
    (!settings.batch.enabled).then(|| finding.of_settings("batch"))
}

fn secrets(settings: &Settings, is_sealed: bool) -> Option<Finding> {
    let secrets = [&settings.smtp.password, &settings.s3.secret, &settings.backups.s3.secret];
    let has_any = secrets.iter().any(|secret| !secret.reveal().is_empty());
    let finding = Finding::new(
        "secrets_in_clear",
        Level::Note,
        "passwords of other services lie in the database as they are",
        "whoever gets a copy of the database has them",
        "start with --encryption-env and a key of 32 characters",
    );
    (has_any && !is_sealed).then_some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Secret;

    fn ids(settings: &Settings, is_sealed: bool) -> Vec<&'static str> {
        look(settings, is_sealed).iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn a_fresh_server_lacks_much_and_a_settled_one_nothing() {
        let mut settings = Settings::fresh();
        let fresh = ["smtp_off", "backups_off", "app_url_local", "rate_limits_off", "batch_off"];
        assert_eq!(ids(&settings, false), fresh);
        settings.smtp.enabled = true;
        settings.smtp.password = Secret::new("secret");
        settings.backups.cron = "0 0 * * *".to_owned();
        settings.meta.app_url = "http://app.test".to_owned();
        settings.rate_limits.enabled = true;
        settings.batch.enabled = true;
        assert_eq!(ids(&settings, false), ["sender_default", "app_url_http", "secrets_in_clear"]);
        settings.meta.sender_address = "app@app.test".to_owned();
        settings.meta.app_url = "https://app.test".to_owned();
        assert_eq!(ids(&settings, true), [] as [&str; 0]);
    }
}
