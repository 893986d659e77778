//! Lists of tools on their way to the client, as JSON or as events: tools that the caller may not call are taken out.
//! It refuses to pass what it cannot read whole, and leaves every other byte as it is.

use bytes::{Bytes, BytesMut};
use serde_json::Value;

/// The longest message that is read: more than any list has, and than most results of a resumed stream.
pub const MAX_MESSAGE: usize = 4 * 1024 * 1024;

/// Why an answer is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlistable {
    /// Not JSON, or JSON with repeated members or nested too deep.
    #[error("the list of tools is not JSON with a single reading")]
    Json,
    /// Longer than [`MAX_MESSAGE`].
    #[error("a message is too long to be read")]
    TooLong,
}

/// How messages come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One body of JSON.
    Json,
    /// Events (WHATWG HTML §9.2), a message in the data of each.
    Events,
}

/// The filter of one answer.
#[derive(Debug)]
pub struct ToolLists {
    framing: Framing,
    /// What no decision could be taken of yet.
    held: BytesMut,
    /// Where in it the line begins that is not complete, and how far that was looked at.
    line: usize,
    seen: usize,
    /// The first line may begin with a byte order mark.
    begun: bool,
}

impl ToolLists {
    /// For an answer that begins.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            held: BytesMut::new(),
            line: 0,
            seen: 0,
            begun: false,
        }
    }

    /// Takes a part of the answer and gives back what may be sent on; at the `end` everything that is left.
    ///
    /// # Errors
    /// When a message can't be read: nothing of it may be sent on.
    pub fn feed(
        &mut self,
        part: &[u8],
        end: bool,
        may_call: &impl Fn(&str) -> bool,
    ) -> Result<Bytes, Unlistable> {
        self.held.extend_from_slice(part);
        let passed = match self.framing {
            Framing::Json => self.body(end, may_call)?,
            Framing::Events => self.events(end, may_call)?,
        };
        if self.held.len() > MAX_MESSAGE {
            return Err(Unlistable::TooLong);
        }
        Ok(passed)
    }

    fn body(&mut self, end: bool, may_call: &impl Fn(&str) -> bool) -> Result<Bytes, Unlistable> {
        if !end {
            return Ok(Bytes::new());
        }
        let body = self.held.split().freeze();
        Ok(shortened(&body, may_call)?.map_or(body, Bytes::from))
    }

    /// An event that the end cuts off is none (WHATWG HTML §9.2.6), so it is not sent.
    fn events(&mut self, end: bool, may_call: &impl Fn(&str) -> bool) -> Result<Bytes, Unlistable> {
        let mut passed = BytesMut::new();
        while let Some(length) = self.next_event(end) {
            let event = self.held.split_to(length);
            (self.line, self.seen) = (0, 0);
            let text = match std::mem::replace(&mut self.begun, true) {
                true => &event[..],
                false => event.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&event),
            };
            match shortened_event(text, may_call)? {
                Some(short) => passed.extend_from_slice(&short),
                None => passed.extend_from_slice(&event),
            }
        }
        if end {
            self.held.clear();
        }
        Ok(passed.freeze())
    }

    /// The length of the first event with the empty line that ends it, once that is there.
    fn next_event(&mut self, end: bool) -> Option<usize> {
        while let Some((text, ending)) = first_line(&self.held[self.seen..], end) {
            let empty = self.seen + text == self.line;
            self.seen += text + ending;
            self.line = self.seen;
            if empty {
                return Some(self.line);
            }
        }
        // A carriage return at the very end is looked at again.
        let undecided = usize::from(self.held.last() == Some(&b'\r'));
        self.seen = self.line.max(self.held.len() - undecided);
        None
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Lengths of the first line and of what ends it: a line feed, a carriage return, or both.
fn first_line(bytes: &[u8], end: bool) -> Option<(usize, usize)> {
    let at = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    match (bytes[at], bytes.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some((at, 2)),
        // Whether a line feed belongs to it is not known yet.
        (b'\r', None) if !end => None,
        _ => Some((at, 1)),
    }
}

/// The event anew when its message has a list that is too long.
fn shortened_event(event: &[u8], may_call: &impl Fn(&str) -> bool) -> Result<Option<Vec<u8>>, Unlistable> {
    let (mut data, mut others, mut rest) = (Vec::new(), Vec::new(), event);
    while let Some((text, ending)) = first_line(rest, true) {
        let (line, after) = (&rest[..text], &rest[text + ending..]);
        match data_of(line) {
            Some(value) => {
                data.extend_from_slice(value);
                data.push(b'\n');
            }
            None if line.is_empty() => {}
            None => {
                others.extend_from_slice(line);
                others.push(b'\n');
            }
        }
        rest = after;
    }
    let Some(short) = shortened(data.trim_ascii(), may_call)? else {
        return Ok(None);
    };
    others.extend_from_slice(b"data: ");
    others.extend_from_slice(&short);
    others.extend_from_slice(b"\n\n");
    Ok(Some(others))
}

/// The value of a line `data`, with or without a value.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"data")?;
    if rest.is_empty() {
        return Some(rest);
    }
    let value = rest.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

/// The message, or the array of messages, without the tools that may not be called; nothing when it stays as it is.
fn shortened(body: &[u8], may_call: &impl Fn(&str) -> bool) -> Result<Option<Vec<u8>>, Unlistable> {
    // Nearly no message has such a list, and what has none is not read any further. An escaped letter hides the word.
    if body.is_empty() || !(contains(body, b"tools") || contains(body, b"\\u")) {
        return Ok(None);
    }
    let mut message = jose::parse_strict(body).ok_or(Unlistable::Json)?;
    let mut changed = false;
    match &mut message {
        Value::Array(messages) => {
            for message in messages {
                changed |= shorten(message, may_call);
            }
        }
        message => changed = shorten(message, may_call),
    }
    Ok(changed.then(|| message.to_string().into_bytes()))
}

fn shorten(message: &mut Value, may_call: &impl Fn(&str) -> bool) -> bool {
    let Some(Value::Array(tools)) = message.pointer_mut("/result/tools") else {
        return false;
    };
    let before = tools.len();
    tools.retain(|tool| tool.get("name").and_then(Value::as_str).is_none_or(may_call));
    tools.len() != before
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"read"},{"name":"delete"}]}}"#;
    const SHORT: &str = r#"{"id":1,"jsonrpc":"2.0","result":{"tools":[{"name":"read"}]}}"#;

    fn may(name: &str) -> bool {
        name != "delete"
    }

    fn fed(framing: Framing, parts: &[&str]) -> Result<String, Unlistable> {
        let mut filter = ToolLists::new(framing);
        let mut all = Vec::new();
        for part in parts {
            all.extend_from_slice(&filter.feed(part.as_bytes(), false, &may)?);
        }
        all.extend_from_slice(&filter.feed(b"", true, &may)?);
        Ok(String::from_utf8(all).unwrap())
    }

    fn same(text: &str, expected: &str) -> bool {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        read(text) == read(expected)
    }

    #[test]
    fn tools_that_may_not_be_called_are_taken_out() {
        assert!(same(&fed(Framing::Json, &[LIST]).unwrap(), SHORT));
        assert!(same(
            &fed(Framing::Json, &[&LIST[..30], &LIST[30..]]).unwrap(),
            SHORT
        ));
        let batch = format!("[{LIST},{LIST}]");
        let expected = format!("[{SHORT},{SHORT}]");
        assert!(same(&fed(Framing::Json, &[&batch]).unwrap(), &expected));
        let hidden = LIST.replace("tools", "t\\u006fols");
        assert!(same(&fed(Framing::Json, &[&hidden]).unwrap(), SHORT));
    }

    #[test]
    fn what_has_nothing_to_take_out_stays_byte_for_byte() {
        let open = LIST.replace("delete", "write").replace(':', " : ");
        let result = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"tools"}], "n": 1e400}}"#;
        for body in [&open, "", r#"{"result" : 1.0}"#] {
            assert_eq!(fed(Framing::Json, &[body]).unwrap(), *body);
        }
        assert_eq!(fed(Framing::Json, &[result]), Err(Unlistable::Json), "no number");
    }

    #[test]
    fn events_are_shortened_each_for_itself() {
        let stream =
            format!("id: 1\nevent: message\ndata: {LIST}\n\n: ping\n\ndata: {{}}\r\n\r\ndata:{LIST}\r\r");
        let passed = fed(Framing::Events, &[&stream]).unwrap();
        assert!(!passed.contains("delete"), "{passed}");
        assert!(passed.starts_with("id: 1\nevent: message\ndata: {"), "{passed}");
        assert!(passed.contains("\n\n: ping\n\ndata: {}\r\n\r\n"), "{passed}");
        assert_eq!(passed.matches("read").count(), 2, "{passed}");
    }

    #[test]
    fn a_message_in_several_lines_or_behind_a_mark_is_read_as_the_client_reads_it() {
        let (head, tail) = LIST.split_at(LIST.find("[{").unwrap());
        for stream in [
            format!("data: {head}\ndata: {tail}\n\n"),
            format!("data:{head}\r\ndata\r\ndata:  {tail}\r\n\r\n"),
            format!("\u{feff}data: {LIST}\n\n"),
        ] {
            let passed = fed(Framing::Events, &[&stream]).unwrap();
            assert!(passed.contains("read") && !passed.contains("delete"), "{passed}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_passed() {
        let twice = LIST.replace("\"id\":1", "\"result\":{\"tools\":[{\"name\":\"delete\"}]}");
        for body in ["{\"tools\"", &twice] {
            assert_eq!(fed(Framing::Json, &[body]), Err(Unlistable::Json), "{body}");
            let event = format!("data: {body}\n\n");
            assert_eq!(fed(Framing::Events, &[&event]), Err(Unlistable::Json), "{body}");
        }
        let cut = format!("data: {LIST}\n");
        assert_eq!(
            fed(Framing::Events, &[&cut]).unwrap(),
            "",
            "no event without its end"
        );
        let long = "x".repeat(MAX_MESSAGE + 1);
        for framing in [Framing::Json, Framing::Events] {
            assert_eq!(fed(framing, &[&long]), Err(Unlistable::TooLong));
        }
    }

    proptest! {
        #[test]
        fn however_a_stream_is_cut_it_says_the_same(cuts in proptest::collection::vec(0_usize..300, 0..6), ending in 0_usize..3) {
            let end = ["\n", "\r\n", "\r"][ending];
            let stream = format!("id: 7{end}data: {LIST}{end}{end}: a{end}{end}data: {{\"x\":1}}{end}{end}");
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut % stream.len()).collect();
            cuts.sort_unstable();
            let (mut parts, mut from) = (Vec::new(), 0);
            for cut in cuts {
                parts.push(&stream[from..cut]);
                from = cut;
            }
            parts.push(&stream[from..]);
            prop_assert_eq!(fed(Framing::Events, &parts), fed(Framing::Events, &[&stream]));
        }

        #[test]
        fn objects_without_lists_pass_as_they_are(word in "[a-z]{0,12}", number: i32) {
            let body = json!({"result": {word: number, "tool": [number]}}).to_string();
            prop_assert_eq!(fed(Framing::Json, &[&body]).unwrap(), body);
        }
    }
}
