//! The files of `commands/`, listed by `build.rs`. They are modules of the library, for the linker drops what stands in a
//! crate that nobody calls.

include!(concat!(env!("OUT_DIR"), "/commands.rs"));
