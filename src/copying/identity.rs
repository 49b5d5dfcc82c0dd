//! The names that a recording goes by. Zoom may spell the same instant otherwise from one day to the next, and the ledger
//! or Kaltura may know a recording under the other spelling: it keeps the name under which its copy was made.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{
    Entry, EntryId, EntryStatus, FileId, MeetingUuid, OwnTexts, Owner, RecordingFile, ReferenceId, Segment, SegmentKey,
    Tracked, keep_ids, keep_names,
};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::Kaltura;

/// Gives what is listed the names under which the ledger has it.
pub fn as_known(listed: &mut [Segment], tracked: &BTreeMap<SegmentKey, Tracked>) {
    let odd = tracked.keys().filter(|key| !key.is_usual());
    let odd = odd.filter_map(|key| Some(((key.meeting_uuid.clone(), key.usual_start()?), key)));
    let odd: HashMap<(MeetingUuid, String), &SegmentKey> = odd.collect();
    for segment in listed {
        if !odd.is_empty() && !tracked.contains_key(&segment.key()) {
            let usual = (segment.meeting.uuid.clone(), segment.recording_start.to_string());
            if let Some(key) = odd.get(&usual) {
                rename_segments(segment, key);
            }
        }
        if let Some(known) = tracked.get(&segment.key())
            && segment.files.iter().any(|file| file.shares_id)
        {
            keep_names(Arc::make_mut(&mut segment.files).as_mut_slice(), &known.copies);
        }
        if let Some(known) = tracked.get(&segment.key())
            && known.copies.iter().any(|copy| !segment.files.iter().any(|file| file.id == copy.file_id))
        {
            keep_ids(Arc::make_mut(&mut segment.files).as_mut_slice(), &known.copies);
        }
    }
}

/// Names that are made of the start go with it.
fn rename_segments(segment: &mut Segment, to: &SegmentKey) {
    let name = |start: &str| format!("{}#{start}#", segment.meeting.uuid);
    let (before, after) = (name(&segment.recording_start), name(&to.recording_start));
    if segment.files.iter().any(|file| file.id.as_str().starts_with(&before)) {
        for file in Arc::make_mut(&mut segment.files) {
            if let Some(rest) = file.id.as_str().strip_prefix(&before) {
                file.id = FileId::new(format!("{after}{rest}"));
            }
        }
    }
    segment.recording_start = to.recording_start.clone();
}

/// Entries in Kaltura that carry a mark of a segment already.
#[derive(Debug, Default)]
pub struct MarkedSegments {
    /// By the segment.
    pub entries: HashMap<SegmentKey, Vec<Entry>>,
    /// Segments that Kaltura has, and the ledger has not, under another spelling: its name by now, and that name.
    renamed: Vec<(SegmentKey, SegmentKey)>,
    /// How many entries of this program carry no mark at all, where it was looked for them.
    pub unmarked: usize,
}

impl MarkedSegments {
    /// Looks for entries that carry the mark of a segment, in whatever spelling, or the older one of its whole meeting; in the
    /// same request for those made `since` then that carry none.
    pub async fn look_for(
        kaltura: &Kaltura,
        segments: &[&Segment],
        tracked: &BTreeMap<SegmentKey, Tracked>,
        since: Option<DateTime<Utc>>,
    ) -> Result<MarkedSegments, RemoteError> {
        let mut names: BTreeMap<ReferenceId, Vec<(SegmentKey, SegmentKey)>> = BTreeMap::new();
        for key in segments.iter().map(|segment| segment.key()) {
            for other in key.spelt_otherwise() {
                names.entry(other.reference_id()).or_default().push((key.clone(), other));
            }
            for mark in [key.reference_id(), key.meeting_reference_id()] {
                names.entry(mark).or_default().push((key.clone(), key.clone()));
            }
        }
        let marks: Vec<ReferenceId> = names.keys().cloned().collect();
        let mut found: BTreeMap<SegmentKey, Vec<(SegmentKey, Entry)>> = BTreeMap::new();
        let (entries, unmarked) = kaltura.entries_marked_or_not(&marks, since).await?;
        for entry in entries {
            for (key, name) in names.get(&entry.reference_id).into_iter().flatten() {
                found.entry(key.clone()).or_default().push((name.clone(), entry.clone()));
            }
        }
        let mut marked = MarkedSegments { unmarked, ..MarkedSegments::default() };
        for (key, found) in found {
            marked.take_found(key.clone(), found, tracked.contains_key(&key));
        }
        Ok(marked)
    }

    fn take_found(&mut self, key: SegmentKey, found: Vec<(SegmentKey, Entry)>, is_tracked: bool) {
        let is_own = |(name, entry): &(SegmentKey, Entry)| *name == key && entry.reference_id == key.reference_id();
        let other = found.iter().map(|(name, _)| name).find(|name| **name != key).cloned();
        let name = match other {
            Some(other) if !is_tracked && !found.iter().any(is_own) => other,
            _ => key.clone(),
        };
        let entries = found.into_iter().filter_map(|(found_as, entry)| {
            if found_as == name || entry.reference_id == key.meeting_reference_id() {
                return Some(entry);
            }
            // one without content would be taken for what a run left behind under this very mark
            let is_whole =
                !matches!(entry.status, EntryStatus::NoContent | EntryStatus::Importing | EntryStatus::Failed);
            is_whole.then(|| Entry { reference_id: name.reference_id(), ..entry })
        });
        self.entries.insert(name.clone(), entries.collect());
        if name != key {
            self.renamed.push((key, name));
        }
    }

