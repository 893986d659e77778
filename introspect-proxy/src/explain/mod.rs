//! Why a request was refused, or would have been: kept for a while, and told to operators.
//! It refuses to keep tokens and queries, and to cost anything on requests that pass.

mod change;
mod detail;
mod masked;
mod memory;
mod moment;
mod record;
mod text;
mod walk;

pub use change::{Change, smallest};
pub use detail::{Demand, Detail, Listing};
pub use masked::{mask, shape};
pub use memory::{Decisions, Wanted};
pub use moment::rfc3339;
pub use record::{Record, Sighting, note};
pub use text::{demands, tell};
pub use walk::{Near, Step, near, walk};
