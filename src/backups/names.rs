//! What backups are called.

use crate::clock::DateTime;
use crate::codes::Code;
use crate::error::{FieldErrors, Issue};
use crate::files::snake;

/// What the names of backups begin with that a cron made.
pub(super) const AUTO: &str = "@auto_";
/// Characters of the part that is made of the application's name.
const MAX_APP: usize = 50;
/// Characters of a name that a client gives.
const MAX_NAME: usize = 150;
const ENDING: &str = ".zip";

/// The name of a backup of this second where none is given.
pub(super) fn of(prefix: &str, app_name: &str, now: DateTime) -> String {
    let mut app = snake(app_name);
    app.truncate(MAX_APP);
    let at = now.civil();
    let time = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    format!("{prefix}pb_backup_{app}_{time}{ENDING}")
}

/// The same name with a number, for a second backup within the second.
pub(super) fn numbered(name: &str, number: usize) -> String {
    let stem = name.strip_suffix(ENDING).unwrap_or(name);
    format!("{stem}_{number}{ENDING}")
}

/// What is wrong with a name that a client gives.
pub(super) fn check(name: &str) -> Option<Issue> {
    let length = name.chars().count();
    if length > MAX_NAME {
        let message = format!("The length must be between 1 and {MAX_NAME}.");
        let issue = Issue::with_message(Code::LengthOutOfRange, message);
        return Some(issue.param("min", 1).param("max", MAX_NAME));
    }
    let is_part = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
    let stem = name.strip_suffix(ENDING).unwrap_or_default();
    let fits = !stem.is_empty() && stem.chars().all(is_part);
    (!fits).then(|| Issue::new(Code::MatchInvalid))
}

/// The name is taken.
pub(super) fn taken() -> FieldErrors {
    let message = "The backup file name is invalid or already exists.";
    FieldErrors::one("name", Issue::with_message(Code::BackupNameExists, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_the_application_and_the_time_as_observed() {
        let now = DateTime::from_unix_ms(1_700_000_000_123);
        let long = "Abc ".repeat(30);
        for (app, expected) in [
            ("My Ünï App! x_Y", "my_n_app_x_y"),
            ("---", ""),
            ("aB cD9", "a_b_c_d9"),
            ("HTTPServer2Go", "httpserver2_go"),
            (&long, "abc_abc_abc_abc_abc_abc_abc_abc_abc_abc_abc_abc_ab"),
        ] {
            let name = of("", app, now);
            assert_eq!(name, format!("pb_backup_{expected}_20231114221320.zip"));
            assert!(check(&name).is_none(), "{name}");
        }
        assert_eq!(numbered("a.zip", 2), "a_2.zip");
    }

    #[test]
    fn names_of_clients_are_plain() {
        for name in ["a.zip", "-_.zip", "0.zip"] {
            assert!(check(name).is_none(), "{name}");
        }
        for name in ["A.zip", "a", ".zip", "a b.zip", "../x.zip", " c.zip ", "@auto_x.zip", "e\n"] {
            assert_eq!(check(name).expect(name).code, Code::MatchInvalid, "{name}");
        }
        let long = format!("{}.zip", "a".repeat(147));
        assert_eq!(check(&long).expect("too long").code, Code::LengthOutOfRange);
        assert!(check(&long[1..]).is_none());
    }
}
