//! Asks the kernel whether anybody has a file open for writing.

use std::fs::File;

/// What the kernel says about writers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writers {
    /// Nobody on this machine has it open for writing, nor mapped.
    None,
    /// Somebody has.
    Some,
    /// The file system cannot tell, or not to this user.
    Unknown,
}

/// Takes a read lease and gives it back at once.
///
/// The kernel refuses a read lease while any process has the file open for writing, also when only a shared mapping of
/// it is left. It grants leases to the owner of the file and to holders of `CAP_LEASE` only. Whoever opens the file for
/// writing within the microseconds that the lease is held, waits until it is given back.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "leases have no safe wrapper; the calls take integers and no memory of ours")]
pub(crate) fn writers(file: &File) -> Writers {
    use std::os::fd::AsRawFd;

    ignore_lease_breaks();
    let fd = file.as_raw_fd();
    // SAFETY: `fd` is open for the whole call, and F_SETLEASE takes an integer.
    if unsafe { libc::fcntl(fd, libc::F_SETLEASE, libc::F_RDLCK) } == 0 {
        // SAFETY: as above.
        let given_back = unsafe { libc::fcntl(fd, libc::F_SETLEASE, libc::F_UNLCK) };
        debug_assert_eq!(given_back, 0, "a lease that is held can be given back");
        return Writers::None;
    }
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::EAGAIN) => Writers::Some,
        _ => Writers::Unknown,
    }
}

/// A writer who comes while the lease is held makes the kernel send SIGIO, which kills a process that has no answer to
/// it. An answer that somebody installed is left as it is.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "signal dispositions have no safe wrapper")]
fn ignore_lease_breaks() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: no handler of ours is installed, only SIG_IGN; what `signal` returns is compared and put back.
        unsafe {
            let before = libc::signal(libc::SIGIO, libc::SIG_IGN);
            if before != libc::SIG_DFL && before != libc::SIG_ERR && before != libc::SIG_IGN {
                libc::signal(libc::SIGIO, before);
            }
        }
    });
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn writers(_: &File) -> Writers {
    Writers::Unknown
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn an_open_writer_is_seen_until_it_closes() {
        let path = tempfile::NamedTempFile::new().expect("a temp file").into_temp_path();
        let reader = File::open(&path).expect("readable");
        if writers(&reader) == Writers::Unknown {
            eprintln!("leases are not granted here: nothing to test");
            return;
        }
        assert_eq!(writers(&reader), Writers::None);
        let writer = File::options().append(true).open(&path).expect("writable");
        assert_eq!(writers(&reader), Writers::Some);
        drop(writer);
        assert_eq!(writers(&reader), Writers::None);
    }
}
