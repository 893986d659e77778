//! Whether a command line tells whoever meets it for the first time what to do with it.

use clap::Command;

/// Shorter says nothing.
const LEAST: usize = 6;

/// What of a program has no help worth the name: commands, arguments, and exit codes. Each is named by its way from the program.
#[must_use]
pub fn missing(mut program: Command) -> Vec<String> {
    program.build();
    let mut found = Vec::new();
    look(&program, program.get_name(), &mut found);
    if !program.render_long_help().to_string().contains("Exit codes") {
        found.push(format!("{}: exit codes", program.get_name()));
    }
    found
}

fn look(command: &Command, path: &str, found: &mut Vec<String>) {
    if !says(command.get_about()) {
        found.push(path.to_owned());
    }
    let silent = command
        .get_arguments()
        .filter(|argument| !says(argument.get_help()));
    found.extend(silent.map(|argument| format!("{path}: {}", argument.get_id())));
    for inner in command.get_subcommands() {
        look(inner, &format!("{path} {}", inner.get_name()), found);
    }
}

fn says(text: Option<&clap::builder::StyledStr>) -> bool {
    text.is_some_and(|text| text.to_string().len() >= LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Arg;

    #[test]
    fn what_says_nothing_of_itself_is_named() {
        let told = Command::new("inner")
            .about("Does the inner thing")
            .arg(Arg::new("quick").long("quick"));
        let silent = Command::new("other").about("Other");
        let program = Command::new("program")
            .about("Does several things")
            .disable_help_subcommand(true)
            .subcommands([told, silent]);
        assert_eq!(
            missing(program.clone()),
            ["program inner: quick", "program other", "program: exit codes"]
        );
        let whole = Command::new("program")
            .about("Does one thing")
            .after_long_help("Exit codes: 0 when it is done");
        assert_eq!(missing(whole), [""; 0]);
    }
}
