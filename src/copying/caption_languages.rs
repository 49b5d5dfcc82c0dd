//! In which language Zoom writes the captions of which hosts: a file with a line `address-or-@group,language` each. Zoom itself names
//! no language of a file (facts-zoom.md).

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::model::{HostId, Meeting, find_language, one_line};
use crate::owners::people::{BadLine, ListFault, read_list_text, read_rows, show_hidden};
use crate::remotes::zoom::{GroupMember, Zoom};

/// The key that names the file.
pub const KEY: &str = "copy.caption_languages_file";
/// What the file may begin with, as spreadsheets write it.
const HEADER: [&str; 2] = ["address", "language"];

/// The languages of the captions of those whom the file names.
#[derive(Clone, Debug, Default)]
pub struct CaptionLanguages {
    by_address: HashMap<String, String>,
    by_group: Vec<GroupLanguage>,
}

#[derive(Clone, Debug)]
struct GroupLanguage {
    name: String,
    language: String,
    /// Who is in it; `None` as long as that is not known.
    members: Option<Members>,
}

#[derive(Clone, Debug, Default)]
struct Members {
    ids: HashSet<HostId>,
    addresses: HashSet<String>,
}

impl CaptionLanguages {
    /// What the file says; nothing without one.
    pub fn read(file: Option<&Path>) -> Result<CaptionLanguages, ListFault> {
        let Some(file) = file else {
            return Ok(CaptionLanguages::default());
        };
        let text = read_list_text(KEY, file)?;
        read_language_lines(&text).map_err(|bad| ListFault::lines(KEY, file, bad))
    }

    /// The groups that the file names.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        self.by_group.iter().map(|group| group.name.clone()).collect()
    }

    /// The same with who is in the groups. One that cannot be read is reported; the captions of whoever may be in it wait.
    #[must_use]
    pub async fn with_members(mut self, zoom: &Zoom) -> CaptionLanguages {
        let groups = zoom.groups(&self.groups()).await;
        for (group, found) in self.by_group.iter_mut().zip(groups) {
            match found {
                Ok(members) => group.members = Some(Members::of(members)),
                Err(error) => tracing::warn!("{KEY}: only captions wait here: {error}"),
            }
        }
        self
    }

    /// The language of the captions of this meeting's host: the address wins over groups, and the first of several groups counts.
    /// `None` where the file does not name the host; the name of the group where it is not known whether it does.
    pub fn language_of(&self, meeting: &Meeting) -> Result<Option<&str>, &str> {
        let address = meeting.host_email.as_deref().map(fold_address);
        if let Some(language) = address.as_ref().and_then(|address| self.by_address.get(address)) {
            return Ok(Some(language));
        }
        for GroupLanguage { name, language, members } in &self.by_group {
            let members = members.as_ref().ok_or(name.as_str())?;
            if members.ids.contains(&meeting.host_id)
                || address.as_ref().is_some_and(|address| members.addresses.contains(address))
            {
                return Ok(Some(language));
            }
        }
        Ok(None)
    }
}

impl Members {
    fn of(members: Vec<GroupMember>) -> Members {
        let mut found = Members::default();
        for GroupMember { id, email } in members {
            found.ids.extend(id.filter(|id| !id.as_str().is_empty()));
            found.addresses.extend(email.as_deref().map(fold_address).filter(|address| !address.is_empty()));
        }
        found
    }
}

fn fold_address(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Line by line, so that what is wrong can be pointed at.
fn read_language_lines(text: &str) -> Result<CaptionLanguages, Vec<BadLine>> {
    let mut languages = CaptionLanguages::default();
    read_rows(text, HEADER, |who, language, _| {
        let language = find_language(language).map_err(|why| one_line(&why))?.to_owned();
        let before = match who.strip_prefix('@') {
            Some(name) if !name.trim().is_empty() => {
                let name = name.trim().to_owned();
                let known = languages.by_group.iter().find(|group| group.name == name);
                let before = known.map(|group| group.language.clone());
                if before.is_none() {
                    languages.by_group.push(GroupLanguage { name, language: language.clone(), members: None });
                }
                before
            }
            None if is_like_an_address(who) => languages.by_address.insert(fold_address(who), language.clone()),
            _ => return Err(format!("names neither an address nor a group such as @Staff: {}", show_hidden(who))),
        };
        match before {
            Some(before) if before != language => Err("contradicts a line above it".to_owned()),
            _ => Ok(()),
        }
    })?;
    Ok(languages)
}

fn is_like_an_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace) && !local.contains('*')
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{CaptionLanguages, Members, read_language_lines};
    use crate::copying::plan::samples::sample_segment;
    use crate::model::HostId;
    use crate::remotes::zoom::GroupMember;

    fn language<'a>(
        languages: &'a CaptionLanguages,
        host: &str,
        email: Option<&str>,
    ) -> Result<Option<&'a str>, &'a str> {
        let mut segment = sample_segment(Vec::new());
        let meeting = Arc::make_mut(&mut segment.meeting);
        meeting.host_id = HostId::new(host);
        meeting.host_email = email.map(str::to_owned);
        languages.language_of(&segment.meeting)
    }

    #[test]
    fn addresses_win_over_groups_in_order() {
        let text = "address,language\n# comment\nAda@uni.example,german\n@Romance,French\n@Staff,Spanish\n";
        let mut languages = read_language_lines(text).expect("lines");
        assert_eq!(language(&languages, "ada", Some("ada@UNI.example")), Ok(Some("German")));
        assert_eq!(language(&languages, "eve", Some("eve@uni.example")), Err("Romance"), "not read yet");
        let member = |id: Option<&str>, email: Option<&str>| GroupMember {
            id: id.map(HostId::new),
            email: email.map(str::to_owned),
        };
        languages.by_group[0].members = Some(Members::of(vec![member(Some("eve"), None), member(None, None)]));
        assert_eq!(language(&languages, "eve", None), Ok(Some("French")));
        assert_eq!(language(&languages, "bob", Some("bob@uni.example")), Err("Staff"));
        let staff = vec![member(Some("eve"), None), member(None, Some("Bob@uni.example"))];
        languages.by_group[1].members = Some(Members::of(staff));
        assert_eq!(language(&languages, "bob", Some("bob@uni.example")), Ok(Some("Spanish")));
        assert_eq!(language(&languages, "eve", Some("eve@uni.example")), Ok(Some("French")));
        assert_eq!(language(&languages, "", None), Ok(None));
    }

    #[test]
    fn bad_language_lines_are_each_reported() {
        let cases = [
            ("ada@uni.example,de", "did you mean \"German\"?"),
            ("ada,German", "names neither an address nor a group"),
            ("@,German", "names neither an address nor a group"),
            ("*@uni.example,German", "names neither an address nor a group"),
            ("ada@uni.example", "is not of the form address,language"),
            ("ada@uni.example,German\nADA@uni.example,French", "contradicts a line above it"),
            ("@Staff,German\n@Staff,French", "contradicts a line above it"),
        ];
        for (text, expected) in cases {
            let bad = read_language_lines(text).expect_err(text);
            assert!(bad.len() == 1 && bad[0].1.contains(expected), "{text}: {bad:?}");
        }
        assert!(read_language_lines("ada@uni.example,German\nada@uni.example,German\n@A,French\n@A,French").is_ok());
    }
}
