//! A window with a page that has nothing on it: what `cargo xtask bench desktop` measures the app beside.

fn main() -> anyhow::Result<()> {
    let context = tauri::generate_context!("examples/empty/tauri.conf.json");
    tauri::Builder::default().run(context)?;
    Ok(())
}
