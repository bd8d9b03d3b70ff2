use super::*;
use crate::targets::Targets;

fn targets() -> Targets {
    toml::from_str(
        r#"
        organizations = [
          { id = "kinloch-hotels", name = "Kinloch Hotels" },
          { id = "delmar-foods", name = "Delmar Foods" },
        ]
        [[targets]]
        name = "payroll"
        audience = "https://payroll.test"
        organizations = ["kinloch-hotels", "delmar-foods"]
        hosts = ["payroll.test"]
        upstream = "https://127.0.0.1:7444"
        upstream_name = "payroll.test"
        upstream_ca = "ca.pem"
        allowed_addresses = ["127.0.0.1/32"]
        start = "https://payroll.test/o/{organization}/"
        organization_path = "/o/{organization}/"
        organization_headers = ["x-organization"]
        organization_query = ["organization", "org"]
        organization_json = ["organization"]
        organization_cookies = ["current_org"]
        other_bodies = ["application/xml"]
        shared_paths = ["/assets/"]
        [[targets.rules]]
        methods = ["GET"]
        path = "/o/{organization}/settings"
        scope = "administer"
        [[targets.rules]]
        methods = ["GET"]
        path = "/o/{organization}/"
        scope = "read"
        [[targets.rules]]
        methods = ["POST", "SOCKET"]
        path = "/o/{organization}/**"
        scope = "read-write"
        [[targets.rules]]
        methods = ["DELETE"]
        path = "/o/{organization}/**"
        scope = "administer"
        "#,
    )
    .unwrap()
}

fn kinloch() -> Organization {
    Organization { id: "kinloch-hotels".parse().unwrap(), name: "Kinloch Hotels".into() }
}

fn post_bytes(kind: &str, body: &[u8]) -> Result<Authorised, &'static str> {
    let (targets, organization) = (targets(), kinloch());
    let headers = [("content-type".to_owned(), kind.to_owned())];
    let path = CanonicalPath::read("/o/kinloch-hotels/x").unwrap();
    let asked = Asked { method: "POST", path: &path, headers: &headers, body };
    let grant = Grant { organization: &organization, scope: Scope::ReadWrite };
    authorise(grant, &targets.targets[0], asked).map_err(|r| r.code)
}

