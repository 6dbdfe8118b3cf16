//! An `auth` object: read, digested and verified without a panic, and canonical JSON is canonical.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use nexus::error::Code;
use nexus::json::{canonical, parse};
use nexus::signing::Proof;

fuzz_target!(|bytes: &[u8]| {
    let Ok(auth) = parse(bytes) else { return };
    if let Ok(text) = canonical(&auth) {
        let again = parse(text.as_bytes()).expect("what is canonical is JSON");
        assert_eq!(canonical(&again).expect("it has a canonical form"), text);
    }
    let proof = Proof::parse(&auth);
    assert!(auth.is_object() || proof.is_err());
    match proof {
        Err(error) => assert_eq!(error.code, Code::AuthMalformed),
        Ok(Proof::Bare(bare)) => drop((bare.verify("/echo"), bare.verify_exactly("/echo"))),
        Ok(Proof::Signed(signed)) => {
            assert!((16..=64).contains(&signed.nonce.len()));
            let times = signed.check_times(Timestamp::UNIX_EPOCH);
            assert!(times.is_err() || (-30..=330).contains(&signed.expires_at));
            if let Ok(digest) = signed.digest("/echo", Some(&auth)) {
                let signer = signed.verify(&digest);
                assert!(signer.is_err() || signer.ok() == Some(signed.signer()));
            }
        }
    }
});
