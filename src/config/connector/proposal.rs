//! The configuration that follows from the settings of Kaltura's own connector: each of them named, with the key that does the
//! same here or why there is none.

use std::fmt::Write;

use chrono::NaiveDate;
use toml::Value;

use super::ConnectorSettings;
use crate::copying::categories::{full_name, is_too_long};
use crate::model::one_line;
use crate::owners::{Candidate, Domains};

/// Comments are as wide as those of the sample.
const WIDTH: usize = 118;

/// A group that an administrator is to name.
const FILL_IN: &str = "fill-in";

/// What is begun with where the connector says nothing.
const ORPHANS: &str = "zoom-orphans";

/// The text, as it grows.
struct Proposal<'a> {
    theirs: &'a ConnectorSettings,
    text: String,
}

/// A commented configuration. `today` is proposed as the day from which recordings are copied.
#[must_use]
pub fn propose_config(theirs: &ConnectorSettings, today: NaiveDate) -> String {
    let mut proposal = Proposal { theirs, text: String::new() };
    proposal.begin();
    proposal.name_systems(today);
    proposal.choose_owners();
    proposal.choose_recordings();
    proposal.join_groups();
    proposal.choose_contents();
    proposal.choose_categories();
    proposal.choose_rights();
    proposal.name_rest();
    proposal.text
}

