//! A port in front of a server, which a test can move, cut and hold back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// What breaks every connection that it travels on.
pub(crate) const POISON: &str = "Poisonville";

/// A port that nobody else can take, passing connections on to a server; it cuts those that
/// [`POISON`] comes in on.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    granted: Condvar,
}

#[derive(Default)]
struct State {
    /// The server's port; none while it is away.
    server: Option<u16>,
    sockets: Vec<TcpStream>,
    /// Bytes of answers that may pass.
    bytes: usize,
}

impl Proxy {
    /// In front of a server, all of whose answers pass.
    pub(crate) fn open(server: u16) -> Self {
        Self::granting(server, usize::MAX)
    }

    /// In front of a server, of whose answers so many bytes pass until more are granted.
    pub(crate) fn granting(server: u16, bytes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        Self::on(listener, server, bytes)
    }

    /// On a port that is held already.
    pub(crate) fn on(listener: TcpListener, server: u16, bytes: usize) -> Self {
        let port = listener.local_addr().expect("address").port();
        let state = State { server: Some(server), bytes, ..State::default() };
        let shared = Arc::new(Shared { state: Mutex::new(state), ..Shared::default() });
        let accepts = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                accepts.connect(client);
            }
        });
        Self { port, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The server has gone, and every connection with it.
    pub(crate) fn away(&self) {
        let mut state = self.shared.state.lock().expect("state");
        state.server = None;
        for socket in state.sockets.drain(..) {
            let _gone = socket.shutdown(Shutdown::Both);
        }
    }

    /// A server is there, and all that it answers passes.
    pub(crate) fn back(&self, server: u16) {
        self.shared.state.lock().expect("state").server = Some(server);
        self.grant(usize::MAX);
    }

    /// Lets so many bytes more of the answers pass.
    pub(crate) fn grant(&self, bytes: usize) {
        let mut state = self.shared.state.lock().expect("state");
        state.bytes = state.bytes.saturating_add(bytes);
        self.shared.granted.notify_all();
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        let mut state = self.state.lock().expect("state");
        let server = state.server.and_then(|port| TcpStream::connect(("127.0.0.1", port)).ok());
        // Without one the client is dropped.
        let Some(server) = server else { return };
        let copy = |socket: &TcpStream| socket.try_clone().expect("socket");
        state.sockets.extend([copy(&client), copy(&server)]);
        let back = (Arc::clone(self), copy(&server), copy(&client));
        std::thread::spawn(move || pass(client, server, |bytes| bytes, is_poisoned));
        std::thread::spawn(move || pass(back.1, back.2, |bytes| back.0.take(bytes), |_| false));
    }

    /// Waits until some may pass; how many.
    fn take(&self, most: usize) -> usize {
        let state = self.state.lock().expect("state");
        let mut state = self.granted.wait_while(state, |state| state.bytes == 0).expect("state");
        let taken = most.min(state.bytes);
        state.bytes -= taken;
        taken
    }
}

fn is_poisoned(bytes: &[u8]) -> bool {
    bytes.windows(POISON.len()).any(|window| window == POISON.as_bytes())
}

fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    allowed: impl Fn(usize) -> usize,
    cuts: impl Fn(&[u8]) -> bool,
) {
    let mut buffer = vec![0; 1 << 16];
    'open: while let Ok(bytes @ 1..) = from.read(&mut buffer) {
        let mut rest = &buffer[..bytes];
        if cuts(rest) {
            break;
        }
        while !rest.is_empty() {
            let (now, later) = rest.split_at(allowed(rest.len()));
            if to.write_all(now).is_err() {
                break 'open;
            }
            rest = later;
        }
    }
    // Whoever closed, or was cut: both ends have gone.
    let _gone = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
