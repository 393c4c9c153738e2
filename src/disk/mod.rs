//! The one door to the output folder.
//!
//! Names are relative to that folder, `/` between folders. [`real::RealDisk`] is the folder itself;
//! [`memory::MemoryDisk`] is its twin for tests, which forgets whatever was not synced.

pub mod failpoint;
pub mod lock;
pub mod memory;
pub mod real;

use std::io;

/// What the sink does to its folder. Nothing here shortens or changes bytes that a reader may have seen.
pub trait Disk: Send + Sync {
    /// Length in bytes, or nothing when there is no such file.
    fn len(&self, name: &str) -> io::Result<Option<u64>>;
    /// Up to `bytes` bytes from `offset`; fewer at the end of the file.
    fn read(&self, name: &str, offset: u64, bytes: usize) -> io::Result<Vec<u8>>;
    /// File names in a folder, sorted.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Makes a folder, if it is not there.
    fn make_folder(&self, folder: &str) -> io::Result<()>;
    /// Makes an empty file; one of that name must not exist.
    fn create(&self, name: &str) -> io::Result<()>;
    /// Sees to it that writing up to byte `end` cannot run out of space, without changing the length, and that the name
    /// still stands for the file that was written before.
    fn reserve(&self, name: &str, end: u64) -> io::Result<()>;
    /// Gives back what was reserved beyond the end.
    fn release(&self, name: &str) -> io::Result<()>;
    /// Writes all bytes at `offset`.
    fn write(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes the bytes of a file durable.
    fn sync(&self, name: &str) -> io::Result<()>;
    /// Makes the names in a folder durable; "" is the output folder itself.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;
    /// Gives a file a new name; one of that name must not exist.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Gives a file a new name, which may be another file's until now.
    fn swap_in(&self, from: &str, to: &str) -> io::Result<()>;
    /// Gives a file a second name; one of that name must not exist.
    fn link(&self, from: &str, to: &str) -> io::Result<()>;
    /// Whether two names stand for one file.
    fn is_same(&self, one: &str, other: &str) -> io::Result<bool>;
    /// Takes a name away; nothing happens if there is none.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes a file read-only (0444), and closes it.
    fn protect(&self, name: &str) -> io::Result<()>;
    /// Puts a whole small file in place at once; readers see the old or the new one.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Puts a symbolic link in place at once.
    fn point(&self, name: &str, target: &str) -> io::Result<()>;
}
