//! One-time codes by mail. An address that nobody has gets a code, too, which nobody is told: the
//! answers, the work and what the id is good for are the same.

use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::auth_record::{COLUMNS, StoredAuth};
use crate::auth::methods::password::ignores_case;
use crate::auth::one_time_code::{self, DECOYS};
use crate::auth::parts::Auth;
use crate::clock::DateTime;
use crate::codes::Code;
use crate::crypto::{self, Secret};
use crate::error::{Error, FieldErrors, Issue, Kind, Result};
use crate::schema::system::OTPS;
use crate::schema::{Collection, EmailTemplate, address};
use crate::sql::{Statement, Value, find, write};
use crate::store::Tx;

/// Longest address that is looked at.
const MAX_EMAIL: usize = 255;
/// Codes of one record that may be open; who asks for more gets the newest again.
const MOST_OPEN: usize = 9;
/// Codes of addresses that nobody has: as many as can be asked for in some minutes.
const MOST_DECOYS: i64 = 20_000;

/// A code that is asked for; made before the write is queued.
struct Ticket {
    auth: Auth,
    collection: Arc<Collection>,
    template: EmailTemplate,
    email: String,
    id: String,
    code: Secret,
    hash: String,
    lifetime: Duration,
    now: DateTime,
}

/// Whom a code is for: a record, or what stands in for one.
struct Owner {
    id: String,
    /// Where the code is mailed to; nowhere for nobody.
    email: Option<String>,
}

impl Auth {
    /// Mails a one-time code to the record of this address, and answers the code's id.
    ///
    /// # Errors
    /// 403 when the collection does not offer this, 400 for what is no address, 429 when too many
    /// sign in at once.
    pub async fn request_otp(&self, collection: Arc<Collection>, email: &str) -> Result<String> {
        let options = self.require_otp_auth(&collection)?;
        check(email)?;
        let lifetime = Duration::from_secs(options.duration.try_into().unwrap_or(0));
        let template = options.email_template.clone();
        let code = one_time_code::draw(options.length);
        let hash = self.passwords.hash(code.clone()).await?;
        let ticket = Ticket {
            auth: self.clone(),
            email: email.to_owned(),
            id: crypto::random_id(),
            now: self.clock.now(),
            collection,
            template,
            code,
            hash,
            lifetime,
        };
        self.store.write(move |tx| ticket.issue(tx)).await
    }
}

fn check(email: &str) -> Result<()> {
    let mut errors = FieldErrors::default();
    if email.is_empty() {
        errors.add("email", Issue::new(Code::Required));
    } else if email.chars().count() > MAX_EMAIL {
        let message = format!("The length must be between 1 and {MAX_EMAIL}.");
        let issue = Issue::with_message(Code::LengthOutOfRange, message);
        errors.add("email", issue.param("max", MAX_EMAIL).param("min", 1));
    } else if !address::is_email(email) {
        errors.add("email", Issue::new(Code::IsEmail));
    }
    errors.into_result("An error occurred while validating the submitted data.")
}

impl Ticket {
    /// Keeps the code and queues its mail; the id of the code there is where there are enough.
    fn issue(&self, tx: &Tx<'_>) -> Result<String> {
        let owner = self.owner(tx)?;
        let table = if owner.email.is_some() { OTPS } else { DECOYS };
        let open = self.open_codes(tx, table, &owner.id)?;
        if open.len() > MOST_OPEN
            && let Some(newest) = open.into_iter().next()
        {
            self.add_decoy(tx, "")?;
            return Ok(newest);
        }
        let Some(email) = &owner.email else {
            self.add_decoy(tx, &owner.id)?;
            return Ok(self.id.clone());
        };
        let mailed = tx.savepoint(|tx| self.mail(tx, &owner.id, email));
        match mailed {
            Err(error) if matches!(error.kind(), Kind::Busy | Kind::TooLarge) => {
                tracing::warn!(%error, "a one-time code could not be mailed");
                self.add_decoy(tx, "")?;
            }
            other => other?,
        }
        Ok(self.id.clone())
    }

    fn owner(&self, tx: &Tx<'_>) -> Result<Owner> {
        let any_case = ignores_case(&self.collection, "email");
        let (dialect, table) = (tx.dialect(), &self.collection.name);
        let select =
            find::select_by_value(dialect, table, &COLUMNS, "email", &self.email, any_case);
        let found = tx.query_one(&select, StoredAuth::from_row)?;
        Ok(match found {
            Some(record) => Owner { id: record.id, email: Some(record.email) },
            None => Owner { id: self.nobody(any_case), email: None },
        })
    }

    /// What stands for an address that nobody has: the same for the same until the next start.
    fn nobody(&self, any_case: bool) -> String {
        let email = &self.email;
        let email = if any_case { email.to_ascii_lowercase() } else { email.clone() };
        format!("~{:016x}", self.auth.stand_ins.hash_one(email))
    }

    /// The ids of codes that may still be used, the newest first.
    fn open_codes(&self, tx: &Tx<'_>, table: &str, owner: &str) -> Result<Vec<String>> {
        let quote = |name| tx.dialect().quote(name);
        let text = format!(
            "SELECT id FROM {} WHERE {} = ?1 AND {} = ?2 AND created > ?3 \
             ORDER BY created DESC, rowid DESC LIMIT {}",
            quote(table),
            quote("collectionRef"),
            quote("recordRef"),
            MOST_OPEN + 1,
        );
        let ms = i64::try_from(self.lifetime.as_millis()).unwrap_or(i64::MAX);
        let oldest = DateTime::from_unix_ms(self.now.unix_ms().saturating_sub(ms)).to_string();
        let params = vec![self.collection.id.as_str().into(), owner.into(), oldest.into()];
        let mut ids = Vec::new();
        tx.query(&Statement::new(text, params), |row| {
            ids.push(row.get(0).text().to_owned());
            Ok(())
        })?;
        Ok(ids)
    }

    fn mail(&self, tx: &Tx<'_>, record_id: &str, email: &str) -> Result<()> {
        let (id, hash) = (&self.id, &self.hash);
        let row = one_time_code::row(id, &self.collection.id, record_id, hash, email, self.now);
        tx.execute(&write::insert(tx.dialect(), OTPS, &row))?;
        let own = [("OTP", self.code.reveal()), ("OTP_ID", self.id.as_str())];
        let letter = self.auth.letter(tx, &self.collection, record_id, &self.template, &own)?;
        let letter = letter.ok_or_else(Error::not_found)?;
        self.auth.mail.queue(tx, &letter.until(self.now.after(self.lifetime)))
    }

    /// Keeps a code that belongs to nobody; the oldest of them make room.
    fn add_decoy(&self, tx: &Tx<'_>, owner: &str) -> Result<()> {
        let row = [
            ("id", Value::from(self.id.as_str())),
            ("collectionRef", Value::from(self.collection.id.as_str())),
            ("recordRef", Value::from(owner)),
            ("password", Value::from(self.hash.as_str())),
            ("created", Value::from(self.now.to_string())),
        ];
        tx.execute(&write::insert(tx.dialect(), DECOYS, &row))?;
        let text =
            format!("DELETE FROM {DECOYS} WHERE seq <= (SELECT MAX(seq) FROM {DECOYS}) - ?1");
        tx.execute(&Statement::new(text, vec![MOST_DECOYS.into()]))?;
        Ok(())
    }
}
