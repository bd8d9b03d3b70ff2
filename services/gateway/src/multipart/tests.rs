use super::*;

const KIND: &str = "multipart/form-data; boundary=B";

fn names(kind: &str, body: &str) -> Result<Vec<(String, String)>, Unclear> {
    let parts = parts(kind, body.as_bytes())?;
    Ok(parts.into_iter().map(|p| (p.name.unwrap_or_default(), body[p.content].to_owned())).collect())
}

fn with_head(head: &str) -> Result<Vec<(String, String)>, Unclear> {
    names(KIND, &format!("--B\r\n{head}\r\n\r\nx\r\n--B--\r\n"))
}

#[test]
fn forms_as_browsers_send_them_are_read() {
    let body = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\r\n2\r\n--B\r\ncontent-disposition: form-data; name=f; \
                filename=\"x;y.txt\"\r\nContent-Type: text/plain\r\n\r\n\r\n--B--\r\n";
    let wanted = [("a", "1\r\n\r\n2"), ("f", "")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    assert_eq!(names(KIND, body), Ok(wanted.to_vec()));
    assert_eq!(names("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"B\"", body).unwrap().len(), 2);
    assert_eq!(names(KIND, "--B--\r\n"), Ok(vec![]));
    assert!(parts("multipart/mixed; boundary=B", b"--B\r\nX-A: b\r\n\r\nx\r\n--B--").is_ok());
}

#[test]
fn g_14_bodies_that_readers_could_take_apart_differently() {
    for body in [
        "--B\nContent-Disposition: form-data; name=organization\n\nx\n--B--",
        "preamble\r\n--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--",
        "\r\n--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--\r\n--B\r\n",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--epilogue",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\n--B\nContent-Disposition: form-data; name=b\n\ny\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B \r\nContent-Disposition: form-data; name=b\r\n\r\ny\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
        "--B\r\n\r\nx\r\n--B--",
        "",
    ] {
        assert_eq!(names(KIND, body), Err(Unclear), "{body:?}");
    }
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=B; boundary=C",
        "multipart/form-data; boundary*=utf-8''B",
        "multipart/form-data; boundary=\"B",
        "multipart/form-data; boundary=\"\\B\"",
        "multipart/form-data, boundary=B",
    ] {
        assert_eq!(names(kind, "--B--\r\n"), Err(Unclear), "{kind}");
    }
}

#[test]
fn g_14_heads_that_readers_could_read_differently() {
    assert!(with_head("Content-Disposition: form-data; name=\"a\"").is_ok());
    for head in [
        "Content-Disposition: form-data;\r\n name=\"organization\"",
        "Content-Disposition: form-data;\n name=\"organization\"",
        "Content-Disposition: form-data; name=\"a\"; name=\"organization\"",
        "Content-Disposition: form-data; name=\"a\"; name*=utf-8''organization",
        "Content-Disposition: form-data; name*0=organi; name*1=zation",
        "Content-Disposition: form-data; name=\"or\\ganization\"",
        "Content-Disposition: form-data; name=\"=?utf-8?q?organization?=\"",
        "Content-Disposition: form-data; name=\"organiz%61tion\"",
        "Content-Disposition: form-data; name='organization'",
        "Content-Disposition: form-data; x name=organization",
        "Content-Disposition: form-data; name=\"a\" organization",
        "Content-Disposition: form-data",
        "Content-Disposition : form-data; name=organization",
        "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=organization",
        "Content-Disposition: form-data; name=a\r\nno field",
        "Content-Disposition: form-data;\tname=a",
        "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64",
        "Content-Disposition: form-data; name=a\r\nContent-Encoding: gzip",
        "Content-Disposition: form-data; name=a\r\nContent-Type: multipart/mixed; boundary=C",
        "Content-Disposition: form-data; name=a\r\nContent-Type: text/plain\r\nContent-Type: application/json",
        "X-Other: a",
    ] {
        assert_eq!(with_head(head), Err(Unclear), "{head:?}");
    }
}
