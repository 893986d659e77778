//! Verifying an export line by line.
//! Refuses to trust it: keys come from whoever verifies, or, when they have none, from the file, which is then said.

use jose::KeySet;

use super::checkpoint::{Checkpoint, Purpose};
use super::line::{FORMAT, Header, Line, LineHash};
use super::walk::{Findings, Walk};

/// An export that is being read.
pub struct Reading {
    keys: Option<KeySet>,
    walk: Option<Walk>,
    lines: LineHash,
    number: usize,
    end: Option<Checkpoint>,
    early: Findings,
    begun: Option<(i64, super::hash::ChainHash)>,
}

/// What an export was found to be.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub account: String,
    pub entries: i64,
    pub checkpoints: i64,
    pub erased: i64,
    pub last: i64,
    /// The keys that its signatures were checked with.
    pub kids: Vec<String>,
    pub findings: Findings,
}

impl Reading {
    /// With keys that do not come from the export, or without.
    pub fn new(keys: Option<KeySet>) -> Self {
        Self {
            keys,
            walk: None,
            lines: LineHash::default(),
            number: 0,
            end: None,
            early: Findings::default(),
            begun: None,
        }
    }

    /// The next line, without its end.
    pub fn line(&mut self, text: &str) {
        self.number += 1;
        let line = match Line::read(text) {
            Ok(line) => line,
            Err(why) => return self.find(format!("line {}: {why}", self.number)),
        };
        if self.end.is_some() {
            return self.find(format!("line {}: it comes after the end", self.number));
        }
        match &line {
            Line::End(signed) => return self.ended(&signed.jws),
            Line::Header(header) => self.header(header),
            Line::Entry(entry) => self.entry(&(**entry).clone().into()),
            Line::Checkpoint(signed) => self.checkpoint(&signed.jws),
        }
        self.lines.add(&line);
    }

    fn find(&mut self, what: String) {
        match &mut self.walk {
            Some(walk) => walk.find(None, what),
            None => self.early.add("?", None, what),
        }
    }

    fn header(&mut self, header: &Header) {
        if self.number != 1 || self.walk.is_some() {
            return self.find(format!("line {}: there is a second header", self.number));
        }
        if header.format != FORMAT {
            self.find(format!(
                "line 1: the form is {:?} and not {FORMAT}",
                header.format
            ));
        }
        if self.keys.is_none() {
            self.keys = KeySet::from_public_jwks(header.keys.iter().cloned()).ok();
        }
        self.walk = Some(Walk::from_the_start(&header.account));
    }

    fn entry(&mut self, entry: &super::entry::Entry) {
        let number = self.number;
        let Some(walk) = &mut self.walk else {
            return self.find(format!("line {number}: an entry comes before the header"));
        };
        if self.begun.is_none() {
            // Whether it may begin here is what the end says.
            self.begun = Some((entry.seq, entry.prev_hash));
            (walk.seq, walk.hash) = (entry.seq.saturating_sub(1), entry.prev_hash);
        }
        walk.entry(entry);
    }

    fn verified(&mut self, jws: &str) -> Option<Checkpoint> {
        let keys = self.keys.as_ref();
        let checked = keys.map_or_else(
            || Err("there are no keys to check it with".to_owned()),
            |keys| Checkpoint::verify(jws, keys),
        );
        match checked {
            Ok(checkpoint) => Some(checkpoint),
            Err(why) => {
                self.find(format!(
                    "line {}: the signature does not hold: {why}",
                    self.number
                ));
                None
            }
        }
    }

    fn checkpoint(&mut self, jws: &str) {
        let Some(checkpoint) = self.verified(jws) else {
            return;
        };
        match &mut self.walk {
            Some(walk) if checkpoint.purpose == Purpose::Interval => walk.checkpoint(&checkpoint),
            _ => self.find(format!("line {}: a checkpoint is out of place", self.number)),
        }
    }

    fn ended(&mut self, jws: &str) {
        self.end = self.verified(jws);
        if self.end.is_none() {
            // Its content was refused; that there was an end is not what is missing.
            self.end = Some(Checkpoint {
                purpose: Purpose::Interval,
                account: String::new(),
                number: 0,
                seq: -1,
                hash: super::hash::ChainHash::genesis(""),
                iat: 0,
                export: None,
            });
        }
    }

    /// After the last line.
    pub fn finish(mut self) -> Verdict {
        let end = self.end.take();
        match &end {
            None => {
                self.find(
                    "the export has no signed end: something is missing after its last line".to_owned(),
                );
            }
            Some(end) if end.seq >= 0 => self.judge_end(end),
            Some(_) => {}
        }
        let kids = self
            .keys
            .iter()
            .flat_map(KeySet::kids)
            .map(str::to_owned)
            .collect();
        let mut findings = self.early;
        let Some(walk) = self.walk else {
            return Verdict {
                account: String::new(),
                entries: 0,
                checkpoints: 0,
                erased: 0,
                last: 0,
                kids,
                findings,
            };
        };
        findings.list.extend(walk.findings.list);
        findings.left_out += walk.findings.left_out;
        Verdict {
            account: end.map(|end| end.account).unwrap_or_default(),
            entries: walk.entries,
            checkpoints: walk.checkpoints,
            erased: walk.erased,
            last: walk.seq,
            kids,
            findings,
        }
    }

    fn judge_end(&mut self, end: &Checkpoint) {
        let lines = std::mem::take(&mut self.lines).finish();
        let begun = self.begun;
        let Some(walk) = &mut self.walk else {
            return;
        };
        let Some(exported) = end.export.as_ref().filter(|_| end.purpose == Purpose::Export) else {
            return walk.find(None, "the last line was not signed as the end of an export");
        };
        match begun {
            Some(begun) if begun != (exported.from, exported.from_hash) => {
                let what = format!("the export began with entry {} when it was signed", exported.from);
                walk.find(Some(begun.0), what);
            }
            None if exported.from <= end.seq => {
                let what = format!("entries {} to {} are missing", exported.from, end.seq);
                walk.find(Some(exported.from), what);
            }
            // Of no entries: it ends where it begins.
            None => (walk.seq, walk.hash) = (end.seq, end.hash),
            Some(_) => {}
        }
        walk.checkpoint(end);
        walk.checkpoints -= 1;
        if walk.erased != exported.erased {
            let what = format!(
                "{} entries have no personal parts; when it was signed there were {}",
                walk.erased, exported.erased
            );
            walk.find(None, what);
        }
        if lines != exported.lines {
            walk.find(None, "the lines are not the ones that were signed");
        }
    }
}
