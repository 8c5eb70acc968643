//! `greenroom settings …`: how the settings lie on disk.

use crate::app::App;
use crate::cli::command::SettingsCommand;
use crate::cli::failure::Failure;
use crate::cli::{terminal, with_app};
use crate::config::{Config, Environment, SettingsKey};

/// Does what the command says on the data folder of `config`.
pub(super) fn run(
    config: Config,
    command: &SettingsCommand,
    env: &Environment,
) -> Result<(), Failure> {
    let SettingsCommand::RotateKey { from_env, to_env, .. } = command;
    let read = |option, name: &Option<String>| {
        name.as_deref().map(|name| SettingsKey::read(option, name, env)).transpose()
    };
    let present = read("--from-env", from_env)?.or(config.settings_key);
    let new = read("--to-env", to_env)?;
    let done = match &new {
        Some(key) => format!("The settings are encrypted with the key in {} now", key.variable),
        None => "The settings are not encrypted any more".to_owned(),
    };
    let config = Config { settings_key: present, ..config };
    // Not beside a server: that would write with the old key again.
    with_app(|| App::start(config), |app| async move { Ok(app.rotate_settings_key(new).await?) })?;
    terminal::done(&done);
    Ok(())
}
