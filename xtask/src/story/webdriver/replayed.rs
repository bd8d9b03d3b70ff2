use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::{ELEMENT, PATIENCE, Page};

/// In the player's frame: the middle of the first element of the replayed page that itself says this.
const WHERE: &str = "const frame = document.querySelector('iframe'); \
    const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.includes(arguments[0])); \
    const found = [...(frame?.contentDocument?.querySelectorAll('body *') ?? [])].find(own); \
    if (!found) return null; \
    const [box, outer] = [found.getBoundingClientRect(), frame.getBoundingClientRect()]; \
    const scale = outer.width / frame.offsetWidth; \
    return [outer.left + (box.left + box.width / 2) * scale, outer.top + (box.top + box.height / 2) * scale];";
const CORNER: &str = "const box = document.evaluate(arguments[0], document, null, 9, null).singleNodeValue.getBoundingClientRect(); \
    return [box.left, box.top];";

impl Page {
    /// Waits until the page that is replayed in this frame says so, and presses there as a hand does.
    pub fn press_in_replay(&self, frame: &str, says: &str) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut before = None;
        loop {
            let place = self.place_in(frame, says)?;
            // What still moves is not pressed.
            if let Some(at) = place.filter(|_| place == before) {
                return self.press_at(at);
            }
            if Instant::now() > end {
                bail!("the replayed page does not say {says}");
            }
            before = place;
            sleep(Duration::from_millis(200));
        }
    }

    /// Where the middle of it is in the window.
    fn place_in(&self, frame: &str, says: &str) -> anyhow::Result<Option<(i64, i64)>> {
        let corner = self.post("execute/sync", &json!({ "script": CORNER, "args": [frame] }))?;
        let found = self.post("element", &json!({ "using": "xpath", "value": frame }))?;
        let id = found[ELEMENT].as_str().context("an element")?;
        self.post("frame", &json!({ "id": { ELEMENT: id } }))?;
        let inside = self.post("execute/sync", &json!({ "script": WHERE, "args": [says] }));
        self.post("frame", &json!({ "id": null }))?;
        let inside = inside?;
        Ok(sum(&corner, &inside, 0).zip(sum(&corner, &inside, 1)))
    }

    fn press_at(&self, (x, y): (i64, i64)) -> anyhow::Result<()> {
        let press = json!([
            { "type": "pointerMove", "duration": 0, "x": x, "y": y },
            { "type": "pointerDown", "button": 0 },
            { "type": "pointerUp", "button": 0 },
        ]);
        let hand =
            json!({ "type": "pointer", "id": "hand", "parameters": { "pointerType": "mouse" }, "actions": press });
        self.post("actions", &json!({ "actions": [hand] })).map(drop)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a place in a window")]
fn sum(corner: &Value, inside: &Value, axis: usize) -> Option<i64> {
    Some((corner[axis].as_f64()? + inside[axis].as_f64()?).round() as i64)
}
