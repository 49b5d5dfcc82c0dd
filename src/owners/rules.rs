//! The rules that turn a Zoom host into Kaltura user ids to try. Pure.

/// The ids to try for a host with this address, in order; none for an address that is none.
pub(super) fn candidates(email: &str) -> Vec<String> {
    let email = email.trim();
    if email.is_empty() { Vec::new() } else { vec![email.to_owned()] }
}

#[cfg(test)]
mod tests {
    use super::candidates;

    #[test]
    fn a_host_is_looked_for_by_their_address() {
        assert_eq!(candidates(" ada@uni.example "), ["ada@uni.example"]);
    }

    #[test]
    fn an_empty_address_is_never_asked_for_as_it_would_name_the_session_itself() {
        assert!(candidates(" ").is_empty());
    }
}
