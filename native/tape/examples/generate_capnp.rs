//! A Cap'n Proto compiler plug-in that prints instead of writing: reads a `CodeGeneratorRequest` on stdin and prints
//! the generated Rust on stdout. `scripts/schemas.mjs` stores what it prints as `tests/tape_capnp/mod.rs`, the second
//! opinion against which the in-place writer is tested.
use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut request = Vec::new();
    std::io::stdin().read_to_end(&mut request)?;
    let folder = std::env::temp_dir().join(format!("fulltape-capnp-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let generated = generate(&folder, &request);
    std::fs::remove_dir_all(&folder)?;
    std::io::stdout().write_all(generated?.as_bytes())?;
    Ok(())
}

fn generate(folder: &std::path::Path, request: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
    capnpc::codegen::CodeGenerationCommand::new()
        .output_directory(folder)
        .run(request)?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            return Ok(std::fs::read_to_string(path)?);
        }
    }
    Err("the generator wrote no file".into())
}
