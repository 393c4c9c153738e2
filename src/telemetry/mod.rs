//! telemetry/mod
