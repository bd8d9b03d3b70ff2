use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "only whether it is read matters")]
    targets: Vec<One>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    #[expect(dead_code, reason = "only whether it is read matters")]
    mask: Option<Rules>,
}

fn read(rules: &str) -> Result<(), String> {
    let text = format!("[[targets]]\n[targets.mask]\n{rules}\n");
    toml::from_str::<File>(&text).map(|_| ()).map_err(|e| e.to_string())
}

#[test]
fn rules_that_can_be_followed_are_read() {
    for rules in [
        "json = [\"$.a\", \"$.people[*].account\", \"$..email\", \"$['x y'][0].*\", \"$..[*]\", \"$..['a']\"]",
        "fields = [\"account\"]\nheaders = [\"X-Person\"]",
        "selectors = [\"td.account\", \"dl > dd[data-private]\", \"#a p:nth-child(2)\"]",
        "patterns = [\"e-mail\", \"iban\", \"phone\", \"card\", \"us-ssn\", { name = \"tax number\", regex = '[A-Z]{2}[0-9]{9}' }]",
    ] {
        assert_eq!(read(rules), Ok(()), "{rules}");
    }
}

#[test]
fn what_cannot_be_followed_is_refused_with_its_line() {
    let line = |rules: &str| read(rules).expect_err(rules);
    for (rules, said) in [
        ("fields = [\"a\"]\njsons = [\"$.a\"]", "line 4"),
        ("fields = [\"a\"]\njson = [\"$.a\", \"people.account\"]", "line 4"),
        ("fields = [\"a\"]\njson = [\n  \"$.a\",\n  \"$.a[?@.b]\",\n]", "line 6"),
        ("json = []", "json has no rule"),
        ("fields = [\"\"]", "line 3"),
        ("fields = [\"a\"]\nselectors = [\"td..x\"]", "line 4"),
        ("fields = [\"a\"]\nselectors = [\"td.a, td.b\"]", "a comma"),
        ("fields = [\"a\"]\nselectors = [\" \"]", "line 4"),
        ("fields = [\"a\"]\npatterns = [\"email\"]", "line 4"),
        ("fields = [\"a\"]\npatterns = [{ name = \"n\", regex = \"(\" }]", "line 4"),
        ("fields = [\"a\"]\npatterns = [{ name = \"n\", regex = \"a*\" }]", "line 4"),
        ("fields = [\"a\"]\npatterns = [{ name = \"n\", regex = \"\" }]", "line 4"),
        ("fields = [\"a\"]\npatterns = [{ name = \"n]\", regex = \"a\" }]", "line 4"),
        ("fields = [\"a\"]\npatterns = [{ name = \"n\", regex = \"a\", kind = \"b\" }]", "line 4"),
        ("fields = [\"a\"]\npatterns = [{ name = \"n\", regex = '(a)\\1' }]", "line 4"),
        ("", "mask has no rule"),
    ] {
        assert!(line(rules).contains(said) && line(rules).contains("line "), "{rules}: {}", line(rules));
    }
}

#[test]
fn only_paths_that_can_be_followed_in_parts_are_paths() {
    for bad in [
        "", "$", "a", "$a", "$.", "$..", "$.[0]", "$[-1]", "$[01]", "$[1:2]", "$[0,1]", "$.a b", "$['a'", "$.1a",
        "$['\\'']",
    ] {
        assert!(Path::try_from(bad.to_owned()).is_err(), "{bad}");
    }
    let label = |path: &str| Path::try_from(path.to_owned()).unwrap().label;
    assert_eq!(label("$.people[*].account"), "account");
    assert_eq!(label("$.people[*]"), "people");
    assert_eq!(label("$[*]"), "value");
}

#[test]
fn fields_are_known_however_they_are_nested() {
    let name = Name::try_from("account".to_owned()).unwrap();
    for is in ["account", "Account", "account[]", "person[account]", "person.account", "person[account][]"] {
        assert!(name.is(is), "{is}");
    }
    assert!(!name.is("accounts") && !name.is("person[accounts]"));
}

#[test]
fn the_examples_that_we_hand_out_can_be_followed() {
    let page = include_str!("../../../../../docs/operations/masking.md");
    let example = page.split("```toml\n[targets.mask]\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(read(example), Ok(()));
    assert!(example.lines().count() == 5, "one line for each kind of rule");
    for name in crate::mask::pattern::BUILT_IN {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    #[derive(Deserialize)]
    struct Demo {
        targets: Vec<Described>,
    }
    #[derive(Deserialize)]
    struct Described {
        mask: Option<Rules>,
    }
    // `countersignd init` reads the file as a table and writes that.
    let table: toml::Table = toml::from_str(include_str!("../../../../../demo/payroll/target.toml")).unwrap();
    let demo: Demo = toml::from_str(&toml::to_string(&table).unwrap()).unwrap();
    assert!(demo.targets[0].mask.as_ref().is_some_and(|rules| rules.patterns.len() == 3));
}

#[test]
fn what_a_selector_finds_somewhere_it_may_find_there() {
    let selectors = [
        ("td.account", Some("account")),
        (".wide.account", Some("account")),
        ("dl.person > dd", Some("person")),
        ("td", None),
        ("[class=account]", None),
        ("td:not(.nowhere)", None),
        (".acc\\6f unt", None),
        ("td.ACCOUNT", Some("ACCOUNT")),
        ("#a-1 td.b", Some("a-1")),
    ];
    let odd =
        ["<td class='acc&#111;unt'>", "<td class=ACCOUNT>", "<td CLASS=\taccount>", "<div id=a-1><td class='x b'>"];
    let pages: Vec<String> = crate::sieve::tests::pages()
        .filter_map(|page| String::from_utf8(page).ok())
        .chain(odd.map(str::to_owned))
        .collect();
    for (text, name) in selectors {
        let selector = Selector::try_from(text.to_owned()).unwrap();
        assert_eq!(selector.names.as_deref(), name, "{text}");
        let (mut found, mut spared) = (0, 0);
        for page in &pages {
            let selected = std::cell::Cell::new(false);
            let handler = lol_html::ElementContentHandlers::default().element(
                |_: &mut lol_html::html_content::Element<'_, '_>| {
                    selected.set(true);
                    Ok(())
                },
            );
            let all = std::borrow::Cow::Owned(selector.with_all_below().clone());
            let settings = lol_html::Settings::new().append_element_content_handler((all, handler));
            let mut parser = lol_html::HtmlRewriter::new(settings, |_: &[u8]| {});
            let _ = parser.write(page.as_bytes()).and_then(|()| parser.end());
            assert!(!selected.get() || selector.may_select_in(page), "{text}: {page}");
            found += usize::from(selected.get());
            spared += usize::from(!selector.may_select_in(page));
        }
        assert!(found > 0 && (name.is_none() || spared > 1_000), "{text}: {found}, {spared}");
    }
}
