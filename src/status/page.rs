//! The live page's files, compiled in.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("page/", $name)))),*]
    };
}

const FILES: &[(&str, &[u8])] =
    files!["diff.js" "dom.js" "live.js" "main.js" "net.js" "origins.js" "reader.js" "style.css" "uplot.css" "uplot.js"];

/// The page.
pub async fn index() -> Html<&'static str> {
    Html(include_str!("page/index.html"))
}

/// One of its files.
pub async fn file(Path(name): Path<String>) -> Response {
    let kind = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        _ => "text/css; charset=utf-8",
    };
    match FILES.iter().find(|(known, _)| *known == name) {
        Some((_, bytes)) => ([(header::CONTENT_TYPE, kind)], *bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
