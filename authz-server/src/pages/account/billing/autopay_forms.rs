//! The forms of automatic top-ups, and the states of a mandate in words.
//! Shows no button for what the state does not allow.

use model::billing::mandate::Pause;
use model::billing::{Mandate, MandateStatus, Money};

use crate::pages::amount::{shown, typed};
use crate::pages::view::account::FormPart;
use crate::pages::view::{Button, Form, Input};

pub(super) const fn told(status: MandateStatus) -> &'static str {
    match status {
        MandateStatus::Created => "Waits for its first payment. To go on, set it up again below.",
        MandateStatus::Active => "On",
        MandateStatus::Paused(Pause::Owner) => "Paused here: nothing is collected.",
        MandateStatus::Paused(Pause::Failures) => {
            "Paused, because a payment failed again and again: nothing is collected."
        }
        MandateStatus::Paused(Pause::Gateway) => "Paused at your bank: nothing is collected.",
        MandateStatus::Cancelled | MandateStatus::Failed | MandateStatus::Expired => "Over",
    }
}

pub(super) fn standing_form(form: Form, mandate: &Mandate) -> FormPart {
    let form = FormPart::new("autopay", "Change them", form);
    let most = shown(Money::new(mandate.terms.most, mandate.currency));
    let form = form
        .lead(format!(
            "Never more than {most} at once. To allow more, turn them off and set them up anew."
        ))
        .input(amount_input(
            "threshold",
            "When the balance falls below",
            typed(mandate.terms.threshold),
        ))
        .input(amount_input("amount", "Top up by", typed(mandate.terms.amount)))
        .button(Button::primary("autopay-save", "save", "Save"));
    let secondary = |id, value, label: &str| Button {
        look: "secondary",
        skips_fields: true,
        ..Button::primary(id, value, label)
    };
    let form = match mandate.status {
        MandateStatus::Active => form.button(secondary("autopay-pause", "pause", "Pause")),
        _ => form.button(secondary("autopay-resume", "resume", "Go on")),
    };
    form.button(Button {
        look: "danger",
        skips_fields: true,
        ..Button::primary("autopay-end", "end", "Turn them off")
    })
}

pub(super) fn new_form(form: FormPart) -> FormPart {
    form.lead("A first small payment, which is credited too, tells your bank that more may be collected. You can turn them off at any time.")
        .input(amount_input("threshold", "When the balance falls below", "100".to_owned()))
        .input(amount_input("amount", "Top up by", "500".to_owned()))
        .input(amount_input("most", "Never more at once than", "1000".to_owned()))
        .button(Button::primary("autopay-set-up", "set-up", "Go on to pay"))
}

fn amount_input(id: &'static str, label: &str, value: String) -> Input {
    Input {
        id,
        label: label.to_owned(),
        kind: "text",
        inputmode: "decimal",
        autocomplete: "off",
        value,
        ..Input::default()
    }
}
