//! Random policies and requests over few words, so that they often meet.
//! The same number gives the same policies.

use serde_json::{Map, Value, json};

use crate::reference::Known;

pub struct Dice(pub u64);

pub const ACTIONS: [&str; 6] = ["a:Get", "a:Put", "A:gEt", "ab:Get", "b:List", "b:Gone"];
const ACTION_PATTERNS: [&str; 11] = [
    "*", "a:*", "a:G*", "?:Get", "A:get", "ab:Get", "*:*t", "b:?i*", "b:*", "a:Put", "*b:G??",
];
pub const RESOURCES: [&str; 7] = [
    "arn:p:a::1:x/1",
    "arn:p:a::1:x/u1",
    "arn:p:a::1:X/1",
    "arn:p:b::2:y",
    "arn:p:a::1:x/*",
    "arn:p:a::1:u2/z",
    "arn:p:a::1:x:1",
];
const RESOURCE_PATTERNS: [&str; 11] = [
    "*",
    "arn:p:a::1:x/*",
    "arn:p:a::1:x/?",
    "arn:p:*:1:*",
    "arn:p:b::2:y",
    "arn:p:a::1:x/${iam:username}",
    "arn:p:a::1:${iam:userid}/*",
    "arn:p:a::1:x/${*}",
    "arn:p:a::1:x/${iam:username, '1'}",
    "arn:*/1",
    "arn:p:?::?:*",
];
/// Operators by the values they are given.
const STRINGS: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const STRING_VALUES: [&str; 7] = [
    "u1",
    "U1",
    "u*",
    "?1",
    "${iam:username}",
    "${iam:userid, 'u1'}",
    "${*}",
];
const ORDERS: [&str; 5] = [
    "Equals",
    "NotEquals",
    "LessThan",
    "LessThanEquals",
    "GreaterThanEquals",
];
const NUMBERS: [&str; 4] = ["1", "2", "2.0", "-3.5"];
const DATES: [&str; 3] = [
    "2026-01-01T00:00:00Z",
    "2026-06-01T00:00:00Z",
    "2027-01-01T00:00:00Z",
];
const NETWORKS: [&str; 5] = ["192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32", "::/0"];
const ARNS: [&str; 5] = [
    "arn:p:*:*:*:*",
    "arn:p:a::1:x/*",
    "arn:p:a::1:${iam:username}",
    "arn:?:a::1:x*",
    "arn:p:b::2:y",
];
const KEYS: [&str; 4] = ["iam:username", "c:One", "c:Two", "request:ip"];
pub const VALUES: [&str; 14] = [
    "u1",
    "U1",
    "u2",
    "*",
    "1",
    "2",
    "10",
    "true",
    "FALSE",
    "2026-06-01T00:00:00Z",
    "192.0.2.7",
    "2001:db8::1",
    "arn:p:a::1:x/1",
    "YQ==",
];

impl Dice {
    pub fn below(&mut self, many: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % many as u64).unwrap()
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn some(&mut self, of: &[&str]) -> Value {
        match self.below(3) {
            0 => json!(self.one(of)),
            many => (0..many).map(|_| self.one(of)).collect(),
        }
    }

    pub fn documents(&mut self, most: usize) -> Vec<Value> {
        (0..=self.below(most)).map(|_| self.document()).collect()
    }

    fn document(&mut self) -> Value {
        let statements: Vec<Value> = (0..=self.below(3)).map(|_| self.statement()).collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn statement(&mut self) -> Value {
        let mut all = Map::new();
        let effect = if self.below(3) == 0 { "Deny" } else { "Allow" };
        all.insert("Effect".to_owned(), json!(effect));
        let action = if self.below(5) == 0 { "NotAction" } else { "Action" };
        all.insert(action.to_owned(), self.some(&ACTION_PATTERNS));
        let resource = if self.below(5) == 0 {
            "NotResource"
        } else {
            "Resource"
        };
        all.insert(resource.to_owned(), self.some(&RESOURCE_PATTERNS));
        if self.below(2) == 0 {
            all.insert("Condition".to_owned(), self.condition());
        }
        Value::Object(all)
    }

    fn condition(&mut self) -> Value {
        let mut all = Map::new();
        for _ in 0..=self.below(2) {
            let (name, values) = self.operator();
            let name = match self.below(5) {
                0 if name != "Null" => format!("ForAllValues:{name}"),
                1 if name != "Null" => format!("ForAnyValue:{name}"),
                2 if name != "Null" => format!("{name}IfExists"),
                _ => name,
            };
            all.insert(name, json!({self.one(&KEYS): self.some(values)}));
        }
        Value::Object(all)
    }

    fn operator(&mut self) -> (String, &'static [&'static str]) {
        match self.below(9) {
            0..3 => (self.one(&STRINGS).to_owned(), &STRING_VALUES),
            3 => (format!("Numeric{}", self.one(&ORDERS)), &NUMBERS),
            4 => (format!("Date{}", self.one(&ORDERS)), &DATES),
            5 => (self.one(&["IpAddress", "NotIpAddress"]).to_owned(), &NETWORKS),
            6 => (
                self.one(&["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"])
                    .to_owned(),
                &ARNS,
            ),
            7 => (self.one(&["Bool", "Null"]).to_owned(), &["true", "false"]),
            _ => ("BinaryEquals".to_owned(), &["YQ==", "Yg=="]),
        }
    }

    pub fn known(&mut self) -> Known {
        let mut known = Known::new();
        for key in ["iam:username", "iam:userid", "c:one", "c:two", "request:ip"] {
            let several = key.starts_with("c:");
            let many = if several { self.below(3) } else { self.below(2) };
            let values: Vec<String> = (0..many).map(|_| self.one(&VALUES).to_owned()).collect();
            if !values.is_empty() {
                known.insert(key.to_owned(), values);
            }
        }
        known
    }
}

pub fn context(known: &Known) -> policy::Context {
    let mut context = policy::Context::new();
    for (key, values) in known {
        context.set(key, values.iter().cloned());
    }
    context
}
