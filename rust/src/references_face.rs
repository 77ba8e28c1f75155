//! Exported functions of the reference-value map.

use crate::face::{self, Buffer, Error, Note, Slice, Status};
use crate::references::{Prepared, References};
use crate::rego::{json, parse_json};

/// Mirrors `trustee_named_json`.
#[repr(C)]
pub struct NamedJson {
    name: Slice,
    json: Slice,
}

impl NamedJson {
    /// # Safety
    /// Both slices must be as `Slice::bytes` asks.
    pub unsafe fn read<'a>(&self) -> face::Result<(&'a str, Prepared)> {
        // SAFETY: the caller's promise.
        let (name, json) = unsafe { (self.name.text()?, self.json.text()?) };
        let value = parse_json(json, &format!("reference value `{name}`"))?;
        Ok((name, Prepared::new(value)))
    }
}

/// # Safety
/// `items` must be an array as `face::array` asks, of slices as `Slice::bytes` asks; `out` as
/// `face::out` asks.
unsafe fn with(
    mut refs: References,
    items: *const NamedJson,
    count: usize,
    out: *mut *mut References,
) -> face::Result<Note> {
    // SAFETY: the caller's promise.
    let (out, items) = unsafe { (face::out(out)?, face::array(items, count)?) };
    *out = std::ptr::null_mut();
    for item in items {
        // SAFETY: the caller's promise.
        let (name, prepared) = unsafe { item.read() }?;
        refs.insert(name, prepared);
    }
    *out = Box::into_raw(Box::new(refs));
    Ok(Note::Nothing)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_refs_new(
    items: *const NamedJson,
    count: usize,
    out: *mut *mut References,
    error: *mut Error,
) -> Status {
    // SAFETY: the header asks the caller for what `with` asks.
    unsafe { face::guard_into(error, || with(References::new(), items, count, out)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_refs_with(
    refs: *const References,
    items: *const NamedJson,
    count: usize,
    out: *mut *mut References,
    error: *mut Error,
) -> Status {
    // SAFETY: the header asks the caller for what `handle` and `with` ask.
    unsafe {
        face::guard_into(error, || {
            *face::out(out)? = std::ptr::null_mut();
            with(face::handle(refs)?.clone(), items, count, out)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_refs_without(
    refs: *const References,
    names: *const Slice,
    count: usize,
    out: *mut *mut References,
    error: *mut Error,
) -> Status {
    // SAFETY: the header asks the caller for what `handle`, `array`, `text` and `out` ask.
    unsafe {
        face::guard_into(error, || {
            let out = face::out(out)?;
            *out = std::ptr::null_mut();
            let mut refs = face::handle(refs)?.clone();
            for name in face::array(names, count)? {
                refs.remove(name.text()?);
            }
            *out = Box::into_raw(Box::new(refs));
            Ok(Note::Nothing)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_refs_count(refs: *const References) -> usize {
    // SAFETY: the header asks for null or a live handle.
    unsafe { refs.as_ref() }.map_or(0, References::len)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_refs_get(
    refs: *const References,
    name: Slice,
    found: *mut i32,
    json_out: *mut Buffer,
) -> Status {
    face::guard(|| {
        // SAFETY: the header asks the caller for what `handle`, `text` and `out` ask.
        let (refs, name, found, json_out) =
            unsafe { (face::handle(refs)?, name.text()?, face::out(found)?, face::out(json_out)?) };
        *found = 0;
        *json_out = Buffer::EMPTY;
        if let Some(prepared) = refs.get(name) {
            *json_out = Buffer::from_vec(json(&prepared.value)?.into_bytes());
            *found = 1;
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_refs_free(refs: *mut References) {
    // SAFETY: the header asks for null or a handle that is not used again.
    unsafe { face::free(refs) }
}
