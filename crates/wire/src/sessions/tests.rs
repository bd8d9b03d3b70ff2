use super::{Cursor, MOST_TOKENS, Token, TokenError, Tokens, What};

#[test]
fn a_token_reads_as_it_is_written() {
    for text in [
        "organization:kinloch-hotels",
        "organization:!kinloch-hotels",
        "person:Rui Tanaka",
        "scope:read-write",
        "reason:!legal-disclosure",
        "ticket:KP-48213",
        "ticket:^KP-482",
        "length:>5",
        "length:<30",
        "finding:any",
        "review:open",
        "review:due",
        "changes:no",
    ] {
        assert_eq!(text.parse::<Token>().expect(text).to_string(), text);
    }
    let keys: Vec<String> = What::KEYS.iter().map(|key| format!("{key}:")).collect();
    for key in keys {
        assert_eq!(key.parse::<Token>(), Err(TokenError::Value), "{key} is a key and takes a value");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let long = format!("person:{}", "x".repeat(201));
    for (text, wrong) in [
        ("", TokenError::Key),
        ("kinloch", TokenError::Key),
        ("colour:red", TokenError::Key),
        ("Scope:read", TokenError::Key),
        ("scope:everything", TokenError::Value),
        ("scope:>read", TokenError::Value),
        ("organization:' OR 1=1", TokenError::Value),
        ("length:5", TokenError::Value),
        ("length:!5", TokenError::Value),
        ("length:>-1", TokenError::Value),
        ("length:>99999", TokenError::Value),
        ("length:>1e9", TokenError::Value),
        ("ticket:^KP", TokenError::Value),
        ("ticket:^ KP ", TokenError::Value),
        ("ticket:>KP-48213", TokenError::Value),
        ("person:^Rui", TokenError::Value),
        ("length:^30", TokenError::Value),
        ("changes:maybe", TokenError::Value),
        ("person:   ", TokenError::Value),
        ("person:a\u{0}b", TokenError::Value),
        (&long, TokenError::Value),
    ] {
        assert_eq!(text.parse::<Token>(), Err(wrong), "{text:?}");
    }
    let many = vec!["changes:no"; MOST_TOKENS + 1].join("\n");
    assert_eq!(many.parse::<Tokens>(), Err(TokenError::TooMany));
    assert_eq!("".parse::<Tokens>(), Ok(Tokens::default()));
}

#[test]
fn a_cursor_has_one_spelling() {
    for text in ["0", "12", "-1.12", "600.3"] {
        assert_eq!(text.parse::<Cursor>().expect(text).to_string(), text);
    }
    for text in ["", "x", "1.2.3", "+1", "01", "-1", "1.-2", " 1", "99999999999999999999", "1.", ".1", "0x1"] {
        assert_eq!(text.parse::<Cursor>(), Err(TokenError::Cursor), "{text:?}");
    }
}
