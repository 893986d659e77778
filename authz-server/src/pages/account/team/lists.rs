//! What the team page lists: accounts, facts about the one that is shown, and its members.
//! Changes nothing.

use axum::response::Response;
use domain::oauth::authorize::SignedIn;
use model::team::{Member, Seat, TeamRole};

use super::seats::{Seats, seated};
use super::{SHOWN, TEAM, member};
use crate::http::fault;
use crate::pages::account::when::Clock;
use crate::pages::view::account::{Fact, Part, Row, Rows};
use crate::pages::visitor::Visitor;

pub(super) fn accounts(seats: &Seats) -> Part {
    let row = |seat: &Seat| {
        let is_current = seat.account.id == seats.current.account.id;
        let address = format!("{TEAM}?account={}", seat.account.id);
        Row {
            title: seat.account.title.clone(),
            badge: Some(seat.role.as_str()),
            lines: match is_current {
                true => vec![format!("{} · shown below", seat.account.id)],
                false => vec![seat.account.id.to_string()],
            },
            link: (!is_current).then_some(("Switch to it", address)),
            ..Row::default()
        }
    };
    Part::Rows(Rows {
        id: "accounts",
        empty: "You work in no account.",
        rows: seats.all.iter().map(row).collect(),
    })
}

pub(super) fn facts(seats: &Seats) -> Part {
    let account = &seats.current.account;
    let fact = |name, value: String| Fact {
        name,
        value,
        ..Fact::default()
    };
    let mut facts = vec![
        fact("Account", account.title.clone()),
        fact("Number", account.id.to_string()),
        fact("Your role", seats.current.role.as_str().to_owned()),
    ];
    if seats.total > SHOWN {
        facts.push(fact("Accounts not shown", (seats.total - SHOWN).to_string()));
    }
    Part::Facts(facts)
}

pub(super) async fn members(
    visitor: &Visitor,
    who: &SignedIn,
    (seats, clock): (&Seats, &Clock),
) -> Result<Part, Box<Response>> {
    let seat = seated(visitor, who, (seats, "team:ListMembers")).await?;
    let listed = visitor.state.authority.list_members(&seat, (SHOWN, 0)).await;
    let (members, total) = listed.map_err(|error| Box::new(fault(&error)))?;
    let mut rows: Vec<Row> = members
        .iter()
        .map(|member| member_row((seats, who), member, clock))
        .collect();
    if total > SHOWN {
        rows.push(Row {
            title: format!("and {} more", total - SHOWN),
            ..Row::default()
        });
    }
    Ok(Part::Rows(Rows {
        id: "members",
        empty: "Nobody works here.",
        rows,
    }))
}

fn member_row((seats, who): (&Seats, &SignedIn), member: &Member, clock: &Clock) -> Row {
    let membership = &member.membership;
    let is_root = membership.user_id == seats.current.account.root;
    let is_own = membership.user_id == who.user.id;
    let manages = matches!(seats.current.role, TeamRole::Owner | TeamRole::Admin)
        && seats.current.role.covers(membership.role);
    let address = seats.address(member::MEMBER) + "&id=" + &membership.id.to_string();
    let words = if is_own { "Leave" } else { "Change" };
    let since = format!("Since {}", clock.day(membership.created_at));
    Row {
        title: member.name.clone().unwrap_or_else(|| member.email.to_string()),
        badge: Some(membership.role.as_str()),
        lines: vec![member.email.to_string(), since],
        link: (!is_root && (is_own || manages)).then_some((words, address)),
        ..Row::default()
    }
}
