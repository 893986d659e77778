//! What was just done, for the page that comes after. The word comes from the address, the sentence from here.

pub fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "disabled" => "The account is shut. Everything it had has ended.",
        "enabled" => "The account is open again.",
        "unlocked" => "The account may be signed in to again at once.",
        "promoted" => "This is an administrator now, and has to sign in again.",
        "demoted" => "This is no administrator any more, and has to sign in again.",
        "reset" => "A mail with a link to choose a password is on its way.",
        "confirmed" => "The address is taken as confirmed.",
        "sessions-ended" => "All sessions have ended.",
        "deleted" => "The account is shut and will be erased. Until then it can be kept.",
        "kept" => "The account stays.",
        "nothing" => "Nothing had to be changed.",
        "session-ended" => "That session has ended.",
        "key-revoked" => "That key does not work any more.",
        "client-saved" => "The settings are saved.",
        "client-disabled" => "The client may do nothing any more. Everything it had has ended.",
        "client-enabled" => "The client may ask for tokens again.",
        "client-deleted" => "The client and everything it was given have ended.",
        "keys-rotated" => "Every algorithm has a new key.",
        "key-removed" => "The key is gone, and so is everything it signed. Another one signs.",
        _ => return None,
    })
}
