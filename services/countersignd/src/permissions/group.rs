use std::fs;

/// The group that this user alone is in, as distributions make one for each user: what it may write, the user writes.
pub fn private_group(user: u32) -> Option<u32> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    find(user, &read("/etc/passwd"), &read("/etc/group"))
}

/// `None` unless both files leave no doubt: the user's first group has the user's name, and nobody else is in it.
fn find(user: u32, passwd: &str, group: &str) -> Option<u32> {
    let users: Vec<(&str, u32, u32)> = passwd.lines().filter_map(of_user).collect();
    let (name, _, own) = *users.iter().find(|(_, id, _)| *id == user)?;
    let only = users.iter().filter(|(_, _, group)| *group == own).all(|(_, id, _)| *id == user);
    let mut groups = group.lines().filter_map(of_group).filter(|(_, id, _)| *id == own);
    let (group_name, _, members) = groups.next()?;
    let alone = members.split(',').all(|member| member.is_empty() || member == name);
    (only && alone && group_name == name && groups.next().is_none()).then_some(own)
}

fn of_user(line: &str) -> Option<(&str, u32, u32)> {
    let fields: Vec<&str> = line.split(':').collect();
    Some((*fields.first()?, fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

fn of_group(line: &str) -> Option<(&str, u32, &str)> {
    let fields: Vec<&str> = line.split(':').collect();
    Some((*fields.first()?, fields.get(2)?.parse().ok()?, *fields.get(3)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\nmara:x:1000:1000::/home/mara:/bin/sh\nben:x:1001:100::/:/bin/sh\n";

    #[test]
    fn a_group_is_private_when_nobody_else_is_in_it() {
        assert_eq!(find(1000, PASSWD, "mara:x:1000:\n"), Some(1000));
        assert_eq!(find(1000, PASSWD, "users:x:100:ben,mara\nmara:x:1000:mara\n"), Some(1000));
    }

    #[test]
    fn any_doubt_makes_it_another_s() {
        for group in ["", "mara:x:1000:ben\n", "mara:x:1000:mara,ben\n", "staff:x:1000:\n", "mara:x:1001:\n"] {
            assert_eq!(find(1000, PASSWD, group), None, "{group}");
        }
        assert_eq!(find(1000, PASSWD, "mara:x:1000:\nother:x:1000:ben\n"), None, "two groups of one number");
        assert_eq!(find(1001, PASSWD, "users:x:100:\n"), None, "a group for all users");
        assert_eq!(find(1002, PASSWD, "mara:x:1000:\n"), None, "an unknown user");
        let shared = format!("{PASSWD}eve:x:1002:1000::/:/bin/sh\n");
        assert_eq!(find(1000, &shared, "mara:x:1000:\n"), None, "somebody else's first group");
        assert_eq!(find(1000, "garbage\n::::", "garbage\n"), None);
    }
}
