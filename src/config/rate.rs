//! Bandwidths as people write them.

/// Slower ones are a mistake in the unit.
const LEAST: u64 = 100_000;

/// Reads `200MB/s`, `1.5GB/s` or `800Mbit/s`: bytes a second, units by powers of ten.
pub(super) fn parse_rate(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit {
        "kB/s" => 1_000,
        "MB/s" => 1_000_000,
        "GB/s" => 1_000_000_000,
        "Mbit/s" => 125_000,
        "Gbit/s" => 125_000_000,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part = part.parse::<u64>().ok()?.checked_mul(unit)? / scale;
    let rate = whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(part)?;
    (rate >= LEAST).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::parse_rate;

    #[test]
    fn a_bandwidth_is_a_number_and_a_unit() {
        let cases =
            [("200MB/s", 200_000_000), ("1.5GB/s", 1_500_000_000), ("100kB/s", 100_000), ("800Mbit/s", 100_000_000)];
        for (text, expected) in cases {
            assert_eq!(parse_rate(text), Some(expected), "{text}");
        }
        assert_eq!(parse_rate("1Gbit/s"), parse_rate("125MB/s"));
    }

    #[test]
    fn anything_else_is_no_bandwidth() {
        let bad = ["", "200", "200MB", "MB/s", "200 MB/s", "-1MB/s", "1.MB/s", ".5MB/s", "0MB/s", "99kB/s", "1mb/s"];
        for bad in bad.into_iter().chain(["1.2.3MB/s", "99999999999999GB/s", "20MiB/s"]) {
            assert_eq!(parse_rate(bad), None, "{bad}");
        }
    }
}
