//! Who may view, edit and publish an entry beside its owner.

use super::entry::{Entry, status};
use super::error::ApiError;
use super::params::Params;
use super::text::{first, folded};
use super::world::World;

/// The lists, in the order in which an entry has them.
const LISTS: [&str; 3] = ["entitledUsersView", "entitledUsersEdit", "entitledUsersPublish"];
/// The longest id, in characters; what is behind is cut off without a word.
const LONGEST: usize = 100;

impl World {
    /// Sets the lists that were given. Whoever is on them and unknown is made, and no question asked; who was deleted is left
    /// out.
    pub fn entitle(&mut self, entry: &mut Entry, asked: &Params) {
        for (place, name) in LISTS.iter().enumerate() {
            if let Some(list) = asked.text(name) {
                let ids = self.entitled_ids(&list);
                entry.entitled[place] = joined(ids.into_iter());
            }
        }
    }

    /// The ids of a list in the letter case that their users were made with.
    fn entitled_ids(&mut self, list: &str) -> Vec<String> {
        let ids = list.split(',').map(str::trim).filter(|id| !id.is_empty());
        let ids: Vec<_> = ids.map(|id| first(id, LONGEST)).filter(|id| !self.users.was_deleted(id)).collect();
        let known = |world: &mut World, id| {
            let place = world.users.owner(id);
            world.users.at(place).id.clone()
        };
        ids.into_iter().map(|id| known(self, id)).collect()
    }

    /// A new child gets the owner of its parent, and not its parent's lists.
    pub fn entitle_child(&self, child: &mut Entry) {
        if let Some(parent) = self.entries.get(&child.parent_entry_id) {
            for list in &mut child.entitled {
                *list = joined(ids(list).chain(ids(&parent.user_id)));
            }
        }
    }

    /// When one of the parent's lists is set, the children get what is on all of them, beside the owner.
    pub fn entitle_children(&mut self, id: &str, asked: &Params) {
        if LISTS.iter().all(|name| asked.text(name).is_none()) {
            return;
        }
        let parent = self.entries[id].clone();
        let children = self.entries.values_mut().filter(|child| child.parent_entry_id == id);
        for child in children.filter(|child| child.status != status::DELETED) {
            for (list, above) in child.entitled.iter_mut().zip(&parent.entitled) {
                *list = joined(ids(list).chain(ids(above)).chain(ids(&parent.user_id)));
            }
        }
    }

    /// Fails where a list that is set anew holds somebody who was deleted since, once for each. The change is made by then.
    pub fn stumble(&mut self, id: &str, before: &Entry, asked: &Params) -> Result<(), ApiError> {
        let set = LISTS.iter().zip(&before.entitled).filter(|(name, _)| asked.text(name).is_some());
        let gone: Vec<String> = set
            .flat_map(|(_, list)| ids(list))
            .filter(|user| self.users.was_deleted(user) && !before.stumbled.contains(user))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        self.entries.get_mut(id).expect("just updated").stumbled.extend(gone);
        Err(ApiError::internal())
    }
}

fn ids(list: &str) -> impl Iterator<Item = String> {
    list.split(',').filter(|id| !id.is_empty()).map(str::to_owned)
}

/// A list with each user once.
fn joined(ids: impl Iterator<Item = String>) -> String {
    let mut list: Vec<String> = Vec::new();
    for id in ids {
        if !list.iter().any(|listed| folded(listed) == folded(&id)) {
            list.push(id);
        }
    }
    list.join(",")
}
