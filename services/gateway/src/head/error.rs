/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    #[error("the request line is not one of HTTP/1.1")]
    RequestLine,
    #[error("only HTTP/1.1 is spoken here")]
    Version,
    #[error("this method is not carried")]
    Method,
    #[error("the target is not in origin form")]
    TargetForm,
    #[error("the address is too long")]
    TargetTooLong,
    #[error("the head is too large")]
    TooLarge,
    #[error("the head has too many fields")]
    TooMany,
    #[error("a line of the head does not end with CR LF")]
    BareLineEnd,
    #[error("a header field is folded over lines")]
    Folded,
    #[error("a header field's name is not a token")]
    Name,
    #[error("a header field's value holds forbidden bytes")]
    Value,
    #[error("not exactly one Host")]
    Host,
    #[error("both Content-Length and Transfer-Encoding")]
    LengthAndCoding,
    #[error("Content-Length is not one plain number")]
    Length,
    #[error("Transfer-Encoding is not exactly chunked")]
    Coding,
    #[error("a reading method with a body")]
    BodyOnRead,
    #[error("an expectation that is not 100-continue")]
    Expectation,
}

impl HeadError {
    /// The status that answers it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Method => 405,
            Self::TargetTooLong => 414,
            Self::Expectation => 417,
            Self::TooLarge | Self::TooMany => 431,
            Self::Version => 505,
            _ => 400,
        }
    }

    /// A stable word for logs, problems and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::RequestLine => "request-line",
            Self::Version => "http-version",
            Self::Method => "method",
            Self::TargetForm => "target-form",
            Self::TargetTooLong => "target-too-long",
            Self::TooLarge => "head-too-large",
            Self::TooMany => "too-many-headers",
            Self::BareLineEnd => "bare-line-end",
            Self::Folded => "folded-header",
            Self::Name => "header-name",
            Self::Value => "header-value",
            Self::Host => "host-header",
            Self::LengthAndCoding => "length-and-coding",
            Self::Length => "content-length",
            Self::Coding => "transfer-encoding",
            Self::BodyOnRead => "body-on-read",
            Self::Expectation => "expectation",
        }
    }
}
