use std::fs;

use super::{CONTENTS, check, icons};
use crate::folders;

const DEPENDS: &str = "libc6 (>= 2.34), libwebkit2gtk-4.1-0 (>= 2.42)";

fn listed() -> Vec<String> {
    let files = icons().expect("the icons").into_iter().chain(CONTENTS.map(str::to_owned));
    files.map(|path| format!("-rw-r--r-- 0/0   100 2026-11-29 12:00 {path}")).collect()
}

#[test]
fn a_package_that_lacks_something_is_not_made() {
    let whole = listed();
    check(&whole.join("\n"), DEPENDS, "control").expect("it is whole");
    for left_out in 0..whole.len() {
        let mut some = whole.clone();
        some.remove(left_out);
        check(&some.join("\n"), DEPENDS, "control").expect_err(&whole[left_out]);
    }
    check(&whole.join("\n"), "libc6", "control").expect_err("no web engine");
    check(&whole.join("\n"), DEPENDS, "control\npostinst").expect_err("a script");
    check(&whole.join("\n").replacen(" 0/0 ", " 1000/0 ", 1), DEPENDS, "control").expect_err("not root's");
}

#[test]
fn each_icon_has_the_size_that_its_name_says() {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(folders::root().join("icons")).expect("the icons") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "png") {
            let bytes = fs::read(&path).expect("a picture");
            let length = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert_eq!(name, format!("{}x{}", length(16), length(20)));
            sizes.push(length(16));
        }
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [16, 24, 32, 48, 64, 128, 256, 512]);
}
