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
pub(crate) use fault::{BadLine, shown};
pub use learn::learn;
pub(crate) use read::text_of;
pub use read::{Lists, Named, Read, address_file, aliases, kept_by_others, read, sound_aliases};
pub(crate) use rows::rows;
pub use standing::{Change, ListName, Span, Standing, Standings};
