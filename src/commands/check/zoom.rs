//! What is tried at Zoom: the login, the scopes that are needed and only those, a list, the groups.

use chrono::{Days, Utc};

use super::CheckFinding;
use super::retention::{hint_at_settings, judge_auto_delete, judge_retention};
use crate::commands::setup::read_caption_languages;
use crate::config::Settings;
use crate::copying::caption_languages::{CaptionLanguages, KEY};
use crate::model::{Window, format_count};
use crate::remotes::zoom::Zoom;

const ACCOUNT_LIST: &str = "cloud_recording:read:list_account_recordings:admin";
/// Instead of [`ACCOUNT_LIST`], at a request for each user.
const BY_USER: [&str; 2] = ["cloud_recording:read:list_user_recordings:admin", "user:read:list_users:admin"];
const ALWAYS: [&str; 2] = ["cloud_recording:read:list_recording_files:admin", "user:read:user:admin"];
/// For tracking fields, and for each key of `[rights]`.
const DETAILS: [&str; 2] = ["meeting:read:meeting:admin", "webinar:read:webinar:admin"];
const DASHBOARD: [&str; 2] =
    ["dashboard:read:list_meeting_participants:admin", "dashboard:read:list_webinar_participants:admin"];
const PANELISTS: [&str; 1] = ["webinar:read:list_panelists:admin"];
const REPORT: [&str; 2] =
    ["report:read:list_meeting_participants:admin", "report:read:list_webinar_participants:admin"];
/// For `zoom_trash.after`.
const TRASH: &str = "cloud_recording:delete:recording_file:admin";
const GROUPS: [&str; 2] = ["group:read:list_groups:admin", "group:read:list_members:admin"];
/// For the settings of the account, which nothing needs.
const ACCOUNT_SETTINGS: &str = "account:read:settings:admin";

/// Tries them in this order; after a login that fails there is nothing more to try.
pub async fn check_zoom(zoom: &Zoom, settings: &Settings) -> Vec<CheckFinding> {
    let scopes = match zoom.scopes().await {
        Ok(scopes) => scopes,
        Err(error) => return vec![CheckFinding::bad("Zoom login", error.to_string())],
    };
    let lists = &settings.filter.lists;
    let mut names: Vec<String> = lists.opt_out.groups.iter().chain(&lists.opt_in.groups).cloned().collect();
    let languages = read_caption_languages(settings);
    names.extend(languages.iter().flat_map(CaptionLanguages::groups));
    let mut findings = vec![
        CheckFinding::good("Zoom login", "accepted"),
        judge_scopes(&scopes, &configured_scopes(settings, !names.is_empty())),
    ];
    findings.extend(languages.err().map(|fault| CheckFinding::bad(KEY, fault.to_string())));
    let today = Utc::now().date_naive();
    let window = Window { from: today - Days::new(1), to: today + Days::new(1) };
    let listed = zoom.recordings(window).await;
    let retention =
        listed.as_ref().ok().and_then(|listing| judge_retention(&listing.segments, settings.sync.zoom_retention));
    findings.push(match listed {
        Ok(listing) if listing.trouble.is_empty() => CheckFinding::good(
            "Zoom recordings",
            format!("{} since yesterday", format_count(listing.segments.len(), "recording")),
        ),
        Ok(listing) => CheckFinding::bad("Zoom recordings", listing.trouble[0].to_string()),
        Err(error) => CheckFinding::bad("Zoom recordings", error.to_string()),
    });
    findings.extend(retention);
    findings.push(if scopes.iter().any(|granted| granted == ACCOUNT_SETTINGS) {
        judge_auto_delete(zoom.auto_delete().await, settings.sync.zoom_retention)
    } else {
        hint_at_settings(ACCOUNT_SETTINGS)
    });
    for (name, group) in names.iter().zip(zoom.groups(&names).await) {
        let what = format!("Zoom group {name:?}");
        findings.push(match group {
            Ok(members) => CheckFinding::good(what, format_count(members.len(), "member")),
            Err(error) => CheckFinding::bad(what, error.to_string()),
        });
    }
    findings
}

