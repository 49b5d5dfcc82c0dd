//! What is printed on stdout: whatever a report holds, no line of it hides anything or shows what has the shape of a secret.

use std::io;
use std::io::Write;

use crate::model::{is_invisible, masked_values};

/// Writes whole lines.
#[derive(Debug)]
pub struct Shown<W: Write> {
    to: W,
    begun: Vec<u8>,
}

impl<W: Write> Shown<W> {
    /// Prints to `to`.
    pub fn new(to: W) -> Shown<W> {
        Shown { to, begun: Vec::new() }
    }

    fn print(&mut self, bytes: usize) -> io::Result<()> {
        let text: Vec<u8> = self.begun.drain(..bytes).collect();
        self.to.write_all(fit_to_print(&String::from_utf8_lossy(&text)).as_bytes())
    }
}

/// Lines and tabs stay; what moves a cursor goes.
fn fit_to_print(text: &str) -> String {
    let seen = |c: &char| !is_invisible(*c) && (!c.is_control() || matches!(c, '\n' | '\t'));
    masked_values(&text.chars().filter(seen).collect::<String>())
}

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        if let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') {
            self.print(end + 1)?;
        }
        Ok(bytes.len())
    }

    /// Also a line that has not ended.
    fn flush(&mut self) -> io::Result<()> {
        self.print(self.begun.len())?;
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::Shown;

    /// What has not ended with a line end is printed at the end.
    #[test]
    fn secrets_are_masked_in_any_spelling() {
        let mut out = Shown::new(Vec::new());
        for part in ["one\nInvalid KS djJ8MT", "AyfPZj2alI\u{202E} here\u{1b}[2J\ntw", "o\tä"] {
            out.write_all(part.as_bytes()).expect("a vector");
        }
        out.flush().expect("a vector");
        assert_eq!(String::from_utf8_lossy(&out.to), "one\nInvalid KS … here[2J\ntwo\tä");
    }
}
