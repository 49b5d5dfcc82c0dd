//! What Kaltura says when it refuses: a `KalturaAPIException`, sent with HTTP status 200.

use serde_json::{Map, Value, json};

/// A refusal with its code, its message and the arguments that went into the message.
#[derive(Clone, Debug)]
pub struct ApiError {
    code: &'static str,
    message: String,
    args: Vec<(&'static str, String)>,
}

impl ApiError {
    /// A refusal without arguments.
    pub fn new(code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError { code, message: message.into(), args: Vec::new() }
    }

    /// The same with an argument.
    pub fn arg(mut self, name: &'static str, value: impl Into<String>) -> ApiError {
        self.args.push((name, value.into()));
        self
    }

    /// The object that goes over the wire. Without arguments `args` is an empty list, as PHP has it.
    pub fn wire(&self) -> Value {
        let args = if self.args.is_empty() {
            json!([])
        } else {
            let named = self.args.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
            Value::Object(named.collect::<Map<_, _>>())
        };
        json!({
            "code": self.code,
            "message": self.message,
            "objectType": "KalturaAPIException",
            "args": args,
        })
    }

    /// No such entry, or one that is deleted.
    pub fn entry_not_found(id: &str) -> ApiError {
        let message = format!("Entry id \"{id}\" not found");
        ApiError::new("ENTRY_ID_NOT_FOUND", message).arg("ENTRY_ID", id)
    }

    /// A parameter that must be there is not.
    pub fn missing(name: &str) -> ApiError {
        let message = format!("Missing parameter \"{name}\"");
        ApiError::new("MISSING_MANDATORY_PARAMETER", message).arg("PARAM_NAME", name)
    }

    /// The session may not make this call; `call` as in `media.list`.
    pub fn forbidden(call: &str) -> ApiError {
        let (name, action) = call.split_once('.').unwrap_or((call, ""));
        // the services of plugins come in lower case
        let name = if name.contains('_') { name.to_lowercase() } else { name.to_owned() };
        let service = format!("{name}->{action}");
        let message = format!("The access to service [{service}] is forbidden");
        ApiError::new("SERVICE_FORBIDDEN", message).arg("SERVICE", service)
    }

    /// The session is none, or no more; `ksid` is the string as sent, or the word `EXPIRED`.
    pub fn invalid_ks(ksid: &str) -> ApiError {
        ApiError::invalid_session(ksid, "-1", "INVALID_STR")
    }

    /// The object belongs to somebody else: looks like a session problem and is none.
    pub fn not_yours() -> ApiError {
        ApiError::invalid_session("", "-4", "INVALID_TYPE")
    }

    fn invalid_session(ksid: &str, number: &str, description: &str) -> ApiError {
        let message = format!("Invalid KS \"{ksid}\", Error \"{number},{description}\"");
        ApiError::new("INVALID_KS", message).arg("KSID", ksid).arg("ERR_CODE", number).arg("ERR_DESC", description)
    }

    /// Wrong secret.
    pub fn start_session(partner: &str) -> ApiError {
        let message = format!("Error while starting session for partner [{partner}]");
        ApiError::new("START_SESSION_ERROR", message).arg("PID", partner)
    }

    /// A partner that does not exist is said to be blocked.
    pub fn blocked_partner() -> ApiError {
        ApiError::new(
            "SERVICE_FORBIDDEN_CONTENT_BLOCKED",
            "The access to this service is forbidden since the specified partner is blocked",
        )
    }

    /// A widget of another partner.
    pub fn invalid_widget(id: &str) -> ApiError {
        let message = format!("Unknown widget [{id}]");
        ApiError::new("INVALID_WIDGET_ID", message).arg("WIDGET_ID", id)
    }

    /// No such service.
    pub fn no_service(service: &str) -> ApiError {
        let message = format!("Service \"{service}\" does not exists");
        ApiError::new("SERVICE_DOES_NOT_EXISTS", message).arg("SRV_NAME", service)
    }

    /// No such action in a service that exists.
    pub fn no_action(service: &str, action: &str) -> ApiError {
        let message = format!("Action \"{action}\" does not exists for service \"{service}\"");
        ApiError::new("ACTION_DOES_NOT_EXISTS", message).arg("ACTION_NAME", action).arg("SERVICE_NAME", service)
    }

    /// One call too many.
    pub fn blocked(call: &str) -> ApiError {
        let (service, action) = call.split_once('.').unwrap_or((call, ""));
        let message = format!("Action \"{action}\" in service \"{service}\" is blocked");
        ApiError::new("ACTION_BLOCKED", message).arg("ACTION_NAME", action).arg("SERVICE_NAME", service)
    }

    /// No such user, or a deleted one.
    pub fn invalid_user() -> ApiError {
        ApiError::new("INVALID_USER_ID", "Invalid user id")
    }

