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
