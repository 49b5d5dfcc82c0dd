//! Files of a segment that come twice, or share an id: the same one counts once, and different ones get names that
//! differ, the same ones in every run and in every order.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{FileCopy, FileId, FileKind, RecordingFile};

/// The files of a segment, each once and under a name of its own.
#[must_use]
pub fn each_once(files: Vec<RecordingFile>) -> Vec<RecordingFile> {
    if files.len() < 2 {
        return files.into_iter().map(named_by_zoom).collect();
    }
    let mut kept: Vec<RecordingFile> = Vec::with_capacity(files.len());
    let mut places: HashMap<FileId, Vec<usize>> = HashMap::with_capacity(files.len());
    for file in files.into_iter().map(named_by_zoom) {
        let known = places.entry(file.id.clone()).or_default();
        if let Some(place) = known.iter().copied().find(|place| is_same_file(&kept[*place], &file)) {
            if double_worth(&file) > double_worth(&kept[place]) {
                kept[place] = file;
            }
        } else {
            known.push(kept.len());
            kept.push(file);
        }
    }
    let mut taken: HashSet<FileId> = kept.iter().map(|file| file.id.clone()).collect();
    let mut shared: Vec<_> = places.into_values().filter(|places| places.len() > 1).collect();
    shared.sort_unstable();
    for mut places in shared {
        places.sort_by_cached_key(|place| rank_double(&kept[*place]));
        name_apart(&mut kept, &places, &mut taken);
    }
    kept
}

/// Leaves the shared id to the file that the ledger has under it: a copy that was begun when it was the only one stays
/// the copy of that file.
pub fn keep_names(files: &mut [RecordingFile], copies: &[Arc<FileCopy>]) {
    for copy in copies {
        let is_it = |file: &RecordingFile| {
            file.file_type.eq_ignore_ascii_case(&copy.file_type) && file.bytes.unwrap_or_default() == copy.listed
        };
        let mut places: Vec<usize> =
            (0..files.len()).filter(|place| name_by_zoom(&files[*place]) == copy.file_id.as_str()).collect();
        let fitting = || places.iter().filter(|place| is_it(&files[**place]));
        let (Some(first), None) = (fitting().next().copied(), fitting().nth(1)) else {
            continue;
        };
        if places.len() < 2 || files[first].id == copy.file_id {
            continue;
        }
        places.sort_by_cached_key(|place| (*place != first, rank_double(&files[*place])));
        for place in &places {
            files[*place].id = copy.file_id.clone();
        }
        let mut taken = files.iter().map(|file| file.id.clone()).collect();
        name_apart(files, &places, &mut taken);
    }
}

/// Gives a file that Zoom lists under another id than before the one under which the ledger has it. It is the same where both
/// are of one type and size, and nothing else of the recording is.
pub fn keep_ids(files: &mut [RecordingFile], copies: &[Arc<FileCopy>]) {
    let is_it = |file: &RecordingFile, copy: &FileCopy| {
        copy.listed > 0
            && file.bytes == Some(copy.listed)
            && file.file_type.eq_ignore_ascii_case(&copy.file_type)
            && file.lasted.is_none_or(|lasted| copy.lasted.is_none_or(|before| lasted == before))
    };
    for copy in copies {
        let is_listed = files.iter().any(|file| file.id == copy.file_id);
        let alike = copies.iter().filter(|other| (other.listed, &other.file_type) == (copy.listed, &copy.file_type));
        if is_listed || alike.count() > 1 {
            continue;
        }
        let is_known = |file: &RecordingFile| copies.iter().any(|other| other.file_id == file.id);
        let mut fitting = files.iter_mut().filter(|file| is_it(file, copy));
        if let (Some(file), None) = (fitting.next(), fitting.next())
            && !is_known(file)
        {
            file.id = copy.file_id.clone();
            file.shares_id = true;
        }
    }
}

