//! Pages of the account area, in states that look different.

use authz_server::pages::view::account::{
    AccountFrame, AccountPage, Choice, Done, Fact, FormPart, Part, PicturePart, Row, RowAct, Rows, Section,
};
use authz_server::pages::view::{Button, Input, Person};

use crate::sample::{HOSTILE, Sample, form, hostile_person, layout, person, sample};

pub fn all() -> Vec<Sample> {
    let mut leaving = page(
        Section::Overview,
        "page-account",
        person(),
        vec![facts("ada@example.org")],
    );
    leaving.frame.deletion = Some(("5 December 2026, 08:00 UTC".into(), form("/account/keep")));
    let mut saved = page(
        Section::Profile,
        "page-account-profile",
        person(),
        vec![profile("Ada", None), picture(None)],
    );
    saved.frame.done = Some(Done {
        words: "Your profile was saved.",
        is_good: true,
    });
    vec![
        sample("account-overview", "page-account", &leaving),
        sample(
            "account-picture-refused",
            "page-account-profile",
            &page(
                Section::Profile,
                "page-account-profile",
                hostile_person(),
                vec![profile("Ada", None), picture(Some(HOSTILE))],
            ),
        ),
        sample("account-profile", "page-account-profile", &saved),
        sample(
            "account-profile-refused",
            "page-account-profile",
            &page(
                Section::Profile,
                "page-account-profile",
                person(),
                vec![profile("b\u{7}b", Some("This user name is taken."))],
            ),
        ),
        sample(
            "account-sessions",
            "page-account-sessions",
            &page(
                Section::Sessions,
                "page-account-sessions",
                person(),
                vec![rows("Firefox on Linux"), end_all()],
            ),
        ),
        sample(
            "account-hostile",
            "page-account-applications",
            &page(
                Section::Applications,
                "page-account-applications",
                hostile_person(),
                vec![facts(HOSTILE), rows(HOSTILE), profile(HOSTILE, Some(HOSTILE))],
            ),
        ),
    ]
}

fn page(section: Section, id: &'static str, person: Person, parts: Vec<Part>) -> AccountPage {
    AccountPage {
        layout: layout("Lighthouse"),
        frame: AccountFrame {
            section,
            person,
            done: None,
            deletion: None,
        },
        page: id,
        title: section.title(),
        above: None,
        lead: vec!["What this page is for, in one sentence.".into()],
        parts,
    }
}

fn facts(email: &str) -> Part {
    Part::Facts(vec![
        Fact {
            name: "E-mail",
            value: email.into(),
            badge: Some("Not confirmed"),
            link: Some(("Confirm it", "/verify-email")),
        },
        Fact {
            name: "Member since",
            value: "21 November 2026".into(),
            ..Fact::default()
        },
    ])
}

fn rows(title: &str) -> Part {
    let row = |badge, act| Row {
        title: title.into(),
        figure: None,
        badge,
        lines: vec![
            "From 192.0.2.1, last used 21 November 2026, 09:00 UTC".into(),
            title.into(),
        ],
        items: vec![title.into()],
        act,
        link: Some(("Replace", "/account/keys/replace?key=tok_1".to_owned())),
    };
    let act = RowAct {
        form: form("/account/sessions"),
        field: ("session", title.into()),
        label: "Sign out",
    };
    Part::Rows(Rows {
        id: "rows",
        empty: "",
        rows: vec![row(Some("This browser"), None), row(None, Some(act))],
    })
}

fn end_all() -> Part {
    let danger = Button {
        look: "danger",
        ..Button::primary("end-all", "all", "Sign out everywhere, here too")
    };
    let part = FormPart::new("end", "Sign out elsewhere", form("/account/sessions"))
        .lead("Applications that may act while you are away keep their access.")
        .button(Button::quiet(
            "end-others",
            "others",
            "Sign out all other sessions",
        ));
    Part::Form(Box::new(part.button(danger)))
}

fn profile(name: &str, error: Option<&str>) -> Part {
    let mut part = FormPart::new("about-you", "About you", form("/account/profile"))
        .lead("Everything may stay empty.")
        .input(Input {
            id: "username",
            label: "User name".into(),
            kind: "text",
            value: name.into(),
            autocomplete: "username",
            hint: "You can sign in with it.".into(),
            error: error.map(Into::into),
            optional: true,
            ..Input::default()
        })
        .button(Button::primary("profile-submit", "save", "Save"));
    part.choice = Some(Choice {
        id: "zoneinfo",
        label: "Time zone",
        value: "Europe/London".into(),
        values: Choice::plain(["Europe/Berlin", "Europe/London"]),
        ..Choice::default()
    });
    Part::Form(Box::new(part))
}

fn picture(error: Option<&str>) -> Part {
    Part::Picture(Box::new(PicturePart {
        shown: Some("/avatars/ava_00000000000000000000000000".into()),
        error: error.map(str::to_owned),
        upload: form("/account/profile/picture"),
        removal: form("/account/profile/picture/remove"),
    }))
}
