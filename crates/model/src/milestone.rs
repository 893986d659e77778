//! Introductions that people are led through once.
//! Refuses to be undone: what was reached stays reached.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Milestone {
    Onboarding,
    Tour,
}

impl Milestone {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Onboarding => "onboarding",
            Self::Tour => "tour",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Onboarding, Self::Tour]
            .into_iter()
            .find(|milestone| milestone.as_str() == text)
    }
}
