mod fake_gateway;
mod refusals;
mod secret;
mod traffic;
mod window;

use std::time::Duration;

use http::{Method, Request, StatusCode, Version};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::{Door, DoorConfig, DoorError};
use fake_gateway::FakeGateway;
use window::{Window, bare, connect_status, full, get};

const HOST: &str = "payroll.test";

async fn opened() -> (FakeGateway, Door) {
    let gateway = FakeGateway::start().await;
    let door = Door::start(gateway.door_config(&[HOST, "api.payroll.test"])).await.expect("a door");
    (gateway, door)
}
