use domain::UnixSeconds;
use totp_rs::{Algorithm, Builder, Totp, TotpError};

/// Wrong codes in a row until the person has to wait.
const WRONG_UNTIL_LOCKED: i64 = 5;
/// The first wait, in seconds; each further one is twice as long.
const FIRST_LOCK_SECONDS: i64 = 15 * 60;
/// The wait doubles this often.
const MOST_DOUBLINGS: i64 = 5;

/// What is remembered of a person's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tries {
    /// The newest time step whose code was taken; -1 before the first.
    pub(crate) last_step: i64,
    /// Wrong codes in a row.
    pub(crate) wrong: i64,
    /// Waits since the last right code.
    pub(crate) locks: i64,
    pub(crate) locked_until: UnixSeconds,
}

/// What a code is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judged {
    /// Right, and not used before; with what is to be remembered.
    Right(Tries),
    /// Right, but it or a newer one was used.
    Used,
    /// Not six digits.
    NoCode,
    Wrong(Tries),
    /// Wrong once too often.
    WrongAndLocked(Tries),
    /// Not looked at.
    Locked,
}

/// An authenticator's generator as RFC 6238 has it and every app takes it: SHA-1, six digits, 30 s; one step of skew.
pub(crate) fn totp(secret: &[u8], account: &str) -> Result<Totp, TotpError> {
    let account: String = account.chars().map(|c| if c == ':' { ' ' } else { c }).collect();
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret.to_vec())
        .with_issuer(Some("Countersign"))
        .with_account_name(account)
        .build()
}

impl Tries {
    /// Judges a code as of `now`. Pure: whoever calls remembers the outcome before it has an effect.
    pub(crate) fn judge(self, totp: &Totp, code: &str, now: UnixSeconds) -> Judged {
        if now < self.locked_until {
            return Judged::Locked;
        }
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Judged::NoCode;
        }
        let step = u64::try_from(now).ok().and_then(|now| totp.check(code, now)).and_then(|s| i64::try_from(s).ok());
        match step {
            Some(step) if step > self.last_step => {
                Judged::Right(Self { last_step: step, wrong: 0, locks: 0, locked_until: 0 })
            }
            Some(_) => Judged::Used,
            None => self.one_more_wrong(now),
        }
    }

    /// Judges a recovery code as of `now`; `found` says whether it is one that is left, `None` that it is no code. A right
    /// one leaves the count as it is.
    pub(crate) fn judge_recovery(self, found: Option<bool>, now: UnixSeconds) -> Judged {
        if now < self.locked_until {
            return Judged::Locked;
        }
        match found {
            None => Judged::NoCode,
            Some(true) => Judged::Right(self),
            Some(false) => self.one_more_wrong(now),
        }
    }

    /// For the codes of a secret of which none was taken yet; wrong ones count on.
    pub(crate) fn of_new_secret(self) -> Self {
        Self { last_step: -1, ..self }
    }

    fn one_more_wrong(self, now: UnixSeconds) -> Judged {
        if self.wrong + 1 < WRONG_UNTIL_LOCKED {
            return Judged::Wrong(Self { wrong: self.wrong + 1, ..self });
        }
        let wait = FIRST_LOCK_SECONDS << self.locks.clamp(0, MOST_DOUBLINGS);
        Judged::WrongAndLocked(Self { wrong: 0, locks: self.locks + 1, locked_until: now + wait, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_010;
    const FRESH: Tries = Tries { last_step: -1, wrong: 0, locks: 0, locked_until: 0 };

    fn seed() -> Totp {
        totp(b"12345678901234567890", "Mara: Lindqvist").expect("totp")
    }

    fn code_at(at: i64) -> String {
        seed().generate(u64::try_from(at).expect("time")).to_string()
    }

    #[test]
    fn the_numbers_of_rfc_6238() {
        assert_eq!(code_at(59), "287082");
        assert_eq!(code_at(1_111_111_109), "081804");
        assert_eq!(code_at(20_000_000_000), "353130");
    }

    #[test]
    fn m_01_the_same_code_again_in_its_step_and_in_the_next() {
        let Judged::Right(tries) = FRESH.judge(&seed(), &code_at(NOW), NOW) else { panic!("right") };
        assert_eq!(tries.last_step, NOW / 30);
        assert_eq!(tries.judge(&seed(), &code_at(NOW), NOW + 5), Judged::Used);
        assert_eq!(tries.judge(&seed(), &code_at(NOW), NOW + 30), Judged::Used);
        assert_eq!(tries.judge(&seed(), &code_at(NOW - 30), NOW), Judged::Used, "an older one neither");
        assert!(matches!(tries.judge(&seed(), &code_at(NOW + 30), NOW + 30), Judged::Right(_)));
    }

    #[test]
    fn m_05_one_step_of_drift_and_not_two() {
        for (steps, right) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let judged = FRESH.judge(&seed(), &code_at(NOW + 30 * steps), NOW);
            assert_eq!(matches!(judged, Judged::Right(_)), right, "{steps}");
        }
    }

    #[test]
    fn m_03_five_wrong_codes_lock_and_the_lock_grows() {
        let mut tries = FRESH;
        let mut now = NOW;
        for wait in [900, 1800, 3600] {
            for _ in 0..4 {
                let Judged::Wrong(next) = tries.judge(&seed(), "000000", now) else { panic!("wrong") };
                tries = next;
            }
            let Judged::WrongAndLocked(next) = tries.judge(&seed(), "000000", now) else { panic!("locked") };
            assert_eq!(next.locked_until, now + wait);
            assert_eq!(next.judge(&seed(), &code_at(now), now), Judged::Locked, "even a right one");
            tries = next;
            now += wait;
        }
        let Judged::Right(after) = tries.judge(&seed(), &code_at(now), now) else { panic!("right") };
        assert_eq!((after.wrong, after.locks), (0, 0));
    }

    #[test]
    fn m_03_m_12_recovery_codes_are_counted_with_the_others() {
        let mut tries = FRESH;
        for _ in 0..2 {
            let Judged::Wrong(next) = tries.judge_recovery(Some(false), NOW) else { panic!("wrong") };
            let Judged::Wrong(next) = next.judge(&seed(), "000000", NOW) else { panic!("wrong") };
            tries = next;
        }
        assert_eq!(tries.judge_recovery(None, NOW), Judged::NoCode, "not counted");
        assert_eq!(tries.judge_recovery(Some(true), NOW), Judged::Right(tries), "nobody guesses on anew with it");
        let Judged::WrongAndLocked(locked) = tries.judge_recovery(Some(false), NOW) else { panic!("locked") };
        assert_eq!(locked.locked_until, NOW + 900);
        assert_eq!(locked.judge_recovery(Some(true), NOW), Judged::Locked, "even a right one");
        assert_eq!(locked.judge(&seed(), &code_at(NOW), NOW), Judged::Locked);
    }

    #[test]
    fn what_is_no_code_is_not_counted() {
        for text in ["", "12345", "1234567", "12345a", "１２３４５６", " 12345", "-12345"] {
            assert_eq!(FRESH.judge(&seed(), text, NOW), Judged::NoCode, "{text:?}");
        }
    }

    #[test]
    fn a_clock_before_1970_lets_nobody_in() {
        assert_eq!(FRESH.judge(&seed(), &code_at(NOW), -5), Judged::Locked);
        assert_eq!(FRESH.judge(&seed(), &code_at(NOW), i64::MIN), Judged::Locked);
    }
}
