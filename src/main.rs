//! The binary: hands its arguments to the library and ends with the exit code it gets.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(zoom2kaltura::run(std::env::args_os()).code())
}
