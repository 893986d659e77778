//! `[billing.seller]`: who writes the invoices, and what prices contain.
//! Refuses a registration of another state, and numbers longer than the law allows.

use model::billing::Currency;
use model::billing::tax::{Gstin, Prefix, SellerParty, State, TaxRate, clean_line};

use super::Problems;

const LONGEST: usize = 200;
const MOST_LINES: usize = 6;

/// Who writes the invoices. Without it there are none, and no tax is told apart.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SellerConfig {
    /// As it is registered.
    pub legal_name: String,
    /// The number it is registered for GST by. Without one it charges no tax and writes bills of supply.
    pub gstin: Option<String>,
    /// Lines, at most 6.
    pub address: Vec<String>,
    /// The two digits of its state or union territory, those that the GSTIN begins with.
    pub state_code: String,
    /// The services accounting code of what is sold.
    pub sac: String,
    /// The tax that prices contain, in whole percent.
    pub rate: u8,
    /// What the numbers of invoices begin with: one to three capital letters and digits.
    pub invoice_prefix: String,
    /// The same for credit notes, another one.
    pub credit_note_prefix: String,
    /// Printed at the foot.
    pub email: Option<String>,
    /// Printed at the foot.
    pub website: Option<String>,
}

impl Default for SellerConfig {
    fn default() -> Self {
        Self {
            legal_name: String::new(),
            gstin: None,
            address: Vec::new(),
            state_code: String::new(),
            sac: "998315".to_owned(),
            rate: 18,
            invoice_prefix: Prefix::of_invoices().to_string(),
            credit_note_prefix: Prefix::of_credit_notes().to_string(),
            email: None,
            website: None,
        }
    }
}

fn is_line(text: &str) -> bool {
    clean_line(text, LONGEST).is_ok_and(|clean| clean.as_deref() == Some(text))
}

impl SellerConfig {
    pub(super) fn check(&self, currency: &str, problems: &mut Problems) {
        let key = |name: &str| format!("billing.seller.{name}");
        let line = "must be one line of at most 200 characters";
        problems.add_if(!is_line(&self.legal_name), &key("legal_name"), line);
        let lines =
            (1..=MOST_LINES).contains(&self.address.len()) && self.address.iter().all(|line| is_line(line));
        problems.add_if(
            !lines,
            &key("address"),
            "must be one to six lines of at most 200 characters",
        );
        for (name, text) in [("email", &self.email), ("website", &self.website)] {
            problems.add_if(
                text.as_deref().is_some_and(|text| !is_line(text)),
                &key(name),
                line,
            );
        }
        let rupees = currency.parse() == Ok(Currency::INR);
        problems.add_if(
            !rupees,
            "billing.seller",
            "needs billing.currency = \"INR\": GST is told in rupees",
        );
        let sac = (4..=8).contains(&self.sac.len()) && self.sac.bytes().all(|byte| byte.is_ascii_digit());
        problems.add_if(!sac, &key("sac"), "must have 4 to 8 digits");
        let rate = TaxRate::try_from(self.rate);
        problems.add_if(rate.is_err(), &key("rate"), "must be between 0 and 100");
        self.check_place(problems);
        self.check_numbers(problems);
    }

    fn check_place(&self, problems: &mut Problems) {
        let state = self.state_code.parse::<State>();
        let state = state.ok().filter(|state| state.registers());
        let words = "must be the two digits of a state or union territory of India";
        problems.add_if(state.is_none(), "billing.seller.state_code", words);
        match self.gstin.as_deref().map(str::parse::<Gstin>) {
            None => {}
            Some(Err(error)) => problems.add("billing.seller.gstin", error.to_string()),
            Some(Ok(gstin)) => problems.add_if(
                state.is_some_and(|state| state != gstin.state()),
                "billing.seller.gstin",
                "is of another state than state_code",
            ),
        }
    }

    fn check_numbers(&self, problems: &mut Problems) {
        for (name, text) in [
            ("billing.seller.invoice_prefix", &self.invoice_prefix),
            ("billing.seller.credit_note_prefix", &self.credit_note_prefix),
        ] {
            if let Err(error) = text.parse::<Prefix>() {
                problems.add(name, error.to_string());
            }
        }
        problems.add_if(
            self.invoice_prefix == self.credit_note_prefix,
            "billing.seller.credit_note_prefix",
            "must be another than that of invoices",
        );
    }

    /// What the documents name; nothing that [`SellerConfig::check`] refuses.
    pub fn party(&self) -> Option<SellerParty> {
        let gstin = self.gstin.as_deref().map(str::parse).transpose().ok()?;
        Some(SellerParty {
            legal_name: self.legal_name.clone(),
            gstin,
            address: self.address.clone(),
            state: self.state_code.parse().ok()?,
            email: self.email.clone(),
            website: self.website.clone(),
        })
    }
}
