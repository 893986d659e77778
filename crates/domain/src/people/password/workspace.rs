//! The memory of one hashing thread and the algorithm that works in it: argon2id, PHC strings (RFC 9106).
//! Refuses to grow: a stored hash with larger figures gets memory for that one time. Holds none before it is needed, nor
//! after it has rested.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use model::password::{Password, PasswordHash};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::fault::Fault;

/// No stored hash may ask for more than 1 GiB.
const MOST_BLOCKS: usize = 1 << 20;
const OUTPUT_LEN: usize = 32;

pub(super) struct Workspace {
    size: usize,
    blocks: Vec<Block>,
    used: bool,
}

impl Workspace {
    /// For hashes of up to `size` blocks.
    pub(super) const fn new(size: usize) -> Self {
        Self {
            size,
            blocks: Vec::new(),
            used: false,
        }
    }

    /// Gives the memory back when nothing was hashed since the last call.
    pub(super) fn rest(&mut self) {
        if !std::mem::take(&mut self.used) {
            // It still holds what became of the last password.
            self.blocks.zeroize();
            self.blocks = Vec::new();
        }
    }

    pub(super) fn hash(
        &mut self,
        password: &Password,
        salt: &[u8],
        params: &Params,
    ) -> Result<PasswordHash, Fault> {
        let output = self.compute(&argon2id(params.clone()), password, salt, OUTPUT_LEN)?;
        let phc = Phc {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).map_err(fault)?,
            salt: Some(Salt::new(salt).map_err(fault)?),
            hash: Some(Output::new(&output).map_err(fault)?),
        };
        Ok(PasswordHash::from_phc(phc.to_string()))
    }

    /// Whether `password` is the one behind `stored`, which tells its own figures.
    pub(super) fn matches(&mut self, password: &Password, stored: &PasswordHash) -> Result<bool, Fault> {
        let stored = Phc::new(stored.as_phc()).map_err(fault)?;
        let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
            return Err(Fault::Hashing(
                "a stored hash has no salt or no output".to_owned(),
            ));
        };
        let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(fault)?;
        let version = Version::try_from(stored.version.unwrap_or(0x13)).map_err(fault)?;
        let argon2 = Argon2::new(algorithm, version, Params::try_from(&stored).map_err(fault)?);
        let output = self.compute(&argon2, password, salt, expected.len())?;
        Ok(output.ct_eq(expected.as_bytes()).into())
    }

    fn compute(
        &mut self,
        argon2: &Argon2<'_>,
        password: &Password,
        salt: &[u8],
        len: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let needed = argon2.params().block_count();
        if needed > MOST_BLOCKS {
            return Err(Fault::Hashing(
                "a stored hash asks for too much memory".to_owned(),
            ));
        }
        let mut extra = if needed > self.size {
            vec![Block::new(); needed]
        } else {
            Vec::new()
        };
        self.used = true;
        if self.blocks.is_empty() && extra.is_empty() {
            self.blocks = vec![Block::new(); self.size];
        }
        let memory = if extra.is_empty() {
            &mut self.blocks
        } else {
            &mut extra
        };
        let mut output = Zeroizing::new(vec![0; len]);
        argon2
            .hash_password_into_with_memory(
                password.expose().as_bytes(),
                salt,
                &mut output,
                memory.as_mut_slice(),
            )
            .map_err(fault)?;
        Ok(output)
    }
}

/// Whether `stored` was made with other figures than `params`.
pub(super) fn is_outdated(stored: &PasswordHash, params: &Params) -> bool {
    Phc::new(stored.as_phc()).is_ok_and(|stored| {
        let same = stored.algorithm == Algorithm::Argon2id.ident()
            && stored.version == Some(Version::V0x13.into())
            && ParamsString::try_from(params).is_ok_and(|current| current == stored.params);
        !same
    })
}

fn argon2id(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault::Hashing(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Params {
        Params::new(64, 1, 1, Some(OUTPUT_LEN)).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    #[test]
    fn the_stored_form_is_the_standard_one() {
        let mut workspace = Workspace::new(64);
        let stored = workspace
            .hash(&password("correct horse"), b"0123456789abcdef", &small())
            .unwrap();
        let standard = Phc::new(stored.as_phc()).unwrap();
        assert!(
            argon2::PasswordVerifier::verify_password(&Argon2::default(), b"correct horse", &standard)
                .is_ok()
        );
    }

    /// L06: every byte of a long password counts.
    #[test]
    fn byte_73_matters() {
        let mut workspace = Workspace::new(64);
        let (one, other) = ("x".repeat(72) + "a", "x".repeat(72) + "b");
        let stored = workspace
            .hash(&password(&one), b"0123456789abcdef", &small())
            .unwrap();
        assert!(workspace.matches(&password(&one), &stored).unwrap());
        assert!(!workspace.matches(&password(&other), &stored).unwrap());
    }

    /// L06: the same text logs in from any keyboard.
    #[test]
    fn unicode_forms_of_one_password_match() {
        let mut workspace = Workspace::new(64);
        let stored = workspace
            .hash(&password("caf\u{e9} cr\u{e8}me"), b"0123456789abcdef", &small())
            .unwrap();
        assert!(
            workspace
                .matches(&password("cafe\u{301} cre\u{300}me"), &stored)
                .unwrap()
        );
    }

    #[test]
    fn larger_figures_are_verified_and_called_outdated() {
        let large = Params::new(256, 2, 1, Some(OUTPUT_LEN)).unwrap();
        let stored = Workspace::new(256)
            .hash(&password("pass phrase"), b"0123456789abcdef", &large)
            .unwrap();
        let mut workspace = Workspace::new(64);
        assert!(workspace.matches(&password("pass phrase"), &stored).unwrap());
        assert!(is_outdated(&stored, &small()));
        assert!(!is_outdated(&stored, &large));
        assert!(workspace.blocks.is_empty(), "the larger memory is not kept");
    }

    #[test]
    fn memory_is_there_while_it_is_used_and_gone_after_a_rest() {
        let mut workspace = Workspace::new(64);
        assert!(workspace.blocks.is_empty());
        let hash = |workspace: &mut Workspace| {
            let hashed = workspace.hash(&password("pass phrase"), b"0123456789abcdef", &small());
            hashed.unwrap().as_phc().to_owned()
        };
        let first = hash(&mut workspace);
        workspace.rest();
        assert_eq!(workspace.blocks.len(), 64, "it was used since");
        assert_eq!(hash(&mut workspace), first);
        workspace.rest();
        workspace.rest();
        assert!(workspace.blocks.is_empty());
        assert_eq!(hash(&mut workspace), first);
    }

    #[test]
    fn a_damaged_hash_is_a_fault_and_not_a_match() {
        let damaged = PasswordHash::from_phc("$argon2id$v=19$m=64,t=1,p=1".to_owned());
        assert!(Workspace::new(64).matches(&password("x"), &damaged).is_err());
    }
}
