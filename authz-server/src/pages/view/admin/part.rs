//! The pieces that pages of the console are made of.
//! Holds texts as they are; escaping them is the template's business.

use std::borrow::Cow;

use super::block::Block;

/// One piece of a page.
pub enum Part {
    Tiles(Vec<Tile>),
    Notes(Vec<Note>),
    Facts(Vec<Fact>),
    Search(Search),
    Table(Table),
    Pager(Pager),
    Form(Box<Block>),
    /// What can be done with what the page is about.
    Acts(Vec<Act>),
    /// Id and words of what stands above the next part.
    Heading(&'static str, String),
    Text(String),
    /// Id and a text that is shown as it is.
    Code(&'static str, String),
}

/// A figure and where it leads.
pub struct Tile {
    pub id: &'static str,
    pub figure: String,
    pub words: &'static str,
    pub href: Option<&'static str>,
}

/// How good or bad something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    Good,
    Doubtful,
    Bad,
}

impl Look {
    /// In words, for those who see no colours.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Good => "Fine",
            Self::Doubtful => "Look at this",
            Self::Bad => "Wrong",
        }
    }

    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
        }
    }
}

/// What was found, and what mends it.
pub struct Note {
    pub look: Look,
    pub about: String,
    pub what: String,
    pub mend: Option<String>,
}

/// A name and what is so.
pub struct Fact {
    pub name: &'static str,
    pub value: Cell,
}

/// A text or several, perhaps with a link on the first.
#[derive(Clone, Default, Debug)]
pub struct Cell {
    pub lines: Vec<String>,
    pub href: Option<String>,
    pub badges: Vec<&'static str>,
    /// An id or another text that programs read.
    pub is_code: bool,
    /// Moments, which are not broken in two.
    pub is_short: bool,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            lines: vec![text.into()],
            ..Self::default()
        }
    }

    pub fn code(text: impl Into<String>) -> Self {
        Self {
            is_code: true,
            ..Self::text(text)
        }
    }

    pub fn short(text: impl Into<String>) -> Self {
        Self {
            is_short: true,
            ..Self::text(text)
        }
    }

    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            href: Some(href.into()),
            ..Self::text(text)
        }
    }

    /// With one line more.
    #[must_use]
    pub fn line(mut self, text: impl Into<String>) -> Self {
        self.lines.push(text.into());
        self
    }

    /// With a badge, where there is one.
    #[must_use]
    pub fn badge(mut self, badge: Option<&'static str>) -> Self {
        self.badges.extend(badge);
        self
    }

    /// The first line, and the others.
    pub fn split(&self) -> (&str, &[String]) {
        match self.lines.split_first() {
            Some((first, rest)) => (first, rest),
            None => ("", &[]),
        }
    }
}

/// A form that is sent with GET and changes nothing.
pub struct Search {
    pub action: Cow<'static, str>,
    pub label: &'static str,
    pub hint: &'static str,
    pub q: String,
    pub selects: Vec<Select>,
    /// Further fields: id, label and what was typed.
    pub more: Vec<(&'static str, &'static str, String)>,
}

/// A choice: its id, its label, the values with their words, and which one it is.
pub struct Select {
    pub id: &'static str,
    pub label: &'static str,
    pub values: Vec<(&'static str, &'static str)>,
    pub value: String,
}

/// A list; its words when it is empty.
pub struct Table {
    pub id: &'static str,
    pub caption: &'static str,
    pub heads: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
    pub empty: String,
}

/// Where the list goes on.
#[derive(Default)]
pub struct Pager {
    pub words: String,
    pub newer: Option<String>,
    pub older: Option<String>,
}

impl Pager {
    /// Of a list that goes on nowhere: whether it was cut after the first `most`.
    pub fn cut(shown: usize, most: usize) -> Self {
        let words = match shown < most {
            true => String::new(),
            false => format!("The first {most}. Search for less to see others."),
        };
        Self {
            words,
            ..Self::default()
        }
    }
}

/// A link that leads to something that can be done.
pub struct Act {
    pub id: &'static str,
    pub words: &'static str,
    pub href: String,
    pub is_grave: bool,
}
