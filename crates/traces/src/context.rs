//! `traceparent` (W3C Trace Context, level 1).
//! It refuses other lengths, letters in upper case, and identifiers of zeros.

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// Reads a value.
#[must_use]
pub fn parse(value: &str) -> Option<SpanContext> {
    let mut parts = value.split('-');
    let version = hexadecimal(parts.next()?, 2)?;
    let trace = TraceId::from_hex(hexadecimal(parts.next()?, 32)?).ok()?;
    let span = SpanId::from_hex(hexadecimal(parts.next()?, 16)?).ok()?;
    let flags = u8::from_str_radix(hexadecimal(parts.next()?, 2)?, 16).ok()?;
    // §3.2.2.1: later versions may have more parts, this one has not.
    if version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let flags = TraceFlags::new(flags) & TraceFlags::SAMPLED;
    let context = SpanContext::new(trace, span, flags, true, TraceState::NONE);
    context.is_valid().then_some(context)
}

fn hexadecimal(text: &str, length: usize) -> Option<&str> {
    let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (text.len() == length && digits).then_some(text)
}

/// Writes a value.
#[must_use]
pub fn write(context: &SpanContext) -> String {
    let flags = u8::from(context.is_sampled());
    format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_value_reads_as_it_was_written() {
        let context = parse(GOOD).unwrap();
        assert_eq!(write(&context), GOOD);
        assert!(context.is_remote() && context.is_sampled());
        assert!(!parse(&GOOD.replace("-01", "-00")).unwrap().is_sampled());
    }

    #[test]
    fn broken_values_are_none() {
        for bad in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-+1",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}
