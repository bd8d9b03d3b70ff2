use std::io::{BufRead, IsTerminal as _, stdin};

/// A one-time code as it was given; `-` stands for the next line of standard input, which no list of processes shows.
pub(super) fn code(given: &str) -> Result<String, String> {
    if given == "-" && stdin().is_terminal() {
        eprint!("Code: ");
    }
    read(given, &mut stdin().lock())
}

fn read(given: &str, input: &mut impl BufRead) -> Result<String, String> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    let mut line = String::new();
    input.read_line(&mut line).map_err(|_| "standard input cannot be read")?;
    let code = line.trim();
    if code.is_empty() { Err("standard input holds no code".into()) } else { Ok(code.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hyphen_is_the_line_of_standard_input() {
        let cases = [
            ("123456", "654321\n", Ok("123456")),
            ("-", "654321\nmore\n", Ok("654321")),
            ("-", " 654321", Ok("654321")),
            ("-", "\n", Err("standard input holds no code")),
            ("-", "", Err("standard input holds no code")),
        ];
        for (given, input, expected) in cases {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(read(given, &mut input.as_bytes()), expected, "{given} {input:?}");
        }
    }
}
