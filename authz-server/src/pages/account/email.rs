//! `/account/email`, `/account/password`: the address of the account, and its password.
//! Refuses to give a password back.

use axum::extract::Query;
use axum::response::Response;
use domain::Fault;
use domain::oauth::authorize::SignedIn;
use domain::people::{AskedIn, ChangeOwnEmailError, ChangePasswordError, PresenceDemand};
use http::StatusCode;
use model::PlainSecret;

use super::{AccountQuery, Draft, owner};
use crate::http::fault;
use crate::pages::by_mail::with_challenge;
use crate::pages::flow::sign_in_for;
use crate::pages::forgotten::{complain_about, new_password};
use crate::pages::posted::Posted;
use crate::pages::presence::{self, WRONG_PASSWORD, not_proven};
use crate::pages::refusal::{forged, see_other, too_many_attempts, wait_if};
use crate::pages::view::account::{Fact, FormPart, Part, Section};
use crate::pages::view::{Button, Input};
use crate::pages::visitor::Visitor;

const EMAIL: &str = "/account/email";
const PASSWORD: &str = "/account/password";

pub async fn show(visitor: Visitor, Query(query): Query<AccountQuery>) -> Response {
    let who = match owner(&visitor, EMAIL) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    let forms = match Forms::blank(&visitor, who).await {
        Ok(forms) => forms,
        Err(answer) => return *answer,
    };
    match forms.draft(&visitor, who).await {
        Ok(draft) => {
            draft
                .done(&query.done)
                .respond(&visitor, who, StatusCode::OK)
                .await
        }
        Err(error) => fault(&error),
    }
}

pub async fn change_email(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, EMAIL) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(EMAIL, posted.csrf()) {
        return forged(&visitor);
    }
    let asked_in = AskedIn {
        browser: Some(visitor.mark_digest()),
        flow: None,
    };
    let (wanted, password) = (
        posted.text("new-email"),
        PlainSecret::new(posted.text("email-password")),
    );
    let authority = &visitor.state.authority;
    let asked = authority
        .change_own_email(
            &visitor.ctx,
            (&who.user, &who.session),
            (wanted, presence::given(&password, &posted)),
            asked_in,
        )
        .await;
    let error = match asked {
        Ok(challenge) => {
            return see_other(&with_challenge(
                "/verify-email",
                &challenge.to_string(),
                "account-email",
            ));
        }
        Err(error) => error,
    };
    let mut forms = match Forms::blank(&visitor, who).await {
        Ok(forms) => forms,
        Err(answer) => return *answer,
    };
    forms.email.inputs[0].value = wanted.chars().take(254).collect();
    let (mut status, mut retry) = (StatusCode::BAD_REQUEST, None);
    match error {
        ChangeOwnEmailError::Presence(error) => {
            match not_proven(&mut forms.email, error, ("email-password", EMAIL)) {
                Ok(waiting) => (status, retry) = waiting,
                Err(answer) => return *answer,
            }
        }
        ChangeOwnEmailError::Malformed => {
            forms
                .email
                .complain("new-email", "This is not an e-mail address.");
        }
        ChangeOwnEmailError::Unchanged => {
            forms.email.complain("new-email", "This is your address already.");
        }
        ChangeOwnEmailError::TooMany { retry_after } => {
            forms.email.error = Some(too_many_attempts(retry_after));
            (status, retry) = (StatusCode::TOO_MANY_REQUESTS, Some(retry_after));
        }
        ChangeOwnEmailError::Fault(error) => return fault(&error),
    }
    forms.again(&visitor, who, status, retry).await
}

pub async fn change_password(visitor: Visitor, posted: Posted) -> Response {
    let who = match owner(&visitor, EMAIL) {
        Ok(who) => who,
        Err(elsewhere) => return *elsewhere,
    };
    if !visitor.gave_form(PASSWORD, posted.csrf()) {
        return forged(&visitor);
    }
    let old = PlainSecret::new(posted.text("current-password"));
    let new = PlainSecret::new(posted.text("password"));
    let authority = &visitor.state.authority;
    let changed = authority
        .change_password(&visitor.ctx, (&who.user, &who.session), (old, new))
        .await;
    let Err(error) = changed else {
        return see_other("/account/email?done=password");
    };
    let mut forms = match Forms::blank(&visitor, who).await {
        Ok(forms) => forms,
        Err(answer) => return *answer,
    };
    let (mut status, mut retry) = (StatusCode::BAD_REQUEST, None);
    match error {
        ChangePasswordError::WrongPassword => forms.password.complain("current-password", WRONG_PASSWORD),
        ChangePasswordError::Refused(problem) => {
            if let Some(input) = forms.password.input_mut("password") {
                complain_about(input, &problem);
            }
        }
        ChangePasswordError::TooManyAttempts { retry_after } => {
            forms.password.error = Some(too_many_attempts(retry_after));
            (status, retry) = (StatusCode::TOO_MANY_REQUESTS, Some(retry_after));
        }
        ChangePasswordError::SignInAgain | ChangePasswordError::LinkInvalid => {
            return see_other(&sign_in_for(EMAIL));
        }
        ChangePasswordError::Fault(error) => return fault(&error),
    }
    forms.again(&visitor, who, status, retry).await
}

