//! One JSON object a line, with the ids of the call that is being answered. Safe for many threads.

use std::io::Write;
use std::sync::Mutex;

use super::call::Call;
use super::json::Json;
use super::time;

#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

impl Level {
    const ALL: [Level; 4] = [Level::Debug, Level::Info, Level::Warning, Level::Error];

    pub fn word(self) -> &'static str {
        ["debug", "info", "warning", "error"][self as usize]
    }

    pub fn from_word(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.word() == word)
    }
}

pub struct Log {
    least: Level,
    out: Mutex<Box<dyn Write + Send>>,
}

/// What a line says beside its message.
pub type Fields<'a> = &'a [(&'a str, Json)];

impl Log {
    pub fn new(least: Level, out: impl Write + Send + 'static) -> Log {
        Log { least, out: Mutex::new(Box::new(out)) }
    }

    pub fn debug(&self, message: &str, fields: Fields) {
        self.write(Level::Debug, message, fields);
    }

    pub fn info(&self, message: &str, fields: Fields) {
        self.write(Level::Info, message, fields);
    }

    pub fn warning(&self, message: &str, fields: Fields) {
        self.write(Level::Warning, message, fields);
    }

    pub fn error(&self, message: &str, fields: Fields) {
        self.write(Level::Error, message, fields);
    }

    pub fn write(&self, level: Level, message: &str, fields: Fields) {
        if level < self.least {
            return;
        }
        let mut line = vec![
            ("time".to_string(), Json::Text(time::iso(time::now()))),
            ("level".to_string(), level.word().into()),
            ("message".to_string(), message.into()),
        ];
        if let Some(call) = Call::current() {
            line.push(("request_id".to_string(), call.request_id.into()));
            line.push(("trace_id".to_string(), call.trace_id.into()));
            line.push(("span_id".to_string(), call.span_id.into()));
        }
        line.extend(fields.iter().map(|(name, value)| (name.to_string(), value.clone())));
        let text = Json::Object(line).to_string() + "\n";
        let mut out = self.out.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // Where the log cannot be written, nobody can be told.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
