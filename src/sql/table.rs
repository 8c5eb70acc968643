//! Changes of tables as data, and the statements that make them.

use crate::sql::{ColumnType, Dialect};

/// One change of one table.
#[derive(Debug, Clone, PartialEq)]
pub enum TableChange {
    /// A new table with these columns.
    Create {
        /// Its name.
        table: String,
        /// Its columns, in their order.
        columns: Vec<(String, ColumnType)>,
    },
    /// The table and its rows go.
    Drop {
        /// Its name.
        table: String,
    },
    /// The table takes another name.
    Rename {
        /// Its name so far.
        from: String,
        /// Its new name.
        to: String,
    },
    /// A new column, with its default in every row.
    AddColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What it holds.
        holds: ColumnType,
    },
    /// The column and its values go.
    DropColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The column takes another name.
    RenameColumn {
        /// The table.
        table: String,
        /// Its name so far.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Fills a column of lists from one of texts: each text becomes a list of one, or of none.
    TextsToLists {
        /// The table.
        table: String,
        /// The column of texts.
        from: String,
        /// The column of lists.
        to: String,
    },
    /// Fills a column of texts from one of lists: the last of each list stays.
    ListsToTexts {
        /// The table.
        table: String,
        /// The column of lists.
        from: String,
        /// The column of texts.
        to: String,
    },
    /// A view that shows the columns of a query.
    CreateView {
        /// Its name.
        view: String,
        /// What it shows, in its order.
        columns: Vec<String>,
        /// Whether the column `id` is turned into text.
        casts_id: bool,
        /// The SELECT, one statement by itself.
        query: String,
    },
    /// The view goes, if it is there.
    DropView {
        /// Its name.
        view: String,
    },
    /// The index goes, if it is there.
    DropIndex {
        /// Its name.
        name: String,
    },
}

impl TableChange {
    /// The statement that makes the change.
    pub fn statement(&self, dialect: &dyn Dialect) -> String {
        let quote = |name: &str| dialect.quote(name);
        match self {
            Self::Create { table, columns } => {
                let columns: Vec<String> = columns
                    .iter()
                    .map(|(name, holds)| {
                        format!("{} {}", quote(name), dialect.column_definition(*holds))
                    })
                    .collect();
                format!("CREATE TABLE {} ({})", quote(table), columns.join(", "))
            }
            Self::Drop { table } => format!("DROP TABLE IF EXISTS {}", quote(table)),
            Self::Rename { from, to } => {
                format!("ALTER TABLE {} RENAME TO {}", quote(from), quote(to))
            }
            Self::AddColumn { table, column, holds } => format!(
                "ALTER TABLE {} ADD COLUMN {} {}",
                quote(table),
                quote(column),
                dialect.column_definition(*holds)
            ),
            Self::DropColumn { table, column } => {
                format!("ALTER TABLE {} DROP COLUMN {}", quote(table), quote(column))
            }
            Self::RenameColumn { table, from, to } => format!(
                "ALTER TABLE {} RENAME COLUMN {} TO {}",
                quote(table),
                quote(from),
                quote(to)
            ),
            Self::TextsToLists { table, from, to } => {
                let lists = dialect.list_of_text(&quote(from));
                format!("UPDATE {} SET {} = {lists}", quote(table), quote(to))
            }
            Self::ListsToTexts { table, from, to } => {
                let texts = dialect.last_of_list(&quote(from));
                format!("UPDATE {} SET {} = {texts}", quote(table), quote(to))
            }
            Self::CreateView { view, columns, casts_id, query } => {
                let names = columns.iter().map(|column| quote(column)).collect::<Vec<_>>();
                let (view, names) = (quote(view), names.join(", "));
                // The columns are named apart from the query, which follows renamed columns of its
                // tables. The line break ends a comment at the end of the query.
                if !*casts_id {
                    return format!("CREATE VIEW {view} ({names}) AS SELECT * FROM ({query}\n)");
                }
                let shown = columns.iter().map(|column| match column.as_str() {
                    "id" => format!("CAST({0} AS TEXT) AS {0}", quote("id")),
                    other => quote(other),
                });
                let shown = shown.collect::<Vec<_>>().join(", ");
                format!(
                    "CREATE VIEW {view} AS WITH _gr_rows ({names}) AS ({query}\n) \
                     SELECT {shown} FROM _gr_rows"
                )
            }
            Self::DropView { view } => format!("DROP VIEW IF EXISTS {}", quote(view)),
            Self::DropIndex { name } => format!("DROP INDEX IF EXISTS {}", quote(name)),
        }
    }
}
