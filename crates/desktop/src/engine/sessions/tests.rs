mod adopted;
mod altered;
mod entries;
mod expired;
mod exports;
mod filed;
mod kept;
mod proofs;
mod replays;
mod revealing;
mod reviews;
mod watching;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex as StdMutex};

use checkpoint::LogSigner;
use client::{AuditClient, Credentials};
use domain::{FixedClock, SessionId};
use keyring_core::mock;
use policy::Policy;
use recording::{Captured, Frame, Manifest, SecretKey, seal_segment};
use statement::{Bundle, Mfa, MfaPurpose, SessionOpen, Verdict, sha256};
use wire::audit::{Frames, SessionSummary};
use wire::event::{Event, Receipt, Source};
use wire::join::JoinFile;

use super::*;
use crate::engine::EngineConfig;
use crate::fake::{self, Fake};
use crate::view::{RecordingCheck, RecordingView, SignatureCheck};
use crate::world::{NOW, Person, World, jwks};
use kept::{Kept, kept, kept_under};
