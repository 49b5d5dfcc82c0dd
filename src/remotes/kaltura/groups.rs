//! Groups of Kaltura users, and who is in them (facts-kaltura.md#s25).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::listing::pager_value;
use super::users::{is_same_id, user_call};
use super::wire::{Number, WireKalturaUser, WireList};
use crate::model::{format_count, one_line};
use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// Groups asked for in one request.
const BATCH: usize = 25;
/// A list shows no more than 10000 (facts-kaltura.md#s6).
const PAGES: u64 = 20;
/// As many members: a group with more is not read.
const MOST_MEMBERS: u64 = 10_000;
/// How often a group is read anew that changes meanwhile.
const READS: usize = 4;

/// `KalturaGroupUser`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMembership {
    user_id: String,
    group_id: String,
    #[serde(default)]
    created_at: Number,
}

/// What has come of a list of members, who joined first in front.
#[derive(Default)]
struct MemberPages {
    ids: BTreeSet<String>,
    /// A member who came twice.
    repeated: Option<String>,
    announced: Option<u64>,
    /// Of the list as it is asked for now, which may begin in the middle.
    shown: u64,
    page: u64,
    from: Option<i64>,
    /// In all.
    pages: u64,
    /// Whether who leaves meanwhile can shift others out of sight.
    can_shift: bool,
}

impl Kaltura {
    /// For each of `groups`, in order: the ids of its members, in small letters, or why they cannot be told. All groups take
    /// one request together, and one more for each further page of a long list.
    pub async fn group_members(&self, groups: &[String]) -> Vec<Result<BTreeSet<String>, RemoteError>> {
        let mut found = Vec::with_capacity(groups.len());
        for batch in groups.chunks(BATCH) {
            let parts = batch.iter().flat_map(|group| group_calls(group)).collect();
            match self.look(parts).await {
                Ok(answers) => {
                    let mut answers = answers.into_iter();
                    for group in batch {
                        let both = [(); 2].map(|()| answers.next().unwrap_or_default());
                        let members = self.read_members(group, both).await;
                        let members = members.map_err(|error| with_group_name(group, error));
                        found.push(members.and_then(|members| members.ok_or_else(|| missing_group(group))));
                    }
                }
                Err(error) => found.extend(batch.iter().map(|group| Err(with_group_name(group, error.clone())))),
            }
        }
        found
    }

    /// Reads the list until it adds up. `None` where there is no such group, which is asked each time, as the list does not tell.
    async fn read_members(&self, group: &str, mut both: [Value; 2]) -> Result<Option<BTreeSet<String>>, RemoteError> {
        let (mut reads, mut before) = (1, None);
        loop {
            let [first, known] = both;
            let pages = self.read_pages(group, first).await;
            if !is_group(group, known)? {
                return Ok(None);
            }
            let unsound = match pages {
                Ok(pages) if !pages.can_shift || before.as_ref() == Some(&pages.ids) => return Ok(Some(pages.ids)),
                Ok(pages) => {
                    before = Some(pages.ids);
                    unsound_members("it changes while it is read")
                }
                Err(error) if error.kind == RemoteKind::Garbled => error,
                Err(error) => return Err(error),
            };
            if reads == READS {
                return Err(unsound);
            }
            reads += 1;
            let mut answers = self.look(group_calls(group).into()).await?.into_iter();
            both = [(); 2].map(|()| answers.next().unwrap_or_default());
        }
    }

    async fn read_pages(&self, group: &str, first: Value) -> Result<MemberPages, RemoteError> {
        let mut members = MemberPages::default();
        let mut list = read_part("groupUser.list", first)?;
        while !members.take(group, list, self.latest())? {
            list = self.call("groupUser", "list", list_members(group, members.from, members.page + 1)).await?;
        }
        members.prove()
    }
}

