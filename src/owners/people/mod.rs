//! The files and groups in which an institution names people: aliases, and who opts out or in.

mod behind;
mod consent;
mod line;
mod list_file;
mod list_history;
mod read;
pub mod trust;

pub use behind::{Behind, BehindBoth, Link};
pub use consent::Consent;
pub use line::{Address, ListFault};
pub(crate) use line::{BadLine, show_hidden};
pub(crate) use list_file::read_rows;
pub use list_file::{AddressFile, Aliases};
pub use list_history::{ListChange, ListHistories, ListHistory, ListName, Span};
pub(crate) use read::read_list_text;
pub use read::{
    ListSource, Lists, Read, find_address_file, find_foreign_owner, learn_links, read_aliases, read_lists,
    sound_aliases,
};
