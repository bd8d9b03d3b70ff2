//! From what somebody looks for to what the store is asked.

use std::collections::HashSet;

use domain::{OrgId, PersonId, ReasonCategory, Scope, UnixSeconds};
use serve::ProblemResponse;
use wire::audit::WhichSessions;
use wire::sessions::{FindingWord, LONGEST_TEXT, Length, Op, ReviewWord, Token, Tokens, What};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::people::Person;
use crate::problem;
use crate::store::{Among, Column, Lasting, Listing, Reader, Value, scope_word};

/// Values of one condition: more people or tickets are not looked for at once.
const MOST_VALUES: usize = 64;
/// From seconds on, as the column has it; the last has no end.
const LENGTH_CLASSES: [i64; 7] = [0, 300, 900, 1_800, 3_600, 7_200, 14_400];

/// A list, and what is looked for in the text of its Sessions.
pub(crate) struct Looked {
    pub listing: Listing,
    /// In small letters.
    pub text: Option<String>,
}

impl Audit {
    /// Reviewers look for everybody's Sessions, others for their own.
    pub(crate) async fn look_for(&self, person: &Person, which: &WhichSessions) -> Result<Looked, ProblemResponse> {
        let own = &person.identity.person;
        let of = if person.is_reviewer() { which.person.as_ref() } else { Some(own) };
        if which.person.as_ref().is_some_and(|person| of != Some(person)) {
            return Err(problem::reviewers_only());
        }
        look_among(&self.reader, self.now(), of, which).await
    }
}

/// The Sessions of one person, or of everybody.
pub(crate) async fn look_among(
    reader: &Reader,
    now: UnixSeconds,
    of: Option<&PersonId>,
    which: &WhichSessions,
) -> Result<Looked, ProblemResponse> {
    let filter = which.filter.as_deref().unwrap_or_default();
    let mut tokens: Tokens =
        filter.parse().map_err(|e: wire::sessions::TokenError| problem::malformed(&e.to_string()))?;
    let is = |what| Token { op: Op::Is, what };
    tokens.0.extend(which.organization.clone().map(|id| is(What::Organization(id))));
    tokens.0.extend(which.scope.map(|scope| is(What::Scope(scope))));
    let mut all = Vec::new();
    if let Some(person) = of {
        let mark = Value::Mark(reader.vault().mark(person)?);
        all.push(Among { column: Column::Person, values: vec![mark], not: false });
    }
    all.extend(few_values(reader, &tokens)?);
    all.extend(organizations(&tokens));
    all.extend(people(reader, of, &tokens).await?);
    all.extend(tickets(reader, of, &tokens).await?);
    let lasting = lasting(&tokens, now);
    all.extend(lasting.map(classes));
    let listing = Listing { all, lasting, from: which.from, to: which.to, order: which.order.unwrap_or_default() };
    Ok(Looked { listing, text: text(which.text.as_deref())? })
}

/// Whoever sees nobody else's Sessions learns of nobody else.
async fn people(reader: &Reader, of: Option<&PersonId>, tokens: &Tokens) -> Result<Vec<Among>, ProblemResponse> {
    let asked: Vec<(Op, String)> = of_key(tokens, |what| match what {
        What::Person(text) => Some(text.to_lowercase()),
        _ => None,
    });
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut openers = reader.openers().await?;
    openers.retain(|(_, opener)| of.is_none_or(|own| opener.person == *own));
    let marks = |op: Op| -> Vec<Value> {
        let wanted: Vec<&str> = asked.iter().filter(|(o, _)| *o == op).map(|(_, text)| text.as_str()).collect();
        let meant = openers.iter().filter(|(_, opener)| {
            let name = opener.name.to_lowercase();
            wanted.iter().any(|text| name.contains(text) || opener.person.0.to_lowercase() == **text)
        });
        meant.map(|(mark, _)| Value::Mark(mark.clone())).collect()
    };
    by_op(Column::Person, &asked, marks)
}

async fn tickets(reader: &Reader, of: Option<&PersonId>, tokens: &Tokens) -> Result<Vec<Among>, ProblemResponse> {
    let mut asked: Vec<(Op, String)> = of_key(tokens, |what| match what {
        What::Ticket(ticket) => Some(ticket.clone()),
        _ => None,
    });
    let organizations: Vec<OrgId> = of_key(tokens, |what| match what {
        What::Organization(id) => Some(id.clone()),
        _ => None,
    })
    .into_iter()
    .filter_map(|(op, id)| (op == Op::Is).then_some(id))
    .collect();
    let (mut is, mut not) = (Vec::new(), Vec::new());
    for (op, ticket) in &mut asked {
        let marks = if *op == Op::Begins {
            *op = Op::Is;
            reader.ticket_marks_beginning(ticket, &organizations, of).await?
        } else {
            reader.ticket_marks(ticket, &organizations).await?
        };
        if *op == Op::Is { &mut is } else { &mut not }.extend(marks.into_iter().map(Value::Mark));
    }
    by_op(Column::Ticket, &asked, |op| if op == Op::Is { is.clone() } else { not.clone() })
}

fn of_key<T>(tokens: &Tokens, wanted: impl Fn(&What) -> Option<T>) -> Vec<(Op, T)> {
    tokens.0.iter().filter_map(|token| Some((token.op, wanted(&token.what)?))).collect()
}

/// One condition for those that are meant and one for those that are not, where there are such tokens.
fn by_op<T>(
    column: Column,
    asked: &[(Op, T)],
    values: impl Fn(Op) -> Vec<Value>,
) -> Result<Vec<Among>, ProblemResponse> {
    let mut all = Vec::new();
    for (op, not) in [(Op::Is, false), (Op::Not, true)] {
        if asked.iter().any(|(o, _)| *o == op) {
            // What is asked for twice is found once.
            let (mut values, mut seen) = (values(op), HashSet::new());
            values.retain(|value| seen.insert(value.clone()));
            all.push(Among { column, values, not });
        }
    }
    if all.iter().any(|among| among.values.len() > MOST_VALUES) { Err(problem::too_wide()) } else { Ok(all) }
}

