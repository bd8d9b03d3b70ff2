//! How long something lasts, in the words of the app's pages: `30 min`, `75 min`, `1 h`, `1 h 52 min`.

/// Whole minutes. Up to an hour and a half they are not taken apart, so that `75 min` is what was asked for.
pub(crate) fn said(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest} min"),
        (hours, 0) => format!("{hours} h"),
        _ if minutes <= 90 => format!("{minutes} min"),
        (hours, rest) => format!("{hours} h {rest:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn it_is_written_as_on_the_pages() {
        for (minutes, wanted) in [
            (0, "0 min"),
            (30, "30 min"),
            (60, "1 h"),
            (83, "83 min"),
            (112, "1 h 52 min"),
            (124, "2 h 04 min"),
            (240, "4 h"),
        ] {
            assert_eq!(said(minutes), wanted);
        }
    }
}
