//! Tickets: found as a whole, and by their beginnings. Each mark is made with the Organization's own key, so that looking for a ticket
//! makes one with each Organization's key; nothing is left of them when that key is gone.

use domain::{OrgId, PersonId};
use sqlx::sqlite::SqliteConnection;
use wire::sessions::SHORTEST_BEGINNING;

use super::marks::hex;
use crate::error::StoreError;
use crate::store::Reader;
use crate::vault::{Owner, Vault};

/// Tickets that begin alike and stand in one answer, and one more that says that there are too many.
const MOST_TICKETS: i64 = 65;

/// Each Organization's mark is looked up; nothing is read through.
pub(super) const BEGINNING: &str = "SELECT DISTINCT first.ticket_mark FROM json_each(?1) asked \
     CROSS JOIN ticket_beginnings b ON b.organization = asked.value ->> 0 AND b.mark = unhex(asked.value ->> 1) \
     CROSS JOIN listed first ON first.opened_idx = b.opened_idx WHERE ?2 IS NULL OR EXISTS (SELECT 1 FROM listed l \
     INDEXED BY listed_by_ticket WHERE l.ticket_mark = first.ticket_mark AND l.person_mark = ?2) LIMIT ?3";

/// Marks the beginnings of a ticket, for the first Session that names it: the later ones have the ticket's mark.
pub(super) async fn keep_beginnings(
    connection: &mut SqliteConnection,
    vault: &Vault,
    opened_index: i64,
    owner: &Owner,
    ticket: &str,
    ticket_mark: &[u8],
) -> Result<(), StoreError> {
    let mark = |one: String| vault.beginning_mark(owner, &one).map(|mark| hex(&mark));
    let marks = beginnings(ticket).into_iter().map(mark).collect::<Result<Vec<_>, _>>()?;
    let marks = serde_json::to_string(&marks).unwrap_or_default();
    sqlx::query(
        "INSERT OR IGNORE INTO ticket_beginnings (organization, mark, opened_idx) SELECT ?1, unhex(value), ?2 \
         FROM json_each(?3) WHERE NOT EXISTS \
         (SELECT 1 FROM listed INDEXED BY listed_by_ticket WHERE ticket_mark = ?4 AND opened_idx < ?2)",
    )
    .bind(&owner.0)
    .bind(opened_index)
    .bind(marks)
    .bind(ticket_mark)
    .execute(connection)
    .await?;
    Ok(())
}

/// Each beginning that is shorter than the ticket, as its mark is made.
fn beginnings(ticket: &str) -> Vec<String> {
    let letters: Vec<char> = ticket.trim().to_lowercase().chars().collect();
    (SHORTEST_BEGINNING..letters.len()).map(|length| letters[..length].iter().collect()).collect()
}

impl Reader {
    /// The marks under which Sessions have this ticket, in these Organizations or in all.
    pub async fn ticket_marks(&self, ticket: &str, among: &[OrgId]) -> Result<Vec<Vec<u8>>, StoreError> {
        let mark = |owner: &Owner| self.vault.ticket_mark(owner, ticket).map(|mark| hex(&mark));
        let marks = self.owners(among).iter().map(mark).collect::<Result<Vec<_>, _>>()?;
        let marks = serde_json::to_string(&marks).unwrap_or_default();
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
            "SELECT unhex(value) FROM json_each(?) WHERE EXISTS \
             (SELECT 1 FROM listed INDEXED BY listed_by_ticket WHERE ticket_mark = unhex(value))",
        )
        .bind(marks)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(mark,)| mark).collect())
    }

    /// The same of tickets that begin so, up to one more than are looked for at once. Of somebody alone it is only theirs that count.
    pub async fn ticket_marks_beginning(
        &self,
        beginning: &str,
        among: &[OrgId],
        of: Option<&PersonId>,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mark = |owner: &Owner| Ok((owner.0.clone(), hex(&self.vault.beginning_mark(owner, beginning)?)));
        let marks = self.owners(among).iter().map(mark).collect::<Result<Vec<_>, StoreError>>()?;
        let marks = serde_json::to_string(&marks).unwrap_or_default();
        let person = of.map(|person| self.vault.mark(person)).transpose()?;
        let rows: Vec<(Vec<u8>,)> =
            sqlx::query_as(BEGINNING).bind(marks).bind(person).bind(MOST_TICKETS).fetch_all(&self.pool).await?;
        let mut all: Vec<Vec<u8>> = rows.into_iter().map(|(mark,)| mark).collect();
        // One that is no longer than what was asked for has no such beginning.
        all.extend(self.ticket_marks(beginning, among).await?);
        Ok(all)
    }

    fn owners(&self, among: &[OrgId]) -> Vec<Owner> {
        match among {
            [] => self.vault.organizations(),
            some => some.iter().map(|id| Owner::of(Some(id))).filter(|owner| self.vault.knows(owner)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::beginnings;

    #[test]
    fn a_ticket_has_every_beginning_but_the_shortest_and_itself() {
        assert_eq!(beginnings(" KP-48 "), ["kp-", "kp-4"]);
        assert_eq!(beginnings("KP-"), Vec::<String>::new());
        assert_eq!(beginnings("Ümläut"), ["üml", "ümlä", "ümläu"]);
    }
}
