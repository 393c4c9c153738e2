//! Reads `.gz` and `.zst` through.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use super::opening::Hashing;

/// How a drop is packed; told by its first bytes, which no text starts with, and not by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    pub(crate) fn of(file: &File) -> io::Result<Packing> {
        let mut head = [0_u8; 4];
        let got = file.read_at(&mut head, 0)?;
        Ok(Packing::by_head(head.get(..got).unwrap_or_default()))
    }

    fn by_head(head: &[u8]) -> Packing {
        match head {
            [0x1f, 0x8b, 0x08, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            _ => Packing::Plain,
        }
    }
}

/// A stream of unpacked bytes over a stream of packed ones.
pub(crate) enum Unpacked<R: Read> {
    Plain(R),
    Gzip(Box<flate2::bufread::MultiGzDecoder<io::BufReader<R>>>),
    Zstd(Box<zstd::Decoder<'static, io::BufReader<R>>>),
}

pub(crate) fn unpacked<R: Read>(packing: Packing, packed: R) -> io::Result<Unpacked<R>> {
    const BUFFER_BYTES: usize = 128 << 10;
    Ok(match packing {
        Packing::Plain => Unpacked::Plain(packed),
        Packing::Gzip => {
            let buffered = io::BufReader::with_capacity(BUFFER_BYTES, packed);
            Unpacked::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(buffered)))
        }
        Packing::Zstd => {
            let buffered = io::BufReader::with_capacity(BUFFER_BYTES, packed);
            Unpacked::Zstd(Box::new(zstd::Decoder::with_buffer(buffered)?))
        }
    })
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Unpacked::Plain(r) => r.read(buffer),
            Unpacked::Gzip(r) => r.read(buffer),
            Unpacked::Zstd(r) => r.read(buffer),
        }
    }
}

impl<R: Read + Send + 'static> Unpacked<R> {
    pub(crate) fn boxed(self) -> Box<dyn Read + Send> {
        Box::new(self)
    }
}

impl Unpacked<Hashing> {
    /// Hash and length of the packed stream.
    pub(crate) fn finish(self) -> io::Result<([u8; 32], u64)> {
        match self {
            Unpacked::Plain(r) => r.finish(),
            Unpacked::Gzip(r) => r.into_inner().into_inner().finish(),
            Unpacked::Zstd(r) => r.finish().into_inner().finish(),
        }
    }
}
