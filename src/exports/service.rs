//! [`Exports`]: decides an export, and writes it where it is wanted.

use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::time::Duration;

use crate::crypto;
use crate::error::{Error, Result};
use crate::exports::Format;
use crate::exports::sheet::Sheet;
use crate::exports::spool::{Spool, spool};
use crate::files::Files;
use crate::query::{Expand, Projection, RequestContext};
use crate::records::{Export, ListQuery, Records};
use crate::schema::{Collection, Schema};

/// How long one export may hold its snapshot, and the log with it.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// Bytes that are collected before they are written.
const BUFFER: usize = 64 << 10;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ExportOrder {
    /// How records are written.
    pub format: Format,
    /// Which records; all when empty.
    pub filter: String,
    /// In which order.
    pub sort: String,
    /// What of each record; all when empty.
    pub fields: String,
    /// Relations to bring along.
    pub expand: String,
    /// Whether a refused filter or sort is answered with the reason.
    pub explain: bool,
}

/// Exports of one data folder. Cheap to clone.
#[derive(Clone)]
pub struct Exports {
    records: Records,
    files: Files,
}

impl Exports {
    /// Exports of `records`; what is on its way to a client lies beside the uploads that arrive.
    pub fn new(records: Records, files: Files) -> Self {
        Self { records, files }
    }

    /// Writes the records to `out` and tells how many there are. `step` hears of each. Blocks.
    ///
    /// # Errors
    /// 400 for a filter, sort or list of fields that means nothing; what the store or `out` says.
    pub fn write_to(
        &self,
        schema: Arc<Schema>,
        collection: &Arc<Collection>,
        order: &ExportOrder,
        cx: RequestContext,
        out: impl Write,
        mut step: impl FnMut(),
    ) -> Result<u64> {
        let export = self.decide(schema, collection, order, cx)?;
        write(&export, order, BufWriter::with_capacity(BUFFER, out), &mut step)
    }

    /// Begins to write the records to a file that can be read meanwhile.
    ///
    /// # Errors
    /// As [`Exports::write_to`], as far as it shows before the first record.
    pub async fn begin(
        &self,
        schema: Arc<Schema>,
        collection: &Arc<Collection>,
        order: ExportOrder,
        cx: RequestContext,
    ) -> Result<Spool> {
        let export = self.decide(schema, collection, &order, cx)?;
        let path = self.files.scratch().join(format!("export-{}", crypto::random_id()));
        let work = move || spool(path);
        let spooled = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
        let (mut writer, reader) = spooled.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let out = BufWriter::with_capacity(BUFFER, &mut writer);
            let done = write(&export, &order, out, &mut || ());
            if let Err(error) = &done {
                let collection = export.collection().name.as_str();
                tracing::warn!(%error, collection, "an export broke off");
            }
            writer.end(done.is_ok());
        });
        Ok(reader)
    }

    fn decide(
        &self,
        schema: Arc<Schema>,
        collection: &Arc<Collection>,
        order: &ExportOrder,
        cx: RequestContext,
    ) -> Result<Export> {
        Projection::parse(&order.fields)?;
        let input = ListQuery {
            filter: order.filter.clone(),
            sort: order.sort.clone(),
            expand: if order.expand.is_empty() { Vec::new() } else { Expand::parse(&order.expand) },
            explain: order.explain,
            ..ListQuery::default()
        };
        self.records.export(schema, collection, input, cx)
    }
}

fn write(
    export: &Export,
    order: &ExportOrder,
    out: impl Write,
    step: &mut dyn FnMut(),
) -> Result<u64> {
    let mut sheet = Sheet::begin(out, order.format, export, &order.fields)?;
    export.run(LIMIT, |record| {
        step();
        sheet.write(record)
    })?;
    sheet.end()
}
