//! What the daemon tells over HTTP: page, API, health, metrics.
//!
//! The JSON that the live page (`page/`) reads; every view of the page has its JSON twin here.
//!
//! | request | answer |
//! |---|---|
//! | `GET /`, `GET /a/<id>`, `GET /d/<sha>` | `page/index.html`; the others open the reader on that article, or on a drop's first |
//! | `GET /page/<file>` | the page's modules and styles, compiled in, with a strict CSP (`default-src 'self'; img-src 'self' data:`) |
//! | `GET /api/status` | `{ready, conditions: [{name, ok, say}], version, started, uptime_s, paused, folders: {in, out, state}, articles_seq, drops_seq, articles_per_s, latency_ms: {p50, p99}, stages: [{name, depth, capacity}], drops: {seen, done, duplicate, refused, incomplete, in_flight, waiting}, history: {t: [unix s], articles_per_s: [], p99_ms: []}, workers: []}`; the history holds the last ten minutes |
//! | `GET /events` | server-sent events: `status` once a second (as above without `history`), `drop` for every receipt (`id` is its seq, so `Last-Event-ID` resumes) |
//! | `GET /api/drops?before=SEQ&limit=N&outcome=WORD&q=NAME` | `{drops: [receipt and {articles, ms}], next}`, newest first |
//! | `GET /api/drops/<sha>` | `{sha256, name, outcome, reason, bytes, receipts: [], quarantined}` |
//! | `GET /api/drops/<sha>/raw` | the bytes as dropped, unpacked; 404 once the file is gone |
//! | `POST /api/drops/<sha>/retry` | puts a quarantined drop back; needs the header `x-wenliu: retry` and the page's own origin |
//! | `GET /api/articles?before=SEQ&limit=N&q=WORDS` | `{articles: [{id, seq, title, by, created, language, drop}], next}`, newest first |
//! | `GET /api/articles/<id>` | the record |
//! | `GET /livez`, `/readyz`, `/metrics` | health and metrics |

pub mod events;
pub mod guard;
pub mod house;
pub mod http;
pub mod page;
pub mod questions;
pub mod ready;
pub mod reload;
pub mod segments;
pub mod server;
pub mod systemd;
