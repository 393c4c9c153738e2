//! A model of the journal, for tests.
