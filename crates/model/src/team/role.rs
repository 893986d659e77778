//! What somebody is in an account.
//! Refuses to say what a role may do: its policy document does.

/// From most to least; `member` and `billing` are beside each other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TeamRole {
    /// May do everything; the root user is one for ever.
    Owner,
    Admin,
    Member,
    Billing,
    Viewer,
}

impl TeamRole {
    pub const ALL: [Self; 5] = [
        Self::Owner,
        Self::Admin,
        Self::Member,
        Self::Billing,
        Self::Viewer,
    ];

    /// Those that an invitation can give: owners are made of members.
    pub const INVITED: [Self; 4] = [Self::Admin, Self::Member, Self::Billing, Self::Viewer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Billing => "billing",
            Self::Viewer => "viewer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether whoever has this role may give or take the other one (T03).
    pub fn covers(self, other: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => other != Self::Owner,
            Self::Member | Self::Billing => other == self || other == Self::Viewer,
            Self::Viewer => other == Self::Viewer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_reads_back_and_no_other_word_does() {
        for role in TeamRole::ALL {
            assert_eq!(TeamRole::parse(role.as_str()), Some(role));
        }
        for word in ["", "Owner", "root", "emperor", " admin"] {
            assert_eq!(TeamRole::parse(word), None, "{word}");
        }
    }

    /// T03: nobody gives what they don't have themselves, however many hands it passes through.
    #[test]
    fn covering_is_an_order() {
        for a in TeamRole::ALL {
            assert!(a.covers(a), "{a:?} covers itself");
            for b in TeamRole::ALL {
                let both = a.covers(b) && b.covers(a);
                assert_eq!(both, a == b, "{a:?} and {b:?} cover each other");
                for c in TeamRole::ALL {
                    assert!(!(a.covers(b) && b.covers(c)) || a.covers(c), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    #[test]
    fn only_owners_make_owners() {
        let makers = TeamRole::ALL
            .into_iter()
            .filter(|role| role.covers(TeamRole::Owner));
        assert_eq!(makers.collect::<Vec<_>>(), [TeamRole::Owner]);
        assert!(!TeamRole::INVITED.contains(&TeamRole::Owner));
    }
}
