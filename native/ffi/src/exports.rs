//! The exported functions. With the system calls of `placement.rs` the only unsafe code of this crate: each pointer is checked for null and alignment here and
//! used only during the call.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use fulltape_tape::codes::{ErrorCode, Side};

use crate::config::ShardConfig;
use crate::shard::{Failure, Shard, Stamp};
use crate::status::word;

/// Number of this interface.
pub const ABI_VERSION: u32 = 2;
/// Flag of `ft_shard_execute`: times come from the records.
pub const EXECUTE_TIMES_FROM_RECORDS: u32 = 1;
/// Longest configuration in bytes.
const CONFIG_BYTES_MAX: usize = 1 << 16;
/// Longest message in bytes: beyond it a length is a fault of the caller.
const MESSAGE_BYTES_MAX: usize = 1 << 30;

type Slot = Option<Arc<Mutex<Shard>>>;

/// Shards by handle; a handle is an index plus one and is never used again.
static SHARDS: RwLock<Vec<Slot>> = RwLock::new(Vec::new());

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

fn slots<T>(result: Result<T, PoisonError<T>>) -> T {
    // The registry is only ever pushed to and cleared slot by slot, so a panic cannot leave it half written.
    result.unwrap_or_else(PoisonError::into_inner)
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a body, catches its panic, keeps the details of its failure, and gives the number.
fn guarded(body: impl FnOnce() -> Result<(), Failure>) -> i32 {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return 0,
        Ok(Err(failure)) => failure,
        Err(_) => Failure::new(ErrorCode::Internal, "the native library panicked outside a command"),
    };
    let code = i32::from(failure.code.number());
    LAST_ERROR.with_borrow_mut(|last| *last = failure.details);
    code
}

fn shard_of(handle: u64) -> Result<Arc<Mutex<Shard>>, Failure> {
    usize::try_from(handle.wrapping_sub(1))
        .ok()
        .and_then(|at| slots(SHARDS.read()).get(at).cloned().flatten())
        .ok_or_else(|| Failure::new(ErrorCode::FfiBadHandle, format!("no shard has the handle {handle}")))
}

/// A body on one shard. A panic in it poisons the shard; a command's own is caught and named further in.
fn on_shard(handle: u64, body: impl FnOnce(&mut Shard) -> Result<(), Failure>) -> i32 {
    guarded(|| {
        let shard = shard_of(handle)?;
        let mut shard = lock(&shard);
        catch_unwind(AssertUnwindSafe(|| body(&mut shard))).unwrap_or_else(|_| Err(shard.panicked()))
    })
}

fn null() -> Failure {
    Failure::new(ErrorCode::FfiNullPointer, "a null pointer")
}

/// Bytes that the caller lends for the call.
///
/// # Safety
/// `bytes` is null or points to `length` readable bytes that do not change during the call.
unsafe fn lent<'a>(bytes: *const u8, length: usize, length_max: usize) -> Result<&'a [u8], Failure> {
    if bytes.is_null() {
        return Err(null());
    }
    if length > length_max {
        let details = format!("a length of {length} bytes is beyond {length_max}");
        return Err(Failure::new(ErrorCode::BatchTooLarge, details));
    }
    // SAFETY: not null; the caller guarantees length and lifetime.
    Ok(unsafe { core::slice::from_raw_parts(bytes, length) })
}

/// Writes one word to the caller.
///
/// # Safety
/// `out` is null or points to a writable `T`, aligned or not.
unsafe fn give<T>(out: *mut T, value: T) -> Result<(), Failure> {
    if out.is_null() {
        return Err(null());
    }
    if !out.is_aligned() {
        return Err(Failure::new(
            ErrorCode::FfiMisaligned,
            "an out-parameter is not aligned",
        ));
    }
    // SAFETY: not null and aligned; the caller guarantees that it is writable.
    unsafe { out.write(value) };
    Ok(())
}

/// Number of this interface.
#[unsafe(no_mangle)]
pub extern "C" fn ft_abi_version() -> u32 {
    ABI_VERSION
}

