//! The keys above all sections: where this installation keeps what it knows.

use crate::config::key::Key;
use crate::config::key::Requirement::{Default, Required};
use crate::config::key::ValueKind::{Choice, File, Folder, Name};
use crate::config::key::table_key;
use crate::ledger::Journal;

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("state_dir", Folder, Required),
    table_key("name", Name, Default(r#""""#)),
    table_key("installation", Name, Default(r#""""#)),
    table_key("machine_id_file", File, Default(r#""/etc/machine-id""#)),
    table_key("ledger_journal", Choice(Journal::WORDS), Default(r#""auto""#)),
];
