//! Letters as their addressees read them: the text, the link to follow, the code to type.
//! Sends nothing and looks for nothing; whoever calls has the letter.

/// A link in a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The whole address.
    pub url: String,
    /// The path with the query.
    pub path: String,
    /// The secret it carries.
    pub token: String,
}

/// The text of a letter: quoted-printable undone. // RFC 2045 §6.7
pub fn plain(letter: &str) -> String {
    let joined = letter.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let coded = digits
            .filter(|_| first == b'=')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(coded.unwrap_or(first));
        rest = if coded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The link that leads to `page`.
pub fn link(letter: &str, page: &str) -> Option<Link> {
    let (before, rest) = letter.split_once(&format!("{page}?token="))?;
    let origin = &before[before.rfind("http")?..];
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let token: String = rest.chars().take_while(|c| is_part(*c)).collect();
    let path = format!("{page}?token={token}");
    Some(Link {
        url: format!("{origin}{path}"),
        path,
        token,
    })
}

/// The code of six digits that stands by itself.
pub fn six_digits(letter: &str) -> Option<&str> {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    letter.split_whitespace().find(is_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODED: &str = "See =E2=86=92 http://h.test:8/reset-password?tok=\r\nen=3Drst_aB1, or type 123456 .";

    #[test]
    fn a_coded_letter_is_read_as_its_addressee_reads_it() {
        let text = plain(CODED);
        assert!(text.starts_with("See → http"), "{text}");
        let found = link(&text, "/reset-password").unwrap();
        assert_eq!(found.url, "http://h.test:8/reset-password?token=rst_aB1");
        assert_eq!(found.path, "/reset-password?token=rst_aB1");
        assert_eq!(found.token, "rst_aB1");
        assert_eq!(link(&text, "/login/link"), None);
        assert_eq!(six_digits(&text), Some("123456"));
    }

    #[test]
    fn what_only_looks_coded_stays() {
        assert_eq!(plain("a = b, c=zz, d="), "a = b, c=zz, d=");
        assert_eq!(six_digits("1234567 12345 12345a"), None);
    }
}
