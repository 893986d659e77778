//! What an address asks for after its path.

use axum::extract::Query;
use http::Uri;
use serde::de::DeserializeOwned;

use super::Failure;

/// # Errors
/// 400 when it can't be read.
pub fn parse<T: DeserializeOwned>(uri: &Uri) -> Result<T, Failure> {
    let parsed = Query::<T>::try_from_uri(uri);
    let Query(query) = parsed.map_err(|_| Failure::invalid("The query can't be read."))?;
    Ok(query)
}
