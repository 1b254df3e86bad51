//! JSON (RFC 8259), read and written.
//!
//! A number without fraction and exponent that fits is `Whole`, any other `Number`. Members keep their order; of names
//! that repeat the last counts. Values nest at most 100 deep, and half a surrogate pair is refused.

use std::fmt;

const MOST_DEPTH: usize = 100;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Whole(i64),
    Number(f64), // finite
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// `Json::object([("id", 7.into()), ("name", "cup".into())])`
    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
    }

    /// The error is a sentence about what is wrong with the text, and where.
    pub fn parse(text: &str) -> Result<Json, String> {
        let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
        let value = reader.value(0)?;
        reader.skip_blanks();
        if reader.at < text.len() {
            return reader.fail("there is more behind the value");
        }
        Ok(value)
    }

    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_whole(&self) -> Option<i64> {
        match self {
            Json::Whole(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_string())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Json {
        Json::Whole(number)
    }
}

impl From<u16> for Json {
    fn from(number: u16) -> Json {
        Json::Whole(i64::from(number))
    }
}

impl From<f64> for Json {
    /// What is no finite number becomes null.
    fn from(number: f64) -> Json {
        if number.is_finite() {
            Json::Number(number)
        } else {
            Json::Null
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Json::Null => out.write_str("null"),
            Json::Bool(value) => write!(out, "{value}"),
            Json::Whole(number) => write!(out, "{number}"),
            Json::Number(number) => write!(out, "{number}"),
            Json::Text(text) => write_text(out, text),
            Json::List(items) => {
                out.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(out, "{}{item}", if i > 0 { "," } else { "" })?;
                }
                out.write_str("]")
            }
            Json::Object(members) => {
                out.write_str("{")?;
                for (i, (name, value)) in members.iter().enumerate() {
                    out.write_str(if i > 0 { "," } else { "" })?;
                    write_text(out, name)?;
                    write!(out, ":{value}")?;
                }
                out.write_str("}")
            }
        }
    }
}

fn write_text(out: &mut fmt::Formatter, text: &str) -> fmt::Result {
    out.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            c if c < ' ' => write!(out, "\\u{:04x}", c as u32)?,
            c => write!(out, "{c}")?,
        }
    }
    out.write_str("\"")
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn fail<T>(&self, reason: &str) -> Result<T, String> {
        Err(format!("{reason}, at byte {}", self.at.min(self.bytes.len()) + 1))
    }

    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn take(&mut self, wanted: u8) -> bool {
        let here = self.at < self.bytes.len() && self.bytes[self.at] == wanted;
        self.at += usize::from(here);
        here
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > MOST_DEPTH {
            return self.fail("it is nested too deep");
        }
        self.skip_blanks();
        match self.peek() {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => Ok(Json::Text(self.string()?)),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        let mut members: Vec<(String, Json)> = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_blanks();
            if self.peek() != b'"' {
                return self.fail("a name is missing");
            }
            let name = self.string()?;
            self.skip_blanks();
            if !self.take(b':') {
                return self.fail("a colon is missing");
            }
            let value = self.value(depth + 1)?;
            members.push((name, value));
            self.skip_blanks();
            if !self.take(b',') {
                break;
            }
        }
        if !self.take(b'}') {
            return self.fail("an object does not end");
        }
        Ok(Json::Object(without_repeated(members)))
    }

    fn list(&mut self, depth: usize) -> Result<Json, String> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_blanks();
            if !self.take(b',') {
                break;
            }
        }
        if !self.take(b']') {
            return self.fail("a list does not end");
        }
        Ok(Json::List(items))
    }

    fn string(&mut self) -> Result<String, String> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let begin = self.at;
            while self.at < self.bytes.len() && !matches!(self.bytes[self.at], b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            out.push_str(&self.text[begin..self.at]); // ends before an ASCII byte, so between characters
            if self.at >= self.bytes.len() {
                return self.fail("it ends early");
            }
            self.at += 1;
            match self.bytes[self.at - 1] {
                b'"' => return Ok(out),
                b'\\' => out.push(self.escape()?),
                _ => return self.fail("a control character stands in a text"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        self.at += 1;
        match self.bytes.get(self.at - 1) {
            Some(b'"') => Ok('"'),
            Some(b'\\') => Ok('\\'),
            Some(b'/') => Ok('/'),
            Some(b'b') => Ok('\u{8}'),
            Some(b'f') => Ok('\u{c}'),
            Some(b'n') => Ok('\n'),
            Some(b'r') => Ok('\r'),
            Some(b't') => Ok('\t'),
            Some(b'u') => self.character(),
            _ => self.fail("an escape is not known"),
        }
    }

    fn character(&mut self) -> Result<char, String> {
        let first = self.four_digits()?;
        let mut code = first;
        if (0xd800..0xdc00).contains(&first) && self.take(b'\\') && self.take(b'u') {
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            }
        }
        match char::from_u32(code) {
            Some(c) => Ok(c),
            None => self.fail("a text holds half a surrogate pair"),
        }
    }

    fn four_digits(&mut self) -> Result<u32, String> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or(b"");
        if digits.len() != 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return self.fail("an escape is not known");
        }
        let code = digits.iter().fold(0, |code, digit| code * 16 + (*digit as char).to_digit(16).unwrap_or(0));
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<Json, String> {
        let begin = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        let mut whole = true;
        if self.take(b'.') {
            whole = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            whole = false;
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        let text = &self.text[begin..self.at];
        if whole {
            if let Ok(number) = text.parse::<i64>() {
                return Ok(Json::Whole(number));
            }
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Json::Number(number)),
            _ => self.fail("a number is too large"),
        }
    }

    fn digits(&mut self) -> Result<(), String> {
        let begin = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == begin {
            return self.fail("a value is missing or not known");
        }
        Ok(())
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, String> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return self.fail("a value is missing or not known");
        }
        self.at += word.len();
        Ok(value)
    }
}

/// Each name once, where it stood first, with its last value.
fn without_repeated(members: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let mut places = std::collections::HashMap::new();
    let mut kept: Vec<(String, Json)> = Vec::with_capacity(members.len());
    for (name, value) in members {
        match places.get(&name) {
            Some(place) => {
                let place: usize = *place;
                kept[place].1 = value;
            }
            None => {
                places.insert(name.clone(), kept.len());
                kept.push((name, value));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn values_are_written_as_they_were_read() {
        for text in
            ["null", "true", "[]", "{}", "0", "-1", "0.5", "[1,[2,{\"a\":null}]]", "\"\\\"\\\\\\n\\r\\t\\u0001é🍵\""]
        {
            assert_eq!(Json::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Json::parse(" \"\\u00e9\\/\\b\\ud83c\\udf75\" "), Ok(Json::from("é/\u{8}🍵")));
        assert_eq!(Json::parse("9223372036854775807"), Ok(Json::Whole(i64::MAX)));
        assert_eq!(Json::parse("9223372036854775808"), Ok(Json::Number(9223372036854775808.0)));
        assert_eq!(Json::parse("{\"a\":1,\"b\":2,\"a\":3}").unwrap().to_string(), "{\"a\":3,\"b\":2}");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let deep = "[".repeat(100_000);
        for text in [
            "",
            " ",
            "{",
            "[",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "NaN",
            "tru",
            "nul",
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\\u+123\"",
            "\"\t\"",
            "1 2",
            "[1}",
            "1e999",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\ud800\\u0041\"",
            "'a'",
            "\u{e9}",
            &deep,
        ] {
            let reason = Json::parse(text).unwrap_err();
            assert!(reason.contains(", at byte "), "{text}: {reason}");
        }
    }
}
