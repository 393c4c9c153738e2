//! How many raw bytes may be under way at once: the bound on memory.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Lets bytes in while there is room; one chunk always fits, however large.
#[derive(Clone, Debug)]
pub struct Gate {
    inner: Arc<(Mutex<State>, Condvar)>,
    room: u64,
}

#[derive(Debug, Default)]
struct State {
    inside: u64,
    closed: bool,
}

/// Bytes that are under way; dropping it makes room again.
#[derive(Debug)]
pub struct Pass {
    gate: Gate,
    bytes: u64,
}

impl Gate {
    /// A gate with room for `room` bytes.
    pub fn new(room: u64) -> Gate {
        Gate { inner: Arc::default(), room }
    }

    /// Waits for room; `None` once the gate is closed.
    pub fn enter(&self, bytes: u64) -> Option<Pass> {
        let (state, freed) = &*self.inner;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.closed && state.inside > 0 && state.inside + bytes > self.room {
            state = freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return None;
        }
        state.inside += bytes;
        Some(Pass { gate: self.clone(), bytes })
    }

    /// Lets nobody in any more, and wakes who waits.
    pub fn close(&self) {
        let (state, freed) = &*self.inner;
        state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        freed.notify_all();
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let (state, freed) = &*self.gate.inner;
        state.lock().unwrap_or_else(PoisonError::into_inner).inside -= self.bytes;
        freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_chunk_enters_an_empty_gate_and_a_closed_gate_lets_nobody_in() {
        let gate = Gate::new(10);
        let large = gate.enter(100).expect("alone it always fits");
        let other = gate.clone();
        let waiting = std::thread::spawn(move || other.enter(5).map(|p| p.bytes));
        drop(large);
        assert_eq!(waiting.join().expect("no panic"), Some(5));
        gate.close();
        assert!(gate.enter(1).is_none());
    }
}
