//! Letters that really leave: SMTP to a server that we did not write.

use tests::agent::Agent;
use tests::demo::PASSWORD;
use tests::server::{Server, Setup};
use tests::smtp_server::SmtpServer;

fn mail(port: u16, more: &str) -> String {
    format!(
        "[mail]\nfrom = \"Lighthouse <accounts@lighthouse.example>\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n{more}"
    )
}

/// Registering sends a letter, with sign-in to the mail server; it is whole, and tells who it is for and from.
#[tokio::test]
async fn a_letter_arrives_by_authenticated_smtp() {
    let mut post = SmtpServer::start(&["auth"]).await.unwrap();
    let account = "username = \"mailer\"\npassword = \"demo-only-mail-password\"\n";
    // The server goes on until the letter has left.
    let mut servers = Vec::new();
    for setup in [Setup::sqlite(), Setup::postgres()] {
        let server = Server::start(setup.with(&mail(post.port(), account)))
            .await
            .unwrap();
        let agent = Agent::new().unwrap();
        agent.register(&server.issuer(), "ada", PASSWORD).await.unwrap();
        servers.push(server);
    }
    for letter in post.letters(2).await.unwrap() {
        for part in [
            "From: Lighthouse <accounts@lighthouse.example>",
            "To: ada@example.",
            "Auto-Submitted: auto-generated",
            "text/plain",
            "text/html",
            "/verify-email?token",
        ] {
            assert!(letter.contains(part), "no {part} in\n{letter}");
        }
    }
}

/// A server that asks to come back gets the letter later, and once.
#[tokio::test]
async fn a_letter_that_was_turned_away_comes_again() {
    let mut post = SmtpServer::start(&["greylist"]).await.unwrap();
    let setup = Setup::sqlite().with(&mail(post.port(), ""));
    let mut server = Server::start(setup).await.unwrap();
    let agent = Agent::new().unwrap();
    agent.register(&server.issuer(), "ada", PASSWORD).await.unwrap();
    assert_eq!(post.letters(1).await.unwrap().len(), 1);
    assert!(server.log().unwrap().contains("a job failed"));
}
