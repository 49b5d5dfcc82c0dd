//! What is printed on stdout: whatever a report holds, no line of it hides anything or shows what has the shape of a secret.

use std::io;
use std::io::Write;

use crate::model::{is_invisible, masked_values};
use crate::output::table::Screen;

/// What a colour begins with (ECMA-48, "select graphic rendition").
const COLOUR_BEGIN: &str = "\u{1b}[";

/// Writes whole lines.
#[derive(Debug)]
pub struct Shown<W: Write> {
    to: W,
    /// Whether it may be coloured.
    colour: bool,
    begun: Vec<u8>,
}

impl<W: Write> Shown<W> {
    /// Prints to `to`.
    pub fn new(to: W, screen: Screen) -> Shown<W> {
        Shown { to, colour: screen.colour, begun: Vec::new() }
    }

    fn print(&mut self, bytes: usize) -> io::Result<()> {
        let text: Vec<u8> = self.begun.drain(..bytes).collect();
        self.to.write_all(fit_to_print(&String::from_utf8_lossy(&text), self.colour).as_bytes())
    }
}

/// Lines and tabs stay, and colours where there are any; what moves a cursor goes.
fn fit_to_print(text: &str, colour: bool) -> String {
    let visible = |text: &str| {
        let seen = |c: &char| !is_invisible(*c) && (!c.is_control() || matches!(c, '\n' | '\t'));
        text.chars().filter(seen).collect::<String>()
    };
    if !colour {
        return masked_values(&visible(text));
    }
    let mut parts = text.split(COLOUR_BEGIN);
    let mut fit = visible(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once('m') {
            Some((code, rest)) if code.len() <= 2 && code.bytes().all(|digit| digit.is_ascii_digit()) => {
                fit.extend([COLOUR_BEGIN, code, "m", &visible(rest)]);
            }
            _ => fit += &visible(part),
        }
    }
    masked_values(&fit)
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

    use super::{Screen, Shown, fit_to_print};

    /// What has not ended with a line end is printed at the end.
    #[test]
    fn secrets_are_masked_in_any_spelling() {
        let mut out = Shown::new(Vec::new(), Screen::default());
        for part in ["one\nInvalid KS djJ8MT", "AyfPZj2alI\u{202E} here\u{1b}[2J\ntw", "o\tä"] {
            out.write_all(part.as_bytes()).expect("a vector");
        }
        out.flush().expect("a vector");
        assert_eq!(String::from_utf8_lossy(&out.to), "one\nInvalid KS … here[2J\ntwo\tä");
    }

    #[test]
    fn only_colours_pass_to_terminals() {
        let text = "\u{1b}[31mfailed\u{1b}[0m \u{1b}[2J\u{1b}]0;title\u{7} \u{1b}[31;1mx";
        assert_eq!(fit_to_print(text, true), "\u{1b}[31mfailed\u{1b}[0m 2J]0;title 31;1mx");
        assert_eq!(fit_to_print(text, false), "[31mfailed[0m [2J]0;title [31;1mx");
    }
}
