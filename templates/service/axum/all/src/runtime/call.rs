//! The call that is being answered: its ids go into the log and along with calls to other services.
//!
//! A request id is kept when a client or gateway sent a usable one. The trace is the client's (W3C Trace Context); the
//! span is this service's own part of it. Work that is spawned takes them along with `within`.

use std::fs::File;
use std::future::Future;
use std::io::Read;
use std::sync::{Mutex, OnceLock};

use axum::http::HeaderMap;

#[derive(Clone)]
pub struct Call {
    pub request_id: String,
    pub trace_id: String,
    pub span_id: String,
    pub flags: String,
    pub trace_state: String,
}

tokio::task_local! {
    static CURRENT: Call;
}

impl Call {
    /// Fresh ids, for work that no request began.
    pub fn fresh() -> Call {
        let ids = random_hex();
        Call {
            request_id: ids[..32].to_string(),
            trace_id: ids[32..64].to_string(),
            span_id: ids[64..].to_string(),
            flags: "00".to_string(),
            trace_state: String::new(),
        }
    }

    /// Takes over what the headers of a request say.
    pub fn from(headers: &HeaderMap) -> Call {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let mut call = Call::fresh();
        if let Some(id) = text("x-request-id").filter(|id| is_request_id(id)) {
            call.request_id = id.to_string();
        }
        if let Some(parent) = text("traceparent").filter(|parent| is_traceparent(parent)) {
            call.trace_id = parent[3..35].to_string();
            call.flags = parent[53..].to_string();
            call.trace_state = text("tracestate").unwrap_or_default().to_string();
        }
        call
    }

    /// None: this task answers none.
    pub fn current() -> Option<Call> {
        CURRENT.try_with(Call::clone).ok()
    }

    /// `work` with these ids known to logs and clients.
    pub async fn within<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// What a call to another service carries.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let parent = format!("00-{}-{}-{}", self.trace_id, self.span_id, self.flags);
        let mut headers = vec![("x-request-id", self.request_id.clone()), ("traceparent", parent)];
        if !self.trace_state.is_empty() {
            headers.push(("tracestate", self.trace_state.clone()));
        }
        headers
    }
}

fn random_hex() -> String {
    static RANDOM: OnceLock<Mutex<File>> = OnceLock::new();
    let source = RANDOM.get_or_init(|| Mutex::new(File::open("/dev/urandom").expect("the system has no randomness")));
    let mut bytes = [0; 40];
    let mut file = source.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    file.read_exact(&mut bytes).expect("the system has no randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_request_id(text: &str) -> bool {
    let usable = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(usable)
}

/// 00-TRACE-SPAN-FLAGS, neither trace nor span all zeros.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq([2, 32, 16, 2])
        && parts.iter().all(|part| hex(part))
        && parts[0] == "00"
        && parts[1..3].iter().all(|part| part.bytes().any(|byte| byte != b'0'))
}
