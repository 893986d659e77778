//! Pictures that are fine, that are none, and that are meant to do harm.

use image::codecs::gif::GifEncoder;
use image::{Delay, Frame, GenericImageView, Rgba};

use super::*;

const RED: Rgba<u8> = Rgba([220, 20, 20, 255]);
const BLUE: Rgba<u8> = Rgba([20, 20, 220, 255]);

fn plain(width: u32, height: u32) -> DynamicImage {
    // Left half red, right half blue.
    DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, |x, _| {
        if x < width / 2 { RED } else { BLUE }
    }))
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = match format {
        ImageFormat::Jpeg => DynamicImage::ImageRgb8(picture.to_rgb8()),
        _ => picture.clone(),
    };
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn read(picture: &Picture) -> DynamicImage {
    let read = image::load_from_memory(&picture.bytes).unwrap();
    assert_eq!(read.dimensions(), (SIDE, SIDE));
    assert!(picture.bytes.len() <= LONGEST_KEPT);
    let sniffed = sniff(&picture.bytes).unwrap();
    assert_eq!(sniffed.to_mime_type(), picture.format.media_type());
    read
}

fn is_near(pixel: Rgba<u8>, colour: Rgba<u8>) -> bool {
    pixel.0.iter().zip(colour.0).all(|(a, b)| a.abs_diff(b) < 40)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A segment of a JPEG file, put behind its beginning.
fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

#[test]
fn each_format_becomes_a_square() {
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        for (width, height) in [(30, 20), (1, 7)] {
            let made = Picture::of(&written(&plain(width, height), format)).unwrap();
            read(&made);
        }
    }
    let made = read(&Picture::of(&written(&plain(1200, 1100), ImageFormat::Png)).unwrap());
    assert!(is_near(made.get_pixel(10, 256), RED) && is_near(made.get_pixel(500, 256), BLUE));
}

#[test]
fn transparency_is_kept_and_noise_stays_small() {
    let glass = RgbaImage::from_pixel(64, 64, Rgba([1, 2, 3, 0]));
    let made = Picture::of(&written(&DynamicImage::ImageRgba8(glass), ImageFormat::Png)).unwrap();
    assert_eq!(read(&made).get_pixel(100, 100).0[3], 0);
    let mut state = 1_u32;
    let noise = RgbaImage::from_fn(SIDE, SIDE, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgba(state.rotate_left(9).to_be_bytes())
    });
    let made = Picture::of(&written(&DynamicImage::ImageRgba8(noise), ImageFormat::Png)).unwrap();
    read(&made);
}

#[test]
fn of_an_animation_the_first_frame_is_kept() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for colour in [RED, BLUE] {
        let frame = RgbaImage::from_pixel(20, 20, colour);
        let frame = Frame::from_parts(frame, 0, 0, Delay::from_numer_denom_ms(100, 1));
        encoder.encode_frame(frame).unwrap();
    }
    drop(encoder);
    let made = Picture::of(&bytes).unwrap();
    assert!(is_near(read(&made).get_pixel(256, 256), RED));
}

/// U03: a photo lies as its camera was held, and says nothing of where that was.
#[test]
fn metadata_turns_the_picture_and_is_gone() {
    // TIFF header, one entry: orientation (0x0112), SHORT, 1, value 6 (turn clockwise).
    let exif = [
        b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".as_slice(),
        b"GPSLatitude 52.5200",
    ]
    .concat();
    let photo = with_segment(&written(&plain(200, 200), ImageFormat::Jpeg), 0xe1, &exif);
    let photo = with_segment(&photo, 0xfe, b"a comment");
    assert!(contains(&photo, "GPSLatitude"));
    let made = Picture::of(&photo).unwrap();
    let pixels = read(&made);
    assert!(is_near(pixels.get_pixel(256, 20), RED) && is_near(pixels.get_pixel(256, 490), BLUE));
    for text in ["GPS", "Exif", "comment"] {
        assert!(!contains(&made.bytes, text), "{text}");
    }
}

/// U01
#[test]
fn what_is_no_picture_is_refused() {
    for bytes in [
        b"".as_slice(),
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        b"<?xml version=\"1.0\"?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"BM\x3a\0\0\0",
        b"II*\0\x08\0\0\0",
        b"RIFF\x10\0\0\0WAVEfmt ",
    ] {
        let refused = Picture::of(bytes);
        assert!(matches!(refused, Err(AvatarError::UnknownFormat)), "{bytes:?}");
    }
}

/// U01
#[test]
fn of_a_file_that_is_two_things_only_pixels_stay() {
    let script = b"<script>alert(document.domain)</script>";
    let png = [written(&plain(30, 30), ImageFormat::Png).as_slice(), script].concat();
    let gif = [
        written(&plain(30, 30), ImageFormat::Gif).as_slice(),
        b"/*",
        script,
        b"*/",
    ]
    .concat();
    let jpeg = with_segment(&written(&plain(30, 30), ImageFormat::Jpeg), 0xfe, script);
    for upload in [png, gif, jpeg] {
        let made = Picture::of(&upload).unwrap();
        read(&made);
        assert!(!contains(&made.bytes, "script"));
    }
}

/// The head of a PNG that claims to have so many pixels of 8 bits RGBA.
fn claimed(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = written(&plain(8, 8), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&sum);
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// U02
#[test]
fn a_bomb_is_refused_by_what_it_claims() {
    for (width, height) in [(65_535, 65_535), (4_097, 1), (1, 4_097), (1 << 30, 1 << 30)] {
        let refused = Picture::of(&claimed(width, height));
        assert!(
            matches!(refused, Err(AvatarError::TooManyPixels)),
            "{width}x{height}"
        );
    }
    assert!(matches!(
        Picture::of(&claimed(4_096, 4_096)),
        Err(AvatarError::Damaged)
    ));
    let mut gif = written(&plain(8, 8), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    assert!(matches!(Picture::of(&gif), Err(AvatarError::TooManyPixels)));
    let mut upload = written(&plain(8, 8), ImageFormat::Png);
    upload.resize(LONGEST_UPLOAD + 1, 0);
    assert!(matches!(Picture::of(&upload), Err(AvatarError::TooLarge)));
}

/// U04
#[test]
fn cut_off_and_damaged_files_are_refused_calmly() {
    let formats = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ];
    let mut state = 7_usize;
    for format in formats {
        let whole = written(&plain(16, 16), format);
        for length in 0..whole.len().min(64) {
            assert!(Picture::of(&whole[..length]).is_err(), "{format:?} {length}");
        }
        for _ in 0..400 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let mut bytes = whole.clone();
            let place = (state >> 33) % bytes.len();
            bytes[place] ^= u8::try_from(state >> 56).unwrap() | 1;
            // Damage may go unnoticed; what matters is that there is an answer.
            drop(sniff(&bytes).map(|format| decode(&bytes, format)));
        }
    }
}
