mod bad_input;
mod countersigning;
pub(super) mod desk;
mod enrolling;
mod factors;
mod joining;
mod new_key;
mod own_devices;
mod policies;
mod pushes;
mod refusals;
mod saw;
mod secrets;
mod sending;
mod signing_in;
mod witnessing;

use std::sync::Mutex as StdMutex;

use checkpoint::LogSigner;
use domain::FixedClock;
use keyring_core::{api::CredentialStoreApi as _, mock};
use policy::Policy;
use serde_json::json;
use statement::{Mfa, sha256};
use wire::audit::Time;
use wire::broker::{
    Attestation, Code, FactorView, LocalCode, LocalRefusal, Me, NewEnrolment, NewReset, PendingEnrolment,
    RequestView as Shown,
};
use wire::join::JoinFile;

use super::*;
use crate::fake::{self, Fake};
use crate::profile::KeptSignIn;
use crate::view::{RequestForm, SetupStep, SignatureCheck};
use crate::world::{NOW, Person, World, jwks};
use desk::{Desk, signer};
