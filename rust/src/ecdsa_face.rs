//! Exported functions of ECDSA.

use crate::ecdsa::{Curve, PrivateKey, PublicKey};
use crate::face::{self, Failure, Slice, Status};

fn curve(number: u32) -> face::Result<Curve> {
    match number {
        1 => Ok(Curve::P256),
        2 => Ok(Curve::P384),
        _ => Err(Failure::argument("unknown curve")),
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_ecdsa_public_key_new(
    curve_number: u32,
    point: Slice,
    out: *mut *mut PublicKey,
) -> Status {
    face::guard(|| {
        // SAFETY: the header asks the caller for what `out` and `bytes` ask.
        unsafe {
            let out = face::out(out)?;
            *out = std::ptr::null_mut();
            let key = PublicKey::new(curve(curve_number)?, point.bytes()?)?;
            *out = Box::into_raw(Box::new(key));
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_ecdsa_verify_digest(
    key: *const PublicKey,
    digest: Slice,
    signature: Slice,
) -> Status {
    // SAFETY: the header asks the caller for what `handle` and `bytes` ask.
    face::guard(|| unsafe { face::handle(key)?.verify(digest.bytes()?, signature.bytes()?) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_ecdsa_public_key_free(key: *mut PublicKey) {
    // SAFETY: the header asks for null or a handle that is not used again.
    unsafe { face::free(key) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_ecdsa_private_key_new(
    curve_number: u32,
    scalar: Slice,
    out: *mut *mut PrivateKey,
) -> Status {
    face::guard(|| {
        // SAFETY: the header asks the caller for what `out` and `bytes` ask.
        unsafe {
            let out = face::out(out)?;
            *out = std::ptr::null_mut();
            let key = PrivateKey::new(curve(curve_number)?, scalar.bytes()?)?;
            *out = Box::into_raw(Box::new(key));
        }
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_ecdsa_sign_digest(
    key: *const PrivateKey,
    digest: Slice,
    signature: *mut u8,
    signature_len: usize,
) -> Status {
    face::guard(|| {
        if signature.is_null() || signature_len > 1024 {
            return Err(Failure::argument("signature buffer"));
        }
        // SAFETY: not null, and the header asks for `signature_len` writable bytes, and for what
        // `handle` and `bytes` ask. Zeroed first, so that no uninitialised byte is ever read.
        unsafe {
            std::ptr::write_bytes(signature, 0, signature_len);
            let signature = std::slice::from_raw_parts_mut(signature, signature_len);
            face::handle(key)?.sign(digest.bytes()?, signature)
        }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn trustee_ecdsa_private_key_free(key: *mut PrivateKey) {
    // SAFETY: the header asks for null or a handle that is not used again.
    unsafe { face::free(key) }
}
