//! Backup codes: twelve letters and digits in three groups, sixty random bits each.
//! Refuses to be looked up without the key: the database holds keyed hashes, and the key is not in it.

use aws_lc_rs::hmac;
use model::second_factor::BACKUP_CODES;
use model::{Ctx, UserId};

use crate::sealing::Sealer;

const PURPOSE: &str = "backup-codes";
/// Crockford's: nothing that looks like something else.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 12;

/// Ten fresh codes as they are shown, and what is stored of them.
pub(in crate::people) fn generate(ctx: &Ctx, sealer: &Sealer, user: UserId) -> (Vec<String>, Vec<[u8; 32]>) {
    let codes: Vec<String> = (0..BACKUP_CODES).map(|_| code(ctx)).collect();
    let tags = codes.iter().filter_map(|code| tag(sealer, user, code)).collect();
    (codes, tags)
}

fn code(ctx: &Ctx) -> String {
    let mut bytes = [0; LETTERS];
    ctx.random.fill(&mut bytes);
    let letters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// What is stored of a code as typed; `None` when it can't be one.
pub(super) fn tag(sealer: &Sealer, user: UserId, typed: &str) -> Option<[u8; 32]> {
    if typed.len() > 64 {
        return None;
    }
    let normal: String = typed.chars().filter_map(letter).collect();
    let others = typed
        .chars()
        .any(|c| !c.is_whitespace() && c != '-' && letter(c).is_none());
    if normal.len() != LETTERS || others {
        return None;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, sealer.derive(PURPOSE).as_slice());
    let tag = hmac::sign(&key, format!("{user}:{normal}").as_bytes());
    tag.as_ref().try_into().ok()
}

/// In its normal form, with what is commonly misread put right.
fn letter(c: char) -> Option<char> {
    let c = match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        c => c,
    };
    ALPHABET.iter().any(|known| char::from(*known) == c).then_some(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Origin, SystemRandom, Timestamp};

    #[test]
    fn a_code_is_the_same_however_it_is_typed_and_good_for_one_user() {
        let sealer = Sealer::new(&crate::sealing::MasterKeys::generate(&SystemRandom)).unwrap();
        let ctx = Ctx {
            now: Timestamp::EPOCH,
            random: SystemRandom::shared(),
            origin: Origin::default(),
        };
        let (ada, bob) = (UserId::random(&SystemRandom), UserId::random(&SystemRandom));
        let (codes, tags) = generate(&ctx, &sealer, ada);
        assert_eq!((codes.len(), tags.len()), (10, 10));
        let shown = &codes[0];
        for typed in [
            shown.to_uppercase(),
            shown.replace('-', ""),
            format!(" {} ", shown.replace('-', " ")),
        ] {
            assert_eq!(tag(&sealer, ada, &typed), Some(tags[0]), "{typed}");
        }
        assert_ne!(tag(&sealer, bob, shown), Some(tags[0]));
        for odd in ["", "123456", "aaaa-aaaa-aaau", &shown[1..]] {
            assert_eq!(tag(&sealer, ada, odd), None, "{odd}");
        }
    }
}
