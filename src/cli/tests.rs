//! Tables of command lines and what becomes of them.

use std::io::Write as _;
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};

use crate::cli::{Cli, Command, SettingsCommand, SuperuserCommand};
use crate::config::{Config, ConfigError, Durability, Environment, ServeConfig};

fn parse(line: &str) -> Cli {
    let words = std::iter::once("greenroom").chain(line.split_whitespace());
    Cli::try_parse_from(words).unwrap_or_else(|e| panic!("{line}: {e}"))
}

fn check(line: &str, env: &Environment) -> (Config, ServeConfig) {
    let cli = parse(line);
    let config = Config::check(&cli.global, env).unwrap_or_else(|e| panic!("{line}: {e}"));
    let Some(Command::Serve(serve)) = cli.command else { panic!("{line}: not serve") };
    let serve = ServeConfig::check(&serve, env).unwrap_or_else(|e| panic!("{line}: {e}"));
    (config, serve)
}

fn refusal(line: &str, env: &Environment) -> String {
    let cli = parse(line);
    let checked = Config::check(&cli.global, env).and_then(|config| match &cli.command {
        Some(Command::Serve(serve)) => ServeConfig::check(serve, env).map(|_| config),
        _ => Ok(config),
    });
    let error: ConfigError = checked.err().unwrap_or_else(|| panic!("{line} was accepted"));
    error.to_string()
}

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn defaults_need_nothing() {
    let (config, serve) = check("serve", &Environment::default());
    assert_eq!(config.dir.to_str(), Some("gr_data"));
    assert_eq!(config.public_dir.to_str(), Some("gr_public"));
    assert_eq!(config.query_timeout, Duration::from_secs(30));
    assert_eq!(config.durability, Durability::Flushed);
    assert!(config.index_fallback && !config.dev && config.settings_key.is_none());
    assert_eq!(serve.http.unwrap().to_string(), "127.0.0.1:8090");
    assert_eq!(serve.origins, ["*"]);
    assert_eq!(serve.first_superuser, None);
}

#[test]
fn every_spelling_means_the_same() {
    let env = || Environment::of([("KEY", KEY)]);
    let own = "serve --http 127.0.0.1:81 --dir /d --public /p --encryption-env KEY \
               --query-timeout 7 --index-fallback=false --dev --origins http://a.com,http://b.com";
    let expected = check(own, &env());
    assert!(expected.0.dev && !expected.0.index_fallback && expected.0.settings_key.is_some());
    for line in [
        "--dir /d --public /p --encryption-env KEY --query-timeout 7 --index-fallback=false \
         --dev serve --http 127.0.0.1:81 --origins http://a.com --origins http://b.com",
        "serve --dir=/d --publicDir=/p --encryptionEnv=KEY --queryTimeout=7 --http=127.0.0.1:81 \
         --indexFallback=0 --dev=true --origins=http://a.com,http://b.com",
        "--dir /d --publicDir /p serve --encryptionEnv KEY --queryTimeout 7 --http 127.0.0.1:81 \
         --indexFallback=F --dev=T --origins http://a.com,http://b.com --hooksDir /h \
         --hooksWatch=false --hooksPool 3 --migrationsDir /m --automigrate=false",
        "serve --dir /x --dir /d --http 127.0.0.1:80 --http 127.0.0.1:81 --public /p --dev=false \
         --dev --encryptionEnv KEY --queryTimeout 7 --indexFallback=false --https= \
         --origins http://a.com,http://b.com",
    ] {
        assert_eq!(check(line, &env()), expected, "{line}");
    }
}

