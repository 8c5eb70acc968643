//! File tokens: short-lived, for addresses of protected files, where no header can be sent.

use std::time::Duration;

use crate::auth::auth_record::{StoredAuth, select_by_id};
use crate::auth::claims::{Claims, TokenType};
use crate::auth::parts::Auth;
use crate::auth::token;
use crate::error::{Error, Result};
use crate::query::Caller;
use crate::schema::Schema;
use crate::store::{Cost, Tx};

impl Auth {
    /// A file token for whoever signed in; it ends with the session, if there is one.
    ///
    /// # Errors
    /// 401 for a guest.
    pub async fn file_token(
        &self,
        schema: &Schema,
        caller: &Caller,
        session_id: Option<String>,
    ) -> Result<String> {
        let record = caller.record().ok_or_else(Error::sign_in_required)?;
        let collection =
            schema.find_by_id(&record.collection_id).ok_or_else(Error::sign_in_required)?;
        let statement = select_by_id(self.store.dialect(), collection, &record.id);
        let read = move |tx: &Tx<'_>| tx.query_one(&statement, StoredAuth::from_row);
        let stored = self.store.read(Cost::Bounded, read).await?;
        let stored = stored.ok_or_else(Error::sign_in_required)?;
        let secs = collection.auth().map_or(0, |options| options.file_token.duration);
        let life = Duration::from_secs(secs.try_into().unwrap_or(0));
        let expires = self.clock.now().after(life);
        let claims = Claims::new(TokenType::File, &collection.id, &stored.id, expires);
        let claims = Claims { session_id, ..claims };
        token::sign(&claims, collection, stored.token_key.reveal())
    }

    /// Who asks with this file token; whatever is none makes a guest.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn file_caller(&self, schema: &Schema, token: &str) -> Result<Caller> {
        if token.is_empty() {
            return Ok(Caller::Guest);
        }
        let verified = self.verify(schema, token, TokenType::File, self.clock.now()).await?;
        Ok(verified.map_or(Caller::Guest, |(caller, _)| caller))
    }
}
