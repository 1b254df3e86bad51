//! SIGTERM and SIGINT. The standard library knows no signals, so the two C functions that are needed are declared here:
//! std links the C library anyway.
//!
//! The handler does the one thing that is safe in it: it writes a byte to a socket, on which `wait` waits.

use std::io::{self, Read};
use std::os::unix::io::IntoRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicI32, Ordering};

const SIGINT: i32 = 2; // the same numbers on every Unix
const SIGTERM: i32 = 15;

extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn write(descriptor: i32, bytes: *const u8, size: usize) -> isize;
}

static WRITER: AtomicI32 = AtomicI32::new(-1);

extern "C" fn on_signal(_: i32) {
    let byte = 0;
    // SAFETY: write is async-signal-safe (POSIX.1-2017, 2.4.3); one byte is read from where one lives, and the
    // descriptor is open until the process ends. A byte that finds no place is not missed: others are there.
    unsafe {
        write(WRITER.load(Ordering::SeqCst), &byte, 1);
    }
}

pub struct StopSignals {
    reader: UnixStream,
}

impl StopSignals {
    /// From here on both signals wait for `wait`. Once in a process.
    pub fn hold() -> io::Result<StopSignals> {
        let (reader, writer) = UnixStream::pair()?;
        writer.set_nonblocking(true)?;
        WRITER.store(writer.into_raw_fd(), Ordering::SeqCst);
        for number in [SIGTERM, SIGINT] {
            // SAFETY: the handler has the type that C wants, and touches nothing but an atomic and a descriptor.
            let before = unsafe { signal(number, on_signal) };
            if before == usize::MAX {
                return Err(io::Error::last_os_error()); // SIG_ERR
            }
        }
        Ok(StopSignals { reader })
    }

    /// Returns at the first signal.
    pub fn wait(mut self) -> io::Result<()> {
        self.reader.read_exact(&mut [0])
    }
}
