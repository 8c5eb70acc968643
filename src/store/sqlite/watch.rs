//! Watches what a script does, and refuses what would reach beyond it: other files, settings of a
//! connection that others use, the transaction it runs in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};

use crate::store::script::Touched;

/// Pragmas that only show something, without an argument.
const SHOWN: &[&str] = &[
    "application_id",
    "auto_vacuum",
    "automatic_index",
    "busy_timeout",
    "cache_size",
    "cache_spill",
    "cell_size_check",
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "defer_foreign_keys",
    "encoding",
    "foreign_key_check",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "integrity_check",
    "journal_mode",
    "journal_size_limit",
    "max_page_count",
    "mmap_size",
    "module_list",
    "page_count",
    "page_size",
    "pragma_list",
    "query_only",
    "quick_check",
    "recursive_triggers",
    "schema_version",
    "secure_delete",
    "synchronous",
    "table_list",
    "temp_store",
    "threads",
    "trusted_schema",
    "user_version",
    "wal_autocheckpoint",
    "writable_schema",
];

/// Pragmas that ask about what their argument names.
const ASKED: &[&str] = &[
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// A statement about the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    Begin,
    Commit,
    RollBack,
}

/// The watch over one connection; it looks away but while a script runs.
#[derive(Default)]
pub(super) struct Watch {
    is_on: AtomicBool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    control: Option<Control>,
    refusal: Option<String>,
    touched: Touched,
}

/// The watch is on as long as this lives.
pub(super) struct Watching<'w>(&'w Watch);

impl Watch {
    /// Lets the connection ask before every statement it prepares.
    pub fn install(self: &Arc<Self>, raw: &mut rusqlite::Connection) -> rusqlite::Result<()> {
        let watch = Arc::clone(self);
        raw.authorizer(Some(move |context: AuthContext<'_>| {
            if watch.is_on.load(Ordering::Relaxed) {
                watch.seen.lock().judge(&context)
            } else {
                Authorization::Allow
            }
        }))
    }

    pub fn begin(&self) -> Watching<'_> {
        *self.seen.lock() = Seen::default();
        self.is_on.store(true, Ordering::Relaxed);
        Watching(self)
    }
}

impl Watching<'_> {
    /// Why something was refused since the last call, if it was.
    pub fn refusal(&self) -> Option<String> {
        self.0.seen.lock().refusal.take()
    }

    /// What the statement that was prepared last does to the transaction, if anything.
    pub fn control(&self) -> Option<Control> {
        self.0.seen.lock().control.take()
    }

    pub fn touched(&self) -> Touched {
        self.0.seen.lock().touched.clone()
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.0.is_on.store(false, Ordering::Relaxed);
    }
}

impl Seen {
    fn judge(&mut self, context: &AuthContext<'_>) -> Authorization {
        use AuthAction as A;
        match context.action {
            A::Insert { table_name } | A::Delete { table_name } | A::Update { table_name, .. } => {
                self.note_rows(table_name)
            }
            A::CreateTable { .. }
            | A::CreateIndex { .. }
            | A::CreateTrigger { .. }
            | A::CreateView { .. }
            | A::CreateVtable { .. }
            | A::DropTable { .. }
            | A::DropIndex { .. }
            | A::DropTrigger { .. }
            | A::DropView { .. }
            | A::DropVtable { .. }
            | A::AlterTable { .. } => self.touched.schema = true,
            A::Attach { .. } | A::Detach { .. } => {
                return self.refuse("not authorized: no other database can be opened or closed");
            }
            A::CreateTempTable { .. }
            | A::CreateTempIndex { .. }
            | A::CreateTempTrigger { .. }
            | A::CreateTempView { .. } => {
                return self.refuse("not authorized: nothing temporary can be made");
            }
            A::Pragma { pragma_name, pragma_value } => {
                return self.judge_pragma(pragma_name, pragma_value);
            }
            A::Transaction { operation } => {
                self.control = Some(match operation {
                    TransactionOperation::Begin => Control::Begin,
                    TransactionOperation::Rollback => Control::RollBack,
                    _ => Control::Commit,
                });
            }
            A::Function { function_name }
                if function_name.eq_ignore_ascii_case("load_extension") =>
            {
                return self.refuse("not authorized: no extension can be loaded");
            }
            A::Unknown { .. } => return self.refuse("not authorized"),
            _ => {}
        }
        Authorization::Allow
    }

    fn note_rows(&mut self, table: &str) {
        // The engine's own tables follow from what is noted of the schema.
        if !table.starts_with("sqlite_") {
            self.touched.tables.insert(table.to_owned());
        }
    }

    fn judge_pragma(&mut self, name: &str, value: Option<&str>) -> Authorization {
        let name = name.to_ascii_lowercase();
        let harmless = if value.is_some() { ASKED } else { SHOWN };
        if harmless.contains(&name.as_str()) {
            return Authorization::Allow;
        }
        self.refuse(&format!("not authorized: PRAGMA {name} cannot be used here"))
    }

    fn refuse(&mut self, reason: &str) -> Authorization {
        self.refusal = Some(format!("SQL logic error: {reason}"));
        Authorization::Deny
    }
}