fn organizations(tokens: &Tokens) -> Vec<Among> {
    let asked = of_key(tokens, |what| match what {
        What::Organization(id) => Some(Value::Text(id.to_string())),
        _ => None,
    });
    let values = |op| asked.iter().filter(|(o, _)| *o == op).map(|(_, value)| value.clone()).collect();
    by_op(Column::Organization, &asked, values).unwrap_or_default()
}

/// Conditions on columns of which every value is known: what is not meant leaves the others.
fn few_values(reader: &Reader, tokens: &Tokens) -> Result<Vec<Among>, StoreError> {
    let vault = reader.vault();
    let text = |word: &str| Value::Text(word.to_owned());
    let scopes = Scope::ALL.map(|scope| text(scope_word(scope))).to_vec();
    let reasons: Vec<Value> =
        ReasonCategory::ALL.iter().map(|r| vault.reason_mark(*r).map(Value::Mark)).collect::<Result<_, _>>()?;
    let reviews = ["recording", "open", "due", "reviewed", "flagged"].map(text).to_vec();
    let (changed, weights) = ([0, 1].map(Value::Number).to_vec(), (-1..8).map(Value::Number).collect());
    let meant = |column: Column, every: Vec<Value>, means: &dyn Fn(&What, &Value) -> Option<bool>| {
        let of = |op: Op| tokens.0.iter().filter(move |token| token.op == op);
        let concerns = |token: &&Token| means(&token.what, &every[0]).is_some();
        let is: Vec<&Token> = of(Op::Is).filter(concerns).collect();
        let not: Vec<&Token> = of(Op::Not).filter(concerns).collect();
        let fits = |token: &&&Token, value: &Value| means(&token.what, value) == Some(true);
        let values = every.iter().filter(|value| {
            (is.is_empty() || is.iter().any(|t| fits(&t, value))) && !not.iter().any(|t| fits(&t, value))
        });
        (!is.is_empty() || !not.is_empty()).then(|| Among { column, values: values.cloned().collect(), not: false })
    };
    let reason = |what: &What, value: &Value| match what {
        What::Reason(reason) => Some(vault.reason_mark(*reason).is_ok_and(|mark| *value == Value::Mark(mark))),
        _ => None,
    };
    let conditions = [
        meant(Column::Scope, scopes, &|what, value| match what {
            What::Scope(scope) => Some(*value == text(scope_word(*scope))),
            _ => None,
        }),
        meant(Column::Reason, reasons, &reason),
        meant(Column::Review, reviews, &|what, value| match what {
            What::Review(word) => Some(review_words(*word).iter().any(|word| *value == text(word))),
            _ => None,
        }),
        meant(Column::Changed, changed, &|what, value| match what {
            What::Changes(yes) => Some(*value == Value::Number(i64::from(*yes))),
            _ => None,
        }),
        meant(Column::Weights, weights, &|what, value| match (what, value) {
            (What::Finding(word), Value::Number(weights)) => Some(has_weight(*word, *weights)),
            _ => None,
        }),
    ];
    Ok(conditions.into_iter().flatten().collect())
}

/// What must be reviewed is a part of what nobody has reviewed.
fn review_words(word: ReviewWord) -> &'static [&'static str] {
    match word {
        ReviewWord::Recording => &["recording"],
        ReviewWord::Open => &["open", "due"],
        ReviewWord::Due => &["due"],
        ReviewWord::Reviewed => &["reviewed"],
        ReviewWord::Flagged => &["flagged"],
    }
}

/// `weights` as the column has it: below nothing where nobody has looked.
fn has_weight(word: FindingWord, weights: i64) -> bool {
    weights >= 0
        && match word {
            FindingWord::Any => weights & 3 != 0,
            FindingWord::None => weights & 3 == 0,
            FindingWord::Stop => weights & 1 != 0,
            FindingWord::Look => weights & 2 != 0,
            FindingWord::Note => weights & 4 != 0,
        }
}

/// Of several shortest lengths any may fit, and of longest ones each has to.
fn lasting(tokens: &Tokens, now: UnixSeconds) -> Option<Lasting> {
    let of = |op: Op| {
        tokens.0.iter().filter(move |token| token.op == op).filter_map(|token| match token.what {
            What::Length(Length(minutes)) => Some(i64::from(minutes) * 60),
            _ => None,
        })
    };
    let (least, most) = (of(Op::Least).min(), of(Op::Most).min());
    (least.is_some() || most.is_some()).then(|| Lasting {
        least: least.unwrap_or(0),
        most: most.unwrap_or(i64::MAX),
        now,
    })
}

/// The parts of the index in which a Session of this length can stand; what runs stands in one of its own.
fn classes(lasting: Lasting) -> Among {
    let class = |seconds: i64| LENGTH_CLASSES.iter().rposition(|from| *from <= seconds).unwrap_or(0);
    let (first, last) = (class(lasting.least), class(lasting.most));
    let numbers = std::iter::once(-1).chain((first..=last).filter_map(|class| i64::try_from(class).ok()));
    Among { column: Column::LengthClass, values: numbers.map(Value::Number).collect(), not: false }
}

fn text(asked: Option<&str>) -> Result<Option<String>, ProblemResponse> {
    let Some(text) = asked.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.len() > LONGEST_TEXT || text.chars().any(char::is_control) {
        return Err(problem::malformed("The text to look for is too long, or none."));
    }
    Ok(Some(text.to_lowercase()))
}
