//! The accounts in pages: all, newest first, or those that a few letters find.
//! Refuses to look through the table: a page costs the same wherever it is, and a search ends after a thousand finds.

use std::collections::HashSet;

use model::audit::Actor;
use model::user::User;
use model::{UserId, search};
use storage::Reader;
use storage::user_directory::{self, BLOCK, Block, Standing};

use super::{AdministrationError, require_administrator};
use crate::authority::Authority;
use crate::fault::Fault;

pub const MOST_PER_PAGE: u16 = 100;
/// Users that a search finds at most; whoever gets so many types more letters.
pub const MOST_FOUND: usize = 1000;
/// A user has several terms, and more than one may match.
const MOST_TERMS: i64 = 4 * MOST_FOUND as i64;

/// Which accounts.
#[derive(Clone, Default, Debug)]
pub struct UserQuery {
    /// An id, or how a word of the address, the user name or the name begins; blank for all.
    pub q: String,
    /// From 1.
    pub page: u64,
    /// Between 1 and [`MOST_PER_PAGE`]; taken for the nearer one otherwise.
    pub limit: u16,
}

pub struct UserPage {
    pub users: Vec<User>,
    /// How many there are on all pages; at most [`MOST_FOUND`] of a search.
    pub total: u64,
}

impl UserQuery {
    fn limit(&self) -> u16 {
        self.limit.clamp(1, MOST_PER_PAGE)
    }

    fn offset(&self) -> u64 {
        (self.page.max(1) - 1).saturating_mul(u64::from(self.limit()))
    }
}

impl Authority {
    /// A page of accounts that were not erased.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn list_users(&self, query: &UserQuery, by: &Actor) -> Result<UserPage, AdministrationError> {
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        let q = query.q.trim();
        if q.is_empty() {
            return Ok(all(&mut reader, query).await?);
        }
        if let Ok(id) = q.parse::<UserId>() {
            let users: Vec<User> = storage::users::find_standing(&mut reader, id)
                .await?
                .into_iter()
                .collect();
            let total = users.len() as u64;
            let users = if query.offset() == 0 { users } else { Vec::new() };
            return Ok(UserPage { users, total });
        }
        Ok(found(&mut reader, q, query).await?)
    }
}

impl Authority {
    /// Of the accounts that [`Authority::list_users`] finds those of this standing, at most [`MOST_FOUND`].
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn list_users_of(
        &self,
        standing: Standing,
        query: &UserQuery,
        by: &Actor,
    ) -> Result<UserPage, AdministrationError> {
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        let q = query.q.trim();
        let numbers = match search::range(q) {
            _ if q.is_empty() => {
                user_directory::list_of_standing(&mut reader, standing, MOST_FOUND as i64).await?
            }
            None => Vec::new(),
            Some((first, end)) => {
                let between = (first.as_slice(), end.as_slice());
                user_directory::find_of_standing(&mut reader, between, standing, MOST_TERMS).await?
            }
        };
        Ok(page_of(&mut reader, numbers, query).await?)
    }
}

async fn all(reader: &mut Reader, query: &UserQuery) -> Result<UserPage, Fault> {
    let blocks = user_directory::list_blocks(reader).await?;
    let total = blocks.iter().map(live).sum();
    let users = match locate(&blocks, query.offset()) {
        Some((before, skip)) => {
            let limit = i64::from(query.limit());
            user_directory::list_before(reader, before, (skip, limit)).await?
        }
        None => Vec::new(),
    };
    Ok(UserPage { users, total })
}

/// Below which number the page begins, and how many users of that block are on the pages before.
fn locate(blocks: &[Block], offset: u64) -> Option<(i64, i64)> {
    let mut rest = offset;
    for block in blocks {
        if rest < live(block) {
            return Some(((block.number + 1) * BLOCK, i64::try_from(rest).ok()?));
        }
        rest -= live(block);
    }
    None
}

fn live(block: &Block) -> u64 {
    u64::try_from(block.live).unwrap_or(0)
}

async fn found(reader: &mut Reader, q: &str, query: &UserQuery) -> Result<UserPage, Fault> {
    let Some((first, end)) = search::range(q) else {
        return Ok(UserPage {
            users: Vec::new(),
            total: 0,
        });
    };
    let numbers = user_directory::find_matches(reader, (&first, &end), MOST_TERMS).await?;
    page_of(reader, numbers, query).await
}

/// The users of these numbers that are on the page that is asked for.
async fn page_of(reader: &mut Reader, mut numbers: Vec<i64>, query: &UserQuery) -> Result<UserPage, Fault> {
    let mut seen = HashSet::with_capacity(numbers.len());
    numbers.retain(|number| seen.insert(*number));
    numbers.truncate(MOST_FOUND);
    let total = numbers.len() as u64;
    let page = usize::try_from(query.offset())
        .ok()
        .and_then(|offset| numbers.get(offset..));
    let page = page.unwrap_or_default();
    let page = &page[..page.len().min(usize::from(query.limit()))];
    let users = user_directory::list_numbered(reader, page).await?;
    Ok(UserPage { users, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a few thousand numbers with gaps, every page begins where counting from the newest would lead, and skips less
    /// than a block.
    #[test]
    fn every_page_is_found_without_counting_the_ones_before() {
        let numbers: Vec<i64> = (1..4500)
            .rev()
            .filter(|number| number % 7 != 0 && !(1000..2000).contains(number))
            .collect();
        let count = |block| numbers.iter().filter(|number| **number / BLOCK == block).count();
        let blocks: Vec<Block> = (0..5)
            .rev()
            .map(|number| Block {
                number,
                live: count(number) as i64,
            })
            .collect();
        for offset in 0..numbers.len() {
            let (before, skip) = locate(&blocks, offset as u64).unwrap();
            let mut below = numbers.iter().filter(|number| **number < before);
            assert!(skip < BLOCK);
            assert_eq!(below.nth(skip as usize), Some(&numbers[offset]), "{offset}");
        }
        assert_eq!(locate(&blocks, numbers.len() as u64), None);
        assert_eq!(locate(&blocks, u64::MAX), None);
    }

    /// T06
    #[test]
    fn pages_and_limits_out_of_range_are_taken_for_the_nearest() {
        let of = |page, limit| UserQuery {
            q: String::new(),
            page,
            limit,
        };
        assert_eq!((of(0, 0).offset(), of(0, 0).limit()), (0, 1));
        assert_eq!((of(3, u16::MAX).offset(), of(3, u16::MAX).limit()), (200, 100));
        assert_eq!(of(u64::MAX, 100).offset(), u64::MAX);
    }
}
