//! Pages of the administrators' console, in states that look different.

use authz_server::pages::view::admin::{
    Act, AdminPage, Block, Cell, Fact, Field, Look, Note, Options, Pager, Part, Search, Section, Select,
    Table, TickLine, Ticks, Tile,
};
use authz_server::pages::view::{Button, Input};

use crate::sample::{HOSTILE, Sample, form, hostile_person, layout, person, sample};

pub fn all() -> Vec<Sample> {
    let mut user = page(
        Section::Users,
        "page-admin-user",
        "Ada Lovelace",
        one_user("Ada Lovelace"),
    );
    user.badges = vec!["Administrator", "Locked"];
    user.above = Some(("All users", "/admin/users".into()));
    user.done = Some("The account is open again.");
    let mut hostile = page(Section::Users, "page-admin-user", HOSTILE, one_user(HOSTILE));
    hostile.person = hostile_person();
    vec![
        sample(
            "admin-overview",
            "page-admin",
            &page(Section::Overview, "page-admin", "Overview", overview()),
        ),
        sample(
            "admin-users",
            "page-admin-users",
            &page(Section::Users, "page-admin-users", "Users", users("ada", 12)),
        ),
        sample(
            "admin-users-empty",
            "page-admin-users",
            &page(Section::Users, "page-admin-users", "Users", users(HOSTILE, 0)),
        ),
        sample("admin-user", "page-admin-user", &user),
        sample("admin-user-hostile", "page-admin-user", &hostile),
        sample(
            "admin-confirm",
            "page-admin-user-deed",
            &page(
                Section::Users,
                "page-admin-user-deed",
                "Disable: Ada Lovelace",
                vec![confirm(None)],
            ),
        ),
        sample(
            "admin-confirm-refused",
            "page-admin-user-deed",
            &page(
                Section::Users,
                "page-admin-user-deed",
                "Disable: Ada Lovelace",
                vec![confirm(Some("This is not your password."))],
            ),
        ),
        sample(
            "admin-client-refused",
            "page-admin-client-new",
            &page(
                Section::Clients,
                "page-admin-client-new",
                "Make a client",
                vec![client()],
            ),
        ),
        sample(
            "admin-audit-event",
            "page-admin-audit-event",
            &page(Section::Audit, "page-admin-audit-event", "user.disabled", event()),
        ),
    ]
}

fn page(section: Section, page: &'static str, title: &str, parts: Vec<Part>) -> AdminPage {
    AdminPage {
        layout: layout("Lighthouse"),
        section,
        person: person(),
        page,
        title: title.into(),
        badges: Vec::new(),
        above: None,
        done: None,
        lead: Vec::new(),
        parts,
    }
}

fn overview() -> Vec<Part> {
    let tile = |id, figure: &str, words| Tile {
        id,
        figure: figure.into(),
        words,
        href: Some("/admin/users"),
    };
    let note = |look, about: &str, what: &str, mend: Option<&str>| Note {
        look,
        about: about.into(),
        what: what.into(),
        mend: mend.map(Into::into),
    };
    vec![
        Part::Tiles(vec![
            tile("tile-users", "48213", "users"),
            tile("tile-sessions", "10000+", "live sessions"),
            tile("tile-clients", "17", "clients"),
            tile("tile-keys", "312", "API keys"),
        ]),
        Part::Heading("state", "State of the server".into()),
        Part::Notes(vec![
            note(
                Look::Good,
                "Signing keys",
                "4 sign, 0 are published ahead, 4 only verify.",
                None,
            ),
            note(
                Look::Doubtful,
                "Proxies",
                "2 poll the revocation log, at most 0 revocations behind; 1 have fallen silent.",
                Some("Fine when they were stopped; else see whether they reach this server."),
            ),
            note(
                Look::Bad,
                "mail.send",
                "was given up 21 November 2026, 08:00 UTC: connection refused",
                Some("Mend the cause (for mail: [mail.smtp]); what was given up is not tried again."),
            ),
        ]),
    ]
}

fn users(q: &str, count: usize) -> Vec<Part> {
    let row = |n: usize| {
        vec![
            Cell::link("Ada Lovelace", "/admin/users/usr_1")
                .line("@ada")
                .badge(n.is_multiple_of(3).then_some("Disabled")),
            Cell::text(format!("ada.lovelace.the.{n}th@analytical-engines.example.org"))
                .badge(n.is_multiple_of(4).then_some("Not confirmed")),
            Cell::short("21 November 2026"),
        ]
    };
    vec![
        Part::Search(Search {
            action: "/admin/users".into(),
            label: "Find an account",
            hint: "The beginning of a word of the address, the user name or the name; or an id.",
            q: q.into(),
            selects: vec![Select {
                id: "state",
                label: "State",
                values: vec![("", "All"), ("disabled", "Disabled")],
                value: "disabled".into(),
            }],
            more: Vec::new(),
        }),
        Part::Table(Table {
            id: "users",
            caption: "Accounts",
            heads: vec!["Account", "E-mail", "Since"],
            rows: (0..count).map(row).collect(),
            empty: format!("No account is found by “{q}”. Try fewer letters, or another state."),
        }),
        Part::Pager(Pager {
            words: "1 to 12 of 4711".into(),
            newer: None,
            older: Some("/admin/users?q=ada&page=2".into()),
        }),
    ]
}