impl MemberPages {
    /// Takes the next page; whether it was the last one. The next one goes on from the time at which the last member of this
    /// one joined: who leaves meanwhile shifts nobody out of sight then.
    fn take(
        &mut self,
        group: &str,
        list: WireList<WireMembership>,
        latest: DateTime<Utc>,
    ) -> Result<bool, RemoteError> {
        let total = list.total().ok_or_else(|| unsound_members("it does not say how many it has"))?;
        if *self.announced.get_or_insert(total) > MOST_MEMBERS || self.pages == 3 * PAGES {
            let members = format_count(MOST_MEMBERS, "member");
            return Err(unsound_members(&format!("it has more than the {members} that Kaltura shows")));
        }
        let begins_again = self.page == 0 && self.from.is_some();
        self.page += 1;
        self.pages += 1;
        self.shown += list.len();
        let is_last = self.shown >= total;
        let (mut is_new, mut newest, mut in_page) = (false, self.from, BTreeSet::new());
        for WireMembership { user_id, group_id, created_at } in list.objects {
            if user_id.trim().is_empty() || !is_same_id(group, &group_id) {
                return Err(unsound_members("it shows what is no member of the group"));
            }
            let joined = created_at.time(latest).map(|time| time.timestamp());
            if !is_last && joined.is_none() {
                return Err(unsound_members("it has several pages, but does not say when its members joined"));
            }
            newest = newest.max(joined);
            let id = user_id.trim().to_lowercase();
            if !in_page.insert(id.clone()) {
                self.repeated = Some(id.clone());
            }
            is_new |= self.ids.insert(id);
        }
        if is_last {
            return Ok(true);
        }
        if !is_new && !begins_again {
            return Err(unsound_members("more members exist, but a page brought nobody new"));
        }
        if newest > self.from {
            (self.from, self.page, self.shown) = (newest, 0, 0);
        } else {
            // more joined in one second than fit a page
            self.can_shift = true;
        }
        Ok(false)
    }

    /// The list, if as many people came as were announced. Rows are no proof: one may come twice in place of another.
    fn prove(self) -> Result<MemberPages, RemoteError> {
        let announced = self.announced.unwrap_or_default();
        if self.ids.len() as u64 == announced {
            return Ok(self);
        }
        let twice = self.repeated.map(|id| format!("; {:?} is in it twice", one_line(&id))).unwrap_or_default();
        Err(unsound_members(&format!(
            "it announced {}, but {} came{twice}",
            format_count(announced, "member"),
            self.ids.len()
        )))
    }
}

/// Whether the group exists is asked behind its list, which is empty and no error where it does not: a group that is deleted
/// between the two was not empty.
fn group_calls(group: &str) -> [(&'static str, &'static str, Value); 2] {
    [("groupUser", "list", list_members(group, None, 1)), user_call(group)]
}

