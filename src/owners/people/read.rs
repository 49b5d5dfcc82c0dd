//! Reading the lists: files again in every run, groups from Zoom and Kaltura.
//!
//! Finding out which Zoom users are behind the addresses of the lists: Zoom is asked once for each, and what it says of
//! hosts on the way counts too.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::behind::{Behind, Link};
use super::consent::{account_name, names_of};
use super::line::plain_text;
use super::list_history::{ListPart, Present, cut_list, find_doubts, means_domain};
use super::trust::{FileUse, Ownership, Trust, check_trust, running_user};
use super::{
    Address, AddressFile, Aliases, BehindBoth, Consent, ListChange, ListFault, ListHistories, ListHistory, ListName,
    list_file,
};
use crate::model::{HostId, Reason, one_line};
use crate::remotes::http::RemoteError;
use crate::remotes::kaltura::Kaltura;
use crate::remotes::zoom::{GroupMember, Zoom};

/// Where the institution says who opts out and who opts in.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// `filter.opt_out`, `filter.opt_out_groups`, `filter.opt_out_kaltura_groups`.
    pub opt_out: ListSource,
    /// `filter.opt_in`, `filter.opt_in_groups`.
    pub opt_in: ListSource,
}

/// What names the people of one list.
#[derive(Clone, Debug, Default)]
pub struct ListSource {
    /// A file with an address a line.
    pub file: Option<PathBuf>,
    /// Groups in Zoom, by name.
    pub groups: Vec<String>,
    /// Groups in Kaltura, by id.
    pub kaltura_groups: Vec<String>,
}

/// What the lists say, and what is to be remembered of it.
#[derive(Debug)]
pub struct Read {
    /// Who agrees.
    pub consent: Consent,
    /// What differs from what earlier runs saw.
    pub changes: Vec<ListChange>,
    /// Groups that could not be read.
    pub trouble: Vec<RemoteError>,
    /// Lists that make no sense or are not believed, a line each.
    pub held: Vec<String>,
}

/// One list as it was just read.
#[derive(Default)]
struct ListRead {
    names: BTreeSet<String>,
    /// Those of them that the file names by address, each a person.
    addresses: BTreeSet<String>,
    changed: Option<DateTime<Utc>>,
    parts: Vec<ListPart>,
    unread: Vec<RemoteError>,
    fault: Option<ListFault>,
}

/// One list, judged by what is known of it.
struct Judged {
    standing: ListHistory,
    changes: Vec<ListChange>,
    found: ListRead,
    doubts: Vec<String>,
}

/// Reads both lists. `known` is what earlier runs saw of them, `behind` who is behind their addresses; of one that is new to
/// the opt-in list Zoom is asked who has it, as it counts for nobody else. `accepts`: what they say is believed all the same.
pub async fn read_lists(
    lists: &Lists,
    (zoom, kaltura): (&Zoom, &Kaltura),
    known: ListHistories,
    mut behind: BehindBoth,
    accepts: bool,
    now: DateTime<Utc>,
) -> Result<Read, ListFault> {
    let out = read_list(&lists.opt_out, ListName::OptOut, zoom, kaltura).await?;
    let into = read_list(&lists.opt_in, ListName::OptIn, zoom, kaltura).await?;
    behind.opt_in.addresses = into.as_ref().map(|found| found.addresses.clone()).unwrap_or_default();
    let found_behind = ask_zoom(zoom, &mut behind.opt_in).await;
    let out = judge_list(known.opt_out, &behind.opt_out, ListName::OptOut, out, accepts, now);
    let into = judge_list(known.opt_in, &behind.opt_in, ListName::OptIn, into, accepts, now);
    behind.opt_out.addresses.clone_from(&out.found.addresses);
    behind.opt_in.addresses.clone_from(&into.found.addresses);
    let opt_in_is_open = behind.opt_in.has_unmatched() || into.found.names.iter().any(|name| means_domain(name));
    let consent = Consent {
        // everybody on a list that shrank has opted out, and nobody is on it who is not named and never was
        opt_out_unread: out.unread(),
        opt_in_unread: into.unread().or((!into.doubts.is_empty()).then_some(Reason::ListInDoubt)),
        standings: ListHistories { opt_out: out.standing, opt_in: into.standing },
        opted_out: out.found.names,
        opted_in: into.found.names,
        behind,
        opt_in_is_open,
        found_behind,
        accounts: HashMap::new(),
        over_past: false,
        accepts,
    };
    let faults = [out.found.fault, into.found.fault].into_iter().flatten();
    let faults = faults.map(|fault| format!("{fault}; recordings that these lines may concern wait"));
    Ok(Read {
        consent,
        changes: [out.changes, into.changes].concat(),
        held: faults.chain(out.doubts).chain(into.doubts).collect(),
        trouble: out.found.unread.into_iter().chain(into.found.unread).collect(),
    })
}

