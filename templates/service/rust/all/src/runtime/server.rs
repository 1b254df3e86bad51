//! An HTTP/1.1 server around an App, and its graceful end.
//!
//! Each connection has a thread of its own, up to a bound; beyond it, idle ones make room. Draining: /readyz turns 503
//! and every answer closes its connection; after the delay, when load balancers have noticed, no connection is taken
//! any more; what runs is finished.

use std::collections::HashMap;
use std::io::{self, Read};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use super::app::App;
use super::config::{Config, ConfigError};
use super::connection::{framing, is_token, Broken, Connection, Framing, Head};
use super::http::{Request, Response};
use super::problem::{title, Problem};
use super::time;

const GLANCE: Duration = Duration::from_millis(200); // how long an idle connection sleeps before it looks around
const MOST_REST: usize = 4 << 20; // bytes that are read and dropped behind a refusal

pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
}

struct Shared {
    app: Arc<App>,
    config: Config,
    stopping: AtomicBool, // no connection is taken any more
    crowded: AtomicBool,  // one waits for a thread
    open: Mutex<HashMap<u64, TcpStream>>,
    changed: Condvar, // a connection ended
}

impl Server {
    /// Listens and answers from here on.
    pub fn start(app: Arc<App>, config: &Config) -> Result<Server, ConfigError> {
        let told = |error: io::Error| format!("{}:{}: {error}", config.host, config.port);
        let listener = TcpListener::bind((config.host.as_str(), config.port)).map_err(told)?;
        let address = listener.local_addr().map_err(told)?;
        let shared = Arc::new(Shared {
            app,
            config: config.clone(),
            stopping: AtomicBool::new(false),
            crowded: AtomicBool::new(false),
            open: Mutex::new(HashMap::new()),
            changed: Condvar::new(),
        });
        let accepting = shared.clone();
        thread::Builder::new().name("accept".to_string()).spawn(move || accepting.accept(listener)).map_err(told)?;
        shared.app.log.info(&format!("listening on {address}"), &[]);
        Ok(Server { shared, address })
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns when all is drained; the exit status: 1 when something had to be cut.
    pub fn drain(&self) -> i32 {
        let shared = &self.shared;
        shared.app.log.info("draining", &[]);
        shared.app.drain();
        thread::sleep(shared.config.drain_delay);
        shared.stopping.store(true, Ordering::SeqCst);
        self.wake_acceptor();
        let limit = Instant::now() + shared.config.drain_timeout;
        let mut open = shared.open();
        while !open.is_empty() && Instant::now() < limit {
            open = shared.wait(open, limit);
        }
        let status = i32::from(!open.is_empty());
        if status != 0 {
            shared.app.log.error("cut what still ran", &[("busy", (open.len() as i64).into())]);
            for stream in open.values() {
                let _ = stream.shutdown(Shutdown::Both); // it may have ended by itself
            }
        }
        shared.app.log.info("stopped", &[("status", i64::from(status).into())]);
        status
    }

    /// Its call of accept has no time-out, but any connection ends it.
    fn wake_acceptor(&self) {
        let mut address = self.address;
        match address {
            SocketAddr::V4(_) if address.ip().is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            SocketAddr::V6(_) if address.ip().is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1)); // a second one finds it closed
    }
}

