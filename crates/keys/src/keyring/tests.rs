use keyring_core::mock;

use super::*;

fn failing(name: &str, error: Error) -> Keyring {
    let keyring = Keyring::with_store(mock::Store::new().unwrap());
    let entry = keyring.entry(name).unwrap();
    let credential: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    credential.set_error(error);
    keyring
}

fn platform() -> keyring_core::error::PlatformError {
    Box::new(std::io::Error::other("secret detail"))
}

#[test]
fn keys_are_made_once_for_each_profile() {
    let keyring = Keyring::with_store(mock::Store::new().unwrap());
    assert!(!keyring.has_device_key("mara").unwrap());
    let first = keyring.keys("mara").unwrap().device.public();
    assert!(keyring.has_device_key("mara").unwrap());
    assert_eq!(keyring.keys("mara").unwrap().device.public(), first);
    assert_ne!(keyring.keys("tomasz").unwrap().device.public(), first);
    let witness = keyring.keys("mara").unwrap().witness;
    assert_eq!(keyring.keys("mara").unwrap().witness, witness);
    assert_ne!(keyring.keys("tomasz").unwrap().witness, witness);
    keyring.entry("witness-key/mara").unwrap().set_secret(b"short").unwrap();
    assert_eq!(keyring.keys("mara").err(), Some(KeyringError::Damaged("witness key")));
    keyring.entry("witness-key/mara").unwrap().set_secret(&*witness).unwrap();
    keyring.probe("mara").unwrap();
}

#[test]
fn x_06_a_missing_or_locked_keyring_says_what_to_do() {
    let missing = failing("probe/mara", Error::PlatformFailure(platform())).probe("mara").unwrap_err();
    assert_eq!(missing, KeyringError::Missing);
    assert!(missing.next().contains("apt install gnome-keyring"));

    let locked = failing("probe/mara", Error::NoStorageAccess(platform())).probe("mara").unwrap_err();
    assert_eq!(locked, KeyringError::Locked);
    assert!(locked.next().contains("Unlock"));
    assert!(!locked.to_string().contains("secret detail"));
}

#[test]
fn x_06_a_key_that_cannot_be_read_is_never_replaced() {
    let keyring = failing("device-key/mara", Error::NoStorageAccess(platform()));
    assert_eq!(keyring.keys("mara").err(), Some(KeyringError::Locked));
    assert!(!keyring.has_device_key("mara").unwrap(), "nothing was written in its place");

    keyring.entry("device-key/mara").unwrap().set_secret(b"not a key").unwrap();
    assert_eq!(keyring.keys("mara").err(), Some(KeyringError::Damaged("Device key")));
    assert_eq!(keyring.entry("device-key/mara").unwrap().get_secret().unwrap(), b"not a key");
}

/// Every secret of this profile.
fn kept(keyring: &Keyring, profile: &str) -> Vec<Vec<u8>> {
    let names = ["device-key", "witness-key", "sealing-key", "probe"].map(|kind| format!("{kind}/{profile}"));
    names.iter().filter_map(|name| keyring.entry(name).unwrap().get_secret().ok()).collect()
}

#[test]
fn d_07_a_key_that_was_replaced_is_nowhere_in_the_keyring_any_more() {
    let keyring = Keyring::with_store(mock::Store::new().unwrap());
    let (before, other) = (keyring.keys("mara").unwrap(), keyring.keys("tomasz").unwrap().device.public());
    let old = keyring.entry("device-key/mara").unwrap().get_secret().unwrap();
    let sealing = keyring.entry("sealing-key/mara").unwrap().get_secret().unwrap();
    let after = keyring.replace_device_key("mara", &before.device.public().thumbprint()).unwrap();
    assert_ne!(after.device.public(), before.device.public());
    assert_ne!(after.witness, before.witness, "whoever had the computer may have had this one too");
    let left = kept(&keyring, "mara");
    assert!(!left.contains(&old) && !left.contains(&before.witness.to_vec()));
    assert!(left.contains(&sealing), "what is sealed stays readable");
    assert_eq!(keyring.keys("mara").unwrap().device.public(), after.device.public());
    assert_eq!(keyring.keys("tomasz").unwrap().device.public(), other, "another profile keeps its own");
}

#[test]
fn only_the_key_that_is_named_is_replaced() {
    let keyring = Keyring::with_store(mock::Store::new().unwrap());
    let (first, other) = (keyring.keys("mara").unwrap(), keyring.keys("tomasz").unwrap());
    let (out, before) = (other.device.public().thumbprint(), kept(&keyring, "mara"));
    assert_eq!(keyring.replace_device_key("mara", &out).unwrap().device.public(), first.device.public());
    assert_eq!(kept(&keyring, "mara"), before);
    // Somebody else was first: what they made stays.
    let out = first.device.public().thumbprint();
    let made = keyring.replace_device_key("mara", &out).unwrap().device.public();
    assert_eq!(keyring.replace_device_key("mara", &out).unwrap().device.public(), made);
    assert!(keyring.replace_device_key("nobody", &out).is_err(), "there is none to be replaced");
}

#[test]
fn whoever_is_killed_between_the_two_writes_finds_a_key_and_goes_on() {
    let keyring = Keyring::with_store(mock::Store::new().unwrap());
    let first = keyring.keys("mara").unwrap();
    keyring.entry("witness-key/mara").unwrap().delete_credential().unwrap();
    let out = first.device.public().thumbprint();
    assert_eq!(keyring.keys("mara").unwrap().device.public(), first.device.public());
    keyring.entry("witness-key/mara").unwrap().delete_credential().unwrap();
    assert_ne!(keyring.replace_device_key("mara", &out).unwrap().device.public(), first.device.public());
}

#[test]
fn x_06_a_keyring_that_does_not_answer_keeps_the_old_key() {
    let keyring = Keyring::with_store(mock::Store::new().unwrap());
    let first = keyring.keys("mara").unwrap().device.public();
    let entry = keyring.entry("device-key/mara").unwrap();
    let credential: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    credential.set_error(Error::NoStorageAccess(platform()));
    assert_eq!(keyring.replace_device_key("mara", &first.thumbprint()).err(), Some(KeyringError::Locked));
    assert_eq!(keyring.keys("mara").unwrap().device.public(), first);
}