#[test]
fn the_environment_stands_in_and_the_command_line_goes_first() {
    let env = || {
        Environment::of([
            ("GREENROOM_DIR", "/d"),
            ("GREENROOM_DEV", "1"),
            ("GREENROOM_PUBLIC", "/p"),
            ("GREENROOM_INDEX_FALLBACK", "false"),
            ("GREENROOM_ENCRYPTION_ENV", "KEY"),
            ("GREENROOM_QUERY_TIMEOUT", "7"),
            ("GREENROOM_DURABILITY", "full"),
            ("GREENROOM_HTTP", ":81"),
            ("GREENROOM_ORIGINS", "http://a.com, http://b.com"),
            ("GREENROOM_NO_OPEN", "true"),
            ("GREENROOM_LOG", "debug"),
            ("GREENROOM_LOG_FORMAT", "json"),
            ("KEY", KEY),
        ])
    };
    let given = "serve --dir /d --dev --public /p --index-fallback=false --encryption-env KEY \
                 --query-timeout 7 --durability full --http 0.0.0.0:81 --no-open \
                 --origins http://a.com,http://b.com";
    assert_eq!(check("serve", &env()), check(given, &env()));
    assert_eq!(check("serve", &env()).0.console.filter.as_deref(), Some("debug"));
    let (config, serve) = check("serve --dir /x --dev=false --http 127.0.0.1:82", &env());
    assert_eq!(config.dir.to_str(), Some("/x"));
    assert!(!config.dev && config.console.json && !serve.may_open_browser);
    assert_eq!(serve.http.unwrap().port(), 82);
    let empty = Environment::of([("GREENROOM_DIR", ""), ("GREENROOM_HTTP", "")]);
    assert_eq!(check("serve", &empty), check("serve", &Environment::default()));
}

#[test]
fn options_without_meaning_here_are_named() {
    let cli = parse("--automigrate=false serve --hooksDir x");
    assert_eq!(cli.global.foreign.given(), ["--hooksDir", "--automigrate"]);
    assert!(parse("serve --dev").global.foreign.given().is_empty());
}

