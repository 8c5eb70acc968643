//! Sign-in with an account at another service: code, access token, person, record.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::auth::auth_record::{StoredAuth, select_by_id};
use crate::auth::methods::AuthMethod;
use crate::auth::oauth2::account::{Upgrade, Visitor};
use crate::auth::oauth2::exchange::{self, Grant};
use crate::auth::oauth2::profile::Profile;
use crate::auth::oauth2::setup::Setup;
use crate::auth::oauth2::{avatar, user};
use crate::auth::parts::Auth;
use crate::auth::sign_in::{Attempt, SignIn};
use crate::codes::Code;
use crate::crypto::{KEY_ALPHABET, Secret, random_text};
use crate::error::{Error, FieldErrors, Issue, Result};
use crate::query::RequestContext;
use crate::records::Input;
use crate::schema::index::Index;
use crate::schema::{AuthOptions, Collection, FieldType, Schema};
use crate::sql::{Value, find};
use crate::store::{Cost, Tx};

/// See [`Auth::with_oauth2`].
pub const METHOD: AuthMethod =
    AuthMethod { name: "oauth2", is_enabled: |options| options.oauth2.enabled };

/// Characters of a service's name.
const MAX_PROVIDER: usize = 100;
/// Characters of the password of somebody who does not set one.
const PASSWORD_LENGTH: usize = 30;
/// How often somebody whose record changes meanwhile is looked for.
const MAX_TRIES: usize = 4;
const LOADING: &str = "An error occurred while loading the submitted data.";

/// The body of `auth-with-oauth2`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2Form {
    /// The service.
    pub provider: String,
    /// What it gave.
    pub code: Secret,
    /// Proves that whoever asked for the code brings it.
    pub code_verifier: Secret,
    /// Where the code was sent to.
    #[serde(rename = "redirectURL")]
    pub redirect_url: String,
    /// As older clients send it.
    #[serde(rename = "redirectUrl")]
    pub legacy_redirect_url: String,
    /// What a new record gets beside what the service tells.
    pub create_data: Map<String, Json>,
}

/// Who somebody is at a service, as a client sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    access_token: String,
    #[serde(rename = "avatarURL")]
    avatar_url: String,
    /// As older clients read it.
    #[serde(rename = "avatarUrl")]
    legacy_avatar_url: String,
    email: String,
    expiry: String,
    id: String,
    is_new: bool,
    name: String,
    raw_user: Map<String, Json>,
    refresh_token: String,
    username: String,
}

impl OAuth2Form {
    /// The names of the form.
    pub const NAMES: &'static [&'static str] =
        &["provider", "code", "codeVerifier", "redirectURL", "redirectUrl", "createData"];

    /// The setup of the service it names.
    fn check(&self, options: &AuthOptions) -> Result<Setup> {
        let mut errors = FieldErrors::default();
        let name = self.provider.as_str();
        let mut setup = None;
        if name.is_empty() {
            errors.add("provider", Issue::new(Code::Required));
        } else if name.chars().count() > MAX_PROVIDER {
            let message = format!("The length must be no more than {MAX_PROVIDER}.");
            let issue = Issue::with_message(Code::LengthTooLong, message);
            errors.add("provider", issue.param("max", MAX_PROVIDER).param("min", 0));
        } else {
            let known = options.oauth2.providers.iter().find(|provider| provider.name == name);
            setup = known.and_then(Setup::new);
            if setup.is_none() {
                let message = format!("Provider with name {name} is missing or is not enabled.");
                let issue = Issue::with_message(Code::InvalidProvider, message);
                errors.add("provider", issue.param("name", name));
            }
        }
        if self.code.is_empty() {
            errors.add("code", Issue::new(Code::Required));
        }
        match setup {
            Some(setup) if errors.is_empty() => Ok(setup),
            _ => Err(Error::invalid(LOADING, errors)),
        }
    }

    fn code(&self) -> exchange::Code<'_> {
        let (new, old) = (self.redirect_url.as_str(), self.legacy_redirect_url.as_str());
        let redirect_url = if new.is_empty() { old } else { new };
        exchange::Code { code: &self.code, verifier: &self.code_verifier, redirect_url }
    }
}

