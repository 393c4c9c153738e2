//! The output folder in memory, which forgets whatever was not synced.
//!
//! A [`Fuse`] cuts the run after a chosen step. Then the machine either ran on ([`MemoryDisk::reopened`]) or lost its power: of each unsynced write the bytes, or the length alone (as ext4 does), or nothing survives,
//! and of the unsynced names a first part.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Disk;

/// Ends a run after a number of steps; shared by the disk and the journal of one machine.
#[derive(Debug)]
pub struct Fuse {
    steps: u64,
    passed: AtomicU64,
}

impl Fuse {
    /// Burns out at step `steps + 1`.
    pub fn after(steps: u64) -> Arc<Fuse> {
        Arc::new(Fuse { steps, passed: AtomicU64::new(0) })
    }

    /// One step; false once the fuse is burnt.
    pub fn step(&self) -> bool {
        self.passed.fetch_add(1, Ordering::SeqCst) < self.steps
    }

    /// Whether the step just tried is the one that burnt the fuse.
    fn is_last(&self) -> bool {
        self.passed() == self.steps + 1
    }

    /// Steps that were tried.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }
}

/// What becomes of an unsynced write when the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survival {
    Lost,
    /// The length is kept and the bytes are NUL.
    LengthOnly,
    Kept,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<(usize, Vec<u8>)>,
}

#[derive(Clone, Debug, PartialEq)]
enum NameOp {
    Set(String, usize),
    Remove(String),
}

#[derive(Clone, Debug, Default)]
struct Content {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    unsynced_names: Vec<NameOp>,
    folders: BTreeSet<String>,
}

/// A folder whose every step can be the last.
#[derive(Debug)]
pub struct MemoryDisk {
    content: Mutex<Content>,
    fuse: Arc<Fuse>,
}

impl MemoryDisk {
    /// An empty folder.
    pub fn new(fuse: Arc<Fuse>) -> MemoryDisk {
        MemoryDisk { content: Mutex::default(), fuse }
    }

    /// The folder as the next run finds it after a kill: nothing is lost.
    pub fn reopened(&self, fuse: Arc<Fuse>) -> MemoryDisk {
        MemoryDisk { content: Mutex::new(self.lock().clone()), fuse }
    }

    /// How many unsynced writes and names a power cut may take.
    pub fn unsynced(&self) -> (usize, usize) {
        let content = self.lock();
        (content.inodes.iter().map(|i| i.unsynced.len()).sum(), content.unsynced_names.len())
    }

    /// The folder after a power cut: `writes` says what becomes of each unsynced write, in order, and the first `names`
    /// of the unsynced names survive.
    pub fn after_power_cut(&self, writes: &[Survival], names: usize, fuse: Arc<Fuse>) -> MemoryDisk {
        let mut content = self.lock().clone();
        let mut fates = writes.iter();
        for inode in &mut content.inodes {
            let mut bytes = inode.durable.clone();
            for (offset, written) in std::mem::take(&mut inode.unsynced) {
                let end = offset + written.len();
                match fates.next().unwrap_or(&Survival::Lost) {
                    Survival::Lost => {}
                    Survival::LengthOnly => bytes.resize(bytes.len().max(end), 0),
                    Survival::Kept => {
                        bytes.resize(bytes.len().max(end), 0);
                        bytes[offset..end].copy_from_slice(&written);
                    }
                }
            }
            inode.durable.clone_from(&bytes);
            inode.bytes = bytes;
        }
        let mut kept = std::mem::take(&mut content.durable_names);
        for op in content.unsynced_names.drain(..).take(names) {
            op.apply(&mut kept);
        }
        content.durable_names.clone_from(&kept);
        content.names = kept;
        MemoryDisk { content: Mutex::new(content), fuse }
    }

    /// Every file and its bytes, as a reader sees them.
    pub fn visible(&self) -> BTreeMap<String, Vec<u8>> {
        let content = self.lock();
        content.names.iter().map(|(name, inode)| (name.clone(), content.inodes[*inode].bytes.clone())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self) -> io::Result<MutexGuard<'_, Content>> {
        if self.fuse.step() { Ok(self.lock()) } else { Err(gone()) }
    }
}

/// The error of every step once the fuse is burnt.
pub fn gone() -> io::Error {
    io::Error::other("the machine is gone")
}

impl NameOp {
    fn apply(self, names: &mut BTreeMap<String, usize>) {
        match self {
            NameOp::Set(name, inode) => names.insert(name, inode),
            NameOp::Remove(name) => names.remove(&name),
        };
    }