/// The scopes that only what is configured needs.
fn configured_scopes(settings: &Settings, has_groups: bool) -> Vec<&'static str> {
    let groups = GROUPS.into_iter().filter(|_| has_groups);
    let trash = settings.zoom_trash.after.map(|_| TRASH);
    let rights = settings.rights;
    let categories = [(settings.filter.rules.meetings, DETAILS[0]), (settings.filter.rules.webinars, DETAILS[1])];
    let has_field = settings.copy.categories.field.is_some();
    let categories = categories.into_iter().filter(|(copied, _)| *copied && has_field).map(|(_, scope)| scope);
    let of_others = [
        (rights.alternative_hosts, &DETAILS[..]),
        (rights.co_hosts, &DASHBOARD),
        (rights.panelists, &PANELISTS),
        (rights.participants, &REPORT),
    ];
    let of_others = of_others.into_iter().filter(|(grant, _)| grant.is_any()).flat_map(|(_, scopes)| scopes);
    let mut scopes: Vec<_> = groups.chain(trash).chain(categories).chain(of_others.copied()).collect();
    // two keys may need the same
    let mut known = std::collections::BTreeSet::new();
    scopes.retain(|scope| known.insert(*scope));
    scopes
}

/// What is missing is a failure; what is not needed is reported, as it can only do harm.
fn judge_scopes(scopes: &[String], configured: &[&'static str]) -> CheckFinding {
    let what = "Zoom scopes";
    let has = |scope: &&str| scopes.iter().any(|granted| granted == scope);
    let mut needed: Vec<&str> = ALWAYS.to_vec();
    if has(&ACCOUNT_LIST) || !BY_USER.iter().all(&has) {
        needed.push(ACCOUNT_LIST);
    } else {
        needed.extend(BY_USER);
    }
    needed.extend(configured);
    let missing: Vec<&str> = needed.iter().copied().filter(|scope| !has(scope)).collect();
    if !missing.is_empty() {
        return CheckFinding::bad(
            what,
            format!("missing: {}; add them to the app, then activate it again", missing.join(", ")),
        );
    }
    let is_of_use = |scope: &&str| needed.contains(scope) || *scope == ACCOUNT_SETTINGS;
    let beyond: Vec<&str> = scopes.iter().map(String::as_str).filter(|scope| !is_of_use(scope)).collect();
    if beyond.is_empty() {
        return CheckFinding::good(what, "all that are needed, and no others");
    }
    CheckFinding::good(what, format!("all that are needed; not needed: {}", beyond.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{ACCOUNT_LIST, ACCOUNT_SETTINGS, ALWAYS, BY_USER, GROUPS, TRASH, judge_scopes};

    fn said(scopes: &[&str], configured: &[&'static str]) -> (bool, String) {
        let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
        let finding = judge_scopes(&scopes, configured);
        (finding.good, finding.said)
    }

    /// Each scope that is needed is asked for; one that is not needed is reported.
    #[test]
    fn scopes_are_exactly_those_needed() {
        let all = [&ALWAYS[..], &[ACCOUNT_LIST]].concat();
        assert_eq!(said(&all, &[]), (true, "all that are needed, and no others".to_owned()));
        assert!(said(&[&ALWAYS[..], &BY_USER].concat(), &[]).0);
        assert!(said(&ALWAYS, &[]).1.contains(ACCOUNT_LIST));
        assert!(said(&all[1..], &[]).1.starts_with("missing: cloud_recording:read:list_recording_files:admin;"));
        assert!(said(&all, &GROUPS).1.contains(GROUPS[0]) && !said(&all, &GROUPS).0);
        assert!(said(&[&all[..], &GROUPS].concat(), &GROUPS).0);
        assert!(said(&all, &[TRASH]).1.starts_with("missing: cloud_recording:delete:recording_file:admin;"));
        assert!(said(&[&all[..], &[TRASH]].concat(), &[]).1.contains("not needed: cloud_recording:delete"));
        let optional = said(&[&all[..], &[ACCOUNT_SETTINGS]].concat(), &[]);
        assert_eq!(optional, (true, "all that are needed, and no others".to_owned()));
        let wide = [&all[..], &["meeting:write:meeting:admin"]].concat();
        assert_eq!(said(&wide, &[]), (true, "all that are needed; not needed: meeting:write:meeting:admin".to_owned()));
    }
}
