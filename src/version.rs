//! What this binary is: its version, what it was built from and for, and what it reads.

use std::env::consts::{ARCH, OS};
use std::sync::LazyLock;

use crate::ledger;

/// Named by whoever builds it, with `ZOOM2KALTURA_COMMIT`: a build asks git nothing, so that one from a tarball, or
/// without a network, gives the same binary.
const COMMIT: Option<&str> = option_env!("ZOOM2KALTURA_COMMIT");

/// For `--version`, several lines; `-V` tells the first one.
pub static LONG: LazyLock<String> = LazyLock::new(|| {
    let libc = if cfg!(target_env = "musl") { "musl" } else { "gnu" };
    format!(
        "{}\ncommit         {}\nbuilt for      {ARCH}-{OS}-{libc}\nSQLite         {}\nledger format  {}",
        env!("CARGO_PKG_VERSION"),
        COMMIT.unwrap_or("not named at build time"),
        ledger::sqlite_version(),
        ledger::FORMAT
    )
});
