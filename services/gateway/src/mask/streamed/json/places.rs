use std::sync::Arc;

use crate::mask::rules::Rules;
use crate::mask::rules::path::{self, Key};

/// Where a document is being read, and what the paths say of it. Each call answers whether it may stand there.
pub(super) struct Places {
    rules: Arc<Rules>,
    levels: Vec<Level>,
}

/// What a string is.
pub(super) enum Role {
    Name,
    /// With the path that selects it.
    Value(Option<usize>),
}

struct Level {
    is_object: bool,
    next: Next,
    name: String,
    index: usize,
    places: path::Places,
    /// The path that selects all of it.
    selected: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A name, in an object; and nothing else once there was a comma.
    Name {
        may_end: bool,
    },
    Colon,
    Value {
        may_end: bool,
    },
    Comma,
}

impl Places {
    pub fn new(rules: Arc<Rules>) -> Self {
        Self { rules, levels: Vec::new() }
    }

    pub fn open(&mut self, is_object: bool) -> bool {
        let Some((places, selected)) = self.value() else { return false };
        let next = if is_object { Next::Name { may_end: true } } else { Next::Value { may_end: true } };
        self.levels.push(Level { is_object, next, name: String::new(), index: 0, places, selected });
        true
    }

    pub fn close(&mut self, is_object: bool) -> bool {
        let may_end = |next| matches!(next, Next::Comma | Next::Name { may_end: true } | Next::Value { may_end: true });
        let fits = self.levels.last().is_some_and(|level| level.is_object == is_object && may_end(level.next));
        if fits {
            self.levels.pop();
        }
        fits
    }

    pub fn comma(&mut self) -> bool {
        let Some(level) = self.levels.last_mut().filter(|level| level.next == Next::Comma) else { return false };
        level.next = if level.is_object { Next::Name { may_end: false } } else { Next::Value { may_end: false } };
        level.index += 1;
        true
    }

    pub fn colon(&mut self) -> bool {
        let Some(level) = self.levels.last_mut().filter(|level| level.next == Next::Colon) else { return false };
        level.next = Next::Value { may_end: false };
        true
    }

    pub fn string(&mut self, said: &str) -> Option<Role> {
        if let Some(level) = self.levels.last_mut().filter(|level| matches!(level.next, Next::Name { .. })) {
            said.clone_into(&mut level.name);
            level.next = Next::Colon;
            return Some(Role::Name);
        }
        self.value().map(|(_, selected)| Role::Value(selected))
    }

    /// A number or a word, with the path that selects it.
    pub fn scalar(&mut self) -> Option<Option<usize>> {
        self.value().map(|(_, selected)| selected)
    }

    /// What would select the next value, and what selects everything around it, so deep.
    pub fn selected(&mut self) -> (Option<usize>, Option<(usize, usize)>) {
        let deep = self.levels.iter().filter(|level| level.selected.is_some()).count();
        let inside = self.levels.last().and_then(|level| level.selected).map(|path| (path, deep));
        let next = self.levels.last().filter(|level| matches!(level.next, Next::Value { .. }));
        let pending = next.and_then(|level| path::enter(&self.rules.json, &level.places, level.key()).1);
        (pending, inside)
    }

    /// A value stands here: what the paths say of it.
    fn value(&mut self) -> Option<(path::Places, Option<usize>)> {
        let Some(level) = self.levels.last_mut() else { return Some((path::root(&self.rules.json), None)) };
        if !matches!(level.next, Next::Value { .. }) {
            return None;
        }
        level.next = Next::Comma;
        let (places, selected) = path::enter(&self.rules.json, &level.places, level.key());
        Some((places, level.selected.or(selected)))
    }
}

impl Level {
    fn key(&self) -> Key<'_> {
        if self.is_object { Key::Name(&self.name) } else { Key::Index(self.index) }
    }
}
