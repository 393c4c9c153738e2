//! Where a large drop is cut.

/// Cuts a drop into chunks; a chunk's end is a function of the bytes from its start.
pub struct Cutter {
    max: usize,
}

impl Cutter {
    pub fn new(max: usize) -> Cutter {
        Cutter { max: max.max(16) }
    }

    /// How many bytes from the chunk's start it wants to see: one more than a chunk may hold.
    pub fn wanted(&self) -> usize {
        self.max + 4
    }

    /// Length of the chunk at the start of `bytes`; `at_end` says that nothing follows them.
    pub fn cut(&mut self, bytes: &[u8], at_end: bool) -> usize {
        if at_end && bytes.len() <= self.max {
            return bytes.len();
        }
        let window = bytes.get(..self.max).unwrap_or(bytes);
        memchr::memrchr(b'\n', window).map_or(window.len(), |at| at + 1)
    }
}