    /// Which texts of this program hang on its entries that are READY, where Zoom lists texts for them. What cannot be read is
    /// left out.
    pub async fn own_texts(
        &self,
        kaltura: &Kaltura,
        listed: &[Segment],
        trouble: &mut Vec<RemoteError>,
    ) -> Result<HashMap<EntryId, OwnTexts>, RemoteError> {
        let with_texts = listed.iter().filter(|segment| segment.files.iter().any(RecordingFile::is_text));
        let entries = with_texts.filter_map(|segment| self.entries.get(&segment.key())).flatten();
        let whole = entries.filter(|entry| entry.ours && entry.status == EntryStatus::Ready && !entry.recycled);
        let ids: Vec<EntryId> = whole.map(|entry| entry.id.clone()).collect();
        let mut found = HashMap::new();
        for (id, answer) in ids.iter().zip(kaltura.own_texts(&ids).await?) {
            match answer {
                Ok(texts) => drop(found.insert(id.clone(), texts)),
                Err(error) => trouble.push(error),
            }
        }
        Ok(found)
    }

    /// Gives what is listed the names under which Kaltura has it.
    pub fn rename_listed(&self, listed: &mut [Segment], owners: &mut HashMap<SegmentKey, Owner>) {
        for (key, name) in &self.renamed {
            if let Some(segment) = listed.iter_mut().find(|segment| segment.key() == *key) {
                rename_segments(segment, name);
            }
            if let Some(owner) = owners.remove(key) {
                owners.insert(name.clone(), owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};
    use std::sync::Arc;

    use super::{MarkedSegments, as_known};
    use crate::copying::plan::samples::{sample_entry, sample_file, sample_segment, sample_tracked};
    use crate::model::{Action, EntryStatus, FileId, FileKind, Segment, SegmentKey, Tracked};

    fn listed() -> Segment {
        let mut listed =
            sample_segment(vec![sample_file("u==#2026-11-22T09:00:00Z#CC##VTT", FileKind::ClosedCaptions)]);
        Arc::make_mut(&mut listed.files)[0].file_type = "CC".into();
        listed
    }

    fn spelt(start: &str) -> SegmentKey {
        SegmentKey { recording_start: start.into(), ..listed().key() }
    }

    fn known(starts: &[&str]) -> BTreeMap<SegmentKey, Tracked> {
        starts.iter().map(|start| (spelt(start), sample_tracked(Action::Done, None, Vec::new()))).collect()
    }

    #[test]
    fn a_recording_keeps_its_ledger_name() {
        let (usual, odd, local) = ("2026-11-22T09:00:00Z", "2026-11-22T09:00:00.000Z", "2026-11-22T10:00:00+01:00");
        let cases: [(&[&str], &str); 5] =
            [(&[], usual), (&[usual], usual), (&[odd], odd), (&[local], local), (&[odd, usual], usual)];
        for (starts, expected) in cases {
            let mut segments = [listed()];
            as_known(&mut segments, &known(starts));
            assert_eq!(&*segments[0].recording_start, expected, "{starts:?}");
            assert_eq!(segments[0].files[0].id, FileId::new(format!("u==#{expected}#CC##VTT")));
        }
    }

    #[test]
    fn kaltura_names_recordings_the_ledger_lacks() {
        let (key, odd) = (listed().key(), spelt("2026-11-22T09:00:00.000Z"));
        let entry = |key: &SegmentKey, status| crate::model::Entry {
            reference_id: key.reference_id(),
            status,
            ..sample_entry("0_a", "ada@uni.example")
        };
        let ready = |key: &SegmentKey| (key.clone(), entry(key, EntryStatus::Ready));
        let bare = |key: &SegmentKey| (key.clone(), entry(key, EntryStatus::NoContent));
        let cases = [
            (vec![ready(&odd)], false, &odd, 1),
            (vec![bare(&odd)], false, &odd, 1),
            (vec![ready(&odd)], true, &key, 1),
            (vec![bare(&odd)], true, &key, 0),
            (vec![ready(&odd), ready(&key)], false, &key, 2),
            (vec![bare(&odd), ready(&key)], false, &key, 1),
        ];
        for (found, is_tracked, name, entries) in cases {
            let mut marked = MarkedSegments::default();
            marked.take_found(key.clone(), found, is_tracked);
            let under = marked.entries.get(name).expect("the entries under the name");
            assert_eq!(under.len(), entries);
            assert!(under.iter().all(|entry| entry.reference_id == name.reference_id()));
            let mut segments = [listed()];
            marked.rename_listed(&mut segments, &mut HashMap::new());
            assert_eq!(segments[0].key(), *name);
        }
    }
}
