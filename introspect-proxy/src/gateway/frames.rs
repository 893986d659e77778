//! Follows what is written to a WebSocket client, to know where one frame ends and the next may begin.
//! It refuses to read content: only lengths are looked at.

/// RFC 6455 §7.4.1 and the registry it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// 1001
    GoingAway,
    /// 1008
    PolicyViolation,
    /// 1013
    TryAgainLater,
}

impl CloseCode {
    /// An unmasked Close frame with this code and a short reason.
    #[must_use]
    pub fn frame(self, reason: &'static str) -> Vec<u8> {
        let code: u16 = match self {
            Self::GoingAway => 1001,
            Self::PolicyViolation => 1008,
            Self::TryAgainLater => 1013,
        };
        // RFC 6455 §5.5: at most 125 bytes.
        let reason = &reason.as_bytes()[..reason.len().min(123)];
        let length = u8::try_from(reason.len() + 2).unwrap_or(2);
        let mut frame = vec![0x88, length];
        frame.extend_from_slice(&code.to_be_bytes());
        frame.extend_from_slice(reason);
        frame
    }
}

/// Where the bytes written so far end.
#[derive(Debug, Default)]
pub struct Frames {
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// In the response head: its first bytes, and how much of its end was seen.
    Head { start: Vec<u8>, end: usize },
    /// In the head of a frame, or before it.
    FrameHead(Vec<u8>),
    /// So much of a frame is missing.
    Payload(u64),
    /// A Close frame was sent, or this never became a WebSocket.
    Over,
}

const SWITCHED: &[u8] = b"HTTP/1.1 101";
const END: &[u8] = b"\r\n\r\n";
const CLOSE: u8 = 8;

impl Default for Place {
    fn default() -> Self {
        Self::Head {
            start: Vec::new(),
            end: 0,
        }
    }
}

impl Frames {
    /// Follows bytes that were written.
    pub fn wrote(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match &mut self.place {
                Place::Head { .. } => self.head(bytes),
                Place::FrameHead(_) => self.frame_head(bytes),
                Place::Payload(missing) => {
                    let length = bytes.len() as u64;
                    let passed = (*missing).min(length);
                    *missing -= passed;
                    if *missing == 0 {
                        self.place = Place::FrameHead(Vec::new());
                    }
                    // No more than there are.
                    &bytes[usize::try_from(passed).unwrap_or(bytes.len())..]
                }
                Place::Over => return,
            };
        }
    }

    /// Whether a frame of our own may come next.
    #[must_use]
    pub fn at_boundary(&self) -> bool {
        matches!(&self.place, Place::FrameHead(head) if head.is_empty())
    }

    fn head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Place::Head { start, end } = &mut self.place else {
            return bytes;
        };
        for (at, byte) in bytes.iter().enumerate() {
            if start.len() < SWITCHED.len() {
                start.push(*byte);
            }
            *end = match *byte {
                byte if byte == END[*end] => *end + 1,
                b'\r' => 1,
                _ => 0,
            };
            if *end == END.len() {
                self.place = if start == SWITCHED {
                    Place::FrameHead(Vec::new())
                } else {
                    Place::Over
                };
                return &bytes[at + 1..];
            }
        }
        &[]
    }

    fn frame_head<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Place::FrameHead(head) = &mut self.place else {
            return bytes;
        };
        head.push(bytes[0]);
        if let Some((opcode, payload)) = parsed(head) {
            self.place = match (opcode, payload) {
                (CLOSE, _) => Place::Over,
                (_, 0) => Place::FrameHead(Vec::new()),
                (_, payload) => Place::Payload(payload),
            };
        }
        &bytes[1..]
    }
}

/// RFC 6455 §5.2: opcode and length of what follows, once the head is whole.
fn parsed(head: &[u8]) -> Option<(u8, u64)> {
    let (first, second) = (*head.first()?, *head.get(1)?);
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (extended, short) = match second & 0x7f {
        126 => (2, 0),
        127 => (8, 0),
        short => (0, u64::from(short)),
    };
    if head.len() < 2 + extended + mask {
        return None;
    }
    let length = head[2..2 + extended]
        .iter()
        .fold(short, |length, byte| (length << 8) | u64::from(*byte));
    Some((first & 0x0f, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

    fn frame(opcode: u8, length: usize) -> Vec<u8> {
        let mut frame = vec![0x80 | opcode];
        match length {
            0..=125 => frame.push(u8::try_from(length).unwrap()),
            126..=65535 => {
                frame.push(126);
                frame.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(127);
                frame.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        frame.resize(frame.len() + length, b'\r');
        frame
    }

    proptest! {
        #[test]
        fn boundaries_are_found_however_the_bytes_are_cut(
            lengths in prop::collection::vec(prop_oneof![0..300_usize, 65_000..66_000_usize], 0..6),
            step in 1..5000_usize,
        ) {
            let mut frames = Frames::default();
            let mut written = HEAD.to_vec();
            let mut boundaries = vec![written.len()];
            for length in lengths {
                written.extend(frame(2, length));
                boundaries.push(written.len());
            }
            let mut at = 0;
            for piece in written.chunks(step) {
                frames.wrote(piece);
                at += piece.len();
                prop_assert_eq!(frames.at_boundary(), boundaries.contains(&at), "at {}", at);
            }
        }
    }

    #[test]
    fn nothing_follows_a_close_frame_or_another_answer() {
        let mut frames = Frames::default();
        frames.wrote(HEAD);
        frames.wrote(&CloseCode::GoingAway.frame("bye"));
        assert!(!frames.at_boundary());
        let mut frames = Frames::default();
        frames.wrote(b"HTTP/1.1 200 OK\r\n\r\n");
        assert!(!frames.at_boundary());
    }

    #[test]
    fn a_close_frame_carries_code_and_reason() {
        assert_eq!(
            CloseCode::PolicyViolation.frame("no"),
            [0x88, 4, 0x03, 0xf0, b'n', b'o']
        );
    }
}
