//! Log lines on stderr.
//!
//! A log line: what happened, the ids it is about, and the run it belongs to.

use std::fmt::Write;
use std::io;
use std::io::IsTerminal;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use chrono::{SecondsFormat, Utc};
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use super::Bars;
use crate::cli::{Cli, LogFormat};
use crate::model::one_line;
use crate::output::document::JsonDocument;

/// Sets up the log as the command line asks; where one process runs several commands, as the last of them asks.
///
/// Only this program's own lines are shown: what the libraries below log may hold addresses and headers.
pub fn start_log(cli: &Cli, bars: &Bars) {
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, _) => LevelFilter::DEBUG,
    };
    let form = match cli.log_format {
        LogFormat::Json => Form::Json,
        LogFormat::Text if io::stderr().is_terminal() => Form::Terminal,
        LogFormat::Text if is_journal() => Form::Journal,
        LogFormat::Text => Form::Text,
    };
    *current() = CurrentLog { level, form, bars: bars.clone(), run: None };
    let is_ours = |metadata: &Metadata<'_>, _: &Context<'_, Registry>| {
        metadata.target().starts_with(env!("CARGO_CRATE_NAME")) && *metadata.level() <= current().level
    };
    // nothing is logged below debug: what the libraries trace is not even looked at
    let ours = dynamic_filter_fn(is_ours).with_max_level_hint(LevelFilter::DEBUG);
    let lines = fmt::layer().with_writer(|| current().bars.clone()).event_format(LogLines);
    // a failure means that this process has set it up already
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}

/// How the command at hand logs.
struct CurrentLog {
    level: LevelFilter,
    form: Form,
    bars: Bars,
    /// The run that its lines name.
    run: Option<String>,
}

static CURRENT: LazyLock<Mutex<CurrentLog>> = LazyLock::new(|| {
    Mutex::new(CurrentLog { level: LevelFilter::WARN, form: Form::Text, bars: Bars::default(), run: None })
});

fn current() -> MutexGuard<'static, CurrentLog> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether stderr goes to journald: systemd names its device and inode (systemd.exec(5), `JOURNAL_STREAM`).
fn is_journal() -> bool {
    let named = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    rustix::fs::fstat(io::stderr()).is_ok_and(|found| named == format!("{}:{}", found.st_dev, found.st_ino))
}

/// Names the run in every line from now on.
pub fn name_run(id: &str) {
    current().run = Some(id.to_owned());
}

/// Whether debug lines are shown. Of a big account there are tens of thousands, and each takes time to word.
pub fn shows_debug() -> bool {
    current().level >= LevelFilter::DEBUG
}

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For a person who is watching: no time.
    Terminal,
    /// For a file or a mail.
    Text,
    /// For journald, which has times of its own and takes the priority from the begin of a line (sd-daemon(3)).
    Journal,
    /// One object a line.
    Json,
}

/// Lines as the command at hand writes them.
struct LogLines;

impl<S, N> FormatEvent<S, N> for LogLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> std::fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = {
            let current = current();
            current.form.format_line(*event.metadata().level(), fields, current.run.as_deref())
        };
        writeln!(to, "{line}")
    }
}

impl Form {
    fn format_line(self, level: Level, fields: Fields, run: Option<&str>) -> String {
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let begin = match self {
            Form::Terminal => format!("{level:>5}"),
            Form::Text => format!("{now} {level:>5}"),
            Form::Journal => format!("<{}>{level}", log_priority(level)),
            Form::Json => return fields.log_document(&now, level, run).line().unwrap_or_default(),
        };
        let mut line = format!("{begin} {}", fields.message);
        for (name, value) in fields.others.iter().map(|(name, value)| (*name, plain_json(value))) {
            let _ = write!(line, " {name}={value}");
        }
        if let Some(run) = run {
            let _ = write!(line, " run={run}");
        }
        line
    }
}

/// What an event says: its message, and its fields in their order; texts fit to be shown, no matter who wrote them.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn log_document(self, now: &str, level: Level, run: Option<&str>) -> JsonDocument<Map<String, Value>> {
        let mut object = Map::new();
        object.insert("timestamp".to_owned(), now.into());
        object.insert("level".to_owned(), level.as_str().into());
        object.insert("message".to_owned(), self.message.into());
        object.extend(self.others.into_iter().map(|(name, value)| (name.to_owned(), value)));
        object.extend(run.map(|run| ("run_id".to_owned(), run.into())));
        JsonDocument::new(object)
    }

    fn take_field(&mut self, field: &Field, value: Value) {
        let value = value.as_str().map(|text| one_line(text).into()).unwrap_or(value);
        match field.name() {
            "message" => self.message = plain_json(&value),
            name => self.others.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take_field(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take_field(field, value.into());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.take_field(field, u64::try_from(value).unwrap_or(u64::MAX).into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take_field(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take_field(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.take_field(field, format!("{value:?}").into());
    }
}

fn plain_json(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// As syslog counts.
fn log_priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tracing::Level;

    use super::{Fields, Form};

    fn fields() -> Fields {
        Fields { message: "sent".to_owned(), others: vec![("entry_id", json!("0_a")), ("bytes", json!(7))] }
    }

    #[test]
    fn a_line_names_event_and_run() {
        assert_eq!(
            Form::Terminal.format_line(Level::INFO, fields(), Some("r1")),
            " INFO sent entry_id=0_a bytes=7 run=r1"
        );
        assert_eq!(Form::Journal.format_line(Level::WARN, fields(), None), "<4>WARN sent entry_id=0_a bytes=7");
        let text = Form::Text.format_line(Level::ERROR, fields(), Some("r1"));
        assert!(text.ends_with("Z ERROR sent entry_id=0_a bytes=7 run=r1"), "{text}");
        let json: Value =
            serde_json::from_str(&Form::Json.format_line(Level::DEBUG, fields(), Some("r1"))).expect("JSON");
        assert_eq!(json["bytes"], 7);
        assert_eq!(
            (&json["level"], &json["message"], &json["run_id"]),
            (&json!("DEBUG"), &json!("sent"), &json!("r1"))
        );
    }
}
