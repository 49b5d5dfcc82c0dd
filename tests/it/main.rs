//! The program against stand-ins of Zoom and Kaltura.

// what the tests share
mod accounts;
mod addresses;
mod arrived;
mod at_once;
mod auto_captions;
mod bulk;
mod campus;
mod caption_languages;
mod chance;
mod documents;
mod pages;
mod plain;
#[allow(dead_code, reason = "shared with the sandbox, which uses more of it")]
#[path = "../../examples/sandbox/university.rs"]
mod university;

// which recordings are copied, and when
mod backfill;
mod behind;
mod checkpoint;
mod clocks;
mod endurance;
mod few_calls;
mod filters;
mod listing;
mod queue_order;
mod turns;

// whose they become, and who is left out
mod consent;
mod domains;
mod entitled;
mod groups;
mod lists;
mod misnamed;
mod opted_in;
mod opted_out;
mod owners;
mod renamed;
mod rights;

// what is copied of each
mod categories;
mod change_over;
mod chat;
mod course_categories;
mod frozen_entries;
mod interpretation;
mod memory;
mod new_topics;
mod pace;
mod parts;
mod pulling;
mod replaced_content;
mod sizes;
mod terminal;
mod texts;
mod which_file;
mod whole;

// each is copied once, whatever goes wrong
mod claims;
mod claims_ahead;
mod every_cell;
mod faults;
mod installations;
mod interruption;
mod journals;
mod kaltura_groups;
mod killing;
mod late;
mod lateness;
mod ledger_faults;
mod long_lists;
mod lost_ledger;
mod marks;
mod racing;
mod recovery;
mod restoring;
mod side_by_side;
mod side_files;
mod sweep;
mod tokens;
mod upgrades;

// nothing is deleted that should stay
mod binned;
mod captions;
mod deleting;
mod guards;
mod orphans;
mod purging;
mod reassigning;
mod retention;
mod trash;
mod worlds;

// odd answers do no harm
mod bodies;
mod doubles;
mod endless_lists;
mod meanings;
mod numbers_kaltura;
mod odd_ids;
mod odd_lists;
mod odd_numbers;
mod permissions;
mod stalls;

// what people read
mod answers;
mod check;
mod dashboard;
mod dry_run;
mod events;
mod history;
mod logs;
mod mail;
mod metrics;
mod outage;
mod page;
mod pings;
mod secrecy;
mod shell;
mod shown;
mod spellings;
mod standing;
mod verify;

// the machine and the configuration
mod app_token;
mod bad_input;
mod containers;
mod machine;
mod ruled_out;
mod running_as;
mod units;
mod unnoted;
mod whose;

// the stand-ins themselves
mod fault_queue;
mod kaltura_standin;
mod openapi;
mod zoom_standin;

// the repository
mod docs;
mod guide;
mod house;
mod manual;
mod wording;
