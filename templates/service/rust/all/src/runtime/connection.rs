//! A TCP connection, read and written with bounds: one deadline for all that belongs together, and most bytes for each
//! part. HTTP/1.1 as RFC 9112 has it, read strictly: framing that could be read in two ways is refused.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const MOST_HEAD: usize = 64 << 10; // bytes of a head: first line and headers
const MOST_HEADERS: usize = 100;
const MOST_CHUNK_LINE: usize = 256; // bytes of a chunk's size with its extensions

/// Why reading ended.
#[derive(Debug)]
pub(crate) enum Broken {
    Closed,   // by the other side, or by the network
    TimedOut, // the deadline is over
    Malformed(&'static str),
    HeadTooLarge,
    BodyTooLarge,
    Coding, // a transfer coding other than chunked
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Broken::TimedOut,
            _ => Broken::Closed,
        }
    }
}

/// The first line of a message and its headers, as they came; names in lower case.
pub(crate) struct Head {
    pub first_line: String,
    pub headers: Vec<(String, String)>,
}

impl Head {
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == name).map(|(_, text)| text.as_str()).collect()
    }

    /// Whether one of the words of a header such as `connection: close, x` is this one.
    pub fn says(&self, name: &str, word: &str) -> bool {
        self.all(name).iter().flat_map(|text| text.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    }
}

/// How a body is delimited.
#[derive(Debug, PartialEq)]
pub(crate) enum Framing {
    None,
    Length(usize),
    Chunked,
}

/// What the headers say about it.
pub(crate) fn framing(head: &Head, most: usize) -> Result<Framing, Broken> {
    let (lengths, codings) = (head.all("content-length"), head.all("transfer-encoding"));
    if lengths.len() + codings.len() > 1 {
        return Err(Broken::Malformed("the header section is malformed"));
    }
    if let Some(coding) = codings.first() {
        return if coding.eq_ignore_ascii_case("chunked") { Ok(Framing::Chunked) } else { Err(Broken::Coding) };
    }
    match lengths.first() {
        None => Ok(Framing::None),
        Some(text) if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Broken::Malformed("content-length is no number"))
        }
        Some(text) => match text.parse::<usize>() {
            Ok(length) if length <= most => Ok(Framing::Length(length)),
            _ => Err(Broken::BodyTooLarge),
        },
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    begin: usize, // of what is read and not yet used
    deadline: Instant,
}