/// The two forms of the page.
struct Forms {
    email: FormPart,
    password: FormPart,
}

impl Forms {
    async fn blank(visitor: &Visitor, who: &SignedIn) -> Result<Self, Box<Response>> {
        let demand = presence::demand(visitor, who).await?;
        let has_password = who.user.password.is_some();
        let email = FormPart::new("change-email", "Change the e-mail address", visitor.form(EMAIL, ""))
            .lead("We send a mail to the new address. Your account uses it as soon as you have confirmed it; until then everything stays as it is.")
            .input(Input {
                id: "new-email",
                label: "New e-mail address".to_owned(),
                kind: "email",
                autocomplete: "email",
                ..Input::default()
            });
        let email = presence_fields(demand, "email-password").fold(email, FormPart::input);
        let heading = if has_password {
            "Change the password"
        } else {
            "Choose a password"
        };
        let mut password = FormPart::new("change-password", heading, visitor.form(PASSWORD, ""))
            .lead("This signs you out everywhere but here, and applications have to ask you again.");
        if has_password {
            password = password.input(current_password("current-password"));
        }
        Ok(Self {
            email: email.button(Button::primary("email-submit", "email", "Send me a mail")),
            password: password.input(new_password(visitor)).button(Button::primary(
                "password-submit",
                "password",
                "Save the password",
            )),
        })
    }

    async fn draft(self, visitor: &Visitor, who: &SignedIn) -> Result<Draft, Fault> {
        let authority = &visitor.state.authority;
        let pending = authority.pending_email_change(&visitor.ctx, &who.user).await?;
        let is_confirmed = who.user.email_verified_at.is_some();
        let mut facts = vec![Fact {
            name: "E-mail",
            value: who.user.email.to_string(),
            badge: Some(if is_confirmed {
                "Confirmed"
            } else {
                "Not confirmed"
            }),
            link: (!is_confirmed).then_some(("Confirm it", "/verify-email")),
        }];
        let mut draft = Draft::new(Section::Email, "page-account-email");
        let mut go_on = None;
        if let Some(challenge) = pending {
            facts.push(Fact {
                name: "New e-mail",
                value: challenge.email.to_string(),
                badge: Some("Waits to be confirmed"),
                link: None,
            });
            let id = challenge.id.to_string();
            go_on = Some(with_challenge("/verify-email", &id, "account-email"));
        }
        draft = draft.part(Part::Facts(facts));
        if let Some(href) = go_on {
            draft = draft.part(Part::Link("Type the code from the mail", href));
        }
        Ok(draft
            .part(Part::Form(Box::new(self.email)))
            .part(Part::Form(Box::new(self.password))))
    }

    async fn again(
        self,
        visitor: &Visitor,
        who: &SignedIn,
        status: StatusCode,
        retry: Option<std::time::Duration>,
    ) -> Response {
        match self.draft(visitor, who).await {
            Ok(draft) => {
                let response = draft.respond(visitor, who, status).await;
                wait_if(response, retry)
            }
            Err(error) => fault(&error),
        }
    }
}

/// The field for the password somebody has.
/// What shows that it is the owner, where a form asks for it. `password`: the id of its field.
pub(super) fn presence_fields(demand: PresenceDemand, password: &'static str) -> impl Iterator<Item = Input> {
    let password = demand.password.then(|| current_password(password));
    password.into_iter().chain(presence::code_field(demand))
}

fn current_password(id: &'static str) -> Input {
    Input {
        id,
        label: "Your password now".to_owned(),
        kind: "password",
        autocomplete: "current-password",
        ..Input::default()
    }
}
