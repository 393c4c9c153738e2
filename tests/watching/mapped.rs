//! A shared writable mapping of a file.

use std::fs::File;
use std::os::fd::AsRawFd;

pub struct Mapped {
    at: *mut u8,
    length: usize,
}

#[expect(unsafe_code, reason = "std has no mappings, and writing through one is what is to be shown")]
impl Mapped {
    pub fn new(file: &File, length: usize) -> Mapped {
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a fresh mapping of an open file, of its length.
        let at = unsafe { libc::mmap(std::ptr::null_mut(), length, rights, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        assert_ne!(at, libc::MAP_FAILED, "mapped");
        Mapped { at: at.cast(), length }
    }

    pub fn write(&mut self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= self.length);
        // SAFETY: within the mapping, as was just checked, and nobody else has it.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.at.add(at), bytes.len()) };
    }
}

#[expect(unsafe_code, reason = "as above")]
impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`, of the same length.
        unsafe { libc::munmap(self.at.cast(), self.length) };
    }
}
