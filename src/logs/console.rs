//! What the console shows: messages for people, or one JSON object a line for collectors.

use std::fmt;
use std::io::IsTerminal as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt as lines};

use crate::clock::Clock;
use crate::config::ConsoleConfig;
use crate::logs::Messages;

/// Sends messages to stderr from now on, and warnings to the log that is named later. A second call
/// changes nothing.
///
/// # Errors
/// The filter does not parse; one line says how it should look.
pub fn install(config: &ConsoleConfig, is_dev: bool, clock: Clock) -> Result<Messages, String> {
    // What clients send wrong is not ours to shout about: actix calls it an error.
    let default = match is_dev {
        true => "info,greenroom=debug",
        false => "warn,greenroom=info,actix_http=off",
    };
    let text = config.filter.as_deref().unwrap_or(default);
    let filter = EnvFilter::builder()
        .parse(text)
        .map_err(|e| format!("GREENROOM_LOG: {e}; write levels such as info,greenroom=debug"))?;
    let messages = Messages::new(clock.clone());
    let kept = messages.clone().with_filter(LevelFilter::WARN);
    let time = WireTime(clock);
    let base = lines::layer().with_writer(std::io::stderr).with_timer(time);
    let shown = match config.json {
        true => base.json().flatten_event(true).with_filter(filter).boxed(),
        false => {
            base.compact().with_target(is_dev).with_ansi(has_colors()).with_filter(filter).boxed()
        }
    };
    // Another subscriber is in place only when a program embeds the library: it keeps its own.
    let _ = Registry::default().with(shown).with(kept).try_init();
    Ok(messages)
}

/// Whether stderr shows colours and nobody asked it not to.
fn has_colors() -> bool {
    let choice = anstream::AutoStream::choice(&std::io::stderr());
    std::io::stderr().is_terminal() && choice != anstream::ColorChoice::Never
}

/// The time as everywhere else in the product.
struct WireTime(Clock);

impl FormatTime for WireTime {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        write!(w, "{}", self.0.now())
    }
}
