//! `[kaltura]`: where recordings go.

use url::Url;

use crate::config::error::ConfigError;
use crate::config::key::Requirement::{Default, Optional, Required};
use crate::config::key::ValueKind::{Choice, Name, Secret, Text, Whole};
use crate::config::key::{Key, ValueKind, table_key};
use crate::config::reader::SettingsReader;
use crate::remotes::kaltura::{Credentials, TokenHash};

/// Where recordings go.
#[derive(Clone, Debug)]
pub struct KalturaSettings {
    /// Base address of the service.
    pub url: Url,
    /// The partner (account) number, above 0.
    pub partner_id: i64,
    /// The user in whose name this program acts.
    pub service_user: String,
    /// What sessions are made from.
    pub credentials: Credentials,
    /// Where people see an entry, with `{entry_id}` for its id; empty for nowhere.
    pub entry_link: String,
    /// How media are converted; the partner's default where none is named.
    pub conversion_profile_id: Option<i64>,
}

/// In the order in which `config show` prints them.
pub(in crate::config) const KEYS: &[Key] = &[
    table_key("kaltura.url", ValueKind::Url, Default(r#""https://www.kaltura.com""#)),
    table_key("kaltura.partner_id", Whole(1, i64::MAX), Required),
    table_key("kaltura.admin_secret", Secret, Optional),
    table_key("kaltura.app_token_id", Name, Default(r#""""#)),
    table_key("kaltura.app_token", Secret, Optional),
    table_key("kaltura.app_token_hash", Choice(&["SHA1", "SHA256", "SHA512", "MD5"]), Default(r#""SHA1""#)),
    table_key("kaltura.service_user", Text, Default(r#""zoom2kaltura""#)),
    table_key("kaltura.entry_link", Name, Default(r#""""#)),
    table_key("kaltura.conversion_profile_id", Whole(0, i64::MAX), Default("0")),
];

impl SettingsReader<'_> {
    /// What the section says.
    pub(in crate::config) fn read_kaltura(&self) -> Result<KalturaSettings, ConfigError> {
        Ok(KalturaSettings {
            url: self.key("kaltura.url")?.url()?,
            partner_id: self.key("kaltura.partner_id")?.whole()?,
            service_user: self.key("kaltura.service_user")?.ascii_id()?,
            credentials: self.choose_credentials()?,
            entry_link: self.key("kaltura.entry_link")?.link()?,
            conversion_profile_id: Some(self.key("kaltura.conversion_profile_id")?.whole()?).filter(|id| *id > 0),
        })
    }

    /// One of two ways: both at once would leave it open which is meant.
    fn choose_credentials(&self) -> Result<Credentials, ConfigError> {
        let id = self.key("kaltura.app_token_id")?;
        match (self.found_key("kaltura.admin_secret"), self.found_key("kaltura.app_token"), id.name()?) {
            (Some(secret), None, None) => Ok(Credentials::AdminSecret(secret.secret()?)),
            (None, Some(token), Some(id)) => Ok(Credentials::AppToken {
                id,
                token: token.secret()?,
                hash: match self.key("kaltura.app_token_hash")?.choice()? {
                    "SHA256" => TokenHash::Sha256,
                    "SHA512" => TokenHash::Sha512,
                    "MD5" => TokenHash::Md5,
                    _ => TokenHash::Sha1,
                },
            }),
            (Some(secret), ..) => {
                Err(secret.wrong("is given beside an app token: remove one of them, as only one can be used"))
            }
            (None, Some(token), None) => Err(token.wrong("also needs kaltura.app_token_id")),
            (None, None, _) => Err(id.wrong("also needs kaltura.app_token")),
        }
    }
}