impl Judged {
    /// Why somebody may be on the list who was not found there.
    fn unread(&self) -> Option<Reason> {
        let group = (!self.found.unread.is_empty()).then_some(Reason::GroupUnreadable);
        self.found.fault.as_ref().map(|_| Reason::ListInDoubt).or(group)
    }
}

fn judge_list(
    mut standing: ListHistory,
    behind: &Behind,
    list: ListName,
    found: Option<ListRead>,
    accepts: bool,
    now: DateTime<Utc>,
) -> Judged {
    let Some(mut found) = found else {
        let changes = standing.update(list, None, now);
        return Judged { standing, changes, found: ListRead::default(), doubts: Vec::new() };
    };
    let doubts = if accepts { Vec::new() } else { find_doubts(list, &standing, &found.parts, &found.names) };
    if !accepts {
        let new_domain = |name: &str| list == ListName::OptIn && means_domain(name) && !standing.has(name);
        let cut: Vec<&str> = found.parts.iter().filter_map(|part| cut_list(part, &standing, &found.names)).collect();
        // nobody is written down as standing on it by what is not believed
        found.names =
            found.names.iter().filter(|name| !new_domain(name) && !cut.contains(&name.as_str())).cloned().collect();
    }
    found.addresses = found.addresses.intersection(&found.names).cloned().collect();
    let users = behind.of(&found.addresses);
    let followed = standing.follow(list, &users);
    found.names.extend(users.into_iter().map(|(_, user)| user.to_string()));
    let partial = !found.unread.is_empty() || found.fault.is_some() || !doubts.is_empty();
    let present = Present { people: &found.names, partial, changed: found.changed };
    let changes = [followed, standing.update(list, Some(present), now)].concat();
    if !partial {
        standing.sizes = found.parts.iter().map(|part| (part.key.clone(), part.size)).collect();
    }
    Judged { standing, changes, found, doubts }
}

/// The aliases that a file holds.
pub fn read_aliases(file: &Path) -> Result<Aliases, ListFault> {
    Aliases::parse(file, &read_list_text(list_file::KEY, file)?)
}

/// The same, without the lines that make no sense.
pub fn sound_aliases(file: &Path) -> Result<Aliases, ListFault> {
    Ok(Aliases::parse_sound_lines(file, &read_list_text(list_file::KEY, file)?))
}

/// The addresses that the file which `key` names holds.
pub fn find_address_file(key: &'static str, file: &Path) -> Result<AddressFile, ListFault> {
    let changed = fs::metadata(file).and_then(|metadata| metadata.modified()).ok();
    Ok(AddressFile::parse(key, file, &read_list_text(key, file)?, changed.map(DateTime::from)))
}

/// What a person may think about: somebody else keeps the file. It is read all the same.
#[must_use]
pub fn find_foreign_owner(file: &Path) -> Option<String> {
    match check_trust(Ownership::of(file, &fs::metadata(file).ok()?), FileUse::List, running_user()) {
        Trust::Doubtful(why) => Some(why),
        Trust::Sound | Trust::Refused(_) => None,
    }
}

