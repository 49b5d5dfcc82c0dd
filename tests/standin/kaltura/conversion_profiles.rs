//! Conversion profiles, as far as an entry can be made with one.

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use super::world::{World, now};

impl World {
    /// `conversionProfile.add`; nothing is remembered, as any number is taken for a profile.
    pub fn add_conversion_profile(&mut self, params: &Params) -> Result<Value, ApiError> {
        let asked = params.required_object("conversionProfile")?;
        Ok(json!({
            "id": self.next(),
            "partnerId": self.settings.partner,
            "status": 2,
            "name": asked.required("name")?,
            "description": "",
            "createdAt": now(),
            "flavorParamsIds": asked.text("flavorParamsIds").unwrap_or_default(),
            "isDefault": false,
            "objectType": "KalturaConversionProfile",
        }))
    }
}
