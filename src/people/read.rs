//! Reading the lists: files anew in every run, groups from Zoom.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::alias_file;
use super::standing::Present;
use super::{Address, AddressFile, Aliases, Change, Consent, ListFault, ListName, Standing, Standings};
use crate::http::RemoteError;
use crate::zoom::{GroupMember, Zoom};

/// Where the institution says who opts out and who opts in.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// `filter.opt_out`, `filter.opt_out_groups`.
    pub opt_out: Named,
    /// `filter.opt_in`, `filter.opt_in_groups`.
    pub opt_in: Named,
}

/// What names the people of one list.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// A file with an address a line.
    pub file: Option<PathBuf>,
    /// Groups in Zoom, by name.
    pub groups: Vec<String>,
}

/// What the lists say, and what is to be remembered of it.
#[derive(Debug)]
pub struct Read {
    /// Who agrees.
    pub consent: Consent,
    /// What differs from what earlier runs saw.
    pub changes: Vec<Change>,
    /// Groups that could not be read.
    pub trouble: Vec<RemoteError>,
}

/// One list as it was just read.
#[derive(Default)]
struct Found {
    people: BTreeSet<String>,
    changed: Option<DateTime<Utc>>,
    unread: Vec<RemoteError>,
}

/// Reads both lists. `known` is what earlier runs saw of them.
pub async fn read(lists: &Lists, zoom: &Zoom, known: Standings, now: DateTime<Utc>) -> Result<Read, ListFault> {
    let out = find(&lists.opt_out, "filter.opt_out", zoom).await?;
    let into = find(&lists.opt_in, "filter.opt_in", zoom).await?;
    let Standings { mut opt_out, mut opt_in } = known;
    let mut changes = take_in(&mut opt_out, ListName::OptOut, out.as_ref(), now);
    changes.extend(take_in(&mut opt_in, ListName::OptIn, into.as_ref(), now));
    let (out, into) = (out.unwrap_or_default(), into.unwrap_or_default());
    let consent = Consent {
        standings: Standings { opt_out, opt_in },
        opted_in: into.people,
        opt_out_unread: !out.unread.is_empty(),
        opt_in_unread: !into.unread.is_empty(),
        over_past: false,
    };
    Ok(Read { consent, changes, trouble: out.unread.into_iter().chain(into.unread).collect() })
}

fn take_in(standing: &mut Standing, list: ListName, found: Option<&Found>, now: DateTime<Utc>) -> Vec<Change> {
    let present =
        found.map(|found| Present { people: &found.people, partial: !found.unread.is_empty(), changed: found.changed });
    standing.update(list, present, now)
}

/// The aliases that a file holds.
pub fn aliases(file: &Path) -> Result<Aliases, ListFault> {
    Aliases::parse(file, &text_of(alias_file::KEY, file)?)
}

/// The addresses that the file which `key` names holds.
pub fn address_file(key: &'static str, file: &Path) -> Result<AddressFile, ListFault> {
    let changed = fs::metadata(file).and_then(|metadata| metadata.modified()).ok();
    AddressFile::parse((key, file), &text_of(key, file)?, changed.map(DateTime::from))
}

fn text_of(key: &'static str, file: &Path) -> Result<String, ListFault> {
    fs::read_to_string(file).map_err(|error| ListFault::file(key, file, &error))
}

/// `None` where nothing names anybody: the list is not in force then.
async fn find(named: &Named, key: &'static str, zoom: &Zoom) -> Result<Option<Found>, ListFault> {
    if named.file.is_none() && named.groups.is_empty() {
        return Ok(None);
    }
    let mut found = Found::default();
    if let Some(file) = &named.file {
        let AddressFile { addresses, changed } = address_file(key, file)?;
        found.people.extend(addresses.iter().map(ToString::to_string));
        // when somebody left a group, no file tells
        found.changed = changed.filter(|_| named.groups.is_empty());
    }
    for group in zoom.groups(&named.groups).await {
        match group {
            Ok(members) => found.people.extend(members.iter().flat_map(names)),
            Err(error) => found.unread.push(error),
        }
    }
    Ok(Some(found))
}

/// A host is known by id and by address: either may change.
fn names(member: &GroupMember) -> impl Iterator<Item = String> {
    let address = member.email.as_deref().and_then(Address::new).map(|address| address.to_string());
    member.id.as_ref().map(ToString::to_string).into_iter().chain(address)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::address_file;

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("list.txt");
        let fault = || address_file("filter.opt_in", &file).expect_err("a fault").to_string();
        let place = format!("filter.opt_in: {} cannot be read", file.display());
        assert_eq!(fault(), format!("{place}: it does not exist; nothing was copied"));
        fs::write(&file, b"caf\xe9@uni.example").expect("a file");
        assert_eq!(fault(), format!("{place}: it is not UTF-8; save it as UTF-8; nothing was copied"));
    }
}
