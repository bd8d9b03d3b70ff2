//! The calls of an API as data: what a router is built from, what its document is made of and what tests walk.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter};
use domain::Role;
use wire::event::EventKind;

pub use self::shape::{Body, Shape, Shaped};
use crate::{Service, no_such_call, wrong_method};

mod shape;

/// One call of an API, answered by an `A`.
#[derive(Debug, Clone, Copy)]
pub struct Call<A> {
    pub verb: Verb,
    /// With `{names}` of what stands in the address.
    pub path: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Whoever is one of these may make it.
    pub by: &'static [Who],
    pub query: Option<Shape>,
    pub takes: Body,
    /// The statement whose compact form the body carries: its `typ` and its payload.
    pub signed: Option<(&'static str, Shape)>,
    pub gives: Body,
    /// The Events of an answer.
    pub leaves: Leaves,
    /// The Event of a refusal, once it is known who calls.
    pub refused: EventKind,
    pub answer: A,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Get,
    Post,
}

/// Who may make a call. Each is shown by other means; none contains another by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody has to be known.
    Anybody,
    /// A person whom the identity provider vouches for, with the Device key in hand.
    SignedIn,
    /// Signed in, on an enrolled Device.
    Enrolled,
    /// Enrolled, with a second factor for this sign-in.
    Admitted,
    /// Admitted, with this role.
    Role(Role),
    /// The person who asked.
    Requester,
    /// One of our own services, by its client certificate.
    Service(Service),
    /// The door of a Session, by the certificate that the Session was opened with.
    Session,
    /// The Organization's service, by the assertion of the request that it answers.
    Assertion,
}

/// What the log says of an answered call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// One of these, each time.
    Each(&'static [EventKind]),
    /// The Event that the body holds.
    Given,
    /// This one, once for each person or service, thing and hour ([`crate::Hourly`]).
    Hourly(EventKind),
    /// Nothing: it tells nothing of a person, an Organization, a Session or the policy, and changes nothing.
    Nothing,
}

impl Verb {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl<A: Copy> Call<A> {
    /// A call that nobody may make yet.
    #[must_use]
    pub const fn new(verb: Verb, path: &'static str, summary: &'static str, answer: A) -> Self {
        Self {
            verb,
            path,
            summary,
            by: &[],
            query: None,
            takes: Body::Nothing,
            signed: None,
            gives: Body::Nothing,
            leaves: Leaves::Nothing,
            refused: EventKind::CallRefused,
            answer,
        }
    }

    /// The call without what answers it.
    #[must_use]
    pub const fn described(&self) -> Call<()> {
        let Self { verb, path, summary, by, query, takes, signed, gives, leaves, refused, .. } = *self;
        Call { verb, path, summary, by, query, takes, signed, gives, leaves, refused, answer: () }
    }

    #[must_use]
    pub const fn by(mut self, who: &'static [Who]) -> Self {
        self.by = who;
        self
    }

    #[must_use]
    pub const fn asks<T: Shaped>(mut self) -> Self {
        self.query = Some(Shape::of::<T>());
        self
    }

    #[must_use]
    pub const fn takes<T: Shaped>(mut self) -> Self {
        self.takes = Body::Json(Shape::of::<T>());
        self
    }

    #[must_use]
    pub const fn takes_octets(mut self) -> Self {
        self.takes = Body::Octets;
        self
    }

    #[must_use]
    pub const fn signed<K: statement::Kind>(mut self) -> Self
    where
        statement::Payload<K>: Shaped,
    {
        self.signed = Some((K::TYP, Shape::of::<statement::Payload<K>>()));
        self
    }

    #[must_use]
    pub const fn gives<T: Shaped>(mut self) -> Self {
        self.gives = Body::Json(Shape::of::<T>());
        self
    }

    #[must_use]
    pub const fn gives_as(mut self, body: Body) -> Self {
        self.gives = body;
        self
    }

    #[must_use]
    pub const fn leaves(mut self, leaves: Leaves) -> Self {
        self.leaves = leaves;
        self
    }

    #[must_use]
    pub const fn refused(mut self, kind: EventKind) -> Self {
        self.refused = kind;
        self
    }
}

/// How axum answers a call with this verb.
pub type Answers<S> = fn(MethodFilter) -> MethodRouter<S>;

/// Every call of the table, and an answer for what is none.
pub fn router<S: Clone + Send + Sync + 'static>(calls: &[Call<Answers<S>>]) -> Router<S> {
    calls
        .iter()
        .fold(Router::new(), |router, call| {
            let verb = match call.verb {
                Verb::Get => MethodFilter::GET,
                Verb::Post => MethodFilter::POST,
            };
            router.route(call.path, (call.answer)(verb))
        })
        .fallback(no_such_call)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(one_spelling))
}

/// No address here needs an escape. One that has some would name a thing to whoever answers, and another one to whoever writes
/// down what was called.
async fn one_spelling(request: Request, next: Next) -> Response {
    if request.uri().path().contains('%') {
        return no_such_call().await.into_response();
    }
    next.run(request).await
}
