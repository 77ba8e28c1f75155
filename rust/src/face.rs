//! What the exported functions need: borrowed slices, owned buffers, errors, and a guard that lets no
//! panic cross the C face. Exported functions without the guard do nothing that can panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Mirrors `trustee_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Status {
    Ok = 0,
    InvalidArgument = 1,
    Panic = 2,
    JsonInvalid = 3,
    OutOfResources = 4,
    RegoSyntax = 10,
    RegoUnsound = 11,
    RegoWrongPackage = 12,
    RegoRuleMissing = 13,
    RegoUnknownFunction = 14,
    RegoTooDeep = 15,
    RegoEvaluation = 20,
    RegoTimeLimit = 21,
    RegoNeeds = 22,
    RegexInvalid = 30,
    KeyInvalid = 40,
    SignatureInvalid = 41,
    CryptoFailed = 42,
    TomlSyntax = 50,
    TomlTooDeep = 51,
    TomlTooLarge = 52,
    TomlUnrepresentable = 53,
}

/// A failure with its place in the policy text, if there is one.
#[derive(Debug)]
pub struct Failure {
    pub status: Status,
    pub line: u32,
    pub column: u32,
    pub message: String,
}

impl Failure {
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, line: 0, column: 0, message: message.into() }
    }

    pub fn at(status: Status, line: u32, column: u32, message: impl Into<String>) -> Self {
        Self { status, line, column, message: message.into() }
    }

    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(Status::InvalidArgument, message)
    }
}

pub type Result<T> = std::result::Result<T, Failure>;

/// Mirrors `trustee_slice`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Slice {
    ptr: *const u8,
    len: usize,
}

impl Slice {
    pub const EMPTY: Slice = Slice { ptr: std::ptr::null(), len: 0 };

    pub fn of(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// # Safety
    /// Unless `len` is 0, `ptr` must be null or point to `len` readable bytes that nobody writes
    /// while `'a` lasts.
    pub unsafe fn bytes<'a>(self) -> Result<&'a [u8]> {
        // SAFETY: the caller's promise is the one `array` asks for.
        unsafe { array(self.ptr, self.len) }
    }

    /// # Safety
    /// As for `bytes`.
    pub unsafe fn text<'a>(self) -> Result<&'a str> {
        // SAFETY: the caller's promise is the one `bytes` asks for.
        let bytes = unsafe { self.bytes() }?;
        std::str::from_utf8(bytes).map_err(|e| Failure::argument(format!("not UTF-8: {e}")))
    }
}

/// A borrowed array of `len` elements; an empty one may have a null pointer.
///
/// # Safety
/// Unless `len` is 0 or `ptr` null, `ptr` must be aligned and point to `len` initialised elements
/// that nobody writes while `'a` lasts.
pub unsafe fn array<'a, T>(ptr: *const T, len: usize) -> Result<&'a [T]> {
    if len == 0 {
        return Ok(&[]);
    }
    if ptr.is_null() || len.checked_mul(size_of::<T>()).is_none_or(|n| n > isize::MAX as usize) {
        return Err(Failure::argument("null pointer or absurd length"));
    }
    // SAFETY: not null, small enough, and the caller promises the rest.
    Ok(unsafe { std::slice::from_raw_parts(ptr, len) })
}

/// The object behind a handle.
///
/// # Safety
/// `ptr` must be null or come from `Box::into_raw` and not be freed while `'a` lasts.
pub unsafe fn handle<'a, T>(ptr: *const T) -> Result<&'a T> {
    // SAFETY: the caller's promise.
    unsafe { ptr.as_ref() }.ok_or_else(|| Failure::argument("null handle"))
}

/// Where a result goes.
///
/// # Safety
/// `ptr` must be null or valid for writing while `'a` lasts, and not shared.
pub unsafe fn out<'a, T>(ptr: *mut T) -> Result<&'a mut T> {
    // SAFETY: the caller's promise.
    unsafe { ptr.as_mut() }.ok_or_else(|| Failure::argument("null out pointer"))
}

/// Frees a handle made by `Box::into_raw`; null is allowed.
///
/// # Safety
/// `ptr` must be null or come from `Box::into_raw`, and not be used again.
pub unsafe fn free<T>(ptr: *mut T) {
    if ptr.is_null() {
        return;
    }
    // A destructor that panics is a bug; what it would have freed is leaked.
    // SAFETY: the caller's promise.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(ptr) })));
}

/// Mirrors `trustee_buffer`.
#[repr(C)]
pub struct Buffer {
    ptr: *mut u8,
    len: usize,
}

impl Buffer {
    pub const EMPTY: Buffer = Buffer { ptr: std::ptr::null_mut(), len: 0 };

    pub fn from_vec(bytes: Vec<u8>) -> Self {
        if bytes.is_empty() {
            return Self::EMPTY;
        }
        let len = bytes.len();
        Self { ptr: Box::into_raw(bytes.into_boxed_slice()).cast(), len }
    }

