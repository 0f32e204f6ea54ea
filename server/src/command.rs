//! The command line: what an operator types and what each command does; separate from `main`, so that it can be read
//! and tested as a whole.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use app::clock::Clock;
use app::db::Db;
use app::people::{LinkKind, Role, store as people};
use app::{State, Stranger};
use axum::serve::ListenerExt;
use clap::{Parser, Subcommand};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::configuration::{Data, Serving};
use crate::mail::{Post, Transport};
use crate::press::TypstPress;
use crate::router::Guards;
use crate::{jobs, log, mail, router};

/// The program that runs Montana's Quality Diabetes Education Initiative.
#[derive(Parser, Debug)]
#[command(name = "qdei", version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the site
    Serve {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        serving: Serving,
    },
    /// Fill an empty database with the demo program
    Demo {
        #[command(flatten)]
        data: Data,
    },
    /// Bring the database up to date
    Migrate {
        #[command(flatten)]
        data: Data,
    },
    /// Invite a coordinator by e-mail, and print the link
    InviteCoordinator {
        email: String,
        #[command(flatten)]
        data: Data,
    },
    /// Simulate a year of people who forget, go away and vanish, in memory, and write what happened
    Simulate {
        /// How many people apply
        #[arg(long, default_value_t = 60)]
        mentees: usize,
        /// The same seed gives the same people
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The file for the events, one JSON object a line
        #[arg(long)]
        events: std::path::PathBuf,
    },
    /// Import a spreadsheet of mentors, mentees or books: all rows or, when any has a problem, none (exit status 2)
    Import {
        #[command(flatten)]
        options: crate::import::Options,
        #[command(flatten)]
        data: Data,
    },
    /// Look at a file of questions
    Questions {
        /// A GIFT or Moodle XML file: print how many questions can be taken and what cannot, as JSON (exit status 2: not such a file)
        #[arg(long, value_name = "FILE")]
        check: std::path::PathBuf,
    },
    /// Export everything as CSV and JSON into a new folder, with the words people wrote in private
    Export {
        folder: std::path::PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Check the audit chain, the hashes of letters and certificates, and the invariants
    Check {
        /// What an earlier check or digest printed as the head, to find a cut-off tail
        #[arg(long)]
        head: Option<String>,
        #[command(flatten)]
        data: Data,
    },
}