#[test]
fn g_14_the_organization_in_messages() {
    let (targets, organization) = (targets(), kinloch());
    let grant = Grant { organization: &organization, scope: Scope::ReadWrite };
    let inside = |message: &str| message_is_inside(grant, &targets.targets[0], message.as_bytes());
    assert!(inside(r#""hello""#) && inside(r#"{"organization":"kinloch-hotels"}"#) && inside(""));
    assert!(inside(r#"42["organization",{"organization":"kinloch-hotels"}]"#));
    assert!(!inside(r#"{"a":[{"organization":"delmar-foods"}]}"#));
    assert!(!inside(r#"42["a",{"organization":"delmar-foods"}]"#));
    let deep = format!(r#"{}{{"organization":"delmar-foods"}}{}"#, "[".repeat(128), "]".repeat(128));
    for broken in [
        r#"{"n":1e999,"organization":"delmar-foods"}"#,
        r#"{"a":"\ud800","organization":"delmar-foods"}"#,
        &deep,
        r#"x{"organization":"delmar-foods"}"#,
        "SEND\ndestination:/a\n\n{\"organization\":\"delmar-foods\"}\0",
        r#"{"a":[1,],"organization":"delmar-foods"}"#,
        r#"{"a":NaN,"organization":"delmar-foods"}"#,
        "hello",
    ] {
        assert!(!inside(broken), "{broken}");
    }
    assert!(!message_is_inside(grant, &targets.targets[0], b"\xff{\"organization\":\"delmar-foods\"}"));
    let mut silent = targets.targets[0].clone();
    silent.organization_json.clear();
    assert!(message_is_inside(grant, &silent, b"hello"), "no message of this service names an Organization");
}

#[test]
fn a_method_in_a_parameter_needs_its_own_rule() {
    let post = |scope, kind: &str, target: &str, body: &str| {
        decide(scope, "POST", &format!("/o/kinloch-hotels/x{target}"), &[("content-type", kind)], body).map(|_| ())
    };
    let form = "application/x-www-form-urlencoded";
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"_method\"\r\n\r\ndelete\r\n--B--\r\n";
    for (kind, target, body) in [
        (form, "?_method=DELETE", "a=b"),
        (form, "", "a=b&_METHOD=delete"),
        ("application/json", "", r#"{"_method":"DELETE"}"#),
        ("multipart/form-data; boundary=B", "", multipart),
        (form, "?X-HTTP-Method-Override=DELETE", "a=b"),
    ] {
        assert_eq!(post(Scope::ReadWrite, kind, target, body), Err("scope"), "{kind} {target} {body}");
        assert_eq!(post(Scope::Administer, kind, target, body), Ok(()), "{kind} {target} {body}");
    }
    for odd in ["PUT", "SOCKET", "*", "TRACE"] {
        assert_eq!(post(Scope::Administer, form, &format!("?_method={odd}"), "a=b"), Err("no-rule"), "{odd}");
    }
    assert_eq!(post(Scope::ReadWrite, form, "", "_method=post&_method="), Ok(()));
    let get = decide(Scope::ReadWrite, "GET", "/o/kinloch-hotels/x?_method=POST", &[], "").unwrap();
    assert!(get.is_write(), "its record has to be acknowledged first");
    assert_eq!(read("/assets/app.css?_method=DELETE"), Err("outside-organization"));
}

#[test]
fn g_14_the_organization_in_cookies() {
    let with = |cookie| decide(Scope::Read, "GET", "/o/kinloch-hotels/", &[("cookie", cookie)], "");
    assert!(with("sid=1; current_org=kinloch-hotels").is_ok());
    for cookie in
        ["sid=1; current_org=delmar-foods", "Current_Org=\"delmar-foods\"", "a=b, current_org=x", "current_org="]
    {
        assert_eq!(with(cookie), Err("other-organization"), "{cookie}");
    }
}

#[test]
fn bodies_that_nobody_reads_are_not_carried() {
    for kind in ["text/xml", "application/grpc", "application/octet-stream", "text/html"] {
        assert_eq!(post_bytes(kind, b"<organization>delmar-foods</organization>"), Err("media-type"), "{kind}");
    }
    assert!(post_bytes("application/xml", b"<a/>").is_ok(), "the target lists it");
    assert!(post_bytes("text/plain; charset=UTF-8", b"a").is_ok() && post_bytes("", b"a=b").is_ok());
    for kind in
        ["application/x-www-form-urlencoded; charset=utf-16", "text/plain; charset=utf-7", "text/plain; charset*=x"]
    {
        assert_eq!(post_bytes(kind, b"a=b"), Err("unreadable-body"), "{kind}");
    }
}

fn decide(
    scope: Scope,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Authorised, &'static str> {
    let (targets, organization) = (targets(), kinloch());
    let headers: Vec<(String, String)> = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let path = CanonicalPath::read(target).unwrap();
    let asked = Asked { method, path: &path, headers: &headers, body: body.as_bytes() };
    authorise(Grant { organization: &organization, scope }, &targets.targets[0], asked).map_err(|r| r.code)
}

fn read(target: &str) -> Result<Authorised, &'static str> {
    decide(Scope::Read, "GET", target, &[], "")
}

#[test]
fn read_reads_and_does_not_write() {
    assert!(!read("/o/kinloch-hotels/").unwrap().is_write());
    assert!(read("/o/kinloch-hotels").is_ok());
    assert!(read("/o/kinloch-hotels/employees?page=2").is_ok());
    assert_eq!(decide(Scope::Read, "POST", "/o/kinloch-hotels/employees", &[], "a=b"), Err("scope"));
    assert_eq!(decide(Scope::Diagnostics, "GET", "/o/kinloch-hotels/", &[], ""), Err("scope"));
    assert_eq!(read("/o/kinloch-hotels/settings"), Err("scope"));
    let write = decide(Scope::ReadWrite, "POST", "/o/kinloch-hotels/employees", &[], "a=b").unwrap();
    assert!(write.is_write() && write.may_send());
    assert_eq!(decide(Scope::Administer, "PUT", "/o/kinloch-hotels/x", &[], ""), Err("no-rule"));
    assert!(!read("/o/kinloch-hotels/feed").unwrap().may_send());
}

#[test]
fn shared_paths_are_for_reading() {
    assert!(read("/assets/app.css").is_ok());
    assert_eq!(decide(Scope::Administer, "POST", "/assets/app.css", &[], ""), Err("outside-organization"));
    assert_eq!(read("/assets/app.css?org=delmar-foods"), Err("other-organization"));
    assert_eq!(read("/admin"), Err("outside-organization"));
    let mut targets = targets();
    targets.targets[0].shared_paths = vec!["/static".into()];
    let shares = |path| targets.targets[0].shares(path);
    assert!(shares("/static") && shares("/static/a.css") && !shares("/static-exports/salaries"));
    assert_eq!(read("/"), Err("outside-organization"));
}

#[test]
fn g_14_the_organization_wherever_it_stands() {
    assert_eq!(read("/o/delmar-foods/"), Err("other-organization"));
    assert_eq!(read("/o/Kinloch-Hotels/"), Err("other-organization"));
    for query in [
        "organization=delmar-foods",
        "ORG=delmar-foods",
        "%6frg=delmar-foods",
        "org=kinloch-hotels&org=delmar-foods",
        "org[]=delmar-foods",
        "filter[org]=delmar-foods",
        "a=b;org=delmar-foods",
        "org=",
        "org",
    ] {
        assert_eq!(read(&format!("/o/kinloch-hotels/?{query}")), Err("other-organization"), "{query}");
    }
    assert!(read("/o/kinloch-hotels/?org=kinloch-hotels").is_ok());
    let header = |v| decide(Scope::Read, "GET", "/o/kinloch-hotels/", &[("x-organization", v)], "");
    assert_eq!(header("delmar-foods"), Err("other-organization"));
    assert!(header("kinloch-hotels").is_ok());
}

#[test]
fn g_14_the_organization_in_bodies() {
    let post = |kind: &str, body: &str| {
        decide(Scope::ReadWrite, "POST", "/o/kinloch-hotels/x", &[("content-type", kind)], body)
    };
    for body in [
        r#"{"organization":"delmar-foods"}"#,
        r#"{"organization":"kinloch-hotels","a":{"Organization":"delmar-foods"}}"#,
        r#"{"organization":"delmar-foods","organization":"kinloch-hotels"}"#,
        r#"{"query":"…","variables":[{"\u006frganization":"delmar-foods"}]}"#,
        r#"{"organization":["delmar-foods"]}"#,
        r#"{"organization":{"id":"delmar-foods"}}"#,
        r#"{"organization":7}"#,
    ] {
        assert_eq!(post("application/json", body), Err("other-organization"), "{body}");
        assert_eq!(post("text/plain", body), Err("other-organization"), "{body}");
    }
    assert!(post("application/json", r#"{"organization":"kinloch-hotels","a":null}"#).is_ok());
    assert_eq!(post("application/json", "{"), Err("unreadable-body"));
    assert_eq!(post("application/x-www-form-urlencoded", "a=b&organization=delmar-foods"), Err("other-organization"));
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"organization\"\r\n\r\ndelmar-foods\r\n--B--\r\n";
    assert_eq!(post("multipart/form-data; boundary=B", multipart), Err("other-organization"));
    let file = b"--B\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n\xff\xfe\r\n";
    let with_file = [file, multipart.as_bytes()].concat();
    assert_eq!(post_bytes("multipart/form-data; boundary=B", &with_file), Err("other-organization"));
    assert!(post_bytes("multipart/form-data; boundary=B", &[&file[..], b"--B--\r\n"].concat()).is_ok());
    let bare = "--B\nContent-Disposition: form-data; name=organization\n\ndelmar-foods\n--B--";
    let folded = multipart.replace("form-data; name", "form-data;\r\n name");
    for hidden in [bare, &folded] {
        for kind in ["multipart/form-data; boundary=B", "multipart/form-data", "", "text/plain"] {
            assert_eq!(post(kind, hidden), Err("unreadable-body"), "{kind} {hidden}");
        }
    }
    let json = |kind: &str| {
        let head = format!("--B\r\nContent-Disposition: form-data; name=a{kind}\r\n\r\n");
        post("multipart/form-data; boundary=B", &format!("{head}{{\"organization\":\"delmar-foods\"}}\r\n--B--"))
    };
    assert_eq!(json(""), Err("other-organization"));
    assert_eq!(json("; filename=a.json\r\nContent-Type: application/json"), Err("other-organization"));
    assert_eq!(post("text/plain", "{}\n{\"organization\":\"delmar-foods\"}"), Err("unreadable-body"));
    assert_eq!(post("text/plain", "\u{feff}{\"organization\":\"delmar-foods\"}"), Err("other-organization"));
    assert_eq!(post("text/plain", "{\"organization\":\"delmar-foods\"} and more"), Err("unreadable-body"));
    assert_eq!(post("application/json", "{} {}"), Err("unreadable-body"));
    for lines in ["{}\n{\"organization\":\"delmar-foods\"}", "\u{FEFF}[1", " {\"a\": "] {
        assert_eq!(post("text/plain", lines), Err("unreadable-body"), "{lines:?}");
    }
    for form in ["organization[id]=delmar-foods", "organization[0]=delmar-foods", "a.organization=delmar-foods"] {
        assert_eq!(post("application/x-www-form-urlencoded", form), Err("other-organization"), "{form}");
    }
    let part = |head: &str| format!("--B\r\nContent-Disposition: form-data; {head}\r\n\r\ndelmar-foods\r\n--B--\r\n");
    for named in ["filename=\"name=x\"; name=\"organization\"", "name=organization", "NAME=\"organization\""] {
        assert_eq!(post("multipart/form-data; boundary=B", &part(named)), Err("other-organization"), "{named}");
    }
    for unclear in ["name=\"x\"; name=\"organization\"", "name*=utf-8''organization", "name=\"or\\ganization\""] {
        assert_eq!(post("multipart/form-data; boundary=B", &part(unclear)), Err("unreadable-body"), "{unclear}");
    }
    let twice = [("content-type", "text/plain"), ("content-type", "application/json")];
    assert_eq!(decide(Scope::ReadWrite, "POST", "/o/kinloch-hotels/x", &twice, "x"), Err("unreadable-body"));
    let zipped = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(decide(Scope::ReadWrite, "POST", "/o/kinloch-hotels/x", &zipped, "x"), Err("unreadable-body"));
}

#[test]
fn g_24_locations() {
    let (targets, organization) = (targets(), kinloch());
    let inside = |to: &str| {
        let from = url::Url::parse("https://payroll.test/o/kinloch-hotels/a/b").unwrap();
        let grant = Grant { organization: &organization, scope: Scope::Read };
        is_inside(grant, &targets.targets.iter().collect::<Vec<_>>(), &from.join(to).unwrap())
    };
    for good in [
        "",
        "../c",
        "/o/kinloch-hotels/",
        "/o/kinloch-hotels",
        "https://payroll.test/o/kinloch-hotels/?a=b",
        "/assets/a.css",
    ] {
        assert!(inside(good), "{good}");
    }
    for bad in [
        "/o/delmar-foods/",
        "//evil.test/",
        "https://evil.test/o/kinloch-hotels/",
        "http://payroll.test/o/kinloch-hotels/",
        "https://payroll.test:7444/o/kinloch-hotels/",
        "https://a@payroll.test/o/kinloch-hotels/",
        "javascript:alert(1)",
        "/o/kinloch-hotels/?org=delmar-foods",
        "/o/kinloch-hotels/%2e%2e/delmar-foods/",
        "/login",
        "https://127.0.0.1:7442/v1/session/end",
    ] {
        assert!(!inside(bad), "{bad}");
    }
}
