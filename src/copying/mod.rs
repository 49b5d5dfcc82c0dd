//! The main job of `sync` and `backfill`: from what Zoom lists to confirmed copies.
//!
//! One recording's way: [`gather`] reads, [`plan`] decides (pure), [`apply`] carries out, [`transfer`] moves one file, and the
//! plan's `confirm` says whether a copy is good. What only one other verb does lies with that verb in `commands`. Imports from
//! `ledger` and below.

pub mod apply;
pub mod caption_languages;
pub mod categories;
pub mod copy_table;
pub mod directory;
pub mod gather;
pub mod handover;
pub mod host_profiles;
pub mod hosts;
pub mod identity;
pub mod in_kaltura;
pub mod marks;
pub mod misnamed;
pub mod observed;
pub mod plan;
pub mod replaced;
pub mod rights;
pub mod sieve;
pub mod systems;
pub mod titles;
pub mod transfer;
pub mod unlisted;