/// Frees the place of a connection also where its thread panics.
struct Place {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.open().remove(&self.number);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn wait<'a>(
        &self,
        open: MutexGuard<'a, HashMap<u64, TcpStream>>,
        limit: Instant,
    ) -> MutexGuard<'a, HashMap<u64, TcpStream>> {
        let time = limit.saturating_duration_since(Instant::now());
        self.changed.wait_timeout(open, time).unwrap_or_else(|poisoned| poisoned.into_inner()).0
    }

    fn accept(self: Arc<Self>, listener: TcpListener) {
        for number in 0.. {
            match listener.accept() {
                Ok((stream, _)) => self.begin(number, stream),
                // No descriptor is left, or the client is gone again: others may end meanwhile.
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
            if self.stopping.load(Ordering::SeqCst) {
                break;
            }
            self.make_room();
        }
        // Those that the kernel took already.
        if listener.set_nonblocking(true).is_ok() {
            for (number, taken) in (u64::MAX / 2..).zip(std::iter::from_fn(|| listener.accept().ok())) {
                if taken.0.set_nonblocking(false).is_ok() {
                    self.begin(number, taken.0);
                }
            }
        }
    }

    fn make_room(&self) {
        let mut open = self.open();
        while open.len() >= self.config.max_connections && !self.stopping.load(Ordering::SeqCst) {
            self.crowded.store(true, Ordering::SeqCst);
            open = self.wait(open, Instant::now() + GLANCE);
        }
        self.crowded.store(false, Ordering::SeqCst);
    }

    fn begin(self: &Arc<Self>, number: u64, stream: TcpStream) {
        let copy = match stream.try_clone() {
            Ok(copy) => copy,
            Err(_) => return, // no descriptor is left; it is closed
        };
        self.open().insert(number, copy);
        let place = Place { shared: self.clone(), number };
        let work = move || {
            let place = place;
            if let Err(broken) = place.shared.serve(stream) {
                place.shared.app.log.debug("connection ended", &[("reason", format!("{broken:?}").into())]);
            }
        };
        // Where there is no thread, the place is given back and the connection closed.
        if let Err(error) = thread::Builder::new().name(format!("connection-{number}")).spawn(work) {
            self.app.log.error("no thread for a connection", &[("error", error.to_string().into())]);
        }
    }

    /// Answers one request after the other.
    fn serve(&self, stream: TcpStream) -> Result<(), Broken> {
        let mut connection = Connection::new(stream)?;
        let mut first = true;
        while self.await_request(&mut connection, first)? {
            first = false;
            connection.set_time(self.config.read_timeout);
            let (request, refused, last) = self.read(&mut connection)?;
            let rest = refused.is_some();
            let head_only = request.method == "HEAD";
            let response = self.app.answer_or_refuse(request, refused);
            let closing = last || rest || self.app.draining() || self.crowded.load(Ordering::SeqCst);
            connection.set_time(self.config.write_timeout);
            connection.write(&bytes_of(&response, head_only, closing))?;
            if rest {
                discard_rest(connection.stream())?;
            }
            if closing {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether one comes. An idle connection is closed when its time is over, when others wait for a thread, and at the
    /// end.
    fn await_request(&self, connection: &mut Connection, first: bool) -> Result<bool, Broken> {
        let began = Instant::now();
        let patience = Duration::from_secs(u64::from(first));
        loop {
            match connection.wait(GLANCE) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(Broken::Closed) => return Ok(false),
                Err(broken) => return Err(broken),
            }
            let idle = began.elapsed();
            let crowded = self.crowded.load(Ordering::SeqCst) && idle >= patience;
            if crowded || idle >= self.config.keep_alive || self.stopping.load(Ordering::SeqCst) {
                return Ok(false);
            }
        }
    }

    /// A request, what is wrong with it, and whether it is the client's last one. Errors: nobody waits for an answer.
    fn read(&self, connection: &mut Connection) -> Result<(Request, Option<Problem>, bool), Broken> {
        let mut request = Request::default();
        let head = match connection.read_head() {
            Ok(head) => head,
            Err(Broken::Closed) => return Err(Broken::Closed),
            Err(broken) => return Ok((request, Some(self.problem(broken)), true)),
        };
        for (name, text) in &head.headers {
            let value = request.headers.entry(name.clone()).or_default();
            if !value.is_empty() {
                value.push_str(", ");
            }
            value.push_str(text);
        }
        let result = start_line(&head, &mut request)
            .and_then(|old| {
                Ok((old, framing(&head, self.config.max_body_bytes).map_err(|broken| self.problem(broken))?))
            })
            .and_then(|(old, framing)| {
                if head.says("expect", "100-continue") && framing != Framing::None {
                    connection.write(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(|error| self.problem(error.into()))?;
                }
                request.body = connection
                    .read_body(&framing, self.config.max_body_bytes)
                    .map_err(|broken| self.problem(broken))?;
                Ok(old)
            });
        match result {
            Ok(old) => Ok((request, None, old || head.says("connection", "close"))),
            Err(problem) => Ok((request, Some(problem), true)),
        }
    }

    fn problem(&self, broken: Broken) -> Problem {
        match broken {
            Broken::Closed => Problem::new(400, "the request ends early"),
            Broken::TimedOut => Problem::new(408, "the request came too slowly"),
            Broken::Malformed(reason) => Problem::new(400, reason),
            Broken::HeadTooLarge => Problem::new(431, "the header section is too large"),
            Broken::BodyTooLarge => {
                Problem::new(413, format!("a body has at most {} bytes", self.config.max_body_bytes))
            }
            Broken::Coding => Problem::new(501, "of transfer codings only chunked is taken"),
        }
    }
}

/// Method and target; whether it is HTTP/1.0, which has one request a connection here.
fn start_line(head: &Head, request: &mut Request) -> Result<bool, Problem> {
    let parts: Vec<&str> = head.first_line.split(' ').collect();
    let (method, target, version) = match parts[..] {
        [method, target, version] if is_token(method) && version.starts_with("HTTP/") => (method, target, version),
        _ => return Err(Problem::new(400, "the request line is malformed")),
    };
    request.method = method.to_string();
    if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::new(400, "the target is malformed"));
    }
    // A proxy may be told the whole address; what counts here begins with its path.
    let path = target.split_once("://").map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    request.target = if target.starts_with('/') { target } else { path }.to_string();
    match version {
        "HTTP/1.0" if head.all("transfer-encoding").is_empty() => Ok(true),
        "HTTP/1.0" => Err(Problem::new(400, "HTTP/1.0 has no transfer codings")),
        "HTTP/1.1" if head.all("host").len() == 1 => Ok(false),
        "HTTP/1.1" => Err(Problem::new(400, "a request has one header host")),
        _ => Err(Problem::new(505, "speak HTTP/1.1")),
    }
}

fn bytes_of(response: &Response, head_only: bool, closing: bool) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {} {}\r\n", response.status, title(response.status));
    for (name, value) in &response.headers {
        // A line's end in a value would begin another header.
        text += &format!("{name}: {}\r\n", value.replace(|c: char| c.is_ascii_control(), " "));
    }
    text += &format!("date: {}\r\n", time::http(time::now()));
    let bodiless = response.status < 200 || response.status == 204 || response.status == 304;
    if !bodiless {
        text += &format!("content-length: {}\r\n", response.body.len());
    }
    if closing {
        text += "connection: close\r\n";
    }
    text += "\r\n";
    let mut bytes = text.into_bytes();
    if !head_only && !bodiless {
        bytes.extend_from_slice(&response.body);
    }
    bytes
}

/// A client that is still sending would lose the answer if its connection were closed at once.
fn discard_rest(mut stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let limit = Instant::now() + Duration::from_secs(10);
    let mut buffer = [0; 16 << 10];
    let mut rest = MOST_REST;
    while rest > 0 && Instant::now() < limit {
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        match stream.read(&mut buffer)? {
            0 => break,
            size => rest = rest.saturating_sub(size),
        }
    }
    Ok(())
}

/// For the container's HEALTHCHECK: whether /healthz of this very service answers 200.
pub fn healthy(port: u16) -> bool {
    let client = super::client::Client::new(&format!("http://127.0.0.1:{port}"));
    client.get("/healthz").map_or(false, |reply| reply.status == 200)
}
