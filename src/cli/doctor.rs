//! `greenroom doctor`: what an operator should look at, and an exit code for scripts.

use std::io::Write as _;
use std::process::ExitCode;

use crate::checks::{Doctor, Finding, Level, Report, Surroundings};
use crate::cli::command::DoctorOptions;
use crate::cli::failure::Failure;
use crate::cli::terminal;
use crate::clock::Clock;
use crate::config::{Config, Environment, GlobalOptions};

/// Looks and tells. 0 when nothing but notes was found, 1 for warnings, 2 for errors.
pub(super) fn run(global: &GlobalOptions, options: &DoctorOptions) -> Result<ExitCode, Failure> {
    let config = Config::check(global, &Environment::of_process())?;
    let doctor = Doctor {
        dir: config.dir,
        key: config.settings_key,
        now: Clock::system().now(),
        surroundings: Surroundings::of_process(),
        is_thorough: options.full,
    };
    let report = doctor.look();
    if options.json {
        let mut text = report.to_json();
        text.push(b'\n');
        let written = std::io::stdout().lock().write_all(&text);
        written.map_err(|error| Failure::new(format!("cannot write: {error}")))?;
    } else {
        show(&report);
    }
    Ok(match report.worst() {
        None | Some(Level::Note) => ExitCode::SUCCESS,
        Some(Level::Warning) => ExitCode::from(1),
        Some(Level::Error) => ExitCode::from(2),
    })
}

fn show(report: &Report) {
    for finding in &report.findings {
        terminal::finding(finding);
    }
    if !report.passed.is_empty() {
        terminal::done(&format!("fine: {}", report.passed.join(", ")));
    }
    let count = |level: Level| {
        let of_level = |finding: &&Finding| finding.level == level;
        report.findings.iter().filter(of_level).count()
    };
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    terminal::summary(&format!(
        "{errors} errors, {warnings} warnings, {} notes",
        count(Level::Note)
    ));
}
