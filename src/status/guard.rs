//! Who may ask: a token, the name the daemon is called by, and headers that keep a page in its place.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::config::HttpConfig;
use crate::record::drop::hex;

/// What every request has to pass.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Demanded as a bearer token; "" = none.
    token: String,
}

const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

impl Guard {
    /// The guard for an address. Off loopback a token is always demanded: without one in the settings it is made, and
    /// kept in `<state>/http.token`.
    ///
    /// # Errors
    /// A token cannot be made or kept.
    pub fn new(config: &HttpConfig, address: SocketAddr, state: &Path) -> io::Result<Guard> {
        if !config.token.is_empty() || address.ip().is_loopback() {
            return Ok(Guard { token: config.token.clone() });
        }
        let path = state.join("http.token");
        let token = match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
            _ => made(&path)?,
        };
        tracing::info!(file = %path.display(), "page and API demand the token in this file, because they are not on loopback");
        Ok(Guard { token })
    }

    fn verdict(&self, path: &str, headers: &HeaderMap) -> Result<(), (StatusCode, &'static str)> {
        // The page's own files hold nothing secret, and probes carry no token.
        let open = ["/", "/livez", "/readyz"].contains(&path)
            || ["/page/", "/a/", "/d/"].iter().any(|front| path.starts_with(front));
        if !self.token.is_empty() {
            let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
            let given = given.strip_prefix("Bearer ").unwrap_or_default().trim();
            return match open || same(given, &self.token) {
                true => Ok(()),
                false => Err((StatusCode::UNAUTHORIZED, "send the header `Authorization: Bearer <http.token>`")),
            };
        }
        // Without a token a foreign page could ask through a name that it points at this machine.
        let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
        match is_this_machine(host) {
            true => Ok(()),
            false => Err((
                StatusCode::MISDIRECTED_REQUEST,
                "ask by address, such as http://127.0.0.1:7878, or set http.token",
            )),
        }
    }
}

fn made(path: &Path) -> io::Result<String> {
    let mut random = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let token = hex(&random);
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(format!("{token}\n").as_bytes())?;
    Ok(token)
}

/// Compares without telling by the time how much was right.
fn same(given: &str, wanted: &str) -> bool {
    given.len() == wanted.len() && given.bytes().zip(wanted.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// An address cannot be pointed elsewhere; of the names only `localhost` cannot.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|h| h.split_once(']')) {
        Some((inner, _)) => inner,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost")
}

/// Lets a request pass or not, and puts the page's rules on every answer.
pub async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut answer = match guard.verdict(request.uri().path(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err((status, say)) => (status, format!("{say}\n")).into_response(),
    };
    let rules: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in rules {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(token: &str, path: &str, headers: &[(HeaderName, &str)]) -> u16 {
        let guard = Guard { token: token.into() };
        let headers = headers.iter().map(|(n, v)| (n.clone(), HeaderValue::from_str(v).expect("legal"))).collect();
        guard.verdict(path, &headers).err().map_or(200, |(status, _)| status.as_u16())
    }

    #[test]
    fn a_name_that_anybody_may_point_here_is_turned_away() {
        for host in ["127.0.0.1:7878", "localhost:7878", "[::1]:7878", "LOCALHOST", "192.168.1.5"] {
            assert_eq!(status("", "/api/status", &[(header::HOST, host)]), 200, "{host}");
        }
        for host in ["evil.example:7878", "localhost.evil.example", "", "127.0.0.1.evil.example"] {
            assert_eq!(status("", "/api/status", &[(header::HOST, host)]), 421, "{host}");
        }
    }

    #[test]
    fn a_token_is_demanded_for_all_but_probes_and_the_page_itself() {
        assert_eq!(status("s3cret", "/api/status", &[]), 401);
        assert_eq!(status("s3cret", "/metrics", &[(header::AUTHORIZATION, "Bearer s3creT")]), 401);
        assert_eq!(status("s3cret", "/metrics", &[(header::AUTHORIZATION, "Bearer s3cret")]), 200);
        for path in ["/livez", "/readyz", "/", "/page/main.js"] {
            assert_eq!(status("s3cret", path, &[]), 200, "{path}");
        }
    }

    #[test]
    fn off_loopback_a_token_is_made_and_kept() {
        let state = tempfile::tempdir().expect("a folder");
        let address = "0.0.0.0:80".parse().expect("an address");
        let config = HttpConfig::default();
        let first = Guard::new(&config, address, state.path()).expect("made");
        assert_eq!(first.token.len(), 32);
        assert_eq!(Guard::new(&config, address, state.path()).expect("kept").token, first.token);
        let local = Guard::new(&config, "127.0.0.1:80".parse().expect("an address"), state.path()).expect("none");
        assert_eq!(local.token, "");
    }
}
