//! [`SqlConsole`]: takes a query, finds out where it may run, and answers.

use std::time::Duration;

use crate::changes::Changes;
use crate::clock::Stopwatch;
use crate::codes::Code;
use crate::collections::Collections;
use crate::config::SqlConsoleMode;
use crate::error::{Error, FieldErrors, Issue, Kind, Result};
use crate::settings::SettingsCache;
use crate::sql_console::{aftermath, answer};
use crate::store::script::{Script, ScriptAnswer, ScriptRead};
use crate::store::{Store, StoreError};
use crate::webhooks::Webhooks;

/// Bytes of a query.
const MAX_QUERY: usize = 5000;
/// Rows of an answer.
const MAX_ROWS: usize = 1000;
/// Bytes of all cells of an answer.
const MAX_BYTES: usize = 32 << 20;
/// How long a query may take. Other writes wait for one that writes.
const LIMIT: Duration = Duration::from_secs(180);

/// What a query begins with that writes, and is answered with a number instead of rows.
const WRITES: [&str; 8] =
    ["INSERT", "CREATE", "UPDATE", "DELETE", "DROP", "DETACH", "ALTER", "REPLACE"];

/// What it is made of.
#[derive(Clone)]
pub struct SqlConsoleParts {
    /// Where rows live.
    pub store: Store,
    /// Whose rows may change.
    pub collections: Collections,
    /// Which may change.
    pub settings: SettingsCache,
    /// Which may change.
    pub webhooks: Webhooks,
    /// Which learns that something is missing from it.
    pub changes: Changes,
    /// What is allowed at all.
    pub mode: SqlConsoleMode,
}

/// Asks the database itself.
pub struct SqlConsole(SqlConsoleParts);

impl SqlConsole {
    /// A console over the services of one data folder.
    pub fn new(parts: SqlConsoleParts) -> Self {
        Self(parts)
    }

    /// Runs a query; the JSON of the answer. With `only_reads` nothing is written.
    ///
    /// # Errors
    /// 400 with the engine's own text for what it refuses, 403 where the console is switched off,
    /// 503 when too many run.
    pub async fn run(&self, query: String, only_reads: bool) -> Result<Vec<u8>> {
        if self.0.mode == SqlConsoleMode::Off {
            return Err(Error::forbidden("The SQL console of this server is switched off."));
        }
        require_length(&query)?;
        let text = query.trim();
        if text.is_empty() {
            return Err(refused("empty query"));
        }
        let may_write = self.0.mode == SqlConsoleMode::Write && !only_reads;
        let script = Script { text: text.to_owned(), max_rows: MAX_ROWS, max_bytes: MAX_BYTES };
        let watch = Stopwatch::start();
        let done = self.answer(script, may_write).await.map_err(raw_text)?;
        Ok(answer::json(&done, watch.elapsed()))
    }

    async fn answer(&self, script: Script, may_write: bool) -> Result<ScriptAnswer> {
        let counts = begins_with_a_write(&script.text);
        if !counts {
            let read = self.0.store.read_script(script.clone(), LIMIT).await?;
            if let ScriptRead::Done(answer) = read {
                // What a connection of its own counted is nothing.
                return Ok(ScriptAnswer { changed: 0, ..answer });
            }
        }
        if !may_write {
            return Err(refused("attempt to write a readonly database (8)"));
        }
        let done = self.write(script).await?;
        Ok(match counts {
            true => ScriptAnswer { columns: Vec::new(), rows: Vec::new(), ..done },
            // As the reference answers what does not look like a write.
            false => ScriptAnswer { changed: 0, ..done },
        })
    }

    async fn write(&self, script: Script) -> Result<ScriptAnswer> {
        let parts = self.0.clone();
        let work = move |tx: &crate::store::Tx<'_>| {
            let done = tx.run_script(&script)?;
            aftermath::follow(tx, &parts, &done.touched)?;
            Ok(done)
        };
        self.0.store.write_exclusive(LIMIT, work).await
    }
}

fn begins_with_a_write(query: &str) -> bool {
    let begins =
        |word: &str| query.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    WRITES.into_iter().any(begins)
}

fn require_length(query: &str) -> Result<()> {
    let issue = if query.is_empty() {
        Issue::new(Code::Required)
    } else if query.len() > MAX_QUERY {
        let message = format!("The length must be no more than {MAX_QUERY}.");
        Issue::with_message(Code::LengthTooLong, message).param("max", MAX_QUERY).param("min", 0)
    } else {
        return Ok(());
    };
    let message = "An error occurred while validating the submitted data.";
    FieldErrors::one("query", issue).into_result(message)
}

/// 400 with the reason behind the contract's words.
pub(super) fn refused(reason: &str) -> Error {
    Error::bad_request(format!("Failed to execute query. Raw error:\n{reason}"))
}

/// What the engine says of a statement is for its author. That it is busy is nobody's fault.
fn raw_text(error: Error) -> Error {
    let reason = match StoreError::below(&error) {
        Some(StoreError::Interrupted) => {
            format!("interrupted: the query took more than {} seconds (9)", LIMIT.as_secs())
        }
        Some(StoreError::ForeignKey) => {
            "constraint failed: FOREIGN KEY constraint failed (787)".to_owned()
        }
        Some(
            StoreError::Sql { message }
            | StoreError::Unique { message, .. }
            | StoreError::Check { message }
            | StoreError::Corrupt { message }
            | StoreError::Value { message },
        ) => message.clone(),
        Some(StoreError::Io { source, .. }) => source.to_string(),
        _ if error.kind() == Kind::Internal => error.to_string(),
        _ => return error,
    };
    refused(&reason).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_known_by_its_first_word() {
        for (query, expected) in [
            ("INSERT INTO a VALUES (1)", true),
            ("replace into a values (1)", true),
            ("Detach x", true),
            ("/* a */ UPDATE a SET b = 1", false),
            ("WITH a AS (SELECT 1) DELETE FROM b", false),
            ("DROPS", true),
            ("ins", false),
            ("é", false),
        ] {
            assert_eq!(begins_with_a_write(query), expected, "{query}");
        }
    }
}
