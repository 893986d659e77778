//! Payments and refunds.
//! Refuses to give back twice: a call that broke off is followed by a question, not by a second call.

use domain::billing::GatewayError;
use domain::billing::gateway::{Payment, Refund};
use model::billing::Money;
use serde_json::json;

use super::Razorpay;
use super::ask::{Change, segment};
use super::entity::{Items, PaymentEntity, RefundEntity};

impl Razorpay {
    pub(super) async fn read_payment(&self, id: &str) -> Result<Payment, GatewayError> {
        let found: PaymentEntity = self.get(&format!("/payments/{}", segment(id)?)).await?;
        Ok(found.try_into()?)
    }

    /// After a call that broke off, the payment as it is: captured, or still to be.
    pub(super) async fn capture_payment(&self, id: &str, amount: Money) -> Result<Payment, GatewayError> {
        let body = json!({"amount": amount.minor, "currency": amount.currency});
        let change = Change::post(format!("/payments/{}/capture", segment(id)?), body);
        match self.change::<PaymentEntity>(change).await {
            Err(GatewayError::Unavailable(_)) => self.read_payment(id).await,
            answer => Ok(answer?.try_into()?),
        }
    }

    pub(super) async fn make_refund(
        &self,
        (payment, amount): (&str, Money),
        receipt: &str,
    ) -> Result<Refund, GatewayError> {
        let change = Change {
            key: Some(receipt),
            ..Change::post(
                format!("/payments/{}/refund", segment(payment)?),
                json!({"amount": amount.minor, "receipt": receipt, "speed": "normal"}),
            )
        };
        let made = match self.change::<RefundEntity>(change).await {
            Ok(entity) => return Ok(entity.try_into()?),
            Err(error) => error,
        };
        // It may have been made, now or by a call before this one: a refusal says so too, and alone it proves nothing.
        let known = match (self.list_refunds(payment).await, made) {
            (Ok(known), made) => (known, made),
            (Err(_), GatewayError::Refused { code, reason }) => {
                let unproven = format!("refused, and whether it was made can't be asked: {code}: {reason}");
                return Err(GatewayError::Unavailable(unproven));
            }
            (Err(_), made) => return Err(made),
        };
        let (mut known, made) = (known.0.into_iter(), known.1);
        let ours = known.find(|one| one.receipt.as_deref() == Some(receipt));
        ours.ok_or(made)
    }

    pub(super) async fn list_refunds(&self, payment: &str) -> Result<Vec<Refund>, GatewayError> {
        let path = format!("/payments/{}/refunds?count=100", segment(payment)?);
        let found: Items<RefundEntity> = self.get(&path).await?;
        let refunds = found.items.into_iter().map(Refund::try_from);
        Ok(refunds.collect::<Result<_, _>>()?)
    }
}