/// Opens a shard.
///
/// # Safety
/// `config` points to `length` readable bytes, `handle` to a writable `u64`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_open(config: *const u8, length: usize, handle: *mut u64) -> i32 {
    guarded(|| {
        let bad = |details: String| Failure::new(ErrorCode::FfiBadConfig, details);
        // SAFETY: the caller's promise for `config` and `length`.
        let bytes = unsafe { lent(config, length, CONFIG_BYTES_MAX) }.map_err(|failure| match failure.code {
            ErrorCode::BatchTooLarge => bad(failure.details),
            _ => failure,
        })?;
        // SAFETY: the caller's promise for `handle`; checked before anything is opened.
        unsafe { give(handle, 0) }?;
        let text = core::str::from_utf8(bytes).map_err(|_| bad("not UTF-8".into()))?;
        let shard = Shard::open(ShardConfig::parse(text).map_err(bad)?)?;
        let mut shards = slots(SHARDS.write());
        shards.push(Some(Arc::new(Mutex::new(shard))));
        // SAFETY: as above.
        unsafe { give(handle, shards.len() as u64) }
    })
}

/// Frees a shard.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_close(handle: u64) -> i32 {
    guarded(|| {
        let shard = shard_of(handle)?;
        if let Some(slot) = usize::try_from(handle - 1)
            .ok()
            .and_then(|at| slots(SHARDS.write()).get_mut(at)?.take())
        {
            drop(slot);
        }
        drop(shard);
        Ok(())
    })
}

/// Address of the status block.
///
/// # Safety
/// `words` points to a writable pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_status(handle: u64, words: *mut *const u64) -> i32 {
    // SAFETY: the caller's promise for `words`.
    on_shard(handle, |shard| unsafe { give(words, shard.status().address()) })
}

/// Adds a batch to the input.
///
/// # Safety
/// `message` points to `length` readable bytes of any alignment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_enqueue(handle: u64, message: *const u8, length: usize) -> i32 {
    on_shard(handle, |shard| {
        // SAFETY: the caller's promise for `message` and `length`.
        let bytes = unsafe { lent(message, length, MESSAGE_BYTES_MAX) }?;
        shard.enqueue(bytes)
    })
}

/// Where the times of a group come from.
fn stamp(now_nanos: u64, flags: u32) -> Result<Stamp, Failure> {
    if flags & !EXECUTE_TIMES_FROM_RECORDS != 0 {
        let details = format!("unknown flags {flags}");
        return Err(Failure::new(ErrorCode::InvalidArgument, details));
    }
    let times_from_records = flags & EXECUTE_TIMES_FROM_RECORDS != 0;
    Ok(if times_from_records {
        Stamp::Records
    } else {
        Stamp::Now(now_nanos)
    })
}

/// Executes the input as one group.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_execute(handle: u64, now_nanos: u64, flags: u32) -> i32 {
    on_shard(handle, |shard| shard.execute(stamp(now_nanos, flags)?))
}

/// Adds a batch to the input, when there is one, and executes the input as one group, whose output goes to the caller's memory as
/// long as that suffices.
///
/// # Safety
/// `message` is null or points to `length` readable bytes of any alignment, `out` to `out_length` writable bytes. Nobody else reads
/// or writes `out` during the call; what it holds is written over, initialised or not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_execute_into(
    handle: u64,
    message: *const u8,
    length: usize,
    now_nanos: u64,
    flags: u32,
    out: *mut u8,
    out_length: usize,
) -> i32 {
    on_shard(handle, |shard| {
        let stamp = stamp(now_nanos, flags)?;
        if out.is_null() || (message.is_null() && length != 0) {
            return Err(null());
        }
        if !out.cast::<u64>().is_aligned() {
            let details = "the output is not aligned to 8 bytes";
            return Err(Failure::new(ErrorCode::FfiMisaligned, details));
        }
        if out_length > MESSAGE_BYTES_MAX || length > MESSAGE_BYTES_MAX {
            let details = format!("lengths of {length} and {out_length} bytes: {MESSAGE_BYTES_MAX} is the largest");
            return Err(Failure::new(ErrorCode::BatchTooLarge, details));
        }
        let (from, to) = (message.addr(), out.addr());
        if length != 0 && from < to.saturating_add(out_length) && to < from.saturating_add(length) {
            let details = "the message stands in the memory that the output goes to";
            return Err(Failure::new(ErrorCode::InvalidArgument, details));
        }
        if length != 0 {
            // SAFETY: the caller's promise for `message` and `length`; the output does not overlap it.
            shard.enqueue(unsafe { lent(message, length, MESSAGE_BYTES_MAX) }?)?;
        }
        // SAFETY: not null, aligned, of this length and used by nobody else by the caller's promise.
        let out = unsafe { core::slice::from_raw_parts_mut(out.cast::<u64>(), out_length / 8) };
        shard.execute_into(stamp, out)
    })
}