/// Whether `user.get` found the group with this id: groups are users of another type (facts-kaltura.md#k44).
fn is_group(group: &str, answer: Value) -> Result<bool, RemoteError> {
    // an empty id would be answered with the session's own user
    match read_part::<WireKalturaUser>("user.get", answer) {
        Ok(user) => Ok(is_same_id(group, &user.id) && user.is_group()),
        Err(error) if error.kind == RemoteKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn list_members(group: &str, from: Option<i64>, page: u64) -> Value {
    let mut filter = json!({ "objectType": "KalturaGroupUserFilter", "groupIdEqual": group, "orderBy": "+createdAt" });
    if let Some(from) = from {
        filter["createdAtGreaterThanOrEqual"] = from.into();
    }
    json!({ "filter": filter, "pager": pager_value(page) })
}

fn with_group_name(group: &str, error: RemoteError) -> RemoteError {
    let message = format!(
        "the group {:?} cannot be read, and recordings of its possible members wait: {}",
        one_line(group),
        error.message
    );
    RemoteError { message, ..error }
}

fn missing_group(group: &str) -> RemoteError {
    let message = format!(
        "the group {:?} does not exist; correct its id in filter.opt_out_kaltura_groups, or create it; recordings of its possible members wait",
        one_line(group)
    );
    RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message)
}

/// A list that does not add up: it is no list.
fn unsound_members(what: &str) -> RemoteError {
    let message = format!("groupUser.list is not complete: {what}");
    RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message)
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use serde_json::{Value, json};

    use super::{MemberPages, group_calls, is_group};
    use crate::remotes::http::RemoteError;

    /// What a page says of the total, and whom it shows: each, if need be, with the time at which they joined.
    type TestPage<'a> = (Value, &'a [&'a str]);

    /// Takes the pages of a list; who is in it, or why it is none, or from when on the next page is asked for.
    fn read(pages: &[TestPage<'_>]) -> String {
        let membership = |shown: &&str| match shown.split_once(':') {
            Some((id, joined)) => {
                json!({ "userId": id, "groupId": "Opt-Out", "createdAt": format!("150000000{joined}") })
            }
            None => json!({ "userId": shown, "groupId": "Opt-Out" }),
        };
        let mut members = MemberPages::default();
        let told =
            |error: RemoteError| error.message.split_once(": ").map(|(_, why)| why.to_owned()).unwrap_or_default();
        for (total, ids) in pages {
            let objects: Vec<Value> = ids.iter().map(membership).collect();
            let list = json!({ "totalCount": total, "objects": objects });
            match members.take("opt-out", serde_json::from_value(list).expect("a list"), Utc::now()) {
                Ok(true) => return members.prove().map_or_else(told, |members| format!("{:?}", members.ids)),
                Ok(false) => {}
                Err(error) => return told(error),
            }
        }
        let from = members.from.map(|from| from - 1_500_000_000).unwrap_or_default();
        format!("from {from} page {}{}", members.page + 1, if members.can_shift { ", again" } else { "" })
    }

    /// A case is a line.
    #[test]
    fn only_whole_groups_are_believed() {
        let cases: [(&[TestPage<'_>], &str); 17] = [
            (&[(json!(0), &[])], "{}"),
            (&[(json!(2), &["Ada", "bert "])], r#"{"ada", "bert"}"#),
            // rows are no people
            (&[(json!("2"), &["ada", "Ada"])], "it announced 2 members, but 1 came; \"ada\" is in it twice"),
            (
                &[(json!(3), &["ada:1", "ada:2", "bert:3"])],
                "it announced 3 members, but 2 came; \"ada\" is in it twice",
            ),
            // the next page begins with the last second of this one
            (&[(json!(2), &["ada:1"])], "from 1 page 1"),
            (&[(json!(2), &["ada:1"]), (json!(2), &["ada:1", "bert:2"])], r#"{"ada", "bert"}"#),
            // somebody left whose place the next one took
            (&[(json!(3), &["ada:1", "bert:2"]), (json!(1), &["cleo:3"])], r#"{"ada", "bert", "cleo"}"#),
            // Bert joined anew, behind; Dora was missed
            (&[(json!(3), &["ada:1", "bert:2"]), (json!(1), &["bert:4"])], "it announced 3 members, but 2 came"),
            // somebody joined
            (
                &[(json!(2), &["ada:1"]), (json!(3), &["ada:1", "bert:2", "cleo:3"])],
                "it announced 2 members, but 3 came",
            ),
            // within one second there are pages still
            (&[(json!(3), &["ada:1"]), (json!(3), &["ada:1"])], "from 1 page 2, again"),
            (
                &[(json!(3), &["ada:1"]), (json!(3), &["ada:1"]), (json!(3), &["ada:1"])],
                "more members exist, but a page brought nobody new",
            ),
            (&[(json!(3), &[])], "more members exist, but a page brought nobody new"),
            (&[(json!(2), &["ada"])], "it has several pages, but does not say when its members joined"),
            (&[(json!(2), &["ada:x"])], "it has several pages, but does not say when its members joined"),
            (&[(json!(10_001), &["ada:1"])], "it has more than the 10000 members that Kaltura shows"),
            (&[(json!(null), &["ada"])], "it does not say how many it has"),
            (&[(json!(1), &[" "])], "it shows what is no member of the group"),
        ];
        for (pages, expected) in cases {
            assert_eq!(read(pages), expected, "{pages:?}");
        }
        let foreign = json!({ "totalCount": 1, "objects": [{ "userId": "ada", "groupId": "staff" }] });
        let foreign = serde_json::from_value(foreign).expect("a list");
        assert!(MemberPages::default().take("opt-out", foreign, Utc::now()).is_err());
    }

    /// Whatever each of them brings.
    #[test]
    fn member_pages_have_an_end() {
        let mut members = MemberPages::default();
        let page = |number: u32| json!({ "totalCount": 9000, "objects": [{ "userId": number.to_string(), "groupId": "g", "createdAt": 1_500_000_000 + number }] });
        let mut pages =
            (1..).map(|number| members.take("g", serde_json::from_value(page(number)).expect("a list"), Utc::now()));
        assert_eq!(pages.by_ref().position(|taken| taken.is_err()), Some(60));
    }

    /// A group that is deleted between the two had members, though its list may be empty.
    #[test]
    fn group_is_asked_for_last() {
        let calls = group_calls("staff").map(|(service, action, _)| format!("{service}.{action}"));
        assert_eq!(calls, ["groupUser.list", "user.get"]);
    }

    #[test]
    fn only_groups_of_that_id_count() {
        let missing = json!({ "code": "INVALID_USER_ID", "message": "Invalid user id", "objectType": "KalturaAPIException", "args": [] });
        let cases = [
            ("opt-out", json!({ "id": "Opt-Out", "status": 1, "type": 1 }), true),
            ("opt-out", json!({ "id": "opt-out", "status": 1, "type": 0 }), false),
            ("opt-out", json!({ "id": "opt-out", "status": 1 }), false),
            ("optöut", json!({ "id": "optout", "status": 1, "type": 1 }), false),
            ("opt-out", missing, false),
        ];
        for (group, answer, expected) in cases {
            assert_eq!(is_group(group, answer.clone()).ok(), Some(expected), "{group} {answer}");
        }
        let refused =
            json!({ "code": "SERVICE_FORBIDDEN", "message": "no", "objectType": "KalturaAPIException", "args": [] });
        assert!(is_group("opt-out", refused).is_err());
    }
}
