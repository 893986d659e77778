//! A payment as it is answered and told.
//! Shows made-up instruments only: the sandbox takes no card numbers.

use serde_json::{Value, json};

use super::{Method, Payment};
use crate::outcome::show_decline;
use crate::page::Entity;

impl Entity for Payment {
    fn created_at(&self) -> i64 {
        self.created_at
    }

    fn show(&self) -> Value {
        let refund_status = match self.amount_refunded {
            0 => None,
            refunded if refunded < self.amount => Some("partial"),
            _ => Some("full"),
        };
        let mut shown = json!({
            "id": self.id,
            "entity": "payment",
            "amount": self.amount,
            "currency": self.currency,
            "status": self.status,
            "order_id": self.order_id,
            "invoice_id": self.invoice_id,
            "international": false,
            "method": self.method,
            "amount_refunded": self.amount_refunded,
            "refund_status": refund_status,
            "captured": self.captured,
            "description": self.description,
            "card_id": null,
            "bank": null,
            "wallet": null,
            "vpa": null,
            "email": self.email,
            "contact": self.contact,
            "customer_id": self.customer_id,
            "token_id": self.token_id,
            "notes": self.notes.show(),
            "fee": self.fee,
            "tax": self.tax,
            "acquirer_data": {},
            "created_at": self.created_at,
        });
        for (name, value) in show_decline(self.decline.as_ref()) {
            shown[name] = value;
        }
        self.show_instrument(&mut shown);
        shown
    }
}

impl Payment {
    fn show_instrument(&self, shown: &mut Value) {
        let reference = self.id.trim_start_matches("pay_");
        match self.method {
            Method::Card => {
                shown["card_id"] = json!(self.instrument);
                shown["card"] = json!({
                    "id": self.instrument,
                    "entity": "card",
                    "name": "",
                    "last4": "1111",
                    "network": "Visa",
                    "type": "debit",
                    "issuer": null,
                    "international": false,
                    "emi": false,
                    "sub_type": "consumer",
                    "token_iin": null,
                });
                shown["acquirer_data"] = json!({"auth_code": reference});
            }
            Method::Upi => {
                shown["vpa"] = json!("sandbox@upi");
                shown["upi"] = json!({"vpa": "sandbox@upi"});
                shown["acquirer_data"] = json!({"rrn": reference, "upi_transaction_id": reference});
            }
            Method::Netbanking | Method::Emandate => {
                shown["bank"] = json!("HDFC");
                shown["acquirer_data"] = json!({"bank_transaction_id": reference});
            }
            Method::Wallet => shown["wallet"] = json!("sandbox"),
        }
    }
}