/// Whether it is the same file, as it was a moment ago or as it is.
fn is_same_file(one: &RecordingFile, other: &RecordingFile) -> bool {
    let alike = one.file_type.eq_ignore_ascii_case(&other.file_type) && one.recording_type == other.recording_type;
    if !(one.completed && other.completed) {
        return alike || one.file_type.is_empty() || other.file_type.is_empty();
    }
    let agree = |one: Option<u64>, other: Option<u64>| one.zip(other).is_none_or(|(one, other)| one == other);
    // what has no id of its own differs by its address
    let is_there = one.id.is_given_by_zoom()
        || file_location(one).zip(file_location(other)).is_none_or(|(one, other)| one == other);
    alike && agree(one.bytes, other.bytes) && is_there
}

/// Its address; what follows the path may differ in each answer.
fn file_location(file: &RecordingFile) -> Option<&str> {
    file.download_url.as_deref()?.split(['?', '#']).next()
}

/// Of two looks at the same file the one that says more.
fn double_worth(file: &RecordingFile) -> impl Ord {
    let url = file.download_url.clone();
    (file.completed, file.bytes.is_some(), url.is_some(), Reverse(url))
}

/// An order that does not depend on that of the list. What stands for a segment comes first.
fn rank_double(file: &RecordingFile) -> impl Ord + use<> {
    let kind = match file.kind {
        FileKind::Video => 0,
        FileKind::Audio => 1,
        _ => 2,
    };
    let (file_type, recording_type) = (file.file_type.to_ascii_uppercase(), file.recording_type.to_string());
    (kind, file_type, recording_type, file.bytes, file.lasted, file_location(file).map(str::to_owned))
}

/// The first of `places` keeps the id, the others add to it what they are.
fn name_apart(files: &mut [RecordingFile], places: &[usize], taken: &mut HashSet<FileId>) {
    for (number, place) in places.iter().enumerate() {
        let file = &mut files[*place];
        file.shares_id = true;
        if number == 0 {
            continue;
        }
        let name = format!("{}{}", file.id, added_part(file));
        let names = std::iter::once(name.clone()).chain((2_u64..).map(|number| format!("{name}#{number}")));
        if let Some(free) = names.map(FileId::new).find(|name| !taken.contains(name)) {
            taken.insert(free.clone());
            file.id = free;
        }
    }
}

fn added_part(file: &RecordingFile) -> String {
    format!("#{}#{}", file.file_type, file.recording_type)
}

/// The id that it shares, without what was added to it.
fn name_by_zoom(file: &RecordingFile) -> &str {
    let id = file.id.as_str();
    if !file.shares_id {
        return id;
    }
    let addition = added_part(file);
    let numbered =
        |rest: &str| rest.strip_prefix('#').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    match id.rfind(&addition) {
        Some(at) if id.len() == at + addition.len() || numbered(&id[at + addition.len()..]) => &id[..at],
        _ => id,
    }
}

