//! Time of one run: by the wall clock, and by the processor time that this thread has had.

use std::time::Instant;

/// Time that this thread has had a processor, in nanoseconds; zero where the kernel does not tell.
fn cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// A run that goes on.
pub struct Clock {
    wall: Instant,
    cpu: u64,
}

/// Operations per second of one run.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// By the wall clock.
    pub wall: f64,
    /// By processor time: what the work takes when others share the machine. The wall clock's where the kernel does not tell.
    pub cpu: f64,
}

impl Clock {
    /// Starts a run.
    pub fn start() -> Self {
        Self {
            wall: Instant::now(),
            cpu: cpu_nanos(),
        }
    }

    /// Ends a run of `count` operations.
    pub fn rate(&self, count: usize) -> Rate {
        let wall = count as f64 / self.wall.elapsed().as_secs_f64();
        let cpu = (cpu_nanos() - self.cpu) as f64 / 1e9;
        Rate {
            wall,
            cpu: if cpu > 0.0 { count as f64 / cpu } else { wall },
        }
    }
}

/// Value below which `share` of the sorted values lie.
pub fn quantile(sorted: &[u64], share: f64) -> u64 {
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)
}
