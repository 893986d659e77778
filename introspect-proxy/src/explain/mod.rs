//! Why a request was refused, or would have been: kept for a while, and told to operators.
//! It refuses to keep tokens and queries, and to cost anything on requests that pass.

mod caution;
mod change;
mod claimed;
mod detail;
mod entitled;
mod forecast;
mod masked;
mod memory;
mod moment;
mod observations;
mod record;
mod text;
mod top;
mod walk;

pub use caution::cautions;
pub use change::{Change, smallest};
pub use claimed::claimed;
pub use detail::{Demand, Detail, Listing};
pub use entitled::Entitled;
pub use forecast::{Forecast, Imagined};
pub use masked::{mask, shape};
pub use memory::{Decisions, Wanted};
pub use moment::rfc3339;
pub use observations::{Observations, Report, RouteReport};
pub use record::{Record, Sighting, note};
pub use text::{demands, tell};
pub use top::{Counted, Top};
pub use walk::{Near, Step, near, walk};
