/// What stands in a body.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    Nothing,
    Json(Shape),
    /// UTF-8.
    Text,
    Octets,
    /// Server-sent events, each one of these.
    Stream(Shape),
}

impl Body {
    /// Its media type.
    #[must_use]
    pub const fn media(&self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Json(_) => Some("application/json"),
            Self::Text => Some("text/plain"),
            Self::Octets => Some("application/octet-stream"),
            Self::Stream(_) => Some("text/event-stream"),
        }
    }
}

/// A type of the wire, as its document describes it. Without the feature `schema` it is no more than the place for one.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    #[cfg(feature = "schema")]
    pub(crate) schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    #[cfg(feature = "schema")]
    pub(crate) holds: fn(&serde_json::Value) -> bool,
}

/// A type of which a document can tell.
#[cfg(not(feature = "schema"))]
pub trait Shaped {}
#[cfg(not(feature = "schema"))]
impl<T> Shaped for T {}

/// A type of which a document can tell.
#[cfg(feature = "schema")]
pub trait Shaped: schemars::JsonSchema + serde::Serialize + serde::de::DeserializeOwned {}
#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema + serde::Serialize + serde::de::DeserializeOwned> Shaped for T {}

impl Shape {
    /// The shape of this type.
    #[cfg(not(feature = "schema"))]
    #[must_use]
    pub const fn of<T: Shaped>() -> Self {
        Self {}
    }

    /// The shape of this type.
    #[cfg(feature = "schema")]
    #[must_use]
    pub const fn of<T: Shaped>() -> Self {
        Self { schema: |generator| generator.subschema_for::<T>(), holds: holds::<T> }
    }

    /// Whether this is exactly such a value: it can be read, and says the same when it is written again.
    #[cfg(feature = "schema")]
    #[must_use]
    pub fn holds(&self, value: &serde_json::Value) -> bool {
        (self.holds)(value)
    }
}

#[cfg(feature = "schema")]
fn holds<T: Shaped>(value: &serde_json::Value) -> bool {
    T::deserialize(value).is_ok_and(|read| serde_json::to_value(&read).is_ok_and(|again| again == *value))
}
