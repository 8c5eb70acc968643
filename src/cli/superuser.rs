//! `greenroom superuser …`: what it did stands on stdout, as start scripts expect.

use std::sync::Arc;

use serde_json::json;

use crate::app::App;
use crate::cli::command::SuperuserCommand;
use crate::cli::failure::Failure;
use crate::cli::terminal;

/// Does what the command says on the data folder of `app`.
pub(super) async fn run(app: Arc<App>, command: &SuperuserCommand) -> Result<(), Failure> {
    match command {
        SuperuserCommand::Create { email, password } => {
            let password = terminal::password(password.as_deref())?;
            app.superusers.create(email, password).await?;
            terminal::done(&format!("Successfully created superuser \"{email}\"!"));
        }
        SuperuserCommand::Upsert { email, password } => {
            let password = terminal::password(password.as_deref())?;
            app.superusers.upsert(email, password).await?;
            terminal::done(&format!("Successfully saved superuser \"{email}\"!"));
        }
        SuperuserCommand::Update { email, password } => {
            let password = terminal::password(password.as_deref())?;
            app.superusers.update(email, password).await?;
            terminal::done(&format!("Successfully saved superuser \"{email}\"!"));
        }
        SuperuserCommand::Delete { email } => match app.superusers.delete(email).await? {
            true => terminal::done(&format!("Successfully deleted superuser \"{email}\"!")),
            false => terminal::notice(&format!("there is no superuser \"{email}\"")),
        },
        SuperuserCommand::Otp { email } => one_time_password(&app, email).await?,
        SuperuserCommand::TotpOff { email } => match app.superusers.remove_app(email).await? {
            true => terminal::done(&format!("Removed the authenticator app of \"{email}\"")),
            false => terminal::notice(&format!("\"{email}\" has no authenticator app")),
        },
        SuperuserCommand::Ips { networks } => set_networks(&app, networks).await?,
    }
    Ok(())
}

async fn one_time_password(app: &App, email: &str) -> Result<(), Failure> {
    let made = app.superusers.one_time_password(email).await?;
    let lines = [
        format!("Id:    {}", made.id),
        format!("Pass:  {}", made.password.reveal()),
        format!("Valid: {}s", made.duration_secs),
    ];
    terminal::list(&format!("One-time password for superuser \"{email}\""), &lines);
    Ok(())
}

async fn set_networks(app: &App, networks: &[String]) -> Result<(), Failure> {
    app.settings.patch(&app.store, json!({ "superuserIPs": networks })).await?;
    match networks.is_empty() {
        true => terminal::done("Superusers may come from everywhere"),
        false => terminal::list("Superusers may come from", networks),
    }
    Ok(())
}
