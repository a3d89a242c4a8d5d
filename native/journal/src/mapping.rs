//! The memory mapping of one file.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use memmap2::{MmapMut, MmapOptions};

use crate::disk::Disk;
use crate::{JournalError, at};

const PAGE: usize = 4096;

/// A file mapped whole for reading and writing.
pub struct Mapping {
    path: PathBuf,
    memory: MmapMut,
}

impl Mapping {
    /// Makes a file of zeros, written out so that its blocks exist, and maps it.
    pub fn create(path: &Path, bytes: usize, disk: &dyn Disk) -> Result<Self, JournalError> {
        let mut file = at(
            path,
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(true)
                .open(path),
        )?;
        let zeros = [0_u8; 64 << 10];
        let mut left = bytes;
        while left > 0 {
            let part = left.min(zeros.len());
            if let Err(error) = disk.write(&mut file, &zeros[..part]) {
                // A half-made file must not count against the bound.
                let _ = std::fs::remove_file(path);
                return at(path, Err(error));
            }
            left -= part;
        }
        Self::map(path, &file)
    }

    /// Maps a file that exists.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let file = at(path, OpenOptions::new().read(true).write(true).open(path))?;
        Self::map(path, &file)
    }

    fn map(path: &Path, file: &File) -> Result<Self, JournalError> {
        // SAFETY: the journal holds the folder's lock, so no other journal maps this file; a program that truncates it behind
        // the lock breaks the folder on purpose, and gets SIGBUS, not silent damage.
        let memory = unsafe { MmapOptions::new().populate().map_mut(file) };
        let mut mapping = Self {
            path: path.into(),
            memory: at(path, memory)?,
        };
        mapping.touch(0, usize::MAX);
        Ok(mapping)
    }

    /// Writes one byte of every page between two offsets back as it is, so that later writes meet pages that are mapped
    /// writable: the kernel takes that back when it has written a page to the disk.
    pub fn touch(&mut self, from: usize, to: usize) {
        let from = (from & !(PAGE - 1)).min(self.memory.len());
        let to = to.clamp(from, self.memory.len());
        for page in self.memory[from..to].chunks_mut(PAGE) {
            let first = std::hint::black_box(page[0]);
            page[0] = std::hint::black_box(first);
        }
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The mapping follows a rename of the file.
    pub fn renamed(&mut self, path: &Path) {
        self.path = path.into();
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.memory
    }

    /// The bytes, to write.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory
    }

    /// Writes back and waits.
    pub fn sync(&self) -> Result<(), JournalError> {
        at(&self.path, self.memory.flush())
    }
}
