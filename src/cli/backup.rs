//! `greenroom backup …`: the same backups as those of the server, without one.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use crate::app::App;
use crate::backups::{Progress, swap};
use crate::cli::command::BackupCommand;
use crate::cli::failure::Failure;
use crate::cli::{terminal, with_app};
use crate::config::Config;

/// Does what the command says.
pub(super) fn run(config: Config, command: &BackupCommand) -> Result<(), Failure> {
    match command {
        BackupCommand::Create { name } => {
            let name = name.as_deref().unwrap_or_default();
            with_app(
                || App::start_beside(config),
                async |app| {
                    let bar = bar();
                    let shown = bar.clone();
                    let made = app.backups.create_watched(name, move |at| show(&shown, at)).await;
                    bar.finish_and_clear();
                    terminal::done(&format!("Made the backup \"{}\"", made?));
                    Ok(())
                },
            )
        }
        BackupCommand::List => with_app(
            || App::start_beside(config),
            async |app| {
                let all = app.backups.list().await?;
                let line = |backup: &crate::backups::BackupEntry| {
                    format!("{}  {:>14}  {}", backup.modified, backup.size, backup.key)
                };
                let lines: Vec<String> = all.iter().map(line).collect();
                terminal::list(&format!("{} backups", lines.len()), &lines);
                Ok(())
            },
        ),
        BackupCommand::Verify { name } => with_app(
            || App::start_beside(config),
            async |app| {
                let verified = app.backups.verify(name).await?;
                if !verified.ok {
                    return Err(Failure::new(format!("{name}: {}", verified.problem)));
                }
                terminal::done(&format!("\"{name}\" is whole, SHA-256 {}", verified.sha256));
                Ok(())
            },
        ),
        BackupCommand::Restore { name } => restore(&config, name),
    }
}

/// Nobody serves the folder meanwhile: the start that has it for itself sees to that.
fn restore(config: &Config, name: &str) -> Result<(), Failure> {
    let dir = config.dir.as_path();
    let moved = |e: std::io::Error| Failure::new(format!("the data could not be moved: {e}"));
    swap::resume(dir).map_err(moved)?;
    with_app(
        || App::start(config.clone()),
        async |app| {
            let is_file = name.contains(std::path::MAIN_SEPARATOR) && Path::new(name).is_file();
            match is_file {
                true => app.backups.unpack_file(Path::new(name)).await?,
                false => app.backups.unpack(name).await?,
            }
            Ok(())
        },
    )?;
    swap::put_in_place(dir).map_err(moved)?;
    // Opening it is the proof: migrations of a newer program run, and a key fits or not.
    match with_app(|| App::start(config.clone()), async |_| Ok(())) {
        Ok(()) => swap::confirm(dir).map_err(moved)?,
        Err(failure) => {
            swap::roll_back(dir).map_err(moved)?;
            return Err(Failure::new(format!("{failure}; the old data is back")));
        }
    }
    terminal::done(&format!("Restored \"{name}\""));
    Ok(())
}

/// Nothing where nobody looks at a terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "{msg} {wide_bar} {percent}%";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, progress: Progress) {
    let (message, done, whole) = match progress {
        Progress::Copying(done, whole) => ("copying the database", done, whole),
        Progress::Packing(done, whole) => ("packing", done, whole),
    };
    bar.set_message(message);
    bar.set_length(whole);
    bar.set_position(done);
}
