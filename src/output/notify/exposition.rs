//! Prometheus' text format, version 0.0.4, as its documentation describes it (prometheus.io, "Exposition formats"), and
//! the file in which `node_exporter`'s textfile collector looks for it.

use std::fmt::{Display, Write as _};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::{fs, io};

use crate::model::one_line;

/// What every name begins with.
const PREFIX: &str = "zoom2kaltura_";
/// `node_exporter` runs as a user of its own.
const FOR_ALL: u32 = 0o644;

/// A page of metrics, family by family.
#[derive(Debug)]
pub(super) struct MetricsPage {
    /// Whose they are: of files that lie in one folder, `node_exporter` serves each series once.
    account: String,
    text: String,
}

/// One number and the labels that tell it from others of its family.
pub(super) struct Sample {
    labels: Vec<(&'static str, String)>,
    value: String,
}

impl Sample {
    pub(super) fn new(value: impl Display) -> Sample {
        Sample { labels: Vec::new(), value: format!("{value}") }
    }

    pub(super) fn with(mut self, label: &'static str, value: impl Into<String>) -> Sample {
        self.labels.push((label, value.into()));
        self
    }
}

impl MetricsPage {
    pub(super) fn of(account: &str) -> MetricsPage {
        MetricsPage { account: account.to_owned(), text: String::new() }
    }

    /// Numbers that rise and fall.
    pub(super) fn gauge(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = Sample>) {
        self.family(name, "gauge", help, samples);
    }

    /// Numbers that only grow; their names end in `_total`.
    pub(super) fn counter(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = Sample>) {
        self.family(&format!("{name}_total"), "counter", help, samples);
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    /// A family without a sample is left out: what is not known is not 0.
    fn family(&mut self, name: &str, kind: &str, help: &str, samples: impl IntoIterator<Item = Sample>) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let account = escape_label(&self.account);
        let page = &mut self.text;
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let _ = write!(page, "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}\n");
        for Sample { labels, value } in samples {
            let labels = labels.into_iter().map(|(name, value)| format!(",{name}=\"{}\"", escape_label(&value)));
            let labels = labels.collect::<String>();
            let _ = writeln!(page, "{PREFIX}{name}{{account=\"{account}\"{labels}}} {value}");
        }
    }
}

fn escape_label(value: &str) -> String {
    one_line(value).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Puts `text` into `file` at once: written beside it, under a name that is not collected, and renamed, so that nobody
/// reads half of it. Everybody who may read the folder may read it.
pub(super) fn replace_file(file: &Path, text: &str) -> io::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = file.with_file_name(format!(".{name}.{}", std::process::id()));
    // left by a run that was killed and had the same number
    let _ = fs::remove_file(&beside);
    let written = write_atomically(&beside, text).and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_atomically(file: &Path, text: &str) -> io::Result<()> {
    let mut to = OpenOptions::new().write(true).create_new(true).mode(FOR_ALL).open(file)?;
    // whatever the umask says
    to.set_permissions(fs::Permissions::from_mode(FOR_ALL))?;
    to.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{MetricsPage, Sample};

    #[test]
    fn labels_and_help_texts_are_escaped() {
        let mut page = MetricsPage::of("Law \"1\"");
        page.gauge("a", "one\\two\nthree", [Sample::new(1).with("b", "\"c\\\n\u{202E}d")]);
        page.counter("d", "E.", [Sample::new(2)]);
        page.gauge("f", "Nothing is known of it.", []);
        assert_eq!(
            page.text(),
            "# HELP zoom2kaltura_a one\\\\two\\nthree\n# TYPE zoom2kaltura_a gauge\n\
             zoom2kaltura_a{account=\"Law \\\"1\\\"\",b=\"\\\"c\\\\ d\"} 1\n\
             # HELP zoom2kaltura_d_total E.\n# TYPE zoom2kaltura_d_total counter\n\
             zoom2kaltura_d_total{account=\"Law \\\"1\\\"\"} 2\n"
        );
    }
}
