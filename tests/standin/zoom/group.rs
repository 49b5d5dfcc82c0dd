//! A group of users.

use serde_json::{Value, json};

/// A group and who is in it. Members are named by address; one who was invited and has not answered yet has no id.
#[derive(Clone, Debug)]
#[must_use]
pub struct Group {
    id: String,
    name: String,
    members: Vec<(Option<String>, String)>,
}

impl Group {
    /// An empty one.
    pub fn new(id: &str, name: &str) -> Group {
        Group { id: id.to_owned(), name: name.to_owned(), members: Vec::new() }
    }

    /// With another member.
    pub fn member(mut self, id: &str, email: &str) -> Group {
        self.members.push((Some(id.to_owned()), email.to_owned()));
        self
    }

    /// With a member who has no id yet.
    pub fn invited(mut self, email: &str) -> Group {
        self.members.push((None, email.to_owned()));
        self
    }

    /// Without a member.
    pub fn without(mut self, email: &str) -> Group {
        self.members.retain(|(_, known)| known != email);
        self
    }

    /// By another name.
    pub fn renamed(mut self, name: &str) -> Group {
        name.clone_into(&mut self.name);
        self
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn members(&self) -> Vec<Value> {
        let member = |(id, email): &(Option<String>, String)| {
            let mut member = json!({ "email": email, "type": 2 });
            if let Some(id) = id {
                member["id"] = json!(id);
            }
            member
        };
        self.members.iter().map(member).collect()
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "total_members": self.members.len() })
    }
}
