//! Typed clients of the broker, the gateway and the audit service: for people ([`BrokerClient`], [`AuditClient`],
//! calls bound to the Device key by DPoP, RFC 9449), for anybody who checks the log ([`LogClient`]), for the Session's
//! own TLS key ([`GatewayClient`]) and between services over mutual TLS ([`ServiceClient`]).
//!
//! What it is not: it believes nothing that it carries. Statements, receipts and checkpoints are verified by
//! whoever calls.

mod audit;
mod broker;
mod error;
mod gateway;
mod http;
mod log;
mod person;
mod service;
mod stream;

pub use audit::AuditClient;
pub use broker::BrokerClient;
pub use error::CallError;
pub use gateway::GatewayClient;
pub use log::LogClient;
pub use person::Credentials;
pub use service::ServiceClient;
pub use stream::Pushes;
