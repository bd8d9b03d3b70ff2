//! One target, named by `COUNTERSIGN_FUZZ_TARGET`, under libFuzzer. `cargo xtask fuzz` builds and runs this.

#![no_main]

use std::sync::OnceLock;

use fuzz::Target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| {
        let name = std::env::var("COUNTERSIGN_FUZZ_TARGET").unwrap_or_default();
        fuzz::target(&name).unwrap_or_else(|| panic!("no target is called {name:?}"))
    });
    (chosen.run)(bytes);
});