#[test]
fn what_is_wrong_is_named_with_what_to_do() {
    let none = Environment::default;
    let cases = [
        ("serve --http 8090", none(), "write HOST:PORT"),
        ("serve --http 127.0.0.1:99999", none(), "write HOST:PORT"),
        ("serve --http ::1:8090", none(), "write HOST:PORT"),
        ("serve --https 0.0.0.0:443", none(), "name a domain to fetch one for"),
        ("serve --https localhost:443", none(), "name a domain to fetch one for"),
        ("serve 127.0.0.1", none(), "'127.0.0.1' is no domain"),
        ("serve -- -a.b", none(), "'-a.b' is no domain"),
        ("serve a.b --https 443", none(), "--https: '443' is no address"),
        ("serve --tls-cert c", none(), "--tls-cert needs --tls-key"),
        ("serve --tls-key k", none(), "--tls-key needs --tls-cert"),
        ("serve a.b --acme-directory http://c.d", none(), "is no https:// URL"),
        ("serve --http off", none(), "no address to listen on"),
        ("serve --origins http://a.com/path", none(), "'http://a.com/path' is no origin"),
        ("serve --dir Cargo.toml", none(), "is a file"),
        ("serve --encryptionEnv KEY", none(), "KEY, which is not set"),
        ("serve --encryptionEnv KEY", Environment::of([("KEY", "short")]), "has 5 bytes"),
        ("serve", Environment::of([("GREENROOM_DEV", "yes")]), "GREENROOM_DEV: 'yes'"),
        ("serve", Environment::of([("GREENROOM_DURABILITY", "x")]), "neither flushed nor full"),
        ("serve", Environment::of([("GREENROOM_QUERY_TIMEOUT", "0")]), "1 to 86400"),
        ("serve", Environment::of([("GREENROOM_LOG_FORMAT", "xml")]), "neither human nor json"),
        ("serve", Environment::of([("GREENROOM_SUPERUSER_EMAIL", "a@a.co")]), "needs GREENROOM"),
        ("serve", Environment::of([("GREENROOM_SUPERUSER_PASSWORD", "x")]), "needs GREENROOM"),
    ];
    for (line, env, part) in cases {
        let message = refusal(line, &env);
        assert!(message.contains(part), "{line}: {message}");
        assert!(!message.contains('\n'), "{message}");
    }
    for line in ["serve --dev=maybe", "serve --nope", "nope", "serve --durability low"] {
        let words = std::iter::once("greenroom").chain(line.split_whitespace());
        let error = Cli::try_parse_from(words).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn the_first_superuser_comes_from_the_environment_or_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    let mut written = std::fs::File::create(&file).unwrap();
    written.write_all(b"long enough\n").unwrap();
    let path = file.to_str().unwrap();
    let email = ("GREENROOM_SUPERUSER_EMAIL", "a@a.co");
    let from_file = Environment::of([email, ("GREENROOM_SUPERUSER_PASSWORD_FILE", path)]);
    let from_value = Environment::of([email, ("GREENROOM_SUPERUSER_PASSWORD", "long enough")]);
    let first = check("serve", &from_file).1.first_superuser.expect("a superuser");
    assert_eq!(first.password.reveal(), "long enough");
    assert_eq!(Some(first), check("serve", &from_value).1.first_superuser);
    let both = Environment::of([
        email,
        ("GREENROOM_SUPERUSER_PASSWORD", "x"),
        ("GREENROOM_SUPERUSER_PASSWORD_FILE", path),
    ]);
    assert!(refusal("serve", &both).contains("not both"));
    let missing = Environment::of([email, ("GREENROOM_SUPERUSER_PASSWORD_FILE", "/no/such")]);
    assert!(refusal("serve", &missing).contains("cannot read /no/such"));
}

#[test]
fn a_configuration_does_not_print_its_secrets() {
    let env = Environment::of([
        ("KEY", KEY),
        ("GREENROOM_SUPERUSER_EMAIL", "a@a.co"),
        ("GREENROOM_SUPERUSER_PASSWORD", "hunter22"),
    ]);
    let printed = format!("{:?}", check("serve --encryption-env KEY", &env));
    assert!(!printed.contains(KEY) && !printed.contains("hunter22"), "{printed}");
}

#[test]
fn tls_has_the_addresses_of_the_reference() {
    let text = |line: &str| {
        let (_, serve) = check(line, &Environment::default());
        let https = serve.https.expect(line);
        let plain = serve.http.map_or("off".to_owned(), |http| http.to_string());
        let names = [https.domains.join(","), https.www.join(",")];
        format!("{plain} {} {} {}", https.address, names[0], names[1])
    };
    for (line, expected) in [
        ("serve a.b", "0.0.0.0:80 0.0.0.0:443 a.b www.a.b"),
        ("serve A.B a.b www.a.b", "0.0.0.0:80 0.0.0.0:443 a.b,www.a.b "),
        ("serve a.b --https [::]:8443", "0.0.0.0:80 [::]:8443 a.b www.a.b"),
        ("serve a.b --http off", "off 0.0.0.0:443 a.b www.a.b"),
        ("serve --tls-cert c --tls-key k", "0.0.0.0:80 0.0.0.0:443  "),
        ("serve --tls-cert c --tls-key k --https 127.0.0.1:1", "127.0.0.1:8090 127.0.0.1:1  "),
    ] {
        assert_eq!(text(line), expected, "{line}");
    }
    let env = Environment::of([
        ("GREENROOM_DOMAINS", "a.b, c.d"),
        ("GREENROOM_ACME_EMAIL", "ada@a.b"),
        ("GREENROOM_ACME_DIRECTORY", "https://acme/dir"),
        ("GREENROOM_ACME_CA", "ca.pem"),
    ]);
    let line = "serve a.b c.d --acme-email ada@a.b --acme-directory https://acme/dir \
                --acme-ca ca.pem";
    assert_eq!(check("serve", &env), check(line, &Environment::default()));
}

#[test]
fn a_rotation_must_say_where_to() {
    for line in ["settings rotate-key", "settings rotate-key --to-env A --to-plain"] {
        let words = std::iter::once("greenroom").chain(line.split_whitespace());
        assert_eq!(Cli::try_parse_from(words).expect_err(line).exit_code(), 2, "{line}");
    }
    let command = parse("settings rotate-key --from-env A --to-env B").command;
    let Some(Command::Settings(SettingsCommand::RotateKey { from_env, to_env, to_plain })) =
        command
    else {
        panic!("not rotate-key");
    };
    assert_eq!((from_env.as_deref(), to_env.as_deref()), (Some("A"), Some("B")));
    assert!(!to_plain);
}

#[test]
fn superuser_commands_take_the_password_or_ask() {
    let command = parse("superuser upsert a@a.co secret --dir /d").command;
    let Some(Command::Superuser(SuperuserCommand::Upsert { email, password })) = command else {
        panic!("not upsert");
    };
    assert_eq!((email.as_str(), password.as_deref()), ("a@a.co", Some("secret")));
    let command = parse("superuser ips 10.0.0.0/8 ::1").command;
    let Some(Command::Superuser(SuperuserCommand::Ips { networks })) = command else {
        panic!("not ips");
    };
    assert_eq!(networks, ["10.0.0.0/8", "::1"]);
    let command = parse("superuser create a@a.co").command;
    assert!(matches!(
        command,
        Some(Command::Superuser(SuperuserCommand::Create { password: None, .. }))
    ));
}
