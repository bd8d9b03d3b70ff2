/// The page that the browser opens first.
pub(super) fn start(match_code: &str, authorize: &str) -> String {
    page(
        "Sign in to Countersign",
        &format!(
            "<p>Continue only if Countersign shows this code on the same screen:</p>\
             <p class=code id=match-code>{}</p>\
             <p><a class=go id=continue href=\"{}\">Continue to sign-in</a></p>\
             <p class=quiet>Another code, or no Countersign window of yours? Close this page: somebody may be trying to \
             sign in on their own computer with your name.</p>",
            escape(match_code),
            escape(authorize)
        ),
    )
}

/// After the ID token was checked.
pub(super) fn done() -> String {
    page("You are signed in", "<p>Go back to Countersign. You can close this page.</p>")
}

/// The provider or a check said no. `why` is shown as text, whatever it holds.
pub(super) fn failed(why: &str) -> String {
    page(
        "You are not signed in",
        &format!("<p id=why>{}</p><p>Nothing was changed. Start again in Countersign.</p>", escape(why)),
    )
}

/// For anything but the two addresses of this sign-in.
pub(super) fn not_ours() -> String {
    page("Not found", "<p>This address belongs to a sign-in that is over or was never begun here.</p>")
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1>{body}</main></html>"
    )
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f7f5f0;color:#201d18}\
main{max-width:30rem;margin:14vh auto;padding:0 1.5rem}h1{font-size:1.5rem}\
.code{font:600 2.5rem/1.2 ui-monospace,monospace;letter-spacing:.08em}\
.go{display:inline-block;padding:.6rem 1.1rem;border-radius:.4rem;background:#1f3a5f;color:#fff;text-decoration:none}\
.quiet{color:#5c564b;font-size:.9rem}\
@media(prefers-color-scheme:dark){body{background:#191714;color:#eeeae2}.go{background:#9dbbe0;color:#14202e}.quiet{color:#a79f92}}";

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