impl Proposal<'_> {
    /// A comment, in lines.
    fn say(&mut self, comment: &str) {
        let mut line = "#".to_owned();
        for word in comment.split_whitespace() {
            if line.len() + word.len() >= WIDTH && line.len() > 1 {
                self.text.push_str(&line);
                self.text.push('\n');
                "#".clone_into(&mut line);
            }
            line.push(' ');
            line.push_str(word);
        }
        self.text.push_str(&line);
        self.text.push('\n');
    }

    /// Settings of theirs, and what becomes of them.
    fn tell(&mut self, fields: &[&str], comment: &str) {
        let shown: Vec<String> = fields.iter().map(|field| self.theirs.show(field)).collect();
        self.say(&format!("Connector: {}. {comment}", shown.join(", ")));
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        let _ = writeln!(self.text, "{key} = {}", value.into());
    }

    /// A line that says what could be set.
    fn offer(&mut self, key: &str, value: impl Into<Value>) {
        let _ = writeln!(self.text, "#{key} = {}", value.into());
    }

    fn part(&mut self, section: &str) {
        let _ = writeln!(self.text, "\n[{section}]");
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn begin(&mut self) {
        self.say("A configuration of zoom2kaltura, proposed from the settings of Kaltura's own Zoom connector.");
        self.say("Check every line and fill in what is marked \"Fill in\". Then run `zoom2kaltura config validate`, `zoom2kaltura check` and `zoom2kaltura sync --dry-run`. `zoom2kaltura config sample` explains these and all other keys; `zoom2kaltura guide operations` says how to change over.");
        self.tell(&["id", "status", "createdAt", "updatedAt"], "These need no key.");
        let names = self.theirs.name_unknown();
        if !names.is_empty() {
            self.say(&format!("Not known to this version, and not followed: {names}. Their values are not shown."));
        }
        self.gap();
        self.set("state_dir", "/var/lib/zoom2kaltura");
        self.tell(&["zoomAccountDescription"], "The name on the status page and in metrics.");
        match self.plain("zoomAccountDescription") {
            Some(name) => self.set("name", name),
            None => self.offer("name", ""),
        }
    }

    fn name_systems(&mut self, today: NaiveDate) {
        self.part("zoom");
        self.tell(&["accountId"], "The id of the Zoom account.");
        let account = self.plain("accountId");
        self.set("account_id", account.unwrap_or_else(|| "AbCdEfGhIjKlMnOpQrStUv".to_owned()));
        self.tell(&["jwtToken"], "Not used: this program logs in with an app of its own. Fill in its client id, and put its secret into the file.");
        self.set("client_id", "AbCdEfGhIjKlMnOpQrStU");
        self.set("client_secret_file", "/etc/zoom2kaltura/zoom-secret");
        self.part("kaltura");
        self.tell(&["partnerId"], "Put the admin secret into the file, or use an app token.");
        let partner = self.theirs.number("partnerId").filter(|id| (1..=i64::from(i32::MAX)).contains(id));
        self.set("partner_id", partner.unwrap_or(102));
        self.set("admin_secret_file", "/etc/zoom2kaltura/kaltura-secret");
        self.tell(&["conversionProfileId"], "");
        match self.theirs.number("conversionProfileId").filter(|id| (1..=i64::from(i32::MAX)).contains(id)) {
            Some(profile) => self.set("conversion_profile_id", profile),
            None => self.offer("conversion_profile_id", 0),
        }
        self.part("sync");
        self.tell(&["enableRecordingUpload"], "The connector as a whole; switch it off when you change over. Fill in that moment: nothing recorded before it is copied by `sync`, and what the connector copied after it is not copied again.");
        self.set("go_live", today.to_string());
    }

    fn choose_owners(&mut self) {
        self.part("owner");
        self.tell(&["defaultUserId"], "The connector's default user keeps the recordings of hosts without an account. Here `purge` deletes these copies in Kaltura after purge.older_than (24h), unless the host has an account by then. The user must exist and be nobody's own account.");
        match self.plain("defaultUserId").filter(|user| user.is_ascii()) {
            Some(user) => self.set("holding_user", user),
            None => self.set("holding_user", ORPHANS),
        }
        self.gap();
        self.tell(&["createUserIfNotExist"], "There is no such key: this program never creates an account for a host. Recordings of hosts without one go to holding_user, and are handed over when the account appears.");
        self.gap();
        self.choose_candidates();
        self.gap();
        let by_email = self.theirs.number("userSearchMethod").unwrap_or(0) == 0;
        self.tell(&["userSearchMethod"], if by_email {
            "Here an address counts only if it is exactly the host's, and only one account has it."
        } else {
            "Kaltura cannot be asked for accounts by their external id alone, so there is no such key. Give a line for each such host in a file (aliases)."
        });
        self.set("match_email", by_email);
        if !by_email {
            self.offer("aliases", "/etc/zoom2kaltura/aliases.csv");
        }
    }

    /// The ids of accounts that are tried for a host.
    fn choose_candidates(&mut self) {
        let fields = ["zoomUserMatchingMode", "zoomUserPostfix"];
        let suffix = self.plain("zoomUserPostfix");
        let domain = suffix.as_deref().and_then(|suffix| suffix.strip_prefix('@'));
        let domain = domain.filter(|domain| Domains::new(&[(*domain).to_owned()]).is_ok()).map(str::to_owned);
        // what stands in braces there is no placeholder of theirs
        let with_suffix =
            suffix.filter(|suffix| !suffix.contains(['{', '}'])).map(|suffix| format!("{{email}}{suffix}"));
        let with_suffix = with_suffix.filter(|candidate| Candidate::new(candidate).is_ok());
        let email = || vec!["{email}".to_owned()];
        let candidates = match (self.theirs.number("zoomUserMatchingMode").unwrap_or(0), with_suffix, domain) {
            (1, Some(candidate), _) => {
                self.tell(&fields, "The connector adds it to addresses that do not end with it.");
                [vec![candidate], email()].concat()
            }
            (2, _, Some(domain)) => {
                self.tell(
                    &fields,
                    "The connector takes it off addresses that end with it: {localpart}, for addresses of this domain only.",
                );
                self.set("domains", vec![domain]);
                [vec!["{localpart}".to_owned()], email()].concat()
            }
            (1 | 2, ..) => {
                self.tell(
                    &fields,
                    "No candidate can say this. Give a line for each host in a file (aliases), or other candidates.",
                );
                email()
            }
            (3, ..) => {
                self.tell(&fields, "The CMS id that Zoom has of the host, else the address.");
                [vec!["{cms_user_id}".to_owned()], email()].concat()
            }
            _ => {
                self.tell(&fields, "The host's address, as Zoom has it.");
                email()
            }
        };
        self.set("candidates", candidates);
    }

    fn choose_recordings(&mut self) {
        self.part("filter");
        for (field, key) in [("enableMeetingUpload", "meetings"), ("enableWebinarUploads", "webinars")] {
            self.tell(&[field], "");
            self.set(key, self.theirs.flag(field).unwrap_or(true));
        }
        self.gap();
        self.say("The connector has no filter of topics. By default this program leaves out topics that begin with \"private\"; [] copies these too.");
        self.offer("exclude_topics", Vec::<String>::new());
    }

    /// Groups that opt out or in. Where nothing here does the same, nobody is copied until the administrator decides.
    fn join_groups(&mut self) {
        self.gap();
        let fields = ["groupParticipationType", "optInGroupNames", "optOutGroupNames"];
        match self.theirs.number("groupParticipationType").unwrap_or(0) {
            1 => {
                self.tell(&fields, "The connector copies only members of groups in Kaltura. Here people opt in by groups in Zoom, or by a file of addresses (opt_in). Fill in: make groups of these names in Zoom, or replace this line by opt_in. Until then nobody is copied.");
                let groups = self.group_names("optInGroupNames");
                self.set("opt_in_groups", if groups.is_empty() { vec!["opted-in".to_owned()] } else { groups });
            }
            2 => {
                self.tell(&fields, "The same groups in Kaltura. Here the case of letters in ids does not matter, and while a group cannot be read nobody is copied.");
                let groups = self.group_names("optOutGroupNames");
                self.set("opt_out_kaltura_groups", groups);
            }
            _ => {
                self.tell(
                    &fields,
                    "The connector classifies nobody; lists of a type that is not chosen are not in force.",
                );
                self.offer("opt_out_kaltura_groups", Vec::<String>::new());
            }
        }
    }

    /// The names of groups, a line each. A group that is left out would let people be copied who opted out: another one stands
    /// for it, which does not exist and cannot be read.
    fn group_names(&mut self, field: &str) -> Vec<String> {
        let names = self.theirs.text(field).unwrap_or_default().lines().map(str::trim);
        let (good, odd): (Vec<&str>, Vec<&str>) =
            names.filter(|name| !name.is_empty()).partition(|name| one_line(name) == **name);
        let mut good: Vec<String> = good.into_iter().map(str::to_owned).collect();
        if !odd.is_empty() {
            self.say(&format!(
                "Fill in the groups whose names cannot be shown, in place of {FILL_IN:?}. Until then nobody is copied."
            ));
            good.push(FILL_IN.to_owned());
        }
        good
    }

    fn choose_contents(&mut self) {
        self.part("copy");
        let captions = self.theirs.flag("enableZoomTranscription").unwrap_or(true);
        self.tell(
            &["enableZoomTranscription"],
            "Where it is on, the connector also keeps Kaltura from making captions of its own.",
        );
        self.set("captions", captions);
        self.set("block_auto_captions", if captions { "always" } else { "never" });
        self.gap();
        self.tell(&["enableMeetingChat"], "The connector attaches the chat of every meeting, whatever this says. Here it is left out unless you ask for it: it holds what people wrote to each other.");
        self.offer("attachments", vec!["chat".to_owned()]);
    }

    fn choose_categories(&mut self) {
        for (field, key) in [("zoomCategory", "category"), ("zoomWebinarCategory", "webinar_category")] {
            self.gap();
            self.tell(
                &[field],
                "Here it is one category by its full name, such as \"Zoom>Lectures\", and it must exist.",
            );
            let names: Vec<String> =
                self.theirs.text(field).unwrap_or_default().split(',').filter_map(full_name).collect();
            let is_sound = |name: &String| !is_too_long(name) && one_line(name) == *name;
            let (sound, odd): (Vec<String>, Vec<String>) = names.into_iter().partition(is_sound);
            if sound.len() > 1 || !odd.is_empty() {
                self.say("The connector puts copies into several; only one of them can be named here.");
            }
            let mut sound = sound.into_iter();
            match sound.next() {
                Some(name) => self.set(key, name),
                None => self.offer(key, ""),
            }
            sound.for_each(|name| self.offer(key, name));
        }
        self.gap();
        self.say("The connector also follows the tracking fields KalturaCategory and KalturaCategoryPath of meetings. One of them can be followed here:");
        self.offer("category_field", "KalturaCategoryPath");
        self.offer("category_by_field", "{value}");
    }

    fn choose_rights(&mut self) {
        self.part("rights");
        let by_cms = self.theirs.number("zoomUserMatchingMode") == Some(3);
        let of_audience = match self.theirs.number("handleParticipantsMode") {
            _ if by_cms => "none",
            Some(0) => "publisher",
            Some(1) => "viewer",
            _ => "none",
        };
        self.tell(&["handleParticipantsMode"], "Only the first two modes have an effect there (0 where it is not set), and none with CMS_MATCHING. Each needs further scopes in Zoom (`zoom2kaltura guide install`).");
        self.set("participants", of_audience);
        self.set("panelists", of_audience);
        for (field, key) in [("handleCohostsMode", "co_hosts"), ("handleAlternativeHostsMode", "alternative_hosts")] {
            let grant = match self.theirs.number(field) {
                Some(0) => "publisher",
                Some(3) => "editor",
                Some(4) => "editor+publisher",
                _ => "none",
            };
            self.tell(&[field], "Viewers have no effect there.");
            self.set(key, grant);
        }
    }

    fn name_rest(&mut self) {
        self.part("zoom_trash");
        let comment = match self.theirs.flag("deletionPolicy") {
            Some(true) => {
                "The connector moves recordings to Zoom's trash some days after it asked Kaltura to import them. This is not followed: here nothing goes to the trash unless you set this key, and then only what Kaltura confirmed."
            }
            _ => "The connector leaves recordings in Zoom, and so does this program.",
        };
        self.tell(&["deletionPolicy"], comment);
        self.offer("after", "never");
    }

    /// A text that can be written down as it is; a long one, or one with odd signs or the shape of a secret, is left to the
    /// administrator.
    fn plain(&self, field: &str) -> Option<String> {
        self.theirs.text(field).filter(|text| one_line(text) == *text && text.len() <= 300).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::settings::list_fields;
    use super::{ConnectorSettings, propose_config};
    use crate::config::testing::TestConfig;

    const SAID: &str = "The id of the Zoom account";

    /// What is proposed for settings with these fields.
    fn proposed(fields: Value) -> String {
        let mut all = json!({ "objectType": "KalturaZoomIntegrationSetting", "accountId": "acc-1", "partnerId": 102 });
        let (Some(all_fields), Value::Object(fields)) = (all.as_object_mut(), fields) else { panic!("no object") };
        all_fields.extend(fields);
        let settings = ConnectorSettings::parse(all.to_string().as_bytes()).expect("settings");
        propose_config(&settings, "2026-11-28".parse().expect("a day"))
    }

    /// A case is a line: fields of theirs, and what the configuration then says of a key.
    #[test]
    fn connector_settings_become_keys() {
        let cases = [
            (json!({}), "owner.candidates", r#"["{email}"]"#),
            (json!({}), "owner.holding_user", r#""zoom-orphans""#),
            (json!({}), "zoom.account_id", r#""acc-1""#),
            (json!({}), "sync.go_live", r#""2026-11-28""#),
            (json!({}), "zoom_trash.after", r#""never""#),
            (json!({ "deletionPolicy": true }), "zoom_trash.after", r#""never""#),
            (json!({ "zoomAccountDescription": "Uni \"A\"" }), "name", r#"'Uni "A"'"#),
            (json!({ "defaultUserId": "media-team" }), "owner.holding_user", r#""media-team""#),
            (json!({ "defaultUserId": "büro" }), "owner.holding_user", r#""zoom-orphans""#),
            (json!({ "conversionProfileId": "7" }), "kaltura.conversion_profile_id", "7"),
            (json!({ "conversionProfileId": -1 }), "kaltura.conversion_profile_id", "0"),
            (
                json!({ "zoomUserMatchingMode": 1, "zoomUserPostfix": "-staff" }),
                "owner.candidates",
                r#"["{email}-staff", "{email}"]"#,
            ),
            (json!({ "zoomUserMatchingMode": 1, "zoomUserPostfix": "{" }), "owner.candidates", r#"["{email}"]"#),
            (
                json!({ "zoomUserMatchingMode": 1, "zoomUserPostfix": "{cms_user_id}" }),
                "owner.candidates",
                r#"["{email}"]"#,
            ),
            (
                json!({ "zoomUserMatchingMode": 2, "zoomUserPostfix": "@uni.example" }),
                "owner.candidates",
                r#"["{localpart}", "{email}"]"#,
            ),
            (
                json!({ "zoomUserMatchingMode": 2, "zoomUserPostfix": "@uni.example" }),
                "owner.domains",
                r#"["uni.example"]"#,
            ),
            (json!({ "zoomUserMatchingMode": 2, "zoomUserPostfix": ".example" }), "owner.candidates", r#"["{email}"]"#),
            (json!({ "zoomUserMatchingMode": 3 }), "owner.candidates", r#"["{cms_user_id}", "{email}"]"#),
            (json!({ "userSearchMethod": 1 }), "owner.match_email", "false"),
            (json!({ "enableMeetingUpload": 0 }), "filter.meetings", "false"),
            (json!({ "enableWebinarUploads": "0" }), "filter.webinars", "false"),
            (
                json!({ "groupParticipationType": 2, "optOutGroupNames": "no-zoom\r\n\r\nstaff\r\n" }),
                "filter.opt_out_kaltura_groups",
                r#"["no-zoom", "staff"]"#,
            ),
            (
                json!({ "groupParticipationType": 0, "optOutGroupNames": "staff" }),
                "filter.opt_out_kaltura_groups",
                "[]",
            ),
            // nobody is copied whom they would not copy
            (
                json!({ "groupParticipationType": 2, "optOutGroupNames": "no-zoom\r\nstaff\u{202e}" }),
                "filter.opt_out_kaltura_groups",
                r#"["no-zoom", "fill-in"]"#,
            ),
            (
                json!({ "groupParticipationType": 1, "optInGroupNames": "pilot" }),
                "filter.opt_in_groups",
                r#"["pilot"]"#,
            ),
            (json!({ "groupParticipationType": 1 }), "filter.opt_in_groups", r#"["opted-in"]"#),
            (json!({ "enableZoomTranscription": 0 }), "copy.captions", "false"),
            (json!({}), "copy.block_auto_captions", r#""always""#),
            (json!({ "enableMeetingChat": 1 }), "copy.attachments", "[]"),
            (json!({ "zoomCategory": "Zoom > Lectures,Other" }), "copy.category", r#""Zoom>Lectures""#),
            (json!({ "zoomCategory": ">," }), "copy.category", r#""""#),
            (json!({ "zoomWebinarCategory": "Webinars" }), "copy.webinar_category", r#""Webinars""#),
            (json!({ "handleParticipantsMode": 1 }), "rights.panelists", r#""viewer""#),
            (json!({ "handleParticipantsMode": 0, "zoomUserMatchingMode": 3 }), "rights.participants", r#""none""#),
            (json!({ "handleCohostsMode": 4 }), "rights.co_hosts", r#""editor+publisher""#),
            (json!({ "handleAlternativeHostsMode": 1 }), "rights.alternative_hosts", r#""none""#),
        ];
        for (fields, key, expected) in cases {
            let text = proposed(fields.clone());
            assert_eq!(TestConfig::of(&text).entry(key).0, expected, "{fields} {key}\n{text}");
        }
    }

    /// And nothing of a secret is.
    #[test]
    fn every_setting_of_theirs_is_named() {
        let text =
            proposed(json!({ "jwtToken": "s3cret", "oauthCode": "s3cret", "zoomCategory": "a\nstate_dir = \"/\"" }));
        for field in list_fields() {
            assert!(text.contains(&format!("{field} ")), "{field} is not named");
        }
        assert!(text.contains(SAID) && text.contains("not followed: oauthCode.") && !text.contains("s3cret"), "{text}");
        assert!(text.lines().all(|line| line.len() <= super::WIDTH), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("state_dir")).count(), 1);
    }
}