impl Auth {
    /// The options of a collection whose records may sign in with accounts of other services.
    ///
    /// # Errors
    /// 403 when they may not.
    pub fn require_oauth2<'c>(&self, collection: &'c Collection) -> Result<&'c AuthOptions> {
        collection.auth().filter(|options| (METHOD.is_enabled)(options)).ok_or_else(|| {
            Error::forbidden("The collection is not configured to allow OAuth2 authentication.")
        })
    }

    /// Keeps the name that Apple told beside a code for whoever brings that code.
    pub fn keep_apple_name(&self, code: &str, user: &str) {
        self.apple_names.keep(code, user, self.clock.now());
    }

    /// Signs in whoever a service's code stands for, with the record that is theirs, was signed in
    /// before, has their address, or is made now.
    ///
    /// # Errors
    /// 403 when the collection does not offer this method or its auth rule refuses the record, 400
    /// for a code that the service refuses or a record that cannot be made.
    pub async fn with_oauth2(
        &self,
        schema: Arc<Schema>,
        collection: Arc<Collection>,
        form: OAuth2Form,
        attempt: &Attempt,
    ) -> Result<(SignIn, Meta)> {
        let setup = form.check(self.require_oauth2(&collection)?)?;
        let (grant, profile) = self.person(&setup, &form).await?;
        let caller = attempt.cx.caller.record();
        let visitor = Visitor {
            records: self.records.clone(),
            schema: Arc::clone(&schema),
            collection: Arc::clone(&collection),
            provider: setup.provider.name,
            profile: Arc::new(profile),
            signed_in: caller.filter(|c| c.collection_id == collection.id).map(|c| c.id.clone()),
            now: self.clock.now(),
        };
        let cx = attempt.cx.within(METHOD.name);
        let (id, is_new) = self.record_of(&visitor, form.create_data, cx).await?;
        let read = select_by_id(self.store.dialect(), &collection, &id);
        let record = move |tx: &Tx<'_>| tx.query_one(&read, StoredAuth::from_row);
        let record = self.store.read(Cost::Bounded, record).await?;
        let record = record.ok_or_else(|| Error::bad_request("Failed to authenticate."))?;
        let outcome = self.finish(&schema, &collection, &record, METHOD.name, attempt).await?;
        Ok((outcome, meta(&visitor.profile, &grant, is_new)))
    }

    /// Who brought the code.
    async fn person(&self, setup: &Setup, form: &OAuth2Form) -> Result<(Grant, Profile)> {
        let name = setup.provider.name;
        let grant = exchange::exchange(&self.outgoing, &self.clock, setup, &form.code()).await;
        let grant = grant.map_err(|refusal| {
            tracing::warn!(provider = name, reason = %refusal, "a code was not exchanged");
            Error::bad_request("Failed to fetch OAuth2 token.").with_source(refusal)
        })?;
        let profile = user::user(&self.outgoing, &self.clock, setup, &grant).await;
        let mut profile = profile.map_err(|refusal| {
            tracing::warn!(provider = name, reason = %refusal, "a user was not fetched");
            Error::bad_request("Failed to fetch OAuth2 user.").with_source(refusal)
        })?;
        if name == "apple" && profile.name.is_empty() {
            let told = self.apple_names.take(form.code.reveal(), self.clock.now());
            profile.name = told.unwrap_or_default();
        }
        Ok((grant, profile))
    }

    /// The visitor's record, linked to their account; true for one that was made now.
    async fn record_of(
        &self,
        visitor: &Visitor,
        create_data: Map<String, Json>,
        cx: RequestContext,
    ) -> Result<(String, bool)> {
        for _ in 0..MAX_TRIES {
            let looking = visitor.clone();
            let look =
                move |tx: &Tx<'_>| Ok(looking.find(tx)?.map(|owned| looking.upgrade(&owned)));
            let found = match self.store.read(Cost::Bounded, look).await? {
                Some(upgrade) => self.upgraded(visitor, upgrade).await?.map(|id| (id, false)),
                None => {
                    let made = self.made(visitor, create_data.clone(), cx.clone()).await?;
                    made.map(|id| (id, true))
                }
            };
            if let Some(found) = found {
                return Ok(found);
            }
        }
        Err(Error::busy("The collections are being changed, please try again."))
    }

    async fn upgraded(&self, visitor: &Visitor, upgrade: Upgrade) -> Result<Option<String>> {
        let hash = if upgrade.takes_password {
            let password = Secret::new(random_text(PASSWORD_LENGTH, KEY_ALPHABET));
            Some(Secret::new(self.passwords.hash(password).await?))
        } else {
            None
        };
        let (visitor, id) = (visitor.clone(), upgrade.record().to_owned());
        let apply = move |tx: &Tx<'_>| visitor.apply(tx, &upgrade, hash.as_ref());
        Ok(self.store.write(apply).await?.then_some(id))
    }

    /// Makes a record by the create rule, out of what the client and the service tell.
    async fn made(
        &self,
        visitor: &Visitor,
        create_data: Map<String, Json>,
        cx: RequestContext,
    ) -> Result<Option<String>> {
        let (schema, collection) = (Arc::clone(&visitor.schema), Arc::clone(&visitor.collection));
        let input = self.input(visitor, create_data).await?;
        let (again, linking) = (visitor.clone(), visitor.clone());
        let is_due = move |tx: &Tx<'_>| Ok(again.find(tx)?.is_none());
        let link = move |tx: &Tx<'_>, id: &str| linking.link(tx, id);
        let vouched = &visitor.profile.email;
        self.records.sign_up((schema, collection), input, cx, vouched, is_due, link).await
    }

    async fn input(&self, visitor: &Visitor, mut values: Map<String, Json>) -> Result<Input> {
        let (collection, profile) = (&visitor.collection, &visitor.profile);
        let Some(options) = collection.auth() else { return Ok(values.into()) };
        let is_open = |values: &Map<String, Json>, name: &str| {
            values.get(name).is_none_or(|sent| sent.is_null() || sent.as_str() == Some(""))
        };
        let mapped = &options.oauth2.mapped_fields;
        let mut uploads = Vec::new();
        let texts = [
            ("email", &profile.email),
            (&*mapped.id, &profile.id),
            (&*mapped.name, &profile.name),
            (&*mapped.username, &profile.username),
            (&*mapped.avatar_url, &profile.avatar_url),
        ];
        for (field, text) in texts {
            let is_username = field == mapped.username;
            let Some(kind) = collection.field(field).map(|field| &field.kind) else { continue };
            if text.is_empty() || !is_open(&values, field) {
                continue;
            }
            if is_username && !self.can_have(collection, field, text).await? {
                continue;
            }
            if !matches!(kind, FieldType::File(_)) {
                values.insert(field.to_owned(), Json::from(text.as_str()));
                continue;
            }
            match avatar::fetch(&self.avatars, self.records.files(), field, text).await {
                Ok(upload) => uploads.push(upload),
                Err(error) => {
                    let reason = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(reason, "the picture of a new user was not fetched");
                }
            }
        }
        if is_open(&values, "password") && is_open(&values, "passwordConfirm") {
            let password = random_text(PASSWORD_LENGTH, KEY_ALPHABET);
            values.insert("password".to_owned(), Json::from(password.as_str()));
            values.insert("passwordConfirm".to_owned(), Json::from(password));
        }
        Ok(Input { values, uploads })
    }

    /// Whether a field takes a name, and nobody has it where it must be unique. Names of another
    /// service fit here by chance only, so one that does not is left out.
    async fn can_have(&self, collection: &Collection, field: &str, text: &str) -> Result<bool> {
        let value = Value::from(text);
        if collection.field(field).is_none_or(|field| field.validate(&value).is_err()) {
            return Ok(false);
        }
        let indexes = collection.indexes.iter().filter_map(|text| Index::parse(text));
        let mut own = indexes.filter(|index| index.unique_column() == Some(field));
        let Some(index) = own.find(|index| index.is_unique) else { return Ok(true) };
        let any_case = index.columns[0].collation.eq_ignore_ascii_case("NOCASE");
        let dialect = self.store.dialect();
        let same = find::select_by_value(dialect, &collection.name, &["id"], field, text, any_case);
        let read = move |tx: &Tx<'_>| Ok(tx.query_one(&same, |_| Ok(()))?.is_none());
        self.store.read(Cost::Bounded, read).await
    }
}

fn meta(profile: &Profile, grant: &Grant, is_new: bool) -> Meta {
    Meta {
        access_token: grant.access_token.reveal().to_owned(),
        avatar_url: profile.avatar_url.clone(),
        legacy_avatar_url: profile.avatar_url.clone(),
        email: profile.email.clone(),
        expiry: grant.expires.map(|end| end.to_string()).unwrap_or_default(),
        id: profile.id.clone(),
        is_new,
        name: profile.name.clone(),
        raw_user: profile.raw.clone(),
        refresh_token: grant.refresh_token.reveal().to_owned(),
        username: profile.username.clone(),
    }
}
