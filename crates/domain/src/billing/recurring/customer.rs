//! Whom the gateway knows as the payer of an account.
//! Refuses to give an account a second name there.

use model::Ctx;
use model::iam::AccountId;
use model::team::public_name;

use crate::authority::Authority;
use crate::billing::{BillingUnavailable, GatewayError};
use crate::fault::Fault;

/// The gateway's id of the payer, and the address it writes to.
pub(super) struct Payer {
    pub(super) customer: String,
    pub(super) email: String,
}

impl Authority {
    /// The account's payer at the gateway, made there if need be, under the name and address of its root user.
    pub(super) async fn payer(
        &self,
        ctx: &Ctx,
        account: &AccountId,
    ) -> Result<Result<Payer, BillingUnavailable>, Fault> {
        let mut reader = self.database.read().await?;
        let known = storage::gateway_names::find_customer(&mut reader, account).await?;
        let root = storage::accounts::find_root(&mut reader, account).await?;
        let root = match root {
            Some(root) => storage::users::find_by_id(&mut reader, root).await?,
            None => None,
        };
        drop(reader);
        let Some(root) = root else {
            return Ok(Err(GatewayError::NotFound.into()));
        };
        let email = root.email.to_string();
        if let Some(customer) = known {
            return Ok(Ok(Payer { customer, email }));
        }
        let gateway = match self.gateway() {
            Ok(gateway) => gateway,
            Err(error) => return Ok(Err(error)),
        };
        let name = public_name(&root);
        let made = gateway.create_customer(&name, &email, account.as_str()).await;
        let customer = match made {
            Ok(customer) => customer,
            Err(error) => return Ok(Err(error.into())),
        };
        let customer = self.remember_customer(ctx, account, customer).await?;
        Ok(Ok(Payer { customer, email }))
    }

    /// The first one stays.
    async fn remember_customer(
        &self,
        ctx: &Ctx,
        account: &AccountId,
        customer: String,
    ) -> Result<String, Fault> {
        let (account, now) = (account.clone(), ctx.now);
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                storage::gateway_names::insert_customer(w, (&account, &customer), now).await?;
                let kept = storage::gateway_names::find_customer(w, &account).await?;
                Ok(kept.unwrap_or(customer))
            })
        });
        work.await
    }
}
