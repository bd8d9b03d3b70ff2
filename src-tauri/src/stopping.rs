//! A page whose process stopped is opened again where it was, and not for ever: what stops again and again stays.

use std::time::{Duration, Instant};

use tauri::Url;

use crate::memory::Theme;

/// The last of so many within [`WITHIN`] is not opened again.
const TOO_MANY: usize = 3;
const WITHIN: Duration = Duration::from_secs(60);
/// Tells a page in its address that it had stopped.
const AGAIN: &str = "again";

/// How often one page stopped of late.
#[derive(Debug, Default)]
pub(crate) struct Stops(Vec<Instant>);

impl Stops {
    /// Counts one more, and answers whether the page is opened again.
    pub(crate) fn again(&mut self, now: Instant) -> bool {
        self.0.retain(|then| now.saturating_duration_since(*then) < WITHIN);
        self.0.push(now);
        self.0.len() < TOO_MANY
    }
}

/// The address of one of the app's own pages that is opened again: the same place, with the theme of now. Nothing for an
/// address that is none of the app's.
pub(crate) fn address(last: &str, theme: Theme) -> Option<Url> {
    let mut url = Url::parse(last).ok().filter(|url| url.scheme() == "tauri")?;
    let old = |name: &str| name == "theme" || name == AGAIN;
    let kept: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| !old(name)).collect();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair("theme", theme.of_page()).append_pair(AGAIN, "1");
    Some(url)
}

/// What becomes of a page, as its web engine says.
pub(crate) enum Life {
    /// A new document took the place of whatever was there.
    Loads,
    /// Its process is gone. This was its address.
    Stopped(String),
}

/// Tells `hear`, on the main thread.
#[cfg(target_os = "linux")]
pub(crate) fn listen(view: &webkit2gtk::WebView, hear: impl Fn(Life) + 'static) {
    use std::{cell::RefCell, rc::Rc};

    use webkit2gtk::{LoadEvent, WebViewExt as _};

    let hear = Rc::new(hear);
    let loads = Rc::clone(&hear);
    // The engine may forget the address together with the process.
    let last = Rc::new(RefCell::new(view.uri().map(String::from).unwrap_or_default()));
    let now = Rc::clone(&last);
    view.connect_uri_notify(move |view| {
        if let Some(address) = view.uri().filter(|address| !address.is_empty()) {
            *now.borrow_mut() = address.into();
        }
    });
    view.connect_load_changed(move |_, event| {
        if event == LoadEvent::Committed {
            loads(Life::Loads);
        }
    });
    view.connect_web_process_terminated(move |_, why| {
        eprintln!("countersign: the process of a page stopped ({why:?})");
        let last = last.borrow().clone();
        hear(Life::Stopped(last));
    });
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Stops, address};
    use crate::memory::Theme;

    fn opened_again(seconds: &[u64]) -> Vec<bool> {
        let (mut stops, begin) = (Stops::default(), Instant::now());
        seconds.iter().map(|second| stops.again(begin + Duration::from_secs(*second))).collect()
    }

    #[test]
    fn the_third_time_within_a_minute_it_stays() {
        assert_eq!(opened_again(&[0, 10, 59]), [true, true, false]);
        assert_eq!(opened_again(&[0, 0, 0, 0]), [true, true, false, false]);
    }

    #[test]
    fn what_stops_now_and_then_is_opened_again_each_time() {
        assert_eq!(opened_again(&[0, 31, 62, 93, 124]), [true; 5]);
        assert_eq!(opened_again(&[0, 30, 60]), [true; 3]);
    }

    #[test]
    fn a_page_comes_back_where_it_was_with_the_theme_of_now() {
        let again = |last: &str| address(last, Theme::Dark).map(String::from);
        let form = "tauri://localhost/index.html?theme=light#/request?ticket=KP-1";
        assert_eq!(
            again(form).as_deref(),
            Some("tauri://localhost/index.html?theme=dark&again=1#/request?ticket=KP-1")
        );
        let bar = "tauri://localhost/bar.html?session=S-1&theme=system";
        assert_eq!(again(bar).as_deref(), Some("tauri://localhost/bar.html?session=S-1&theme=dark&again=1"));
        assert_eq!(again(&again(bar).unwrap_or_default()), again(bar), "however often");
    }

    #[test]
    fn only_pages_of_the_app_are_opened_again_by_their_address() {
        for other in ["https://payroll.test/", "replay://localhost/player.html", "about:blank", "javascript:1", ""] {
            assert_eq!(address(other, Theme::Dark), None, "{other}");
        }
    }
}
