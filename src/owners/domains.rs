//! The domains of an institution's own addresses: what stands before the `@` tells who somebody is there, and nowhere else.
//! Pure.

use url::Host;

/// Before a domain whose subdomains are meant.
const BELOW: &str = "*.";

/// Those that `owner.domains` names; none where the key is not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains(Vec<Domain>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Domain {
    /// As in `uni.example`.
    Is(String),
    /// As in `*.uni.example`: whatever is below it, at any depth, and not itself.
    Below(String),
}

impl Domains {
    /// Takes texts such as `uni.example` and `*.uni.example`; else tells which of them is none, and why.
    pub fn new(texts: &[String]) -> Result<Domains, (String, &'static str)> {
        let domain = |text: &String| parse_domain(text).map_err(|why| (text.clone(), why));
        texts.iter().map(domain).collect::<Result<_, _>>().map(Domains)
    }

    /// Whether there are any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the address is of one of them. One with a second `@` is nobody's.
    #[must_use]
    pub fn hold(&self, email: &str) -> bool {
        let Some((local, domain)) = email.trim().split_once('@') else {
            return false;
        };
        let Some(found) = ascii_domain(domain).filter(|_| !local.is_empty()) else {
            return false;
        };
        self.0.iter().any(|domain| match domain {
            Domain::Is(domain) => found == *domain,
            Domain::Below(domain) => found.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        })
    }
}

fn parse_domain(text: &str) -> Result<Domain, &'static str> {
    let text = text.trim();
    let (is_below, text) = text.strip_prefix(BELOW).map_or((false, text), |rest| (true, rest));
    let domain = ascii_domain(text).ok_or("is not a domain such as \"uni.example\" or \"*.uni.example\"")?;
    if !domain.contains('.') {
        return Err("is a domain that many institutions share: name your own, such as \"uni.example\"");
    }
    Ok(if is_below { Domain::Below(domain) } else { Domain::Is(domain) })
}

/// A domain in the one form in which it is compared: small letters, and what is not ASCII as DNS spells it.
fn ascii_domain(domain: &str) -> Option<String> {
    // what a URL would decode is no domain of an address
    if domain.contains('%') {
        return None;
    }
    match Host::parse(domain).ok()? {
        Host::Domain(domain) if domain.split('.').all(|label| !label.is_empty()) && !domain.contains('*') => {
            Some(domain)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Domains;

    fn domains(texts: &[&str]) -> Result<Domains, (String, &'static str)> {
        Domains::new(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn whole_domains_make_institution_addresses() {
        let both = &["uni.example", "*.uni.example"][..];
        let cases = [
            (&["uni.example"][..], "ada@uni.example", true),
            (&["Uni.Example"][..], " ADA@uni.EXAMPLE ", true),
            (&["uni.example"][..], "ada@cs.uni.example", false),
            (&["*.uni.example"][..], "ada@uni.example", false),
            (&["*.uni.example"][..], "ada@cs.uni.example", true),
            (both, "ada@a.b.uni.example", true),
            (both, "ada@elsewhere.example", false),
            (both, "ada@ununi.example", false),
            (both, "ada@.uni.example", false),
            (both, "ada@uni.example.org", false),
            (both, "ada@uni.example.", false),
            (both, "ada@uni%2eexample", false),
            (both, "ada@elsewhere.example@uni.example", false),
            (both, "ada@uni.example@elsewhere.example", false),
            (both, "@uni.example", false),
            (both, "ada@", false),
            (both, "ada", false),
            (both, "", false),
            (&["köln.example"][..], "ada@xn--kln-sna.example", true),
            (&["xn--kln-sna.example"][..], "ada@KÖLN.example", true),
            (&[][..], "ada@uni.example", false),
        ];
        for (texts, email, expected) in cases {
            assert_eq!(domains(texts).expect("domains").hold(email), expected, "{texts:?} {email:?}");
        }
    }

    #[test]
    fn no_or_public_domains_are_refused() {
        for text in
            ["", "*", "*.", "example", "*.example", "@uni.example", "ada@uni.example", "uni example", "127.0.0.1"]
        {
            assert!(domains(&["uni.example", text]).is_err(), "{text:?}");
        }
        for text in
            ["*.*.example", "a.*.example", "uni..example", ".uni.example", "https://uni.example", "uni%2eexample"]
        {
            assert!(domains(&[text]).is_err(), "{text:?}");
        }
    }
}
