//! What a plan is made from.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use crate::model::{
    Entry, EntryId, EntryWithSource, KalturaUserId, OwnTexts, Owner, Segment, SegmentKey, Tracked, Window,
};

/// Everything that was read from Zoom, the ledger and Kaltura.
#[derive(Debug)]
pub struct Facts {
    /// The days that were listed.
    pub window: Window,
    /// Whether everything that Zoom lists there could be read.
    pub complete: bool,
    /// Every segment that Zoom lists in them, and what is owed from other days.
    pub listed: Vec<Segment>,
    /// What is owed and Zoom no longer has.
    pub gone: HashSet<SegmentKey>,
    /// What the ledger knows of these days, and all that is still owed from others.
    pub tracked: BTreeMap<SegmentKey, Tracked>,
    /// Whose account it is, for each segment whose copy is to begin.
    pub owners: HashMap<SegmentKey, Owner>,
    /// The holding user, confirmed by Kaltura: looked up only where there are orphans, `None` where it is missing.
    pub holding_user: Option<KalturaUserId>,
    /// Entries found in Kaltura by the mark of a segment whose copy is to begin.
    pub marked: HashMap<SegmentKey, Vec<Entry>>,
    /// Which texts of this program hang on those of them that may be whole.
    pub texts: HashMap<EntryId, OwnTexts>,
    /// What Kaltura says of each entry whose bytes were all sent; `None` where it no longer exists.
    pub sent: HashMap<EntryId, Option<EntryWithSource>>,
    /// What time it is by this machine's clock: what is under way was begun by it.
    pub here: DateTime<Utc>,
    /// What time it is by Kaltura's clock, where it was asked for.
    pub in_kaltura: Option<DateTime<Utc>>,
}
