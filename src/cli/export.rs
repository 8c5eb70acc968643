//! `greenroom export`: the records of a collection as a file, or to stdout.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::sync::Arc;

use crate::app::App;
use crate::cli::command::ExportOptions;
use crate::cli::failure::Failure;
use crate::cli::{progress, terminal};
use crate::exports::{ExportOrder, Format};
use crate::query::{AuthRecord, Caller, RequestContext};

/// Writes what the options ask for.
pub(super) async fn run(app: Arc<App>, options: ExportOptions) -> Result<(), Failure> {
    let work = move || write(&app, options);
    tokio::task::spawn_blocking(work).await.map_err(|e| Failure::new(e.to_string()))?
}

fn write(app: &App, options: ExportOptions) -> Result<(), Failure> {
    let schema = app.schema.load();
    let collection = schema.find(&options.collection).cloned().ok_or_else(|| {
        Failure::new(format!("there is no collection \"{}\"", options.collection))
    })?;
    let file = options.file.filter(|file| file != Path::new("-"));
    let order = ExportOrder {
        format: format_of(options.format.as_deref(), file.as_deref())?,
        filter: options.filter,
        sort: options.sort,
        fields: options.fields,
        expand: options.expand,
        explain: true,
    };
    let caller = Caller::Superuser(Arc::new(AuthRecord::default()));
    let cx = RequestContext::new(caller, "GET", app.clock.now());
    let bar = match &file {
        None if io::stdout().is_terminal() => indicatif::ProgressBar::hidden(),
        _ => progress::count(0, format!("exporting {}", collection.name)),
    };
    let out: Box<dyn Write> = match &file {
        None => Box::new(io::stdout().lock()),
        Some(file) => Box::new(
            File::options()
                .write(true)
                .create_new(true)
                .open(file)
                .map_err(|e| Failure::new(format!("cannot make {}: {e}", file.display())))?,
        ),
    };
    let written = app.exports.write_to(schema, &collection, &order, cx, out, || bar.inc(1));
    bar.finish_and_clear();
    match (written, file) {
        (Ok(count), Some(file)) => {
            terminal::done(&format!("Exported {count} records to {}", file.display()));
            Ok(())
        }
        (Ok(_), None) => Ok(()),
        (Err(error), file) => {
            if let Some(file) = file {
                // Half a file must not be taken for a whole one.
                let _ = std::fs::remove_file(file);
            }
            Err(error.into())
        }
    }
}

fn format_of(given: Option<&str>, file: Option<&Path>) -> Result<Format, Failure> {
    let wanted = "csv, ndjson or json";
    if let Some(word) = given {
        let unknown = || Failure::new(format!("--format: '{word}' is none of {wanted}"));
        return Format::parse(word).ok_or_else(unknown);
    }
    let Some(file) = file else { return Ok(Format::Csv) };
    let end = file.extension().map(|end| end.to_string_lossy().into_owned());
    end.as_deref().and_then(Format::parse).ok_or_else(|| {
        Failure::new(format!("{} does not end like {wanted}; say --format", file.display()))
    })
}
