//! From uploaded bytes to the picture that is kept: pixels, and nothing else that was in the file.
//! Refuses what is no picture by its first bytes, what would need much memory, and what is damaged.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as Filtering, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{
    DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, ImageResult, Limits, Rgb,
    RgbImage, RgbaImage,
};
use model::avatar::PictureFormat;

use super::AvatarError;

/// The longest upload, in bytes.
pub const LONGEST_UPLOAD: usize = 5 * 1024 * 1024;
const LONGEST_SIDE: u32 = 4096;
const MOST_MEMORY: u64 = 64 * 1024 * 1024;
/// What is kept has this many pixels each way.
pub(super) const SIDE: u32 = 512;
pub(super) const LONGEST_KEPT: usize = 1024 * 1024;
const JPEG_QUALITY: u8 = 88;

/// A picture as it is kept.
#[derive(Debug)]
pub(super) struct Picture {
    pub format: PictureFormat,
    pub bytes: Vec<u8>,
}

impl Picture {
    /// Of what somebody uploaded, whatever they called it.
    pub(super) fn of(upload: &[u8]) -> Result<Self, AvatarError> {
        if upload.len() > LONGEST_UPLOAD {
            return Err(AvatarError::TooLarge);
        }
        let format = sniff(upload).ok_or(AvatarError::UnknownFormat)?;
        let (decoded, orientation) = decode(upload, format).map_err(|error| refused(&error))?;
        let mut square = halfway(cut(decoded)).resize_exact(SIDE, SIDE, FilterType::CatmullRom);
        square.apply_orientation(orientation);
        encode(&square.into_rgba8()).map_err(|error| refused(&error))
    }
}

/// The format by its signature; a name or a media type says nothing.
fn sniff(upload: &[u8]) -> Option<ImageFormat> {
    let known = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ];
    let guessed = image::guess_format(upload).ok()?;
    known.contains(&guessed).then_some(guessed)
}

/// The first frame, and how it has to be turned.
fn decode(upload: &[u8], format: ImageFormat) -> ImageResult<(DynamicImage, Orientation)> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    limits.check_dimensions(width, height)?;
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;
    // A picture whose metadata is damaged is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// The largest square in the middle.
fn cut(picture: DynamicImage) -> DynamicImage {
    if picture.width() == picture.height() {
        return picture;
    }
    let side = picture.width().min(picture.height());
    let (left, top) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
    picture.crop_imm(left, top, side, side)
}

/// Most of a large picture goes by plain averages, in half the time that a good filter takes.
fn halfway(square: DynamicImage) -> DynamicImage {
    if square.width() <= 2 * SIDE {
        return square;
    }
    square.thumbnail_exact(2 * SIDE, 2 * SIDE)
}

/// The smaller of two encodings; one that keeps transparency only where there is any.
fn encode(pixels: &RgbaImage) -> ImageResult<Picture> {
    let is_opaque = pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let png = png(pixels, is_opaque)?;
    let other = if is_opaque { jpeg(pixels)? } else { webp(pixels)? };
    let best = if png.bytes.len() <= other.bytes.len() {
        png
    } else {
        other
    };
    // Noise that is half transparent compresses to nothing smaller.
    if best.bytes.len() > LONGEST_KEPT {
        return jpeg(pixels);
    }
    Ok(best)
}

fn png(pixels: &RgbaImage, is_opaque: bool) -> ImageResult<Picture> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, Filtering::Adaptive);
    if is_opaque {
        let plain = on_white(pixels);
        encoder.write_image(&plain, SIDE, SIDE, image::ExtendedColorType::Rgb8)?;
    } else {
        encoder.write_image(pixels, SIDE, SIDE, image::ExtendedColorType::Rgba8)?;
    }
    Ok(Picture {
        format: PictureFormat::Png,
        bytes,
    })
}

fn webp(pixels: &RgbaImage) -> ImageResult<Picture> {
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    encoder.encode(pixels, SIDE, SIDE, image::ExtendedColorType::Rgba8)?;
    Ok(Picture {
        format: PictureFormat::Webp,
        bytes,
    })
}

fn jpeg(pixels: &RgbaImage) -> ImageResult<Picture> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode_image(&on_white(pixels))?;
    Ok(Picture {
        format: PictureFormat::Jpeg,
        bytes,
    })
}

fn on_white(pixels: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0.map(u16::from);
        let over =
            |colour: u16| u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        Rgb([over(red), over(green), over(blue)])
    })
}

fn refused(error: &ImageError) -> AvatarError {
    match error {
        ImageError::Limits(_) => AvatarError::TooManyPixels,
        _ => AvatarError::Damaged,
    }
}

#[cfg(test)]
mod tests;
