//! An operation of a document, as its table states it.
//! The tables of the documents are the only place where operations are counted.

/// What a group of operations needs in order to exist; `--require` names these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Area {
    /// Sign-up, sign-in, mail codes and `me` of document 000.
    Sessions,
    /// IAM users, groups, policies and access keys.
    Iam,
    /// Wallet, invoices, mandates and subscriptions.
    Billing,
    /// Invitations and members.
    Teams,
    /// The audit log.
    Audit,
    /// Document 001.
    Tokens,
    /// Documents 002 and 004 without licences.
    V1,
    /// Document 003 without what stands below.
    Console,
    /// Signing in with GitHub and linked accounts.
    Github,
    /// Installations of the GitHub App.
    GithubApp,
    /// Plans, entitlements and usage.
    Licenses,
}

impl Area {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Iam => "iam",
            Self::Billing => "billing",
            Self::Teams => "teams",
            Self::Audit => "audit",
            Self::Tokens => "tokens",
            Self::V1 => "v1",
            Self::Console => "console",
            Self::Github => "github",
            Self::GithubApp => "github-app",
            Self::Licenses => "licenses",
        }
    }
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anybody.
    Open,
    /// Somebody signed in.
    Signed,
    /// An administrator, or a key of one.
    Admin,
    /// A machine with a service key.
    ServiceKey,
    /// Somebody signed in, whose token travels in the query.
    InQuery,
}

/// One operation: a method on a path.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// `000` to `004`.
    pub document: &'static str,
    /// The heading it stands under.
    pub section: &'static str,
    /// What it belongs to.
    pub area: Area,
    /// The method.
    pub method: &'static str,
    /// The path with `{placeholders}`.
    pub path: &'static str,
    /// Who may call.
    pub caller: Caller,
    /// Whether it can't do without a JSON body.
    pub body: bool,
}

impl Operation {
    /// How cases name it: method and path.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with words nobody uses in place of its placeholders.
    pub fn concrete_path(&self) -> String {
        let mut path = String::new();
        let mut rest = self.path;
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            path.push_str("none-such");
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        path + rest
    }
}

/// Rows of a table that share document, section and area.
#[derive(Clone, Copy)]
pub struct Heading {
    pub document: &'static str,
    pub section: &'static str,
    pub area: Area,
}

impl Heading {
    /// An operation without a required body.
    pub const fn row(self, method: &'static str, path: &'static str, caller: Caller) -> Operation {
        Operation {
            document: self.document,
            section: self.section,
            area: self.area,
            method,
            path,
            caller,
            body: false,
        }
    }

    /// An operation that can't do without a JSON body.
    pub const fn with_body(self, method: &'static str, path: &'static str, caller: Caller) -> Operation {
        let mut operation = self.row(method, path, caller);
        operation.body = true;
        operation
    }
}
