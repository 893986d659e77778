//! What a JSON-RPC body asks of tools (MCP, "Streamable HTTP"): one message, or an array of them.
//! It refuses repeated members, members that only case tells from those that count, and anything it can't read whole.

use serde_json::{Map, Value};

/// The longest body that is read: what the connection can hand on unchanged afterwards.
pub const MAX_BYTES: usize = 64 * 1024;

/// The most messages of one body.
const MAX_MESSAGES: usize = 64;

/// The members by which it is decided what a message calls.
const DECIDING: [&str; 3] = ["method", "params", "name"];

/// Why a body is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or JSON with repeated members or nested too deep.
    #[error("the body is not JSON with a single reading")]
    Json,
    /// JSON, but not a message or an array of messages.
    #[error("the body is not a JSON-RPC message")]
    Message,
    /// A tool call without the tool's name.
    #[error("the call names no tool")]
    Tool,
    /// More messages than anyone needs.
    #[error("the body has too many messages")]
    TooMany,
}

/// What a body asks of tools.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The names of those that are called.
    pub tools: Vec<String>,
    /// Whether it asks which there are.
    pub lists: bool,
}

/// What a body asks of tools; nothing, mostly.
///
/// # Errors
/// When the body could be read differently by whoever gets it.
pub fn read_call(body: &[u8]) -> Result<Asked, Unreadable> {
    let mut asked = Asked::default();
    match jose::parse_strict(body).ok_or(Unreadable::Json)? {
        Value::Object(message) => asked.add(&message)?,
        Value::Array(messages) if messages.len() > MAX_MESSAGES => return Err(Unreadable::TooMany),
        Value::Array(messages) => {
            for message in &messages {
                asked.add(message.as_object().ok_or(Unreadable::Message)?)?;
            }
        }
        _ => return Err(Unreadable::Message),
    }
    Ok(asked)
}

impl Asked {
    fn add(&mut self, message: &Map<String, Value>) -> Result<(), Unreadable> {
        exact(message)?;
        let method = match message.get("method") {
            // An answer to something the server asked.
            None => return Ok(()),
            Some(Value::String(method)) => method,
            Some(_) => return Err(Unreadable::Message),
        };
        if method == "tools/call" {
            self.tools.push(tool(message)?);
            return Ok(());
        }
        // A server that trims or folds would read a call where we read none.
        match method.trim().to_lowercase().as_str() {
            "tools/call" => return Err(Unreadable::Message),
            "tools/list" => self.lists = true,
            _ => {}
        }
        Ok(())
    }
}

/// The name of the tool that is called.
fn tool(message: &Map<String, Value>) -> Result<String, Unreadable> {
    let Some(Value::Object(params)) = message.get("params") else {
        return Err(Unreadable::Tool);
    };
    exact(params)?;
    match params.get("name") {
        Some(Value::String(name)) => Ok(name.clone()),
        _ => Err(Unreadable::Tool),
    }
}

/// Some parsers take `Method` for `method`: such a neighbour makes two readings.
fn exact(object: &Map<String, Value>) -> Result<(), Unreadable> {
    let disguised = |name: &String| {
        let folded = fold(name);
        DECIDING.contains(&folded.as_str()) && *name != folded
    };
    if object.keys().any(disguised) {
        Err(Unreadable::Json)
    } else {
        Ok(())
    }
}

/// Lower case as those parsers see it, which also take the long s and the Kelvin sign for letters.
fn fold(name: &str) -> String {
    let plain = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn tools(body: &str) -> Result<Vec<String>, Unreadable> {
        read_call(body.as_bytes()).map(|asked| asked.tools)
    }

    #[test]
    fn calls_are_found_alone_and_in_batches() {
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"name":"x"}}}"#;
        assert_eq!(tools(call), Ok(vec!["add".to_owned()]));
        let list = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#;
        let answer = r#"{"jsonrpc":"2.0","id":2,"result":{}}"#;
        for quiet in [list, answer, "[]"] {
            assert_eq!(tools(quiet), Ok(vec![]), "{quiet}");
        }
        assert_eq!(
            tools(&format!("[{list},{call},{answer},{call}]")),
            Ok(vec!["add".to_owned(); 2])
        );
        let escaped = call
            .replace("tools/call", "tools\\u002fcall")
            .replace("\"name\":\"add\"", "\"n\\u0061me\":\"add\"");
        assert_eq!(tools(&escaped), Ok(vec!["add".to_owned()]));
    }

    #[test]
    fn questions_for_the_list_are_seen() {
        let lists = |body: &str| read_call(body.as_bytes()).unwrap().lists;
        for body in [
            r#"{"id":2,"method":"tools/list"}"#,
            r#"[{"method":"ping"},{"method":"tools\u002flist","params":{"cursor":"2"}}]"#,
            r#"{"method":" Tools/List"}"#,
        ] {
            assert!(lists(body), "{body}");
        }
        assert!(!lists(
            r#"{"method":"tools/call","params":{"name":"tools/list"}}"#
        ));
        assert!(!lists(r#"{"id":2,"result":{}}"#));
    }

    #[test]
    fn bodies_with_two_readings_are_turned_away() {
        let nested = format!(
            r#"{{"method":"tools/call","params":{{"name":"a","arguments":{}{}}}}}"#,
            "[".repeat(60),
            "]".repeat(60)
        );
        for body in [
            r#"{"method":"tools/list","method":"tools/call","params":{"name":"a"}}"#,
            r#"{"method":"tools/call","params":{"name":"a","name":"b"}}"#,
            r#"{"method":"tools/call","params":{"name":"a"},"params":{"name":"b"}}"#,
            r#"{"method":"tools/call","params":{"name":"a","na\u006de":"b"}}"#,
            r#"{"method":"tools/list","Method":"tools/call","params":{"name":"a"}}"#,
            r#"{"method":"tools/call","params":{"name":"a","NAME":"b"}}"#,
            "{\"method\":\"tools/call\",\"params\":{\"name\":\"a\"},\"param\u{17f}\":{\"name\":\"b\"}}",
            r#"{"method":"tools/list"} {"method":"tools/call"}"#,
            "\u{feff}{\"method\":\"tools/list\"}",
            &nested,
            "",
            "{",
        ] {
            assert_eq!(tools(body), Err(Unreadable::Json), "{body}");
        }
    }

    #[test]
    fn what_is_no_message_is_turned_away() {
        for body in [
            "1",
            "null",
            "\"tools/call\"",
            "[[]]",
            "[1]",
            r#"{"method":1}"#,
            r#"{"method":"Tools/Call"}"#,
            r#"{"method":" tools/call"}"#,
        ] {
            assert_eq!(tools(body), Err(Unreadable::Message), "{body}");
        }
        for body in [
            r#"{"method":"tools/call"}"#,
            r#"{"method":"tools/call","params":["a"]}"#,
            r#"{"method":"tools/call","params":{"name":1}}"#,
        ] {
            assert_eq!(tools(body), Err(Unreadable::Tool), "{body}");
        }
        let many = json!(vec![json!({"method": "ping"}); 65]).to_string();
        assert_eq!(tools(&many), Err(Unreadable::TooMany));
    }

    proptest! {
        #[test]
        fn every_name_is_found_as_it_is(name in ".{0,40}", other in "[a-z/]{0,12}") {
            let call = json!({"method": "tools/call", "params": {"name": name, "arguments": {other: 1}}});
            prop_assert_eq!(tools(&call.to_string()), Ok(vec![name]));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_call(&bytes);
        }
    }
}
