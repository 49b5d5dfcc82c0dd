//! A call of an API, as errors name it.

use super::Service;

/// The call that an answer is to, as errors name it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Who is asked.
    pub service: Service,
    /// What for.
    pub name: &'a str,
    /// Where.
    pub host: &'a str,
    /// The setting that leads there.
    pub key: &'a str,
}
