//! Axum's server with a graceful end.
//!
//! Draining: /readyz turns 503 and every answer closes its connection; after `drain_delay`, when load balancers have
//! noticed, no connection is taken any more; what runs is finished.

use std::future::{Future, IntoFuture};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::app::Shared;
use super::config::Config;

/// Serves until `stop`, then drains. The exit status: 1 when something had to be cut.
pub async fn serve(
    app: Router,
    shared: Arc<Shared>,
    listener: TcpListener,
    config: &Config,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<i32> {
    shared.log.info(&format!("listening on {}", listener.local_addr()?), &[]);
    let (close, closing) = oneshot::channel();
    let (draining, delay, limit) = (shared.clone(), config.drain_delay, config.drain_timeout);
    let end = async move {
        stop.await;
        draining.drain();
        draining.log.info("draining", &[]);
        sleep(delay).await;
        let _ = close.send(()); // nobody waits for it where the server has ended
    };
    let cut = async move {
        if closing.await.is_ok() {
            sleep(limit).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let status = tokio::select! {
        ended = axum::serve(listener, app).with_graceful_shutdown(end).into_future() => ended.map(|()| 0)?,
        () = cut => {
            shared.log.error("cut what still ran", &[]);
            1
        }
    };
    shared.log.info("stopped", &[("status", status.into())]);
    Ok(status)
}

/// The first SIGTERM or SIGINT.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    })
}

/// For the container's HEALTHCHECK: whether /healthz answers 200.
pub fn healthy(port: u16) -> bool {
    let ask = || -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}
