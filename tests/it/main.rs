//! The program against stand-ins of Zoom and Kaltura.

mod answers;
mod app_token;
mod arrived;
mod at_once;
mod backfill;
mod bad_input;
mod behind;
mod binned;
mod bodies;
mod campus;
mod categories;
mod chat;
mod check;
mod checkpoint;
mod claims;
mod clocks;
mod consent;

mod course_categories;
mod deleting;
mod docs;
mod domains;
mod doubles;
mod dry_run;
mod endless_lists;
mod endurance;
mod entitled;
mod events;
mod every_cell;
mod fault_queue;
mod faults;
mod few_calls;
mod filters;
mod freshness;
mod frozen_entries;
mod groups;
mod guards;
mod history;
mod house;
mod installations;
mod interruption;
mod kaltura_standin;
mod killing;
mod late;
mod ledger_faults;
mod listing;
mod lists;
mod logs;
mod lost_ledger;
mod machine;
mod mail;
mod marks;
mod meanings;
mod memory;
mod metrics;
mod misnamed;
mod numbers_kaltura;
mod odd_ids;
mod odd_lists;
mod odd_numbers;
mod openapi;
mod opted_in;
mod opted_out;
mod orphans;
mod overlap;
mod owners;
mod page;
mod parts;
mod permissions;
mod pings;
mod plain;
mod pulling;
mod purging;
mod queue_order;
mod racing;
mod readme;
mod reassigning;
mod recovery;
mod renamed;
mod replaced_content;
mod retention;
mod rights;
mod secrecy;
mod shell;
mod shown;
mod side_by_side;
mod sizes;
mod stalls;
#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    clippy::pedantic,
    reason = "shared with the sandbox: each side uses its part, and nobody reads it as a library"
)]
#[path = "../standin/mod.rs"]
mod standin;
mod standing;
mod sweep;
mod texts;
mod tokens;
mod trash;
mod turns;
mod units;
#[allow(dead_code, reason = "shared with the sandbox, which uses more of it")]
#[path = "../../examples/sandbox/university.rs"]
mod university;
mod verify;
mod which_file;
mod whole;
mod whose;
mod worlds;
mod zoom_standin;
