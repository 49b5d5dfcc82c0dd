//! The files and groups in which an institution names people: aliases, and who opts out or in.

mod address;
mod address_file;
mod alias_file;
mod behind;
mod belief;
mod consent;
mod fault;
mod learn;
mod line;
mod read;
mod rows;
mod standing;

pub use address::Address;
pub use address_file::AddressFile;
pub use alias_file::{Alias, Aliases};
pub use behind::{Behind, BehindBoth, Link};
pub use consent::Consent;
pub use fault::ListFault;
pub(crate) use fault::{BadLine, show_hidden};
pub use learn::learn_links;
pub(crate) use read::read_list_text;
pub use read::{
    ListSource, Lists, Read, find_address_file, find_foreign_owner, read_aliases, read_lists, sound_aliases,
};
pub(crate) use rows::read_rows;
pub use standing::{ListChange, ListHistories, ListHistory, ListName, Span};