/// The text of the file that `key` names, unless anybody could have written it. Looks at the rights of what was opened, not of
/// what the path may lead to a moment later.
pub(crate) fn read_list_text(key: &'static str, file: &Path) -> Result<String, ListFault> {
    let unreadable = |error| ListFault::file(key, file, &error);
    let mut opened = File::open(file).map_err(unreadable)?;
    let role = if key == list_file::KEY { FileUse::Decisive } else { FileUse::List };
    let found = Ownership::of(file, &opened.metadata().map_err(unreadable)?);
    if let Trust::Refused(why) = check_trust(found, role, running_user()) {
        return Err(ListFault::Untrusted { key, file: file.to_owned(), why });
    }
    let mut text = String::new();
    opened.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// `None` where nothing names anybody: the list is not in force then.
async fn read_list(
    named: &ListSource,
    list: ListName,
    zoom: &Zoom,
    kaltura: &Kaltura,
) -> Result<Option<ListRead>, ListFault> {
    let has_groups = !(named.groups.is_empty() && named.kaltura_groups.is_empty());
    if named.file.is_none() && !has_groups {
        return Ok(None);
    }
    let mut found = ListRead::default();
    if let Some(file) = &named.file {
        let AddressFile { names, unended, changed, fault } = find_address_file(list.key(), file)?;
        // of one with bad lines it is not known how many people it names
        if fault.is_none() {
            let shown = format!("{}: {}", list.key(), one_line(&file.display().to_string()));
            found.parts.push(ListPart { key: "file".to_owned(), shown, size: names.len(), unended });
        }
        found.addresses = names.iter().filter(|name| !means_domain(name)).cloned().collect();
        found.names = names;
        // when somebody left a group, no file tells
        found.changed = changed.filter(|_| !has_groups);
        found.fault = fault;
    }
    for (name, group) in named.groups.iter().zip(zoom.groups(&named.groups).await) {
        match group {
            Ok(members) => {
                let shown = format!("{}_groups: the group {:?}", list.key(), one_line(name));
                found.parts.push(ListPart { key: format!("group {name}"), shown, size: members.len(), unended: None });
                found.names.extend(members.iter().flat_map(member_names));
            }
            Err(error) => found.unread.push(error),
        }
    }
    for (name, group) in named.kaltura_groups.iter().zip(kaltura.group_members(&named.kaltura_groups).await) {
        match group {
            Ok(members) => {
                let shown = format!("{}_kaltura_groups: the group {:?}", list.key(), one_line(name));
                let key = format!("kaltura group {name}");
                found.parts.push(ListPart { key, shown, size: members.len(), unended: None });
                found.names.extend(members.iter().map(|member| account_name(member)));
            }
            Err(error) => found.unread.push(error),
        }
    }
    Ok(Some(found))
}

/// A host is known by id and by address: either may change.
fn member_names(member: &GroupMember) -> impl Iterator<Item = String> {
    let address = member.email.as_deref().and_then(|email| Address::new(&plain_text(email))).map(|it| it.to_string());
    member.id.as_ref().map(ToString::to_string).into_iter().chain(address)
}

/// Addresses asked for at a time, once Zoom has answered.
const SIDE_BY_SIDE: usize = 8;

/// Addresses asked for in a run: the rest of a very long list by the next ones.
const AT_MOST: usize = 1000;

/// What is new: of the hosts that Zoom named in this run, and of addresses that opted out and that nothing was known of.
pub async fn learn_links<'a>(
    zoom: &Zoom,
    consent: &Consent,
    told: impl Iterator<Item = (&'a HostId, &'a str)>,
) -> Vec<(ListName, Link)> {
    let (mut out, mut into) = (consent.behind.opt_out.clone(), consent.behind.opt_in.clone());
    let mut links: Vec<(ListName, Link)> =
        consent.found_behind.iter().map(|link| (ListName::OptIn, link.clone())).collect();
    for (user, email) in told.filter(|(user, _)| !user.as_str().is_empty()) {
        for address in names_of(email) {
            let link = || (address.clone(), Some(user.clone()));
            if out.addresses.contains(&address) {
                links.extend(note_link(&mut out, link()).map(|link| (ListName::OptOut, link)));
            }
            let agreed =
                into.addresses.contains(&address) && (consent.accepts || into.other(&address, user.as_str()).is_none());
            if agreed && into.note(link()) {
                links.push((ListName::OptIn, link()));
            }
        }
    }
    links.extend(ask_zoom(zoom, &mut out).await.into_iter().map(|link| (ListName::OptOut, link)));
    links
}

