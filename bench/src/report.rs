//! The table: each line a figure, the reference it is held against, the ratio, and what is aimed for.

use std::io::Write as _;

use anyhow::Result;

use crate::load::Rate;

#[derive(Default)]
pub struct Report(Vec<Line>);

struct Line {
    what: String,
    figure: String,
    ratio: String,
    aim: String,
}

impl Report {
    /// A rate without a reference of its own.
    pub fn rate(&mut self, what: &str, rate: Rate) {
        self.add(what, figure(rate), String::new(), "");
    }

    /// A rate held against another: `of` is its name.
    pub fn ratio(&mut self, what: &str, rate: Rate, of: &str, reference: f64, aim: &str) {
        let ratio = format!("{:.2} of {of}", rate.per_second / reference.max(1.0));
        self.add(what, figure(rate), ratio, aim);
    }

    pub fn plain(&mut self, what: &str, figure: String, aim: &str) {
        self.add(what, figure, String::new(), aim);
    }

    fn add(&mut self, what: &str, figure: String, ratio: String, aim: &str) {
        let line = Line {
            what: what.to_owned(),
            figure,
            ratio,
            aim: aim.to_owned(),
        };
        // Shown as it comes: a whole run takes minutes.
        _ = write_line(&line);
        self.0.push(line);
    }

    pub fn print(&self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n| what | figure | ratio | aim |\n|---|---|---|---|")?;
        for line in &self.0 {
            writeln!(
                out,
                "| {} | {} | {} | {} |",
                line.what, line.figure, line.ratio, line.aim
            )?;
        }
        Ok(())
    }
}

fn write_line(line: &Line) -> std::io::Result<()> {
    let Line {
        what,
        figure,
        ratio,
        aim,
    } = line;
    writeln!(std::io::stderr(), "{what:<46} {figure:<44} {ratio:<34} {aim}")
}

fn figure(rate: Rate) -> String {
    format!(
        "{:.0}/s, p50 {} µs, p99 {} µs",
        rate.per_second, rate.p50_micros, rate.p99_micros
    )
}
