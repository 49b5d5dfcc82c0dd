//! What is tried at Zoom: the login, the scopes that are needed and only those, a list, the groups.

use chrono::{Days, Utc};

use super::Finding;
use crate::config::Settings;
use crate::model::Window;
use crate::zoom::Zoom;

const ACCOUNT_LIST: &str = "cloud_recording:read:list_account_recordings:admin";
/// Instead of [`ACCOUNT_LIST`], at a request for each user.
const BY_USER: [&str; 2] = ["cloud_recording:read:list_user_recordings:admin", "user:read:list_users:admin"];
const ALWAYS: [&str; 2] = ["cloud_recording:read:list_recording_files:admin", "user:read:user:admin"];
/// What tells the tracking field of a meeting, and of a webinar.
const MEETING_DETAILS: &str = "meeting:read:meeting:admin";
const WEBINAR_DETAILS: &str = "webinar:read:webinar:admin";
const GROUPS: [&str; 2] = ["group:read:list_groups:admin", "group:read:list_members:admin"];

/// Tries them in this order; after a login that fails there is nothing more to try.
pub async fn zoom(zoom: &Zoom, settings: &Settings) -> Vec<Finding> {
    let scopes = match zoom.scopes().await {
        Ok(scopes) => scopes,
        Err(error) => return vec![Finding::bad("Zoom login", error.to_string())],
    };
    let lists = &settings.filter.lists;
    let names: Vec<String> = lists.opt_out.groups.iter().chain(&lists.opt_in.groups).cloned().collect();
    let mut findings = vec![Finding::good("Zoom login", "accepted"), judged(&scopes, &asked_for(settings))];
    let today = Utc::now().date_naive();
    let window = Window { from: today - Days::new(1), to: today + Days::new(1) };
    findings.push(match zoom.recordings(window).await {
        Ok(listing) if listing.trouble.is_empty() => {
            Finding::good("Zoom recordings", format!("{} since yesterday", listing.segments.len()))
        }
        Ok(listing) => Finding::bad("Zoom recordings", listing.trouble[0].to_string()),
        Err(error) => Finding::bad("Zoom recordings", error.to_string()),
    });
    for (name, group) in names.iter().zip(zoom.groups(&names).await) {
        let what = format!("Zoom group {name:?}");
        findings.push(match group {
            Ok(members) => Finding::good(what, format!("{} members", members.len())),
            Err(error) => Finding::bad(what, error.to_string()),
        });
    }
    findings
}

/// The scopes that only some configurations need.
fn asked_for(settings: &Settings) -> Vec<&'static str> {
    let (filter, categories) = (&settings.filter, &settings.copy.categories);
    let groups = !filter.lists.opt_out.groups.is_empty() || !filter.lists.opt_in.groups.is_empty();
    let details = [(filter.meetings, MEETING_DETAILS), (filter.webinars, WEBINAR_DETAILS)];
    let details = details.into_iter().filter(|(copied, _)| *copied && categories.field.is_some());
    GROUPS.into_iter().filter(|_| groups).chain(details.map(|(_, scope)| scope)).collect()
}

/// What is missing is a failure; what is not needed is told, as it can only do harm.
fn judged(scopes: &[String], asked_for: &[&str]) -> Finding {
    let what = "Zoom scopes";
    let has = |scope: &&str| scopes.iter().any(|granted| granted == scope);
    let mut needed: Vec<&str> = ALWAYS.to_vec();
    if has(&ACCOUNT_LIST) || !BY_USER.iter().all(&has) {
        needed.push(ACCOUNT_LIST);
    } else {
        needed.extend(BY_USER);
    }
    needed.extend(asked_for);
    let missing: Vec<&str> = needed.iter().copied().filter(|scope| !has(scope)).collect();
    if !missing.is_empty() {
        return Finding::bad(
            what,
            format!("missing: {}; add them to the app, then activate it again", missing.join(", ")),
        );
    }
    let beyond: Vec<&str> = scopes.iter().map(String::as_str).filter(|scope| !needed.contains(scope)).collect();
    if beyond.is_empty() {
        return Finding::good(what, "those that are needed, and no other");
    }
    Finding::good(what, format!("those that are needed; not needed: {}", beyond.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{ACCOUNT_LIST, ALWAYS, BY_USER, GROUPS, judged};

    fn said(scopes: &[&str], asked_for: &[&str]) -> (bool, String) {
        let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
        let finding = judged(&scopes, asked_for);
        (finding.good, finding.said)
    }

    #[test]
    fn each_scope_that_is_needed_is_asked_for_and_one_that_is_not_is_told() {
        let all = [&ALWAYS[..], &[ACCOUNT_LIST]].concat();
        assert_eq!(said(&all, &[]), (true, "those that are needed, and no other".to_owned()));
        assert!(said(&[&ALWAYS[..], &BY_USER].concat(), &[]).0);
        assert!(said(&ALWAYS, &[]).1.contains(ACCOUNT_LIST));
        assert!(said(&all[1..], &[]).1.starts_with("missing: cloud_recording:read:list_recording_files:admin;"));
        assert!(said(&all, &GROUPS).1.contains(GROUPS[0]) && !said(&all, &GROUPS).0);
        assert!(said(&[&all[..], &GROUPS].concat(), &GROUPS).0);
        let wide = [&all[..], &["meeting:write:meeting:admin"]].concat();
        assert_eq!(
            said(&wide, &[]),
            (true, "those that are needed; not needed: meeting:write:meeting:admin".to_owned())
        );
    }
}
