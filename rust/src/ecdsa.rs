//! ECDSA over P-256 and P-384 with AWS-LC. Its symbols carry a version prefix, so it lives beside
//! OpenSSL in one program.

use std::ptr::NonNull;

use aws_lc_sys as lc;

use crate::face::{Failure, Result, Status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    P256,
    P384,
}

impl Curve {
    /// Bytes of one coordinate, and of one half of a signature.
    pub const fn field_size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    fn group(self) -> *const lc::EC_GROUP {
        // SAFETY: both return a static object.
        unsafe {
            match self {
                Self::P256 => lc::EC_group_p256(),
                Self::P384 => lc::EC_group_p384(),
            }
        }
    }
}

fn failed(status: Status) -> Failure {
    // The queue belongs to the thread; what stays in it would grow.
    // SAFETY: no preconditions.
    unsafe { lc::ERR_clear_error() };
    Failure::new(status, "")
}

/// An owned AWS-LC object.
struct Owned<T> {
    ptr: NonNull<T>,
    free: unsafe extern "C" fn(*mut T),
}

impl<T> Owned<T> {
    /// # Safety
    /// `ptr` must be null or an object that `free` frees and nobody else does.
    unsafe fn new(ptr: *mut T, free: unsafe extern "C" fn(*mut T)) -> Result<Self> {
        match NonNull::new(ptr) {
            Some(ptr) => Ok(Self { ptr, free }),
            None => Err(failed(Status::CryptoFailed)),
        }
    }

    fn get(&self) -> *mut T {
        self.ptr.as_ptr()
    }

    fn release(self) -> *mut T {
        std::mem::ManuallyDrop::new(self).get()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: `new`'s caller promised that this object is ours and this is its destructor.
        unsafe { (self.free)(self.get()) }
    }
}

/// Why a verification failed. It returns 0 for a bad signature and for what keeps it from telling,
/// but not with the same error.
fn rejection() -> Failure {
    // SAFETY: no preconditions.
    let error = unsafe { lc::ERR_peek_last_error() };
    // What ERR_GET_LIB and ERR_GET_REASON do, which are inline in C.
    let (library, reason) = ((error >> 24) as i32, (error & 0xfff) as i32);
    let bad = [lc::ECDSA_R_BAD_SIGNATURE, lc::ECDSA_R_MISMATCHED_SIGNATURE];
    let is_bad = library == lc::ERR_LIB_ECDSA && bad.contains(&reason);
    failed(if is_bad { Status::SignatureInvalid } else { Status::CryptoFailed })
}

fn ok(returned: std::os::raw::c_int, otherwise: Status) -> Result<()> {
    if returned == 1 { Ok(()) } else { Err(failed(otherwise)) }
}

fn number(bytes: &[u8]) -> Result<Owned<lc::BIGNUM>> {
    // SAFETY: pointer and length are of one slice; a null result asks for a new number.
    unsafe {
        let number = lc::BN_bin2bn(bytes.as_ptr(), bytes.len(), std::ptr::null_mut());
        Owned::new(number, lc::BN_clear_free)
    }
}

fn empty_key(curve: Curve) -> Result<Owned<lc::EC_KEY>> {
    // SAFETY: a new key, given a static group.
    unsafe {
        let key = Owned::new(lc::EC_KEY_new(), lc::EC_KEY_free)?;
        ok(lc::EC_KEY_set_group(key.get(), curve.group()), Status::CryptoFailed)?;
        Ok(key)
    }
}

fn empty_point(curve: Curve) -> Result<Owned<lc::EC_POINT>> {
    // SAFETY: a new point on a static group.
    unsafe { Owned::new(lc::EC_POINT_new(curve.group()), lc::EC_POINT_free) }
}

/// A checked key. The functions used on it take it as const, and AWS-LC allows those from many
/// threads at once (`openssl/ec_key.h`: "may be used concurrently on multiple threads by
/// non-mutating functions").
struct Key {
    key: Owned<lc::EC_KEY>,
    curve: Curve,
}

// SAFETY: the object is not tied to a thread, and is only read after it was made; see above.
unsafe impl Send for Key {}
// SAFETY: as above.
unsafe impl Sync for Key {}

fn check_digest(digest: &[u8]) -> Result<()> {
    match digest.len() {
        32 | 48 | 64 => Ok(()),
        _ => Err(Failure::argument("digest of 32, 48 or 64 bytes")),
    }
}

