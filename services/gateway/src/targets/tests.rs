use std::net::IpAddr;

use super::*;

fn matches(methods: &[&str], pattern: &str, method: &str, path: &str) -> bool {
    let rule =
        Rule { methods: methods.iter().map(|m| (*m).to_owned()).collect(), path: pattern.into(), scope: Scope::Read };
    rule.matches(method, path, "/o/kinloch-hotels/", &"kinloch-hotels".parse().unwrap())
}

#[test]
fn rules_match_by_method_and_path() {
    let path = "/o/kinloch-hotels/employees/7";
    assert!(matches(&["GET"], "/o/{organization}/employees", "GET", path));
    assert!(matches(&["GET"], "/o/{organization}/", "HEAD", path));
    assert!(matches(&["*"], "/o/{organization}/**", "POST", path));
    assert!(matches(&["GET"], "/employees/*", "GET", path));
    assert!(matches(&["GET"], "/", "GET", path));
    assert!(!matches(&["GET"], "/o/{organization}/employ", "GET", path));
    assert!(!matches(&["GET"], "/o/{organization}/*", "GET", path));
    assert!(!matches(&["GET"], "/o/delmar-foods/", "GET", path));
    assert!(!matches(&["GET"], "/", "POST", path));
    assert!(!matches(&["*"], "/", "SOCKET", path));
    assert!(matches(&["SOCKET"], "/", "SOCKET", path));
}

#[test]
fn every_organization_has_one_name() {
    let check = |named: &[(&str, &str)], served: &str| {
        let named = named.iter().map(|(id, name)| format!("[[organizations]]\nid = \"{id}\"\nname = \"{name}\"\n"));
        let target = format!(
            "[[targets]]\nname = \"a\"\naudience = \"a\"\norganizations = [\"{served}\"]\nhosts = [\"A.test\"]\n\
             upstream = \"https://a\"\nupstream_name = \"a\"\nupstream_ca = \"a\"\nallowed_addresses = [\"127.0.0.1/32\"]\n\
             start = \"https://a/\"\norganization_path = \"/o/{{organization}}/\"\nrules = []\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("targets.toml");
        std::fs::write(&file, named.collect::<String>() + &target).unwrap();
        Targets::read(&file).map(|t| t.targets[0].hosts.clone()).map_err(|e| e.to_string())
    };
    let (a, b) = (("acme", "Acme"), ("bolt", "Bolt"));
    assert_eq!(check(&[a, b], "acme").unwrap(), ["a.test"], "as it stands in a Host");
    assert!(check(&[a], "*").is_ok());
    assert!(check(&[a], "bolt").unwrap_err().contains("bolt has no"));
    assert!(check(&[], "*").is_err(), "the names have to stand there");
    for same in [[a, ("acme", "Other")], [a, ("bolt", "ACME")]] {
        assert!(check(&same, "*").unwrap_err().contains("told apart"), "{same:?}");
    }
    assert!(check(&[("acme", " ")], "*").unwrap_err().contains("no name"));
}

#[test]
fn g_32_blocks_hold_what_they_say() {
    let block = |t: &str| Block::try_from(t.to_owned());
    let ip = |t: &str| t.parse::<IpAddr>().unwrap();
    assert!(block("127.0.0.1/32").unwrap().holds(ip("127.0.0.1")));
    assert!(block("127.0.0.1/32").unwrap().holds(ip("::ffff:127.0.0.1")));
    assert!(!block("127.0.0.1/32").unwrap().holds(ip("127.0.0.2")));
    assert!(!block("10.0.0.0/8").unwrap().holds(ip("169.254.169.254")));
    assert!(block("10.0.0.0/8").unwrap().holds(ip("10.255.0.1")));
    assert!(block("fd00::/8").unwrap().holds(ip("fd12::1")));
    assert!(!block("fd00::/8").unwrap().holds(ip("::1")));
    for bad in ["10.0.0.0", "10.0.0.0/33", "x/8", "::/129", ""] {
        assert!(block(bad).is_err(), "{bad}");
    }
}