/// Asks for the addresses of which nothing is known. Those that Zoom cannot tell just now are asked for by the next run.
pub(super) async fn ask_zoom(zoom: &Zoom, behind: &mut Behind) -> Vec<Link> {
    let mut links = Vec::new();
    let unknown = behind.unknown();
    let mut rest = &unknown[..unknown.len().min(AT_MOST)];
    let mut at_a_time = 1;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(at_a_time.min(rest.len()));
        let ids: Vec<HostId> = now.iter().map(|address| HostId::new(address.as_str())).collect();
        let answers = join_all(ids.iter().map(|id| zoom.host(id))).await;
        for (address, answer) in now.iter().zip(answers) {
            let user = match answer {
                Ok(host) => host.and_then(|host| host.id).filter(|id| !id.as_str().is_empty()),
                Err(error) if error.is_outage() || error.ends_the_run() => {
                    tracing::info!(%error, "Zoom cannot name the users behind the addresses of a list just now; the addresses alone count");
                    return links;
                }
                // what Zoom refuses of one address it refuses the next time too
                Err(_) => None,
            };
            links.extend(note_link(behind, (address.clone(), user)));
        }
        (rest, at_a_time) = (later, SIDE_BY_SIDE);
    }
    links
}

/// Takes a link in, and tells where the address was another's.
fn note_link(behind: &mut Behind, link: Link) -> Option<Link> {
    let before = behind.users(&link.0).next().cloned();
    let is_new = behind.note(link.clone());
    if let (true, Some(before), Some(user)) = (is_new, before, &link.1) {
        tracing::warn!(
            "{}: the address {:?} now belongs to the Zoom user {}, no longer to {}; the line counts for both until you remove it",
            ListName::OptOut.key(),
            one_line(&link.0),
            one_line(user.as_str()),
            one_line(before.as_str())
        );
    }
    is_new.then_some(link)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{find_address_file, find_foreign_owner, read_aliases};

    /// A list that everybody can change, an alias file that its group can.
    #[test]
    fn files_others_can_change_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("list.txt");
        fs::write(&file, "").expect("a file");
        for (mode, list, alias, doubt) in [
            (0o644, true, true, false),
            (0o664, true, false, true),
            (0o646, false, false, false),
            (0o666, false, false, false),
        ] {
            fs::set_permissions(&file, PermissionsExt::from_mode(mode)).expect("its rights");
            let found = (
                find_address_file("filter.opt_out", &file).is_ok(),
                read_aliases(&file).is_ok(),
                find_foreign_owner(&file).is_some(),
            );
            assert_eq!(found, (list, alias, doubt), "{mode:o}");
        }
        let fault = find_address_file("filter.opt_out", &file).expect_err("a fault").to_string();
        assert!(fault.contains("list.txt is not used because it can be changed by everybody (mode 0666)"), "{fault}");
    }

    #[test]
    fn unreadable_files_say_why() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("list.txt");
        let fault = || find_address_file("filter.opt_in", &file).expect_err("a fault").to_string();
        let place = format!("filter.opt_in: {} cannot be read", file.display());
        assert_eq!(fault(), format!("{place}: it does not exist; nothing was copied"));
        fs::write(&file, b"caf\xe9@uni.example").expect("a file");
        assert_eq!(fault(), format!("{place}: it is not UTF-8; save it as UTF-8; nothing was copied"));
    }
}