/// Runs the command that was typed. Errors are told in one line.
pub async fn run() -> ExitCode {
    let command = CommandLine::parse().command;
    let format = match &command {
        Command::Serve { serving, .. } => serving.log_format,
        _ => log::Format::Text,
    };
    log::start(format);
    let done = match command {
        Command::Serve { data, serving } => serve(&data, &serving).await,
        Command::Demo { data } => demo(&data).await,
        Command::Migrate { data } => open(&data, None).await.map(|_| println!("The database is up to date.")),
        Command::InviteCoordinator { email, data } => invite_coordinator(&data, &email).await,
        Command::Simulate { mentees, seed, events } => crate::simulate::run(mentees, seed, &events).await,
        Command::Check { head, data } => check(&data, head.as_deref()).await,
        Command::Export { folder, data } => export(&data, &folder).await,
        Command::Questions { check } => return crate::questions::check(&check),
        Command::Import { options, data } => match import(&data, &options).await {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("qdei: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Opens the database, brings it up to date and gives it its starting material.
pub async fn open(data: &Data, address: Option<SocketAddr>) -> anyhow::Result<State> {
    let url = data.database_url.expose_secret();
    if url.starts_with("sqlite:") {
        std::fs::create_dir_all(&data.data).with_context(|| format!("{} could not be made", data.data.display()))?;
    }
    let db = Db::open(url).await?;
    db.migrate().await?;
    let mut state = State {
        db,
        clock: Clock::default(),
        audit_key: app::audit::Key::derive(&data.secret()?),
        base_url: data.base_url(address).into(),
        demo: false,
        press: Arc::new(TypstPress::default()),
    };
    let mut tx = state.write(&Stranger).await?;
    app::starter::fill(&mut tx).await?;
    state.demo = people::has_demo(&mut tx).await?;
    // From here on the program knows its time zone and its program year.
    app::settings::store::current(&mut tx).await?;
    tx.commit().await?;
    Ok(state)
}

async fn serve(data: &Data, serving: &Serving) -> anyhow::Result<()> {
    let mut state = open(data, Some(serving.address)).await?;
    if serving.demo_if_empty {
        state.demo |= crate::demo::fill(&state).await?;
    }
    if state.demo && !serving.address.ip().is_loopback() {
        bail!("this database holds the demo accounts, whose password is public: it is served on 127.0.0.1 only");
    }
    let listener =
        TcpListener::bind(serving.address).await.with_context(|| format!("{} cannot be listened on", serving.address))?;
    let guards = Guards {
        trusted_proxies: serving.trusted_proxies.clone().into(),
        metrics_token: serving.metrics_token.clone(),
        rate_limit: serving.rate_limit,
    };
    let post = Post {
        state: state.clone(),
        transport: Transport::open(serving.smtp_url.as_ref(), &data.data)?,
        from: serving.mail_from.parse().context("QDEI_MAIL_FROM must read NAME <ADDRESS>")?,
    };
    let (stop, stopped) = watch::channel(false);
    let workers = [
        tokio::spawn(mail::work(post, stopped.clone())),
        tokio::spawn(jobs::sweep_sessions(state.clone(), stopped.clone())),
        tokio::spawn(jobs::watch(state.clone(), stopped.clone())),
        tokio::spawn(jobs::ask_follow_ups(state.clone(), stopped.clone())),
    ];
    greet(&state, listener.local_addr()?).await?;
    // Without it a small answer waits 40 ms for the packet before it to be acknowledged.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "nodelay");
        }
    });
    let app = router::router(state.clone(), &guards).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await?;
    tracing::info!("stopping");
    stop.send(true).ok();
    for worker in workers {
        worker.await.ok();
    }
    state.db.close().await;
    Ok(())
}

async fn greet(state: &State, address: SocketAddr) -> anyhow::Result<()> {
    println!("QDEI is at http://{address}");
    if state.demo {
        println!("This is the demo program: sign in as coordinator@demo.qdei.example with {}", crate::demo::PASSWORD);
    } else if !people::has_coordinator(&mut state.db.read().await?).await? {
        println!("There is no coordinator yet: run qdei invite-coordinator EMAIL");
    }
    Ok(())
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}

async fn check(data: &Data, head: Option<&str>) -> anyhow::Result<()> {
    crate::check::run(&open(data, None).await?, head).await
}

async fn import(data: &Data, options: &crate::import::Options) -> anyhow::Result<ExitCode> {
    crate::import::run(&open(data, None).await?, options).await
}

async fn export(data: &Data, folder: &std::path::Path) -> anyhow::Result<()> {
    let state = open(data, None).await?;
    let rows = crate::export::run(&state, folder).await?;
    println!("{rows} rows are in {}. They hold private words: README.txt there says which.", folder.display());
    Ok(())
}

async fn demo(data: &Data) -> anyhow::Result<()> {
    let state = open(data, None).await?;
    if !crate::demo::fill(&state).await? {
        bail!("this database is not empty: the demo program fills only an empty one");
    }
    println!("The demo program is in place. The password of the demo accounts is {}", crate::demo::PASSWORD);
    Ok(())
}

async fn invite_coordinator(data: &Data, email: &str) -> anyhow::Result<()> {
    let state = open(data, None).await?;
    let mut tx = state.write(&Stranger).await?;
    let settings = app::settings::store::current(&mut tx).await?;
    let account = people::find_or_insert(&mut tx, email, "Coordinator", "").await?;
    people::grant(&mut tx, account, Role::Coordinator).await?;
    let link = people::send_link(&mut tx, &state, account, LinkKind::Invitation, "coordinator", &settings).await?;
    tx.commit().await?;
    println!("{email} is invited as coordinator. The link, good once and for {} days:\n{link}", settings.invitation_days);
    Ok(())
}
