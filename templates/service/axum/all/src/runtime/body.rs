//! Bodies in JSON, taken and given.

use axum::extract::{FromRequest, Request};
use axum::http::{header, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::Value;

use super::problem::Problem;

const MOST_DISCARDED: usize = 8 << 20; // bytes of a body that is too large, read so that its client hears the answer

/// How many bytes a body may have.
#[derive(Clone, Copy)]
pub struct BodyLimit(pub usize);

/// A body that its type takes: `async fn create(Valid(item): Valid<NewItem>)`. One that is too large, of another type,
/// no JSON or not valid is answered with a problem.
pub struct Valid<T>(pub T);

impl<T, S> FromRequest<S> for Valid<T>
where
    T: TryFrom<Value, Error = Problem>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Valid<T>, Problem> {
        let limit = request.extensions().get::<BodyLimit>().map_or(1 << 20, |limit| limit.0);
        let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.and_then(|value| value.split(';').next()).map(str::trim);
        let is_json = media_type.is_some_and(|value| value.eq_ignore_ascii_case("application/json"));
        let bytes = read(request, limit).await?;
        if !is_json {
            return Err(Problem::new(415, "send the body as application/json"));
        }
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|error| Problem::new(400, format!("the body is not JSON: {error}")))?;
        T::try_from(value).map(Valid)
    }
}

async fn read(request: Request, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut body = request.into_body();
    let (mut bytes, mut size) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::new(400, "the body ends early"))?;
        let Ok(data) = frame.into_data() else { continue };
        size += data.len();
        if size > limit + MOST_DISCARDED {
            break;
        }
        if size <= limit {
            bytes.extend_from_slice(&data);
        }
    }
    if size > limit {
        return Err(Problem::new(413, format!("a body has at most {limit} bytes")));
    }
    Ok(bytes)
}

pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    of_type(status, "application/json", value)
}

pub(super) fn of_type(status: StatusCode, media_type: &'static str, value: &impl Serialize) -> Response {
    // Of what a service makes only a map whose keys are no texts cannot be written.
    let text = serde_json::to_string(value).unwrap_or_else(|error| format!("\"{error}\""));
    (status, [(header::CONTENT_TYPE, media_type)], text + "\n").into_response()
}
