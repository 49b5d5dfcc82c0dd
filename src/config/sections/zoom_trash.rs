//! `[zoom_trash]`: when recording files go to Zoom's trash.

use chrono::TimeDelta;

use crate::config::error::ConfigError;
use crate::config::key::Requirement::Default;
use crate::config::key::ValueKind::{SpanOrNever, Whole};
use crate::config::key::{Key, table_key};
use crate::config::reader::SettingsReader;

/// When recording files go to Zoom's trash.
#[derive(Clone, Copy, Debug)]
pub struct ZoomTrashSettings {
    /// How long after their copy was confirmed; `None` for never.
    pub after: Option<TimeDelta>,
    /// More due than this, and none goes there.
    pub max_files: usize,
}

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("zoom_trash.after", SpanOrNever("1d", "400d"), Default(r#""never""#)),
    table_key("zoom_trash.max_files", Whole(0, i64::MAX), Default("1000")),
];

impl SettingsReader<'_> {
    /// A file that no run lists any more when its time comes would never go.
    pub(in crate::config) fn read_zoom_trash(&self) -> Result<ZoomTrashSettings, ConfigError> {
        let (key, rescan) = (self.key("zoom_trash.after")?, self.key("sync.rescan")?.span()?);
        let after = key.span_or_never()?;
        if after.is_some_and(|after| after >= rescan) {
            return Err(key.wrong("reaches beyond what sync.rescan lists: shorten it, or lengthen sync.rescan"));
        }
        Ok(ZoomTrashSettings { after, max_files: self.key("zoom_trash.max_files")?.whole()? })
    }
}