pub struct PublicKey(Key);

impl PublicKey {
    /// `point` is 0x04 || x || y.
    pub fn new(curve: Curve, point: &[u8]) -> Result<Self> {
        if point.len() != 1 + 2 * curve.field_size() || point.first() != Some(&4) {
            return Err(failed(Status::KeyInvalid));
        }
        let key = empty_key(curve)?;
        let parsed = empty_point(curve)?;
        // SAFETY: live objects of one group; pointer and length are of one slice. oct2point refuses
        // coordinates that are not reduced and points off the curve.
        unsafe {
            let (group, none) = (curve.group(), std::ptr::null_mut());
            let read =
                lc::EC_POINT_oct2point(group, parsed.get(), point.as_ptr(), point.len(), none);
            ok(read, Status::KeyInvalid)?;
            ok(lc::EC_KEY_set_public_key(key.get(), parsed.get()), Status::KeyInvalid)?;
            ok(lc::EC_KEY_check_key(key.get()), Status::KeyInvalid)?;
        }
        Ok(Self(Key { key, curve }))
    }

    /// `signature` is r || s.
    pub fn verify(&self, digest: &[u8], signature: &[u8]) -> Result<()> {
        check_digest(digest)?;
        let size = self.0.curve.field_size();
        let halves = signature.split_at_checked(size).filter(|(_, s)| s.len() == size);
        let (r, s) = halves.ok_or_else(|| failed(Status::SignatureInvalid))?;
        let (r, s) = (number(r)?, number(s)?);
        // SAFETY: a new signature takes both numbers over when set0 succeeds, which it does for
        // numbers that are not null; the key is live.
        unsafe {
            let parsed = Owned::new(lc::ECDSA_SIG_new(), lc::ECDSA_SIG_free)?;
            ok(lc::ECDSA_SIG_set0(parsed.get(), r.release(), s.release()), Status::CryptoFailed)?;
            let verified =
                lc::ECDSA_do_verify(digest.as_ptr(), digest.len(), parsed.get(), self.0.key.get());
            if verified == 1 { Ok(()) } else { Err(rejection()) }
        }
    }
}

pub struct PrivateKey(Key);

impl PrivateKey {
    /// `scalar` is big-endian and as long as the field.
    pub fn new(curve: Curve, scalar: &[u8]) -> Result<Self> {
        if scalar.len() != curve.field_size() {
            return Err(failed(Status::KeyInvalid));
        }
        let key = empty_key(curve)?;
        let scalar = number(scalar)?;
        let public = empty_point(curve)?;
        // SAFETY: live objects of one group; null stands for "no second term" and "no context".
        unsafe {
            // Refuses 0 and what is not below the order.
            ok(lc::EC_KEY_set_private_key(key.get(), scalar.get()), Status::KeyInvalid)?;
            let multiplied = lc::EC_POINT_mul(
                curve.group(),
                public.get(),
                scalar.get(),
                std::ptr::null(),
                std::ptr::null(),
                std::ptr::null_mut(),
            );
            ok(multiplied, Status::KeyInvalid)?;
            ok(lc::EC_KEY_set_public_key(key.get(), public.get()), Status::KeyInvalid)?;
            ok(lc::EC_KEY_check_key(key.get()), Status::KeyInvalid)?;
        }
        Ok(Self(Key { key, curve }))
    }

    /// Writes r || s.
    pub fn sign(&self, digest: &[u8], signature: &mut [u8]) -> Result<()> {
        check_digest(digest)?;
        let size = self.0.curve.field_size();
        if signature.len() != 2 * size {
            return Err(Failure::argument("signature buffer of two field sizes"));
        }
        let (r_out, s_out) = signature.split_at_mut(size);
        // SAFETY: the key is live; the signature is ours; r and s live as long as it, and are written
        // to buffers of the given length.
        unsafe {
            let signed = Owned::new(
                lc::ECDSA_do_sign(digest.as_ptr(), digest.len(), self.0.key.get()),
                lc::ECDSA_SIG_free,
            )?;
            let (r, s) = (lc::ECDSA_SIG_get0_r(signed.get()), lc::ECDSA_SIG_get0_s(signed.get()));
            ok(lc::BN_bn2bin_padded(r_out.as_mut_ptr(), size, r), Status::CryptoFailed)?;
            ok(lc::BN_bn2bin_padded(s_out.as_mut_ptr(), size, s), Status::CryptoFailed)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
