use super::{Scene, Seats};

pub(super) fn tell(_scene: &mut Scene<'_>, _seats: &mut Seats) -> anyhow::Result<()> {
    Ok(())
}
