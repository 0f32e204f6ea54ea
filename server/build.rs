//! Has the server compiled anew when the site that it carries has changed.
//! Separate from the code, because cargo looks only at Rust files by itself.

fn main() {
    let site = std::path::Path::new("../target/site");
    // Without the folder nothing can be embedded, and checking the code must not need a built site.
    if let Err(error) = std::fs::create_dir_all(site) {
        println!("cargo:warning=target/site could not be made: {error}");
    }
    println!("cargo:rerun-if-changed=../target/site");
    println!("cargo:rerun-if-changed=build.rs");
}
