//! `[sync]`: when what is copied.

use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

use crate::config::error::{ConfigError, Origin};
use crate::config::key::Requirement::{Default, Required};
use crate::config::key::ValueKind::{Choice, Instant, Rate, Span, Whole};
use crate::config::key::{ANY, Key, table_key};
use crate::config::reader::SettingsReader;
use crate::copying::transfer::Way;

/// When what is copied.
#[derive(Clone, Debug)]
pub struct SyncSettings {
    /// Nothing recorded earlier is copied by `sync`.
    pub go_live: DateTime<Utc>,
    /// Listed again by every run.
    pub lookback: TimeDelta,
    /// Listed again every 12 hours; never shorter than `lookback`.
    pub rescan: TimeDelta,
    /// How often a long run looks for recordings that are newer than it.
    pub relist_every: Duration,
    /// Transfers at a time.
    pub parallel: usize,
    /// Size of an uploaded chunk, at most.
    pub chunk_bytes: u64,
    /// Bytes a second of all transfers together, where they are held back.
    pub bandwidth: Option<u64>,
    /// Who moves the bytes.
    pub transfer: Way,
    /// How long Kaltura may take to fetch a recording, and how long the token lives that lets it.
    pub pull_within: TimeDelta,
    /// After so many faults of its own a recording is given up.
    pub max_attempts: u32,
    /// Before the second try; doubles with each further one.
    pub retry_after: TimeDelta,
    /// How long Zoom keeps recordings.
    pub zoom_retention: TimeDelta,
    /// What could be copied for longer and is not there is late.
    pub late_after: TimeDelta,
    /// What Kaltura processes for longer needs attention.
    pub processing_alert: TimeDelta,
    /// What Zoom deletes within this time and is not there is at risk.
    pub at_risk: TimeDelta,
    /// So long it is kept what happened to recordings of which nothing is owed.
    pub keep_history: TimeDelta,
}

/// How far back it is listed.
struct ListingSpans {
    /// By every run.
    lookback: TimeDelta,
    /// Now and then.
    rescan: TimeDelta,
}

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("sync.go_live", Instant, Required),
    table_key("sync.lookback", Span("1d", "400d"), Default(r#""7d""#)),
    table_key("sync.rescan", Span("1d", "400d"), Default(r#""62d""#)),
    table_key("sync.relist_every", Span("1s", "1d"), Default(r#""5m""#)),
    table_key("sync.parallel", Whole(1, 64), Default("4")),
    table_key("sync.chunk_mib", Whole(1, 1024), Default("64")),
    table_key("sync.bandwidth", Rate, Default(r#""""#)),
    table_key("sync.transfer", Choice(&["stream", "pull"]), Default(r#""stream""#)),
    table_key("sync.pull_within", Span("1s", "7d"), Default(r#""2h""#)),
    table_key("sync.max_attempts", Whole(1, 1_000_000), Default("10")),
    table_key("sync.retry_after", ANY, Default(r#""5m""#)),
    table_key("sync.late_after", ANY, Default(r#""3h""#)),
    table_key("sync.processing_alert", ANY, Default(r#""24h""#)),
    table_key("sync.at_risk", ANY, Default(r#""7d""#)),
    table_key("sync.keep_history", Span("31d", "3650d"), Default(r#""400d""#)),
    table_key("sync.zoom_retention", Span("1d", "400d"), Default(r#""30d""#)),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_sync(&self) -> Result<SyncSettings, ConfigError> {
        let ListingSpans { lookback, rescan } = self.read_spans()?;
        Ok(SyncSettings {
            go_live: self.key("sync.go_live")?.instant()?,
            lookback,
            rescan,
            relist_every: self.key("sync.relist_every")?.timer()?,
            parallel: self.key("sync.parallel")?.whole()?,
            chunk_bytes: self.key("sync.chunk_mib")?.whole::<u64>()? * 1024 * 1024,
            bandwidth: self.key("sync.bandwidth")?.rate()?,
            transfer: if self.key("sync.transfer")?.choice()? == "pull" { Way::Pull } else { Way::Stream },
            pull_within: self.key("sync.pull_within")?.span()?,
            max_attempts: self.key("sync.max_attempts")?.whole()?,
            retry_after: self.key("sync.retry_after")?.span()?,
            zoom_retention: self.key("sync.zoom_retention")?.span()?,
            late_after: self.key("sync.late_after")?.span()?,
            processing_alert: self.key("sync.processing_alert")?.span()?,
            at_risk: self.key("sync.at_risk")?.span()?,
            keep_history: self.key("sync.keep_history")?.span()?,
        })
    }

    /// `lookback` and `rescan`, which would find nothing if it were shorter than what every run lists anyway.
    fn read_spans(&self) -> Result<ListingSpans, ConfigError> {
        let (lookback, rescan) = (self.key("sync.lookback")?, self.key("sync.rescan")?);
        let spans = ListingSpans { lookback: lookback.span()?, rescan: rescan.span()? };
        if spans.rescan < spans.lookback {
            let decided = if rescan.origin == Origin::Default { lookback } else { rescan };
            let why = "makes sync.rescan shorter than sync.lookback: lengthen sync.rescan or shorten sync.lookback";
            return Err(decided.wrong(why));
        }
        Ok(spans)
    }
}
