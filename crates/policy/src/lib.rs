#![doc = include_str!("../README.md")]

mod condition;
mod context;
mod document;
mod effect;
mod evaluate;
mod exceed;
mod explain;
mod grammar;
mod json;
mod key;
mod lint;
mod managed;
mod pattern;
mod statement;
mod steady;

pub use context::Context;
pub use document::Document;
pub use effect::{Decision, Effect};
pub use evaluate::{Evaluation, Request, Source, StatementRef, evaluate};
pub use exceed::{Excess, ExcessReason, exceeds};
pub use explain::{Explanation, NearMiss};
pub use grammar::{GrammarError, MAX_DEPTH, MAX_DOCUMENT_BYTES};
pub use key::{KEYS, KeyFact, RESERVED_PREFIXES, known_key, may_be_told};
pub use lint::{Lint, LintKind};
pub use managed::{Managed, READING, Service, managed};