impl Connection {
    pub fn new(stream: TcpStream) -> io::Result<Connection> {
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::new(), begin: 0, deadline: Instant::now() })
    }

    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// All reads and writes from here on have this much time together.
    pub fn set_time(&mut self, time: Duration) {
        self.deadline = Instant::now() + time;
    }

    /// Waits for bytes. False: none came in this time.
    pub fn wait(&mut self, time: Duration) -> Result<bool, Broken> {
        if self.begin < self.buffer.len() {
            return Ok(true);
        }
        self.set_time(time);
        match self.fill() {
            Ok(()) => Ok(true),
            Err(Broken::TimedOut) => Ok(false),
            Err(broken) => Err(broken),
        }
    }

    pub fn read_head(&mut self) -> Result<Head, Broken> {
        let mut rest = MOST_HEAD;
        let mut first_line = self.line(&mut rest, Broken::HeadTooLarge)?;
        if first_line.is_empty() {
            first_line = self.line(&mut rest, Broken::HeadTooLarge)?; // one may stand before (RFC 9112, 2.2)
        }
        let mut headers = Vec::new();
        loop {
            let line = self.line(&mut rest, Broken::HeadTooLarge)?;
            if line.is_empty() {
                return Ok(Head { first_line, headers });
            }
            if headers.len() >= MOST_HEADERS {
                return Err(Broken::HeadTooLarge);
            }
            headers.push(header(&line)?);
        }
    }

    pub fn read_body(&mut self, framing: &Framing, most: usize) -> Result<Vec<u8>, Broken> {
        let mut body = Vec::new();
        match framing {
            Framing::None => {}
            Framing::Length(length) => self.exactly(*length, &mut body)?,
            Framing::Chunked => self.chunks(most, &mut body)?,
        }
        Ok(body)
    }

    /// All that comes until the other side closes.
    pub fn read_rest(&mut self, most: usize) -> Result<Vec<u8>, Broken> {
        let mut body = Vec::new();
        loop {
            body.extend_from_slice(&self.buffer[self.begin..]);
            self.begin = self.buffer.len();
            if body.len() > most {
                return Err(Broken::BodyTooLarge);
            }
            match self.fill() {
                Ok(()) => {}
                Err(Broken::Closed) => return Ok(body),
                Err(broken) => return Err(broken),
            }
        }
    }

    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.set_write_timeout(Some(self.time_left()?))?;
            match self.stream.write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(size) => bytes = &bytes[size..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn time_left(&self) -> io::Result<Duration> {
        match self.deadline.checked_duration_since(Instant::now()) {
            Some(time) if !time.is_zero() => Ok(time),
            _ => Err(ErrorKind::TimedOut.into()),
        }
    }

    fn fill(&mut self) -> Result<(), Broken> {
        self.buffer.resize(16 << 10, 0);
        let size = loop {
            let result = self
                .time_left()
                .and_then(|time| self.stream.set_read_timeout(Some(time)))
                .and_then(|()| self.stream.read(&mut self.buffer));
            match result {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.begin = 0;
        self.buffer.truncate(*size.as_ref().unwrap_or(&0));
        match size? {
            0 => Err(Broken::Closed),
            _ => Ok(()),
        }
    }

    /// Without its end; `rest` is what the lines may still have together.
    fn line(&mut self, rest: &mut usize, too_long: Broken) -> Result<String, Broken> {
        let mut line = Vec::new();
        loop {
            if self.begin == self.buffer.len() {
                self.fill()?;
            }
            let here = &self.buffer[self.begin..];
            let end = here.iter().position(|byte| *byte == b'\n');
            let size = end.map_or(here.len(), |at| at + 1);
            if size > *rest {
                return Err(too_long);
            }
            *rest -= size;
            line.extend_from_slice(&here[..size]);
            self.begin += size;
            if end.is_some() {
                break;
            }
        }
        if !line.ends_with(b"\r\n") {
            return Err(Broken::Malformed("a line does not end with CRLF"));
        }
        line.truncate(line.len() - 2);
        if line.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f) {
            return Err(Broken::Malformed("a line holds a control character"));
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    fn exactly(&mut self, mut size: usize, out: &mut Vec<u8>) -> Result<(), Broken> {
        while size > 0 {
            if self.begin == self.buffer.len() {
                self.fill()?;
            }
            let taken = size.min(self.buffer.len() - self.begin);
            out.extend_from_slice(&self.buffer[self.begin..self.begin + taken]);
            self.begin += taken;
            size -= taken;
        }
        Ok(())
    }

    fn chunks(&mut self, most: usize, body: &mut Vec<u8>) -> Result<(), Broken> {
        let mut rest = most + MOST_HEAD; // of all lines between, so that chunks of one byte are bounded too
        loop {
            let mut line_rest = MOST_CHUNK_LINE.min(rest);
            let before = line_rest;
            let line = self.line(&mut line_rest, Broken::Malformed("a chunk's size is too long"))?;
            rest -= before - line_rest;
            let digits = line.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t']);
            if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(Broken::Malformed("a chunk's size is no number"));
            }
            let size = usize::from_str_radix(digits, 16).map_err(|_| Broken::BodyTooLarge)?;
            if size > most - body.len() {
                return Err(Broken::BodyTooLarge);
            }
            if size == 0 {
                break;
            }
            self.exactly(size, body)?;
            let mut end = Vec::new();
            self.exactly(2, &mut end)?;
            if end != b"\r\n" {
                return Err(Broken::Malformed("a chunk does not end where it says"));
            }
        }
        let mut rest = MOST_HEAD;
        while !self.line(&mut rest, Broken::HeadTooLarge)?.is_empty() {} // trailers
        Ok(())
    }
}

fn header(line: &str) -> Result<(String, String), Broken> {
    let (name, text) = line.split_once(':').ok_or(Broken::Malformed("a header has no colon"))?;
    // No blank before the colon, and no line that goes on (RFC 9112, 5.1 and 5.2).
    if !is_token(name) {
        return Err(Broken::Malformed("a header's name is malformed"));
    }
    Ok((name.to_ascii_lowercase(), text.trim_matches([' ', '\t'].as_ref()).to_string()))
}

/// RFC 9110, 5.6.2
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
