//! The story over the command line.

mod asking;
mod break_glass;
mod crashes;
pub mod door;
mod extending;
mod policies;
mod proving;
mod revoking;
mod session;
pub mod setup;

use super::{Stage, people::Person};

/// Everybody in it. Mara's second account is a person of its own to the provider, and the same one to us.
pub struct Cast {
    pub ben: Person,
    pub sofia: Person,
    pub mara: Person,
    pub mara_again: Person,
    pub tomasz: Person,
    pub adaeze: Person,
    pub ines: Person,
}

/// Tells it from the first join file to the verified evidence, and to what is taken away.
///
/// # Errors
/// The first step's that failed.
pub fn tell(stage: &mut Stage) -> anyhow::Result<()> {
    let mut cast = Cast {
        ben: Person::new("ben"),
        sofia: Person::new("sofia"),
        mara: Person::new("mara"),
        mara_again: Person::of("mara-admin", "mara.admin"),
        tomasz: Person::new("tomasz"),
        adaeze: Person::new("adaeze"),
        ines: Person::new("ines"),
    };
    setup::tell(stage, &mut cast)?;
    let request = asking::tell(stage, &mut cast)?;
    let held = session::tell(stage, &mut cast, &request)?;
    proving::tell(stage, &cast, &held)?;
    extending::tell(stage, &mut cast)?;
    policies::tell(stage, &mut cast)?;
    break_glass::tell(stage, &mut cast)?;
    revoking::tell(stage, &mut cast)
}
