//! What the system knows of this process: memory, time, files.

use std::fs;

/// A snapshot; zeros where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    pub cpu_seconds: f64,
    pub resident_bytes: u64,
    pub open_fds: u64,
    pub max_fds: u64,
    pub threads: u64,
}

impl Process {
    /// Asks `/proc/self`.
    pub fn now() -> Process {
        let mut process = Process::default();
        if let Ok(stat) = fs::read_to_string("/proc/self/stat") {
            // The name in brackets may hold anything; the numbers follow it.
            let numbers: Vec<u64> = stat
                .rsplit(')')
                .next()
                .unwrap_or_default()
                .split_whitespace()
                .map(|w| w.parse().unwrap_or(0))
                .collect();
            let at = |field: usize| numbers.get(field).copied().unwrap_or(0);
            process.cpu_seconds = (at(11) + at(12)) as f64 / rustix::param::clock_ticks_per_second() as f64;
            process.threads = at(17);
            process.resident_bytes = at(21) * rustix::param::page_size() as u64;
        }
        process.open_fds = fs::read_dir("/proc/self/fd").map_or(0, |list| list.count() as u64);
        process.max_fds = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(0);
        process
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_threads_and_files() {
        let process = Process::now();
        assert!(process.resident_bytes > 1 << 20 && process.threads > 0 && process.open_fds > 2, "{process:?}");
    }
}
