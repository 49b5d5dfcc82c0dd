//! The signed addresses that lead from a download to the CDN.

use std::collections::HashMap;
use std::sync::Mutex;

use url::form_urlencoded;

use super::super::fault::Fault;
use super::super::media::Media;
use super::file::RecordingFile;
use super::state::{State, held};

/// What a signature opens.
pub(super) struct Target {
    pub(super) media: Media,
    pub(super) content_type: &'static str,
    pub(super) fault: Option<Fault>,
    pub(super) path: String,
}

/// The signatures that were handed out and not used yet.
#[derive(Default)]
pub(super) struct Links(Mutex<HashMap<String, Target>>);

impl Links {
    /// Whether `signature` opens anything at `path`: to ask for the head alone uses nothing up.
    pub(super) fn leads_somewhere(&self, signature: &str, path: &str) -> bool {
        held(&self.0).get(signature).is_some_and(|target| target.path == path)
    }

    /// What goes wrong with whatever `signature` opens.
    pub(super) fn fault(&self, signature: &str) -> Option<Fault> {
        held(&self.0).get(signature)?.fault.clone()
    }

    /// What `signature` opens at `path`. A second time it opens nothing: whoever wants
    /// to resume must ask for a new one, as the old one may have expired.
    pub(super) fn follow(&self, signature: &str, path: &str) -> Option<Target> {
        let mut links = held(&self.0);
        links.get(signature).filter(|target| target.path == path)?;
        links.remove(signature)
    }
}

/// A new signed address for a file.
pub(super) fn sign(state: &State, file: &RecordingFile) -> String {
    let content_type = file.content_type();
    let path = format!("/replay/{}/{}", &file.key[..16], file.name());
    let signature = state.secrets.digits();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("response-content-type", content_type)
        .append_pair("response-cache-control", "max-age=0,s-maxage=86400")
        .append_pair("Policy", &state.secrets.digits())
        .append_pair("Signature", &signature)
        .append_pair("Key-Pair-Id", "APKAJ0000000STANDIN")
        .finish();
    let address = format!("{}{path}?{query}", state.cdn());
    held(&state.links.0)
        .insert(signature, Target { media: file.media.clone(), content_type, fault: file.fault.clone(), path });
    address
}
