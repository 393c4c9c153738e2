//! Is it fit for work: each condition by name, with a sentence that says why not.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::status::house::House;
use crate::telemetry::metrics;

/// Below this many bytes of room the daemon is not ready; a commit needs some.
const ROOM_MIN: u64 = 32 << 20;

/// One thing that must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// `recovery | watch | output | space | stages`
    pub name: &'static str,
    pub ok: bool,
    /// What holds, or why it does not and what to do.
    pub say: String,
}

/// All conditions, and their metrics.
pub fn conditions(house: &House) -> Vec<Condition> {
    let list = vec![
        condition("recovery", recovery(house)),
        condition("watch", watch(house)),
        condition("output", output(house)),
        condition("space", space(house)),
        condition("stages", stages(house, Duration::ZERO)),
    ];
    for condition in &list {
        let label = metrics::Condition { condition: condition.name };
        house.metrics.ready.get_or_create(&label).set(i64::from(condition.ok));
    }
    list
}

/// Whether it is alive at all: a step that hangs for a minute beyond all patience will not come back.
pub fn alive(house: &House) -> Condition {
    condition("alive", stages(house, Duration::from_secs(60)))
}

fn condition(name: &'static str, verdict: Result<String, String>) -> Condition {
    let ok = verdict.is_ok();
    Condition { name, ok, say: verdict.unwrap_or_else(|why| why) }
}

fn recovery(house: &House) -> Result<String, String> {
    match house.view() {
        Some(_) => Ok("done".into()),
        None => Err("under way: what an earlier run left undone is being finished".into()),
    }
}

fn watch(house: &House) -> Result<String, String> {
    let folder = &house.config.watch.folder;
    let Some(view) = house.view() else { return Err("begins after recovery".into()) };
    let health = view.watcher.health();
    if !health.alive {
        return Err("the watcher has stopped; restart the daemon".into());
    }
    // Asked here too: the watcher looks at its folder only now and then.
    if let Err(error) = std::fs::read_dir(folder) {
        return Err(format!("cannot list {}: {error}; bring the folder back or give permission", folder.display()));
    }
    if !health.folder_ok {
        return Err(format!("{} cannot be followed: {}", folder.display(), health.trouble));
    }
    if !health.listed_once {
        return Err("the first listing is under way".into());
    }
    let mode = serde_json::to_value(health.mode).ok().and_then(|m| Some(m.as_str()?.to_owned())).unwrap_or_default();
    Ok(format!("{mode}: {}", health.why))
}

fn output(house: &House) -> Result<String, String> {
    if let Some(paused) = house.view().map(|v| v.paused()).filter(|p| !p.is_empty()) {
        return Err(format!("{paused}; nothing is lost, it goes on by itself"));
    }
    for folder in [&house.config.sink.folder, &house.config.ledger.folder] {
        writable(folder)?;
    }
    Ok("can be written".into())
}

fn writable(folder: &Path) -> Result<(), String> {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)
        .map_err(|e| format!("cannot write {}: {e}; bring the folder back or give permission", folder.display()))
}

fn space(house: &House) -> Result<String, String> {
    let mut least = u64::MAX;
    for folder in [&house.config.sink.folder, &house.config.ledger.folder] {
        let stat = rustix::fs::statvfs(folder.as_path())
            .map_err(|e| format!("cannot ask {} for its room: {e}", folder.display()))?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        if folder == &house.config.sink.folder {
            house.metrics.output_free.set(i64::try_from(free).unwrap_or(i64::MAX));
        }
        if free < ROOM_MIN {
            return Err(format!(
                "only {} MiB left for {}; make room, it goes on by itself",
                free >> 20,
                folder.display()
            ));
        }
        least = least.min(free);
    }
    Ok(format!("{} MiB left", least >> 20))
}

fn stages(house: &House, more: Duration) -> Result<String, String> {
    match house.metrics.progress.hanging(more) {
        None => Ok("ticking".into()),
        Some(hanging) => Err(format!(
            "the {} stage has worked on one chunk for {} s; if it stays so, restart the daemon: nothing is lost",
            hanging.stage,
            hanging.since.as_secs()
        )),
    }
}