    fn folder(&self) -> &str {
        let (NameOp::Set(name, _) | NameOp::Remove(name)) = self;
        name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl Content {
    fn inode(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, name.to_owned()))
    }

    fn change(&mut self, op: NameOp) {
        op.clone().apply(&mut self.names);
        self.unsynced_names.push(op);
    }

    fn vacant(&self, name: &str) -> io::Result<()> {
        if self.names.contains_key(name) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, name.to_owned()));
        }
        Ok(())
    }
}

impl Disk for MemoryDisk {
    fn len(&self, name: &str) -> io::Result<Option<u64>> {
        let content = self.lock();
        Ok(content.names.get(name).map(|inode| content.inodes[*inode].bytes.len() as u64))
    }

    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>> {
        let content = self.lock();
        let all = &content.inodes[content.inode(name)?].bytes;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(all.len());
        Ok(all[start..start.saturating_add(bytes).min(all.len())].to_vec())
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{folder}/");
        Ok(self.lock().names.keys().filter_map(|name| name.strip_prefix(&prefix)).map(str::to_owned).collect())
    }

    fn make_folder(&self, folder: &str) -> io::Result<()> {
        self.lock().folders.insert(folder.to_owned());
        Ok(())
    }

    fn create(&self, name: &str) -> io::Result<()> {
        let mut content = self.step()?;
        content.vacant(name)?;
        content.inodes.push(Inode::default());
        let inode = content.inodes.len() - 1;
        content.change(NameOp::Set(name.to_owned(), inode));
        Ok(())
    }

    fn reserve(&self, name: &str, _end: u64) -> io::Result<()> {
        self.lock().inode(name).map(drop)
    }

    fn release(&self, name: &str) -> io::Result<()> {
        self.lock().inode(name).map(drop)
    }

    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let (whole, last) = (self.fuse.step(), self.fuse.is_last());
        if !whole && !last {
            return Err(gone());
        }
        // The step that ends the run may still have written a part.
        let bytes = if whole { bytes } else { &bytes[..bytes.len() / 2] };
        let mut content = self.lock();
        let inode = content.inode(name)?;
        let inode = &mut content.inodes[inode];
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        inode.bytes.resize(inode.bytes.len().max(start + bytes.len()), 0);
        inode.bytes[start..start + bytes.len()].copy_from_slice(bytes);
        inode.unsynced.push((start, bytes.to_vec()));
        if whole { Ok(()) } else { Err(gone()) }
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        let mut content = self.step()?;
        let inode = content.inode(name)?;
        let inode = &mut content.inodes[inode];
        inode.durable.clone_from(&inode.bytes);
        inode.unsynced.clear();
        Ok(())
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        let mut content = self.step()?;
        let (synced, rest) =
            std::mem::take(&mut content.unsynced_names).into_iter().partition(|op: &NameOp| op.folder() == folder);
        content.unsynced_names = rest;
        let synced: Vec<NameOp> = synced;
        for op in synced {
            op.apply(&mut content.durable_names);
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut content = self.step()?;
        content.vacant(to)?;
        let inode = content.inode(from)?;
        content.change(NameOp::Set(to.to_owned(), inode));
        content.change(NameOp::Remove(from.to_owned()));
        Ok(())
    }

    fn swap_in(&self, from: &str, to: &str) -> io::Result<()> {
        let mut content = self.step()?;
        let inode = content.inode(from)?;
        content.change(NameOp::Set(to.to_owned(), inode));
        content.change(NameOp::Remove(from.to_owned()));
        Ok(())
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        let mut content = self.step()?;
        content.vacant(to)?;
        let inode = content.inode(from)?;
        content.change(NameOp::Set(to.to_owned(), inode));
        Ok(())
    }

    fn is_same(&self, one: &str, other: &str) -> io::Result<bool> {
        let content = self.lock();
        Ok(content.inode(one)? == content.inode(other)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut content = self.step()?;
        if content.names.contains_key(name) {
            content.change(NameOp::Remove(name.to_owned()));
        }
        Ok(())
    }

    fn protect(&self, name: &str) -> io::Result<()> {
        self.step()?.inode(name).map(drop)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        // Nothing depends on these files, so they are no steps of their own.
        let mut content = self.lock();
        content.inodes.push(Inode { bytes: bytes.to_vec(), durable: bytes.to_vec(), unsynced: Vec::new() });
        let inode = content.inodes.len() - 1;
        content.names.insert(name.to_owned(), inode);
        content.durable_names.insert(name.to_owned(), inode);
        Ok(())
    }

    fn point(&self, _name: &str, _target: &str) -> io::Result<()> {
        Ok(())
    }
}