    /// A user session looked at somebody else.
    pub fn another_user(id: &str) -> ApiError {
        let message = format!("cannot retrieve another user \"{id}\" using non-admin session");
        ApiError::new("CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION", message).arg("USER_ID", id)
    }

    /// The id is taken, in whatever letter case.
    pub fn duplicate_user(id: &str) -> ApiError {
        let message = format!("User with id [{id}] already exists in system");
        ApiError::new("DUPLICATE_USER_BY_ID", message).arg("UID", id)
    }

    /// A field's value has the wrong form.
    pub fn invalid_field(field: &str) -> ApiError {
        let message = format!("value in field [{field}] is not valid");
        ApiError::new("INVALID_FIELD_VALUE", message).arg("FIELD_NAME", field)
    }

    /// A field that cannot be set, or not any more; `property` as in `KalturaMediaEntry::status`.
    pub fn not_updatable(property: &str) -> ApiError {
        let message = format!("The property \"{property}\" cannot be updated");
        ApiError::new("PROPERTY_VALIDATION_NOT_UPDATABLE", message).arg("PROP_NAME", property)
    }

    /// A field that must be set is not.
    pub fn null_property(property: &str) -> ApiError {
        let message = format!("The property \"{property}\" cannot be null");
        ApiError::new("PROPERTY_VALIDATION_CANNOT_BE_NULL", message).arg("PROP_NAME", property)
    }

    /// A text that is longer than it may be, in characters.
    pub fn too_long(property: &str, most: usize) -> ApiError {
        let message = format!("The property \"{property}\" cannot have more than {most} characters");
        ApiError::new("PROPERTY_VALIDATION_MAX_LENGTH", message)
            .arg("PROP_NAME", property)
            .arg("MAX_LEN", most.to_string())
    }

    /// A text that is shorter than it may be, in characters.
    pub fn too_short(property: &str, least: usize) -> ApiError {
        let message = format!("The property \"{property}\" must have a min length of {least} characters");
        ApiError::new("PROPERTY_VALIDATION_MIN_LENGTH", message)
            .arg("PROP_NAME", property)
            .arg("MIN_LEN", least.to_string())
    }

    /// A child that is to be put into a category.
    pub fn info_for_child(parent: &str) -> ApiError {
        let message = format!(
            "assigning categories|scheduling|access control to entry with parent entry \"{parent}\" is not allowed"
        );
        ApiError::new("ASSIGNING_INFO_TO_ENTRY_WITH_PARENT_IS_FORBIDDEN", message).arg("ID", parent)
    }

    /// A way to be shown that Kaltura keeps to itself.
    pub fn display_not_allowed(display: &str) -> ApiError {
        let message = format!("Cannot set the value of DISPLAY_IN_SEARCH to [\"{display}\"]");
        ApiError::new("ENTRY_DISPLAY_IN_SEARCH_VALUE_NOT_ALLOWED", message).arg("DISPLAY_IN_SEARCH_NEW_VALUE", display)
    }

    /// A value outside its enumeration.
    pub fn invalid_enum(value: &str, parameter: &str, kind: &str) -> ApiError {
        let message = format!(
            "Invalid enumeration value \"{value}\" for parameter \"{parameter}\", expecting enumeration type \"{kind}\""
        );
        ApiError::new("INVALID_ENUM_VALUE", message)
            .arg("ENUM_VAL", value)
            .arg("PARAM_NAME", parameter)
            .arg("ENUM_TYPE", kind)
    }

    /// A character that XML does not allow.
    pub fn invalid_char(field: &str) -> ApiError {
        let message = format!("Invalid char in \"{field}\" field");
        ApiError::new("INVALID_PARAMETER_CHAR", message).arg("XML_FIELD", field)
    }

    /// No such upload token, or one that is deleted or somebody else's.
    pub fn token_not_found() -> ApiError {
        ApiError::new("UPLOAD_TOKEN_NOT_FOUND", "Upload token not found")
    }

    /// Something of another kind that is not there; `name` is the argument's name.
    pub fn not_found(code: &'static str, what: &str, name: &'static str, id: &str) -> ApiError {
        ApiError::new(code, format!("{what} \"{id}\" not found")).arg(name, id)
    }

    /// Empty content.
    pub fn not_secure() -> ApiError {
        ApiError::new("FILE_CONTENT_NOT_SECURE", "File content contains potential security risks")
    }

    /// The misspelling is Kaltura's own.
    pub fn internal() -> ApiError {
        ApiError::new("INTERNAL_SERVERL_ERROR", "Internal server error occurred")
    }

    /// Not Kaltura's: the stand-in does not let a mistake pass that the real server would ignore.
    pub fn refuses(why: &str) -> ApiError {
        ApiError::new("STANDIN_REFUSES", why)
    }
}
