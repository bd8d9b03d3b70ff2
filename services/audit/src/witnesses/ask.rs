//! One `add-checkpoint` call of C2SP `tlog-witness`.

use checkpoint::Submission;

/// No answer is longer, in bytes.
const LONGEST: usize = 64 * 1024;

/// What a witness answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// Signature lines; nothing of them is verified.
    Lines(String),
    /// The last size that it cosigned is this one.
    OldSize(u64),
    /// The head does not continue the one that it cosigned.
    NotConsistent,
    /// Another status.
    Refused(u16),
    Unreachable,
}

pub(super) async fn add_checkpoint(http: &reqwest::Client, url: &str, asked: &Submission) -> Answered {
    let request = http.post(format!("{url}/add-checkpoint")).header("content-type", "text/plain; charset=utf-8");
    let Ok(mut answer) = request.body(asked.text()).send().await else { return Answered::Unreachable };
    let status = answer.status().as_u16();
    let mut text = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if text.len() + chunk.len() <= LONGEST => text.extend_from_slice(&chunk),
            Ok(Some(_)) => return Answered::Refused(status),
            Ok(None) => break,
            Err(_) => return Answered::Unreachable,
        }
    }
    let text = String::from_utf8(text).ok();
    match (status, text) {
        (200, Some(lines)) => Answered::Lines(lines),
        (409, Some(size)) => old_size(&size).map_or(Answered::NotConsistent, Answered::OldSize),
        (409 | 422, _) => Answered::NotConsistent,
        _ => Answered::Refused(status),
    }
}

/// Decimal, without leading zeroes, and a line feed.
fn old_size(text: &str) -> Option<u64> {
    let size: u64 = text.strip_suffix('\n').unwrap_or(text).parse().ok()?;
    (size.to_string() == text.trim_end_matches('\n')).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_one_spelling() {
        assert_eq!((old_size("0\n"), old_size("17\n"), old_size("17")), (Some(0), Some(17), Some(17)));
        for bad in ["", "\n", "017\n", "+7\n", "-1\n", "18446744073709551616\n", "17 \n", "seventeen"] {
            assert_eq!(old_size(bad), None, "{bad:?}");
        }
    }
}
