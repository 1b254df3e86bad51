//! One JSON object a line, with the ids of the call that is being answered. Safe for many threads.

use std::io::Write;
use std::sync::Mutex;

use serde_json::{Map, Value};

use super::call::Call;
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
pub type Fields<'a> = &'a [(&'a str, Value)];

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
        let mut line = Map::new();
        line.insert("time".into(), time::iso(time::now()).into());
        line.insert("level".into(), level.word().into());
        line.insert("message".into(), message.into());
        if let Some(call) = Call::current() {
            line.insert("request_id".into(), call.request_id.into());
            line.insert("trace_id".into(), call.trace_id.into());
            line.insert("span_id".into(), call.span_id.into());
        }
        line.extend(fields.iter().map(|(name, value)| (name.to_string(), value.clone())));
        let text = Value::Object(line).to_string() + "\n";
        let mut out = self.out.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // Where the log cannot be written, nobody can be told.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
