//! Customers, one for each pair of mail address and phone number.
//! Makes no second one of a pair: it gives the first, or refuses.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use crate::fields::Fields;
use crate::notes::Notes;
use crate::page::{self, Entity, Window};
use crate::problem::Problem;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Customer {
    id: String,
    name: Option<String>,
    email: Option<String>,
    contact: Option<String>,
    gstin: Option<String>,
    notes: Notes,
    created_at: i64,
}

impl Entity for Customer {
    fn created_at(&self) -> i64 {
        self.created_at
    }

    fn show(&self) -> Value {
        json!({
            "id": self.id,
            "entity": "customer",
            "name": self.name,
            "email": self.email,
            "contact": self.contact,
            "gstin": self.gstin,
            "notes": self.notes.show(),
            "created_at": self.created_at,
        })
    }
}

impl World {
    pub(crate) fn create_customer(&mut self, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["name", "email", "contact", "gstin", "fail_existing", "notes"])?;
        let customer = Customer {
            id: self.id("cust"),
            name: name(fields)?,
            email: email(fields)?,
            contact: fields.text("contact", 15)?,
            gstin: fields.text("gstin", 15)?,
            notes: fields.notes()?,
            created_at: self.now,
        };
        let same = |known: &&Customer| known.email == customer.email && known.contact == customer.contact;
        let known = self.books.customers.iter().find(same);
        if let Some(known) = known.filter(|_| customer.email.is_some() || customer.contact.is_some()) {
            if fields.flag("fail_existing")?.unwrap_or(true) {
                return Err(Problem::state("Customer already exists for the merchant"));
            }
            return Ok(known.show());
        }
        let shown = customer.show();
        self.books.customers.insert(customer.id.clone(), customer);
        Ok(shown)
    }

    /// The customer that a registration link describes.
    pub(super) fn described_customer(&mut self, fields: &Fields) -> Result<String, Problem> {
        fields.only(&["name", "email", "contact"])?;
        let (email, contact) = (email(fields)?, fields.text("contact", 15)?);
        let same = |known: &&Customer| known.email == email && known.contact == contact;
        if let Some(known) = self.books.customers.iter().find(same) {
            return Ok(known.id.clone());
        }
        let customer = Customer {
            id: self.id("cust"),
            name: name(fields)?,
            email,
            contact,
            gstin: None,
            notes: Notes::default(),
            created_at: self.now,
        };
        let id = customer.id.clone();
        self.books.customers.insert(id.clone(), customer);
        Ok(id)
    }

    pub(crate) fn edit_customer(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["name", "email", "contact"])?;
        let (name, email, contact) = (name(fields)?, email(fields)?, fields.text("contact", 15)?);
        let customer = self.books.customers.get_mut(id).ok_or_else(Problem::no_such_id)?;
        customer.name = name.or(customer.name.take());
        customer.email = email.or(customer.email.take());
        customer.contact = contact.or(customer.contact.take());
        Ok(customer.show())
    }

    pub(crate) fn customer(&self, id: &str) -> Result<&Customer, Problem> {
        self.books.customers.get(id).ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn list_customers(&self, asked: &Fields) -> Result<Value, Problem> {
        asked.only(&page::MEMBERS)?;
        Ok(Window::read(asked)?.over(self.books.customers.iter()))
    }

    /// The customer with this address and no phone number, made when there is none.
    pub(super) fn customer_at(&mut self, email: Option<&str>) -> String {
        let same = |known: &&Customer| known.email.as_deref() == email && known.contact.is_none();
        if let Some(known) = self.books.customers.iter().find(same).filter(|_| email.is_some()) {
            return known.id.clone();
        }
        let customer = Customer {
            id: self.id("cust"),
            name: None,
            email: email.map(str::to_owned),
            contact: None,
            gstin: None,
            notes: Notes::default(),
            created_at: self.now,
        };
        let id = customer.id.clone();
        self.books.customers.insert(id.clone(), customer);
        id
    }

    /// The member `customer_id`, when it names one.
    pub(super) fn known_customer(&self, fields: &Fields) -> Result<Option<String>, Problem> {
        let id = fields.text("customer_id", 40)?;
        if let Some(id) = &id {
            self.customer(id)
                .map_err(|_| Problem::input("customer_id", "The id provided does not exist"))?;
        }
        Ok(id)
    }
}

fn name(fields: &Fields) -> Result<Option<String>, Problem> {
    let name = fields.text("name", 50)?;
    match name {
        Some(name) if name.chars().count() < 3 => {
            Err(Problem::input("name", "The name must be at least 3 characters."))
        }
        fitting => Ok(fitting),
    }
}

fn email(fields: &Fields) -> Result<Option<String>, Problem> {
    let email = fields.text("email", 255)?;
    match email {
        Some(email) if !is_address(&email) => Err(Problem::input(
            "email",
            "The email must be a valid email address.",
        )),
        fitting => Ok(fitting),
    }
}

pub(super) fn is_address(email: &str) -> bool {
    let parts = email.split_once('@');
    parts.is_some_and(|(local, domain)| {
        !local.is_empty() && local.len() <= 64 && !domain.is_empty() && !email.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::world::ground::{fields, world};

    #[test]
    fn the_same_customer_is_given_or_refused() {
        let mut world = world();
        let ada = json!({"name": "Ada Lovelace", "email": "ada@example.org"});
        let first = world.create_customer(&fields(ada.clone())).unwrap();
        assert!(world.create_customer(&fields(ada.clone())).is_err());
        let mut again = ada;
        again["fail_existing"] = json!("0");
        let second = world.create_customer(&fields(again)).unwrap();
        assert_eq!(first["id"], second["id"]);
        assert_eq!(first["notes"], json!([]));
    }
}
