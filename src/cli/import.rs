//! `greenroom import`: rows of a file become records, or a folder of PocketBase a data folder.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use indicatif::ProgressBar;
use tokio::runtime::Handle;

use crate::app::App;
use crate::cli::command::ImportOptions;
use crate::cli::failure::Failure;
use crate::cli::{progress, terminal, with_app};
use crate::config::Config;
use crate::imports::{
    FolderCopy, Format, ImportOrder, Progress, RejectFormat, Report, State, Subject, Survey,
    Surveyor,
};
use crate::query::{AuthRecord, Caller, RequestContext};

/// The word that stands in place of a collection.
const POCKETBASE: &str = "pocketbase";
/// Between two looks at how far an import is.
const LOOK: Duration = Duration::from_millis(100);

/// Does what the options say.
pub(super) fn run(config: Config, options: ImportOptions) -> Result<(), Failure> {
    if options.collection == POCKETBASE && options.source.is_dir() {
        return folder(&config, &options);
    }
    with_app(|| App::start_beside(config), |app| file(app, options))
}

async fn file(app: Arc<App>, options: ImportOptions) -> Result<(), Failure> {
    let schema = app.schema.load();
    let collection = schema.find(&options.collection).cloned().ok_or_else(|| {
        Failure::new(format!("there is no collection \"{}\"", options.collection))
    })?;
    let is_stdin = options.source == Path::new("-");
    let cannot =
        |e: io::Error| Failure::new(format!("cannot read {}: {e}", options.source.display()));
    let (input, total): (Box<dyn Read + Send>, u64) = if is_stdin {
        (Box::new(io::stdin()), 0)
    } else {
        let file = File::open(&options.source).map_err(cannot)?;
        let length = file.metadata().map_err(cannot)?.len();
        (Box::new(file), length)
    };
    let caller = Caller::Superuser(Arc::new(AuthRecord::default()));
    let cx = RequestContext::new(caller, "POST", app.clock.now());
    let order = order(&options)?;
    let subject = Subject { schema, collection, order, cx, total_bytes: total, id: None };
    let bar = progress::bytes(total, format!("importing {}", options.collection));
    let (imports, runtime, shown) = (app.imports.clone(), Handle::current(), bar.clone());
    let work = move || {
        let begin = |progress: &Arc<Progress>| {
            Handle::current().spawn(show(Arc::clone(progress), shown));
        };
        imports.run(subject, runtime, input, begin)
    };
    let report = tokio::task::spawn_blocking(work).await;
    bar.finish_and_clear();
    let report = report.map_err(|e| Failure::new(e.to_string()))??;
    if let Some(errors) = &options.errors {
        write_errors(&app, &report, errors)?;
    }
    tell(&report, &options)
}

/// The options as the route has them.
fn order(options: &ImportOptions) -> Result<ImportOrder, Failure> {
    let end = options.source.extension().map(|end| end.to_string_lossy().into_owned());
    let get = |name: &str| match name {
        "format" => options.format.as_deref(),
        "mapping" => options.mapping.as_deref(),
        "delimiter" => options.delimiter.as_deref(),
        "separator" => options.separator.as_deref(),
        "upsert" => options.upsert.as_deref(),
        "header" => options.no_header.then_some("false"),
        "dryRun" => options.dry_run.then_some("true"),
        "onError" => options.skip_errors.then_some("skip"),
        _ => None,
    };
    Ok(ImportOrder::parse(get, end.as_deref().and_then(Format::parse))?)
}

async fn show(progress: Arc<Progress>, bar: ProgressBar) {
    while progress.is_running() {
        bar.set_position(progress.report().bytes);
        tokio::time::sleep(LOOK).await;
    }
}

fn write_errors(app: &App, report: &Report, path: &Path) -> Result<(), Failure> {
    let Some(rejects) = app.imports.get(&report.id)?.rejects().filter(|r| r.count() > 0) else {
        return Ok(());
    };
    let is_csv = path.extension().is_some_and(|end| end == "csv");
    let format = if is_csv { RejectFormat::Csv } else { RejectFormat::Ndjson };
    let written = File::create(path).and_then(|file| rejects.write_to(format, file));
    written.map_err(|e| Failure::new(format!("cannot write {}: {e}", path.display())))
}

/// Says what became of the rows.
fn tell(report: &Report, options: &ImportOptions) -> Result<(), Failure> {
    for error in report.errors.iter().take(5) {
        terminal::notice(&format!("row {}: {}", error.row, error.message));
    }
    if !report.ignored.is_empty() {
        terminal::notice(&format!("columns of no field: {}", report.ignored.join(", ")));
    }
    let lines = [
        format!("{} rows read", report.rows),
        format!("{} records made", report.created),
        format!("{} records changed", report.updated),
        format!("{} rows refused", report.rejected),
    ];
    let heading = match options.dry_run {
        true => format!("A dry run of an import into {} keeps nothing", report.collection),
        false => format!("Imported into {}", report.collection),
    };
    terminal::list(&heading, &lines);
    match report.state {
        State::Done => Ok(()),
        _ => Err(Failure::new(report.message.clone())),
    }
}

/// Makes the data folder out of one of PocketBase.
fn folder(config: &Config, options: &ImportOptions) -> Result<(), Failure> {
    let copy = FolderCopy::begin(&options.source, &config.dir)?;
    let bar = progress::count(0, "copying the database, pages");
    let has_logs = copy.databases(|copied| {
        bar.set_length(copied.whole);
        bar.set_position(copied.done);
    });
    bar.finish_and_clear();
    let has_logs = has_logs?;
    let mut lines = Vec::new();
    if !options.dry_run {
        let bar = progress::count(0, "copying files");
        let files = copy.files(|copied| bar.set_position(copied.files));
        bar.finish_and_clear();
        let files = files?;
        lines.push(format!("{} files, {} bytes", files.files, files.bytes));
    }
    let mut survey = survey(Config { dir: copy.staging().to_owned(), ..config.clone() }, options)?;
    if !has_logs {
        survey.notes.push("The logs cannot be read, and are left out.".to_owned());
    }
    let dir = config.dir.display();
    let heading = if options.dry_run {
        format!("A dry run: nothing was made of {}", options.source.display())
    } else {
        copy.finish()?;
        format!("Imported {} into {dir}", options.source.display())
    };
    let Survey { collections, views, records, accounts, superusers, notes } = survey;
    lines.splice(
        0..0,
        [
            format!("{collections} collections, {views} of them views"),
            format!("{records} records, {accounts} of them accounts with their passwords"),
            format!("{superusers} superusers"),
        ],
    );
    terminal::list(&heading, &lines);
    notes.iter().for_each(|note| terminal::notice(note));
    Ok(())
}

fn survey(config: Config, options: &ImportOptions) -> Result<Survey, Failure> {
    let mut survey = Survey::default();
    let found = &mut survey;
    with_app(
        || App::start(config),
        |app| async move {
            let (schema, settings) = (app.schema.load(), app.settings.load());
            let surveyor = Surveyor {
                records: &app.records,
                schema: &schema,
                settings: &settings,
                source: &options.source,
                cx: RequestContext::new(Caller::Guest, "GET", app.clock.now()),
            };
            *found = surveyor.run().await?;
            Ok(())
        },
    )?;
    Ok(survey)
}
