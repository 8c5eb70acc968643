//! Mails over SMTP: TLS from the first byte or by STARTTLS, and PLAIN or LOGIN inside of it.

use std::net::IpAddr;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use parking_lot::Mutex;

use crate::mail::MailError;
use crate::settings::Smtp;

/// What one command of a conversation may take.
const COMMAND_TIME: Duration = Duration::from_secs(10);
/// Answers of a server after which another attempt would be answered the same: no such mailbox,
/// not here, name not allowed.
const FINAL_ANSWERS: [u16; 4] = [550, 551, 553, 556];

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// How to reach the server of the settings, as long as they do not change. Each mail has a
/// connection of its own: a kept one would belong to the thread that opened it.
#[derive(Default)]
pub(super) struct Route(Mutex<Option<(Smtp, Transport)>>);

impl Route {
    /// Hands a mail to the server.
    pub async fn send(&self, smtp: &Smtp, mail: lettre::Message) -> Result<(), MailError> {
        let transport = self.transport(smtp)?;
        transport.send(mail).await.map(drop).map_err(|error| failed(&error))
    }

    fn transport(&self, smtp: &Smtp) -> Result<Transport, MailError> {
        let mut kept = self.0.lock();
        if let Some((_, transport)) = kept.as_ref().filter(|(made_for, _)| made_for == smtp) {
            return Ok(transport.clone());
        }
        let made = transport(smtp)?;
        *kept = Some((smtp.clone(), made.clone()));
        Ok(made)
    }
}

fn transport(smtp: &Smtp) -> Result<Transport, MailError> {
    let Ok(port) = u16::try_from(smtp.port) else {
        return Err(MailError::Failed("The port in the settings is none.".to_owned()));
    };
    let mut builder = Transport::builder_dangerous(smtp.host.clone())
        .port(port)
        .timeout(Some(COMMAND_TIME))
        .tls(tls(smtp)?);
    if !smtp.local_name.is_empty() {
        builder = builder.hello_name(client_id(&smtp.local_name));
    }
    if !smtp.username.is_empty() {
        let password = smtp.password.reveal().to_owned();
        let mechanism =
            if smtp.auth_method == "LOGIN" { Mechanism::Login } else { Mechanism::Plain };
        builder = builder
            .credentials(Credentials::new(smtp.username.clone(), password))
            .authentication(vec![mechanism]);
    }
    Ok(builder.build())
}

/// A password is not sent in the clear, but to this machine.
fn tls(smtp: &Smtp) -> Result<Tls, MailError> {
    let parameters =
        TlsParameters::new_rustls(smtp.host.clone()).map_err(|error| failed(&error))?;
    Ok(if smtp.tls {
        Tls::Wrapper(parameters)
    } else if smtp.username.is_empty() || is_this_machine(&smtp.host) {
        Tls::Opportunistic(parameters)
    } else {
        Tls::Required(parameters)
    })
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn client_id(name: &str) -> ClientId {
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name.to_owned()),
    }
}

fn failed(error: &Error) -> MailError {
    let text = format!("The mail server: {error}.");
    match error.status() {
        Some(code) if FINAL_ANSWERS.contains(&u16::from(code)) => MailError::Refused(text),
        _ => MailError::Failed(text),
    }
}
