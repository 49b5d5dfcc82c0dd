//! What Kaltura must hold once everything has arrived: worked out from what Zoom holds, and compared.

use std::collections::BTreeMap;

use standin::kaltura::Entry;
use standin::zoom::RecordingFile;

use crate::campus::Campus;

/// An entry with what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    owner: String,
    /// SHA-256 of the source, or what is wrong with it.
    source: String,
    children: Vec<(String, String)>,
    /// What its captions and attachments go by.
    texts: Vec<String>,
}

const BEST_FIRST: [&str; 3] = ["shared_screen_with_speaker_view", "shared_screen", "gallery_view"];

/// What is to be in Kaltura, by mark. Ada has an account, nobody else has.
pub(crate) fn expected(campus: &Campus) -> BTreeMap<String, Copy> {
    let mut segments: BTreeMap<String, Vec<RecordingFile>> = BTreeMap::new();
    let mut owners = BTreeMap::new();
    for meeting in campus.zoom.meetings() {
        for file in meeting.files() {
            let mark = format!("Zoom_{}{}", meeting.uuid(), file.start.format("%Y-%m-%dT%H:%M:%SZ"));
            let owner = if meeting.host_id() == "ada" { "ada@uni.example" } else { "zoom-orphans" };
            owners.insert(mark.clone(), owner.to_owned());
            segments.entry(mark).or_default().push(file);
        }
    }
    segments.into_iter().map(|(mark, files)| (mark.clone(), copy(&mark, &owners[&mark], &files))).collect()
}

fn copy(mark: &str, owner: &str, files: &[RecordingFile]) -> Copy {
    let of = |kind: &'static str| files.iter().filter(move |file| file.kind.file_type() == kind);
    let mut media: Vec<&RecordingFile> = of("MP4").collect();
    if media.is_empty() {
        media = of("M4A").collect();
    }
    let rank = |file: &&RecordingFile| BEST_FIRST.iter().position(|view| file.kind.recording_type() == Some(view));
    media.sort_by_key(|file| rank(file).unwrap_or(BEST_FIRST.len()));
    let parent = media.remove(0);
    let mut children: Vec<_> = media.iter().map(|file| (format!("{mark}#{}", file.id), file.sha256())).collect();
    children.sort();
    let mut texts: Vec<String> = of("TRANSCRIPT").map(|_| "English (transcript)".to_owned()).collect();
    texts.extend(of("CC").map(|_| "English (closed captions)".to_owned()));
    for (kind, name) in
        [("CHAT", "Chat.txt"), ("SUMMARY", "Summary.json"), ("CSV", "Poll results.csv"), ("TIMELINE", "Timeline.json")]
    {
        texts.extend(of(kind).map(|_| name.to_owned()));
    }
    texts.sort();
    Copy { owner: owner.to_owned(), source: parent.sha256(), children, texts }
}

/// What Kaltura holds; whatever is doubled, bare or unfinished shows.
pub(crate) fn found(campus: &Campus) -> BTreeMap<String, Copy> {
    let alive: Vec<Entry> = campus.kaltura.alive();
    let source = |entry: &Entry| match campus.kaltura.sha256_of(&entry.id) {
        Some(hash) if entry.status == 2 && entry.admin_tags.split(',').any(|tag| tag == "zoom2kaltura") => hash,
        _ => format!("{entry:?}"),
    };
    let mut copies = BTreeMap::new();
    for parent in alive.iter().filter(|entry| entry.parent_entry_id.is_empty()) {
        let of_parent = alive.iter().filter(|child| child.parent_entry_id == parent.id);
        let mut children: Vec<_> = of_parent.map(|child| (child.reference_id.clone(), source(child))).collect();
        children.sort();
        let texts = campus.kaltura.texts_of(&parent.id);
        let mut texts: Vec<String> = texts
            .iter()
            .map(|asset| match &asset.content {
                Some(_) => format!("{}{}", asset.field("label"), asset.field("filename")),
                None => format!("{asset:?}"),
            })
            .collect();
        texts.sort();
        let copy = Copy { owner: parent.user_id.clone(), source: source(parent), children, texts };
        if let Some(twin) = copies.insert(parent.reference_id.clone(), copy) {
            copies.insert(format!("doubled {}", parent.id), twin);
        }
    }
    copies
}

/// Says what differs, in lines; empty where all is as it must be.
pub(crate) fn differences(expected: &BTreeMap<String, Copy>, found: &BTreeMap<String, Copy>) -> Vec<String> {
    let missing = expected.iter().filter(|(mark, copy)| found.get(*mark) != Some(copy));
    let missing = missing.map(|(mark, copy)| format!("{mark} is to be {copy:?}, and is {:?}", found.get(mark)));
    let extra = found.iter().filter(|(mark, _)| !expected.contains_key(*mark));
    missing.chain(extra.map(|(mark, copy)| format!("{mark} is not to be: {copy:?}"))).collect()
}
