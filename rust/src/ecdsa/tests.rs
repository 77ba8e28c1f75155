//! Known answers of RFC 6979, appendices A.2.5 and A.2.6, for the message "sample"; the digests are
//! those of an independent implementation (Python's hashlib).

use super::{Curve, PrivateKey, PublicKey, lc, rejection};
use crate::face::Status;

const P256: Vector = Vector {
    curve: Curve::P256,
    scalar: "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    x: "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    y: "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    digest: "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
    r: "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
    s: "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
};
const P384: Vector = Vector {
    curve: Curve::P384,
    scalar: "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba\
             9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
    x: "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e\
        06aae5286b300c64def8f0ea9055866064a254515480bc13",
    y: "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9\
        f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
    digest: "9a9083505bc92276aec4be312696ef7bf3bf603f4bbd3811\
             96a029f340585312313bca4a9b5b890efee42c77b1ee25fe",
    r: "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7\
        3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
    s: "99ef4aeb15f178cea1fe40db2603138f130e740a19624526\
        203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
};
/// The same key; the digest is longer than the order.
const P384_SHA512: Vector = Vector {
    digest: "39a5e04aaff7455d9850c605364f514c11324ce64016960d23d5dc57d3ffd8f4\
             9a739468ab8049bf18eef820cdb1ad6c9015f838556bc7fad4138b23fdf986c7",
    r: "ed0959d5880ab2d869ae7f6c2915c6d60f96507f9cb3e047\
        c0046861da4a799cfe30f35cc900056d7c99cd7882433709",
    s: "512c8cceee3890a84058ce1e22dbc2198f42323ce8aca913\
        5329f03c068e5112dc7cc3ef3446defceb01a45c2667fdd5",
    ..P384
};

#[derive(Clone, Copy)]
struct Vector {
    curve: Curve,
    scalar: &'static str,
    x: &'static str,
    y: &'static str,
    digest: &'static str,
    r: &'static str,
    s: &'static str,
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

impl Vector {
    fn point(&self) -> Vec<u8> {
        [vec![4], hex(self.x), hex(self.y)].concat()
    }

    fn key(&self) -> PublicKey {
        PublicKey::new(self.curve, &self.point()).unwrap()
    }

