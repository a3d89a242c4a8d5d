//! Memory that is written soon, fetched ahead: what is appended goes to lines that no cache holds, and nothing else fetches across pages.

/// Bytes of a line of the caches.
pub const LINE_BYTES: usize = 64;

/// Has the processor fetch the line in which a place lies, to be written. Only a hint: any address may be given.
#[inline]
pub fn fetch<Place>(place: *const Place) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        // SAFETY: a hint reads and writes nothing and cannot fault, whatever the address is.
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(place.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}
