use std::path::PathBuf;

use crate::link;

/// What a start of the program is for.
#[derive(Debug, PartialEq, Eq)]
pub enum Start {
    CommandLine,
    Window(Settings),
}

/// Whose window it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Settings {
    pub profile: String,
    /// Where profiles are kept; the system's place when it is not given.
    pub data_dir: Option<PathBuf>,
    /// The link that started it, as it came: hostile until it was read.
    pub link: Option<String>,
}

/// The window when nothing but `--profile`, `--data-dir` and a link is given; everything else is the command line's to
/// judge. What follows `--link` is a link whatever it looks like, so that nobody who makes one can give the program an
/// argument.
#[must_use]
pub fn start_of(arguments: impl Iterator<Item = String>) -> Start {
    let mut settings = Settings { profile: "default".into(), data_dir: None, link: None };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        if argument.starts_with(link::SCHEME) {
            settings.link = Some(argument);
            continue;
        }
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, arguments.next()),
        };
        match (name.as_str(), value) {
            ("--profile", Some(value)) => settings.profile = value,
            ("--data-dir", Some(value)) => settings.data_dir = Some(value.into()),
            ("--link", link) => settings.link = link,
            _ => return Start::CommandLine,
        }
    }
    Start::Window(settings)
}

#[cfg(test)]
mod tests {
    use super::{Settings, Start, start_of};

    fn start(line: &str) -> Start {
        start_of(line.split_whitespace().map(str::to_owned))
    }

    fn window(profile: &str, data_dir: Option<&str>, link: Option<&str>) -> Start {
        Start::Window(Settings {
            profile: profile.into(),
            data_dir: data_dir.map(Into::into),
            link: link.map(Into::into),
        })
    }

    #[test]
    fn only_where_and_who_open_the_window() {
        assert_eq!(start(""), window("default", None, None));
        assert_eq!(start("--profile mara"), window("mara", None, None));
        assert_eq!(start("--profile=mara --data-dir /x"), window("mara", Some("/x"), None));
        for line in ["key", "--profile mara requests", "--help", "--profile", "-V", "requests --profile mara"] {
            assert_eq!(start(line), Start::CommandLine, "{line}");
        }
    }

    #[test]
    fn x_01_what_the_system_hands_over_as_a_link_is_never_an_argument() {
        let link = "countersign://approval/x";
        assert_eq!(start(&format!("--link {link}")), window("default", None, Some(link)));
        assert_eq!(start(link), window("default", None, Some(link)));
        for hostile in ["--profile", "--data-dir=/tmp/evil", "approve", "--help", "countersign://approve?id=1&x=--flag"]
        {
            assert_eq!(start(&format!("--link {hostile}")), window("default", None, Some(hostile)), "{hostile}");
        }
        assert_eq!(start("--link"), window("default", None, None));
    }
}
