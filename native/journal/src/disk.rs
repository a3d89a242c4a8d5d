//! How bytes get into files: a seam, so that tests can fill the disk at any byte.

use std::fs::File;
use std::io::{self, Write};

/// Writes files. Everything that takes room on the disk goes through it.
pub trait Disk: Send + Sync {
    /// Appends bytes to a file.
    ///
    /// # Errors
    /// Those of the file system; `StorageFull`, `QuotaExceeded` and `FileTooLarge` mean that there is no room. Some
    /// of the bytes may have been written then.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;
}

/// The file system as it is.
pub struct RealDisk;

impl Disk for RealDisk {
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }
}
