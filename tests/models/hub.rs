//! A hub on a local port, and the host that it sends large files to on another.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// The commit that `main` is.
pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// The repository.
pub(crate) const REPOSITORY: &str = "ada/small-bart";

/// Something that goes wrong once.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// A status, with headers.
    Status(u16, &'static str),
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    /// A byte of the body is another.
    Corrupt,
    /// The range is ignored.
    Whole,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) on_hub: bool,
    pub(crate) method: String,
    pub(crate) path: String,
    headers: BTreeMap<String, String>,
    /// Names in the store that a reader would see at that time.
    pub(crate) visible: Vec<String>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    faults: Vec<(String, Fault)>,
    token: Option<String>,
    watched: Option<PathBuf>,
    seen: Vec<Seen>,
}

/// A hub with one repository.
pub(crate) struct TestHub {
    hub: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl TestHub {
    pub(crate) fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
        let state = Arc::new(Mutex::new(State { files, ..State::default() }));
        let [hub, content] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("free port"));
        let addresses = [&hub, &content].map(|host| host.local_addr().expect("address"));
        for (listener, on_hub) in [(hub, true), (content, false)] {
            let state = Arc::clone(&state);
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    // A client that leaves early is what some tests are about.
                    let _left = answer(&stream, on_hub, addresses[1], &state);
                }
            });
        }
        Self { hub: addresses[0], state }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.hub)
    }

    /// Asks for this token from now on.
    pub(crate) fn require(&self, token: &str) {
        self.state.lock().expect("state").token = Some(token.to_owned());
    }

    /// Notes what is visible in a store at each request.
    pub(crate) fn watch(&self, store: PathBuf) {
        self.state.lock().expect("state").watched = Some(store);
    }

    /// Lets the next GET of a path with this ending go wrong.
    pub(crate) fn fail(&self, ending: &str, fault: Fault) {
        self.state.lock().expect("state").faults.push((ending.to_owned(), fault));
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().expect("state").seen.clone()
    }

    /// The ranges of all requests for the bodies of a file, oldest first.
    pub(crate) fn ranges(&self, ending: &str) -> Vec<Option<String>> {
        let bodies = self.seen().into_iter().filter(|seen| {
            seen.method == "GET" && seen.path.ends_with(ending) && is_content(ending) != seen.on_hub
        });
        bodies.map(|seen| seen.header("range").map(str::to_owned)).collect()
    }
}

/// Whether a file is kept on the other host.
fn is_content(name: &str) -> bool {
    name.ends_with(".safetensors") || name.ends_with(".bin")
}

fn answer(
    stream: &TcpStream,
    on_hub: bool,
    content: SocketAddr,
    state: &Mutex<State>,
) -> std::io::Result<()> {
    let mut seen = read(stream, on_hub)?;
    let mut state = state.lock().expect("state");
    if let Some(store) = &state.watched {
        let names = crate::support::names(store).into_iter();
        seen.visible = names.filter(|name| !name.starts_with('.')).collect();
    }
    state.seen.push(seen.clone());
    let (status, headers, body) = respond(&state, &seen, content);
    let elsewhere = on_hub && is_content(&seen.path);
    let at = state.faults.iter().position(|(ending, _)| {
        seen.method == "GET" && seen.path.ends_with(ending.as_str()) && !elsewhere
    });
    let fault = at.map(|at| state.faults.remove(at).1);
    drop(state);
    write(stream, &seen, (status, headers, body), fault)
}

fn read(stream: &TcpStream, on_hub: bool) -> std::io::Result<Seen> {
    let mut lines = BufReader::new(stream).lines();
    let line = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    Ok(Seen { on_hub, method, path, headers, visible: Vec::new() })
}

type Reply = (u16, String, Vec<u8>);

fn respond(state: &State, seen: &Seen, content: SocketAddr) -> Reply {
    let bearer = state.token.as_ref().map(|token| format!("Bearer {token}"));
    if seen.on_hub && bearer.is_some() && seen.header("authorization") != bearer.as_deref() {
        return (401, "x-error-code: GatedRepo\r\n".into(), Vec::new());
    }
    let api = format!("/api/models/{REPOSITORY}/revision/");
    if let Some(revision) = seen.path.strip_prefix(&api) {
        if !["main", "refs%2Fpr%2F1", COMMIT].contains(&revision) {
            return (404, "x-error-code: RevisionNotFound\r\n".into(), Vec::new());
        }
        let siblings: Vec<_> =
            state.files.keys().map(|name| json!({ "rfilename": name })).collect();
        let card = json!({ "license": "apache-2.0", "language": ["en"] });
        let body = json!({ "sha": COMMIT, "siblings": siblings, "cardData": card });
        return (200, String::new(), body.to_string().into_bytes());
    }
    let resolve = format!("/{REPOSITORY}/resolve/{COMMIT}/");
    let name = seen.path.strip_prefix(&resolve).or_else(|| seen.path.strip_prefix("/content/"));
    let Some((name, bytes)) =
        name.and_then(|name| state.files.get(name).map(|bytes| (name, bytes.clone())))
    else {
        return (404, String::new(), Vec::new());
    };
    if seen.on_hub && is_content(name) {
        let headers = format!(
            "location: http://{content}/content/{name}\r\nx-linked-etag: \"{:x}\"\r\nx-linked-size: {}\r\n",
            Sha256::digest(&bytes),
            bytes.len(),
        );
        return (302, headers, Vec::new());
    }
    let git = Sha1::digest([format!("blob {}\0", bytes.len()).as_bytes(), &bytes].concat());
    let etag = if seen.on_hub { format!("{git:x}") } else { "of-its-own".to_owned() };
    (200, format!("etag: \"{etag}\"\r\n"), bytes)
}

fn write(
    mut stream: &TcpStream,
    seen: &Seen,
    (mut status, mut headers, mut body): Reply,
    fault: Option<Fault>,
) -> std::io::Result<()> {
    let range = seen.header("range").filter(|_| !matches!(fault, Some(Fault::Whole)));
    let start: Option<usize> =
        range.map(|range| range["bytes=".len()..].trim_end_matches('-').parse().expect("number"));
    if let Some(start) = start.filter(|_| status == 200) {
        status = 206;
        let (last, size) = (body.len() - 1, body.len());
        headers += &format!("content-range: bytes {start}-{last}/{size}\r\n");
        body.drain(..start);
    }
    let length = body.len();
    match fault {
        Some(Fault::Status(other, more)) => (status, headers, body) = (other, more.into(), vec![]),
        Some(Fault::Corrupt) => *body.last_mut().expect("a byte") ^= 1,
        Some(Fault::Cut(bytes)) => body.truncate(bytes),
        Some(Fault::Whole) | None => {}
    }
    let length = if status >= 400 { 0 } else { length };
    let head = format!(
        "HTTP/1.1 {status} Status\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    if seen.method == "GET" {
        stream.write_all(&body)?;
    }
    stream.flush()
}
