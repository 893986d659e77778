//! Questions about many bytes, put so that the compiler asks them of sixteen at once: no answer stops the loop inside a chunk.
//! They refuse no byte themselves.

const CHUNK: usize = 16;

/// Where the first byte of a kind is.
pub fn position(bytes: &[u8], wanted: impl Fn(u8) -> bool + Copy) -> Option<usize> {
    let without = bytes
        .chunks_exact(CHUNK)
        .take_while(|chunk| !has(chunk, wanted))
        .count();
    let start = without * CHUNK;
    let rest = bytes.get(start..)?;
    let found = rest.iter().position(|byte| wanted(*byte))?;
    Some(start + found)
}

/// Whether a byte of a kind is among them.
pub fn has(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(false, |found, byte| found | wanted(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_is_found_where_it_is(bytes in proptest::collection::vec(0_u8..6, 0..80)) {
            let plain = bytes.iter().position(|byte| *byte == 5);
            prop_assert_eq!(position(&bytes, |byte| byte == 5), plain);
            prop_assert_eq!(has(&bytes, |byte| byte == 5), plain.is_some());
        }
    }
}
