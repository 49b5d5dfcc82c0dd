//! The Kaltura stand-in by itself, for the replay of recorded traffic.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use crate::print_line;
use crate::standin::kaltura::Kaltura;

/// The throw-away partner of the recordings and its secret: the replay asks for them unless told otherwise.
const PARTNER: u32 = 105;
const SECRET: &str = "0f6649c1014d583fdf99ab0d80840ca4";

/// Prints the server's address and serves until stdin is closed. It is lenient, as misuse was recorded too, and takes
/// its time where the recorded server did: more than 30 s for a final chunk after a gap, seconds until READY.
pub(crate) fn kaltura() -> ExitCode {
    let builder = Kaltura::builder().partner(PARTNER, SECRET).strict(false);
    let kaltura = builder.ready_after(Duration::from_secs(3)).final_wait(Duration::from_secs(35)).start();
    print_line(&kaltura.url());
    match io::copy(&mut io::stdin(), &mut io::sink()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
