//! One TLS connection: heads and bodies read strictly, answers written with framing of our own.

mod framing;

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout, timeout_at};

use crate::body::{BodyError, BodyReader, Step};
use crate::head::{HeadError, RequestHead, end_of_head_from};
use crate::refused::Refused;
pub use framing::{Length, answer_head, chunk};

/// How long a connection is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a head, from its first byte.
    head: Duration,
    /// While nothing is asked.
    idle: Duration,
    /// For the next byte of a body.
    pause: Duration,
    /// For a body as a whole, however steadily it drips.
    body: Duration,
}

impl Patience {
    /// Of a connection within its share.
    pub const USUAL: Self = Self {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(75),
        pause: Duration::from_secs(30),
        body: Duration::from_secs(120),
    };
    /// Of a connection beyond its share, which has one thing to say.
    pub const SHORT: Self = Self {
        head: Duration::from_secs(5),
        idle: Duration::from_secs(5),
        pause: Duration::from_secs(5),
        body: Duration::from_secs(5),
    };
}

/// A person's computer that takes longer to take bytes is given up.
const WRITE_PAUSE: Duration = Duration::from_secs(60);

/// What carries a connection.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection with what was read ahead.
pub struct Connection<S> {
    stream: S,
    buffer: BytesMut,
    patience: Patience,
}

/// Why no request was read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Head(#[from] HeadError),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("the body is larger than is carried")]
    TooLarge,
    #[error("too slow")]
    TooSlow,
    #[error("the connection ended in the middle")]
    Cut,
}

impl ReadError {
    /// What to answer before closing; nothing when nobody listens any more.
    #[must_use]
    pub fn refused(&self) -> Option<Refused> {
        let fault = |status, code, title: String| {
            Some(Refused::new(status, code, title, "The connection is closed. Nothing was forwarded."))
        };
        match self {
            Self::Head(error) => fault(error.status(), error.code(), format!("The request is not clear: {error}.")),
            Self::Body(error) => fault(400, "chunked-coding", format!("The request is not clear: {error}.")),
            Self::TooLarge => fault(413, "body-too-large", "The content is larger than is carried.".into()),
            Self::TooSlow => fault(408, "too-slow", "The request took too long to arrive.".into()),
            Self::Cut => None,
        }
    }
}

impl<S: Stream> Connection<S> {
    #[must_use]
    pub fn new(stream: S, patience: Patience) -> Self {
        Self { stream, buffer: BytesMut::with_capacity(8 * 1024), patience }
    }

    /// The next head; none when the peer closed between requests.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn head(&mut self) -> Result<Option<RequestHead>, ReadError> {
        let Patience { head: in_time, idle, .. } = self.patience;
        let mut deadline = Instant::now() + if self.buffer.is_empty() { idle } else { in_time };
        let mut looked_at = 0;
        loop {
            if let Some(end) = end_of_head_from(&self.buffer, looked_at)? {
                let head = self.buffer.split_to(end);
                return Ok(Some(RequestHead::read(&head)?));
            }
            looked_at = self.buffer.len();
            let was_idle = self.buffer.is_empty();
            match timeout_at(deadline, self.stream.read_buf(&mut self.buffer)).await {
                Ok(Ok(0)) | Ok(Err(_)) | Err(_) if was_idle => return Ok(None),
                Ok(Ok(0)) | Ok(Err(_)) => return Err(ReadError::Cut),
                Err(_) => return Err(ReadError::TooSlow),
                Ok(Ok(_)) if was_idle => deadline = Instant::now() + in_time,
                Ok(Ok(_)) => {}
            }
        }
    }

    /// The whole body of the request whose head was just read.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn body(&mut self, head: &RequestHead, most: usize) -> Result<Bytes, ReadError> {
        if matches!(head.framing, crate::head::Framing::Length(length) if length > most as u64) {
            return Err(ReadError::TooLarge);
        }
        if head.expects_continue {
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let (mut reader, mut body) = (BodyReader::new(head.framing), BytesMut::new());
        let whole = Instant::now() + self.patience.body;
        loop {
            match reader.read(&mut self.buffer)? {
                Step::End => return Ok(body.freeze()),
                Step::Part(part) if body.len() + part.len() > most => return Err(ReadError::TooLarge),
                Step::Part(part) => body.extend_from_slice(&part),
                Step::More => match timeout_at(
                    whole.min(Instant::now() + self.patience.pause),
                    self.stream.read_buf(&mut self.buffer),
                )
                .await
                {
                    Ok(Ok(n)) if n > 0 => {}
                    Err(_) => return Err(ReadError::TooSlow),
                    _ => return Err(ReadError::Cut),
                },
            }
        }
    }

    /// Bytes that came behind the request, before it was answered.
    #[must_use]
    pub fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Writes a whole answer.
    ///
    /// # Errors
    /// [`ReadError::Cut`].
    pub async fn answer(
        &mut self,
        status: u16,
        headers: &[(String, Vec<u8>)],
        body: &[u8],
        keep_alive: bool,
        with_body: bool,
    ) -> Result<(), ReadError> {
        let head = answer_head(status, headers, Length::Known(body.len() as u64), keep_alive);
        self.send(Buf::chain(&head[..], if with_body { body } else { b"" })).await
    }

    /// Writes bytes and sends them off.
    ///
    /// # Errors
    /// [`ReadError::Cut`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.send(bytes).await
    }

    async fn send(&mut self, bytes: impl Buf) -> Result<(), ReadError> {
        let mut bytes = bytes;
        let all = async {
            self.stream.write_all_buf(&mut bytes).await?;
            self.stream.flush().await
        };
        match timeout(WRITE_PAUSE, all).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(ReadError::Cut),
        }
    }

    /// Ends the connection in order.
    pub async fn close(&mut self) {
        let _ = timeout(Duration::from_secs(1), self.stream.shutdown()).await;
    }

    /// The stream and what was read ahead, for another protocol.
    #[must_use]
    pub fn into_parts(self) -> (S, BytesMut) {
        (self.stream, self.buffer)
    }
}

#[cfg(test)]
mod tests;