    fn signature(&self) -> Vec<u8> {
        [hex(self.r), hex(self.s)].concat()
    }
}

#[test]
fn known_signatures_verify() {
    for v in [P256, P384, P384_SHA512] {
        v.key().verify(&hex(v.digest), &v.signature()).unwrap();
    }
}

#[test]
fn any_changed_byte_is_refused() {
    for v in [P256, P384, P384_SHA512] {
        let key = v.key();
        let (digest, signature) = (hex(v.digest), v.signature());
        for i in 0..signature.len() {
            let mut changed = signature.clone();
            changed[i] ^= 1;
            let failure = key.verify(&digest, &changed).unwrap_err();
            assert_eq!(failure.status, Status::SignatureInvalid, "{i}");
        }
        for i in 0..digest.len().min(v.curve.field_size()) {
            let mut changed = digest.clone();
            changed[i] ^= 0x80;
            assert!(key.verify(&changed, &signature).is_err(), "{i}");
        }
    }
}

#[test]
fn degenerate_signatures_are_refused() {
    let (key, digest) = (P256.key(), hex(P256.digest));
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let (zero, r, s) = (vec![0; 32], hex(P256.r), hex(P256.s));
    for halves in [[&zero, &s], [&r, &zero], [&zero, &zero], [&order, &s], [&r, &order]] {
        let signature = [halves[0].as_slice(), halves[1]].concat();
        let failure = key.verify(&digest, &signature).unwrap_err();
        assert_eq!(failure.status, Status::SignatureInvalid);
    }
    let signature = P256.signature();
    for wrong in [&[] as &[u8], &signature[..63], &[&signature[..], &[0]].concat()] {
        let failure = key.verify(&digest, wrong).unwrap_err();
        assert_eq!(failure.status, Status::SignatureInvalid);
    }
}

#[test]
fn digests_of_other_lengths_are_not_taken() {
    for length in [0, 20, 31, 33, 65] {
        let digest = vec![1; length];
        let failure = P256.key().verify(&digest, &P256.signature()).unwrap_err();
        assert_eq!(failure.status, Status::InvalidArgument, "{length}");
    }
}

#[test]
fn points_that_are_no_keys_are_refused() {
    for v in [P256, P384] {
        let point = v.point();
        let mut off_curve = point.clone();
        *off_curve.last_mut().unwrap() ^= 1;
        let mut compressed = point[..=v.curve.field_size()].to_vec();
        compressed[0] = 2;
        let mut hybrid = point.clone();
        hybrid[0] = 6;
        let unreduced = [vec![4], vec![0xff; 2 * v.curve.field_size()]].concat();
        let zero = [vec![4], vec![0; 2 * v.curve.field_size()]].concat();
        let other = if v.curve == Curve::P256 { P384 } else { P256 }.point();
        for bad in [off_curve, compressed, hybrid, unreduced, zero, other, vec![0], vec![]] {
            let failure = PublicKey::new(v.curve, &bad).err().unwrap();
            assert_eq!(failure.status, Status::KeyInvalid, "{bad:02x?}");
        }
    }
}

#[test]
fn what_a_private_key_signs_its_public_key_verifies() {
    for v in [P256, P384] {
        let key = PrivateKey::new(v.curve, &hex(v.scalar)).unwrap();
        let digest = hex(v.digest);
        let mut signature = vec![0; 2 * v.curve.field_size()];
        let mut again = signature.clone();
        key.sign(&digest, &mut signature).unwrap();
        key.sign(&digest, &mut again).unwrap();
        assert_ne!(signature, again); // randomised
        v.key().verify(&digest, &signature).unwrap();
        v.key().verify(&digest, &again).unwrap();
        assert!(key.sign(&digest, &mut again[1..]).is_err());
    }
}

#[test]
fn scalars_out_of_range_are_refused() {
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    for bad in [vec![0; 32], hex(order), vec![0xff; 32], vec![1; 31], vec![1; 33], vec![]] {
        let failure = PrivateKey::new(Curve::P256, &bad).err().unwrap();
        assert_eq!(failure.status, Status::KeyInvalid);
    }
}

#[test]
fn eight_threads_share_a_key() {
    let (verifier, signer) = (P384.key(), PrivateKey::new(P384.curve, &hex(P384.scalar)).unwrap());
    let digest = hex(P384.digest);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let mut signature = vec![0; 96];
                    signer.sign(&digest, &mut signature).unwrap();
                    verifier.verify(&digest, &signature).unwrap();
                }
            });
        }
    });
}

#[test]
fn what_kept_the_library_from_telling_is_no_bad_signature() {
    for (library, reason, status) in [
        (lc::ERR_LIB_ECDSA, lc::ECDSA_R_BAD_SIGNATURE, Status::SignatureInvalid),
        (lc::ERR_LIB_ECDSA, lc::ECDSA_R_MISMATCHED_SIGNATURE, Status::SignatureInvalid),
        (lc::ERR_LIB_ECDSA, lc::ERR_R_INTERNAL_ERROR, Status::CryptoFailed),
        (lc::ERR_LIB_EC, lc::ECDSA_R_BAD_SIGNATURE, Status::CryptoFailed),
    ] {
        // SAFETY: the text is static.
        unsafe { lc::ERR_put_error(library, 0, reason, c"tests.rs".as_ptr(), 1) };
        assert_eq!(rejection().status, status, "{library} {reason}");
        // SAFETY: no preconditions.
        assert_eq!(unsafe { lc::ERR_peek_error() }, 0);
    }
    assert_eq!(rejection().status, Status::CryptoFailed);
}