fn named_by_zoom(mut file: RecordingFile) -> RecordingFile {
    file.id = FileId::new(name_by_zoom(&file));
    file.shares_id = false;
    file
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{each_once, keep_names};
    use crate::copying::plan::samples::{sample_copy, sample_file, sample_video};
    use crate::model::{CopyState, FileCopy, FileId, FileKind, RecordingFile};

    fn typed(id: &str, file_type: &str, recording_type: &str, bytes: u64) -> RecordingFile {
        let kind = if file_type == "MP4" { FileKind::Video } else { FileKind::Audio };
        let (file_type, recording_type) = (file_type.into(), recording_type.into());
        RecordingFile { file_type, recording_type, bytes: Some(bytes), ..sample_file(id, kind) }
    }

    fn at(url: &str, file: RecordingFile) -> RecordingFile {
        RecordingFile { download_url: Some(url.into()), ..file }
    }

    fn caption(url: &str) -> RecordingFile {
        let caption = RecordingFile { bytes: None, ..sample_file("u#s#CC##VTT", FileKind::ClosedCaptions) };
        at(url, RecordingFile { file_type: "CC".into(), ..caption })
    }

    fn names(files: &[RecordingFile]) -> Vec<String> {
        let mut names: Vec<_> = files.iter().map(|file| format!("{} {:?}", file.id, file.bytes)).collect();
        names.sort();
        names
    }

    /// In any order.
    #[test]
    fn duplicates_merge_and_differences_get_names() {
        let gallery = || typed("v", "MP4", "gallery_view", 7);
        let speaker = || typed("v", "MP4", "active_speaker", 5);
        let late = || RecordingFile { completed: false, bytes: None, ..gallery() };
        let cases: Vec<(Vec<RecordingFile>, Vec<&str>)> = vec![
            (vec![gallery(), gallery()], vec!["v Some(7)"]),
            (vec![at("a?x=1", gallery()), at("b", gallery())], vec!["v Some(7)"]),
            (vec![late(), gallery()], vec!["v Some(7)"]),
            (vec![RecordingFile { bytes: None, ..gallery() }, gallery()], vec!["v Some(7)"]),
            (vec![gallery(), speaker()], vec!["v Some(5)", "v#MP4#gallery_view Some(7)"]),
            (vec![gallery(), typed("v", "M4A", "", 7)], vec!["v Some(7)", "v#M4A# Some(7)"]),
            (vec![gallery(), typed("v", "MP4", "gallery_view", 8)], vec!["v Some(7)", "v#MP4#gallery_view Some(8)"]),
            (vec![caption("a"), caption("a?x=2")], vec!["u#s#CC##VTT None"]),
            (vec![caption("a"), caption("b")], vec!["u#s#CC##VTT None", "u#s#CC##VTT#CC# None"]),
            (
                vec![caption("a"), caption("b"), caption("c")],
                vec!["u#s#CC##VTT None", "u#s#CC##VTT#CC# None", "u#s#CC##VTT#CC##2 None"],
            ),
            (vec![gallery(), typed("w", "MP4", "gallery_view", 7)], vec!["v Some(7)", "w Some(7)"]),
        ];
        for (files, expected) in cases {
            let backwards = files.iter().rev().cloned().collect();
            let once = each_once(files);
            assert_eq!(names(&once), expected);
            assert_eq!(names(&each_once(backwards)), expected, "in another order");
            let twice = once.iter().chain(&once).cloned().collect();
            assert_eq!(names(&each_once(twice)), expected, "what was named apart is named so once more");
        }
    }

    #[test]
    fn caption_names_ignore_list_order() {
        let url_of_plain = |files: Vec<RecordingFile>| {
            let found = each_once(files).into_iter().find(|file| file.id.as_str() == "u#s#CC##VTT");
            found.and_then(|file| file.download_url).expect("one that keeps the id")
        };
        assert_eq!(&*url_of_plain(vec![caption("a"), caption("b")]), "a");
        assert_eq!(&*url_of_plain(vec![caption("b"), caption("a")]), "a");
    }

    #[test]
    fn begun_copies_keep_their_files_id() {
        let known = Arc::new(FileCopy { listed: 7, bytes: 7, ..sample_copy(CopyState::Done) });
        let mut files = each_once(vec![typed("v", "MP4", "gallery_view", 7), typed("v", "MP4", "active_speaker", 5)]);
        keep_names(&mut files, &[Arc::clone(&known)]);
        assert_eq!(names(&files), ["v Some(7)", "v#MP4#active_speaker Some(5)"]);
        let before = files.clone();
        keep_names(&mut files, &[Arc::clone(&known)]);
        assert_eq!(files, before);
        let mut alone = vec![sample_video("v", "x"), sample_video("w", "x")];
        keep_names(&mut alone, &[Arc::new(FileCopy { file_id: FileId::new("v"), ..sample_copy(CopyState::Done) })]);
        assert_eq!(alone, vec![sample_video("v", "x"), sample_video("w", "x")]);
    }
}
