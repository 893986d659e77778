//! The table: each line a figure, the reference it is held against, the ratio, and what is aimed for.
//! CPU is processor time of the measured process for each request: in the program + in the kernel.

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

    /// The same with the median and the processor time compared too.
    pub fn beside(&mut self, what: &str, rate: Rate, of: &str, reference: Rate, aim: &str) {
        self.add(what, figure(rate), comparison(rate, of, reference), aim);
    }

    /// Another program's rate, with how ours compares with it: the aim is ours over theirs.
    pub fn rate_of_another(&mut self, what: &str, theirs: Rate, ours: Rate, aim: &str) {
        let ratio = format!("ours: {}", comparison(ours, "it", theirs));
        self.add(what, figure(theirs), ratio, aim);
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
    writeln!(std::io::stderr(), "{what:<46} {figure:<60} {ratio:<34} {aim}")
}

fn figure(rate: Rate) -> String {
    let Rate {
        per_second,
        p50_micros,
        p99_micros,
        user_micros,
        system_micros,
        ..
    } = rate;
    let mut text = format!("{per_second:.0}/s");
    if p50_micros > 0 {
        text.push_str(&format!(", p50 {p50_micros} µs, p99 {p99_micros} µs"));
    }
    if user_micros + system_micros > 0.0 {
        text.push_str(&format!(", CPU {user_micros:.1} + {system_micros:.1} µs"));
    }
    text
}

/// How a run compares with its reference: rate, median and processor time.
fn comparison(rate: Rate, of: &str, reference: Rate) -> String {
    let mut text = format!("{:.2} of {of}", rate.per_second / reference.per_second.max(1.0));
    let (p50, p50_there) = (i128::from(rate.p50_micros), i128::from(reference.p50_micros));
    text.push_str(&format!(", p50 {:+} µs", p50 - p50_there));
    let (cpu, cpu_there) = (rate.cpu_micros(), reference.cpu_micros());
    if cpu > 0.0 && cpu_there > 0.0 {
        text.push_str(&format!(", CPU × {:.2}", cpu / cpu_there));
    }
    text
}
