//! The generated messages, server and client, their descriptors, and canonical protobuf JSON.

use std::sync::OnceLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor};
use serde::de::IntoDeserializer;

/// Package `parallax.v1`, documented in `proto/parallax/v1/`.
pub mod v1 {
    #![allow(clippy::large_enum_variant, reason = "generated")]

    tonic::include_proto!("parallax.v1");
}

/// Encoded descriptors of the contract and all it imports.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// Why JSON and message do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The JSON is not a message of this type.
    #[error("not a {message}: {problem}")]
    Invalid {
        /// Full name of the message.
        message: String,
        /// What is wrong.
        problem: String,
    },
    /// The contract does not know the message, which a test rules out.
    #[error("unknown message {0}")]
    UnknownMessage(String),
}

/// A message by its full name, for example `parallax.v1.AnalyzeArticleRequest`.
fn descriptor(name: &str) -> Result<MessageDescriptor, JsonError> {
    static POOL: OnceLock<Option<DescriptorPool>> = OnceLock::new();
    let pool = POOL.get_or_init(|| DescriptorPool::decode(DESCRIPTORS).ok());
    let found = pool.as_ref().and_then(|pool| pool.get_message_by_name(name));
    found.ok_or_else(|| JsonError::UnknownMessage(name.to_owned()))
}

fn invalid(name: &str, problem: impl ToString) -> JsonError {
    JsonError::Invalid { message: name.to_owned(), problem: problem.to_string() }
}

/// Writes a message as canonical protobuf JSON. `name` is the full name of its type.
///
/// # Errors
/// When the contract has no message of that name.
pub fn to_json(name: &str, message: &impl Message) -> Result<serde_json::Value, JsonError> {
    let bytes = message.encode_to_vec();
    let dynamic = DynamicMessage::decode(descriptor(name)?, bytes.as_slice())
        .map_err(|error| invalid(name, error))?;
    serde_json::to_value(dynamic).map_err(|error| invalid(name, error))
}

/// Reads a message from canonical protobuf JSON; field names in either spelling, unknown fields are
/// errors. `name` is the full name of its type.
///
/// # Errors
/// When the JSON does not fit the message.
pub fn from_json<M: Message + Default>(
    name: &str,
    json: serde_json::Value,
) -> Result<M, JsonError> {
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let dynamic = DynamicMessage::deserialize_with_options(
        descriptor(name)?,
        json.into_deserializer(),
        &options,
    )
    .map_err(|error| invalid(name, error))?;
    M::decode(dynamic.encode_to_vec().as_slice()).map_err(|error| invalid(name, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "parallax.v1.AnalyzeArticleRequest";

    #[test]
    fn json_goes_there_and_back() {
        let json = serde_json::json!({
            "article": { "id": "a", "text": "Some words." },
            "parts": ["ANALYSIS_PART_STANCE"],
            "contest": { "id": "dam", "sides": [{ "id": "up", "aliases": ["Upland"] }] },
        });
        let request: v1::AnalyzeArticleRequest = from_json(REQUEST, json.clone()).expect("valid");
        assert_eq!(to_json(REQUEST, &request).expect("json"), json);
    }

    #[test]
    fn an_unknown_field_is_an_error() {
        let json = serde_json::json!({ "artikel": {} });
        let error = from_json::<v1::AnalyzeArticleRequest>(REQUEST, json).expect_err("unknown");
        assert!(error.to_string().contains("artikel"), "{error}");
    }

    #[test]
    fn error_details_are_written_out() {
        use tonic_types::StatusExt;
        let details = tonic_types::ErrorDetails::with_bad_request_violation("text", "is required");
        let status =
            tonic::Status::with_error_details(tonic::Code::InvalidArgument, "bad", details);
        let json =
            to_json("google.rpc.Status", &crate::grpc::status::to_wire(&status)).expect("json");
        assert_eq!(json["details"][0]["fieldViolations"][0]["field"], "text");
    }
}
