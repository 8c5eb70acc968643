//! Rows of half-done sign-ins that nobody can finish any more.

use std::time::Duration;

use crate::auth::Auth;
use crate::auth::one_time_code::DECOYS;
use crate::clock::DateTime;
use crate::error::Result;
use crate::schema::system::{MFAS, OTPS};
use crate::schema::{AuthOptions, Schema};
use crate::sql::{Statement, Value};
use crate::store::{Cost, Tx};

impl Auth {
    /// Deletes first halves of sign-ins whose time is over; tells how many.
    ///
    /// # Errors
    /// The store fails.
    pub async fn delete_expired_mfas(&self) -> Result<usize> {
        self.delete_expired(MFAS, |options| options.mfa.duration).await
    }

    /// Deletes one-time codes whose time is over; tells how many.
    ///
    /// # Errors
    /// The store fails.
    pub async fn delete_expired_otps(&self) -> Result<usize> {
        let lifetime = |options: &AuthOptions| options.otp.duration;
        let decoys = self.delete_expired(DECOYS, lifetime).await?;
        self.delete_expired(OTPS, lifetime).await.map(|codes| codes + decoys)
    }

    async fn delete_expired(
        &self,
        table: &'static str,
        seconds: impl Fn(&AuthOptions) -> i64,
    ) -> Result<usize> {
        let schema = self.schema.load();
        let limits = limits(&schema, self.clock.now(), seconds);
        let rows = limits.clone();
        let find = move |tx: &Tx<'_>| {
            let mut is_there = false;
            for limit in &rows {
                let text = format!("SELECT 1 FROM {} LIMIT 1", expired(tx, table));
                is_there |=
                    tx.query_one(&Statement::new(text, limit.to_vec()), |_| Ok(()))?.is_some();
            }
            Ok(is_there)
        };
        // As a rule there is nothing, and then nothing is written.
        if !self.store.read(Cost::Unbounded, find).await? {
            return Ok(0);
        }
        let delete = move |tx: &Tx<'_>| {
            let mut gone = 0;
            for limit in limits {
                let text = format!("DELETE FROM {}", expired(tx, table));
                gone += tx.execute(&Statement::new(text, limit.to_vec()))?;
            }
            Ok(gone)
        };
        self.store.write(delete).await
    }
}

/// Of each auth collection its id, and since when a row of it is expired.
fn limits(
    schema: &Schema,
    now: DateTime,
    seconds: impl Fn(&AuthOptions) -> i64,
) -> Vec<[Value; 2]> {
    let limit = |id: &str, seconds: i64| {
        let lifetime = Duration::from_secs(seconds.try_into().unwrap_or(0));
        let ms = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
        let oldest = DateTime::from_unix_ms(now.unix_ms().saturating_sub(ms));
        [Value::from(id), Value::from(oldest.to_string())]
    };
    let all = schema.collections().iter();
    all.filter_map(|c| Some(limit(&c.id, seconds(c.auth()?)))).collect()
}

fn expired(tx: &Tx<'_>, table: &str) -> String {
    let quote = |name| tx.dialect().quote(name);
    let (table, owner, made) = (quote(table), quote("collectionRef"), quote("created"));
    format!("{table} WHERE {owner} = ?1 AND {made} < ?2")
}