fn one_user(name: &str) -> Vec<Part> {
    let act = |id, words, is_grave| Act {
        id,
        words,
        href: "/admin/users/usr_1/disable".into(),
        is_grave,
    };
    let fact = |name, value| Fact { name, value };
    let mut sessions = users(name, 0);
    sessions.truncate(2);
    let table = sessions.pop();
    vec![
        Part::Acts(vec![
            act("user-unlock", "Unlock", false),
            act("user-reset-password", "Send password link", false),
            act("user-end-sessions", "End all sessions", false),
            act("user-disable", "Disable", true),
            act("user-delete", "Delete", true),
        ]),
        Part::Facts(vec![
            fact("Id", Cell::code("usr_06FMEX1RRSNR9GCPSJ48EV0SCR")),
            fact("Name", Cell::text(name)),
            fact(
                "E-mail",
                Cell::text("ada@example.org").badge(Some("Not confirmed")),
            ),
            fact(
                "Linked accounts",
                Cell::text("ada at github").line("ada.l at google"),
            ),
        ]),
        Part::Heading("sessions-heading", "Sessions (0)".into()),
    ]
    .into_iter()
    .chain(table)
    .collect()
}

fn confirm(error: Option<&str>) -> Part {
    let mut block = Block::new("confirm", "Please confirm", form("/admin/users/usr_1/disable"))
        .lead("ada@example.org (usr_06FMEX1RRSNR9GCPSJ48EV0SCR)")
        .lead("Every session, key and token ends at once, and nobody can sign in until the account is enabled again.")
        .field(Field::Text(Input {
            id: "current-password",
            label: "Your password".into(),
            kind: "password",
            autocomplete: "current-password",
            ..Input::default()
        }))
        .button(Button {
            look: "danger",
            ..Button::primary("confirm-submit", "go", "Disable")
        });
    block.back = Some("/admin/users/usr_1".into());
    if let Some(words) = error {
        block.complain("current-password", words);
    }
    Part::Form(Box::new(block))
}

fn client() -> Part {
    let input = |id, label: &str, value: &str| Input {
        id,
        label: label.into(),
        kind: "text",
        value: value.into(),
        autocomplete: "off",
        hint: "Separated by spaces.".into(),
        ..Input::default()
    };
    let mut block = Block::new("new-client", "What it is", form("/admin/clients-new"))
        .field(Field::Text(input("client-id", "Id", "fieldnotes")))
        .field(Field::Options(Options {
            id: "auth-method",
            label: "Proves itself with",
            hint: "",
            values: vec![("client_secret_basic", "A secret, in the header (confidential)")],
            value: "client_secret_basic".into(),
            error: None,
        }))
        .field(Field::Area(input("redirect-uris", "Leads back to", HOSTILE)))
        .field(Field::Ticks(Ticks {
            id: "grants",
            label: "What it may use",
            lines: vec![
                TickLine {
                    id: "grant-code",
                    words: "People sign in with it (authorization code)",
                    checked: true,
                },
                TickLine {
                    id: "grant-credentials",
                    words: "It acts for itself (client credentials)",
                    checked: false,
                },
            ],
            error: None,
        }))
        .field(Field::Text(input("scopes", "Scopes", "openid unheard-of")))
        .button(Button::primary("client-create", "create", "Make the client"));
    block.complain("redirect-uris", "Redirect URI: it is not a URL.");
    block.complain("scopes", "The scope \"unheard-of\" is not declared.");
    Part::Form(Box::new(block))
}

fn event() -> Vec<Part> {
    let fact = |name, value| Fact { name, value };
    vec![
        Part::Facts(vec![
            fact("Id", Cell::code("aud_06FMEX1RRSNR9GCPSJ48EV0SCR")),
            fact("By", Cell::text("user usr_06FMEX1RRSNR9GCPSJ48EV0SCR")),
        ]),
        Part::Heading("detail-heading", "In detail".into()),
        Part::Code("detail", format!("{{\n  \"name\": \"{HOSTILE}\"\n}}")),
    ]
}
