//! Copies every new Zoom cloud recording into its host's Kaltura account.
//!
//! Data flows one way: **gather → plan → report → apply → report**. What is read from Zoom, the ledger and Kaltura
//! becomes facts; facts and the institution's rules become a plan, without a clock, a request or a query; the plan is
//! printed and left alone (a dry run) or carried out; and one report shows either.
//!
#![doc = include_str!("map.md")]

pub mod apply;
pub mod categories;
pub mod check;
pub mod cli;
pub mod commands;
pub mod config;
pub mod console;
pub mod copy_table;
pub mod directory;
pub mod exit;
pub mod explain;
pub mod gather;
pub mod handover;
pub mod http;
pub mod identity;
mod in_kaltura;
pub mod interrupt;
pub mod kaltura;
pub mod ledger;
pub mod machine;
pub mod marks;
pub mod misnamed;
pub mod model;
pub mod notify;
pub mod observed;
pub mod owed;
pub mod owners;
pub mod people;
pub mod plan;
pub mod progress;
pub mod proof;
pub mod purge;
pub mod reassign;
pub mod replaced;
pub mod report;
pub mod retention;
pub mod rights;
mod start;
pub mod status;
pub mod transfer;
pub mod trust;
pub mod verify;
pub mod version;
pub mod whose;
pub mod zoom;

pub use start::run;
