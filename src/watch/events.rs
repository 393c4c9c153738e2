//! Events of the file system, as hints.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

/// Something may have happened here. The paths are absolute.
#[derive(Debug)]
pub(crate) enum Hint {
    Created(PathBuf),
    FolderCreated(PathBuf),
    /// A name was moved to here: a file or a folder.
    MovedHere(PathBuf),
    Closed(PathBuf),
    /// A file or folder is no longer here.
    Gone(PathBuf),
    /// Its rights may have changed.
    Touched(PathBuf),
    /// Look up: the mailbox beside the channel has something.
    Wake,
}

/// Counts and flags shared by whoever sends hints and the thread that takes them.
pub(crate) struct Signals {
    pub(crate) sent: AtomicU64,
    pub(crate) taken: AtomicU64,
    /// Hints were lost, here or in the kernel: only a full listing knows.
    pub(crate) overflow: AtomicBool,
    pub(crate) overflows: AtomicU64,
    /// No more folders can be watched.
    pub(crate) limit: AtomicBool,
}

impl Signals {
    pub(crate) fn new() -> Signals {
        Signals {
            sent: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            overflow: AtomicBool::new(false),
            overflows: AtomicU64::new(0),
            limit: AtomicBool::new(false),
        }
    }

    fn overflowed(&self) {
        if !self.overflow.swap(true, Ordering::SeqCst) {
            self.overflows.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Sends a hint without ever waiting: the kernel's queue must be emptied, or it overflows.
    pub(crate) fn send(&self, to: &SyncSender<Hint>, hint: Hint) {
        self.sent.fetch_add(1, Ordering::SeqCst);
        if let Err(refused) = to.try_send(hint) {
            self.sent.fetch_sub(1, Ordering::SeqCst);
            if !matches!(refused, TrySendError::Full(Hint::Wake)) {
                self.overflowed();
            }
        }
    }
}

/// The kernel's events for the folders that were asked for.
pub(crate) struct Events {
    watcher: Option<RecommendedWatcher>,
}

impl Events {
    /// Starts with no folder.
    ///
    /// # Errors
    /// Why there are no events, as a sentence.
    pub(crate) fn open(to: SyncSender<Hint>, signals: Arc<Signals>) -> Result<Events, String> {
        let handler = move |event: notify::Result<Event>| match event {
            Ok(event) if event.need_rescan() => {
                signals.overflowed();
                signals.send(&to, Hint::Wake);
            }
            Ok(event) => pass_on(event, &to, &signals),
            Err(error) => {
                signals.limit.fetch_or(matches!(error.kind, ErrorKind::MaxFilesWatch), Ordering::SeqCst);
                signals.overflowed();
                signals.send(&to, Hint::Wake);
            }
        };
        // Links are not followed by the listing either.
        let config = notify::Config::default().with_follow_symlinks(false);
        match RecommendedWatcher::new(handler, config) {
            Ok(watcher) => Ok(Events { watcher: Some(watcher) }),
            Err(error) => Err(format!("the kernel gives no events: {error}")),
        }
    }

    /// Asks for the events of one folder (not of those below: the listing asks for each before it reads it, which is
    /// the only order in which nothing can slip through). A folder that has vanished is no error.
    ///
    /// # Errors
    /// Why there are no events, as a sentence.
    pub(crate) fn watch(&mut self, folder: &Path) -> Result<(), String> {
        // The crate unwraps the answer of its thread, which may have died.
        let asked = catch_unwind(AssertUnwindSafe(|| match &mut self.watcher {
            Some(watcher) => watcher.watch(folder, RecursiveMode::NonRecursive),
            None => Ok(()),
        }));
        match asked {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if matches!(error.kind, ErrorKind::PathNotFound) => Ok(()),
            Ok(Err(error)) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                Err("the limit of watched folders is reached (sysctl fs.inotify.max_user_watches)".into())
            }
            Ok(Err(error)) => match error.kind {
                ErrorKind::Io(ref cause)
                    if matches!(cause.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::NotFound) =>
                {
                    Ok(())
                }
                _ => Err(format!("cannot watch {}: {error}", folder.display())),
            },
            Err(_) => Err("the thread that reads events has died".into()),
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // Dropping the crate's watcher panics when its thread has died; there is nothing left to do then.
        let watcher = self.watcher.take();
        drop(catch_unwind(AssertUnwindSafe(|| drop(watcher))));
    }
}

fn pass_on(event: Event, to: &SyncSender<Hint>, signals: &Signals) {
    let make: fn(PathBuf) -> Hint = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Hint::Closed,
        EventKind::Create(CreateKind::Folder) => Hint::FolderCreated,
        EventKind::Create(_) => Hint::Created,
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Hint::MovedHere,
        EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Hint::Gone,
        // Sent beside From and To, which say it all.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => return,
        EventKind::Modify(ModifyKind::Name(_)) => Hint::MovedHere,
        EventKind::Modify(ModifyKind::Metadata(_)) => Hint::Touched,
        EventKind::Remove(_) => Hint::Gone,
        _ => return,
    };
    for path in event.paths {
        signals.send(to, make(path));
    }
}
