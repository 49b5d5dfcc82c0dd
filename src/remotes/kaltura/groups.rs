//! Groups of Kaltura users, and who is in them (facts-kaltura.md#s25).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{Kaltura, read_part};
use super::listing::pager_value;
use super::users::{is_same_id, user_call};
use super::wire::{WireKalturaUser, WireList};
use crate::model::{format_count, one_line};
use crate::remotes::http::{RemoteError, RemoteKind, Service};

/// Groups asked for in one request.
const BATCH: usize = 25;
/// A list shows no more than 10000 (facts-kaltura.md#s6).
const PAGES: u64 = 20;

/// `KalturaGroupUser`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMembership {
    user_id: String,
    group_id: String,
}

/// What has come of a list of members.
#[derive(Default)]
struct MemberPages {
    ids: BTreeSet<String>,
    announced: Option<u64>,
    shown: u64,
}

impl Kaltura {
    /// For each of `groups`, in order: the ids of its members, in small letters, or why they cannot be told. All groups take
    /// one request together, and one more for each further page of a long list.
    pub async fn group_members(&self, groups: &[String]) -> Vec<Result<BTreeSet<String>, RemoteError>> {
        let mut found = Vec::with_capacity(groups.len());
        for batch in groups.chunks(BATCH) {
            // the list of a group that does not exist is empty, and no error
            let both = |group: &String| [user_call(group), ("groupUser", "list", list_members(group, 1))];
            let parts = batch.iter().flat_map(both).collect();
            match self.look(parts).await {
                Ok(answers) => {
                    let mut answers = answers.into_iter();
                    for group in batch {
                        let [known, first] = [(); 2].map(|()| answers.next().unwrap_or_default());
                        found.push(self.read_members(group, known, first).await);
                    }
                }
                Err(error) => found.extend(batch.iter().map(|group| Err(with_group_name(group, error.clone())))),
            }
        }
        found
    }

    async fn read_members(&self, group: &str, known: Value, first: Value) -> Result<BTreeSet<String>, RemoteError> {
        if !is_group(group, known).map_err(|error| with_group_name(group, error))? {
            let message = format!(
                "the group {:?} does not exist; correct its id in filter.opt_out_kaltura_groups, or create it; recordings of its possible members wait",
                one_line(group)
            );
            return Err(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, message));
        }
        self.read_pages(group, first).await.map_err(|error| with_group_name(group, error))
    }

    async fn read_pages(&self, group: &str, first: Value) -> Result<BTreeSet<String>, RemoteError> {
        let mut members = MemberPages::default();
        let mut list = read_part("groupUser.list", first)?;
        for page in 2..=PAGES + 1 {
            if members.take(group, list)? {
                return Ok(members.ids);
            }
            if page > PAGES {
                break;
            }
            list = self.call("groupUser", "list", list_members(group, page)).await?;
        }
        Err(unsound_members(&format!("it has more than the {} that Kaltura shows", format_count(10_000, "member"))))
    }
}

impl MemberPages {
    /// Takes the next page; whether it was the last one. Who leaves meanwhile would shift others out of sight.
    fn take(&mut self, group: &str, list: WireList<WireMembership>) -> Result<bool, RemoteError> {
        let total = list.total().ok_or_else(|| unsound_members("it does not say how many it has"))?;
        if *self.announced.get_or_insert(total) != total {
            return Err(unsound_members("it changed while it was read"));
        }
        let before = self.ids.len();
        self.shown += list.len();
        for WireMembership { user_id, group_id } in list.objects {
            if user_id.trim().is_empty() || !is_same_id(group, &group_id) {
                return Err(unsound_members("it shows what is no member of the group"));
            }
            self.ids.insert(user_id.trim().to_lowercase());
        }
        let is_last = self.shown >= total;
        if !is_last && self.ids.len() == before {
            return Err(unsound_members("more members exist, but a page brought nobody new"));
        }
        Ok(is_last)
    }
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

fn list_members(group: &str, page: u64) -> Value {
    let filter = json!({ "objectType": "KalturaGroupUserFilter", "groupIdEqual": group, "orderBy": "+createdAt" });
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

/// A list that does not add up: it is no list.
fn unsound_members(what: &str) -> RemoteError {
    let message = format!("groupUser.list is not complete: {what}");
    RemoteError::new(Service::Kaltura, RemoteKind::Garbled, message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MemberPages, is_group};

    /// What a page says of the total, and whom it shows.
    type TestPage<'a> = (Value, &'a [&'a str]);

    /// Takes the pages of a list, each with its total and its members; how many it has, or why it is none.
    fn read(pages: &[TestPage<'_>]) -> String {
        let mut members = MemberPages::default();
        for (total, ids) in pages {
            let objects: Vec<Value> = ids.iter().map(|id| json!({ "userId": id, "groupId": "Opt-Out" })).collect();
            let list = json!({ "totalCount": total, "objects": objects });
            match members.take("opt-out", serde_json::from_value(list).expect("a list")) {
                Ok(true) => return format!("{:?}", members.ids),
                Ok(false) => {}
                Err(error) => return error.message.rsplit(": ").next().unwrap_or_default().to_owned(),
            }
        }
        "more".to_owned()
    }

    /// A case is a line.
    #[test]
    fn only_whole_groups_are_believed() {
        let cases: [(&[TestPage<'_>], &str); 9] = [
            (&[(json!(0), &[])], "{}"),
            (&[(json!(2), &["Ada", "bert "])], r#"{"ada", "bert"}"#),
            (&[(json!("2"), &["ada", "ada"])], r#"{"ada"}"#),
            (&[(json!(2), &["ada"]), (json!(2), &["bert"])], r#"{"ada", "bert"}"#),
            (&[(json!(2), &["ada"])], "more"),
            (&[(json!(2), &["ada"]), (json!(1), &["bert"])], "it changed while it was read"),
            (&[(json!(3), &["ada"]), (json!(3), &["ada"])], "more members exist, but a page brought nobody new"),
            (&[(json!(null), &["ada"])], "it does not say how many it has"),
            (&[(json!(1), &[" "])], "it shows what is no member of the group"),
        ];
        for (pages, expected) in cases {
            assert_eq!(read(pages), expected, "{pages:?}");
        }
        let foreign = json!({ "totalCount": 1, "objects": [{ "userId": "ada", "groupId": "staff" }] });
        assert!(MemberPages::default().take("opt-out", serde_json::from_value(foreign).expect("a list")).is_err());
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
