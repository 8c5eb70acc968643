//! The command line: what can be typed ([`command`]) and what each command does.

mod backup;
mod command;
mod doctor;
mod export;
mod failure;
mod import;
mod progress;
mod restored;
mod serve;
mod settings;
mod superuser;
mod terminal;
#[cfg(test)]
mod tests;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, Parser as _};

use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Environment, ServeConfig};
use crate::logs;

pub use command::{
    BackupCommand, Cli, Command, ExportOptions, ImportOptions, SettingsCommand, SuperuserCommand,
};
use failure::Failure;

/// Reads the command line and does what it says. 0 for done, 1 for failed, 2 for misspelled;
/// `doctor` has its own codes.
pub fn run() -> ExitCode {
    crate::tls::install_provider();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(help_or_error) => {
            // Nobody is left to tell when even this cannot be printed.
            let _ = help_or_error.print();
            return ExitCode::from(u8::try_from(help_or_error.exit_code()).unwrap_or(2));
        }
    };
    if let Some(Command::Doctor(options)) = &cli.command {
        return doctor::run(&cli.global, options).unwrap_or_else(|failure| {
            terminal::error(&failure.to_string());
            ExitCode::from(2)
        });
    }
    match execute(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::error(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: &Cli) -> Result<(), Failure> {
    let Some(command) = &cli.command else {
        return Cli::command().print_help().map_err(|e| Failure::new(e.to_string()));
    };
    let env = Environment::of_process();
    let config = Config::check(&cli.global, &env)?;
    let messages = logs::install_console(&config.console, config.dev, Clock::system());
    let messages = messages.map_err(Failure::new)?;
    let ignored = cli.global.foreign.given();
    if !ignored.is_empty() {
        terminal::notice(&format!("ignored, as they mean nothing here: {}", ignored.join(", ")));
    }
    match command {
        // It has exit codes of its own.
        Command::Doctor(_) => Ok(()),
        Command::Serve(options) => {
            serve::serve(config, ServeConfig::check(options, &env)?, &messages)
        }
        Command::Backup(command) => backup::run(config, command),
        Command::Superuser(command) => {
            // The server reads its settings at start: it would not see a change of the list.
            let start = match command {
                SuperuserCommand::Ips { .. } => App::start,
                _ => App::start_beside,
            };
            with_app(|| start(config), |app| superuser::run(app, command))
        }
        Command::Import(options) => import::run(config, options.clone()),
        Command::Export(options) => {
            with_app(|| App::start_beside(config), |app| export::run(app, options.clone()))
        }
        Command::Settings(command) => settings::run(config, command, &env),
    }
}

/// Starts the services, lets `work` use them, and stops them whatever came of it.
fn with_app<F>(
    app: impl FnOnce() -> crate::error::Result<Arc<App>>,
    work: impl FnOnce(Arc<App>) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::new(format!("cannot start threads: {e}")))?;
    let app = app()?;
    let done = runtime.block_on(work(Arc::clone(&app)));
    app.stop();
    done
}
