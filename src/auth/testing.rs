//! A store with the system collections in it, for the tests of this module.

use std::sync::Arc;

use tempfile::TempDir;

use crate::auth::{Attempt, Auth, AuthParts, Device};
use crate::changes::Changes;
use crate::clock::Clock;
use crate::crypto::{PasswordPool, PoolSize, Secret};
use crate::files::Files;
use crate::jobs::Jobs;
use crate::mail::{Mail, MailParts};
use crate::query::RequestContext;
use crate::records::Records;
use crate::schema::{AuthOptions, Collection, CollectionKind, Schema, SchemaCache, system};
use crate::settings::SettingsCache;
use crate::sql::{Statement, Value, write};
use crate::store::{Cost, Store, StoreOptions};

pub const PASSWORD: &str = "1234567890";
pub const USERS: &str = "_pb_users_auth_";
pub const SUPERUSERS: &str = "pbc_3142635823";

/// An open store with the system collections. Users may also sign in with their name.
pub struct Fixture {
    pub auth: Auth,
    /// What `auth` was made of, to make another one.
    pub parts: AuthParts,
    pub store: Store,
    pub schema: Arc<SchemaCache>,
    pub clock: Clock,
    pub passwords: PasswordPool,
    pub records: Records,
    // Dropped last: the store closes its files first.
    _dir: TempDir,
}

/// The options of an auth collection, to be changed.
pub fn options(collection: &mut Collection) -> &mut AuthOptions {
    match &mut collection.kind {
        CollectionKind::Auth(options) => options,
        _ => panic!("{} is an auth collection", collection.name),
    }
}

impl Fixture {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        let clock = Clock::system();
        let mut collections = system::collections(clock.now());
        let users = collections.iter_mut().find(|collection| collection.name == "users").unwrap();
        users.indexes.push("CREATE UNIQUE INDEX `name` ON `users` (`name` COLLATE NOCASE)".into());
        options(users).password_auth.identity_fields = vec!["name".into(), "email".into()];
        let dialect = store.dialect();
        let mut script = String::new();
        for collection in &collections {
            let columns = collection.fields.iter().map(|field| {
                let definition = dialect.column_definition(field.kind.column());
                format!("{} {definition}", dialect.quote(&field.name))
            });
            let columns: Vec<String> = columns.collect();
            let table = dialect.quote(&collection.name);
            script.push_str(&format!("CREATE TABLE {table} ({});", columns.join(", ")));
            collection.indexes.iter().for_each(|index| script.push_str(&format!("{index};")));
        }
        store.write_blocking(move |tx| Ok(tx.execute_script(&script)?)).unwrap();
        let collections = collections.into_iter().map(Arc::new).collect();
        let schema = Arc::new(SchemaCache::new(Schema::new(1, collections)));
        let passwords = PasswordPool::start(PoolSize { threads: 2, queue: 64 }).unwrap();
        let files = Files::open(dir.path(), false).unwrap();
        let changes = Changes::new(clock.clone());
        let (s, c, p) = (store.clone(), Arc::clone(&schema), passwords.clone());
        let records = Records::new(s, c, p, files, changes);
        let settings = SettingsCache::open(&store, None, clock.clone()).unwrap();
        let jobs = Jobs::new(store.clone(), clock.clone());
        let (s, set, c) = (store.clone(), settings.clone(), clock.clone());
        let parts = MailParts { store: s, settings: set, clock: c, jobs: jobs.clone(), dev: true };
        let mail = Mail::new(parts);
        let parts = AuthParts { store, schema, clock, passwords, settings, records, jobs, mail };
        let auth = Auth::new(parts.clone());
        let AuthParts { store, schema, clock, passwords, records, .. } = parts.clone();
        Self { auth, parts, store, schema, clock, passwords, records, _dir: dir }
    }

    pub fn collection(&self, name: &str) -> Arc<Collection> {
        Arc::clone(self.schema.load().find(name).unwrap())
    }

    /// Publishes the collection with a change, as a schema change would.
    pub fn change(&self, name: &str, change: impl Fn(&mut Collection)) {
        let schema = self.schema.load();
        let changed = schema.collections().iter().map(|collection| {
            let mut copy = Collection::clone(collection);
            if copy.name == name {
                change(&mut copy);
            }
            Arc::new(copy)
        });
        self.schema.publish(changed.collect());
    }

    /// Adds a record whose name is its id, its name and the local part of its address.
    pub async fn add(&self, collection: &str, name: &str, hash: &str) -> String {
        let id = format!("{name:0<15}");
        let mut row = vec![
            ("id", Value::from(id.as_str())),
            ("email", format!("{name}@example.com").into()),
            ("tokenKey", crate::crypto::random_text(50, crate::crypto::KEY_ALPHABET).into()),
            ("password", hash.into()),
        ];
        if collection == "users" {
            row.push(("name", name.into()));
        }
        let insert = write::insert(self.store.dialect(), collection, &row);
        self.store.write(move |tx| Ok(tx.execute(&insert).map(drop)?)).await.unwrap();
        id
    }

    /// A hash of [`PASSWORD`].
    pub async fn hash(&self) -> String {
        self.passwords.hash(Secret::new(PASSWORD)).await.unwrap()
    }

    /// Adds a record with [`PASSWORD`].
    pub async fn add_with_password(&self, collection: &str, name: &str) -> String {
        let hash = self.hash().await;
        self.add(collection, name, &hash).await
    }

    /// One text of one record.
    pub async fn read(&self, collection: &str, id: &str, column: &str) -> Option<String> {
        let read = write::select_by_id(self.store.dialect(), collection, &[column], id);
        let read = move |tx: &crate::store::Tx<'_>| {
            tx.query_one(&read, |row| Ok(row.get(0).text().to_owned()))
        };
        self.store.read(Cost::Bounded, read).await.unwrap()
    }

    /// Sets one value of one record.
    pub async fn set(&self, collection: &str, id: &str, column: &str, value: &str) {
        let change = [(column, Value::from(value))];
        let update = write::update(self.store.dialect(), collection, id, &change);
        self.store.write(move |tx| Ok(tx.execute(&update).map(drop)?)).await.unwrap();
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> usize {
        let text = format!("SELECT 1 FROM {}", self.store.dialect().quote(table));
        let read = move |tx: &crate::store::Tx<'_>| {
            let mut count = 0;
            tx.query(&Statement::new(text.clone(), vec![]), |_| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        };
        self.store.read(Cost::Bounded, read).await.unwrap()
    }

    /// A request of nobody in particular.
    pub fn request(&self) -> RequestContext {
        RequestContext::new(Default::default(), "POST", self.clock.now())
    }

    /// That request, about to sign in.
    pub fn attempt(&self) -> Attempt {
        Attempt { cx: self.request(), mfa_id: String::new(), device: Device::default() }
    }
}
