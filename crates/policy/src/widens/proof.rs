use std::ops::RangeInclusive;

use serde_json::Value;

use super::Form;

/// So many steps are gone for one comparison; what is not proven by then is not proven.
const STEPS: u32 = 200_000;

/// Arithmetic of Cedar, with dates too: what could overflow.
const ARITHMETIC: [&str; 8] = ["+", "-", "*", "neg", "offset", "durationSince", "toDate", "toTime"];

pub(super) struct Proof {
    left: u32,
}

impl Default for Proof {
    fn default() -> Self {
        Self { left: STEPS }
    }
}

impl Proof {
    /// Whether `narrow` is known to speak of nothing that `wide` does not speak of.
    pub(super) fn narrower(&mut self, narrow: &Form, wide: &Form) -> bool {
        let heads = narrow.head.iter().zip(&wide.head);
        let within = |(n, w): (&Value, &Value)| !n.is_null() && (n == w || w["op"] == "All");
        heads.into_iter().all(within) && self.implies(&narrow.condition, &wide.condition)
    }

    /// Whether `b` is known to hold wherever `a` does.
    fn implies(&mut self, a: &Value, b: &Value) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        if a == b || *b == Value::Bool(true) {
            return true;
        }
        if let Some((x, y)) = sides(a, "||") {
            return self.implies(x, b) && self.implies(y, b);
        }
        if let Some((x, y)) = sides(b, "&&") {
            return self.implies(a, x) && self.implies(a, y);
        }
        if let Some((x, y)) = sides(a, "&&")
            && (self.implies(x, b) || self.implies(y, b))
        {
            return true;
        }
        if let Some((x, y)) = sides(b, "||")
            && (self.implies(a, x) || self.implies(a, y))
        {
            return true;
        }
        match (&a["!"]["arg"], &b["!"]["arg"]) {
            (Value::Null, _) | (_, Value::Null) => in_range(a, b),
            (x, y) => self.implies(y, x),
        }
    }
}

/// Whether a rule reckons anywhere inside.
pub(super) fn reckons(condition: &Value) -> bool {
    match condition {
        Value::Object(members) => {
            members.iter().any(|(name, inner)| ARITHMETIC.contains(&name.as_str()) || reckons(inner))
        }
        Value::Array(all) => all.iter().any(reckons),
        _ => false,
    }
}

fn sides<'a>(of: &'a Value, operator: &str) -> Option<(&'a Value, &'a Value)> {
    let of = of.get(operator)?;
    Some((of.get("left")?, of.get("right")?))
}

/// Both are about the same number, and the range of `a` lies within that of `b`.
fn in_range(a: &Value, b: &Value) -> bool {
    let (Some((of, range)), Some((of_other, other))) = (range(a), range(b)) else { return false };
    of == of_other && other.contains(range.start()) && other.contains(range.end())
}

fn range(of: &Value) -> Option<(&Value, RangeInclusive<i64>)> {
    const LEAST: i64 = i64::MIN;
    const MOST: i64 = i64::MAX;
    ["<=", "<", ">=", ">", "=="].into_iter().find_map(|operator| {
        let (number, bound) = sides(of, operator)?;
        let bound = bound.get("Value")?.as_i64()?;
        let range = match operator {
            "<=" => LEAST..=bound,
            "<" => LEAST..=bound.checked_sub(1)?,
            ">=" => bound..=MOST,
            ">" => bound.checked_add(1)?..=MOST,
            _ => bound..=bound,
        };
        Some((number, range))
    })
}