/// Refuses the command at an index of the next group without executing it.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_refuse_next(handle: u64, index: u32) -> i32 {
    on_shard(handle, |shard| shard.refuse_next(index))
}

/// Emits the commit that starts an epoch.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_start_epoch(handle: u64, epoch: u64) -> i32 {
    on_shard(handle, |shard| shard.start_epoch(epoch))
}

/// Follows the tape by one commit.
///
/// # Safety
/// `message` points to `length` readable bytes of any alignment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_apply(handle: u64, message: *const u8, length: usize) -> i32 {
    on_shard(handle, |shard| {
        // SAFETY: the caller's promise for `message` and `length`.
        let bytes = unsafe { lent(message, length, MESSAGE_BYTES_MAX) }?;
        shard.apply(bytes)
    })
}

/// Emits parts that have not been applied.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_pending(handle: u64) -> i32 {
    on_shard(handle, Shard::pending)
}

/// Executes the journal's next group behind the head.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_journal_next(handle: u64) -> i32 {
    on_shard(handle, Shard::journal_next)
}

/// Moves the journal's groups behind the head to `orphans/`.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_journal_quarantine(handle: u64) -> i32 {
    on_shard(handle, Shard::journal_quarantine)
}

/// Marks commits as acknowledged.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_journal_acknowledge(handle: u64, commit_number: u64) -> i32 {
    on_shard(handle, |shard| {
        shard.journal_acknowledge(commit_number);
        Ok(())
    })
}

/// Compares a commit of the tape with the journal's.
///
/// # Safety
/// `hash4` points to 32 readable bytes of any alignment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_journal_compare(handle: u64, commit_number: u64, hash4: *const u8) -> i32 {
    on_shard(handle, |shard| {
        let mut hash = [0; 4];
        // SAFETY: the caller's promise for `hash4`.
        bytemuck::cast_slice_mut::<u64, u8>(&mut hash).copy_from_slice(unsafe { lent(hash4, 32, 32) }?);
        shard.journal_compare(commit_number, hash);
        Ok(())
    })
}

/// Lets the journal forget commits.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_journal_trim(handle: u64, commit_number: u64) -> i32 {
    on_shard(handle, |shard| shard.journal_trim(commit_number))
}

/// Writes the state hash, 16 bytes little endian.
///
/// # Safety
/// `out16` points to 16 writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_state_hash(handle: u64, out16: *mut u8) -> i32 {
    on_shard(handle, |shard| {
        if out16.is_null() {
            return Err(null());
        }
        let hash = shard.state_hash()?;
        let bytes: &[u8] = bytemuck::cast_slice(&hash);
        // SAFETY: not null, 16 bytes by the caller's promise, and not the engine's own memory.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), out16, bytes.len()) };
        Ok(())
    })
}

/// Writes visible levels, best first, as triples of words.
///
/// # Safety
/// `out` points to `words` writable words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_book(handle: u64, instrument_id: u32, side: u8, out: *mut u64, words: usize) -> i32 {
    on_shard(handle, |shard| {
        if out.is_null() {
            return Err(null());
        }
        if !out.is_aligned() {
            return Err(Failure::new(
                ErrorCode::FfiMisaligned,
                "the buffer is not aligned to 8 bytes",
            ));
        }
        if !(3..=MESSAGE_BYTES_MAX).contains(&words) {
            return Err(Failure::new(
                ErrorCode::FfiBufferTooSmall,
                format!("{words} words hold no level"),
            ));
        }
        let side = Side::from_number(side)
            .ok_or_else(|| Failure::new(ErrorCode::InvalidArgument, format!("no side has the number {side}")))?;
        // SAFETY: not null, aligned, and of this length by the caller's promise.
        let triples = unsafe { core::slice::from_raw_parts_mut(out, words) };
        let written = shard.book(instrument_id, side, triples)?;
        shard.status().set(word::BOOK_TRIPLES, written);
        Ok(())
    })
}

