//! What happened to an account, in plain words.
//! Never fails: an event nobody has found words for is told by its own name.

use storage::audit::StoredEvent;

use crate::pages::view::account::Done;

/// What was just done, for the page that comes after. The word comes from the address, the sentence from here.
pub fn done(word: &str) -> Option<Done> {
    let words = sentence(word)?;
    let is_good = !matches!(word, "unpaid" | "paying");
    Some(Done { words, is_good })
}

fn sentence(word: &str) -> Option<&'static str> {
    Some(match word {
        "profile" => "Your profile was saved.",
        "picture" => "Your picture was saved.",
        "no-picture" => "Your picture was removed.",
        "password" => "Your password was changed. You are signed out everywhere else.",
        "session" => "That session has ended.",
        "sessions" => "All other sessions have ended.",
        "trusted" => "That browser is asked for the second step again.",
        "trusted-all" => "Every browser is asked for the second step again.",
        "application" => "That application has no access any more.",
        "key" => "That key does not work any more.",
        "keys" => "None of your keys works any more.",
        "invited" => {
            "The invitation is on its way. An earlier one for the same address does not work any more."
        }
        "withdrawn" => "That invitation does not work any more.",
        "joined" => "Welcome: you are a member of this account now.",
        "removed" => "That person is no member any more.",
        "left" => "You have left that account.",
        "role" => "The role was changed.",
        "paid" => "Thank you: your payment has arrived and is in your balance.",
        "unpaid" => {
            "Nothing was paid. Should your bank charge you all the same, it is credited when the payment service tells us."
        }
        "paying" => "The payment is on its way. It counts as soon as the payment service has it.",
        "subscribed" => "Thank you: your plan begins as soon as the payment service has the payment.",
        "plan-changed" => "Your subscription was changed.",
        "plan-changes" => "Your subscription changes with the next period.",
        "plan-kept" => "Your subscription stays as it is.",
        "plan-cancelled" => "Your subscription ends with the period that is paid for.",
        "plan-ended" => "Your subscription has ended.",
        "plan-paused" => "Your subscription is paused.",
        "plan-resumed" => "Your subscription goes on.",
        "autopay" => "Thank you: automatic top-ups are on as soon as your bank agrees.",
        "autopay-saved" => "The figures were saved.",
        "autopay-paused" => "Automatic top-ups are paused.",
        "autopay-resumed" => "Automatic top-ups go on.",
        "autopay-off" => "Automatic top-ups are off.",
        "tax" => "The details for invoices were saved.",
        "account-name" => "The name was saved.",
        "delete" => "Your account is marked to be erased. We have sent you a mail that tells how to keep it.",
        "keep" => "Your account stays.",
        _ => return None,
    })
}

/// One line of the history.
pub fn told(event: &StoredEvent) -> String {
    let by_operator = event.actor_kind == "operator";
    let text = match event.action.as_str() {
        "user.created" => "Your account was created",
        "user.profile_changed" => "You changed your profile",
        "user.picture_changed" => "You chose another picture",
        "user.picture_removed" => "You removed your picture",
        "user.preferences_changed" => "You changed your preferences",
        "user.password_changed" => "Your password was changed",
        "user.email_verified" => "Your e-mail address was confirmed",
        "user.email_changed" => "Your e-mail address was changed",
        "user.email_change_undone" => "A change of your e-mail address was taken back",
        "user.data_exported" => "You downloaded your data",
        "user.deletion_requested" => "You asked to delete your account",
        "user.deletion_cancelled" => "The deletion of your account was cancelled",
        "user.disabled" => "Your account was disabled",
        "user.enabled" => "Your account was enabled again",
        "session.started" => "You signed in",
        "session.renewed" => "You signed in again in the same browser",
        "session.ended" if by_operator => "An administrator ended a session of yours",
        "session.ended" => "A session ended",
        "second_factor.enabled" => "Two-step sign-in was turned on",
        "second_factor.disabled" => "Two-step sign-in was turned off",
        "second_factor.used" => "You gave the second step of a sign-in",
        "trusted_device.added" => "You chose to trust a browser for 30 days",
        "trusted_device.used" => "A trusted browser signed in without the second step",
        "trusted_device.revoked" => "You stopped trusting a browser",
        "trusted_devices.revoked" => "No browser is trusted any more",
        "passkey.added" => "You added a passkey",
        "passkey.renamed" => "You renamed a passkey",
        "passkey.removed" => "You removed a passkey",
        "passkey.used" => "You used a passkey",
        "backup_codes.renewed" => "You made new backup codes",
        "account.linked" => "An account at another provider was linked",
        "account.activated" => "You chose which linked account is used",
        "account.unlinked" => "A linked account was removed",
        "login.failed" => "Somebody tried to sign in with a wrong password",
        "login.throttled" => "Too many attempts to sign in: further ones have to wait",
        "consent.withdrawn" => "You took away an application's access",
        "api_key.created" => "An API key was made",
        "api_key.revoked" => "An API key ended",
        "api_key.rotated" => "An API key was replaced",
        "team.invited" => "You invited somebody into an account",
        "team.invitation_revoked" => "You took an invitation back",
        "team.joined" => "You joined an account",
        "team.left" => "You left an account",
        "team.member_removed" => "You removed a member of an account",
        "team.role_changed" => "You gave a member another role",
        "team.account_renamed" => "You renamed an account",
        "grant.ended" => "The access of an application ended",
        "code.redeemed" => "An application got access to your account",
        other => return other.replace(['.', '_'], " "),
    };
    text.to_owned()
}

/// What belongs to the line: an address, an application, a count.
pub fn detail(event: &StoredEvent) -> Option<String> {
    let text = |name: &str| event.detail.get(name).and_then(|value| value.as_str());
    match event.action.as_str() {
        "user.email_verified" => text("email").map(str::to_owned),
        "user.email_changed" | "user.email_change_undone" => {
            Some(format!("From {} to {}", text("from")?, text("to")?))
        }
        "user.profile_changed" => {
            let fields = event.detail.get("fields")?.as_array()?;
            let names: Vec<_> = fields.iter().filter_map(|field| field.as_str()).collect();
            Some(names.join(", ").replace('_', " "))
        }
        "consent.withdrawn" => event.target.clone(),
        "api_key.created" | "api_key.revoked" | "api_key.rotated" => text("name").map(str::to_owned),
        _ => None,
    }
}
