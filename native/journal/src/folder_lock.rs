//! The lock of a folder: one open journal at a time, in any process.

use std::fs;
use std::path::Path;

use crate::{JournalError, at};

/// Holds a folder until it is dropped, or until its process dies.
///
/// A child that this process starts shares the open file from its fork until its exec, and the lock with it. So the lock is given
/// back by name: closing the file alone would leave it with such a child, and who opens the folder next would find it
/// [`JournalError::Locked`].
pub struct FolderLock(fs::File);

impl FolderLock {
    /// Takes the lock of a folder that exists.
    ///
    /// # Errors
    /// `Locked` when another journal has it; `Io` when the file system refuses.
    pub fn take(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join("lock");
        let options = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = at(&path, options)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(fs::TryLockError::WouldBlock) => Err(JournalError::Locked(folder.into())),
            Err(fs::TryLockError::Error(error)) => at(&path, Err(error)),
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // What cannot be unlocked is given back when the last copy of the open file is closed.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_given_back_although_a_copy_of_the_open_file_lives_on() {
        let folder = std::env::temp_dir().join(format!("fulltape-folder-lock-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("makes");
        let lock = FolderLock::take(&folder).expect("takes");
        // As a child holds it between fork and exec.
        let copy = lock.0.try_clone().expect("copies");
        assert!(matches!(FolderLock::take(&folder), Err(JournalError::Locked(_))));
        drop(lock);
        FolderLock::take(&folder).expect("takes again");
        drop(copy);
        fs::remove_dir_all(&folder).expect("removes");
    }
}
