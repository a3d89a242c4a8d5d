//! Part of the native engine.
