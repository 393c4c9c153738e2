//! ledger/mod
