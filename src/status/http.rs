//! The answers, one function a request.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::status::events;
use crate::status::guard::{self, Guard};
use crate::status::house::House;
use crate::status::page;
use crate::status::questions::{self, Asked, NoAnswer};
use crate::status::ready;

/// How long a question may wait for a disk before the answer is that it does not answer.
const DISK_PATIENCE: Duration = Duration::from_secs(10);
const PROBE_PATIENCE: Duration = Duration::from_secs(2);

/// What the answers are made from.
#[derive(Clone)]
pub struct Desk {
    pub house: Arc<House>,
    pub followers: Arc<AtomicUsize>,
}

/// All requests.
pub fn router(house: Arc<House>, guard: Guard) -> Router {
    let desk = Desk { house, followers: Arc::default() };
    Router::new()
        .route("/", get(page::index))
        .route("/a/{id}", get(page::index))
        .route("/d/{sha}", get(page::index))
        .route("/page/{file}", get(page::file))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/events", get(follow))
        .route("/api/status", get(status))
        .route("/api/drops", get(drops))
        .route("/api/drops/{sha}", get(drop))
        .route("/api/drops/{sha}/raw", get(raw))
        .route("/api/drops/{sha}/retry", post(retry))
        .route("/api/articles", get(articles))
        .route("/api/articles/{id}", get(article))
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .with_state(desk)
}

async fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "nothing here; the API begins at /api/status\n").into_response()
}

/// Asks on a thread that may wait for a disk, and gives up waiting in time.
async fn ask<T: Send + 'static>(
    desk: &Desk,
    patience: Duration,
    question: impl FnOnce(&House) -> T + Send + 'static,
) -> Option<T> {
    let house = desk.house.clone();
    let asking = tokio::task::spawn_blocking(move || question(&house));
    tokio::time::timeout(patience, asking).await.ok()?.ok()
}

fn silent_disk() -> Response {
    (StatusCode::GATEWAY_TIMEOUT, "a disk does not answer\n").into_response()
}

fn json_text(text: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.into()).into_response()
}

fn told(answer: Option<Result<Value, NoAnswer>>) -> Response {
    match answer {
        None => silent_disk(),
        Some(Ok(value)) => json_text(value.to_string()),
        Some(Err(error)) => refused(&error),
    }
}

fn refused(error: &NoAnswer) -> Response {
    let status = match error {
        NoAnswer::Unknown(_) => StatusCode::NOT_FOUND,
        NoAnswer::Recovering => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, format!("{error}\n")).into_response()
}

/// Texts are shown only where `http.reader` allows it.
fn hidden(desk: &Desk) -> Option<Response> {
    let say = "texts are hidden: http.reader is false\n";
    (!desk.house.config.http.reader).then(|| (StatusCode::FORBIDDEN, say).into_response())
}

/// That this is answered shows that the runtime turns.
async fn livez(State(desk): State<Desk>) -> Response {
    let alive = ready::alive(&desk.house);
    let status = if alive.ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, format!("{}\n", alive.say)).into_response()
}

async fn readyz(State(desk): State<Desk>) -> Response {
    let Some(conditions) = ask(&desk, PROBE_PATIENCE, ready::conditions).await else { return silent_disk_probe() };
    let ready = conditions.iter().all(|c| c.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": ready, "conditions": conditions });
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}

fn silent_disk_probe() -> Response {
    let say = "a disk does not answer";
    let body = json!({ "ready": false, "conditions": [{ "name": "output", "ok": false, "say": say }] });
    (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}

async fn metrics(State(desk): State<Desk>) -> Response {
    const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    // Even with a disk that hangs, the counters are told.
    let text = match ask(&desk, PROBE_PATIENCE, House::metrics_text).await {
        Some(text) => text,
        None => desk.house.metrics.text(),
    };
    ([(header::CONTENT_TYPE, KIND)], text).into_response()
}

async fn status(State(desk): State<Desk>) -> Response {
    match ask(&desk, PROBE_PATIENCE, |house| house.snapshot(true)).await {
        Some(snapshot) => json_text(serde_json::to_vec(&snapshot).expect("a snapshot is plain data")),
        None => silent_disk(),
    }
}

async fn drops(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Response {
    told(ask(&desk, DISK_PATIENCE, move |house| questions::drops(house, &asked)).await)
}

async fn drop(State(desk): State<Desk>, Path(sha): Path<String>) -> Response {
    told(ask(&desk, DISK_PATIENCE, move |house| questions::drop(house, &sha)).await)
}

async fn articles(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Response {
    match hidden(&desk) {
        Some(no) => no,
        None => told(ask(&desk, DISK_PATIENCE, move |house| questions::articles(house, &asked)).await),
    }
}

async fn article(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    if let Some(no) = hidden(&desk) {
        return no;
    }
    match ask(&desk, DISK_PATIENCE, move |house| questions::article(house, &id)).await {
        None => silent_disk(),
        Some(Ok(line)) => json_text(line),
        Some(Err(error)) => refused(&error),
    }
}

/// The drop's bytes, unpacked, a chunk at a time: a drop of gigabytes does not stand in memory.
async fn raw(State(desk): State<Desk>, Path(sha): Path<String>) -> Response {
    if let Some(no) = hidden(&desk) {
        return no;
    }
    let house = desk.house.clone();
    let opened = tokio::task::spawn_blocking(move || questions::raw(&house, &sha)).await;
    let mut reading = match opened {
        Ok(Ok(reading)) => reading,
        Ok(Err(error)) => return refused(&error),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let length = reading.bytes();
    let (sender, receiver) = async_channel::bounded::<Result<Bytes, std::io::Error>>(1);
    tokio::task::spawn_blocking(move || {
        loop {
            let piece = match reading.next_chunk() {
                Ok(Some(piece)) => Ok(Bytes::from(piece.bytes)),
                Ok(None) => return,
                Err(error) => Err(std::io::Error::other(error.to_string())),
            };
            let failed = piece.is_err();
            if sender.send_blocking(piece).is_err() || failed {
                return;
            }
        }
    });
    let kinds = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
    ];
    (kinds, Body::from_stream(receiver)).into_response()
}

/// Puts a quarantined drop back. A foreign page can neither send this header nor pass for the page's own origin.
async fn retry(State(desk): State<Desk>, Path(sha): Path<String>, headers: HeaderMap) -> Response {
    let word = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let (origin, host) = (word("origin"), word("host"));
    let own = origin.is_empty() || origin.split("://").nth(1) == Some(host.as_str());
    if word("x-wenliu") != "retry" || !own {
        return (StatusCode::FORBIDDEN, "retry is for this page alone\n").into_response();
    }
    if questions::drop_id(&sha).is_none() {
        return (StatusCode::NOT_FOUND, format!("no drop {sha}\n")).into_response();
    }
    told(ask(&desk, DISK_PATIENCE, move |house| questions::retry(house, &sha)).await)
}

async fn follow(State(desk): State<Desk>, headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.trim().parse().ok());
    let Some(place) = events::Place::take(&desk.followers) else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many follow already; close a page\n").into_response();
    };
    events::stream(desk.house.clone(), last, place).into_response()
}

impl events::Place {
    /// One of the places for followers, if one is free.
    fn take(taken: &Arc<AtomicUsize>) -> Option<events::Place> {
        let before = taken.fetch_add(1, Ordering::AcqRel);
        let place = events::Place(taken.clone());
        (before < events::FOLLOWERS_MAX).then_some(place)
    }
}

/// What an endless stream can fail with.
pub type Never = Infallible;
