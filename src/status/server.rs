//! Listens where the settings say. A taken port is a warning: the daemon works on, and tries again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config;
use crate::status::guard::Guard;
use crate::status::house::House;
use crate::status::http;

const TRY_AGAIN: Duration = Duration::from_secs(2);
const TRY_AGAIN_MAX: Duration = Duration::from_secs(30);

/// Serves in the background; the receiver holds the address once there is one, "" before.
pub fn start(house: Arc<House>) -> watch::Receiver<String> {
    let (tell, address) = watch::channel(String::new());
    if let Some(wanted) = config::address(&house.config.http.listen) {
        tokio::spawn(serve(house, wanted, tell));
    }
    address
}

async fn serve(house: Arc<House>, wanted: SocketAddr, tell: watch::Sender<String>) {
    let listener = listen(wanted).await;
    let address = listener.local_addr().unwrap_or(wanted);
    let guard = match Guard::new(&house.config.http, address, &house.config.ledger.folder) {
        Ok(guard) => guard,
        Err(error) => {
            tracing::error!(%error, "no page: a token is needed off loopback and cannot be kept in the state folder");
            return;
        }
    };
    tracing::info!(page = %format!("http://{address}/"), "page, API and metrics");
    // Nobody waits for the address any more when the daemon is about to end.
    tell.send_replace(address.to_string());
    if let Err(error) = axum::serve(listener, http::router(house, guard)).await {
        tracing::error!(%error, "page ended");
    }
}

async fn listen(wanted: SocketAddr) -> TcpListener {
    let mut wait = TRY_AGAIN;
    let mut told = false;
    loop {
        match TcpListener::bind(wanted).await {
            Ok(listener) => return listener,
            Err(error) if !told => {
                told = true;
                tracing::warn!(address = %wanted, %error, "no page yet: the address cannot be used; it is tried again. `:0` picks a free port");
            }
            Err(_) => {}
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(TRY_AGAIN_MAX);
    }
}
