//! Calls to another service: with a time-out, and the ids of the call that is being answered go along. Over http:// only,
//! since TLS is not in the standard library.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::call::Call;
use super::connection::{framing, Broken, Connection, Framing};
use super::http::Headers;
use super::json::Json;
use super::problem::Problem;

const MOST_BYTES: usize = 8 << 20; // of an answer
const TIMEOUT: Duration = Duration::from_secs(2); // of a call as a whole, but for finding the host's address

/// What fails is a Problem, 502 or 504, so a handler may let it pass to its own client with `?`. Safe for many threads.
#[derive(Clone)]
pub struct Client {
    authority: String, // 127.0.0.1:9001
    base: String,      // what stands before each path
}

/// An answer, read whole.
pub struct Reply {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Client {
    /// `base_url` as `config::service_url` gives it.
    pub fn new(base_url: &str) -> Client {
        let rest = base_url.strip_prefix("http://").unwrap_or(base_url);
        let (authority, base) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Client { authority: authority.to_string(), base: base.to_string() }
    }

    pub fn get(&self, path: &str) -> Result<Reply, Problem> {
        self.call("GET", path, None)
    }

    /// `value` is sent as JSON.
    pub fn call(&self, method: &str, path: &str, value: Option<&Json>) -> Result<Reply, Problem> {
        self.exchange(method, path, value).map_err(|broken| match broken {
            Broken::TimedOut => Problem::new(504, format!("{} did not answer in time", self.authority)),
            Broken::BodyTooLarge => {
                Problem::new(502, format!("{} answered with more than {MOST_BYTES} bytes", self.authority))
            }
            Broken::Closed => Problem::new(502, format!("{} could not be called", self.authority)),
            _ => Problem::new(502, format!("{} answered with what is no HTTP", self.authority)),
        })
    }

    fn exchange(&self, method: &str, path: &str, value: Option<&Json>) -> Result<Reply, Broken> {
        let mut connection = Connection::new(self.connect()?)?;
        connection.set_time(TIMEOUT);
        connection.write(&self.request(method, path, value))?;
        let (status, head) = loop {
            let head = connection.read_head()?;
            let status = status_of(&head.first_line).ok_or(Broken::Malformed("the status line is malformed"))?;
            if status >= 200 {
                break (status, head);
            }
        };
        let framing = framing(&head, MOST_BYTES)?;
        let body = if method == "HEAD" || status == 204 || status == 304 {
            Vec::new()
        } else if framing == Framing::None {
            connection.read_rest(MOST_BYTES)?
        } else {
            connection.read_body(&framing, MOST_BYTES)?
        };
        Ok(Reply { status, headers: head.headers.into_iter().collect(), body })
    }

    fn connect(&self) -> Result<TcpStream, Broken> {
        let has_port = self.authority.rsplit_once(':').map_or(false, |(_, port)| port.parse::<u16>().is_ok());
        let authority = if has_port { self.authority.clone() } else { format!("{}:80", self.authority) };
        let limit = Instant::now() + TIMEOUT;
        let mut broken = Broken::Closed;
        for address in authority.to_socket_addrs()? {
            let time = limit.saturating_duration_since(Instant::now());
            if time.is_zero() {
                return Err(Broken::TimedOut);
            }
            match TcpStream::connect_timeout(&address, time) {
                Ok(stream) => return Ok(stream),
                Err(error) => broken = error.into(),
            }
        }
        Err(broken)
    }

    fn request(&self, method: &str, path: &str, value: Option<&Json>) -> Vec<u8> {
        let mut text = format!("{method} {}{path} HTTP/1.1\r\nhost: {}\r\n", self.base, self.authority);
        for (name, value) in Call::current().unwrap_or_else(Call::fresh).headers() {
            text += &format!("{name}: {value}\r\n");
        }
        text += "accept: application/json\r\nconnection: close\r\n";
        let body = value.map(Json::to_string).unwrap_or_default();
        if value.is_some() {
            text += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        (text + "\r\n" + &body).into_bytes()
    }
}

fn status_of(line: &str) -> Option<u16> {
    let mut parts = line.split(' ');
    let version = parts.next()?;
    let status = parts.next()?.parse().ok()?;
    (version.starts_with("HTTP/1.") && (100..1000).contains(&status)).then_some(status)
}
