//! Values in as few bytes as they take, one behind the other: what is held of tens of thousands of recordings.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{DateTime, TimeDelta, Utc};

/// Seven bits of a number in each byte; the eighth says that more follow.
const MORE: u8 = 0x80;

/// Most recordings take fewer bytes.
const USUAL: usize = 256;

/// Writes values behind one another.
#[derive(Debug)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn new() -> Writer {
        Writer(Vec::with_capacity(USUAL))
    }

    pub(super) fn number(&mut self, mut number: u64) {
        while number >= u64::from(MORE) {
            self.0.push(number.to_le_bytes()[0] | MORE);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    /// One that may be negative.
    pub(super) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn time(&mut self, time: DateTime<Utc>) {
        self.signed(time.timestamp());
        self.number(time.timestamp_subsec_nanos().into());
    }

    /// A time that is not negative.
    pub(super) fn span(&mut self, span: TimeDelta) {
        self.signed(span.num_seconds());
        self.signed(span.subsec_nanos().into());
    }
}

/// Reads them in the same order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        while let Some((first, rest)) = self.0.split_first() {
            self.0 = rest;
            number |= u64::from(first & !MORE) << shift;
            shift += 7;
            if first & MORE == 0 {
                break;
            }
        }
        number
    }

    pub(super) fn count(&mut self) -> usize {
        usize::try_from(self.number()).unwrap_or_default()
    }

    pub(super) fn signed(&mut self) -> i64 {
        let number = self.number();
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }

    pub(super) fn text(&mut self) -> &'a str {
        let length = self.count();
        let (text, rest) = self.0.split_at_checked(length).unwrap_or_default();
        self.0 = rest;
        std::str::from_utf8(text).unwrap_or_default()
    }

    pub(super) fn time(&mut self) -> DateTime<Utc> {
        let (seconds, nanos) = (self.signed(), self.number());
        DateTime::from_timestamp(seconds, u32::try_from(nanos).unwrap_or_default()).unwrap_or_default()
    }

    pub(super) fn span(&mut self) -> TimeDelta {
        let (seconds, nanos) = (self.signed(), self.signed());
        TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(nanos)
    }
}

/// Values that come again and again, each held once and known by its number.
#[derive(Clone, Debug)]
pub(super) struct Numbered<T> {
    values: Vec<T>,
    numbers: HashMap<T, usize>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered { values: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Numbered<T> {
    pub(super) fn number_of(&mut self, value: &T) -> usize {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        self.values.push(value.clone());
        self.numbers.insert(value.clone(), self.values.len() - 1);
        self.values.len() - 1
    }

    pub(super) fn get(&self, number: usize) -> Option<&T> {
        self.values.get(number)
    }

    /// Every one, to be changed where it stands; none is added any more.
    pub(super) fn change_all(&mut self) -> impl Iterator<Item = &mut T> {
        self.numbers = HashMap::new();
        self.values.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Numbered, Reader, Writer};

    #[test]
    fn packed_values_come_back_whole() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let signed = [0, 1, -1, 63, -64, -65, i64::MAX, i64::MIN];
        let texts = ["", "Optics", "Ünïcode – 録画 🎓", &"long".repeat(5000)];
        let times = [
            "2000-01-01T00:00:00Z",
            "2026-11-20T09:00:00.250Z",
            "9998-12-31T23:59:59.999999999Z",
            "2016-12-31T23:59:60Z",
        ];
        let times = times.map(|time| time.parse::<DateTime<Utc>>().expect("an instant"));
        let spans =
            [TimeDelta::zero(), TimeDelta::seconds(1799), TimeDelta::milliseconds(1_234_567), TimeDelta::days(31)];
        let mut writer = Writer::new();
        for value in numbers {
            writer.number(value);
        }
        for value in signed {
            writer.signed(value);
        }
        for value in texts {
            writer.text(value);
        }
        for value in times {
            writer.time(value);
        }
        for value in spans {
            writer.span(value);
        }
        let mut reader = Reader(&writer.0);
        assert_eq!(numbers.map(|_| reader.number()), numbers);
        assert_eq!(signed.map(|_| reader.signed()), signed);
        assert_eq!(texts.map(|_| reader.text()), texts);
        assert_eq!(times.map(|_| reader.time()), times);
        assert_eq!(spans.map(|_| reader.span()), spans);
        assert!(reader.0.is_empty());
    }

    #[test]
    fn equal_values_share_a_number() {
        let mut numbered = Numbered::default();
        let numbers = ["a", "b", "a", "c", "b"].map(|text| numbered.number_of(&text));
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        assert_eq!(
            numbers.map(|number| numbered.get(number).copied()),
            [Some("a"), Some("b"), Some("a"), Some("c"), Some("b")]
        );
    }
}