    /// # Safety
    /// The buffer must be one that `from_vec` made, or all zero.
    unsafe fn free(&mut self) {
        if !self.ptr.is_null() {
            let slice = std::ptr::slice_from_raw_parts_mut(self.ptr, self.len);
            // SAFETY: pointer and length are those of the boxed slice in `from_vec`.
            drop(unsafe { Box::from_raw(slice) });
        }
        *self = Self::EMPTY;
    }
}

/// Mirrors `trustee_error`.
#[repr(C)]
pub struct Error {
    status: Status,
    line: u32,
    column: u32,
    message: Buffer,
}

impl Error {
    const NONE: Error = Error { status: Status::Ok, line: 0, column: 0, message: Buffer::EMPTY };

    fn from(failure: Failure) -> Self {
        Self {
            status: failure.status,
            line: failure.line,
            column: failure.column,
            message: Buffer::from_vec(failure.message.into_bytes()),
        }
    }
}

/// Runs the body of an exported function: no panic leaves it, a failure becomes a status.
pub fn guard(body: impl FnOnce() -> Result<()>) -> Status {
    match caught(body) {
        Ok(()) => Status::Ok,
        Err(failure) => failure.status,
    }
}

/// What a body may report beside success.
pub enum Note {
    Nothing,
    /// Written to `error`; the call still returns `Ok`.
    Warning(Failure),
    /// The call returns this status, although it has a result.
    Status(Status),
}

/// As `guard`, and writes the failure to `error`.
///
/// # Safety
/// `error` must be null or valid for writing, and not shared.
pub unsafe fn guard_into(error: *mut Error, body: impl FnOnce() -> Result<Note>) -> Status {
    let (status, written) = match caught(body) {
        Ok(Note::Nothing) => (Status::Ok, Error::NONE),
        Ok(Note::Warning(failure)) => (Status::Ok, Error::from(failure)),
        Ok(Note::Status(status)) => (status, Error { status, ..Error::NONE }),
        Err(failure) => (failure.status, Error::from(failure)),
    };
    if error.is_null() {
        let mut written = written;
        // SAFETY: made above.
        unsafe { written.message.free() };
    } else {
        // SAFETY: the caller's promise. What was there before is not read, as documented.
        unsafe { error.write(written) };
    }
    status
}

fn caught<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    // Handles are immutable, so a panic leaves nothing half done behind.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Failure::new(Status::Panic, format!("panic: {text}")))
    })
}

/// # Safety
/// `buffer` must be null or one that this library filled, not used elsewhere at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_buffer_free(buffer: *mut Buffer) {
    // SAFETY: the header asks for null or a buffer that this library filled.
    if let Some(buffer) = unsafe { buffer.as_mut() } {
        // SAFETY: as above.
        unsafe { buffer.free() };
    }
}

/// # Safety
/// `error` must be null or one that this library filled, not used elsewhere at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_error_free(error: *mut Error) {
    // SAFETY: the header asks for null or an error that this library filled.
    if let Some(error) = unsafe { error.as_mut() } {
        // SAFETY: as above.
        unsafe { error.message.free() };
        *error = Error::NONE;
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn trustee_rust_version() -> Slice {
    Slice::of(crate::VERSION.as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_with_its_text() {
        let mut error = Error { line: 7, ..Error::NONE };
        // SAFETY: `error` is a live local.
        let status = unsafe {
            guard_into(&mut error, || {
                let nothing: Option<u8> = None;
                nothing.map(|_| Ok(Note::Nothing)).unwrap()
            })
        };
        assert_eq!(status, Status::Panic);
        assert_eq!((error.status, error.line, error.column), (Status::Panic, 0, 0));
        // SAFETY: the buffer was filled above.
        let text = unsafe { Slice { ptr: error.message.ptr, len: error.message.len }.text() };
        assert!(text.is_ok_and(|t| t.starts_with("panic: ")));
        // SAFETY: filled above, freed once.
        unsafe { trustee_error_free(&mut error) };
        assert!(error.message.ptr.is_null());
    }

    #[test]
    fn null_with_a_length_is_refused_and_null_without_is_empty() {
        // SAFETY: null is allowed.
        unsafe {
            assert!(Slice { ptr: std::ptr::null(), len: 1 }.bytes().is_err());
            assert!(Slice::EMPTY.bytes().is_ok_and(<[u8]>::is_empty));
            assert!(array::<u64>(std::ptr::dangling::<u64>(), usize::MAX / 4).is_err());
            assert!(handle::<u8>(std::ptr::null()).is_err());
            assert!(out::<u8>(std::ptr::null_mut()).is_err());
            free::<u8>(std::ptr::null_mut());
            trustee_buffer_free(std::ptr::null_mut());
            trustee_error_free(std::ptr::null_mut());
        }
    }

    #[test]
    fn text_must_be_utf8() {
        // SAFETY: static bytes.
        unsafe {
            assert!(Slice::of(b"\xff").text().is_err_and(|f| f.status == Status::InvalidArgument));
            assert_eq!(Slice::of("é".as_bytes()).text().ok(), Some("é"));
        }
    }
}
