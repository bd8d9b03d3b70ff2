use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use domain::OrgId;

use crate::names::{SEEDS, Seed};
use crate::sample::Sample;

/// Pay runs that exist, newest first.
pub const MONTHS: [(&str, &str); 3] =
    [("2026-10", "October 2026"), ("2026-09", "September 2026"), ("2026-08", "August 2026")];

/// Somebody who is paid.
#[derive(Debug, Clone)]
pub struct Employee {
    pub number: u32,
    pub given: &'static str,
    pub family: &'static str,
    pub group: &'static str,
    pub since: String,
    pub email: String,
    pub born: String,
    pub tax_number: String,
    pub account: String,
    pub gross_cents: u64,
}

/// What somebody gets in one month.
#[derive(Debug, Clone)]
pub struct Payslip {
    pub employee: u32,
    pub gross_cents: u64,
    pub tax_cents: u64,
    pub insurance_cents: u64,
    pub generated: bool,
}

impl Payslip {
    pub fn net_cents(&self) -> u64 {
        self.gross_cents - self.tax_cents - self.insurance_cents
    }
}

/// One Organization's payroll.
pub struct Company {
    pub seed: &'static Seed,
    pub employees: Vec<Employee>,
    pub payslips: BTreeMap<&'static str, Vec<Payslip>>,
    pub pay_day: u8,
    pub payslips_by_mail: bool,
}

/// All of them; each in its own lock.
pub struct Companies(BTreeMap<OrgId, Mutex<Company>>);

impl Companies {
    pub fn sample() -> Self {
        Self(
            SEEDS
                .iter()
                .filter_map(|seed| Some((seed.id.parse().ok()?, Mutex::new(Company::from_seed(seed)))))
                .collect(),
        )
    }

    pub fn ids(&self) -> impl Iterator<Item = &OrgId> {
        self.0.keys()
    }

    pub fn get(&self, id: &OrgId) -> Option<MutexGuard<'_, Company>> {
        self.0.get(id).map(|company| company.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Company {
    fn from_seed(seed: &'static Seed) -> Self {
        let mut sample = Sample::of(seed.id);
        let mut number = 10_400;
        let employees: Vec<Employee> = (0..seed.people)
            .map(|_| {
                number += u32::try_from(sample.between(3, 12)).unwrap_or(3);
                employee(seed, number, &mut sample)
            })
            .collect();
        let payslips = MONTHS
            .iter()
            .map(|(month, _)| (*month, payslips(&employees, *month == MONTHS[0].0, &mut sample)))
            .collect();
        Self { seed, employees, payslips, pay_day: 25, payslips_by_mail: false }
    }

    pub fn employee(&self, number: u32) -> Option<&Employee> {
        self.employees.iter().find(|e| e.number == number)
    }

    pub fn payslip(&self, month: &str, number: u32) -> Option<&Payslip> {
        self.payslips.get(month)?.iter().find(|p| p.employee == number)
    }

    /// Changes where somebody is paid to. False when nobody has this number.
    pub fn set_account(&mut self, number: u32, account: String) -> bool {
        let found = self.employees.iter_mut().find(|e| e.number == number);
        found.map(|e| e.account = account).is_some()
    }

    /// Makes the payslips that are missing; of these people, or of all when none is named. Says how many it made.
    pub fn generate(&mut self, month: &str, numbers: &[u32]) -> usize {
        let Some(payslips) = self.payslips.get_mut(month) else { return 0 };
        let chosen = |p: &&mut Payslip| !p.generated && (numbers.is_empty() || numbers.contains(&p.employee));
        payslips.iter_mut().filter(chosen).map(|p| p.generated = true).count()
    }

    /// An amount as people read it here.
    pub fn money(&self, cents: u64) -> String {
        let whole = (cents / 100).to_string();
        let mut grouped = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{} {grouped}.{:02}", self.seed.currency, cents % 100)
    }
}

fn employee(seed: &'static Seed, number: u32, sample: &mut Sample) -> Employee {
    let (given, family) = (sample.one_of(seed.given), sample.one_of(seed.family));
    let letters: String =
        format!("{given}.{family}").chars().filter(|c| c.is_ascii_alphabetic() || *c == '.').collect();
    Employee {
        number,
        given,
        family,
        group: sample.one_of(seed.groups),
        since: format!("{}-{:02}-01", sample.between(2012, 2026), sample.between(1, 13)),
        email: format!("{}.{number}@{}.example", letters.to_ascii_lowercase(), seed.id),
        born: format!("{}-{:02}-{:02}", sample.between(1962, 2006), sample.between(1, 13), sample.between(1, 29)),
        tax_number: format!("{}{:09}", seed.country, sample.between(100_000_000, 999_999_999)),
        account: format!(
            "{}{:02} KEST {:04} {:04} {:02}",
            seed.country,
            sample.between(10, 99),
            sample.between(0, 10_000),
            sample.between(0, 10_000),
            sample.between(0, 100)
        ),
        gross_cents: sample.between(241_000, 468_000),
    }
}

fn payslips(employees: &[Employee], newest: bool, sample: &mut Sample) -> Vec<Payslip> {
    employees
        .iter()
        .map(|e| {
            let gross_cents = e.gross_cents + sample.between(0, 30_000);
            Payslip {
                employee: e.number,
                gross_cents,
                tax_cents: gross_cents * 18 / 100,
                insurance_cents: gross_cents * 7 / 100,
                generated: !newest || sample.between(0, 100) >= 18,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn company() -> Company {
        Company::from_seed(&SEEDS[1])
    }

    #[test]
    fn the_sample_is_always_the_same() {
        let (one, two) = (company(), company());
        assert_eq!(one.employees.len(), 214);
        assert_eq!(one.employees[7].account, two.employees[7].account);
        assert!(one.payslips["2026-10"].iter().any(|p| !p.generated));
        assert!(one.payslips["2026-09"].iter().all(|p| p.generated));
    }

    #[test]
    fn generating_makes_only_what_was_chosen() {
        let mut company = company();
        let missing: Vec<u32> =
            company.payslips["2026-10"].iter().filter(|p| !p.generated).map(|p| p.employee).collect();
        assert_eq!(company.generate("2026-10", &missing[..2]), 2);
        assert_eq!(company.generate("2026-10", &missing[..2]), 0);
        assert_eq!(company.generate("2026-10", &[]), missing.len() - 2);
        assert_eq!(company.generate("1999-01", &[]), 0);
    }

    #[test]
    fn money_is_grouped() {
        assert_eq!(company().money(57_124_005), "€ 571,240.05");
        assert_eq!(company().money(99), "€ 0.99");
    }
}
