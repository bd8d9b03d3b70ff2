use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use desktop::view::DoorView;
use tauri::Url;

use super::window::stays_inside;

/// A longer one is not shown.
const LONGEST: usize = 2048;

/// Where each Organization's page is, as its web engine says. The page itself is never asked.
#[derive(Default)]
pub(crate) struct Addresses(Mutex<HashMap<String, String>>);

impl Addresses {
    /// Takes what the engine says of one Session's page, and answers whether the bar has something new to show.
    pub(super) fn heard(&self, session: &str, address: &str, hosts: &[String]) -> bool {
        let shown = Url::parse(address).is_ok_and(|url| url.scheme() == "https" && stays_inside(&url, hosts));
        if !shown || address.len() > LONGEST {
            return false;
        }
        self.all().insert(session.to_owned(), address.to_owned()).as_deref() != Some(address)
    }

    pub(super) fn forget(&self, session: &str) {
        self.all().remove(session);
    }

    /// The same doors with the addresses where their pages are.
    pub(crate) fn in_doors(&self, mut doors: Vec<DoorView>) -> Vec<DoorView> {
        let all = self.all();
        for door in &mut doors {
            if let Some(address) = all.get(&door.session) {
                door.address.clone_from(address);
            }
        }
        doors
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Addresses;

    #[test]
    fn the_bar_shows_addresses_of_the_organizations_hosts_only() {
        let (addresses, hosts) = (Addresses::default(), ["payroll.test".to_owned()]);
        assert!(addresses.heard("s", "https://payroll.test/o/delmar-foods/people", &hosts));
        assert!(!addresses.heard("s", "https://payroll.test/o/delmar-foods/people", &hosts), "nothing new");
        for address in [
            "about:blank",
            "https://evil.test/",
            "http://payroll.test/",
            "https://payroll.test@evil.test/",
            "data:text/html,https://payroll.test/",
            "",
            &format!("https://payroll.test/{}", "a".repeat(3000)),
        ] {
            assert!(!addresses.heard("s", address, &hosts), "{}", &address[..address.len().min(60)]);
        }
        assert_eq!(addresses.all()["s"], "https://payroll.test/o/delmar-foods/people");
        addresses.forget("s");
        assert!(addresses.all().is_empty());
    }
}
