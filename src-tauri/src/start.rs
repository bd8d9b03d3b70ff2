use std::path::PathBuf;

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
}

/// The window when nothing but `--profile` and `--data-dir` is given; everything else is the command line's to judge.
#[must_use]
pub fn start_of(arguments: impl Iterator<Item = String>) -> Start {
    let mut settings = Settings { profile: "default".into(), data_dir: None };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, arguments.next()),
        };
        match (name.as_str(), value) {
            ("--profile", Some(value)) => settings.profile = value,
            ("--data-dir", Some(value)) => settings.data_dir = Some(value.into()),
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

    #[test]
    fn only_where_and_who_open_the_window() {
        let window = |profile: &str, data_dir: Option<&str>| {
            Start::Window(Settings { profile: profile.into(), data_dir: data_dir.map(Into::into) })
        };
        assert_eq!(start(""), window("default", None));
        assert_eq!(start("--profile mara"), window("mara", None));
        assert_eq!(start("--profile=mara --data-dir /x"), window("mara", Some("/x")));
        for line in ["key", "--profile mara requests", "--help", "--profile", "-V", "requests --profile mara"] {
            assert_eq!(start(line), Start::CommandLine, "{line}");
        }
    }
}