/// Begins a snapshot at the head.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_snapshot_begin(handle: u64) -> i32 {
    on_shard(handle, Shard::snapshot_begin)
}

/// Copies up to `budget` entities.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_snapshot_advance(handle: u64, budget: u32) -> i32 {
    on_shard(handle, |shard| shard.snapshot_advance(budget))
}

/// Writes the next finished bytes of the snapshot.
///
/// # Safety
/// `out` points to `length` writable bytes of any alignment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_snapshot_take(handle: u64, out: *mut u8, length: usize) -> i32 {
    on_shard(handle, |shard| {
        if out.is_null() {
            return Err(null());
        }
        if !(1..=MESSAGE_BYTES_MAX).contains(&length) {
            let details = format!("a buffer of {length} bytes");
            return Err(Failure::new(ErrorCode::FfiBufferTooSmall, details));
        }
        // SAFETY: not null, of this length by the caller's promise, and not the shard's own memory.
        shard.snapshot_take(unsafe { core::slice::from_raw_parts_mut(out, length) })
    })
}

/// Gives the snapshot up.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_snapshot_cancel(handle: u64) -> i32 {
    on_shard(handle, Shard::snapshot_cancel)
}

/// Takes the next bytes of a snapshot in.
///
/// # Safety
/// `bytes` points to `length` readable bytes of any alignment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_restore(handle: u64, bytes: *const u8, length: usize) -> i32 {
    on_shard(handle, |shard| {
        // SAFETY: the caller's promise for `bytes` and `length`.
        let bytes = unsafe { lent(bytes, length, MESSAGE_BYTES_MAX) }?;
        shard.restore(bytes)
    })
}

/// Makes up to `budget` orders or remembered commands of the snapshot that was taken in.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_restore_advance(handle: u64, budget: u32) -> i32 {
    on_shard(handle, |shard| shard.restore_advance(budget))
}

/// Goes on from the snapshot that was taken in.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_restore_finish(handle: u64) -> i32 {
    on_shard(handle, Shard::restore_finish)
}

/// Writes text to the caller, zero terminated and cut between characters to fit.
///
/// # Safety
/// `out` is null or points to `length` writable bytes.
unsafe fn give_text(out: *mut u8, length: usize, text: &str) -> Result<(), ErrorCode> {
    if out.is_null() {
        return Err(ErrorCode::FfiNullPointer);
    }
    if length == 0 {
        return Err(ErrorCode::FfiBufferTooSmall);
    }
    let mut cut = text.len().min(length - 1);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    // SAFETY: not null, `cut + 1 <= length` bytes by the caller's promise, and not Rust's own memory.
    unsafe {
        core::ptr::copy_nonoverlapping(text.as_ptr(), out, cut);
        out.add(cut).write(0);
    }
    Ok(())
}

/// Explains commands by number when they are executed from now on.
#[unsafe(no_mangle)]
pub extern "C" fn ft_shard_explain(handle: u64, first: u64, last: u64, order_id: u64) -> i32 {
    on_shard(handle, |shard| shard.explain(first, last, order_id))
}

/// Writes what of the placement that was asked for is in force, as JSON, zero terminated.
///
/// # Safety
/// `out` points to `length` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_shard_placement(handle: u64, out: *mut u8, length: usize) -> i32 {
    on_shard(handle, |shard| {
        // SAFETY: the caller's promise for `out` and `length`.
        unsafe { give_text(out, length, &shard.placement().text()) }
            .map_err(|code| Failure::new(code, "no room for the text"))
    })
}

/// Details of the last error on this thread, zero terminated.
///
/// # Safety
/// `out` points to `length` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ft_last_error(out: *mut u8, length: usize) -> i32 {
    LAST_ERROR.with_borrow(|last| {
        // SAFETY: the caller's promise for `out` and `length`.
        match unsafe { give_text(out, length, last) } {
            Ok(()) => 0,
            Err(code) => i32::from(code.number()),
        }
    })
}
