//! Words for people. Colours go only to a terminal that wants them (NO_COLOR is respected).

use std::io::IsTerminal as _;

use anstyle::{AnsiColor, Style};

use crate::checks::{Finding, Level};
use crate::cli::failure::Failure;
use crate::crypto::Secret;

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const BLUE: Style = AnsiColor::Cyan.on_default();

/// What failed, on stderr.
pub(super) fn error(text: &str) {
    anstream::eprintln!("{RED}error:{RED:#} {text}");
}

/// What the reader may want to know, on stderr.
pub(super) fn notice(text: &str) {
    anstream::eprintln!("{YELLOW}note:{YELLOW:#} {text}");
}

/// What was done, on stdout.
pub(super) fn done(text: &str) {
    anstream::println!("{GREEN}{text}{GREEN:#}");
}

/// What a look at the data folder found, on stdout.
pub(super) fn finding(finding: &Finding) {
    let (style, mark) = match finding.level {
        Level::Error => (RED, "error"),
        Level::Warning => (YELLOW, "warning"),
        Level::Note => (BLUE, "note"),
    };
    anstream::println!("{style}{mark}{style:#} {}", finding.what);
    anstream::println!("  why:  {}", finding.why);
    anstream::println!("  todo: {}", finding.todo);
}

/// The last line, on stdout.
pub(super) fn summary(text: &str) {
    anstream::println!("{text}");
}

/// A heading and lines below it, on stdout.
pub(super) fn list(heading: &str, lines: &[String]) {
    done(heading);
    for (at, line) in lines.iter().enumerate() {
        let branch = if at + 1 == lines.len() { "└─" } else { "├─" };
        anstream::println!("{branch} {line}");
    }
}

/// Text and a link between two rules, on stdout. The link stands on a line of its own, so that
/// it can be copied however long it is.
pub(super) fn link_box(text: &[&str], link: &str) {
    let width = text.iter().map(|line| line.chars().count()).max().unwrap_or(0) + 2;
    let rule = "─".repeat(width);
    anstream::println!("\n{YELLOW}╭{rule}╮{YELLOW:#}");
    for line in text {
        let space = " ".repeat(width - 1 - line.chars().count());
        anstream::println!("{YELLOW}│{YELLOW:#} {line}{space}{YELLOW}│{YELLOW:#}");
    }
    anstream::println!("{YELLOW}╰{rule}╯{YELLOW:#}\n{BLUE}{link}{BLUE:#}\n");
}

/// `text` in the colour of links.
pub(super) fn link(text: &str) -> String {
    format!("{BLUE}{text}{BLUE:#}")
}

/// The password, or what is typed twice at the terminal.
pub(super) fn password(given: Option<&str>) -> Result<Secret, Failure> {
    if let Some(given) = given {
        return Ok(Secret::new(given));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new("give the password after the address, or run at a terminal"));
    }
    let typed = dialoguer::Password::new()
        .with_prompt("Password")
        .with_confirmation("Again", "They differ, try again")
        .interact()
        .map_err(|e| Failure::new(format!("cannot read the password: {e}")))?;
    Ok(Secret::new(typed))
}
